// Further names that recipes give to loops and statements.
#pragma once

#include "schedule/schedule.h"

namespace exo {

/// These loops and statements are called `name` as well from now on; what was called so before is not.
void mark(Schedule& s, const std::vector<Path>& places, const std::string& name);

/// Loops, statements, or allocations of buffers that a reference means; at least one, or Rejected.
std::vector<Path> markable(const Proc& proc, const Ref& what);

}  // namespace exo
