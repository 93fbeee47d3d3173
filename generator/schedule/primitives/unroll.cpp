// unroll: a loop of constant length becomes copies of its body.
//
//     { unroll = "i" }
//
//     for i in seq(0, 3):
//         x[i] = 0.0
//   =>
//     x[0] = 0.0
//     x[1] = 0.0
//     x[2] = 0.0
//
// The length must be the same constant for every size. Acts on every match, innermost first.
#include <fmt/format.h>

#include "analysis/linear.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/primitives.h"
#include "schedule/spelling.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  std::vector<Ref> loops;
  int64_t max = 64;
};

void run(Schedule& s, const Args& args) {
  for (const Ref& ref : args.loops) {
    std::vector<Sym> targets;
    for (const Path& p : all_loops(s.now(), ref)) targets.push_back(as<For>(stmt_at(s.now(), p))->iter);
    for (auto iter = targets.rbegin(); iter != targets.rend(); ++iter)  // inner loops stand behind outer ones
      if (binder(s.now(), *iter))  // else it had no iterations, and went when another one was unrolled
        s.apply([&](Rewrite& rw) { unroll(rw, *binder(rw.before(), *iter), args.max); });
  }
}

}  // namespace

void unroll(Rewrite& rw, const Path& path, int64_t max) {
  Spelling(rw, "unroll").about(path).key("max", max);
  const For& loop = rw.loop(path);
  const Intervals known = rw.facts(path).known;
  Linear length = linear(loop.hi, known) - linear(loop.lo, known);
  if (const Interval bounds = interval(length, known); bounds.lo && bounds.lo == bounds.hi)  // `n` under `if n == 8`
    length = constant(*bounds.lo);
  if (!length.is_constant())
    rw.refuse({"unroll-length",
               fmt::format("the length of `{}` is `{}`, not a constant", loop.iter.name(), print(expression(length))),
               path,
               "this loop",
               {"`split` it, or `round_up` its length to a constant first"}});
  if (length.constant > max)
    rw.refuse({"unroll-long",
               fmt::format("`{}` has {} iterations, more than {}", loop.iter.name(), length.constant, max),
               path,
               "this loop",
               {fmt::format("say `max = {}` if you mean it", length.constant)}});
  Block copies;
  for (int64_t k = 0; k < length.constant; ++k) {
    Block copy = substitute(loop.body, {{loop.iter, loop.lo + num(k)}});
    if (k > 0) copy = freshen(copy);
    copies.insert(copies.end(), copy.begin(), copy.end());
  }
  rw.edit.splice({path, 1}, copies);
}

VERB(unroll) {
  return make_verb("unroll", Kind::Primitive, "a loop of constant length becomes copies of its body",
                   Signature<Args>()
                       .verb("unroll", &Args::loops, "loops", "the loops, or the nest made by staging")
                       .optional("max", &Args::max, "int", "refuse to make more copies of one loop than this [64]"),
                   run);
}

}  // namespace exo
