// first: of several lists of steps, the first that is not refused.
//
//     { first = [ [ { vectorize = "j", tail = "mask" } ], [ { vectorize = "j" } ] ] }
//
// What a refused one had done is undone. Where all are refused, the refusal of the last is told. The report says which was taken.
#include <fmt/format.h>

#include "schedule/control.h"

namespace exo {
namespace {

struct Args {
  std::vector<StepList> alternatives;
};

void run(Runner& runner, const Args& args) {
  std::vector<std::string> reasons;
  const size_t count = args.alternatives.size();
  for (size_t i = 0; i < count; ++i) {
    const std::string key = fmt::format("alternative {}", i + 1);
    const bool last = i + 1 == count;
    const auto refused = runner.attempt([&] { runner.inside(args.alternatives[i], key); });
    if (!refused) {
      std::string text = fmt::format("alternative {} of {} was taken", i + 1, count);
      for (size_t k = 0; k < reasons.size(); ++k) text += fmt::format("; not {}: {}", k + 1, reasons[k]);
      return runner.remark(Remark::Taken, text);
    }
    reasons.push_back(refused->problems.front().message);
    if (!last) continue;
    Rejected all = *refused;
    for (size_t k = 0; k + 1 < reasons.size(); ++k)
      all.problems.front().note(fmt::format("alternative {} was refused: {}", k + 1, reasons[k]));
    throw all;
  }
}

}  // namespace

CONTROL(first) {
  return make_control(
      "first", "of several lists of steps, the first that is not refused",
      Signature<Args>().verb("first", &Args::alternatives, "alternatives", "lists of steps, best first"), run);
}

}  // namespace exo
