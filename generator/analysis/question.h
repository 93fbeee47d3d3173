// A question in the form in which it is remembered. Its variables are numbered by their age: two questions of one form differ in the
// names of variables alone, and whoever answers them does the same for both, step by step.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/linear.h"

namespace exo {

class Question {
 public:
  /// Facts in groups, the claim, and the bounds that are known of the variables in them.
  Question(const std::vector<const Exprs*>& facts, const ExprRef& claim, const Intervals& known = {});

  /// What occurs in it, in order of age; a number in the form is a place in this list.
  const std::vector<Sym>& symbols() const { return symbols_; }
  size_t number(Sym sym) const;

  friend bool operator==(const Question& a, const Question& b) { return a.form_ == b.form_; }
  struct Hash {
    size_t operator()(const Question& q) const;
  };

 private:
  std::vector<Sym> symbols_;
  std::vector<int64_t> form_;

  void write(const ExprRef& e);
};

}  // namespace exo
