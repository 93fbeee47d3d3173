// Programs about expressions and writes: what inline_assign, merge_writes, lift_constant and their like are for.
#pragma once

#include "fuzz/programs.h"

namespace exo::testing {

RandomProgram random_writes(Random& random);

}  // namespace exo::testing
