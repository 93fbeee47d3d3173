// When two data expressions have the same value.
#pragma once

#include "analysis/query.h"

namespace exo {

/// Do `a` and `b`, computed in `type`, have the same value wherever the facts hold? False where that is not shown.
///
/// Integers wrap at the width of their type, so sums and products are polynomials modulo that. Floats are what the contract says:
/// under `reassociate` the same signed products are added, in any order and grouping, and none is dropped; under `exact` the two
/// sides of one `+` or `*` may change places and nothing else. Which of two values that are no number comes out is no part of the
/// value of a float. Division, remainders, functions and conversions stay what they are, over operands of the same value.
bool same_value(const ExprRef& a, const ExprRef& b, Scalar type, const Declarations& names, const Facts& facts,
                Contract contract);

}  // namespace exo
