// Types that schedules chose for what the algorithm leaves open.
#pragma once

#include "emit/emit.h"

namespace exo {

/// The entry of a kernel has one type for each argument, so all schedules choose the same for an argument of type R. The algorithm
/// itself, and variants without a schedule, get those types too, and for local buffers the one type that the arguments got.
void choose_precision(EmitKernel& kernel);

}  // namespace exo
