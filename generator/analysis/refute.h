// Cheap linear reasoning: enough for most questions, and never wrong when it says yes.
#pragma once

#include "analysis/solver.h"

namespace exo {

/// True if no integers satisfy all `conditions`; false also where it cannot tell.
bool infeasible(const Exprs& conditions, const Intervals& known);

}  // namespace exo
