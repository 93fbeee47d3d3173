// The unknowns of a match: sizes and indices of the specification, from the places where both have an expression.
#pragma once

#include <set>

#include "analysis/linear.h"
#include "analysis/query.h"
#include "ir/walk.h"

namespace exo {

/// The index of one access, in the specification and in the program.
struct Touch {
  Exprs spec, here;
};

/// Two expressions, in the specification and in the program, that must have one value.
struct Pair {
  ExprRef spec, here;
  std::vector<For> around = {};  // loops of the program around the place
  Sym loop = {};                 // where they are ends of loops, that of the program
};

/// A dimension of a parameter whose index elements lead: where the index is in the program, it is so much further in the buffer.
struct Led {
  Sym param;
  size_t dim;
  ExprRef offset;
};

struct Notes {
  std::map<Sym, Sym> buffers;                 // parameter -> buffer
  std::map<Sym, std::vector<Touch>> touches;  // by parameter
  std::map<Sym, ExprRef> scalars;             // data scalars by value
  std::map<Sym, ExprRef> fields;              // configuration that the specification reads
  std::map<Sym, ExprRef> bools;
  std::vector<Pair> equal;  // integers
  std::vector<Pair> conditions;
  std::vector<Led> led;
  Substitution iterators;  // of the specification -> of the program
  Block extra;
};

/// Solves the linear equations that the notes give. A solution is a proposal: who uses it proves each equation.
class MatchSolver {
 public:
  MatchSolver(const Declarations& names, const Proc& spec, const Notes& notes);
  Substitution values;
  /// A size for which nothing was found; none if there is a value for each. Those of which only assertions speak have themselves.
  Sym unsolved() const;

 private:
  struct Equation {  // the sum of both is zero
    std::map<Sym, int64_t> unknown;
    Linear rest;
  };
  const Notes& notes_;
  std::set<Sym> unknown_;
  std::vector<Equation> equations_;

  void add(const ExprRef& spec, const ExprRef& here);
  void add_conditions(const ExprRef& spec, const ExprRef& here);
  void eliminate(Sym unknown);
  bool usable(const ExprRef& value) const;
};

/// Sizes of which only assertions speak: what the equations among these make of them at the call, whose arguments they still stand
/// for themselves.
void solve_asserted(const Declarations& names, const Facts& site, Call& call);

/// Is a scalar that is passed by value read from a buffer that the instruction writes?
bool scalar_is_written(const Declarations& names, const Proc& spec, Notes notes);

/// A size solved from a condition, `l < n`, may exceed what the assertions allow or be negative; clamped to their range it selects
/// the same lanes.
void clamp_sizes(const Proc& spec, const Notes& notes, const Facts& site, Substitution& values);

}  // namespace exo
