// lift_scope: a loop or `if` goes outside of the loop or `if` of which it is the whole body.
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
// An `if` out of a loop must not depend on the iterator, and the body must change neither data nor configuration that it reads. What
// it reads must have a value, in bounds, even where the loop does not run at all. An `if` out of an `if` takes copies of the other
// branch along. A loop out of an `if` (without `else`) runs always, with the condition inside. A loop out of a loop is `reorder`.
#include <fmt/format.h>

#include "analysis/repeat.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/places.h"
#include "schedule/primitives.h"
#include "schedule/spelling.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref scope;
};

const std::string kFission = "take the body apart with `fission` first";

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Path path = one_place(rw.before(), args.scope);
    if (!as<If>(rw.stmt(path)) && !as<For>(rw.stmt(path)))
      rw.refuse({"lift-scope-what", "this is neither a loop nor an `if`", path, "this one"});
    lift_scope(rw, path);
  });
}

/// What the head reads must be the same, and there, outside: heads that read data stay where they are.
void keep_heads_that_read(Rewrite& rw, const Path& path) {
  if (!head_accesses(rw.names(), rw.stmt(path)).empty())
    rw.refuse({"lift-scope-depends", "it depends on data, which may be another one outside", path, "this one"});
}

/// An argument has a value from the start; what else the condition reads got one for sure only where the loop runs.
void prove_has_value(Rewrite& rw, const Path& path, const Path& outer) {
  for (const Access& a : head_accesses(rw.names(), rw.stmt(path)))
    if (!a.buffer.is_field() && !rw.names().at(a.buffer).is_param)
      return rw.prove(
          rw.facts(outer), lt(rw.loop(outer).lo, rw.loop(outer).hi),
          {"lift-scope-zero",
           fmt::format("`{}` may have no value where the loop does not run", print(read(a.buffer, a.index))), path,
           "this condition would be evaluated all the same"});
}

void out_of_branch(Rewrite& rw, const Path& path, const Path& outer) {
  const StmtRef old = rw.stmt(path), around = rw.stmt(outer);
  const If& a = *as<If>(around);
  const bool in_else = path.back().slot == Slot::Else;
  if (const For* loop = as<For>(old)) {
    if (in_else || !a.orelse.empty())
      rw.refuse({"lift-scope-else",
                 "the `if` around this loop has an `else`",
                 outer,
                 "this one",
                 {"give each branch an `if` of its own with `fission`"}});
    rw.edit.splice(
        {outer, 1},
        {with_node(old,
                   For{loop->iter, loop->lo, loop->hi, {with_node(around, If{a.cond, loop->body, {}})}, loop->order})});
    return;
  }
  const If& b = *as<If>(old);
  const auto under = [&](const Block& lifted) -> Block {
    const If whole = in_else ? If{a.cond, freshen(a.body), lifted} : If{a.cond, lifted, freshen(a.orelse)};
    if (whole.body.empty() && whole.orelse.empty()) return {};
    return {with_node(around, whole)};
  };
  rw.edit.splice({outer, 1}, {with_node(old, If{b.cond, under(b.body), under(b.orelse)})});
}

}  // namespace

void lift_scope(Rewrite& rw, const Path& path) {
  Spelling(rw, "lift_scope").about(path);
  const Path outer = parent(path);
  if (outer.empty() || block_of(rw.before(), path).size() != 1)
    rw.refuse({"lift-scope-alone", "this is not the whole body of a loop or `if`", path, "this one", {kFission}});
  if (as<If>(rw.stmt(outer))) {
    keep_heads_that_read(rw, path);
    keep_heads_that_read(rw, outer);
    return out_of_branch(rw, path, outer);
  }
  as<If>(rw.stmt(path)) ? lift_if(rw, path) : interchange(rw, outer);
}

void lift_if(Rewrite& rw, const Path& path) {
  Spelling(rw, "lift_scope").about(path);
  const StmtRef old = rw.stmt(path);
  const If& branch = *as<If>(old);
  const Path outer = parent(path);
  const For* loop = outer.empty() ? nullptr : as<For>(rw.stmt(outer));
  if (!loop || loop->body.size() != 1)
    rw.refuse({"lift-scope-alone", "this is not the whole body of a loop", path, "this one", {kFission}});
  if (mentions(branch.cond, loop->iter))
    rw.refuse({"lift-scope-depends",
               fmt::format("the condition `{}` depends on `{}`", print(branch.cond), loop->iter.name()), path,
               "this one"});
  Facts inside = rw.facts(outer);
  inside.add_range(loop->iter, loop->lo, loop->hi);
  rw.prove_none(
      conflict(inside, visible(rw.names(), loop->body), head_accesses(rw.names(), old), rw.names(), Contract::Exact),
      {"lift-scope-changes", "an iteration changes what the condition reads", path, "this condition"});
  prove_has_value(rw, path, outer);
  const StmtRef loop_stmt = rw.stmt(outer);
  const auto looped = [&](const Block& body, Sym iter) -> Block {
    if (body.empty()) return {};
    return {with_node(loop_stmt, For{iter, loop->lo, loop->hi, body, loop->order})};
  };
  const Sym other = Sym::fresh(loop->iter.name());
  const Block orelse = freshen(substitute(branch.orelse, {{loop->iter, var(other)}}));
  rw.edit.splice({outer, 1}, {with_node(old, If{branch.cond, looped(branch.body, loop->iter), looped(orelse, other)})});
}

VERB(lift_scope) {
  return make_verb("lift_scope", Kind::Primitive, "a loop or `if` goes outside of the one of which it is the body",
                   Signature<Args>().verb("lift_scope", &Args::scope, "statement", "the `if`, or the loop"), run);
}

}  // namespace exo
