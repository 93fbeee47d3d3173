// What the end of a schedule does by itself.
#pragma once

#include "schedule/schedule.h"

namespace exo {

/// Lanes in registers that no step has mapped become instructions, where the target has them: C could not run them as they stand.
/// Then iterators that have one value become numbers, so that a register is seen to be a whole one.
ProcRef finish(const ProcRef& proc, const Context& context);

}  // namespace exo
