// How many units of a memory are in use at a place.
#pragma once

#include <optional>

#include "ir/path.h"
#include "target/target.h"

namespace exo {

/// Units of the memory, by name or by role, that hold values at once: the most at any point of the statement at `path` (of the
/// whole procedure where that is empty). A buffer counts from its allocation to the last statement of that block which mentions it.
/// Nothing where an extent is no constant.
std::optional<int64_t> units_live(const Proc& proc, const Target& target, const Path& path, const std::string& memory);

}  // namespace exo
