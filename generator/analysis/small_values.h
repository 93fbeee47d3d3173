// Refutation by trial: most claims that are wrong fail for very small numbers.
#pragma once

#include "analysis/solver.h"

namespace exo {

/// Values that satisfy all facts and not the claim, the smallest ones: none is further from zero than must be, and the older a variable
/// is, the sooner it gets the first that fits of 0, 1, -1, 2, -2 ... Strides of buffers are tried too, but are no part of it. Nothing
/// where there are none among the few that are tried.
std::optional<Witness> small_counterexample(const Exprs& facts, const ExprRef& claim);

/// Are there any? Truth values are tried too.
bool fails_for_small_values(const Exprs& facts, const ExprRef& claim);

}  // namespace exo
