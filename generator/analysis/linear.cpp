#include "analysis/linear.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "ir/build.h"
#include "ir/walk.h"
#include "support/diagnostic.h"
#include "support/text.h"

namespace exo {
namespace {

[[noreturn]] void sum_too_large() {
  reject({"index-too-large", "the constants of an index expression exceed 64 bits", {}, {}, {}});
}

int three_way(int64_t a, int64_t b) { return a < b ? -1 : a > b; }

int order_all(const Exprs& a, const Exprs& b) {
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    if (const int c = order(a[i], b[i])) return c;
  return three_way(static_cast<int64_t>(a.size()), static_cast<int64_t>(b.size()));
}

int order_slices(const std::vector<Slice>& a, const std::vector<Slice>& b) {
  Exprs x, y;
  for (const Slice& s : a) x.push_back(s.lo), x.push_back(s.hi ? s.hi : s.lo);
  for (const Slice& s : b) y.push_back(s.lo), y.push_back(s.hi ? s.hi : s.lo);
  return order_all(x, y);
}

void add_term(Linear& sum, const ExprRef& atom, int64_t factor) {
  if (factor == 0) return;
  const auto at = std::lower_bound(sum.terms.begin(), sum.terms.end(), atom,
                                   [](const auto& term, const ExprRef& e) { return order(term.first, e) < 0; });
  if (at == sum.terms.end() || order(at->first, atom) != 0) {
    sum.terms.insert(at, {atom, factor});
  } else if (__builtin_add_overflow(at->second, factor, &at->second)) {
    sum_too_large();
  } else if (at->second == 0) {
    sum.terms.erase(at);
  }
}

Linear atom(ExprRef e) {
  Linear out;
  out.terms.emplace_back(std::move(e), 1);
  return out;
}

/// The product of two atoms, flattened and sorted so that i*m and m*i are one atom.
ExprRef product(const ExprRef& a, const ExprRef& b) {
  Exprs factors;
  const std::function<void(const ExprRef&)> flatten = [&](const ExprRef& e) {
    const Binary* m = as<Binary>(e);
    if (m && m->op == BinaryOp::Mul) {
      flatten(m->a), flatten(m->b);
    } else {
      factors.push_back(e);
    }
  };
  flatten(a), flatten(b);
  std::sort(factors.begin(), factors.end(), [](const ExprRef& x, const ExprRef& y) { return order(x, y) < 0; });
  ExprRef out = factors.front();
  for (size_t i = 1; i < factors.size(); ++i) out = binary(BinaryOp::Mul, out, factors[i]);
  return out;
}

Linear multiply(const Linear& a, const Linear& b) {
  if (a.is_constant()) return a.constant * b;
  if (b.is_constant()) return b.constant * a;
  Linear out = a.constant * b;
  out.constant = 0;
  for (const auto& [y, n] : a.terms) {
    add_term(out, y, n * b.constant);
    for (const auto& [x, m] : b.terms) add_term(out, product(y, x), n * m);
  }
  out.constant = a.constant * b.constant;
  return out;
}

/// Quotient by a positive constant: whole multiples leave, what remains is decided by its bounds or becomes an atom.
struct Division {
  Linear quotient;  // without the remaining part
  Linear rest;      // no coefficient is a multiple of the divisor; 0 <= rest.constant < divisor
};

Division divide(const Linear& e, int64_t by) {
  Division out;
  for (const auto& [x, n] : e.terms) {
    const int64_t q = floor_div(n, by);
    if (n % by == 0) {
      add_term(out.quotient, x, q);
    } else {
      add_term(out.rest, x, n);
    }
  }
  out.quotient.constant = floor_div(e.constant, by);
  out.rest.constant = floor_mod(e.constant, by);
  return out;
}

std::optional<int64_t> decided_quotient(const Linear& rest, int64_t by, const Intervals& known) {
  const Interval range = interval(rest, known);
  if (!range.lo || !range.hi) return std::nullopt;
  const int64_t lo = floor_div(*range.lo, by), hi = floor_div(*range.hi, by);
  if (lo == hi) return lo;
  return std::nullopt;
}

/// Divides numerator and divisor by what they have in common.
void reduce_fraction(Linear& rest, int64_t& by) {
  int64_t common = by;
  for (const auto& [x, n] : rest.terms) common = std::gcd(common, n);
  if (common <= 1) return;
  by /= common;
  for (auto& [x, n] : rest.terms) n /= common;
  rest.constant = floor_div(rest.constant, common);
}

Linear quotient(const Linear& e, int64_t by, const Intervals& known) {
  if (by == 1) return e;
  Division d = divide(e, by);
  if (const auto q = decided_quotient(d.rest, by, known)) return d.quotient + constant(*q);
  reduce_fraction(d.rest, by);
  if (by == 1) return d.quotient + d.rest;
  // (x / a + b) / c is (x + a*b) / (a*c)
  if (d.rest.terms.size() == 1 && d.rest.terms[0].second == 1)
    if (const Binary* inner = as<Binary>(d.rest.terms[0].first); inner && inner->op == BinaryOp::Div) {
      const int64_t a = *literal(inner->b);
      return d.quotient + quotient(linear(inner->a, known) + constant(a * d.rest.constant), a * by, known);
    }
  return d.quotient + atom(binary(BinaryOp::Div, expression(d.rest), num(by)));
}

Linear remainder(const Linear& e, int64_t by, const Intervals& known) {
  if (by == 1) return constant(0);
  const Division d = divide(e, by);
  if (const auto q = decided_quotient(d.rest, by, known)) return d.rest + constant(-*q * by);
  return atom(binary(BinaryOp::Mod, expression(d.rest), num(by)));
}

/// Is `e` one minimum (maximum) and nothing else, or, with `rest`, one added to something else?
const Builtin* extreme_in(const Linear& e, const std::string& name, Linear* rest = nullptr) {
  for (const auto& [x, n] : e.terms)
    if (const Builtin* b = as<Builtin>(x); b && b->name == name && n == 1) {
      const Linear others = e - atom(x);
      if (rest) return *rest = others, b;
      if (others.is_constant() && others.constant == 0) return b;
    }
  return nullptr;
}

/// Parts of a minimum (maximum) without those that another one decides.
std::vector<Linear> needed(const std::vector<Linear>& parts, bool smallest, const Intervals& known) {
  std::vector<Linear> kept;
  for (size_t i = 0; i < parts.size(); ++i) {
    bool needed = true;
    for (size_t j = 0; j < parts.size() && needed; ++j) {
      if (i == j) continue;
      const Interval gap = interval(smallest ? parts[i] - parts[j] : parts[j] - parts[i], known);
      const bool equal = gap.lo == 0 && gap.hi == 0;
      needed = !(gap.lo && *gap.lo >= 0 && (!equal || j < i));
    }
    if (needed) kept.push_back(parts[i]);
  }
  return kept;
}

/// min(a, min(b, c) + d) is min(a, b + d, c + d): written so where that decides one of the parts.
std::vector<Linear> opened(std::vector<Linear> parts, const std::string& name, const Intervals& known) {
  for (size_t i = 0; i < parts.size();) {
    Linear rest;
    const Builtin* inner = extreme_in(parts[i], name, &rest);
    std::vector<Linear> open;
    if (inner) {
      open = parts;
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(i));
      const std::function<void(const ExprRef&)> add = [&](const ExprRef& e) {
        const Builtin* b = as<Builtin>(e);
        if (b && b->name == name)
          std::for_each(b->args.begin(), b->args.end(), add);
        else
          open.push_back(linear(e, known) + rest);
      };
      std::for_each(inner->args.begin(), inner->args.end(), add);
      const size_t all = open.size();
      open = needed(open, name == "min", known);
      if (open.empty() || open.size() == all) inner = nullptr;
    }
    if (inner) {
      parts = std::move(open);
      i = 0;
    } else {
      ++i;
    }
  }
  return parts;
}

/// Minimum or maximum of any number of parts: flattened, sorted, without parts that another one decides.
Linear extreme(const std::string& name, const Exprs& args, const Intervals& known) {
  std::vector<Linear> parts;
  const std::function<void(const ExprRef&)> flatten = [&](const ExprRef& e) {
    const Linear l = linear(e, known);
    if (const Builtin* b = extreme_in(l, name)) return (void)std::for_each(b->args.begin(), b->args.end(), flatten);
    parts.push_back(l);
  };
  for (const ExprRef& e : args) flatten(e);
  const std::vector<Linear> kept = opened(needed(parts, name == "min", known), name, known);
  if (kept.empty()) return parts[0];  // bounds that contradict each other: this never runs
  if (kept.size() == 1) return kept[0];
  Exprs sorted;
  for (const Linear& l : kept) sorted.push_back(expression(l));
  std::stable_sort(sorted.begin(), sorted.end(), [](const ExprRef& x, const ExprRef& y) { return order(x, y) < 0; });
  ExprRef out = sorted.back();
  for (size_t i = sorted.size() - 1; i-- > 0;) out = builtin(name, {sorted[i], out});
  return atom(out);
}

Linear linear_binary(const Binary& n, const Intervals& known) {
  switch (n.op) {
    case BinaryOp::Add:
      return linear(n.a, known) + linear(n.b, known);
    case BinaryOp::Sub:
      return linear(n.a, known) - linear(n.b, known);
    case BinaryOp::Mul:
      return multiply(linear(n.a, known), linear(n.b, known));
    case BinaryOp::Div:
    case BinaryOp::Mod: {
      const Linear by = linear(n.b, known);
      if (!by.is_constant() || by.constant <= 0) BUG("division by what is not a positive constant");
      return n.op == BinaryOp::Div ? quotient(linear(n.a, known), by.constant, known)
                                   : remainder(linear(n.a, known), by.constant, known);
    }
    case BinaryOp::Lt:
    case BinaryOp::Le:
    case BinaryOp::Gt:
    case BinaryOp::Ge:
    case BinaryOp::Eq:
    case BinaryOp::Ne:
    case BinaryOp::And:
    case BinaryOp::Or:
      break;
  }
  BUG("a condition where an integer is needed");
}

}  // namespace

