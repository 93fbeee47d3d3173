#include "schedule/op.h"

#include <algorithm>
#include <functional>
#include <set>

#include <fmt/format.h>

#include "schedule/step.h"
#include "support/text.h"

namespace exo {
namespace {

/// Keys of a call that are no arguments.
const std::set<std::string> kTaken = {"when", "why", "as"};

bool is_type(const std::string& type) {
  const auto& known = op_types();
  if (type.find('|') != type.npos) return true;
  const std::string one = type.size() > 1 && type.back() == 's' ? type.substr(0, type.size() - 1) : type;
  return std::count(known.begin(), known.end(), type) || std::count(known.begin(), known.end(), one);
}

class Reader {
 public:
  Reader(Module& module, Problems& problems) : module_(module), problems_(problems) {}

  void op(const TomlKey& name, const TomlValue& value) {
    const TomlTable* table = value.table();
    if (!table)
      return problem("op-shape", fmt::format("op `{}` is a table, this is {}", name.name, value.kind()), value.span);
    if (!is_identifier(name.name))
      problem("op-name", fmt::format("`{}` cannot be the name of an op", name.name), name.span);
    Op out;
    out.name = name.name;
    out.module = &module_;
    out.span = name.span;
    const TomlValue* steps = nullptr;
    for (const auto& [key, v] : table->entries) {
      if (key.name == "doc" || key.name == "brief") {
        if (const Text* text = v.text())
          out.doc = text->chars;
        else
          wrong(key, v, "a string");
      } else if (key.name == "on") {
        out.on = argument({"on", key.span}, v);
      } else if (key.name == "args") {
        if (v.table())
          arguments(*v.table(), out);
        else
          wrong(key, v, "a table of types");
      } else if (key.name == "steps") {
        steps = &v;
        if (v.array())
          out.steps = *v.array();
        else
          wrong(key, v, "a list of steps");
      } else if (key.name == "gives") {
        if (v.table())
          results(*v.table(), out);
        else
          wrong(key, v, "a table of references");
      } else {
        const std::vector<std::string> known = {"doc", "on", "args", "steps", "gives"};
        problems_.add({"unknown-key", fmt::format("an op has no key `{}`", key.name), {}, {}, {}})
            .at(key.span)
            .help(suggestion(key.name, known));
      }
    }
    if (!steps) problem("op-steps", fmt::format("op `{}` has no list of `steps`", name.name), name.span);
    module_.ops[name.name] = std::move(out);
  }

 private:
  Module& module_;
  Problems& problems_;

  void problem(const char* code, const std::string& what, Span where) {
    problems_.add(Diagnostic{code, what, {}, {}, {}}.at(where));
  }
  void wrong(const TomlKey& key, const TomlValue& v, const char* wanted) {
    problem("op-shape", fmt::format("`{}` is {}, this is {}", key.name, wanted, v.kind()), v.span);
  }

  void arguments(const TomlTable& table, Op& out) {
    for (const auto& [key, v] : table.entries) {
      const bool taken = kTaken.count(key.name) || key.name == "on" || key.name == "target";
      if (taken || !is_identifier(key.name))
        problem("op-name", fmt::format("`{}` cannot be the name of an argument", key.name), key.span);
      out.args.push_back(argument(key, v));
    }
  }

  /// `at = "loop"`, `lanes = "int = 8"`, `lanes = { type = "int", default = 8 }`
  OpArg argument(const TomlKey& name, const TomlValue& value) {
    OpArg out{name.name, {}, {}, name.span};
    const Text* type = value.text();
    if (const TomlTable* table = value.table())
      for (const auto& [key, v] : table->entries) {
        if (key.name == "type")
          type = v.text();
        else if (key.name == "default")
          out.usual = v;
        else if (key.name != "doc")
          problem("op-shape", fmt::format("an argument has no key `{}`", key.name), key.span);
      }
    if (!type) {
      problem("op-shape", fmt::format("`{}` needs a type such as \"loop\"", name.name), value.span);
      return out;
    }
    const size_t equals = type->chars.find('=');
    if (equals != std::string::npos) {
      size_t begin = equals + 1;
      while (begin < type->chars.size() && type->chars[begin] == ' ') ++begin;
      const Text usual = subtext(*type, begin, type->chars.size());
      out.usual = TomlValue{usual, usual.span};
    }
    out.type = std::string(trim(type->chars.substr(0, equals)));
    if (!is_type(out.type))
      problems_.add(Diagnostic{"op-type", fmt::format("there is no type `{}`", out.type), {}, {}, {}})
          .at(type->whole())
          .help(suggestion(out.type, op_types()));
    return out;
  }

