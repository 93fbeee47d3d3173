// Programs of the shapes that kernels have, with random parts: what vectorize, map and stage are for.
#pragma once

#include "fuzz/programs.h"

namespace exo::testing {

RandomProgram random_shape(Random& random);

/// Programs with configuration state, for a target that has some (configured.cpp).
RandomProgram random_configured(Random& random);

}  // namespace exo::testing
