// Copies of a loop's iterations side by side: what `interleave` and `unroll_and_jam` share.
#pragma once

#include "schedule/schedule.h"

namespace exo {

enum class Jam : uint8_t {
  Statements,  // the copies of each statement stand together
  Nests        // inside of inner loops too
};

/// Splits the loop by `by`, takes the inner loop apart by its statements, and unrolls what comes out.
void jam(Schedule& s, Sym loop, int64_t by, bool exact, Jam depth);

}  // namespace exo
