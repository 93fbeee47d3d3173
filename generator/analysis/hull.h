// The smallest box around the elements of a buffer that a block touches.
#pragma once

#include <optional>

#include "analysis/access.h"

namespace exo {

/// One dimension of a box: [lo, lo + extent).
struct Side {
  ExprRef lo, extent;
};

/// The box around all these accesses of one buffer, in terms of what is bound outside of the block. Nothing where an index is not
/// simple enough. It is a proposal: who uses it proves that each access is inside.
std::optional<std::vector<Side>> hull(const Facts& facts, const std::vector<Access>& accesses);

}  // namespace exo
