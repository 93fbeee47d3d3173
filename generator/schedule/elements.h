// Which element type decides how many lanes a loop runs in.
#pragma once

#include "analysis/query.h"

namespace exo {

/// The widest element type that the statements touch or convert to: a vector has the fewest lanes of it. `f32` where they touch
/// no data.
Scalar widest_element(const Declarations& names, const Block& block);

}  // namespace exo
