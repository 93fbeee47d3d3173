// JSON Schema of recipes. Steps come from the registry, so that a new verb is known to editors as soon as it is compiled.
#include <nlohmann/json.hpp>

#include "recipe/manual.h"
#include "schedule/control.h"

namespace exo {
namespace {

using Json = nlohmann::ordered_json;

const char* const kHole = "^[^@{]*[@{]";  // `@x` or `{x}`: an argument of an op stands for the value

Json string() { return {{"type", "string"}}; }
Json either(Json a, Json b) { return {{"anyOf", Json::array({std::move(a), std::move(b)})}}; }
Json list_of(Json item) { return {{"type", "array"}, {"items", std::move(item)}}; }
Json reference(const char* definition) { return {{"$ref", std::string("#/definitions/") + definition}}; }
Json steps() { return reference("steps"); }
Json hole() { return {{"type", "string"}, {"pattern", kHole}}; }

Json single(const Shape& shape) {
  switch (shape.kind) {
    case Shape::Name:
      return string();
    case Shape::Expression:
      return reference("expression");
    case Shape::Integer:
      return reference("expression");
    case Shape::Truth:
      return either({{"type", "boolean"}}, hole());
    case Shape::Choice:
      return either({{"enum", shape.words}}, hole());
    case Shape::Steps:
      return steps();
    case Shape::Anything:
      break;
  }
  return Json::object();
}

Json value(const Shape& shape) {
  if (shape.table) return {{"type", "object"}, {"additionalProperties", single(shape)}};
  if (!shape.list) return single(shape);
  if (shape.kind == Shape::Steps) return list_of(steps());
  return either(single(shape), list_of(single(shape)));
}

/// A step with this verb. Every verb comes first in its list of keys.
Json step(const std::string& brief, const std::vector<KeyDoc>& keys) {
  Json properties = Json::object(), required = Json::array();
  for (const KeyDoc& k : keys) {
    properties[k.name] = value(k.shape);
    properties[k.name]["description"] = k.doc;
    if (k.required) required.push_back(k.name);
  }
  if (!properties.contains("when")) properties["when"] = either({{"type", "boolean"}}, reference("expression"));
  if (!properties.contains("why")) properties["why"] = string();
  return {{"type", "object"},
          {"description", brief},
          {"properties", std::move(properties)},
          {"required", std::move(required)},
          {"additionalProperties", false}};
}

/// The call of an op: one of the keys, none of which is a verb, has a table.
Json op_call(const std::vector<std::string>& names) {
  Json none = Json::array();
  for (const std::string& name : names) none.push_back({{"required", Json::array({name})}});
  const Json no_table = {{"not", {{"type", "object"}}}};
  none.push_back({{"additionalProperties", no_table}});
  return {{"type", "object"},
          {"description", "the call of an op, `my.NAME` or `lib.NAME`"},
          {"not", {{"anyOf", std::move(none)}}}};
}

Json any_step() {
  std::vector<std::string> names;
  std::vector<std::pair<std::string, Json>> all;
  for (const Verb& v : verbs()) names.push_back(v.name), all.emplace_back(v.name, step(v.brief, v.keys));
  for (const Control& c : controls()) names.push_back(c.name), all.emplace_back(c.name, step(c.brief, c.keys));
  Json options = Json::array();
  for (auto& [name, schema] : all) options.push_back(std::move(schema));
  options.push_back(op_call(names));
  return {{"anyOf", std::move(options)}};
}

Json table(Json properties, std::vector<std::string> required = {}) {
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"required", std::move(required)},
          {"additionalProperties", false}};
}
Json named(Json entry) { return {{"type", "object"}, {"additionalProperties", std::move(entry)}}; }
Json expressions() { return named(reference("value")); }

Json argument() {
  return either(string(), table({{"type", string()}, {"default", Json::object()}, {"doc", string()}}, {"type"}));
}

}  // namespace

std::string recipe_schema() {
  const Json number_or_text = {{"type", {"integer", "string"}}};
  Json definitions = {{"expression", number_or_text},
                      {"value", {{"type", {"integer", "string", "boolean"}}}},
                      {"step", any_step()},
                      {"steps", list_of(reference("step"))}};
  Json kernel = table({{"brief", string()},
                       {"algorithm", string()},
                       {"source", string()},
                       {"contract", table({{"fp", {{"enum", {"exact", "reassociate"}}}}})}});
  Json op = table({{"doc", string()},
                   {"brief", string()},
                   {"on", argument()},
                   {"args", named(argument())},
                   {"steps", steps()},
                   {"gives", named(string())}},
                  {"steps"});
  Json proc = table({{"brief", string()},
                     {"from", string()},
                     {"each", either(named(string()), list_of(named(reference("value"))))},
                     {"steps", steps()}},
                    {"from"});
  Json family = table({{"each", list_of(named(reference("value")))}, {"proc", named(proc)}}, {"each", "proc"});
  Json variant = table({{"target", string()},
                        {"name", string()},
                        {"schedule", string()},
                        {"params", expressions()},
                        {"when", string()},
                        {"kernel", string()}},
                       {"target"});
  const Json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                       {"title", "A recipe of Exo for CMake"},
                       {"type", "object"},
                       {"properties",
                        {{"format", {{"const", 1}}},
                         {"import", named(string())},
                         {"kernel", named(std::move(kernel))},
                         {"params", expressions()},
                         {"require", expressions()},
                         {"op", named(std::move(op))},
                         {"proc", named(std::move(proc))},
                         {"family", list_of(std::move(family))},
                         {"schedule", named(table({{"steps", steps()}, {"brief", string()}}, {"steps"}))},
                         {"variant", list_of(std::move(variant))}}},
                       {"required", {"format"}},
                       {"additionalProperties", false},
                       {"definitions", std::move(definitions)}};
  return schema.dump(2) + "\n";
}

}  // namespace exo
