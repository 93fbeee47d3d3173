// Iterators are eliminated from the inside out: an index grows with an iterator up to each of its upper bounds, so the maximum
// of an index is the minimum over the bounds, the "arms".
#include "analysis/hull.h"

#include <algorithm>

#include "ir/build.h"

namespace exo {
namespace {

constexpr size_t kMaxArms = 12;
using Arms = std::vector<Linear>;  // their minimum bounds the index from above

std::optional<int64_t> coefficient(const Linear& e, Sym iter) {
  int64_t out = 0;
  for (const auto& [x, n] : e.terms) {
    if (const Var* v = as<Var>(x)) {
      if (v->sym == iter) out = n;
    } else if (mentions(x, iter)) {
      return std::nullopt;  // inside of a quotient, a minimum ...
    }
  }
  return out;
}

/// The parts of which `e` is the minimum (maximum). Sums are taken apart, and quotients, as they grow with what is divided.
std::vector<Linear> parts(const std::string& name, const Linear& e) {
  for (const auto& [x, n] : e.terms) {
    const Builtin* extreme = as<Builtin>(x);
    const Binary* quotient = as<Binary>(x);
    std::vector<Linear> inner;
    if (extreme && extreme->name == (n > 0 ? name : name == "min" ? "max" : "min")) {
      for (const ExprRef& arg : extreme->args) inner.push_back(linear(arg));
    } else if (quotient && quotient->op == BinaryOp::Div && n > 0) {
      for (const Linear& p : parts(name, linear(quotient->a)))
        inner.push_back(linear(expression(p) / *literal(quotient->b)));
    }
    if (inner.empty() || (inner.size() == 1 && inner[0] == linear(x))) continue;
    std::vector<Linear> out;
    for (const Linear& i : inner)
      for (Linear& p : parts(name, e - n * linear(x) + n * i)) out.push_back(std::move(p));
    return out;
  }
  return {e};
}

/// Without sums: what a minimum (maximum) at the top of `e` is made of.
void flatten(const char* name, const ExprRef& e, Exprs& out) {
  if (const Builtin* b = as<Builtin>(e); b && b->name == name) {
    for (const ExprRef& a : b->args) flatten(name, a, out);
  } else {
    out.push_back(e);
  }
}

/// Each x with iter <= x (upper) or x <= iter that follows from the conditions.
Arms limits(const Exprs& when, Sym iter, bool upper) {
  Arms out;
  const auto bound = [&](const ExprRef& small, const ExprRef& big, int64_t slack) {  // small <= big + slack
    const ExprRef& mine = upper ? small : big;
    const ExprRef& other = upper ? big : small;
    const auto c = coefficient(linear(mine), iter);
    if (!c || *c != 1) return;
    const Linear rest = linear(mine) - linear(var(iter));
    for (const Linear& p : parts(upper ? "min" : "max", linear(other)))
      if (coefficient(p, iter) == 0) out.push_back(p - rest + constant(upper ? slack : -slack));
  };
  const std::function<void(const ExprRef&)> scan = [&](const ExprRef& e) {
    const Binary* b = as<Binary>(e);
    if (!b) return;
    if (b->op == BinaryOp::And) return scan(b->a), scan(b->b);
    if (b->op == BinaryOp::Lt) return bound(b->a, b->b, -1);
    if (b->op == BinaryOp::Le) return bound(b->a, b->b, 0);
    if (b->op == BinaryOp::Gt) return bound(b->b, b->a, -1);
    if (b->op == BinaryOp::Ge) return bound(b->b, b->a, 0);
  };
  for (const ExprRef& e : when) scan(e);
  return out;
}

/// Drops arms that another one is never above.
void prune(const Facts& facts, Arms& arms) {
  for (size_t i = 0; i < arms.size();) {
    bool needless = false;
    for (size_t j = 0; j < arms.size() && !needless; ++j)
      needless = i != j && (arms[i] == arms[j] ? j < i : evident(facts, le(expression(arms[j]), expression(arms[i]))));
    if (needless)
      arms.erase(arms.begin() + static_cast<std::ptrdiff_t>(i));
    else
      ++i;
  }
}

/// Upper bounds of a quotient or remainder that contains the iterator go by those of its dividend.
std::optional<Linear> loosened(const Linear& e, Sym iter) {
  Linear out = e;
  for (const auto& [x, n] : e.terms) {
    if (as<Var>(x) || !mentions(x, iter)) continue;
    const Binary* b = as<Binary>(x);
    if (!b || b->op != BinaryOp::Mod || n < 0) return std::nullopt;
    out = out - n * linear(x) + constant(n * (*literal(b->b) - 1));
  }
  return out;
}

std::optional<Arms> eliminate(const Facts& facts, const Linear& e, const Access& access) {
  Arms arms = {e};
  const auto inner = [&](const Linear& limit,
                         const auto& it) {  // does it say something of a loop that is gone already?
    return std::any_of(access.iterators.rbegin(), it, [&](const auto& i) { return coefficient(limit, i.second) != 0; });
  };
  Facts inside = facts;
  inside.add_all(access.when);
  const Exprs when = inside.decided(access.when);
  for (auto it = access.iterators.rbegin(); it != access.iterators.rend(); ++it) {
    const Sym iter = it->second;
    Arms next, open;
    for (const Linear& arm : arms) {
      if (coefficient(arm, iter))
        open.push_back(arm);
      else
        for (Linear& part : parts("min", arm)) open.push_back(std::move(part));
    }
    for (const Linear& raw : open) {
      const auto arm = loosened(raw, iter);
      const auto c = arm ? coefficient(*arm, iter) : std::nullopt;
      if (!c) continue;  // without this arm the bound is looser, and still a bound
      if (*c == 0) {
        next.push_back(*arm);
        continue;
      }
      const Linear rest = *arm - *c * linear(var(iter));
      for (const Linear& limit : limits(when, iter, *c > 0))
        if (!inner(limit, it)) next.push_back(rest + *c * limit);
    }
    if (next.empty()) return std::nullopt;
    if (next.size() > kMaxArms) prune(inside, next);  // not earlier: the tightest arm may be one that ends here
    if (next.size() > kMaxArms) return std::nullopt;
    arms = std::move(next);
  }
  prune(facts, arms);
  return arms;
}

ExprRef minimum(const Arms& arms, const Linear& minus) {
  ExprRef out;
  for (const Linear& a : arms) {
    const ExprRef e = expression(a - minus);
    out = out ? min_of(out, e) : e;
  }
  return out;
}

}  // namespace

std::optional<std::vector<Side>> hull(const Facts& facts, const std::vector<Access>& accesses) {
  if (accesses.empty()) return std::nullopt;
  std::vector<Side> sides;
  for (size_t d = 0; d < accesses[0].index.size(); ++d) {
    ExprRef lo, end;
    for (const Access& a : accesses) {
      const Linear index = linear(a.index[d]);
      const auto top = eliminate(facts, index, a), bottom = eliminate(facts, (-1) * index, a);
      if (!top || !bottom) return std::nullopt;
      const ExprRef high = minimum(*top, constant(-1));
      ExprRef low;
      for (const Linear& b : *bottom) low = low ? max_of(low, expression((-1) * b)) : expression((-1) * b);
      if (!lo || evident(facts, le(low, lo)))
        lo = low;
      else if (!evident(facts, le(lo, low)))
        lo = min_of(lo, low);
      if (!end || evident(facts, le(end, high)))
        end = high;
      else if (!evident(facts, le(high, end)))
        end = max_of(end, high);
    }
    Exprs ends;  // min(a, b) - lo as min(a - lo, b - lo), which reads better and is what bounds are made of
    flatten("min", end, ends);
    ExprRef extent;
    for (const ExprRef& p : ends) {
      const ExprRef e = expression(linear(p) - linear(lo));
      extent = extent ? min_of(extent, e) : e;
    }
    if (!evident(facts, le(num(0), extent))) extent = max_of(num(0), extent);
    sides.push_back({lo, expression(linear(extent, facts.known))});
  }
  return sides;
}

}  // namespace exo
