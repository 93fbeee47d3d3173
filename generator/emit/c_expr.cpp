#include "emit/c_expr.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "emit/functions.h"
#include "ir/build.h"
#include "ir/values.h"
#include "ir/walk.h"
#include "support/text.h"
#include "target/c_type.h"

namespace exo {
namespace {

const char* symbol(BinaryOp op) {
  switch (op) {
    case BinaryOp::Add:
      return "+";
    case BinaryOp::Sub:
      return "-";
    case BinaryOp::Mul:
      return "*";
    case BinaryOp::Div:
      return "/";
    case BinaryOp::Mod:
      return "%";
    case BinaryOp::Lt:
      return "<";
    case BinaryOp::Le:
      return "<=";
    case BinaryOp::Gt:
      return ">";
    case BinaryOp::Ge:
      return ">=";
    case BinaryOp::Eq:
      return "==";
    case BinaryOp::Ne:
      return "!=";
    case BinaryOp::And:
      return "&&";
    case BinaryOp::Or:
      return "||";
  }
  BUG("an operator without a symbol");
}

bool is_comparison(BinaryOp op) { return op >= BinaryOp::Lt && op <= BinaryOp::Ne; }
bool is_logic(BinaryOp op) { return op == BinaryOp::And || op == BinaryOp::Or; }

/// `a op b`, where equal strength on the right takes parentheses.
CTerm infix(const CTerm& a, const char* op, const CTerm& b, Prec prec) {
  const Prec right = prec == Prec::Add   ? Prec::Mul
                     : prec == Prec::Mul ? Prec::Unary
                                         : static_cast<Prec>(static_cast<int>(prec) + 1);
  const Prec left = prec == Prec::Compare ? Prec::Add : prec;
  return {fmt::format("{} {} {}", a.in(left), op, b.in(right)), prec};
}

Prec strength(BinaryOp op) { return op == BinaryOp::Add || op == BinaryOp::Sub ? Prec::Add : Prec::Mul; }

}  // namespace

CTerm c_infix(const CTerm& a, BinaryOp op, const CTerm& b) { return infix(a, symbol(op), b, strength(op)); }

std::string c_literal(int64_t value, Scalar type) {
  if (is_float(type)) return c_literal(static_cast<double>(value), type);
  if (value == INT64_MIN) return "INT64_MIN";
  if (value == INT32_MIN && type == Scalar::I32) return "INT32_MIN";
  return value < 0 ? fmt::format("({})", value) : fmt::format("{}", value);
}

std::string c_literal(double value, Scalar type) {
  if (!is_float(type)) return c_literal(static_cast<int64_t>(value), type);
  if (std::isnan(value)) return type == Scalar::F32 ? "NAN" : "(double)NAN";
  const float narrow = static_cast<float>(value);
  if (std::isinf(type == Scalar::F32 ? static_cast<double>(narrow) : value)) {
    const std::string infinity = type == Scalar::F32 ? "INFINITY" : "(double)INFINITY";
    return value < 0 ? "(-" + infinity + ")" : infinity;
  }
  std::string digits = type == Scalar::F32 ? fmt::format("{}", narrow) : fmt::format("{}", value);
  if (digits.find_first_of(".e") == std::string::npos) digits += ".0";
  if (type == Scalar::F32) digits += "f";
  return std::signbit(value) ? "(" + digits + ")" : digits;
}

std::string CExpr::name(Sym sym) {
  scope_.used.insert(sym);
  const auto other = scope_.spelled.find(sym);
  return other == scope_.spelled.end() ? scope_.names[sym] : other->second;
}

Scalar CExpr::operand_type(const ExprRef& e, Scalar context) { return type_of(e, scope_.types, context); }

/// Does the value come out of a buffer?
bool CExpr::is_data(const ExprRef& e) const {
  bool found = false;
  each_expr(e, [&](const ExprRef& x) { found = found || as<Read>(x) || as<Float>(x); });
  return found;
}

CTerm CExpr::control(const ExprRef& e) {
  return std::visit(
      match{
          [&](const Int& n) -> CTerm { return {c_literal(n.value, Scalar::Index)}; },
          [&](const Float&) -> CTerm { BUG("a fraction in a control expression"); },
          [&](const Bool& n) -> CTerm { return {n.value ? "true" : "false"}; },
          [&](const Var& n) -> CTerm { return {name(n.sym)}; },
          [&](const Read& n) -> CTerm {
            const CTerm value = element(n.buffer, n.index);
            if (scope_.storage(n.buffer).type.scalar == Scalar::I64) return value;
            return {"(int64_t)" + value.in(Prec::Unary), Prec::Unary};
          },
          [&](const Unary& n) -> CTerm {
            return {(n.op == UnaryOp::Neg ? "-" : "!") + control(n.a).in(Prec::Primary), Prec::Unary};
          },
          [&](const Binary& n) -> CTerm { return control_binary(n); },
          [&](const Builtin& n) -> CTerm {
            if (n.name == "select")
              return {fmt::format("{} ? {} : {}", control(n.args[0]).in(Prec::Or), control(n.args[1]).in(Prec::Or),
                                  control(n.args[2]).in(Prec::Choice)),
                      Prec::Choice};
            if (n.args.size() != 2 || (n.name != "min" && n.name != "max"))
              BUG("`" + n.name + "` in a control expression");
            return {fmt::format("exo_{}({}, {})", n.name, control(n.args[0]).text, control(n.args[1]).text)};
          },
          [&](const Window&) -> CTerm { BUG("a window in a control expression"); },
          [&](const Stride& n) -> CTerm { return control(stride_of(n.buffer, static_cast<size_t>(n.dim))); },
          [&](const Forall&) -> CTerm { BUG("a quantifier inside of an expression"); },
      },
      e->node);
}

CTerm CExpr::condition(const ExprRef& e) {
  const bool outer = std::exchange(exact_, true);
  CTerm out = control(e);
  exact_ = outer;
  return out;
}

CTerm CExpr::control_binary(const Binary& b) {
  if (is_logic(b.op)) {
    const Prec prec = b.op == BinaryOp::And ? Prec::And : Prec::Or;
    const auto side = [&](const ExprRef& x) {
      const Binary* inner = as<Binary>(x);
      return control(x).in(inner && inner->op == b.op ? prec : Prec::Compare);
    };
    return {fmt::format("{} {} {}", side(b.a), symbol(b.op), side(b.b)), prec};
  }
  if (is_comparison(b.op)) return comparison(b);
  const int64_t *x = literal(b.a), *y = literal(b.b);
  if (x && y) {  // constants fold, so that C does not compute them as int
    if (b.op == BinaryOp::Add) return control(b.a + b.b);
    if (b.op == BinaryOp::Sub) return control(b.a - b.b);
    if (b.op == BinaryOp::Mul) return control(b.a * b.b);
    if (b.op == BinaryOp::Div && *y > 0) return control(b.a / *y);
    if (b.op == BinaryOp::Mod && *y > 0) return control(b.a % *y);
  }
  if ((b.op == BinaryOp::Div || b.op == BinaryOp::Mod) && !is_nonnegative(b.a, scope_.ranges.nonnegative))
    return {fmt::format("exo_{}({}, {})", b.op == BinaryOp::Div ? "div" : "mod", control(b.a).text, control(b.b).text)};
  if (b.op == BinaryOp::Add && y && *y < 0 && *y != INT64_MIN)
    return infix(control(b.a), "-", control(num(-*y)), Prec::Add);
  if (b.op == BinaryOp::Add)
    return {fmt::format("{} + {}", control(b.a).in(Prec::Add), control(b.b).in(Prec::Add)), Prec::Add};
  return infix(control(b.a), symbol(b.op), control(b.b), strength(b.op));
}

/// Elements of the type on one side, a constant that lies outside of it on the other: compilers warn of such a comparison.
std::optional<bool> CExpr::decided_by_type(const Binary& b) const {
  for (const bool left : {true, false}) {
    const Read* element = as<Read>(left ? b.a : b.b);
    const int64_t* number = literal(left ? b.b : b.a);
    if (!element || !number) continue;
    const Scalar type = scope_.types.at(element->buffer).type.scalar;
    if (!is_integer_data(type) || type == Scalar::I64) continue;
    const auto holds = [&](int64_t value) {
      const Cell x = integer_cell(Scalar::I64, value), c = integer_cell(Scalar::I64, *number);
      return left ? compare(b.op, Scalar::I64, x, c) : compare(b.op, Scalar::I64, c, x);
    };
    const bool equality = b.op == BinaryOp::Eq || b.op == BinaryOp::Ne;
    const bool low = holds(lowest(type)), high = holds(highest(type));  // an order changes once between them at most
    if (equality ? *number < lowest(type) || *number > highest(type) : low == high) return low;
  }
  return std::nullopt;
}

CTerm CExpr::comparison(const Binary& b) {
  if (exact_ && is_exact(b, scope_.types)) {
    if (const auto known = decided_by_type(b)) return {*known ? "true" : "false"};
    return infix(control(b.a), symbol(b.op), control(b.b), Prec::Compare);
  }
  const Scalar type = compared_type(b, scope_.types);
  if (!exo::is_data(type)) return infix(control(b.a), symbol(b.op), control(b.b), Prec::Compare);
  if (is_half(type))
    return infix(half_value(b.a, type, true), symbol(b.op), half_value(b.b, type, true), Prec::Compare);
  return infix(data(b.a, type), symbol(b.op), data(b.b, type), Prec::Compare);
}

CTerm CExpr::data(const ExprRef& e, Scalar type) {
  const Scalar own = operand_type(e, type);
  if (own != type && exo::is_data(own))
    return {fmt::format("({}){}", c_type(type), data(e, own).in(Prec::Unary)), Prec::Unary};
  if (is_half(type)) return half(e, type);
  return std::visit(match{
                        [&](const Int& n) -> CTerm { return {c_literal(n.value, type)}; },
                        [&](const Float& n) -> CTerm { return {c_literal(n.value, type)}; },
                        [&](const Bool& n) -> CTerm { return {n.value ? "true" : "false"}; },
                        [&](const Var& n) -> CTerm {
                          return {fmt::format("({}){}", c_type(type), name(n.sym)), Prec::Unary};
                        },
                        [&](const Read& n) -> CTerm { return element(n.buffer, n.index); },
                        [&](const Unary& n) -> CTerm {
                          if (n.op == UnaryOp::Not) return control(e);
                          if (!is_float(type)) return integer(e, type);
                          return {"-" + data(n.a, type).in(Prec::Primary), Prec::Unary};
                        },
                        [&](const Binary& n) -> CTerm {
                          if (is_comparison(n.op) || is_logic(n.op)) return control(e);
                          if (!is_float(type)) return integer(e, type);
                          return infix(data(n.a, type), symbol(n.op), data(n.b, type), strength(n.op));
                        },
                        [&](const Builtin& n) -> CTerm { return function(n, type); },
                        [&](const Window&) -> CTerm { BUG("a window where a value is needed"); },
                        [&](const Stride&) -> CTerm {
                          return {fmt::format("({}){}", c_type(type), control(e).in(Prec::Unary)), Prec::Unary};
                        },
                        [&](const Forall&) -> CTerm { BUG("a quantifier inside of an expression"); },
                    },
                    e->node);
}

/// Arithmetic of integer data, which wraps: computed without sign, then converted back.
CTerm CExpr::integer(const ExprRef& e, Scalar type) {
  const Binary* b = as<Binary>(e);
  if (b && (b->op == BinaryOp::Div || b->op == BinaryOp::Mod)) {
    const int64_t* by = literal(b->b);
    const std::string a = data(b->a, type).in(Prec::Mul);
    if (by && *by != 0 && *by != -1)
      return {fmt::format("({})({} {} {})", c_type(type), a, symbol(b->op), c_literal(*by, type)), Prec::Unary};
    const std::string f = b->op == BinaryOp::Div ? c_quotient(type, helpers_) : c_remainder(type, helpers_);
    return {fmt::format("{}({}, {})", f, data(b->a, type).text, data(b->b, type).text)};
  }
  const CTerm sum = wide(e, type);
  if (wide_type(type) == c_type(type)) return sum;
  return {fmt::format("({}){}", c_type(type), sum.in(Prec::Primary)), Prec::Unary};
}

/// The value modulo 2^32 (or 2^64) as an unsigned number.
CTerm CExpr::wide(const ExprRef& e, Scalar type) {
  const std::string u = wide_type(type);
  if (const int64_t* value = literal(e))
    return {u == "uint64_t" ? fmt::format("UINT64_C({})", static_cast<uint64_t>(*value))
                            : fmt::format("{}u", static_cast<uint32_t>(*value))};
  const Binary* b = as<Binary>(e);
  if (b && (b->op == BinaryOp::Add || b->op == BinaryOp::Sub || b->op == BinaryOp::Mul) &&
      operand_type(e, type) == type)
    return infix(wide(b->a, type), symbol(b->op), wide(b->b, type), strength(b->op));
  if (const Unary* n = as<Unary>(e); n && n->op == UnaryOp::Neg && operand_type(e, type) == type)
    return infix({"0u"}, "-", wide(n->a, type), Prec::Add);
  const CTerm value = data(e, type);
  if (u == c_type(type)) return value;
  return {fmt::format("({}){}", u, value.in(Prec::Unary)), Prec::Unary};
}

CTerm CExpr::function(const Builtin& f, Scalar type) {
  const FunctionInfo* info = function_named(f.name);
  if (!info) BUG("`" + f.name + "` is no function");
  if (info->function == Function::Convert || info->function == Function::Saturate) return conversion(f, *info);
  if (info->function == Function::Select) {
    const bool outer = std::exchange(exact_, false);
    const CTerm choice{fmt::format("{} ? {} : {}", control(f.args[0]).in(Prec::Or), data(f.args[1], type).in(Prec::Or),
                                   data(f.args[2], type).in(Prec::Or)),
                       Prec::Choice};
    exact_ = outer;
    if (is_float(type) || type == Scalar::I32 || type == Scalar::I64) return choice;
    return {fmt::format("({})({})", c_type(type), choice.text), Prec::Unary};  // C computes it as int, or as long
  }
  if (info->function == Function::Clamp)
    return {fmt::format("{}({}({}, {}), {})", c_function(Function::Min, type, helpers_),
                        c_function(Function::Max, type, helpers_), data(f.args[0], type).text,
                        data(f.args[1], type).text, data(f.args[2], type).text)};
  std::vector<std::string> args;
  for (const ExprRef& arg : f.args) args.push_back(data(arg, type).text);
  return {fmt::format("{}({})", c_function(info->function, type, helpers_), join(args, ", "))};
}

/// A conversion; what it converts may be a number of control.
CTerm CExpr::conversion(const Builtin& f, const FunctionInfo& info) {
  const Scalar from = exo::operand_type(f.args[0], scope_.types), to = info.to;
  if (!exo::is_data(from)) {
    const CTerm value = control(f.args[0]);
    if (to == Scalar::I64) return value;
    return {info.function == Function::Saturate || is_half(to)
                ? fmt::format("{}({})", c_conversion(info.function, Scalar::I64, to, helpers_), value.text)
                : fmt::format("({}){}", c_type(to), value.in(Prec::Unary)),
            info.function == Function::Saturate || is_half(to) ? Prec::Primary : Prec::Unary};
  }
  if (from == to) return data(f.args[0], from);
  const Scalar as = is_half(from) ? Scalar::F32 : from;  // what C computes with
  const CTerm value = is_half(from) ? half_value(f.args[0], from, true) : data(f.args[0], from);
  if (to == as) return value;
  // GCC looks through a cast of a narrow signed number to u32, and warns of the sign of the sum that it stands in.
  const bool narrow = to == Scalar::U32 && (as == Scalar::I8 || as == Scalar::I16);
  const bool cast = info.function == Function::Convert && !is_half(to) && (is_float(to) || !is_float(as)) && !narrow;
  if (cast) return {fmt::format("({}){}", c_type(to), value.in(Prec::Unary)), Prec::Unary};
  return {fmt::format("{}({})", c_conversion(info.function, as, to, helpers_), value.text)};
}

ExprRef CExpr::stride_of(Sym buffer, size_t dim) {
  const CStorage& s = scope_.storage(buffer);
  if (dim >= s.strides.size()) BUG("a stride of a dimension that `" + buffer.name() + "` does not have");
  return s.strides[dim];
}

CTerm CExpr::base(Sym buffer) {
  const CStorage& s = scope_.storage(buffer);
  return {s.kind == CStorage::Window ? name(buffer) + ".data" : name(buffer)};
}

CTerm CExpr::offset(Sym buffer, const Exprs& index) {
  const CStorage& s = scope_.storage(buffer);
  if (index.size() != s.strides.size()) BUG("`" + buffer.name() + "` is indexed with another rank");
  ExprRef sum = num(0);
  for (size_t d = 0; d < index.size(); ++d) sum = sum + index[d] * s.strides[d];
  return control(sum);
}

CTerm CExpr::element(Sym buffer, const Exprs& index) {
  const CStorage& s = scope_.storage(buffer);
  if (s.kind == CStorage::Value) return base(buffer);
  if (s.kind == CStorage::Units)
    reject(Diagnostic{
        "emit-memory",
        fmt::format("plain C cannot touch an element of `{}`: it lives in `{}`, which only instructions reach",
                    buffer.name(), s.memory->name),
        {},
        {},
        {}}.help("map the statement to an instruction of the target"));
  if (index.empty()) return {"*" + base(buffer).text, Prec::Unary};
  return {fmt::format("{}[{}]", base(buffer).text, offset(buffer, index).text)};
}

std::string CExpr::address(const Window& window) {
  const CStorage& s = scope_.storage(window.buffer);
  if (s.kind == CStorage::Value) return "&" + base(window.buffer).text;
  Exprs first;
  for (const Slice& slice : window.slices) first.push_back(slice.lo);
  if (first.empty()) return base(window.buffer).text;
  const std::string at = offset(window.buffer, first).text;
  return at == "0" ? base(window.buffer).text : fmt::format("&{}[{}]", base(window.buffer).text, at);
}

std::string CExpr::store(Sym buffer, const Exprs& index, const ExprRef& rhs) {
  const Scalar type = scope_.storage(buffer).type.scalar;
  const std::string value = data(rhs, type).text;
  if (value == element(buffer, index).text) return fmt::format("(void){};", value);  // compilers warn of `x = x`
  return fmt::format("{} = {};", element(buffer, index).text, value);
}

std::string CExpr::reduce(ReduceOp op, Sym buffer, const Exprs& index, const ExprRef& rhs) {
  const Scalar type = scope_.storage(buffer).type.scalar;
  if (op == ReduceOp::Add && is_float(type) && !is_half(type))
    return fmt::format("{} += {};", element(buffer, index).text, data(rhs, type).text);
  const ExprRef old = read(buffer, index);
  if (op == ReduceOp::Add) return store(buffer, index, binary(BinaryOp::Add, old, rhs));
  return store(buffer, index, builtin(op == ReduceOp::Max ? "max" : "min", {old, rhs}));
}

}  // namespace exo