  void results(const TomlTable& table, Op& out) {
    for (const auto& [key, v] : table.entries) {
      if (!is_identifier(key.name))
        problem("op-name", fmt::format("`{}` cannot be the name of a result", key.name), key.span);
      if (const Text* text = v.text())
        out.gives.emplace_back(key.name, *text);
      else
        wrong(key, v, "a reference");
    }
  }
};

/// Every call in these steps, those in steps of steps included.
void each_call(const TomlArray& steps, const Module* module, const std::function<void(const OpCall&)>& visit) {
  for (const TomlValue& step : steps) {
    if (const TomlArray* inner = step.array()) each_call(*inner, module, visit);
    if (!step.table()) continue;
    for (const TomlEntry& entry : step.table()->entries) {
      const auto call = op_call(entry, module);
      if (call && call->op)
        visit(*call);
      else if (entry.second.array() && !call)
        each_call(*entry.second.array(), module, visit);
    }
  }
}

/// Depth first; tells each cycle once.
class Cycles {
 public:
  explicit Cycles(Problems& problems) : problems_(problems) {}
  void visit(const Op& op) {
    if (!done_.insert(&op).second) return;
    open_.push_back(&op);
    each_call(op.steps, op.module, [&](const OpCall& call) {
      const auto at = std::find(open_.begin(), open_.end(), call.op);
      if (at == open_.end()) return visit(*call.op);
      std::vector<std::string> names;
      for (auto it = at; it != open_.end(); ++it) names.push_back((*it)->name);
      names.push_back(call.op->name);
      problems_
          .add(Diagnostic{"op-cycle",
                          fmt::format("op `{}` comes to call itself: {}", call.op->name, join(names, " -> ")),
                          {},
                          {},
                          {}})
          .at(call.key->span, fmt::format("called in op `{}`", op.name))
          .help("ops end: say `repeat` or `for` where something is to be done again");
    });
    open_.pop_back();
  }

 private:
  Problems& problems_;
  std::set<const Op*> done_;
  std::vector<const Op*> open_;
};

}  // namespace

const std::vector<std::string>& op_types() {
  static const std::vector<std::string> all = {"statement", "update", "loop",      "axis",      "buffer",
                                               "int",       "bool",   "condition", "type",      "instruction",
                                               "memory",    "name",   "text",      "expression"};
  return all;
}

void read_ops(const TomlTable& table, Module& module, Problems& problems) {
  for (const auto& [name, value] : table.entries) Reader(module, problems).op(name, value);
}

void check_ops(const std::vector<const Module*>& modules, Problems& problems) {
  Cycles cycles(problems);
  for (const Module* module : modules)
    for (const auto& [name, op] : module->ops) {
      check_list(op.steps, fmt::format("op `{}`", name), module, problems);
      cycles.visit(op);
    }
}

std::optional<OpCall> op_call(const TomlEntry& entry, const Module* module) {
  const TomlTable* table = entry.second.table();
  if (!module || !table || table->entries.size() != 1) return std::nullopt;
  const auto import = module->imports.find(entry.first.name);
  if (import == module->imports.end()) return std::nullopt;
  const TomlEntry& inner = table->entries.front();
  const auto op = import->second->ops.find(inner.first.name);
  return OpCall{op == import->second->ops.end() ? nullptr : &op->second, &inner.first, &inner.second,
                entry.first.name + "." + inner.first.name};
}

}  // namespace exo
