// spread: a reduction goes into one place for each iteration of a loop, and these are folded afterwards.
//
//     { spread = "s.update", over = "l", at = "i", as = "part" }
//
//     for i in seq(0, n):
//         for l in seq(0, 8):
//             s[0] += x[8*i + l]
//   =>
//     part : f32[8]
//     for l in seq(0, 8):
//         part[l] = 0.0
//     for i in seq(0, n):
//         for l in seq(0, 8):
//             part[l] += x[8*i + l]
//     for l in seq(0, 8):
//         s[0] += part[l]
//
// The order of the sum changes: a float wants the contract `reassociate`. `max=` and `min=` begin with what the target holds. While
// the loop `at` runs, nothing else touches the target, which does not move; that it is touched once more where the loop does not run must be in
// bounds too.
#include <fmt/format.h>

#include "analysis/access.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/labels.h"
#include "schedule/primitives.h"
#include "schedule/spelling.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref stmt;
  Ref over;
  std::optional<Ref> at;
  Text as;
};

/// The parts of the rewrite.
struct Plan {
  const Reduce& reduce;
  const For& over;
  Path at;
  Sym part;
  Scalar type;
  ExprRef extent;
  std::vector<std::string> copies;
};

/// What a place begins with: what adds nothing; for a maximum, the target, which is in it already.
ExprRef beginning(const Plan& plan) {
  if (plan.reduce.op != ReduceOp::Add) return read(plan.reduce.buffer, plan.reduce.index);
  return is_float(plan.type) ? real(0.0) : num(0);
}

StmtRef loop_of(const Plan& plan, const StmtRef& like, const std::string& role, Sym iter, const StmtRef& body) {
  const std::string nest = plan.part.name() + "." + role;
  Label label{like->label.name, nest, "d0", like->label.axis, plan.copies};
  return stmt(For{iter, num(0), plan.extent, {body}, Order::Sequential}, label);
}

void prove_alone(Rewrite& rw, const Plan& plan, const Path& path) {
  std::vector<Access> own, others;
  for (Access& a : visible(rw.names(), {rw.stmt(plan.at)}))
    (a.stmt == rw.stmt(path).get() && a.kind == Access::Reduce ? own : others).push_back(std::move(a));
  rw.prove_none(conflict(rw.facts(plan.at), own, others, rw.names(), Contract::Exact),
                {"spread-alone",
                 fmt::format("`{}` is also touched elsewhere while this loop runs",
                             print(read(plan.reduce.buffer, plan.reduce.index))),
                 plan.at, "this loop"});
}

void run(Schedule& s, const Args& args) {
  check_buffer_name(args.as);
  s.apply([&](Rewrite& rw) {
    const Path path = one_stmt(rw.before(), args.stmt);
    const auto around = [&](const Path& p) { return is_prefix(p, path); };
    const Path over = one_loop(rw.before(), args.over, around);
    spread(rw, path, over, args.at ? one_loop(rw.before(), *args.at, around) : over, args.as.chars);
  });
}

}  // namespace

Spread spread(Rewrite& rw, const Path& path, const Path& over_path, const Path& at, const std::string& as_name) {
  Spelling(rw, "spread").about(path).place_key("over", over_path).place_key("at", at).key("as", as_name);
  const StmtRef old = rw.stmt(path);
  const Reduce* reduce = as<Reduce>(old);
  if (!reduce) rw.refuse({"spread-kind", "this statement is not a reduction", path, "this one"});
  if (!is_prefix(at, over_path))
    rw.refuse({"spread-loops", "the loop of `at` does not stand around that of `over`", at, "this loop"});
  if (const auto made = binder(rw.before(), reduce->buffer); made && is_prefix(at, *made))
    rw.refuse(
        {"spread-scope", fmt::format("`{}` lives inside of the loop `at`", reduce->buffer.name()), *made, "here"});
  const For& over = rw.loop(over_path);
  const Scalar type = rw.names().at(reduce->buffer).type.scalar;
  Plan plan{*reduce, over, at, Sym::fresh(as_name), type, over.hi - over.lo, old->label.copies};
  if (is_float(type) && rw.context.contract == Contract::Exact)
    rw.refuse({"spread-exact", "the contract `exact` keeps a reduction in order; one in parts regroups it", path,
               "this one"});
  for (Path p = path; p.size() >= at.size(); p = parent(p)) {
    const For* loop = as<For>(rw.stmt(p));
    if (!loop) continue;
    if (loop->order == Order::Parallel)
      rw.refuse({"spread-parallel",
                 fmt::format("iterations of the parallel loop `{}` would share `{}`", loop->iter.name(), as_name), p,
                 "this loop"});
    for (const ExprRef& e : reduce->index)
      if (mentions(e, loop->iter))
        rw.refuse({"spread-moves",
                   fmt::format("`{}` is another place for each `{}`", print(read(reduce->buffer, reduce->index)),
                               loop->iter.name()),
                   p, "this loop"});
    if (mentions(over.lo, loop->iter) || mentions(over.hi, loop->iter))
      rw.refuse({"spread-extent",
                 fmt::format("the range of `{}` is another for each `{}`", over.iter.name(), loop->iter.name()), p,
                 "this loop"});
  }
  if (!evident(rw.facts(at), le(num(0), plan.extent))) plan.extent = max_of(num(0), plan.extent);
  prove_alone(rw, plan, path);

  const Sym first = Sym::fresh(over.iter.name()), last = Sym::fresh(over.iter.name());
  const std::string name = plan.part.name();
  const Label alloc{name + ".alloc", "", "", "", plan.copies}, init{name + ".init", "", "", "", plan.copies},
      store{name + ".store", "", "", "", plan.copies};
  const StmtRef begin =
      loop_of(plan, rw.stmt(over_path), "init", first, stmt(Assign{plan.part, {var(first)}, beginning(plan)}, init));
  const StmtRef end =
      loop_of(plan, rw.stmt(over_path), "store", last,
              stmt(Reduce{reduce->op, reduce->buffer, reduce->index, read(plan.part, {var(last)})}, store));
  const StmtRef allocation = stmt(Alloc{plan.part, {type, {plan.extent}, false}, ""}, alloc);
  Declarations names = rw.names();
  names.set(plan.part, {as<Alloc>(allocation)->type, "", false, {}});
  for (Violation& v : violations(names, rw.facts(at), {begin, end}, 1))
    rw.fail({{"spread-bounds", fmt::format("where the loop does not run, {}", v.problem.message), at, "this loop"},
             v.verdict,
             std::nullopt});
  rw.edit.update(path, [&](const StmtRef& s) {
    return with_node(s, Reduce{reduce->op, plan.part, {var(over.iter) - over.lo}, reduce->rhs});
  });
  rw.edit.splice({at, 0}, {allocation, begin});
  rw.edit.splice({sibling(at, 3), 0}, {end});
  return {plan.part, first, last};
}

VERB(spread) {
  return make_verb("spread", Kind::Primitive, "a reduction goes into one place for each iteration, folded afterwards",
                   Signature<Args>()
                       .verb("spread", &Args::stmt, "statement", "the reduction")
                       .required("over", &Args::over, "loop", "one place for each iteration of this loop")
                       .optional("at", &Args::at, "loop", "folded when this loop has ended [the same]")
                       .required("as", &Args::as, "name", "name of the buffer of the places"),
                   run);
}

}  // namespace exo
