#include "schedule/step.h"

#include <algorithm>

#include <fmt/format.h>

#include "schedule/control.h"
#include "support/text.h"

namespace exo {
namespace {

std::vector<std::string> all_names(const Module* module) {
  std::vector<std::string> out;
  for (const Verb& v : verbs()) out.push_back(v.name);
  for (const Control& c : controls()) out.push_back(c.name);
  if (module)
    for (const auto& [alias, other] : module->imports)
      for (const auto& [name, op] : other->ops) out.push_back(alias + "." + name);
  return out;
}

/// All that could be the verb of a step.
std::vector<Action> actions(const TomlTable& step, const Module* module) {
  std::vector<Action> out;
  for (const TomlEntry& entry : step.entries) {
    Action a{&entry.first, verb_named(entry.first.name), control_named(entry.first.name), {}};
    if (const auto call = op_call(entry, module)) a.call = *call, a.key = call->key;
    if (a.verb || a.control || a.call.key) out.push_back(a);
  }
  return out;
}

std::string name_of(const Action& a) { return a.call.key ? a.call.spelt : a.key->name; }

class StepChecker {
 public:
  StepChecker(const Module* module, Problems& problems) : module_(module), problems_(problems) {}

  void list(const TomlArray& steps, const std::string& title) {
    for (size_t i = 0; i < steps.size(); ++i) step(steps[i], fmt::format("step {} of {}", i + 1, title));
  }

 private:
  const Module* module_;
  Problems& problems_;

  void step(const TomlValue& step, const std::string& where) {
    const TomlTable* table = step.table();
    if (!table) {
      problems_.add(Diagnostic{
          "step-shape",
          fmt::format("a step is a table like `{{ unroll = \"i\" }}`, this is {}", step.kind()),
          {},
          {},
          {}}.at(step.span, where));
      return;
    }
    const std::vector<Action> named = actions(*table, module_);
    if (named.empty()) return no_verb(step, where);
    if (named.size() > 1) {
      problems_.add(Diagnostic{
          "step-two-verbs",
          fmt::format("one step has two verbs, `{}` and `{}`", name_of(named[0]), name_of(named[1])),
          {},
          {},
          {}}.at(named[1].key->span, where)
                        .help("make them two steps"));
      return;
    }
    if (named[0].call.key) return call(named[0].call, *table, where);
    const std::vector<KeyDoc>& docs = named[0].verb ? named[0].verb->keys : named[0].control->keys;
    keys(*table, name_of(named[0]), docs, where);
    inner(*table, docs, where);
  }

  void no_verb(const TomlValue& step, const std::string& where) {
    const TomlTable& table = *step.table();
    const std::string first = table.entries.empty() ? "" : spelt(table.entries.front());
    problems_.add(Diagnostic{
        "step-verb-unknown",
        first.empty() ? std::string("this step is empty") : fmt::format("there is no verb `{}`", first),
        {},
        {},
        {}}.at(table.entries.empty() ? step.span : table.entries.front().first.span, where)
                      .help(suggestion(first, all_names(module_))));
  }

  /// `lib.gemm` where it looks like the call of an op.
  static std::string spelt(const TomlEntry& entry) {
    const TomlTable* inner = entry.second.table();
    const bool dotted = inner && inner->entries.size() == 1;
    return entry.first.name + (dotted ? "." + inner->entries.front().first.name : "");
  }

  void keys(const TomlTable& table, const std::string& verb, const std::vector<KeyDoc>& docs,
            const std::string& where) {
    std::vector<std::string> known;
    for (const KeyDoc& k : docs) known.push_back(k.name);
    for (const auto& [key, value] : table.entries)
      if (!std::count(known.begin(), known.end(), key.name) && !keys_of_any_step().count(key.name))
        problems_.add(Diagnostic{"step-key-unknown", fmt::format("`{}` has no key `{}`", verb, key.name), {}, {}, {}}
                          .at(key.span, where)
                          .help(suggestion(key.name, known)));
  }

  /// Steps inside the step.
  void inner(const TomlTable& table, const std::vector<KeyDoc>& docs, const std::string& where) {
    for (const KeyDoc& doc : docs) {
      const TomlValue* value = doc.shape.kind == Shape::Steps ? table.find(doc.name) : nullptr;
      if (!value) continue;
      if (!value->array()) {
        problems_.add(Diagnostic{
            "step-value", fmt::format("`{}` wants a list of steps, this is {}", doc.name, value->kind()), {}, {}, {}}
                          .at(value->span, where));
        continue;
      }
      if (!doc.shape.list) {
        list(*value->array(), fmt::format("`{}` in {}", doc.name, where));
        continue;
      }
      for (size_t i = 0; i < value->array()->size(); ++i) {
        const TomlValue& alternative = value->array()->at(i);
        if (alternative.array())
          list(*alternative.array(), fmt::format("alternative {} in {}", i + 1, where));
        else
          problems_.add(Diagnostic{
              "step-value",
              fmt::format("an alternative is a list of steps, this is {}", alternative.kind()),
              {},
              {},
              {}}.at(alternative.span, where));
      }
    }
  }

  void call(const OpCall& call, const TomlTable& table, const std::string& where) {
    if (!call.op) {
      std::vector<std::string> known;
      for (const std::string& name : all_names(module_))
        if (name.find('.') != name.npos) known.push_back(name);
      problems_.add(Diagnostic{"unknown-op", fmt::format("there is no op `{}`", call.spelt), {}, {}, {}}
                        .at(call.key->span, where)
                        .help(suggestion(call.spelt, known)));
      return;
    }
    std::vector<KeyDoc> docs = {{call.spelt.substr(0, call.spelt.find('.')), "", "", true}};
    for (const OpArg& arg : call.op->args) docs.push_back({arg.name, arg.type, "", !arg.usual});
    docs.push_back({"as", "", "", false});
    keys(table, call.spelt, docs, where);
    for (const OpArg& arg : call.op->args)
      if (!arg.usual && !table.find(arg.name))
        problems_.add(
            Diagnostic{"step-key-missing", fmt::format("op `{}` needs `{}`", call.op->name, arg.name), {}, {}, {}}
                .at(call.key->span, where)
                .at(arg.span, fmt::format("{}: {}", arg.name, arg.type)));
  }
};

}  // namespace

const std::set<std::string>& keys_of_any_step() {
  static const std::set<std::string> keys = {"when", "why"};
  return keys;
}

void check_list(const TomlArray& steps, const std::string& title, const Module* module, Problems& problems) {
  StepChecker(module, problems).list(steps, title);
}

Action action_of(const TomlTable& step, const Module* module) {
  const auto all = actions(step, module);
  if (all.size() != 1) BUG("a step that was not checked");
  return all.front();
}

}  // namespace exo
