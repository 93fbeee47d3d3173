// drop_dead: an `if` whose condition is decided, or a loop that never runs, goes.
//
//     { drop_dead = "if#0" }
//
//     assert m < n
//     if m < n + 1:
//         x[m] = 0.0
//     else:
//         x[0] = 1.0
//   =>
//     assert m < n
//     x[m] = 0.0
//
// The condition must be true for all values, or false for all of them; the range of a loop must be empty for all.
#include <fmt/format.h>

#include "ir/build.h"
#include "ir/print.h"
#include "schedule/places.h"
#include "schedule/primitives.h"
#include "schedule/spelling.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref stmt;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) { drop_dead(rw, one_place(rw.before(), args.stmt)); });
}

}  // namespace

void drop_dead(Rewrite& rw, const Path& path) {
  Spelling(rw, "drop_dead").about(path);
  if (const For* loop = as<For>(rw.stmt(path))) {
    rw.prove(le(loop->hi, loop->lo),
             {"drop-dead-runs", fmt::format("`{}` can have iterations", loop->iter.name()), path, "this loop"});
    return rw.edit.splice({path, 1}, {});
  }
  const If* branch = as<If>(rw.stmt(path));
  if (!branch) rw.refuse({"drop-dead-what", "neither an `if` nor a loop", path, "this one"});
  const Facts facts = rw.facts(path);
  if (!evident(facts, branch->cond) && prove(facts, negate(branch->cond)))
    return rw.edit.splice({path, 1}, branch->orelse);
  rw.prove(branch->cond,
           {"drop-dead-undecided",
            fmt::format("`{}` is true for some values and false for others", print(branch->cond)), path, "this one"});
  rw.edit.splice({path, 1}, branch->body);
}

VERB(drop_dead) {
  return make_verb("drop_dead", Kind::Primitive, "an `if` whose condition is decided, or a loop that never runs, goes",
                   Signature<Args>().verb("drop_dead", &Args::stmt, "statement", "the `if` or loop"), run);
}

}  // namespace exo
