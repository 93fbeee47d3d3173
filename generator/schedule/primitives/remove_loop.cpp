// remove_loop: a loop that does the same again and again runs once.
//
//     { remove_loop = "i" }
//
//     for i in seq(0, n):
//         x[0] = y[0]
//   =>
//     if 0 < n:
//         x[0] = y[0]
//
// The body must not depend on the iterator, and running it twice must be running it once. Where the loop always has an iteration,
// no condition is left.
#include <fmt/format.h>

#include "analysis/repeat.h"
#include "ir/build.h"
#include "ir/walk.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref loop;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) { remove_loop(rw, one_loop(rw.before(), args.loop)); });
}

}  // namespace

void remove_loop(Rewrite& rw, const Path& path) {
  const StmtRef old = rw.stmt(path);
  const For& loop = rw.loop(path);
  if (mentions(loop.body, loop.iter))
    rw.refuse({"remove-loop-depends", fmt::format("the body of `{0}` depends on `{0}`", loop.iter.name()), path,
               "this loop"});
  Facts inside = rw.facts(path);
  inside.add(lt(loop.lo, loop.hi));
  Facts twice = inside;
  twice.add(lt(loop.lo + num(1), loop.hi));
  rw.prove_none(not_idempotent(rw.names(), twice, loop.body),
                {"remove-loop-repeats", "to run the body once is not to run it again and again", path, "this loop"});
  const ExprRef runs = lt(loop.lo, loop.hi);
  if (prove(rw.facts(path), runs)) return rw.edit.splice({path, 1}, loop.body);
  rw.edit.splice({path, 1}, {stmt(If{runs, loop.body, {}}, Label{"if", "", "", "", old->label.copies})});
}

VERB(remove_loop) {
  return make_verb("remove_loop", Kind::Primitive, "a loop that does the same again and again runs once",
                   Signature<Args>().verb("remove_loop", &Args::loop, "loop", "the loop"), run);
}

}  // namespace exo
