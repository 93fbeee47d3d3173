// Texts a little beside what they should be.
#pragma once

#include <string>
#include <vector>

#include "fuzz/random.h"

namespace exo::testing {

/// One of the texts with some changes: bytes, words and lines dropped, doubled, swapped or taken from another text.
std::string mutated(const std::vector<std::string>& texts, Random& random);

}  // namespace exo::testing
