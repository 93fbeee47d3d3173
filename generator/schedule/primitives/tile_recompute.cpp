// tile_recompute: run a loop in tiles that overlap.
//
//     { tile_recompute = "i", by = 4, count = "n", as = ["io", "ii"] }
//
//     assert n >= 1
//     for i in seq(0, 4*n + 2):
//         x[i] = y[i]
//   =>
//     assert n >= 1
//     for io in seq(0, n):
//         for ii in seq(0, 6):
//             x[4*io + ii] = y[4*io + ii]
//
// There are `count` tiles, each begins `by` after the one before, and all are so long that the last one ends where the loop did. The
// loop may begin anywhere. The tiles must cover the range: there is one where the loop runs at all, and they do not begin
// beyond its end. To run an iteration again, after any others, must change nothing.
#include <fmt/format.h>

#include "analysis/repeat.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/labels.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref loop;
  int64_t by = 0;
  Text count;
  std::vector<Text> as;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Path path = one_loop(rw.before(), args.loop);
    const StmtRef old = rw.stmt(path);
    const For& loop = rw.loop(path);
    for (const Text& t : args.as) check_loop_name(t);
    if (!args.as.empty() && args.as.size() != 2)
      rw.refuse(
          {"tile-recompute-names",
           fmt::format("`as` names the loop over the tiles and the one inside, here are {} names", args.as.size()),
           path, "this loop"});
    if (args.by < 1 || args.by > INT32_MAX)
      rw.refuse({"tile-recompute-by",
                 fmt::format("tiles that begin {} apart", args.by),
                 path,
                 "this loop",
                 {"`by` is from 1 to 2147483647"}});
    if (loop.order == Order::Parallel)
      rw.refuse({"tile-recompute-parallel", "tiles of a parallel loop would write one place at the same time", path,
                 "this loop"});
    const ExprRef count = s.expression(args.count, path), n = loop.hi - loop.lo, by = num(args.by);
    rw.prove(
        any_of({le(n, num(0)), le(num(1), count)}),
        {"tile-recompute-cover",
         fmt::format("there can be no tile (`{}` of them) where `{}` has iterations", print(count), loop.iter.name()),
         path,
         "this loop",
         {"assert that there is one, or round the count up"}});
    rw.prove(any_of({le(n, num(0)), le(count, num(1)), le(by * count, n)}),
             {"tile-recompute-cover",
              fmt::format("{} tiles that begin {} apart leave gaps, or begin behind the end, of `{}` iterations",
                          print(count), args.by, print(n)),
              path,
              "this loop",
              {"round the count down"}});
    if (!evident(rw.facts(path), any_of({le(n, num(0)), le(count, num(1)), eq(by * count, n)})))
      rw.prove_none(not_recomputable(rw.names(), rw.facts(path), loop),
                    {"tile-recompute-repeats", "tiles run some iterations again, which changes the result here", path,
                     "this loop"});
    const std::string name = old->label.name;
    const Sym outer = Sym::fresh(args.as.empty() ? name + "_o" : args.as[0].chars),
              inner = Sym::fresh(args.as.empty() ? name + "_i" : args.as[1].chars);
    const ExprRef length = n - by * (count - num(1));
    const Block body = substitute(loop.body, {{loop.iter, loop.lo + (by * var(outer) + var(inner))}});
    Label outside = loop_label(old->label, outer.name());
    outside.alias.clear();  // the inner loop walks the dimension
    rw.edit.splice(
        {path, 1},
        {stmt(For{outer,
                  num(0),
                  count,
                  {stmt(For{inner, num(0), length, body, Order::Sequential}, loop_label(old->label, inner.name()))},
                  Order::Sequential},
              outside)});
  });
}

}  // namespace

VERB(tile_recompute) {
  return make_verb("tile_recompute", Kind::Primitive, "run a loop in tiles that overlap",
                   Signature<Args>()
                       .verb("tile_recompute", &Args::loop, "loop", "the loop")
                       .required("by", &Args::by, "int", "how far apart the tiles begin")
                       .required("count", &Args::count, "expression", "how many tiles")
                       .optional("as", &Args::as, "names", "names of the outer and the inner loop [i_o, i_i]"),
                   run);
}

}  // namespace exo