int order(const ExprRef& a, const ExprRef& b) {
  if (a == b) return 0;
  if (a->node.index() != b->node.index())
    return three_way(static_cast<int64_t>(a->node.index()), static_cast<int64_t>(b->node.index()));
  return std::visit(
      match{
          [&](const Int& x) { return three_way(x.value, as<Int>(b)->value); },
          [&](const Float& x) { return x.value < as<Float>(b)->value ? -1 : x.value > as<Float>(b)->value; },
          [&](const Bool& x) { return three_way(x.value, as<Bool>(b)->value); },
          [&](const Var& x) { return three_way(x.sym.id(), as<Var>(b)->sym.id()); },
          [&](const Read& x) {
            const Read& y = *as<Read>(b);
            if (x.buffer != y.buffer) return three_way(x.buffer.id(), y.buffer.id());
            return order_all(x.index, y.index);
          },
          [&](const Unary& x) {
            const Unary& y = *as<Unary>(b);
            return x.op != y.op ? three_way(static_cast<int>(x.op), static_cast<int>(y.op)) : order(x.a, y.a);
          },
          [&](const Binary& x) {
            const Binary& y = *as<Binary>(b);
            if (x.op != y.op) return three_way(static_cast<int>(x.op), static_cast<int>(y.op));
            return order_all({x.a, x.b}, {y.a, y.b});
          },
          [&](const Builtin& x) {
            const Builtin& y = *as<Builtin>(b);
            return x.name != y.name ? (x.name < y.name ? -1 : 1) : order_all(x.args, y.args);
          },
          [&](const Window& x) {
            const Window& y = *as<Window>(b);
            if (x.buffer != y.buffer) return three_way(x.buffer.id(), y.buffer.id());
            return order_slices(x.slices, y.slices);
          },
          [&](const Stride& x) {
            const Stride& y = *as<Stride>(b);
            return x.buffer != y.buffer ? three_way(x.buffer.id(), y.buffer.id()) : three_way(x.dim, y.dim);
          },
          [&](const Forall& x) {
            const Forall& y = *as<Forall>(b);
            if (x.iter != y.iter) return three_way(x.iter.id(), y.iter.id());
            return order_all({x.lo, x.hi, x.body}, {y.lo, y.hi, y.body});
          },
      },
      a->node);
}

