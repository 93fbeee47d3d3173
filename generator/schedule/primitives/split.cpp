// split: run a loop in blocks of a constant number of iterations.
//
//     { split = "i", by = 4, tail = "exact", as = ["io", "ii"] }
//
//     for i in seq(0, 16):
//         C[i] = A[i]
//   =>
//     for io in seq(0, 4):
//         for ii in seq(0, 4):
//             C[4*io + ii] = A[4*io + ii]
//
// The loop may begin anywhere. What is left over is, by `tail`:
//   clamp      the last block is shorter: the inner extent is a minimum
//   guard      every block is whole, the body runs under `if`
//   cut        a second loop runs the remainder; the copies are called `main` and `tail`
//   cut_guard  the same, under `if` there is a remainder
//   exact      nothing: `by` must divide the length for every size
//   overlap    the last block begins early, so that some iterations run twice: the length must be at least `by` (or zero), and to run
//              any iteration again, after any others, must change nothing
#include "schedule/primitives.h"

#include <fmt/format.h>

#include "analysis/repeat.h"
#include "ir/build.h"
#include "ir/print.h"
#include "schedule/labels.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref loop;
  int64_t by = 0;
  Tail tail = Tail::Clamp;
  std::vector<Text> as;
};

/// A loop over [0, extent) with the label of the loop that it descends from.
StmtRef loop_over(const StmtRef& from, Sym iter, const ExprRef& extent, Block body, Order order) {
  Label label = loop_label(from->label, iter.name());
  return stmt(For{iter, num(0), extent, std::move(body), order}, std::move(label));
}

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Path path = one_loop(rw.before(), args.loop);
    const std::string name = rw.stmt(path)->label.name;
    for (const Text& t : args.as) check_loop_name(t);
    if (!args.as.empty() && args.as.size() != 2)
      rw.refuse({"split-names",
                 fmt::format("`as` names the outer and the inner loop, here are {} names", args.as.size()), path,
                 "this loop"});
    split(rw, path, args.by, args.tail, args.as.empty() ? name + "_o" : args.as[0].chars,
          args.as.empty() ? name + "_i" : args.as[1].chars);
  });
}

}  // namespace

Halves split(Rewrite& rw, const Path& path, int64_t by, Tail tail, const std::string& outer_name,
             const std::string& inner_name) {
  const StmtRef old = rw.stmt(path);
  const For& loop = rw.loop(path);
  if (by < 1 || by > INT32_MAX)  // larger ones would leave 64 bits where they meet a size
    rw.refuse(
        {"split-by", fmt::format("a block of {} iterations", by), path, "this loop", {"`by` is from 1 to 2147483647"}});
  const Sym outer = Sym::fresh(outer_name), inner = Sym::fresh(inner_name);
  // A range that runs backwards has no iterations; `n` must not be negative where it is divided.
  ExprRef n = loop.hi - loop.lo;
  if (!evident(rw.facts(path), le(loop.lo, loop.hi))) n = max_of(num(0), n);
  const ExprRef step = num(by) * var(outer) + var(inner);
  const auto body_at = [&](const ExprRef& i) { return substitute(loop.body, {{loop.iter, loop.lo + i}}); };
  const auto nest = [&](const ExprRef& blocks, const ExprRef& extent, Block body) {
    Stmt blocks_of = *old;  // the inner loop walks the dimension, so it keeps the name for that
    blocks_of.label.alias.clear();
    const StmtRef like = std::make_shared<const Stmt>(std::move(blocks_of));
    return loop_over(like, outer, blocks, {loop_over(old, inner, extent, std::move(body), Order::Sequential)},
                     loop.order);
  };

  switch (tail) {
    case Tail::Exact:
      rw.prove(eq(n % by, num(0)), {"split-tail",
                                    fmt::format("the length `{}` is not a multiple of {}", print(n), by),
                                    path,
                                    "this loop",
                                    {"leave a tail: `tail = \"cut\"`, `\"clamp\"` or `\"guard\"`"}});
      rw.edit.splice({path, 1}, {nest(n / by, num(by), body_at(step))});
      break;
    case Tail::Clamp:
      rw.edit.splice({path, 1}, {nest(ceil_div(n, by), min_of(num(by), n - num(by) * var(outer)), body_at(step))});
      break;
    case Tail::Guard: {
      Label label{"if", "", "", "", old->label.copies};
      rw.edit.splice({path, 1}, {nest(ceil_div(n, by), num(by), {stmt(If{lt(step, n), body_at(step), {}}, label)})});
      break;
    }
    case Tail::Cut:
    case Tail::CutGuard: {
      const Sym rest = Sym::fresh(inner_name);
      const Block tail_body = freshen(substitute(loop.body, {{loop.iter, loop.lo + (num(by) * (n / by) + var(rest))}}));
      Block tail_part = as_copy({loop_over(old, rest, n % by, tail_body, loop.order)}, "tail");
      if (tail == Tail::CutGuard)
        tail_part = {stmt(If{lt(num(0), n % by), tail_part, {}}, Label{"if", "", "", "", {"tail"}})};
      Block both = as_copy({nest(n / by, num(by), body_at(step))}, "main");
      both.insert(both.end(), tail_part.begin(), tail_part.end());
      rw.edit.splice({path, 1}, both);
      break;
    }
    case Tail::Overlap: {
      rw.prove(any_of({le(n, num(0)), le(num(by), n)}),
               {"split-overlap-short",
                fmt::format("the length `{}` can be less than one block of {}", print(n), by),
                path,
                "this loop",
                {"assert that it is not, give the variant a `when`, or use another tail"}});
      rw.prove_none(not_recomputable(rw.names(), rw.facts(path), loop),
                    {"split-overlap",
                     "with `overlap` some iterations run twice, which changes the result here",
                     path,
                     "this loop",
                     {"use `tail = \"cut\"` or `tail = \"clamp\"`"}});
      const ExprRef begin = min_of(num(by) * var(outer), n - num(by));
      rw.edit.splice({path, 1}, {nest(ceil_div(n, by), num(by), body_at(begin + var(inner)))});
      break;
    }
  }
  return {outer, inner};
}

VERB(split) {
  return make_verb("split", Kind::Primitive, "run a loop in blocks of a constant number of iterations",
                   Schema<Args>()
                       .verb("split", &Args::loop, "loop", "the loop to split")
                       .required("by", &Args::by, "int", "iterations of the inner loop, at least 1")
                       .choice("tail", &Args::tail,
                               {{"clamp", Tail::Clamp},
                                {"cut", Tail::Cut},
                                {"cut_guard", Tail::CutGuard},
                                {"guard", Tail::Guard},
                                {"exact", Tail::Exact},
                                {"overlap", Tail::Overlap}},
                               "what happens to the remainder [clamp]")
                       .optional("as", &Args::as, "names", "names of the outer and the inner loop [i_o, i_i]"),
                   run);
}

}  // namespace exo
