// shift: a loop counts from somewhere else.
//
//     { shift = "i", to = "0" }
//
//     for i in seq(2, n + 2):
//         x[i] = 0.0
//   =>
//     for i in seq(0, n):
//         x[i + 2] = 0.0
//
// The same iterations run in the same order, so nothing needs to be proved; the new lower bound may be negative.
#include "ir/build.h"
#include "ir/walk.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref loop;
  Text to;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Path path = one_loop(rw.before(), args.loop);
    const ExprRef to = s.expression(args.to, path);
    const For& loop = rw.loop(path);
    For next = loop;
    next.lo = to;
    next.hi = to + (loop.hi - loop.lo);
    next.body = substitute(loop.body, {{loop.iter, var(loop.iter) + (loop.lo - to)}});
    rw.edit.update(path, [&](const StmtRef& old) { return with_node(old, next); });
  });
}

}  // namespace

VERB(shift) {
  return make_verb("shift", Kind::Primitive, "a loop counts from somewhere else",
                   Signature<Args>()
                       .verb("shift", &Args::loop, "loop", "the loop")
                       .required("to", &Args::to, "expression", "the new lower bound"),
                   run);
}

}  // namespace exo
