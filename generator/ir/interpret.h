// Reference semantics: runs a program on small inputs.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ir/ir.h"

namespace exo {

/// One element. Floats are kept as the double that equals them, rounded to their type after each operation.
/// `defined` is false until it is written, and for what was computed from such a value.
struct Cell {
  double real = 0;
  int64_t integer = 0;
  bool defined = false;
};

/// Storage of one argument. `strides` in elements; a dense tensor has the row-major ones.
struct Tensor {
  Scalar type = Scalar::F32;
  std::vector<int64_t> shape, strides;
  std::vector<Cell> cells;
};

/// A value for each parameter: an integer for control, storage for buffers. Configuration fields that have a value at entry
/// may be among them.
using Argument = std::variant<int64_t, Tensor>;
using Arguments = std::map<Sym, Argument>;

/// An element that a statement touched, seen from the procedure that was run (calls are entered, windows resolved).
struct Event {
  enum Kind { Read, Write, Reduce } kind;
  const Stmt* stmt;                                // of the outermost procedure
  std::vector<std::pair<Sym, int64_t>> iterators;  // outermost first
  Sym buffer;
  std::vector<int64_t> index;
};

/// Why a run has no meaning.
struct Fault {
  enum Kind { OutOfBounds, Undefined, AssertFails, TooLong } kind;
  const Stmt* stmt = nullptr;
  std::vector<std::pair<Sym, int64_t>> iterators;
  std::string what;  // "A[3,0] is outside f32[3,4]"
};

/// Runs the procedure on `args`, which it changes. Faults on an access out of bounds, a condition or index without a
/// value, a value without meaning stored into an argument, an assertion of a callee that does not hold, and after `limit` statements.
std::optional<Fault> interpret(const Proc& proc, Arguments& args, const std::function<void(const Event&)>& trace = {},
                               uint64_t limit = 50'000'000);

/// An element of a tensor and its value.
struct ElementValue {
  Sym tensor;
  std::vector<int64_t> index;
  int64_t value = 0;
};

/// Arguments for the given control values: elements are small integers drawn from `seed`, so that float sums are exact in
/// any order; windows get strides beyond dense where no assertion forbids it. Nothing where an assertion of `proc` does not hold, or
/// no elements are found for which it does; those of `wishes` are tried first.
std::optional<Arguments> random_arguments(const Proc& proc, const std::map<Sym, int64_t>& control, uint64_t seed,
                                          const std::vector<ElementValue>& wishes = {});

/// The same arguments for a procedure that was made from theirs: parameters of type R may have got another type, and those that
/// have become windows get strides beyond dense, where no assertion forbids it.
Arguments passed_on(const Arguments& args, const Proc& from, const Proc& to);

/// Value of a control expression; nothing where a variable is missing.
std::optional<int64_t> evaluate(const ExprRef& e, const std::map<Sym, int64_t>& control);

/// The first element in which two results differ, as text ("C[1,0]: 3 and 5"), over the parameters in order; empty if none.
/// The two argument sets are of procedures with the same parameter list (`a_proc`, `b_proc`).
std::string first_difference(const Proc& a_proc, const Arguments& a, const Proc& b_proc, const Arguments& b);

}  // namespace exo
