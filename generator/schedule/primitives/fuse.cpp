// fuse: two neighbouring loops over the same range, or `if`s of the same condition, become one.
//
//     { fuse = ["i", "j"] }
//
//     for i in seq(0, n):
//         x[i] = 1.0
//     for j in seq(0, n):
//         y[j] = x[j]
//   =>
//     for i in seq(0, n):
//         x[i] = 1.0
//         y[i] = x[i]
//
// The second body in an earlier iteration now runs before the first body in a later one: the two must commute. Both bounds must
// agree. The first body must not change what the second one's condition, or bounds, read.
#include <fmt/format.h>

#include "analysis/repeat.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/places.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  std::vector<Ref> scopes;
};

Block both(Block a, const Block& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

void prove_head_stays(Rewrite& rw, const Path& first, const std::string& what) {
  rw.prove_none(conflict(rw.facts(first), accesses(rw.names(), {rw.stmt(first)}),
                         head_accesses(rw.names(), rw.stmt(sibling(first, 1))), rw.names(), rw.context.contract),
                {"fuse-order", fmt::format("the first body changes what the second one's {} read", what), first,
                 "this one and the next"});
}

void fuse_loops(Rewrite& rw, const Path& path, const For& a, const For& b) {
  if (a.order != b.order)
    rw.refuse({"fuse-parallel", "one of these loops is parallel and the other is not", path, "this loop"});
  rw.prove(any_of({all_of({eq(a.lo, b.lo), eq(a.hi, b.hi)}), all_of({le(a.hi, a.lo), le(b.hi, b.lo)})}),
           {"fuse-ranges",
            fmt::format("`{}` runs from `{}` to `{}`, and `{}` from `{}` to `{}`", a.iter.name(), print(a.lo),
                        print(a.hi), b.iter.name(), print(b.lo), print(b.hi)),
            path,
            "this loop and the next",
            {"`shift` one of them, or `cut` what the other one lacks"}});
  prove_head_stays(rw, path, "bounds");
  // The second body at i runs before the first body at a later i'.
  const Sym later = Sym::fresh(a.iter.name() + "'");
  Facts facts = rw.facts(path);
  facts.add_range(later, a.lo, a.hi);
  facts.add_range(b.iter, a.lo, a.hi);
  facts.add_range(b.iter, b.lo, b.hi);
  Facts apart = facts;  // any order, where the loops are parallel
  apart.add(ne(var(b.iter), var(later)));
  facts.add(lt(var(b.iter), var(later)));
  std::vector<Access> ahead;
  for (const Access& x : visible(rw.names(), a.body)) ahead.push_back(substitute(x, {{a.iter, var(later)}}));
  auto found = conflict(facts, visible(rw.names(), b.body), ahead, rw.names(), rw.context.contract);
  if (found) found->second.iterators.emplace_back(a.iter, later);
  rw.prove_none(std::move(found),
                {"fuse-order", "to run these loops as one changes the result", path,
                 "the second body in an earlier iteration would run before the first body in a later one"});
  For whole = a;
  whole.body = both(a.body, substitute(b.body, {{b.iter, var(a.iter)}}));
  if (whole.order == Order::Parallel)
    rw.prove_none(collision(apart, visible(rw.names(), b.body), ahead),
                  {"parallel-race", "iterations of the two loops cannot run at the same time", path, "this loop"});
  rw.edit.splice({path, 2}, {with_node(rw.stmt(path), whole)});
}

void fuse_branches(Rewrite& rw, const Path& path, const If& a, const If& b) {
  if (!equal(a.cond, b.cond))
    rw.prove(any_of({all_of({a.cond, b.cond}), all_of({negate(a.cond), negate(b.cond)})}),
             {"fuse-conditions", fmt::format("the conditions `{}` and `{}` can differ", print(a.cond), print(b.cond)),
              path, "this one and the next"});
  prove_head_stays(rw, path, "condition");
  rw.edit.splice({path, 2}, {with_node(rw.stmt(path), If{a.cond, both(a.body, b.body), both(a.orelse, b.orelse)})});
}

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Neighbours pair = neighbours(rw.before(), args.scopes);
    const StmtRef a = rw.stmt(pair.first), b = rw.stmt(pair.second);
    if (as<For>(a) && as<For>(b)) return fuse_loops(rw, pair.first, *as<For>(a), *as<For>(b));
    if (as<If>(a) && as<If>(b)) return fuse_branches(rw, pair.first, *as<If>(a), *as<If>(b));
    rw.refuse(
        {"fuse-what", "two loops or two `if`s become one, these are neither", pair.first, "this one and the next"});
  });
}

}  // namespace

VERB(fuse) {
  return make_verb("fuse", Kind::Primitive, "two neighbouring loops, or `if`s, become one",
                   Signature<Args>().verb("fuse", &Args::scopes, "loops", "the two loops, or the two `if`s"), run);
}

}  // namespace exo
