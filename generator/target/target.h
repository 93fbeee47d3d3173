// Hardware as data: what targets/NAME/target.toml says.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ir/ir.h"
#include "support/diagnostic.h"

namespace exo {

/// A C text with holes, `{dst.ptr}`, checked on loading.
struct Template {
  struct Piece {
    std::string text;  // literal C, or the name of a hole
    bool hole = false;
  };
  std::vector<Piece> pieces;
  Span span;
};

/// A kind of storage. `heap` (scratch from the arena of the runtime; the default) and `stack` exist in every target.
struct Memory {
  std::string name;
  std::string role;                        // vector mask matrix scratchpad accumulator stack heap
  std::map<Scalar, std::string> ctype;     // C type of one unit, by element
  std::map<Scalar, int64_t> lanes;         // innermost extent of a unit, by element; empty: a unit is one element
  bool addressable = true;                 // may plain C read and write its elements?
  bool separate = false;                   // its units cannot stand in arrays: each is a variable of its own
  int64_t alignment = 0;                   // in bytes
  std::optional<int64_t> bytes, capacity;  // what lives at one time takes no more bytes, and no more units
  int64_t banks = 1;                       // its units in as many equal parts, each of consecutive ones
  bool addressed = false;        // units are numbers (`{address}` of `window`), and buffers are placed (placement.h)
  bool immediate = false;        // ... and each number is a constant of the C
  Template alloc, free, window;  // holes: ctype name outer_dims outer_indices count address
  Span span;
};

/// An instruction: its meaning as a procedure, and the C that performs it.
struct Instruction {
  std::string name;
  std::string cls;  // vector matrix move
  ProcRef spec;
  Template c;
  std::vector<std::string> features;  // beyond those of the target
  std::vector<std::string> clobbers;  // memories whose contents are lost
  std::vector<Sym> immediates;        // control parameters that are constants wherever it stands
  int64_t ulp = 0;                    // how far the C may be from the specification
  bool keeps_denormals = true;        // else those that it reads or makes may be zero instead
  bool keeps_order = true;            // else it adds floats in an order of its own
  Span span;
  bool inherited = false;  // from a target that this one extends
};

/// The parameter among its immediates whose argument is no constant, by position; none where all are.
std::optional<size_t> first_unfixed(const Instruction& instruction, const Exprs& args);

/// Does it add floats, in another order than its specification?
bool regroups(const Instruction& instruction);

/// A group of configuration fields that one piece of C writes together; without `c` they exist in the program alone.
struct Config {
  std::string name;
  std::vector<Sym> fields;  // "load.stride", in the order of the file
  Template c;               // holes: the names of the fields without the group, "stride"
  Span span;
};

/// Vectors whose length the machine knows, and the file does not. Everything is proved for each length that there may be, and
/// the program is one for all of them (recipe/lengths.h).
struct VectorLengths {
  int64_t bits = 0;            // of a unit
  std::vector<int64_t> units;  // how many of these a vector may have; empty: the length is fixed
  std::string c;               // how many it has, an int64_t
};

struct Target {
  std::string name, arch;
  std::vector<std::string> extends;
  std::vector<std::string> features;  // what the CPU must have at run time, inherited ones included
  std::vector<std::string> include;
  std::string prelude;       // C that goes in front of the variant
  std::string enter, leave;  // C where a kernel begins and ends, and each iteration of a `par` loop
  std::string fence;         // C behind which what instructions did to ordinary memory is done
  std::map<std::string, std::vector<std::string>> flags;  // by family of compiler: gnu, msvc
  std::vector<std::string> emulator;                      // command in front of a program for it, on another machine
  std::string simulator;                                  // file of C that takes its commands, on any machine
  bool simulated = false;                                 // by which this one is executed (in_simulator)
  std::vector<std::string> compilers;                     // commands that make such programs, the best one first
  VectorLengths vectors;
  int64_t length =
      1;  // in units, of the vectors that this is the target of; lanes and specifications are those of that length
  bool any_length = false;  // ... unless it stands for all lengths: its specifications have the length as a variable
  std::map<Scalar, int64_t> lanes;
  std::map<std::string, int64_t> facts;   // `target.KEY` and `target.TABLE.KEY`: registers, caches.l2, dim ...
  std::vector<Memory> memories;           // own ones first, then those of what it extends
  std::vector<Config> configs;            // configuration state
  std::vector<Instruction> instructions;  // in order of preference
  std::vector<std::string> inputs;        // files that were read, "avx2/target.toml"

  const Memory* memory(const std::string& name) const;
  /// The memory of that role which holds elements of that type.
  const Memory* memory_of_role(const std::string& role, Scalar element) const;
  const Instruction* instruction(const std::string& name) const;
  const Instruction* instruction_of(const Proc& spec) const;
  /// The group of a field; null where the target has no such field.
  const Config* config_of(Sym field) const;
  bool has(const std::string& feature) const;
};
using TargetRef = std::shared_ptr<const Target>;

/// Directories searched for NAME/target.toml, in order; the shipped ones come last.
using TargetPath = std::vector<std::string>;

/// Loads and checks a target. Throws Rejected: `target-unknown` (with what there is), `target-cycle`, and all problems of its file.
/// `length`: of its vectors, in units; 0: the shortest, or the only one.
TargetRef load_target(const std::string& name, const TargetPath& path, int64_t length = 0);

/// The target as its simulator is it: any machine, where C is compiled with EXO_SIMULATOR and the simulator beside it.
TargetRef in_simulator(const Target& target);

/// The target at each length that its vectors may have, the shortest first; itself alone where the length is fixed.
std::vector<TargetRef> at_each_length(const TargetRef& target, const TargetPath& path);

/// Every field of the groups.
std::vector<Sym> fields_of(const std::vector<Config>& configs);

/// Names of the targets that the path offers, sorted.
std::vector<std::string> available_targets(const TargetPath& path);

}  // namespace exo
