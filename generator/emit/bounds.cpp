#include "emit/bounds.h"

#include <algorithm>
#include <vector>

#include "ir/build.h"
#include "ir/walk.h"

namespace exo {
namespace {

enum class Bound { Lower, Upper };
Bound opposite(Bound side) { return side == Bound::Lower ? Bound::Upper : Bound::Lower; }

/// constant + sum of coefficient * term; terms are no sums, equal ones are collected.
struct Terms {
  int64_t constant = 0;
  std::vector<std::pair<ExprRef, int64_t>> terms;

  void add(const ExprRef& term, int64_t coefficient) {
    for (auto& entry : terms)
      if (equal(entry.first, term)) {
        entry.second += coefficient;
        return;
      }
    terms.emplace_back(term, coefficient);
  }
};

void collect(const ExprRef& e, int64_t factor, Terms& out) {
  if (const int64_t* value = literal(e)) {
    out.constant += factor * *value;
    return;
  }
  const Binary* b = as<Binary>(e);
  const Unary* u = as<Unary>(e);
  if (b && b->op == BinaryOp::Add) return collect(b->a, factor, out), collect(b->b, factor, out);
  if (b && b->op == BinaryOp::Sub) return collect(b->a, factor, out), collect(b->b, -factor, out);
  if (b && b->op == BinaryOp::Mul && literal(b->a)) return collect(b->b, factor * *literal(b->a), out);
  if (b && b->op == BinaryOp::Mul && literal(b->b)) return collect(b->a, factor * *literal(b->b), out);
  if (u && u->op == UnaryOp::Neg) return collect(u->a, -factor, out);
  out.add(e, factor);
}

std::optional<ExprRef> bound(const ExprRef& e, const Ranges& ranges, Bound side);

std::optional<ExprRef> bound_product(const Binary& b, const Ranges& ranges, Bound side) {
  if (!is_nonnegative(b.a, ranges.nonnegative) || !is_nonnegative(b.b, ranges.nonnegative)) return std::nullopt;
  if (side == Bound::Lower) return num(0);
  const auto x = bound(b.a, ranges, side), y = bound(b.b, ranges, side);
  if (!x || !y) return std::nullopt;
  return max_of(*x, num(0)) * max_of(*y, num(0));
}

std::optional<ExprRef> bound_minmax(const Builtin& f, const Ranges& ranges, Bound side) {
  const auto x = bound(f.args[0], ranges, side), y = bound(f.args[1], ranges, side);
  const bool is_min = f.name == "min";
  const bool one_will_do = is_min == (side == Bound::Upper);
  if (x && y) return equal(*x, *y) ? *x : is_min ? min_of(*x, *y) : max_of(*x, *y);
  if (!one_will_do) return std::nullopt;
  return x ? x : y;
}

/// Of an expression that is no sum.
std::optional<ExprRef> bound_term(const ExprRef& e, const Ranges& ranges, Bound side) {
  if (const Var* v = as<Var>(e)) {
    const auto loop = ranges.loops.find(v->sym);
    if (loop == ranges.loops.end()) return e;
    const auto& [lo, hi] = loop->second;
    return bound(side == Bound::Lower ? lo : hi - num(1), ranges, side);
  }
  if (const Builtin* f = as<Builtin>(e); f && f->args.size() == 2 && (f->name == "min" || f->name == "max"))
    return bound_minmax(*f, ranges, side);
  const Binary* b = as<Binary>(e);
  if (!b) return std::nullopt;
  if (b->op == BinaryOp::Mul) return bound_product(*b, ranges, side);
  const int64_t* c = literal(b->b);
  if (b->op == BinaryOp::Div && c && *c > 0) {
    const auto x = bound(b->a, ranges, side);
    return x ? std::optional(*x / *c) : std::nullopt;
  }
  if (b->op == BinaryOp::Mod && c && *c > 0) return num(side == Bound::Lower ? 0 : *c - 1);
  if (c || (b->op != BinaryOp::Div && b->op != BinaryOp::Mod)) return std::nullopt;
  // the length of vectors, which is positive and the same everywhere
  if (b->op == BinaryOp::Mod) return side == Bound::Lower ? num(0) : b->b - num(1);
  const auto x = bound(b->a, ranges, side);
  return x ? std::optional(binary(BinaryOp::Div, *x, b->b)) : std::nullopt;
}

/// The same sum with its constants and equal terms put together.
ExprRef sorted_sum(const ExprRef& e) {
  Terms sum;
  collect(e, 1, sum);
  ExprRef out = num(0);
  for (const auto& [term, factor] : sum.terms)
    if (factor != 0) out = factor > 0 ? out + num(factor) * term : out - num(-factor) * term;
  return sum.constant < 0 ? out - num(-sum.constant) : out + num(sum.constant);
}

std::optional<ExprRef> bound(const ExprRef& e, const Ranges& ranges, Bound side) {
  Terms sum;
  collect(e, 1, sum);
  ExprRef out = num(sum.constant);
  for (const auto& [term, factor] : sum.terms) {
    if (factor == 0) continue;
    const auto x = bound_term(term, ranges, factor > 0 ? side : opposite(side));
    if (!x) return std::nullopt;
    const ExprRef part = num(factor < 0 ? -factor : factor) * *x;
    out = factor > 0 ? out + part : out - part;
  }
  return sorted_sum(out);
}

}  // namespace

bool is_nonnegative(const ExprRef& e, const std::set<Sym>& known) {
  const auto both = [&](const ExprRef& a, const ExprRef& b) {
    return is_nonnegative(a, known) && is_nonnegative(b, known);
  };
  if (const int64_t* value = literal(e)) return *value >= 0;
  if (const Var* v = as<Var>(e)) return known.count(v->sym) > 0;
  if (const Binary* b = as<Binary>(e)) {
    if (b->op == BinaryOp::Mod) return true;
    if (b->op == BinaryOp::Div) return is_nonnegative(b->a, known);
    return (b->op == BinaryOp::Add || b->op == BinaryOp::Mul) && both(b->a, b->b);
  }
  if (const Builtin* f = as<Builtin>(e); f && f->args.size() == 2) {
    if (f->name == "min") return both(f->args[0], f->args[1]);
    if (f->name == "max") return is_nonnegative(f->args[0], known) || is_nonnegative(f->args[1], known);
  }
  return false;
}

std::optional<ExprRef> upper_bound(const ExprRef& e, const Ranges& ranges) { return bound(e, ranges, Bound::Upper); }
std::optional<ExprRef> lower_bound(const ExprRef& e, const Ranges& ranges) { return bound(e, ranges, Bound::Lower); }

}  // namespace exo
