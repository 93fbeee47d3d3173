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
  std::vector<std::string> inputs;       // recipe and imports, relative to the recipe's directory
  std::vector<std::string> absent = {};  // files that would have been imported first, had they been there
  enum Choice { WhenRun, WhenBuilt } choice = WhenRun;  // WhenBuilt: the variants are called without asking the CPU
  std::string report = {};                              // NAME.report.md; none where it is empty
  bool exact = false;                                   // the order of sums of floats is a part of the meaning
  TargetRef plain =
      {};  // the one without hardware, in whose C the algorithm is what NAME.test.c compares with; null: no tests
};

/// Contents of all files by name: NAME.h, NAME.<variant>.c, NAME.dispatch.c, NAME.json, and NAME.report.md and NAME.test.c where they
/// are asked for.
/// The same input gives the same bytes. NAME.dispatch.c goes without a variant whose file is not compiled where
/// EXO_WITHOUT_<variant> is defined.
/// Throws Rejected where a program cannot be emitted: an unknown memory, a register buffer whose innermost extent is not the
/// memory's, an element of an instruction-only memory touched by plain C, a stack buffer of symbolic extent.
std::map<std::string, std::string> emit(const EmitKernel& kernel);

/// NAME.json alone, which does not depend on what the programs are.
std::map<std::string, std::string> emit_manifest(const EmitKernel& kernel);

}  // namespace exo
