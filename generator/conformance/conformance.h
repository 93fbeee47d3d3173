// Does the C of a target do what its specifications say? Every instruction is run beside its specification.
//
//     Target -> bench (one program in the object language that calls every instruction on operands of its own)
//            -> emitted twice, with the C of the instructions and with C made of their specifications
//            -> a main program that runs both on the same operands and compares every byte
#pragma once

#include <string>
#include <vector>

#include "emit/emit.h"

namespace exo {

/// An operand of the bench: a dense array that instructions of the same shape share.
struct Operand {
  Sym name;
  Scalar type;
  std::vector<int64_t> shape;  // there is memory for it
  Exprs extents;               // what the program takes it for: no more elements
  bool leads = false;          // it is an index tensor, which nothing writes
};

/// The elements of an index tensor, for each setting: so many of them, at its beginning and `step` apart.
struct Leading {
  size_t operand;
  int64_t count, step;
  std::vector<int64_t> elements;
};

/// How one instruction stands in the bench.
struct Trial {
  const Instruction* instruction;
  std::vector<size_t> operands;                // of the bench, which it touches
  std::vector<std::vector<int64_t>> settings;  // of its control parameters, one row for each run
  std::vector<Leading> leading = {};
  bool exact_only = false;  // it rounds in another way: compared where sums are exact, or none cancels
  std::string untried;      // why it cannot be called; empty where it is
};

/// `program` has the parameters `which` (the number of a trial), `place` (0: operands lie at the beginning of the arrays, 1: at
/// their end), one integer for each control parameter (`controls` of them), and the operands.
struct Bench {
  std::vector<Operand> operands;
  std::vector<Trial> trials;
  size_t controls = 0;
  ProcRef program;
};
/// Without moves registers are passed as they are: such a program can be compiled, but says nothing when it runs.
enum class Moves : uint8_t { Yes, No };
Bench bench_of(const Target& target, bool own_only, Moves moves = Moves::Yes);

/// The main program in C: for each trial a line `ok NAME`, or `differs NAME` with the first element that does and the operands;
/// `cannot` alone where the target does not run here.
std::string main_program(const Bench& bench, const Target& target);

/// What came of one instruction.
struct Finding {
  enum Kind { Agrees, Differs, NotExecuted } kind;
  std::string instruction, detail;
};
struct Conformance {
  std::vector<Finding> findings;
  std::string where;  // "here", "in qemu-aarch64"; why nothing was executed
  bool executed = false;
};

/// Compiles and runs the bench in a directory that is gone afterwards; with `own_only`, without instructions that the target takes
/// over from others. `compiler` is a command; empty: that of this machine, or
/// the cross compiler `ARCH-linux-gnu-gcc`. `runtime` holds the sources of the runtime.
/// Throws Rejected `target-c` where the C of the target does not compile, with the instructions whose C it is.
Conformance conformance(const TargetRef& target, bool own_only, const std::string& compiler,
                        const std::string& runtime);

/// A section of the page on conformance, in Markdown: how each instruction was compared, or why it was not executed. `found` holds
/// one for each length of vectors.
std::string conformance_table(const Target& target, const std::vector<Conformance>& found);

}  // namespace exo
