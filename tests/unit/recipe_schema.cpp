// `exo schema` against recipes, by a validator of the part of JSON Schema that it uses. tests/schema asks a real tool as well.
#include <algorithm>
#include <filesystem>
#include <regex>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "recipe/manual.h"
#include "schedule/control.h"
#include "support/text.h"
#include "toml/document.h"

using namespace exo;
using Json = nlohmann::json;

namespace {

Json json_of(const TomlValue& value) {
  return std::visit(match{
                        [](bool b) { return Json(b); },
                        [](int64_t n) { return Json(n); },
                        [](double n) { return Json(n); },
                        [](const Text& t) { return Json(t.chars); },
                        [](const TomlArray& a) {
                          Json out = Json::array();
                          for (const TomlValue& v : a) out.push_back(json_of(v));
                          return out;
                        },
                        [](const TomlTable& t) {
                          Json out = Json::object();
                          for (const auto& [key, v] : t.entries) out[key.name] = json_of(v);
                          return out;
                        },
                    },
                    value.value);
}

bool has_type(const Json& v, const std::string& type) {
  if (type == "object") return v.is_object();
  if (type == "array") return v.is_array();
  if (type == "string") return v.is_string();
  if (type == "integer") return v.is_number_integer();
  if (type == "boolean") return v.is_boolean();
  throw std::runtime_error("a type that the validator does not know: " + type);
}

class Validator {
 public:
  explicit Validator(Json root) : root_(std::move(root)) {}
  bool fits(const Json& v) const { return fits(v, root_); }

 private:
  Json root_;

  bool fits(const Json& v, const Json& s) const {
    if (s.is_boolean()) return s.get<bool>();
    for (const auto& [key, rule] : s.items())
      if (!holds(key, rule, v, s)) return false;
    return true;
  }

  bool holds(const std::string& key, const Json& rule, const Json& v, const Json& s) const {
    if (key == "$schema" || key == "title" || key == "description" || key == "definitions") return true;
    if (key == "$ref") return fits(v, root_.at(Json::json_pointer(rule.get<std::string>().substr(1))));
    if (key == "type") {
      if (rule.is_string()) return has_type(v, rule);
      return std::any_of(rule.begin(), rule.end(), [&](const Json& t) { return has_type(v, t); });
    }
    if (key == "const") return v == rule;
    if (key == "enum") return std::find(rule.begin(), rule.end(), v) != rule.end();
    if (key == "pattern") return !v.is_string() || std::regex_search(v.get<std::string>(), std::regex(rule.get<std::string>()));
    if (key == "anyOf") return std::any_of(rule.begin(), rule.end(), [&](const Json& one) { return fits(v, one); });
    if (key == "not") return !fits(v, rule);
    if (key == "items") return !v.is_array() || std::all_of(v.begin(), v.end(), [&](const Json& e) { return fits(e, rule); });
    if (key == "minProperties") return !v.is_object() || v.size() >= rule.get<size_t>();
    if (key == "required") return !v.is_object() || std::all_of(rule.begin(), rule.end(), [&](const Json& k) { return v.contains(k.get<std::string>()); });
    if (key == "properties") {
      for (const auto& [name, one] : rule.items())
        if (v.is_object() && v.contains(name) && !fits(v[name], one)) return false;
      return true;
    }
    if (key == "additionalProperties") {
      if (!v.is_object()) return true;
      for (const auto& [name, value] : v.items())
        if (!(s.contains("properties") && s["properties"].contains(name)) && !fits(value, rule)) return false;
      return true;
    }
    throw std::runtime_error("a rule that the validator does not know: " + key);
  }
};

Json load(const std::filesystem::path& path) {
  const TomlFile file = load_toml(path.string());
  return json_of(TomlValue{file.root, {}});
}

std::vector<std::filesystem::path> recipes(const std::string& folder) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(std::string(EXO_SOURCE_DIR) + "/" + folder))
    if (entry.path().extension() == ".toml") out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TEST_CASE("schema: all recipes fit what `exo schema` prints") {
  const Validator schema(Json::parse(recipe_schema()));
  size_t count = 0;
  for (const char* folder : {"recipes", "tests/run", "tests/ops"})
    for (const auto& path : recipes(folder)) {
      INFO(path.string());
      CHECK(schema.fits(load(path)));
      ++count;
    }
  CHECK(count > 10);
}

TEST_CASE("schema: broken recipes do not fit it") {
  const Validator schema(Json::parse(recipe_schema()));
  const auto broken = recipes("tests/schema/broken");
  CHECK(broken.size() >= 10);
  for (const auto& path : broken) {
    INFO(path.string());
    CHECK_FALSE(schema.fits(load(path)));
  }
}

TEST_CASE("schema: every verb and control is in it, and in the manual with its keys") {
  const std::string schema = recipe_schema(), all = manual({});
  const auto check = [&](const std::string& name, const std::string& brief, const std::vector<KeyDoc>& keys) {
    INFO(name);
    CHECK(all.find(name) != std::string::npos);
    const std::string page = manual(name, {});
    CHECK(page.find(brief) != std::string::npos);
    CHECK(page.find("{ " + name + " = ") != std::string::npos);  // the example of its file
    for (const KeyDoc& k : keys) {
      CHECK(page.find(k.doc) != std::string::npos);
      CHECK(schema.find('"' + k.name + '"') != std::string::npos);
    }
  };
  for (const Verb& v : verbs()) check(v.name, v.brief, v.keys);
  for (const Control& c : controls()) check(c.name, c.brief, c.keys);
}

TEST_CASE("manual: what there is not is refused") { CHECK_THROWS_AS(manual("splitt", {}), Rejected); }
