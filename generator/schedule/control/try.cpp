// try: runs steps; where one of them is refused, the program stays as it was, and others run instead.
//
//     { try = [ { vectorize = "j", tail = "overlap" } ], else = [ { vectorize = "j" } ] }
//
// A misspelt key or an unknown param is a mistake, no refusal, and is told. The report says which side was taken, and why.
#include <fmt/format.h>

#include "schedule/control.h"

namespace exo {
namespace {

struct Args {
  StepList steps;
  std::optional<StepList> otherwise;
};

void run(Runner& runner, const Args& args) {
  const auto refused = runner.attempt([&] { runner.inside(args.steps, "`try`"); });
  if (!refused) return runner.remark(Remark::Taken, "`try` went well");
  const std::string why = refused->problems.front().message;
  runner.remark(Remark::Taken, fmt::format("`{}` was taken: {}", args.otherwise ? "else" : "try` without `else", why));
  if (args.otherwise) runner.inside(*args.otherwise, "`else`");
}

}  // namespace

CONTROL(try) {
  return make_control("try", "runs steps, and others where one of them is refused",
                      Signature<Args>()
                          .verb("try", &Args::steps, "steps", "the steps")
                          .optional("else", &Args::otherwise, "steps", "what runs instead [nothing]"),
                      run);
}

}  // namespace exo
