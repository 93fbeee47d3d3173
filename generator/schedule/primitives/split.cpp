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
// A third name is that of a remainder, which is called as the inner loop is otherwise. The loop may begin anywhere. What is left over is, by `tail`:
//   clamp      the last block is shorter: the inner extent is a minimum
//   guard      every block is whole, the body runs under `if`
//   cut        a second loop runs the remainder; the copies are called `main` and `tail`
//   cut_guard  the same, under `if` there is a remainder
//   exact      nothing: `by` must divide the length for every size
//   overlap    the last block begins early, so that some iterations run twice: the length must be at least `by` (or zero), and to run
//              any iteration again, after any others, must change nothing
#include "schedule/primitives.h"

#include <algorithm>

#include <fmt/format.h>

#include "analysis/repeat.h"
#include "ir/build.h"
#include "ir/print.h"
#include "schedule/labels.h"
#include "schedule/spelling.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref loop;
  int64_t by = 0;
  Tail tail = Tail::Clamp;
  std::vector<Text> as;
};

const std::vector<std::pair<std::string, Tail>> kTails = {{"clamp", Tail::Clamp},        {"cut", Tail::Cut},
                                                          {"cut_guard", Tail::CutGuard}, {"guard", Tail::Guard},
                                                          {"exact", Tail::Exact},        {"overlap", Tail::Overlap}};

std::string word(Tail tail) {
  return std::find_if(kTails.begin(), kTails.end(), [&](const auto& t) { return t.second == tail; })->first;
}

/// A loop over [0, extent) with the label of the loop that it descends from.
StmtRef loop_over(const Label& from, Sym iter, const ExprRef& extent, Block body, Order order) {
  return stmt(For{iter, num(0), extent, std::move(body), order}, loop_label(from, iter.name()));
}

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Path path = one_loop(rw.before(), args.loop);
    const std::string name = rw.stmt(path)->label.name;
    for (const Text& t : args.as) check_loop_name(t);
    if (!args.as.empty() && args.as.size() != 2 && args.as.size() != 3)
      rw.refuse(
          {"split-names",
           fmt::format("`as` names the outer loop, the inner one and the remainder, here are {} names", args.as.size()),
           path, "this loop"});
    split(rw, path, args.by, args.tail, args.as.empty() ? name + "_o" : args.as[0].chars,
          args.as.empty() ? name + "_i" : args.as[1].chars, args.as.size() < 3 ? "" : args.as[2].chars);
  });
}

}  // namespace

Halves split(Rewrite& rw, const Path& path, int64_t by, Tail tail, const std::string& outer_name,
             const std::string& inner_name, const std::string& rest_name) {
  const StmtRef old = rw.stmt(path);
  const For& loop = rw.loop(path);
  if (by < 1 || by > INT32_MAX)  // larger ones would leave 64 bits where they meet a size
    rw.refuse(
        {"split-by", fmt::format("a block of {} iterations", by), path, "this loop", {"`by` is from 1 to 2147483647"}});
  std::vector<std::string> names = {outer_name, inner_name};
  if (!rest_name.empty()) names.push_back(rest_name);
  Spelling(rw, "split").about(path).key("by", by).key("tail", word(tail)).key("as", names);
  const Sym outer = Sym::fresh(outer_name), inner = Sym::fresh(inner_name);
  // A range that runs backwards has no iterations; `n` must not be negative where it is divided.
  ExprRef n = loop.hi - loop.lo;
  if (!evident(rw.facts(path), le(loop.lo, loop.hi))) n = max_of(num(0), n);
  const ExprRef step = num(by) * var(outer) + var(inner);
  const auto body_at = [&](const ExprRef& i) { return substitute(loop.body, {{loop.iter, loop.lo + i}}); };
  const bool stays = outer_name == old->label.name;  // then the outer loop is the old one to all who name it
  const auto nest = [&](const ExprRef& blocks, const ExprRef& extent, Block body) {
    Label of_blocks = old->label, of_block = old->label;
    (stays ? of_block : of_blocks).alias.clear();  // else the inner one walks the dimension
    if (stays) of_block.nest.clear(), of_block.marks.clear();
    StmtRef block = loop_over(of_block, inner, extent, std::move(body), Order::Sequential);
    return loop_over(of_blocks, outer, blocks, {std::move(block)}, loop.order);
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
      const Sym rest = Sym::fresh(rest_name.empty() ? inner_name : rest_name);
      const Block tail_body = freshen(substitute(loop.body, {{loop.iter, loop.lo + (num(by) * (n / by) + var(rest))}}));
      Block tail_part = as_copy({loop_over(old->label, rest, n % by, tail_body, loop.order)}, "tail");
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
  return make_verb(
      "split", Kind::Primitive, "run a loop in blocks of a constant number of iterations",
      Signature<Args>()
          .verb("split", &Args::loop, "loop", "the loop to split")
          .required("by", &Args::by, "int", "iterations of the inner loop, at least 1")
          .choice("tail", &Args::tail, kTails, "what happens to the remainder [clamp]")
          .optional("as", &Args::as, "names",
                    "names of the outer and the inner loop [i_o, i_i], and of the remainder [as the inner one]"),
      run);
}

}  // namespace exo
