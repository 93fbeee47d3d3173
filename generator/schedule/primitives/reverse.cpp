// reverse: run the iterations of a loop from the last one to the first.
//
//     { reverse = "i" }
//
//     for i in seq(0, n):
//         x[i] = y[i]
//   =>
//     for i in seq(0, n):
//         x[n - i - 1] = y[n - i - 1]
//
// Any two iterations must commute.
#include <fmt/format.h>

#include "ir/build.h"
#include "ir/walk.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref loop;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Path path = one_loop(rw.before(), args.loop);
    const For& loop = rw.loop(path);
    const Sym later = Sym::fresh(loop.iter.name() + "'");
    Facts facts = rw.facts(path);
    facts.add_range(loop.iter, loop.lo, loop.hi);
    facts.add_range(later, loop.lo, loop.hi);
    facts.add(lt(var(loop.iter), var(later)));
    const std::vector<Access> first = visible(rw.names(), loop.body);
    std::vector<Access> second;
    for (const Access& a : first) second.push_back(substitute(a, {{loop.iter, var(later)}}));
    auto found = conflict(facts, first, second, rw.names(), rw.context.contract);
    if (found) found->second.iterators.emplace_back(loop.iter, later);
    rw.prove_none(std::move(found),
                  {"reverse-order", fmt::format("to run `{}` backwards changes the result", loop.iter.name()), path,
                   "iterations of this loop depend on each other"});
    For next = loop;
    next.body = substitute(loop.body, {{loop.iter, loop.lo + (loop.hi - num(1) - var(loop.iter))}});
    rw.edit.update(path, [&](const StmtRef& old) { return with_node(old, next); });
  });
}

}  // namespace

VERB(reverse) {
  return make_verb("reverse", Kind::Primitive, "run the iterations of a loop from the last one to the first",
                   Signature<Args>().verb("reverse", &Args::loop, "loop", "the loop"), run);
}

}  // namespace exo
