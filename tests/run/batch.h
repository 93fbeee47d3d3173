// Many kernels in one C file and one program: compiled once, run beside what the interpreter says.
#pragma once

#include <string>
#include <vector>

#include "emit/emit.h"
#include "ir/interpret.h"
#include "run/c_harness.h"

namespace exo::testing {

/// A kernel, what to call it with, and what must come out.
struct Trial {
  EmitKernel kernel;   // its name is unlike that of every other one of the batch
  size_t variant = 0;  // that is called where the entry is not
  bool entry = true;   // through the function that checks arguments and chooses
  std::string text;    // how to see it again, for a report
  std::vector<Arguments> inputs, expected;
  bool exact = true;         // all bits; else floats may differ where sums are large enough to round
  std::string inexact = {};  // a parameter that the C library computes: a few units off
};

/// Compiles all trials as one C file with the flags, runs them with buffers that end, and begin, at unreadable pages, and
/// compares every byte, those between the elements of windows included. Empty if all is well; else what the compiler or the
/// program said, or which elements differ in the first trials that do.
std::string run_batch(const std::vector<Trial>& trials, const Compiler& compiler, const std::string& directory);

}  // namespace exo::testing