uint64_t structural_hash(const ExprRef& e) {
  uint64_t h = e->node.index() + 1;
  const auto mix = [&](uint64_t x) { h = (h ^ x) * 0x9E3779B97F4A7C15ull, h ^= h >> 29; };
  if (const Int* n = as<Int>(e)) mix(static_cast<uint64_t>(n->value));
  if (const Float* n = as<Float>(e)) mix(std::bit_cast<uint64_t>(n->value));
  if (const Bool* n = as<Bool>(e)) mix(n->value);
  if (const Var* n = as<Var>(e)) mix(n->sym.id());
  if (const Read* n = as<Read>(e)) mix(n->buffer.id());
  if (const Unary* n = as<Unary>(e)) mix(static_cast<uint64_t>(n->op));
  if (const Binary* n = as<Binary>(e)) mix(static_cast<uint64_t>(n->op));
  if (const Builtin* n = as<Builtin>(e)) mix(stable_hash(n->name));
  if (const Window* n = as<Window>(e)) mix(n->buffer.id());
  if (const Stride* n = as<Stride>(e)) mix(n->buffer.id() * 64 + static_cast<uint64_t>(n->dim));
  if (const Forall* n = as<Forall>(e)) mix(n->iter.id());
  each_child(e, [&](const ExprRef& c) { mix(structural_hash(c)); });
  return h;
}

