// skew: a loop moves along with one around it.
//
//     { skew = "t", of = "x", by = 2 }
//
//     for t in seq(0, n):
//         for x in seq(0, m):
//             a[t, x] = 0.0
//   =>
//     for t in seq(0, n):
//         for x in seq(2*t, 2*t + m):
//             a[t, x - 2*t] = 0.0
//
// x becomes x + 2*t. The same iterations run in the same order, so nothing needs to be proved here; `reorder` then proves what it
// does to the dependences.
#include <fmt/format.h>

#include "ir/build.h"
#include "ir/walk.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref along;
  Ref of;
  int64_t by = 1;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Path path = one_loop(rw.before(), args.of);
    const Path around =
        one_loop(rw.before(), args.along, [&](const Path& p) { return p == path || is_prefix(p, path); });
    if (around == path)
      rw.refuse({"skew-itself", fmt::format("`{}` cannot move along with itself", args.of.str()), path, "this loop"});
    if (args.by < -INT32_MAX || args.by > INT32_MAX)
      rw.refuse({"skew-by", fmt::format("a distance of {}", args.by), path, "this loop", {"`by` fits 32 bits"}});
    const For& loop = rw.loop(path);
    const ExprRef distance = num(args.by) * var(rw.loop(around).iter);
    For next = loop;
    next.lo = loop.lo + distance;
    next.hi = loop.hi + distance;
    next.body = substitute(loop.body, {{loop.iter, var(loop.iter) - distance}});
    rw.edit.update(path, [&](const StmtRef& old) { return with_node(old, next); });
  });
}

}  // namespace

VERB(skew) {
  return make_verb("skew", Kind::Primitive, "a loop moves along with one around it",
                   Signature<Args>()
                       .verb("skew", &Args::along, "loop", "the outer loop")
                       .required("of", &Args::of, "loop", "the inner loop, which moves")
                       .optional("by", &Args::by, "int", "how far for each iteration of the outer loop [1]"),
                   run);
}

}  // namespace exo
