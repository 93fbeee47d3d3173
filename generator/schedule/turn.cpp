#include "schedule/turn.h"

#include "ir/build.h"
#include "ir/walk.h"

namespace exo {
namespace {

/// The operands of nested `max` (or `min`).
void operands(const ExprRef& e, const char* name, Exprs& out) {
  const Builtin* b = as<Builtin>(e);
  if (!b || b->name != name) return out.push_back(e);
  for (const ExprRef& a : b->args) operands(a, name, out);
}

/// factor * iter + rest; nothing where the iterator occurs in another way.
struct Slope {
  int64_t factor = 0;
  ExprRef rest;
};
std::optional<Slope> slope(const ExprRef& e, Sym iter, const Intervals& known) {
  Linear l = linear(e, known);
  Slope out;
  for (size_t k = 0; k < l.terms.size(); ++k) {
    const Var* v = as<Var>(l.terms[k].first);
    if (v && v->sym == iter) {
      out.factor = l.terms[k].second;
      l.terms.erase(l.terms.begin() + static_cast<std::ptrdiff_t>(k));
      break;
    }
  }
  out.rest = expression(l);
  if (mentions(out.rest, iter)) return std::nullopt;
  return out;
}

}  // namespace

std::optional<TurnedBounds> turned_bounds(const For& outer, const For& inner, const Intervals& known) {
  TurnedBounds out{nullptr, nullptr, outer.lo, outer.hi};
  const ExprRef j = var(inner.iter), last = outer.hi - num(1);
  Exprs los, his;
  operands(inner.lo, "max", los);
  operands(inner.hi, "min", his);
  for (const ExprRef& lo : los) {  // factor * i + rest <= j
    const auto s = slope(lo, outer.iter, known);
    if (!s) return std::nullopt;
    if (s->factor > 0) out.inner_hi = min_of(out.inner_hi, (j - s->rest) / s->factor + num(1));
    if (s->factor < 0) out.inner_lo = max_of(out.inner_lo, ceil_div(s->rest - j, -s->factor));
    const ExprRef least = num(s->factor) * (s->factor > 0 ? outer.lo : last) + s->rest;
    out.outer_lo = out.outer_lo ? max_of(out.outer_lo, least) : least;
  }
  for (const ExprRef& hi : his) {  // j < factor * i + rest
    const auto s = slope(hi, outer.iter, known);
    if (!s) return std::nullopt;
    if (s->factor > 0) out.inner_lo = max_of(out.inner_lo, (j - s->rest) / s->factor + num(1));
    if (s->factor < 0) out.inner_hi = min_of(out.inner_hi, ceil_div(s->rest - j, -s->factor));
    const ExprRef most = num(s->factor) * (s->factor > 0 ? last : outer.lo) + s->rest;
    out.outer_hi = out.outer_hi ? min_of(out.outer_hi, most) : most;
  }
  return out;
}

}  // namespace exo
