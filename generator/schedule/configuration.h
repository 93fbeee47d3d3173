// How steps name configuration fields and the statements that set them.
#pragma once

#include "schedule/schedule.h"

namespace exo {

/// The field of that name, or Rejected.
Sym one_field(const Schedule& s, const Text& name);

/// Statements that set fields, in program order: of `load.stride`, of a group `load.*`, of all `*`; `#n` takes one of them.
std::vector<Path> find_configures(const Proc& proc, const std::string& name);

/// The same, at least one of them, or Rejected.
std::vector<Path> all_configures(const Proc& proc, const Ref& ref);

}  // namespace exo
