// The reference of steps, made from the registry: for people, and for editors.
#pragma once

#include "recipe/recipe.h"

namespace exo {

/// All verbs, controls and functions, a line each; ops of these files as well.
std::string manual(const std::vector<const Recipe*>& recipes);

/// One verb, control or op (`lib.gemm`): what it is, its keys, and what its own file says of it. Rejects what there is not.
std::string manual(const std::string& name, const std::vector<const Recipe*>& recipes);

/// JSON Schema (draft 7) of recipe files.
std::string recipe_schema();

}  // namespace exo
