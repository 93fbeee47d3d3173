// What the parts that calls get, and those that have names, reach, whether or not anything there is touched.
#pragma once

#include "ir/check.h"

namespace exo {

/// The block with loops in front of each call and behind each name of a part that read every element of the part: for questions
/// about what must have a place, not to be run.
Block with_reach(const Declarations& names, const Block& block);

}  // namespace exo
