#include "schedule/match_solver.h"

#include <algorithm>

#include "analysis/access.h"
#include "analysis/simplify.h"
#include "ir/build.h"

namespace exo {
namespace {

/// Two comparisons as `x < 0` and `y < 0`: then x and y should be equal.
ExprRef below_zero(const ExprRef& e) {
  const Binary* b = as<Binary>(e);
  if (!b) return nullptr;
  if (b->op == BinaryOp::Lt) return b->a - b->b;
  if (b->op == BinaryOp::Le) return b->a - b->b - num(1);
  if (b->op == BinaryOp::Gt) return b->b - b->a;
  if (b->op == BinaryOp::Ge) return b->b - b->a - num(1);
  return nullptr;
}

constexpr int64_t kLargestUnknown = int64_t{1} << 30;  // coefficients beyond are not worth it

bool small(const Linear& e) {
  return std::abs(e.constant) < kLargestUnknown && std::all_of(e.terms.begin(), e.terms.end(), [](const auto& t) {
           return std::abs(t.second) < kLargestUnknown;
         });
}

/// `e` divided by `n`: exactly where all coefficients can be.
ExprRef divided(const Linear& e, int64_t n) {
  if (n < 0) return divided(-1 * e, -n);
  Linear out = e;
  bool exact = out.constant % n == 0;
  for (auto& [atom, factor] : out.terms) exact = exact && factor % n == 0;
  if (!exact) return expression(e) / n;
  out.constant /= n;
  for (auto& [atom, factor] : out.terms) factor /= n;
  return expression(out);
}

/// Does anything but its assertions depend on the parameter?
bool shapes_what_it_does(const Proc& spec, Sym param) {
  return mentions(spec.body, param) || std::any_of(spec.params.begin(), spec.params.end(), [&](const Param& p) {
           return std::any_of(p.type.shape.begin(), p.type.shape.end(),
                              [&](const ExprRef& e) { return mentions(e, param); });
         });
}

}  // namespace

MatchSolver::MatchSolver(const Declarations& names, const Proc& spec, const Notes& notes) : notes_(notes) {
  for (const Param& p : spec.params)
    if (!is_data(p.type.scalar) && !notes.bools.count(p.name)) unknown_.insert(p.name);
  values.insert(notes.bools.begin(), notes.bools.end());
  for (const Pair& p : notes.equal) add(p.spec, p.here);
  for (const Pair& p : notes.conditions) add_conditions(p.spec, p.here);
  for (const Param& p : spec.params) {  // a dense parameter has the shape of what is passed
    const auto it = notes.buffers.find(p.name);
    if (it == notes.buffers.end() || p.type.window) continue;
    const Exprs& shape = names.at(it->second).type.shape;
    for (size_t d = 0; d < p.type.shape.size() && shape.size() == p.type.shape.size(); ++d)
      add(p.type.shape[d], shape[d]);
  }
  for (const Sym s : unknown_) eliminate(s);
  for (bool progress = true; progress;) {  // from the last one back: each has fewer unknowns now
    progress = false;
    for (const Equation& e : equations_) {
      Linear rest = e.rest;
      std::vector<std::pair<Sym, int64_t>> open;
      for (const auto& [s, n] : e.unknown)
        if (const auto it = values.find(s); it != values.end())
          rest = rest + n * linear(it->second);
        else
          open.emplace_back(s, n);
      if (open.size() != 1 || !small(rest)) continue;
      const ExprRef value = divided(-1 * rest, open[0].second);
      if (!usable(value)) continue;
      values[open[0].first] = value;
      progress = true;
    }
  }
  for (const Sym s : unknown_)
    if (!values.count(s) && !shapes_what_it_does(spec, s)) values[s] = var(s);
}

Sym MatchSolver::unsolved() const {
  for (const Sym s : unknown_)
    if (!values.count(s)) return s;
  return {};
}

/// Comparisons joined in the same way, one by one.
void MatchSolver::add_conditions(const ExprRef& spec, const ExprRef& here) {
  const Binary *a = as<Binary>(spec), *b = as<Binary>(here);
  if (a && b && a->op == b->op && (a->op == BinaryOp::And || a->op == BinaryOp::Or))
    return add_conditions(a->a, b->a), add_conditions(a->b, b->b);
  if (const ExprRef x = below_zero(spec), y = below_zero(here); x && y) add(x, y);
}

void MatchSolver::add(const ExprRef& spec, const ExprRef& here) {
  const Linear gap = linear(spec) - linear(here);
  Equation e;
  e.rest.constant = gap.constant;
  for (const auto& [atom, n] : gap.terms) {
    const Var* v = as<Var>(atom);
    if (v && unknown_.count(v->sym)) {
      e.unknown[v->sym] = n;
      continue;
    }
    for (const Sym s : symbols(atom))
      if (unknown_.count(s)) return;  // inside of a quotient, a minimum ...
    e.rest.terms.emplace_back(atom, n);
  }
  if (!e.unknown.empty()) equations_.push_back(std::move(e));
}

/// Takes an unknown out of all equations but one.
void MatchSolver::eliminate(Sym unknown) {
  const auto factor = [&](const Equation& e) {
    const auto it = e.unknown.find(unknown);
    return it == e.unknown.end() ? 0 : it->second;
  };
  const auto fewer = [&](const Equation& a, const Equation& b) {  // one alone says it best
    if (!factor(a) != !factor(b)) return factor(a) != 0;
    return std::pair(a.unknown.size(), std::abs(factor(a))) < std::pair(b.unknown.size(), std::abs(factor(b)));
  };
  const auto best = std::min_element(equations_.begin(), equations_.end(), fewer);
  if (best == equations_.end() || factor(*best) == 0) return;
  const Equation pivot = *best;
  for (Equation& e : equations_) {
    const int64_t n = factor(e), m = factor(pivot);
    if (&e == &*best || n == 0 || e.unknown.size() == 1) continue;
    Equation next;
    next.rest = m * e.rest - n * pivot.rest;
    for (const Sym s : unknown_) {
      const auto of = [&](const Equation& from) { return from.unknown.count(s) ? from.unknown.at(s) : 0; };
      if (const int64_t sum = m * of(e) - n * of(pivot); sum != 0) next.unknown[s] = sum;
    }
    if (small(next.rest)) e = std::move(next);
  }
}

/// An argument is the same in every iteration of what is matched.
bool MatchSolver::usable(const ExprRef& value) const {
  return std::none_of(notes_.iterators.begin(), notes_.iterators.end(),
                      [&](const auto& i) { return mentions(value, as<Var>(i.second)->sym); });
}

void solve_asserted(const Declarations& names, const Facts& site, Call& call) {
  const Proc& spec = *call.callee;
  Substitution fixed;
  for (const auto& [sym, range] : site.known)
    if (range.lo && range.lo == range.hi) fixed[sym] = num(*range.lo);
  const auto here = [&](const ExprRef& e) { return linear(substitute(at_site(names, call, e), fixed), site.known); };
  const auto look = [&](const ExprRef& e) {
    const Binary* b = as<Binary>(e);
    if (!b || b->op != BinaryOp::Eq || mentions_field(e)) return;
    const Linear gap = here(b->a) - here(b->b);
    for (size_t i = 0; i < spec.params.size(); ++i) {
      const Sym open = spec.params[i].name;
      const Var* itself = as<Var>(call.args[i]);
      if (!itself || itself->sym != open) continue;
      Linear rest;
      int64_t factor = 0;
      rest.constant = gap.constant;
      for (const auto& [atom, n] : gap.terms)
        if (const Var* v = as<Var>(atom); v && v->sym == open)
          factor = n;
        else
          rest.terms.emplace_back(atom, n);
      if (const ExprRef value = factor ? divided(-1 * rest, factor) : nullptr; value && !mentions(value, open))
        return void(call.args[i] = value);
    }
  };
  for (const ExprRef& assertion : spec.asserts)
    for (const ExprRef& e : conjuncts(assertion)) look(e);
}

bool scalar_is_written(const Declarations& names, const Proc& spec, Notes notes) {
  notes.scalars.insert(notes.fields.begin(), notes.fields.end());
  if (notes.scalars.empty()) return false;
  std::set<Sym> written;
  for (const Access& a : accesses(names, spec.body))
    if (const auto it = notes.buffers.find(a.buffer); a.kind != Access::Read && it != notes.buffers.end())
      written.insert(behind(names, it->second));
  return std::any_of(notes.scalars.begin(), notes.scalars.end(), [&](const auto& s) {
    const Read* r = as<Read>(s.second);
    return r && written.count(behind(names, r->buffer)) > 0;
  });
}

void clamp_sizes(const Proc& spec, const Notes& notes, const Facts& site, Substitution& values) {
  for (const Param& param : spec.params) {
    const Sym size = param.name;
    const bool selects =
        param.type.scalar == Scalar::Size && std::any_of(notes.conditions.begin(), notes.conditions.end(),
                                                         [&](const Pair& p) { return mentions(p.spec, size); });
    if (!selects || !values.count(size)) continue;
    ExprRef& value = values[size];
    for (const ExprRef& a : spec.asserts) {
      const Binary* b = as<Binary>(a);
      const Var* v = b && b->op == BinaryOp::Le ? as<Var>(b->a) : nullptr;
      if (!v || v->sym != size || mentions_stride(b->b)) continue;
      const ExprRef most = substitute(b->b, values);
      if (!evident(site, le(value, most))) value = min_of(value, most);
    }
    if (!evident(site, le(num(0), value))) value = max_of(num(0), value);
    value = simplify(value, site.known);
  }
}

}  // namespace exo
