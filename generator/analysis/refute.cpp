// Fourier-Motzkin elimination over integers with tightened constants. Minima, maxima, quotients and remainders are
// unfolded into linear rows; disjunctions split the question, a limited number of times.
#include "analysis/refute.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "ir/build.h"
#include "ir/walk.h"
#include "support/text.h"

namespace exo {
namespace {

constexpr size_t kMaxRows = 160;
constexpr int kMaxSplits = 48;

/// Rows of `coefficients . variables + constant >= 0` (or == 0); column 0 holds the constant.
using Coefficients = std::vector<int64_t>;

struct System {
  std::vector<Coefficients> inequalities, equalities;
  size_t columns = 1;
  size_t goal = 0;  // inequalities from here on are what is to be refuted
};

/// Divides by the common factor, rounding the constant down: sound over the integers. False if the row cannot hold.
bool tighten(Coefficients& row) {
  int64_t common = 0;
  for (size_t i = 1; i < row.size(); ++i) common = std::gcd(common, row[i]);
  if (common == 0) return row[0] >= 0;
  if (common > 1) {
    for (size_t i = 1; i < row.size(); ++i) row[i] /= common;
    row[0] = floor_div(row[0], common);
  }
  return true;
}

/// a * x + b * y, or nothing where it exceeds 63 bits.
bool combine(int64_t a, const Coefficients& x, int64_t b, const Coefficients& y, Coefficients& out) {
  out.assign(x.size(), 0);
  for (size_t i = 0; i < x.size(); ++i) {
    const __int128 sum = static_cast<__int128>(a) * x[i] + static_cast<__int128>(b) * y[i];
    if (sum > INT64_MAX / 4 || sum < INT64_MIN / 4) return false;
    out[i] = static_cast<int64_t>(sum);
  }
  return true;
}

enum class Elimination { Infeasible, Continue, GiveUp };

/// Uses equalities with a unit coefficient to eliminate variables.
Elimination solve_equalities(System& s) {
  while (!s.equalities.empty()) {
    Coefficients row = std::move(s.equalities.back());
    s.equalities.pop_back();
    int64_t common = 0;
    for (size_t i = 1; i < row.size(); ++i) common = std::gcd(common, row[i]);
    if (common == 0) {
      if (row[0] != 0) return Elimination::Infeasible;
      continue;
    }
    if (row[0] % common != 0) return Elimination::Infeasible;
    for (int64_t& x : row) x /= common;
    const auto unit = std::find_if(row.begin() + 1, row.end(), [](int64_t x) { return x == 1 || x == -1; });
    if (unit == row.end()) {  // keep it as two inequalities
      Coefficients other = row;
      for (int64_t& x : other) x = -x;
      s.inequalities.push_back(std::move(row));
      s.inequalities.push_back(std::move(other));
      continue;
    }
    const size_t v = static_cast<size_t>(unit - row.begin());
    for (auto* rows : {&s.equalities, &s.inequalities})
      for (Coefficients& r : *rows) {
        if (r[v] == 0) continue;
        Coefficients next;
        if (!combine(1, r, -r[v] * row[v], row, next)) return Elimination::GiveUp;
        r = std::move(next);
      }
  }
  return Elimination::Continue;
}

/// The variable whose elimination makes the fewest rows; 0 if none is left.
size_t cheapest(const System& s) {
  size_t best = 0, best_cost = SIZE_MAX;
  for (size_t v = 1; v < s.columns; ++v) {
    size_t positive = 0, negative = 0;
    for (const Coefficients& r : s.inequalities) positive += r[v] > 0, negative += r[v] < 0;
    if (positive + negative == 0) continue;
    if (const size_t cost = positive * negative; cost < best_cost) best = v, best_cost = cost;
  }
  return best;
}

/// Adds rows to a row of the goal until nothing is left but a contradiction: the way in which most questions end.
class GoalSearch {
 public:
  /// Which variable goes first: the one that few rows can take away, or one without which the row can be tightened.
  enum class First : uint8_t { Rare, Tightening };
  GoalSearch(const System& s, First first) : s_(s), first_(first) {}

  bool refutes(const Coefficients& row, int depth) {
    size_t best = 0, fewest = SIZE_MAX;
    bool best_tightens = false;
    for (size_t v = 1; v < s_.columns; ++v) {
      if (row[v] == 0) continue;
      const size_t n = opposing(row, v);
      if (n == 0) return false;  // this variable can never go away
      const bool tightens = first_ == First::Tightening && common_without(row, v) > 1;
      if (tightens > best_tightens || (tightens == best_tightens && n < fewest))
        best = v, fewest = n, best_tightens = tightens;
    }
    if (best == 0) return row[0] < 0;
    if (depth == 0) return false;
    for (const Coefficients& other : s_.inequalities) {
      if ((other[best] > 0) == (row[best] > 0) || other[best] == 0) continue;
      if (--budget_ < 0) return false;
      Coefficients sum;
      if (!combine(std::abs(other[best]), row, std::abs(row[best]), other, sum)) continue;
      if (!tighten(sum) || refutes(sum, depth - 1)) return true;
    }
    return false;
  }

