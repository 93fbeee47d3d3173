// Random programs of the object language, in bounds by construction.
#pragma once

#include <string>

#include "analysis/query.h"
#include "fuzz/random.h"

namespace exo::testing {

/// A text with one procedure, and the target whose memories it may name.
struct RandomProgram {
  std::string text;
  std::string target;
  Contract contract = Contract::Reassociate;
};

/// Half of them grown freely: nested loops with all sorts of bounds, conditions, local buffers, reductions, indices that are
/// shifted, reversed or strided. The others are shapes that kernels have, with random parts.
RandomProgram random_program(Random& random);

}  // namespace exo::testing
