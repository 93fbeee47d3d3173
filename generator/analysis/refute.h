// Cheap linear reasoning: enough for most questions, and never wrong when it says yes.
#pragma once

#include "analysis/solver.h"

namespace exo {

/// True if no integers satisfy all `facts` and `goal`; false also where it cannot tell. The goal is where the search begins.
bool infeasible(const Exprs& facts, const ExprRef& goal, const Intervals& known);

}  // namespace exo