 private:
  const System& s_;
  const First first_;
  int budget_ = 120;

  static int64_t common_without(const Coefficients& row, size_t v) {
    int64_t common = 0;
    for (size_t i = 1; i < row.size(); ++i)
      if (i != v) common = std::gcd(common, row[i]);
    return common;
  }
  size_t opposing(const Coefficients& row, size_t v) const {
    return static_cast<size_t>(
        std::count_if(s_.inequalities.begin(), s_.inequalities.end(),
                      [&](const Coefficients& r) { return r[v] != 0 && (r[v] > 0) != (row[v] > 0); }));
  }
};

bool infeasible(System s) {
  if (const Elimination o = solve_equalities(s); o != Elimination::Continue) return o == Elimination::Infeasible;
  for (Coefficients& r : s.inequalities)
    if (!tighten(r)) return true;
  for (const auto first : {GoalSearch::First::Rare, GoalSearch::First::Tightening})
    for (size_t i = s.goal; i < s.inequalities.size(); ++i)
      if (GoalSearch(s, first).refutes(s.inequalities[i], 5)) return true;
  while (const size_t v = cheapest(s)) {
    std::vector<Coefficients> next, lower, upper;
    for (Coefficients& r : s.inequalities) (r[v] > 0 ? lower : r[v] < 0 ? upper : next).push_back(std::move(r));
    for (const Coefficients& l : lower)
      for (const Coefficients& u : upper) {
        Coefficients sum;
        if (!combine(-u[v], l, l[v], u, sum)) return false;
        if (!tighten(sum)) return true;
        next.push_back(std::move(sum));
      }
    std::sort(next.begin(), next.end(), [](const Coefficients& a, const Coefficients& b) {
      return std::lexicographical_compare(a.begin() + 1, a.end(), b.begin() + 1, b.end()) ||
             (std::equal(a.begin() + 1, a.end(), b.begin() + 1) && a[0] < b[0]);
    });
    next.erase(std::unique(next.begin(), next.end(),
                           [](const Coefficients& a, const Coefficients& b) {
                             return std::equal(a.begin() + 1, a.end(), b.begin() + 1);
                           }),
               next.end());
    if (next.size() > kMaxRows) return false;
    s.inequalities = std::move(next);
  }
  return std::any_of(s.inequalities.begin(), s.inequalities.end(), [](const Coefficients& r) { return r[0] < 0; });
}

/// A question on its way to rows. Copied at each split.
struct Premises {
  const Intervals* known;
  std::vector<Linear> rows, zeros;              // >= 0, == 0
  std::vector<std::vector<Linear>> row_splits;  // one of these is >= 0
  std::vector<Exprs> splits;                    // one of these holds
  Exprs defined;                                // atoms whose meaning is among the rows
  bool contradiction = false;
  size_t goal = 0;  // rows from here on come from the goal

