// round_up: run a loop longer than it needs, to a length that is easier to work with.
//
//     { round_up = "t.init.i", to = "8" }
//
//     assert m <= 8
//     t : f32[8]
//     for i in seq(0, m):
//         t[i] = 1.0
//     for i in seq(0, m):
//         x[i] = t[i]
//   =>
//     assert m <= 8
//     t : f32[8]
//     for i in seq(0, 8):
//         t[i] = 1.0
//     for i in seq(0, m):
//         x[i] = t[i]
//
// The extra iterations run for nothing: they must stay inside every buffer, and what they write must be places of a local buffer
// that no statement reads. (With `multiple_of`, the length is rounded up to whole multiples.) Acts on every match.
#include <fmt/format.h>

#include "ir/build.h"
#include "ir/print.h"
#include "schedule/primitives.h"
#include "schedule/spelling.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  std::vector<Ref> loops;
  std::vector<Text> to;
  std::vector<int64_t> multiple_of;
};

void run(Schedule& s, const Args& args) {
  const size_t given = args.to.size() + args.multiple_of.size();
  if ((args.to.empty() == args.multiple_of.empty()) || (given != 1 && given != args.loops.size()))
    reject(Diagnostic{
        "round-up-lengths", "give one length for all loops, or one for each, as `to` or as `multiple_of`", {}, {}, {}}
               .at(args.loops.front().text.span));
  for (size_t i = 0; i < args.loops.size(); ++i) {
    std::vector<Sym> targets;
    for (const Path& p : all_loops(s.now(), args.loops[i])) targets.push_back(as<For>(stmt_at(s.now(), p))->iter);
    for (const Sym target : targets) {
      if (!binder(s.now(), target)) continue;  // it has no iterations
      s.apply([&](Rewrite& rw) {
        const Path path = *binder(rw.before(), target);
        const For& loop = rw.loop(path);
        if (!args.to.empty()) return round_up(rw, path, s.expression(args.to[args.to.size() == 1 ? 0 : i], path));
        const int64_t by = args.multiple_of[args.multiple_of.size() == 1 ? 0 : i];
        if (by < 1) rw.refuse({"round-up-lengths", fmt::format("a multiple of {}", by), path, "this loop"});
        round_up(rw, path, loop.lo + num(by) * ceil_div(loop.hi - loop.lo, by));
      });
    }
  }
}

}  // namespace

void round_up(Rewrite& rw, const Path& path, const ExprRef& to) {
  Spelling(rw, "round_up").about(path).key("to", to);
  const For& loop = rw.loop(path);
  rw.prove(le(loop.hi, to),
           {"round-up-shorter",
            fmt::format("`{}` runs to `{}`, which can be more than `{}`", loop.iter.name(), print(loop.hi), print(to)),
            path, "this loop"});
  For extra = loop;
  extra.lo = max_of(loop.lo, loop.hi);
  extra.hi = to;
  prove_unobserved(rw, path, {with_node(rw.stmt(path), extra)},
                   fmt::format("an extra iteration of `{}`", loop.iter.name()));
  For next = loop;
  next.hi = to;
  rw.edit.update(path, [&](const StmtRef& s) { return with_node(s, next); });
}

VERB(round_up) {
  return make_verb(
      "round_up", Kind::Primitive, "run a loop longer than it needs, for nothing",
      Signature<Args>()
          .verb("round_up", &Args::loops, "loops", "the loops")
          .optional("to", &Args::to, "expressions", "the new upper bound, one for all or one for each")
          .optional("multiple_of", &Args::multiple_of, "ints", "or: the length becomes a multiple of this"),
      run);
}

}  // namespace exo
