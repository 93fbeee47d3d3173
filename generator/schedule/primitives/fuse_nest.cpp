// fuse_nest: two loops, one directly inside the other, become one.
//
//     { fuse_nest = ["i", "j"], as = "ij" }
//
//     for i in seq(0, n):
//         for j in seq(0, 4):
//             x[i, j] = 0.0
//   =>
//     for ij in seq(0, 4*n):
//         x[ij/4, ij % 4] = 0.0
//
// The inner loop must have the same constant number of iterations each time, at least one, and be the whole body of the outer one.
// The same iterations run in the same order.
#include <fmt/format.h>

#include "analysis/linear.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/labels.h"
#include "schedule/places.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  std::vector<Ref> loops;
  Text as;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    check_loop_name(args.as);
    if (args.loops.size() != 2)
      reject(Diagnostic{
          "fuse-nest-two", fmt::format("two loops become one, here are {} names", args.loops.size()), {}, {}, {}}
                 .at(args.loops.front().text.whole()));
    const Path path = one_loop(rw.before(), args.loops[0]);
    const Path below = one_loop(rw.before(), args.loops[1]);
    const For& outer = rw.loop(path);
    if (below != child(path, 0) || outer.body.size() != 1)
      rw.refuse({"fuse-nest-perfect",
                 fmt::format("the body of `{}` is not `{}` alone", args.loops[0].str(), args.loops[1].str()),
                 path,
                 "this loop",
                 {"take it apart with `fission` first"}});
    const For& inner = rw.loop(below);
    const Intervals known = facts_inside(rw.before(), path).known;
    const Linear extent = linear(inner.hi, known) - linear(inner.lo, known);
    if (!extent.is_constant() || extent.constant < 1)
      rw.refuse({"fuse-nest-extent",
                 fmt::format("the length of `{}` is `{}`, not a positive constant", inner.iter.name(),
                             print(expression(extent))),
                 below,
                 "this loop",
                 {"`split` it by a constant, and fuse the outer part of that, or `specialize` on its length"}});
    const int64_t c = extent.constant;
    const Sym iter = Sym::fresh(args.as.chars);
    const ExprRef i = outer.lo + var(iter) / c;
    const ExprRef j = substitute(inner.lo, {{outer.iter, i}}) + var(iter) % c;
    For whole{iter, num(0), num(c) * (outer.hi - outer.lo), substitute(inner.body, {{outer.iter, i}, {inner.iter, j}}),
              Order::Sequential};
    if (outer.order == Order::Parallel && inner.order == Order::Parallel) whole.order = Order::Parallel;
    const StmtRef old = rw.stmt(path);
    rw.edit.splice({path, 1}, {stmt(whole, loop_label(old->label, iter.name()))});
  });
}

}  // namespace

VERB(fuse_nest) {
  return make_verb("fuse_nest", Kind::Primitive, "two loops, one directly inside the other, become one",
                   Signature<Args>()
                       .verb("fuse_nest", &Args::loops, "loops", "the outer loop and the inner one")
                       .required("as", &Args::as, "name", "the new iterator"),
                   run);
}

}  // namespace exo
