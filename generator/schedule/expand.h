// A schedule as a flat list of primitives, without ops, control and composites, which gives the identical program.
#pragma once

#include "schedule/engine.h"

namespace exo {

/// The steps, each as a line of TOML. The list is run on the algorithm before it is given: what comes out is identical, labels
/// included, or it is refused (`expand-differs`).
std::vector<std::string> expand(const ProcRef& algorithm, const Context& context, const Scheduled& done);

}  // namespace exo
