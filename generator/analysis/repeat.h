// What running something once more changes.
#pragma once

#include "analysis/query.h"

namespace exo {

/// Running the block twice in a row is running it once; else the two accesses that show it. What the block writes before it
/// reads it is its own.
std::optional<Conflict> not_idempotent(const Declarations& names, const Facts& facts, const Block& block);

/// Any iteration of the loop may run again after any others; else the two accesses that show it.
std::optional<Conflict> not_recomputable(const Declarations& names, const Facts& around, const For& loop);

/// The first pair of accesses, one of each list, that touch one element which one of them changes: no two threads may do both.
std::optional<Conflict> collision(const Facts& facts, const std::vector<Access>& a, const std::vector<Access>& b);

/// What the bounds of a loop, or the condition of an `if`, read.
std::vector<Access> head_accesses(const Declarations& names, const StmtRef& statement);

}  // namespace exo
