// Counterexamples are run before they are shown.
#pragma once

#include "schedule/rewrite.h"

namespace exo {

/// What running the programs before and after a refused rewrite showed.
struct Replay {
  bool confirmed = false;
  Witness witness;                 // that of the failure, or other sizes where that one showed nothing
  std::vector<std::string> notes;  // what happened there
};

/// Runs both programs on the sizes of the failure's witness: the two accesses of a conflict must meet, or the second program
/// must stop or give another result. Where nothing is seen, some other small sizes are tried.
Replay replay(const Failure& failure, const ProcRef& before, const ProcRef& after);

/// "reads `x[n - i - 1]`": an access in the words of the program.
std::string described(const Access& access);

}  // namespace exo
