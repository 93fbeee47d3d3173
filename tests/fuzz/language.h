// Random programs over the whole language: every element type, windows with strides as arguments and as names for parts, calls,
// branches, parallel loops, memories, every operation and function. Well-typed by construction, in bounds by construction.
#pragma once

#include <string>

#include "fuzz/random.h"

namespace exo::testing {

/// Procedures as text; the last one is called `name`.
std::string random_language_program(Random& random, const std::string& name);

}  // namespace exo::testing
