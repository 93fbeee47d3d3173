// Calls of ops: arguments are what their types say, and results get names.
#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "schedule/marks.h"
#include "schedule/runner.h"
#include "schedule/selection.h"
#include "support/text.h"

namespace exo {
namespace {

[[noreturn]] void unfit(const OpArg& arg, const TomlValue& value, const std::string& what,
                        const std::string& help = {}) {
  Diagnostic d{"op-argument", fmt::format("`{}` wants {}: {}", arg.name, arg.type, what), {}, {}, {}};
  d.at(value.text() ? value.text()->whole() : value.span).at(arg.span, "declared here");
  if (!help.empty()) d.help(help);
  reject(std::move(d));
}

std::vector<std::string> words_of(const std::string& type) {
  std::vector<std::string> out;
  for (const std::string& word : split_text(type, '|')) out.emplace_back(trim(word));
  return out;
}

/// A value against one of the types of op_types().
class Typed {
 public:
  Typed(const OpArg& arg, const Schedule& schedule) : arg_(arg), s_(schedule) {}

  TomlValue list(const TomlValue& value, const std::string& type) const {
    if (!value.array()) return {TomlArray{one(value, type)}, value.span};
    TomlArray out;
    for (const TomlValue& v : *value.array()) out.push_back(one(v, type));
    return {std::move(out), value.span};
  }

  TomlValue one(const TomlValue& value, const std::string& type) const {
    if (type == "int") return {integer(value), value.span};
    if (type == "bool") return {truth(value), value.span};
    if (value.integer() && (type == "expression" || type == "text"))
      return {Text{fmt::format("{}", *value.integer()), value.span, {}}, value.span};
    if (!value.text()) unfit(arg_, value, fmt::format("this is {}", value.kind()));
    place(value, type);
    return value;
  }

 private:
  const OpArg& arg_;
  const Schedule& s_;

  int64_t integer(const TomlValue& value) const {
    if (value.integer()) return *value.integer();
    if (!value.text()) unfit(arg_, value, fmt::format("this is {}", value.kind()));
    return s_.context().integer(*value.text());
  }
  bool truth(const TomlValue& value) const {
    if (value.boolean()) return *value.boolean();
    if (!value.text()) unfit(arg_, value, fmt::format("this is {}", value.kind()));
    if (value.text()->chars == "true" || value.text()->chars == "false") return value.text()->chars == "true";
    return s_.context().integer(*value.text()) != 0;
  }

  /// What a name must mean in the program and in the target.
  void place(const TomlValue& value, const std::string& type) const {
    const Text& text = *value.text();
    const std::string& name = text.chars;
    const Target& target = s_.target();
    const auto stmts = [&] { return all_stmts(s_.now(), {text}); };
    if (type == "loop") {
      all_loops(s_.now(), {text});
    } else if (type == "statement") {
      if (places_of(s_.now(), name).empty()) stmts();
    } else if (type == "update") {
      for (const Path& p : stmts())
        if (!as<Reduce>(stmt_at(s_.now(), p)))
          unfit(arg_, value, fmt::format("`{}` is no reduction", stmt_at(s_.now(), p)->label.name),
                "an update is a statement with `+=`, `max=` or `min=`");
    } else if (type == "buffer") {
      if (find_buffers(s_.now(), name).empty()) one_buffer(s_.now(), {text});
    } else if (type == "axis" || type == "name") {
      if (!is_identifier(name)) unfit(arg_, value, fmt::format("`{}` is no name", name));
    } else if (type == "type") {
      Scalar ignored{};
      if (!scalar_named(name, ignored) || !is_data(ignored))
        unfit(arg_, value, fmt::format("`{}` is no element type", name));
    } else if (type == "instruction") {
      std::vector<std::string> known;
      for (const Instruction& i : target.instructions) known.push_back(i.name), known.push_back(i.cls);
      if (!std::count(known.begin(), known.end(), name))
        unfit(arg_, value, fmt::format("target `{}` has no instruction and no class `{}`", target.name, name),
              suggestion(name, known));
    } else if (type == "memory") {
      std::vector<std::string> known = {"heap", "stack"};
      for (const Memory& m : target.memories) known.push_back(m.name), known.push_back(m.role);
      if (!std::count(known.begin(), known.end(), name))
        unfit(arg_, value, fmt::format("target `{}` has no memory `{}`", target.name, name), suggestion(name, known));
    } else if (type.find('|') != type.npos) {
      const auto words = words_of(type);
      if (!std::count(words.begin(), words.end(), name))
        unfit(arg_, value, fmt::format("it cannot be `{}`", name), suggestion(name, words));
    }
  }
};

}  // namespace

TomlValue Runner::argument(const OpArg& arg, const TomlValue& value) const {
  const auto& known = op_types();
  const Typed typed(arg, schedule_);
  const bool single = arg.type.find('|') != arg.type.npos || std::count(known.begin(), known.end(), arg.type);
  return single ? typed.one(value, arg.type) : typed.list(value, arg.type.substr(0, arg.type.size() - 1));
}

Bindings Runner::arguments(const OpCall& call, const TomlTable& step) const {
  Bindings out;
  Problems problems;
  const auto bind = [&](const OpArg& arg, const TomlValue& given) {
    problems.attempt([&] { out.set(arg.name, argument(arg, frame_.bindings.filled(given, others()))); });
  };
  if (call.op->on) bind(*call.op->on, *call.object);
  for (const OpArg& arg : call.op->args) {
    const TomlValue* given = step.find(arg.name);
    if (given)
      bind(arg, *given);
    else
      problems.attempt([&] { out.set(arg.name, argument(arg, out.filled(*arg.usual, others()))); });
  }
  problems.throw_if_any();
  return out;
}

void Runner::call(const OpCall& call, const TomlTable& step) {
  const Frame caller = frame_;
  Frame next{call.op->module, arguments(call, step), caller.where, caller.span,
             fmt::format(", called at {}{}", caller.where, caller.called)};
  const auto back = [&] { frame_ = caller, use_numbers(); };
  frame_ = std::move(next);
  use_numbers();
  std::vector<std::pair<std::string, TomlValue>> given;
  try {
    run(call.op->steps, fmt::format("op `{}`", call.op->name));
    given = results(call, step);
  } catch (const Rejected&) {
    back();
    throw;
  }
  back();
  for (auto& [name, value] : given) frame_.bindings.set(name, std::move(value));
}

/// Results are called `gemm.micro`, or `g.micro` after a call with `as = "g"`, or as `as = { micro = "m" }` says. The steps
/// behind the call can say `@micro` as well.
std::vector<std::pair<std::string, TomlValue>> Runner::results(const OpCall& call, const TomlTable& step) {
  std::vector<std::pair<std::string, TomlValue>> out;
  const TomlValue* as = step.find("as");
  const std::string prefix = as && as->text() ? as->text()->chars : call.op->name;
  for (const auto& [name, reference] : call.op->gives) {
    std::string known = prefix + "." + name;
    if (const TomlTable* names = as ? as->table() : nullptr)
      if (const TomlValue* given = names->find(name); given && given->text()) known = given->text()->chars;
    const TomlValue what = frame_.bindings.filled(TomlValue{reference, reference.span}, others());
    mark(markable(schedule_.now(), {*what.text()}), what.text()->chars, known);
    out.emplace_back(name, TomlValue{Text{known, reference.span, {}}, reference.span});
  }
  return out;
}

}  // namespace exo
