// What only Z3 can tell.
#pragma once

#include "analysis/solver.h"

namespace exo {

/// Whether a refutation comes with values; the smallest ones take several questions more.
enum class Witnessed : uint8_t { No, Smallest };

/// Does the claim follow from the facts? `more` follows from them: what it speaks of besides is not part of a counterexample. Effort
/// is limited in units that are the same on every machine, and a question that was asked before is answered from memory.
Verdict ask_z3(const Exprs& facts, const Exprs& more, const ExprRef& claim, Witnessed witnessed);

/// How many questions it was asked since the start of the process.
uint64_t z3_questions();

}  // namespace exo