Linear constant(int64_t value) {
  Linear out;
  out.constant = value;
  return out;
}

Linear operator+(const Linear& a, const Linear& b) {
  Linear out = a;
  if (__builtin_add_overflow(a.constant, b.constant, &out.constant)) sum_too_large();
  for (const auto& [x, n] : b.terms) add_term(out, x, n);
  return out;
}

Linear operator*(int64_t factor, const Linear& a) {
  Linear out;
  if (factor == 0) return out;
  if (__builtin_mul_overflow(a.constant, factor, &out.constant)) sum_too_large();
  out.terms = a.terms;
  for (auto& [x, n] : out.terms)
    if (__builtin_mul_overflow(n, factor, &n)) sum_too_large();
  return out;
}

Linear operator-(const Linear& a, const Linear& b) { return a + (-1) * b; }

bool operator==(const Linear& a, const Linear& b) {
  const Linear gap = a - b;
  return gap.is_constant() && gap.constant == 0;
}

Linear linear(const ExprRef& e, const Intervals& known) {
  if (const Int* n = as<Int>(e)) return constant(n->value);
  if (const Unary* n = as<Unary>(e); n && n->op == UnaryOp::Neg) return (-1) * linear(n->a, known);
  if (const Binary* n = as<Binary>(e)) return linear_binary(*n, known);
  if (const Builtin* n = as<Builtin>(e); n && (n->name == "min" || n->name == "max"))
    return extreme(n->name, n->args, known);
  if (const Read* n = as<Read>(e)) {
    Exprs index;
    for (const ExprRef& i : n->index) index.push_back(expression(linear(i, known)));
    return atom(read(n->buffer, std::move(index)));
  }
  return atom(e);
}

ExprRef expression(const Linear& linear) {
  ExprRef sum;
  const auto add = [&](const ExprRef& x, int64_t n) {
    const ExprRef size = n == INT64_MIN ? x : num(n < 0 ? -n : n) * x;
    if (!sum) {
      sum = n < 0 ? num(n) * x : size;
    } else {
      sum = n < 0 ? binary(BinaryOp::Sub, sum, size) : binary(BinaryOp::Add, sum, size);
    }
  };
  for (const auto& [x, n] : linear.terms)
    if (n > 0) add(x, n);
  if (!sum && linear.constant > 0 && !linear.terms.empty()) {
    sum = num(linear.constant);
    for (const auto& [x, n] : linear.terms) add(x, n);
    return sum;
  }
  for (const auto& [x, n] : linear.terms)
    if (n < 0) add(x, n);
  if (!sum) return num(linear.constant);
  if (linear.constant > 0) return binary(BinaryOp::Add, sum, num(linear.constant));
  if (linear.constant < 0) return binary(BinaryOp::Sub, sum, num(-linear.constant));
  return sum;
}

