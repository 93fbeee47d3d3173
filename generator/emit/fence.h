// Where plain C has to wait for instructions that run beside it.
#pragma once

#include <set>

#include "ir/ir.h"
#include "target/target.h"

namespace exo {

/// Statements in front of which, and behind which, the `fence` of the target stands. Instructions read and write ordinary memory
/// some time after they were issued; those that write do so in their order. No access meets one that is under way where either
/// writes, and nothing is under way when a buffer on the stack goes or when the procedure ends. Whole buffers are told apart.
struct Fences {
  std::set<const Stmt*> before, behind;
  bool at_end = false;
};
Fences fences(const Proc& proc, const Target& target);

/// Does it call an instruction of the target, itself or in a procedure that it calls?
bool calls_instructions(const Block& block, const Target& target);

}  // namespace exo
