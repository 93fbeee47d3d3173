// Questions about control values. Answers are three-valued; what is not decided is never taken for a yes.
#pragma once

#include <string>

#include "analysis/linear.h"
#include "ir/interpret.h"

namespace exo {

/// What holds at a place: conditions, and constant bounds of variables that follow from them.
struct Facts {
  Exprs conditions;
  Intervals known;
  std::map<Sym, Scalar> tensors;  // whose elements never change; conditions on other data are not relied on

  /// Adds the condition, without what it says about data that may change.
  void add(const ExprRef& condition);
  void add_all(const Exprs& conditions);
  /// What the conditions say without data that may change.
  Exprs decided(const Exprs& conditions) const;
  /// lo <= iter < hi.
  void add_range(Sym iter, const ExprRef& lo, const ExprRef& hi);
};

/// Values of variables, and of elements of index tensors, for which a claim fails.
struct Witness : std::map<Sym, int64_t> {
  using std::map<Sym, int64_t>::map;
  std::vector<ElementValue> elements;
};

struct Verdict {
  enum Answer { Proved, Refuted, Unknown } answer = Proved;
  Witness witness;
  explicit operator bool() const { return answer == Proved; }
};

/// Does `claim` hold for all values that satisfy the facts? Linear reasoning first, then Z3 with a limit on effort that is
/// the same on every machine. A refutation comes with the smallest values that a few bounded questions find.
Verdict prove(const Facts& facts, const ExprRef& claim);

/// The same where nobody reads the witness: true only where the claim is proved.
bool holds(const Facts& facts, const ExprRef& claim);

/// Linear reasoning alone: true only where the claim holds. For choices that need no witness.
bool evident(const Facts& facts, const ExprRef& claim);

/// How many questions were asked, how many of them linear reasoning had to think about (others are answered by bounds, or from
/// memory), and how many reached Z3, since the start of the process.
struct Effort {
  uint64_t questions = 0, linear = 0, solver = 0;
};
const Effort& effort();

}  // namespace exo
