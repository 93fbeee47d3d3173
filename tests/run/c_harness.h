// Emitted C, compiled with all warnings as errors and run between guard pages beside the algorithm as it stands.
#pragma once

#include <string>
#include <vector>

#include "emit/emit.h"
#include "golden/meaning.h"

namespace exo::testing {

/// How to compile: a compiler that can be called by this name, and how it is called.
struct Compiler {
  std::string name;
  std::string flags = "-std=c11 -O2 -Wall -Wextra -Wconversion -pedantic -Werror -ffp-contract=off";
  /// Is it a cross compiler, by its name (`aarch64-linux-gnu-gcc`)?
  bool makes_other_code() const { return name.find('-') != name.npos; }
};

/// What a command of the shell says, on both outputs, and how it ends.
std::string spoken(const std::string& command, int& status);

/// Is the compiler there, and can this machine run its code for the target, perhaps in the target's emulator?
bool runs_here(const Target& target, const Compiler& compiler);

/// Writes the kernel's files and a main program into `directory`, compiles and runs them. The program calls the variant and the
/// plain algorithm on equal small integers, at each of the sizes, every buffer once directly before and once directly behind
/// an unreadable page, and compares bytes. Empty if all is well; else what the compiler or the program said.
std::string run_in_c(const EmitKernel& kernel, const std::string& variant, const std::vector<Control>& sizes,
                     const Compiler& compiler, const std::string& directory);

/// Writes the files of a kernel and a main program into `directory`, compiles all of it alike and runs it. Empty if all is well.
std::string compile_and_run(const std::map<std::string, std::string>& files, const std::string& main_program,
                            const Compiler& compiler, const std::string& directory);

/// The control parameters of `to` with the values of those of `from`, which has as many.
std::vector<Control> translated(const std::vector<Control>& sizes, const Proc& from, const Proc& to);

}  // namespace exo::testing
