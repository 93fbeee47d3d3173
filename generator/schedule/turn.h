// The bounds of two loops that change places, where those of the inner one move with the outer one.
#pragma once

#include <optional>

#include "analysis/linear.h"

namespace exo {

struct TurnedBounds {
  ExprRef outer_lo, outer_hi;  // of the loop that was inside
  ExprRef inner_lo, inner_hi;  // of the loop that was outside, for each iteration of the other
};

/// Nothing where the bounds are not minima, maxima (of the kind that narrows the range) and multiples of the outer iterator. That
/// both nests have the same iterations is for the caller to prove.
std::optional<TurnedBounds> turned_bounds(const For& outer, const For& inner, const Intervals& known);

}  // namespace exo
