#include "schedule/engine.h"

#include <algorithm>

#include "analysis/exposure.h"
#include "ir/build.h"
#include "ir/print.h"
#include "target/placement.h"

namespace exo {

void check_steps(const Steps& steps, Problems& problems) {
  check_list(*steps.list, fmt::format("`{}`", steps.name), steps.module, problems);
}

Scheduled run_schedule(const ProcRef& algorithm, const Steps& steps, const Context& context, size_t count) {
  Runner runner(algorithm, context, steps.module);
  runner.run(*steps.list, fmt::format("`{}`", steps.name), count);
  return {runner.schedule().proc(), runner.applied(), runner.remarks()};
}

ProcRef schedule(const ProcRef& algorithm, const Steps& steps, const Context& context, size_t count) {
  return run_schedule(algorithm, steps, context, count).proc;
}

namespace {

void report(Diagnostic d, const Verdict& v, Problems& problems) {
  if (v.answer == Verdict::Unknown)
    d.note("the solver could not decide this for all sizes; what is not proved is refused")
        .help("state what keeps it so as an `assert`, such as a bound of a product of sizes: `assert n*m <= 4096`");
  else
    d.note("counterexample: " + (v.witness.empty() ? std::string("any sizes") : counterexample(v.witness)));
  problems.add(std::move(d));
}

}  // namespace

void check_configuration(const Proc& kernel) {
  Problems problems;
  for (Violation& v : unset_configuration(kernel)) report(std::move(v.problem), v.verdict, problems);
  problems.throw_if_any();
}

void check_order(const Proc& kernel, const Target& target, Contract contract) {
  if (contract != Contract::Exact) return;
  Problems problems;
  each_stmt(kernel.body, [&](const StmtRef& s) {
    const Call* call = as<Call>(s);
    if (!call) return;
    const Instruction* instruction = target.instruction_of(*call->callee);
    if (!instruction)
      problems.attempt([&] { check_order(*call->callee, target, contract); });
    else if (regroups(*instruction))
      problems
          .add({"contract-order",
                fmt::format("`{}` adds floats in an order of its own, and the contract `exact` keeps the one of `{}`",
                            instruction->name, kernel.name),
                {},
                {},
                {}})
          .at(instruction->span)
          .help("say `contract = { fp = \"reassociate\" }` in the kernel if a sum is a set");
  });
  problems.throw_if_any();
}

void check_capacity(const Proc& kernel, const Target& target) {
  Problems problems;
  for (Shortage& shortage : placement(kernel, target).shortages) {
    const Span span = stmt_at(kernel, shortage.at)->span;
    if (span.source)
      shortage.problem.at(span);
    else
      point_at(shortage.problem, kernel, shortage.at, "here");
    problems.add(std::move(shortage.problem));
  }
  problems.throw_if_any();
}

void check_program(const Proc& proc) {
  Problems problems;
  std::set<const Proc*> callees;  // what a call touches is what its callee says, so that must be in bounds itself
  each_stmt(proc.body, [&](const StmtRef& s) {
    if (const Call* c = as<Call>(s)) callees.insert(c->callee.get());
  });
  for (const Proc* callee : callees) problems.attempt([&] { check_program(*callee); });
  for (Violation& v : violations(proc, 8)) report(std::move(v.problem), v.verdict, problems);
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
      report(std::move(d), found->verdict, problems);
    }
  problems.throw_if_any();
}

}  // namespace exo
