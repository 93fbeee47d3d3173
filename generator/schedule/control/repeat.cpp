// repeat: runs steps again and again, until one of them is refused.
//
//     { repeat = [ { fuse_nest = ["loops(x.store)#0", "loops(x.store)#1"], as = "f" } ], max = 4 }
//
// What the round that was refused had done is undone. It ends as well where a round changes nothing, and after `max` rounds.
#include <fmt/format.h>

#include "ir/walk.h"
#include "schedule/control.h"

namespace exo {
namespace {

struct Args {
  StepList steps;
  int64_t max = 100;
};

void run(Runner& runner, const Args& args) {
  int64_t rounds = 0;
  std::string reason = "`max` is reached";
  for (; rounds < args.max; ++rounds) {
    const ProcRef before = runner.schedule().proc();
    if (const auto refused = runner.attempt([&] { runner.inside(args.steps, "`repeat`"); })) {
      reason = refused->problems.front().message;
      break;
    }
    if (equal(*before, runner.schedule().now())) {
      reason = "nothing changes any more";
      break;
    }
  }
  runner.remark(Remark::Taken, fmt::format("`repeat` ran {} time{}: {}", rounds, rounds == 1 ? "" : "s", reason));
}

}  // namespace

CONTROL(repeat) {
  return make_control("repeat", "runs steps again and again, until one of them is refused",
                      Signature<Args>()
                          .verb("repeat", &Args::steps, "steps", "the steps")
                          .optional("max", &Args::max, "int", "rounds at most [100]"),
                      run);
}

}  // namespace exo
