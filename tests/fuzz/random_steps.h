// Random steps for a program: most of them fit it, some are silly.
#pragma once

#include <string>

#include "fuzz/random.h"
#include "schedule/verb.h"

namespace exo::testing {

/// One step as a recipe has it, for the verb of that name.
std::string random_step(Random& random, const std::string& verb, const Proc& proc, const Target& target);

/// A verb that has something to do here, more often than not.
std::string random_verb(Random& random, const Proc& proc);

}  // namespace exo::testing