namespace {

std::optional<int64_t> scaled(const std::optional<int64_t>& bound, int64_t factor) {
  int64_t out = 0;
  if (!bound || __builtin_mul_overflow(*bound, factor, &out)) return std::nullopt;
  return out;
}

std::optional<int64_t> added(const std::optional<int64_t>& a, const std::optional<int64_t>& b) {
  int64_t out = 0;
  if (!a || !b || __builtin_add_overflow(*a, *b, &out)) return std::nullopt;
  return out;
}

Interval atom_interval(const ExprRef& e, const Intervals& known);

Interval negated(const Interval& x) { return {scaled(x.hi, -1), scaled(x.lo, -1)}; }

/// Of a part of an atom. It is in normal form, so no atom stands in it twice and the bounds of its terms add up as they stand.
Interval part_interval(const ExprRef& e, const Intervals& known) {
  if (const int64_t* n = literal(e)) return {*n, *n};
  if (const Unary* n = as<Unary>(e); n && n->op == UnaryOp::Neg) return negated(part_interval(n->a, known));
  const Binary* n = as<Binary>(e);
  if (!n) return atom_interval(e, known);
  const int64_t* factor = n->op == BinaryOp::Mul ? literal(n->a) : nullptr;
  if (factor) {
    const Interval x = part_interval(n->b, known);
    return {scaled(*factor > 0 ? x.lo : x.hi, *factor), scaled(*factor > 0 ? x.hi : x.lo, *factor)};
  }
  if (n->op != BinaryOp::Add && n->op != BinaryOp::Sub) return atom_interval(e, known);
  const Interval x = part_interval(n->a, known);
  Interval y = part_interval(n->b, known);
  if (n->op == BinaryOp::Sub) y = negated(y);
  return {added(x.lo, y.lo), added(x.hi, y.hi)};
}

Interval atom_interval(const ExprRef& e, const Intervals& known) {
  if (const Var* v = as<Var>(e)) {
    const auto it = known.find(v->sym);
    return it == known.end() ? Interval{} : it->second;
  }
  if (const Binary* b = as<Binary>(e)) {
    const int64_t* by = literal(b->b);
    if (b->op == BinaryOp::Mod && by) return {0, *by - 1};
    const Interval x = part_interval(b->a, known);
    if (b->op == BinaryOp::Div && by) {
      Interval out;
      if (x.lo) out.lo = floor_div(*x.lo, *by);
      if (x.hi) out.hi = floor_div(*x.hi, *by);
      return out;
    }
    const Interval y = part_interval(b->b, known);
    if (b->op == BinaryOp::Mul && x.lo && y.lo && *x.lo >= 0 && *y.lo >= 0)
      return {scaled(x.lo, *y.lo), x.hi && y.hi ? scaled(x.hi, *y.hi) : std::nullopt};
    return {};
  }
  if (const Builtin* b = as<Builtin>(e); b && (b->name == "min" || b->name == "max")) {
    Interval out = part_interval(b->args[0], known);
    for (size_t i = 1; i < b->args.size(); ++i) {
      const Interval y = part_interval(b->args[i], known);
      const bool smallest = b->name == "min";
      auto& strong = smallest ? out.hi : out.lo;  // the side that one known part suffices for
      auto& weak = smallest ? out.lo : out.hi;
      const auto& s = smallest ? y.hi : y.lo;
      const auto& w = smallest ? y.lo : y.hi;
      if (s && (!strong || (smallest ? *s < *strong : *s > *strong))) strong = s;
      if (!w || !weak)
        weak = std::nullopt;
      else if (smallest ? *w < *weak : *w > *weak)
        weak = w;
    }
    return out;
  }
  return {};
}

}  // namespace

Interval interval(const Linear& linear, const Intervals& known) {
  Interval sum{linear.constant, linear.constant};
  for (const auto& [x, n] : linear.terms) {
    const Interval range = atom_interval(x, known);
    sum.lo = added(sum.lo, scaled(n > 0 ? range.lo : range.hi, n));
    sum.hi = added(sum.hi, scaled(n > 0 ? range.hi : range.lo, n));
    if (!sum.lo && !sum.hi) break;
  }
  return sum;
}

Interval interval(const ExprRef& e, const Intervals& known) { return interval(linear(e, known), known); }

}  // namespace exo
