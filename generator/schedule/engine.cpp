#include "schedule/engine.h"

#include <algorithm>

#include "ir/build.h"
#include "ir/print.h"

namespace exo {
namespace {

/// Keys that any step may have.
const std::set<std::string> kEverywhere = {"when", "why"};

const Verb* verb_of(const TomlTable& step) {
  for (const auto& [key, value] : step.entries)
    if (const Verb* v = verb_named(key.name)) return v;
  return nullptr;
}

std::vector<std::string> all_names() {
  std::vector<std::string> out = {"phase"};
  for (const Verb& v : verbs()) out.push_back(v.name);
  return out;
}

Span first_key(const TomlValue& step) {
  return step.table()->entries.empty() ? step.span : step.table()->entries.front().first.span;
}

void check_step(const TomlValue& step, const std::string& where, Problems& problems) {
  const TomlTable* table = step.table();
  if (!table) {
    problems.add(Diagnostic{
        "step-shape", fmt::format("a step is a table like `{{ unroll = \"i\" }}`, this is {}", step.kind()), {}, {}, {}}
                     .at(step.span, where));
    return;
  }
  if (table->find("phase")) {
    for (const auto& [key, value] : table->entries)
      if (key.name != "phase" && !kEverywhere.count(key.name))
        problems.add(Diagnostic{"step-key-unknown", fmt::format("`phase` has no key `{}`", key.name), {}, {}, {}}.at(
            key.span, where));
    return;
  }
  std::vector<const TomlKey*> named;
  for (const auto& [key, value] : table->entries)
    if (verb_named(key.name)) named.push_back(&key);
  if (named.empty()) {
    std::string first = table->entries.empty() ? "" : table->entries.front().first.name;
    problems.add(Diagnostic{
        "step-verb-unknown",
        first.empty() ? std::string("this step is empty") : fmt::format("there is no verb `{}`", first),
        {},
        {},
        {}}.at(first_key(step), where)
                     .help(suggestion(first, all_names())));
    return;
  }
  if (named.size() > 1) {
    problems.add(Diagnostic{"step-two-verbs",
                            fmt::format("one step has two verbs, `{}` and `{}`", named[0]->name, named[1]->name),
                            {},
                            {},
                            {}}
                     .at(named[1]->span, where)
                     .help("make them two steps"));
    return;
  }
  const Verb& verb = *verb_named(named[0]->name);
  std::vector<std::string> keys;
  for (const KeyDoc& k : verb.keys) keys.push_back(k.name);
  for (const auto& [key, value] : table->entries)
    if (std::find(keys.begin(), keys.end(), key.name) == keys.end() && !kEverywhere.count(key.name))
      problems.add(Diagnostic{"step-key-unknown", fmt::format("`{}` has no key `{}`", verb.name, key.name), {}, {}, {}}
                       .at(key.span, where)
                       .help(suggestion(key.name, keys)));
}

/// Which step it was, in front of what went wrong; which step took a name away, behind.
void add_context(Diagnostic& d, const TomlValue& step, const std::string& where) {
  const Span at = verb_of(*step.table()) ? step.table()->key(verb_of(*step.table())->name)->span : first_key(step);
  const bool in_step = !d.places.empty() && d.places[0].span.source == step.span.source;
  if (!in_step) {
    d.places.insert(d.places.begin(), {at, where});
  } else if (d.places[0].words.empty()) {
    d.places[0].words = where;
  }
}

std::set<std::string> names_in(const Proc& proc) {
  std::set<std::string> out;
  for (std::string& n : loop_names(proc)) out.insert(std::move(n));
  for (std::string& n : stmt_names(proc)) out.insert(std::move(n));
  return out;
}

bool wanted(const TomlTable& step, const Context& context) {
  const TomlValue* when = step.find("when");
  if (!when) return true;
  if (const bool* b = when->boolean()) return *b;
  if (!when->text())
    reject(Diagnostic{"step-value", "`when` wants a condition over params", {}, {}, {}}.at(when->span));
  return context.integer(*when->text()) != 0;
}

}  // namespace

void check_steps(const Steps& steps, Problems& problems) {
  for (size_t i = 0; i < steps.list->size(); ++i)
    check_step(steps.list->at(i), fmt::format("step {} of `{}`", i + 1, steps.name), problems);
}

ProcRef schedule(const ProcRef& algorithm, const Steps& steps, const Context& context, size_t count) {
  Schedule s(algorithm, context);
  std::map<std::string, std::string> removed;  // name -> the step that took it away
  std::set<std::string> names = names_in(s.now());
  for (size_t i = 0; i < std::min(count, steps.list->size()); ++i) {
    const TomlValue& step = steps.list->at(i);
    const std::string where = fmt::format("step {} of `{}`", i + 1, steps.name);
    const Verb* verb = verb_of(*step.table());
    try {
      if (!verb || !wanted(*step.table(), context)) continue;  // a phase
      verb->run(s, *step.table());
    } catch (Rejected& rejected) {
      for (Diagnostic& d : rejected.problems) {
        if (d.code == "unknown-reference")
          for (const auto& [name, by] : removed)
            if (d.message.find("`" + name + "`") != std::string::npos ||
                d.message.find("." + name + "`") != std::string::npos)
              d.note(fmt::format("`{}` was there until {}", name, by));
        add_context(d, step, where);
      }
      throw;
    }
    const std::set<std::string> now = names_in(s.now());
    for (const std::string& n : names)
      if (!now.count(n)) removed[n] = where;
    names = now;
  }
  return s.proc();
}

void check_program(const Proc& proc) {
  Problems problems;
  const auto report = [&](Diagnostic d, const Verdict& v) {
    if (v.answer == Verdict::Unknown)
      d.note("the solver could not decide this for all sizes; what is not proved is refused")
          .help("state what keeps it so as an `assert`, such as a bound of a product of sizes: `assert n*m <= 4096`");
    else
      d.note("counterexample: " + counterexample(v.witness));
    problems.add(std::move(d));
  };
  std::set<const Proc*> callees;  // what a call touches is what its callee says, so that must be in bounds itself
  each_stmt(proc.body, [&](const StmtRef& s) {
    if (const Call* c = as<Call>(s)) callees.insert(c->callee.get());
  });
  for (const Proc* callee : callees) problems.attempt([&] { check_program(*callee); });
  for (Violation& v : violations(proc, 8)) report(std::move(v.problem), v.verdict);
  for (const Path& p : find(proc, [](const StmtRef& s) { return as<For>(s) && as<For>(s)->order == Order::Parallel; }))
    if (const auto found = race(declarations(proc), facts_at(proc, p), *as<For>(stmt_at(proc, p)))) {
      Diagnostic d{
          "parallel-race",
          fmt::format("iterations of `{}` cannot run at the same time", as<For>(stmt_at(proc, p))->iter.name()),
          {},
          {},
          {}};
      const Span span = stmt_at(proc, p)->span;
      if (span.source)
        d.at(span);
      else
        point_at(d, proc, p, "this loop");
      report(std::move(d), found->verdict);
    }
  problems.throw_if_any();
}

}  // namespace exo
