// parallel: iterations of a loop may run at the same time.
//
//     { parallel = "i" }
//
//     for i in seq(0, n):
//         x[i] = 0.0
//   =>
//     for i in par(0, n):
//         x[i] = 0.0
//
// No iteration may write or update what another one touches. Proved again on the final program, wherever the loop stands.
#include <fmt/format.h>

#include "ir/build.h"
#include "schedule/primitives.h"
#include "schedule/spelling.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref loop;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) { parallel(rw, one_loop(rw.before(), args.loop)); });
}

}  // namespace

void parallel(Rewrite& rw, const Path& path) {
  Spelling(rw, "parallel").about(path);
  const For& loop = rw.loop(path);
  rw.prove_none(race(rw.names(), rw.facts(path), loop),
                {"parallel-race", fmt::format("iterations of `{}` cannot run at the same time", loop.iter.name()), path,
                 "this loop"});
  For next = loop;
  next.order = Order::Parallel;
  rw.edit.update(path, [&](const StmtRef& s) { return with_node(s, next); });
}

VERB(parallel) {
  return make_verb("parallel", Kind::Primitive, "iterations of a loop may run at the same time",
                   Signature<Args>().verb("parallel", &Args::loop, "loop", "the loop"), run);
}

}  // namespace exo
