// Random steps of the verbs that change expressions, writes and the loops around them.
#pragma once

#include <string>

#include "fuzz/random.h"
#include "ir/ir.h"

namespace exo::testing {

/// One step; empty if the verb is another one's.
std::string expression_step(Random& random, const std::string& verb, const Proc& proc);

/// Verbs of these that have something to do here, each as often as it should be tried.
std::vector<std::string> expression_verbs(const Proc& proc);

}  // namespace exo::testing
