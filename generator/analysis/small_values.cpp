#include "analysis/small_values.h"

#include <algorithm>

#include "ir/build.h"
#include "ir/control.h"
#include "ir/walk.h"

namespace exo {
namespace {

constexpr int64_t kFurthest = 4;
constexpr int kMostTrials = 3000;

/// Does a variable stand where a condition is expected?
bool has_truth_variable(const ExprRef& condition) {
  if (as<Var>(condition)) return true;
  if (const Unary* n = as<Unary>(condition); n && n->op == UnaryOp::Not) return has_truth_variable(n->a);
  const Binary* n = as<Binary>(condition);
  if (!n || (n->op != BinaryOp::And && n->op != BinaryOp::Or)) return false;
  return has_truth_variable(n->a) || has_truth_variable(n->b);
}

bool has_quantifier(const ExprRef& e) {
  bool found = false;
  each_expr(e, [&](const ExprRef& x) { found = found || as<Forall>(x); });
  return found;
}

/// Gives values to one unknown after the other; a condition is looked at as soon as all of its unknowns have one.
class Search {
 public:
  Search(const Exprs& facts, const ExprRef& claim) {
    for (const ExprRef& fact : facts) collect(fact);
    collect(claim);
    std::sort(variables_.begin(), variables_.end());
    variables_.erase(std::unique(variables_.begin(), variables_.end()), variables_.end());
    values_.assign(variables_.size() + strides_.size(), 0);
    ready_.resize(values_.size() + 1);
    for (const ExprRef& fact : facts) add(fact, true);
    add(claim, false);
  }

  bool found() {
    if (!holds_at(0)) return false;
    for (int64_t furthest = 1; furthest <= kFurthest && trials_ <= kMostTrials; ++furthest)
      if (assign(0, furthest)) return true;
    return false;
  }

  Witness witness() const {
    Witness out;
    for (size_t i = 0; i < variables_.size(); ++i) out[variables_[i]] = values_[i];
    return out;
  }

 private:
  struct Condition {
    ControlCode code;
    bool wanted;
  };
  std::vector<Sym> variables_;
  std::vector<std::pair<Sym, int64_t>> strides_;
  std::vector<int64_t> values_;                // of variables, then of strides
  std::vector<std::vector<Condition>> ready_;  // by the number of unknowns that have a value
  int trials_ = 0;

  void collect(const ExprRef& e) {
    each_expr(e, [&](const ExprRef& x) {
      if (const Var* v = as<Var>(x)) variables_.push_back(v->sym);
      const Stride* s = as<Stride>(x);
      if (s && stride(s->buffer, s->dim) == strides_.size()) strides_.emplace_back(s->buffer, s->dim);
    });
  }
  size_t stride(Sym buffer, int64_t dim) const {
    return static_cast<size_t>(std::find(strides_.begin(), strides_.end(), std::pair(buffer, dim)) - strides_.begin());
  }
  void add(const ExprRef& e, bool wanted) {
    size_t last = 0;
    const auto place = [&](size_t unknown) {
      last = std::max(last, unknown + 1);
      return &values_[unknown];
    };
    const auto variable = [&](Sym s) {
      return place(static_cast<size_t>(std::lower_bound(variables_.begin(), variables_.end(), s) - variables_.begin()));
    };
    const ControlNames names{
        variable, [&](Sym buffer, int64_t dim) { return place(variables_.size() + stride(buffer, dim)); }, {}, {}};
    ControlCode code = control_code(e, names);
    ready_[last].push_back({std::move(code), wanted});
  }
  bool holds_at(size_t known) const {
    return std::all_of(ready_[known].begin(), ready_[known].end(),
                       [](const Condition& c) { return (c.code() != 0) == c.wanted; });
  }
  bool assign(size_t next, int64_t furthest) {
    if (next == values_.size()) return true;
    for (int64_t k = 0; k <= 2 * furthest; ++k) {
      if (++trials_ > kMostTrials) return false;
      values_[next] = k % 2 == 1 ? (k + 1) / 2 : -k / 2;
      if (holds_at(next + 1) && assign(next + 1, furthest)) return true;
    }
    return false;
  }
};

std::optional<Witness> found(const Exprs& facts, const ExprRef& claim) {
  try {
    Search search(facts, claim);
    return search.found() ? std::optional(search.witness()) : std::nullopt;
  } catch (const NoValue&) {  // data, or a number that does not fit
    return std::nullopt;
  }
}

bool any_contains(const Exprs& facts, const ExprRef& claim, bool (*what)(const ExprRef&)) {
  return what(claim) || std::any_of(facts.begin(), facts.end(), what);
}

}  // namespace

std::optional<Witness> small_counterexample(const Exprs& facts, const ExprRef& claim) {
  if (any_contains(facts, claim, has_truth_variable) || any_contains(facts, claim, has_quantifier)) return std::nullopt;
  return found(facts, claim);
}

bool fails_for_small_values(const Exprs& facts, const ExprRef& claim) {
  return !any_contains(facts, claim, has_quantifier) && found(facts, claim);
}

}  // namespace exo
