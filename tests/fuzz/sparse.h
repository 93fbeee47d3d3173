// Random programs whose control is decided by elements: sparse matrices, tables of indices, conditions on what was computed.
#pragma once

#include "fuzz/programs.h"

namespace exo::testing {

RandomProgram random_sparse(Random& random);

}  // namespace exo::testing