  void assume(const ExprRef& condition);
  void add_row(const Linear& row);
  void add_zero(const Linear& sum);
  void define(const ExprRef& atom);
  System system() const;
};

const Builtin* extreme_atom(const ExprRef& e) {
  const Builtin* b = as<Builtin>(e);
  return b && (b->name == "min" || b->name == "max") ? b : nullptr;
}

Linear with_atom(const Linear& row, size_t term, const Linear& value) {
  Linear rest = row;
  rest.terms.erase(rest.terms.begin() + static_cast<std::ptrdiff_t>(term));
  return rest + row.terms[term].second * value;
}

void Premises::add_row(const Linear& row) {
  for (size_t i = 0; i < row.terms.size(); ++i) {
    const Builtin* extreme = extreme_atom(row.terms[i].first);
    if (!extreme) continue;
    const bool all = (extreme->name == "min") == (row.terms[i].second > 0);
    std::vector<Linear> alternatives;
    for (const ExprRef& arg : extreme->args) alternatives.push_back(with_atom(row, i, linear(arg, *known)));
    if (all) {
      for (const Linear& l : alternatives) add_row(l);
    } else {
      row_splits.push_back(std::move(alternatives));
    }
    return;
  }
  for (const auto& [x, n] : row.terms) define(x);
  rows.push_back(row);
}

/// What stands in an equality stays as it is, a minimum too: it is known by what it does not exceed.
void Premises::add_zero(const Linear& sum) {
  for (const auto& [x, n] : sum.terms) define(x);
  zeros.push_back(sum);
}

/// Adds what is true of a quotient, a remainder, a minimum in an equality, a product or a variable.
void Premises::define(const ExprRef& x) {
  const auto at = std::lower_bound(defined.begin(), defined.end(), x,
                                   [](const ExprRef& a, const ExprRef& b) { return order(a, b) < 0; });
  if (at != defined.end() && order(*at, x) == 0) return;
  defined.insert(at, x);
  const Linear self = linear(x);
  if (const Binary* b = as<Binary>(x); b && (b->op == BinaryOp::Div || b->op == BinaryOp::Mod)) {
    const int64_t by = *literal(b->b);
    const Linear whole = linear(b->a, *known);
    // whole = by * q + r with 0 <= r < by
    const Linear q = b->op == BinaryOp::Div ? self : linear(binary(BinaryOp::Div, b->a, b->b), {});
    const Linear r = b->op == BinaryOp::Mod ? self : whole - by * q;
    if (b->op == BinaryOp::Mod && !q.is_constant()) add_zero(whole - by * q - r);
    add_row(r), add_row(constant(by - 1) - r);
    return;
  }
  if (const Builtin* extreme = extreme_atom(x))
    for (const ExprRef& arg : extreme->args) {
      const Linear gap = (extreme->name == "min" ? 1 : -1) * (linear(arg, *known) - self);
      for (const auto& [y, n] : gap.terms) define(y);
      rows.push_back(gap);
    }
  const Interval range = interval(self, *known);
  if (range.lo) rows.push_back(self - constant(*range.lo));
  if (range.hi) rows.push_back(constant(*range.hi) - self);
}

bool has_extreme(const Linear& l) {
  return std::any_of(l.terms.begin(), l.terms.end(), [](const auto& t) { return extreme_atom(t.first); });
}

void Premises::assume(const ExprRef& condition) {
  if (const Bool* b = as<Bool>(condition)) {
    contradiction = contradiction || !b->value;
    return;
  }
  if (const Unary* n = as<Unary>(condition); n && n->op == UnaryOp::Not) {
    const ExprRef pushed = opposite(n->a);
    if (!as<Unary>(pushed)) assume(pushed);
    return;
  }
  const Binary* n = as<Binary>(condition);
  if (!n) return;  // a bool variable says nothing about integers
  const auto difference = [&](const ExprRef& a, const ExprRef& b) { return linear(a, *known) - linear(b, *known); };
  switch (n->op) {
    case BinaryOp::And:
      assume(n->a), assume(n->b);
      return;
    case BinaryOp::Or:
      splits.push_back({n->a, n->b});
      return;
    case BinaryOp::Lt:
      add_row(difference(n->b, n->a) + constant(-1));
      return;
    case BinaryOp::Le:
      add_row(difference(n->b, n->a));
      return;
    case BinaryOp::Gt:
      add_row(difference(n->a, n->b) + constant(-1));
      return;
    case BinaryOp::Ge:
      add_row(difference(n->a, n->b));
      return;
    case BinaryOp::Ne:
      splits.push_back({lt(n->a, n->b), lt(n->b, n->a)});
      return;
    case BinaryOp::Eq: {
      const Linear gap = difference(n->a, n->b);
      if (has_extreme(gap)) {
        add_row(gap), add_row((-1) * gap);
      } else {
        add_zero(gap);
      }
      return;
    }
    case BinaryOp::Add:
    case BinaryOp::Sub:
    case BinaryOp::Mul:
    case BinaryOp::Div:
    case BinaryOp::Mod:
      return;
  }
}

System Premises::system() const {
  Exprs columns;
  const auto column = [&](const ExprRef& x) {
    for (size_t i = 0; i < columns.size(); ++i)
      if (order(columns[i], x) == 0) return i + 1;
    columns.push_back(x);
    return columns.size();
  };
  System s;
  const auto convert = [&](const Linear& l) {
    Coefficients row(1, l.constant);
    for (const auto& [x, n] : l.terms) {
      const size_t c = column(x);
      if (row.size() <= c) row.resize(c + 1, 0);
      row[c] = n;
    }
    return row;
  };
  for (const Linear& l : rows) s.inequalities.push_back(convert(l));
  for (const Linear& l : zeros) s.equalities.push_back(convert(l));
  s.columns = columns.size() + 1;
  s.goal = goal;
  for (auto* all : {&s.inequalities, &s.equalities})
    for (Coefficients& r : *all) r.resize(s.columns, 0);
  return s;
}

bool infeasible(const Premises& q, int& budget) {
  if (q.contradiction) return true;
  if (--budget < 0) return false;
  if (infeasible(q.system())) return true;
  if (!q.row_splits.empty()) {
    for (const Linear& alternative : q.row_splits.back()) {
      Premises next = q;
      next.row_splits.pop_back();
      next.add_row(alternative);
      if (!infeasible(next, budget)) return false;
    }
    return true;
  }
  if (!q.splits.empty()) {
    for (const ExprRef& alternative : q.splits.back()) {
      Premises next = q;
      next.splits.pop_back();
      next.assume(alternative);
      if (!infeasible(next, budget)) return false;
    }
    return true;
  }
  return false;
}

}  // namespace

bool infeasible(const Exprs& facts, const ExprRef& goal, const Intervals& known) {
  Premises q{&known, {}, {}, {}, {}, {}, false, 0};
  for (const ExprRef& fact : facts) q.assume(fact);
  q.goal = q.rows.size();
  q.assume(goal);
  int budget = kMaxSplits;
  return infeasible(q, budget);
}

}  // namespace exo
