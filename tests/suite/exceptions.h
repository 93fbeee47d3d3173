// What the checks of the suite let pass, each with its reason.
#pragma once

#include <map>
#include <set>
#include <string>

namespace exo::testing {

/// Codes of diagnostics that no test can reach, or need none.
inline const std::map<std::string, std::string> kUntestedCodes = {
    {"emit-hole", "unification gives a template's `.ptr` to what C can address only"},
    {"emit-variants", "takes a recipe of 65 variants"},
    {"expand-differs", "the flat list is run to be sure; no schedule is known that it would not repeat"},
    {"expand-dim-index", "an expression of a recipe knows only what is bound around the allocation"},
    {"fault", "a fault of the generator is no refusal"},
    {"producer-control", "the language has no control that depends on data"},
    {"prefetch-acts", "takes a target whose prefetch writes"},
    {"target-contradicts", "takes a compiler and a machine: target.faults has it"},
    {"check-target", "a command, not a code"},
    {"schedule", "a warning, not a refusal: ops.warning_is_told has it"},
};

/// Files that speak of paths such as /tmp on purpose.
inline const std::set<std::string> kMachinePaths = {};

}  // namespace exo::testing
