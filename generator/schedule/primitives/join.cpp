// join: two neighbouring loops over ranges that meet become one.
//
//     { join = ["i", "j"] }
//
//     for i in seq(0, n):
//         x[i] = 0.0
//     for j in seq(n, n + 4):
//         x[j] = 0.0
//   =>
//     for i in seq(0, n + 4):
//         x[i] = 0.0
//
// The second begins where the first one ends, and their bodies are the same but for the iterator. Neither range may run backwards,
// unless both do. The copies `main` and `tail` that `cut` made lose these names.
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
  std::vector<Ref> loops;
};

/// The labels of the whole block without the last name of a copy.
Block without_copies(const Block& block) {
  Block out;
  for (const StmtRef& s : block) {
    Stmt next = *map_children(
        s, [](const ExprRef& e) { return e; }, [](const Block& b) { return without_copies(b); });
    next.label = without_copy(next.label);
    out.push_back(std::make_shared<const Stmt>(std::move(next)));
  }
  return out;
}

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Neighbours pair = neighbours(rw.before(), args.loops);
    const StmtRef a = rw.stmt(pair.first), b = rw.stmt(pair.second);
    const For *first = as<For>(a), *second = as<For>(b);
    if (!first || !second)
      rw.refuse({"join-loops", "only loops can be joined", first ? pair.second : pair.first, "this is none"});
    if (first->order != second->order)
      rw.refuse({"join-parallel", "one of these loops is parallel and the other is not", pair.first, "this loop"});
    if (!equal(first->body, substitute(second->body, {{second->iter, var(first->iter)}})))
      rw.refuse({"join-bodies",
                 fmt::format("the bodies of `{}` and `{}` are not the same", first->iter.name(), second->iter.name()),
                 pair.second, "its body differs from that of the loop before it"});
    rw.prove(eq(first->hi, second->lo), {"join-gap",
                                         fmt::format("the first loop ends at `{}`, the second begins at `{}`",
                                                     print(first->hi), print(second->lo)),
                                         pair.second, "this loop"});
    rw.prove(covers(first->lo, second->lo, second->hi),
             {"join-backwards",
              fmt::format("one of the ranges `{}` to `{}` and `{}` to `{}` can run backwards", print(first->lo),
                          print(first->hi), print(second->lo), print(second->hi)),
              pair.first, "this loop"});
    // What the bounds of the second loop read must be the same before the first one.
    rw.prove_none(conflict(rw.facts(pair.first), accesses(rw.names(), {a}), head_accesses(rw.names(), b), rw.names(),
                           rw.context.contract),
                  {"join-gap", "the first body changes what the second one's bounds read", pair.first, "this loop"});
    const For whole{first->iter, first->lo, second->hi, first->body, first->order};
    Facts both = rw.facts(pair.first);
    both.add_range(first->iter, first->lo, first->hi);
    both.add_range(second->iter, second->lo, second->hi);
    if (whole.order == Order::Parallel)
      rw.prove_none(
          collision(both, visible(rw.names(), first->body), visible(rw.names(), second->body)),
          {"parallel-race", "iterations of the two loops cannot run at the same time", pair.first, "this loop"});
    const bool copies = !a->label.copies.empty() && !b->label.copies.empty() && a->label.copies != b->label.copies;
    const Block joined = {with_node(a, whole)};
    rw.edit.splice({pair.first, 2}, copies ? without_copies(joined) : joined);
  });
}

}  // namespace

VERB(join) {
  return make_verb("join", Kind::Primitive, "two neighbouring loops over ranges that meet become one",
                   Signature<Args>().verb("join", &Args::loops, "loops", "the two loops"), run);
}

}  // namespace exo
