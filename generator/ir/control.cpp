#include "ir/control.h"

#include <memory>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/print.h"
#include "support/diagnostic.h"
#include "support/text.h"

namespace exo {
namespace {

[[noreturn]] void too_large() { throw NoValue{"a number does not fit 64 bits"}; }

int64_t sum(int64_t a, int64_t b) {
  int64_t out = 0;
  if (__builtin_add_overflow(a, b, &out)) too_large();
  return out;
}
int64_t difference(int64_t a, int64_t b) {
  int64_t out = 0;
  if (__builtin_sub_overflow(a, b, &out)) too_large();
  return out;
}
int64_t product(int64_t a, int64_t b) {
  int64_t out = 0;
  if (__builtin_mul_overflow(a, b, &out)) too_large();
  return out;
}
int64_t divisor(int64_t b) {
  if (b <= 0) throw NoValue{fmt::format("a division by {}", b)};
  return b;
}

ControlCode binary_code(BinaryOp op, ControlCode a, ControlCode b) {
  switch (op) {
    case BinaryOp::Add:
      return [a, b] { return sum(a(), b()); };
    case BinaryOp::Sub:
      return [a, b] { return difference(a(), b()); };
    case BinaryOp::Mul:
      return [a, b] { return product(a(), b()); };
    case BinaryOp::Div:
      return [a, b] { return floor_div(a(), divisor(b())); };
    case BinaryOp::Mod:
      return [a, b] { return floor_mod(a(), divisor(b())); };
    case BinaryOp::Lt:
      return [a, b] { return int64_t{a() < b()}; };
    case BinaryOp::Le:
      return [a, b] { return int64_t{a() <= b()}; };
    case BinaryOp::Gt:
      return [a, b] { return int64_t{a() > b()}; };
    case BinaryOp::Ge:
      return [a, b] { return int64_t{a() >= b()}; };
    case BinaryOp::Eq:
      return [a, b] { return int64_t{a() == b()}; };
    case BinaryOp::Ne:
      return [a, b] { return int64_t{a() != b()}; };
    case BinaryOp::And:
      return [a, b] { return int64_t{a() && b()}; };
    case BinaryOp::Or:
      return [a, b] { return int64_t{a() || b()}; };
  }
  BUG("an operation without a meaning");
}

/// The same for a variable or a literal on either side: most of all index arithmetic.
ControlCode with_literal(BinaryOp op, ControlCode a, int64_t b) {
  switch (op) {
    case BinaryOp::Add:
      return [a, b] { return sum(a(), b); };
    case BinaryOp::Sub:
      return [a, b] { return difference(a(), b); };
    case BinaryOp::Mul:
      return [a, b] { return product(a(), b); };
    case BinaryOp::Div:
      return divisor(b), [a, b] { return floor_div(a(), b); };
    case BinaryOp::Mod:
      return divisor(b), [a, b] { return floor_mod(a(), b); };
    case BinaryOp::Lt:
      return [a, b] { return int64_t{a() < b}; };
    case BinaryOp::Le:
    case BinaryOp::Gt:
    case BinaryOp::Ge:
    case BinaryOp::Eq:
    case BinaryOp::Ne:
    case BinaryOp::And:
    case BinaryOp::Or:
      break;
  }
  return binary_code(op, std::move(a), [b] { return b; });
}

/// All of the range, up to the first that fails.
ControlCode forall(const Forall& n, const ControlNames& names) {
  const auto place = std::make_shared<int64_t>(0);
  ControlNames inside = names;
  inside.variable = [&](Sym sym) -> const int64_t* { return sym == n.iter ? place.get() : names.variable(sym); };
  return [place, lo = control_code(n.lo, names), hi = control_code(n.hi, names), body = control_code(n.body, inside)] {
    for (*place = lo(); *place < hi(); ++*place)
      if (!body()) return int64_t{0};
    return int64_t{1};
  };
}

}  // namespace

ControlCode control_code(const ExprRef& e, const ControlNames& names) {
  const auto code = [&](const ExprRef& x) { return control_code(x, names); };
  const auto data = [&]() -> ControlCode { throw NoValue{fmt::format("`{}` is data", print(e))}; };
  return std::visit(match{
                        [&](const Int& n) -> ControlCode { return [value = n.value] { return value; }; },
                        [&](const Float&) { return data(); },
                        [&](const Bool& n) -> ControlCode { return [value = n.value] { return int64_t{value}; }; },
                        [&](const Var& n) -> ControlCode {
                          if (n.sym.is_field() && names.field) return names.field(n.sym);
                          const int64_t* const place = names.variable(n.sym);
                          if (!place) throw NoValue{fmt::format("`{}` is not known", n.sym.name())};
                          return [place] { return *place; };
                        },
                        [&](const Read& n) { return names.element ? names.element(n, names) : data(); },
                        [&](const Unary& n) -> ControlCode {
                          const ControlCode a = code(n.a);
                          if (n.op == UnaryOp::Not) return [a] { return int64_t{!a()}; };
                          return [a] { return difference(0, a()); };
                        },
                        [&](const Binary& n) -> ControlCode {
                          if (const int64_t* b = literal(n.b)) return with_literal(n.op, code(n.a), *b);
                          return binary_code(n.op, code(n.a), code(n.b));
                        },
                        [&](const Builtin& n) -> ControlCode {
                          if ((n.name != "min" && n.name != "max") || n.args.size() != 2) return data();
                          const ControlCode a = code(n.args[0]), b = code(n.args[1]);
                          if (n.name == "min") return [a, b] { return std::min(a(), b()); };
                          return [a, b] { return std::max(a(), b()); };
                        },
                        [&](const Window&) { return data(); },
                        [&](const Forall& n) { return forall(n, names); },
                        [&](const Stride& n) -> ControlCode {
                          const int64_t* const place = names.stride(n.buffer, n.dim);
                          if (!place) throw NoValue{fmt::format("the stride of `{}` is not known", n.buffer.name())};
                          return [place] { return *place; };
                        },
                    },
                    e->node);
}

}  // namespace exo
