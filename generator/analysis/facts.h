// What holds where.
#pragma once

#include "analysis/solver.h"
#include "ir/path.h"

namespace exo {

/// What a procedure may rely on before any assertion: sizes are not negative.
Facts size_facts(const Proc& proc);

/// What a procedure may rely on at entry: sizes are not negative, its assertions hold.
Facts entry_facts(const Proc& proc);

/// What holds just before the statement at `path` runs: at entry, plus the loops and conditions around it.
/// With an empty path: at entry.
Facts facts_at(const Proc& proc, const Path& path);

/// The same, inside the body of the loop at `path`.
Facts facts_inside(const Proc& proc, const Path& path);

}  // namespace exo
