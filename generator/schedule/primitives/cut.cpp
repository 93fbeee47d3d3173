// cut: a loop becomes two, which meet at a point of its range.
//
//     { cut = "i", at = "n" }
//
//     for i in seq(0, n + 4):
//         x[i] = 0.0
//   =>
//     for i in seq(0, n):
//         x[i] = 0.0
//     for i in seq(n, n + 4):
//         x[i] = 0.0
//
// The point must lie in the range, its ends included; where the range is empty, both parts must be. The copies are called `main`
// and `tail`.
#include <fmt/format.h>

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
  Ref loop;
  Text at;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Path path = one_loop(rw.before(), args.loop);
    cut(rw, path, s.expression(args.at, path));
  });
}

}  // namespace

ExprRef covers(const ExprRef& lo, const ExprRef& middle, const ExprRef& hi) {
  return any_of({all_of({le(lo, middle), le(middle, hi)}), all_of({le(hi, middle), le(middle, lo)})});
}

void cut(Rewrite& rw, const Path& path, const ExprRef& at) {
  Spelling(rw, "cut").about(path).key("at", at);
  const StmtRef old = rw.stmt(path);
  const For& loop = rw.loop(path);
  rw.prove(covers(loop.lo, at, loop.hi),
           {"cut-outside",
            fmt::format("`{}` can lie outside the range `{}` to `{}`", print(at), print(loop.lo), print(loop.hi)),
            path,
            "this loop",
            {"clamp it with `min` and `max`, or assert what keeps it inside"}});
  const Sym rest = Sym::fresh(loop.iter.name());
  Block both = as_copy({with_node(old, For{loop.iter, loop.lo, at, loop.body, loop.order})}, "main");
  const Block tail = freshen(substitute(loop.body, {{loop.iter, var(rest)}}));
  both.push_back(as_copy({with_node(old, For{rest, at, loop.hi, tail, loop.order})}, "tail")[0]);
  rw.edit.splice({path, 1}, both);
}

VERB(cut) {
  return make_verb("cut", Kind::Primitive, "a loop becomes two, which meet at a point of its range",
                   Signature<Args>()
                       .verb("cut", &Args::loop, "loop", "the loop to cut")
                       .required("at", &Args::at, "expression", "the first iteration of the second part"),
                   run);
}

}  // namespace exo
