// Scheduled programs to C. Decides nothing: a choice about the generated code belongs to a primitive or a target file.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ir/ir.h"
#include "target/target.h"

namespace exo {

/// A kernel for one target, ready to be written.
struct EmitVariant {
  std::string name;
  ProcRef proc;
  TargetRef target;
  ExprRef when;           // over the control parameters of the kernel; null: always
  bool emulated = false;  // plain C in place of the target's instructions (emulate.h)
  Sym length = {};        // a variable of `proc`: how many units a vector has; none where that is known
};

/// A kernel with its variants in the order in which they are tried; the last one is `portable`.
struct EmitKernel {
  std::string name;
  std::string brief;
  std::string recipe;  // file name of the recipe, without directory
  ProcRef algorithm;
  std::vector<EmitVariant> variants;
  std::vector<std::string> inputs;  // recipe and imports, relative to the recipe's directory
};

/// Contents of all files by name: NAME.h, NAME.<variant>.c, NAME.dispatch.c, NAME.json. The same input gives the same bytes.
/// Throws Rejected where a program cannot be emitted: an unknown memory, a register buffer whose innermost extent is not the
/// memory's, an element of an instruction-only memory touched by plain C, a stack buffer of symbolic extent.
std::map<std::string, std::string> emit(const EmitKernel& kernel);

}  // namespace exo
