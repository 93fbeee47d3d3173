// lift_scope: an `if` that is the whole body of a loop goes outside of it.
//
//     { lift_scope = "if#0" }
//
//     for i in seq(0, n):
//         if m < 4:
//             x[i] = 0.0
//   =>
//     if m < 4:
//         for i in seq(0, n):
//             x[i] = 0.0
//
// The condition must not depend on the iterator, and the body must not change what it reads. Where the loop may not run at all, what
// the condition reads must be in bounds all the same.
#include <fmt/format.h>

#include "analysis/repeat.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref branch;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Path path = one_stmt(rw.before(), args.branch, [&](const Path& p) { return as<If>(rw.stmt(p)) != nullptr; });
    lift_if(rw, path);
  });
}

}  // namespace

void lift_if(Rewrite& rw, const Path& path) {
  const StmtRef old = rw.stmt(path);
  const If& branch = *as<If>(old);
  const Path outer = parent(path);
  const For* loop = outer.empty() ? nullptr : as<For>(rw.stmt(outer));
  if (!loop || loop->body.size() != 1)
    rw.refuse({"lift-scope-alone",
               "this `if` is not the whole body of a loop",
               path,
               "this one",
               {"take the loop apart with `fission` first"}});
  if (mentions(branch.cond, loop->iter))
    rw.refuse({"lift-scope-depends",
               fmt::format("the condition `{}` depends on `{}`", print(branch.cond), loop->iter.name()), path,
               "this one"});
  const StmtRef loop_stmt = rw.stmt(outer);
  rw.prove_none(conflict(rw.facts(outer), visible(rw.names(), {loop_stmt}), head_accesses(rw.names(), old), rw.names(),
                         Contract::Exact),
                {"lift-scope-changes",
                 fmt::format("the body changes what the condition `{}` reads", print(branch.cond)), path, "this one"});
  const auto looped = [&](const Block& body, Sym iter) -> Block {
    if (body.empty()) return {};
    return {with_node(loop_stmt, For{iter, loop->lo, loop->hi, body, loop->order})};
  };
  const Sym other = Sym::fresh(loop->iter.name());
  const Block orelse = freshen(substitute(branch.orelse, {{loop->iter, var(other)}}));
  rw.edit.splice({outer, 1}, {with_node(old, If{branch.cond, looped(branch.body, loop->iter), looped(orelse, other)})});
}

VERB(lift_scope) {
  return make_verb("lift_scope", Kind::Primitive, "an `if` that is the whole body of a loop goes outside of it",
                   Schema<Args>().verb("lift_scope", &Args::branch, "statement", "the `if`"), run);
}

}  // namespace exo
