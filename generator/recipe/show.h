// Schedules as text: the program after each step, and what each step changed.
#pragma once

#include "recipe/build.h"

namespace exo {

/// The program after every verb that ran, each under its step.
std::string every_step(const ScheduledVariant& variant);

/// The lines that each verb changed.
std::string every_change(const ScheduledVariant& variant);

/// The schedule without ops and control, as a section of a recipe; it gives the identical program.
std::string flat_schedule(const ScheduledVariant& variant);

}  // namespace exo
