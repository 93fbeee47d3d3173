// Control expressions in normal form: a constant plus multiples of atoms. An atom is a variable, or a term that is not
// linear (a quotient, a remainder, a minimum, a product, a stride) whose parts are in normal form themselves.
#pragma once

#include <map>
#include <optional>

#include "ir/ir.h"

namespace exo {

/// What is known of a number: bounds that may be open.
struct Interval {
  std::optional<int64_t> lo, hi;
  friend bool operator==(const Interval&, const Interval&) = default;
};
using Intervals = std::map<Sym, Interval>;  // of control variables

struct Linear {
  int64_t constant = 0;
  std::vector<std::pair<ExprRef, int64_t>> terms;  // sorted by `order`, no zero coefficients

  bool is_constant() const { return terms.empty(); }
};

/// Normal form of a control expression of integers. Uses `known` to resolve quotients, remainders, minima, maxima.
Linear linear(const ExprRef& e, const Intervals& known = {});

Linear operator+(const Linear& a, const Linear& b);
Linear operator-(const Linear& a, const Linear& b);
Linear operator*(int64_t factor, const Linear& a);
Linear constant(int64_t value);
bool operator==(const Linear& a, const Linear& b);

/// Back to an expression, in an order that reads well.
ExprRef expression(const Linear& linear);

Interval interval(const Linear& linear, const Intervals& known);
Interval interval(const ExprRef& e, const Intervals& known);

/// A total order of expressions: by shape, variables by age.
int order(const ExprRef& a, const ExprRef& b);

/// Equal for expressions that `order` does not tell apart.
uint64_t structural_hash(const ExprRef& e);

}  // namespace exo
