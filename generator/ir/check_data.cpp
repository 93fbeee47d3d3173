// Data expressions: every operation has one element type, and conversions are written.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/check_expr.h"
#include "ir/print.h"
#include "support/text.h"

namespace exo {
namespace {

/// The conversion that takes `from` to `to`.
std::string conversion_name(Scalar to, Scalar from) {
  return (is_integer_data(to) && is_float(from) ? "sat_" : "") + std::string(scalar_name(to));
}

bool fits(int64_t value, Scalar type) {
  if (type == Scalar::I64) return true;
  const int bits = 8 * size_in_bytes(type);
  const bool is_signed = type <= Scalar::I64;
  const int64_t hi = (int64_t{1} << (is_signed ? bits - 1 : bits)) - 1;
  return value <= hi && value >= (is_signed ? -hi - 1 : 0);
}

/// The name of the conversion to a type; R has none.
std::string conversion_of(Scalar type) { return scalar_name(is_data(type) && type != Scalar::R ? type : Scalar::F32); }

constexpr double kLargestSize = 0x1p46;  // what the entry of a kernel lets in (EXO_MAX_SIZE)
constexpr double kLargestControl = 0x1p62;

/// The largest that a control expression and its parts can be; infinite for what is no number.
double magnitude(const ExprRef& e) {
  constexpr double kAny = std::numeric_limits<double>::infinity();
  return std::visit(
      match{
          [&](const Int& n) { return std::fabs(static_cast<double>(n.value)); },
          [&](const Float&) { return kAny; },
          [&](const Bool&) { return 1.0; },
          [&](const Var&) { return kLargestSize; },
          [&](const Read&) { return kAny; },
          [&](const Unary& n) { return magnitude(n.a); },
          [&](const Binary& n) {
            const double a = magnitude(n.a), b = magnitude(n.b);
            return n.op == BinaryOp::Mul ? std::max({a, b, a * b}) : n.op <= BinaryOp::Sub ? a + b : std::max(a, b);
          },
          [&](const Builtin& n) {
            double most = 0;
            for (const ExprRef& x : n.args) most = std::max(most, magnitude(x));
            return most;
          },
          [&](const Window&) { return kAny; },
          [&](const Stride&) { return kLargestSize; },
          [&](const Forall&) { return 1.0; },
      },
      e->node);
}

}  // namespace

void ExpressionChecker::data(const ExprRef& e, Scalar type) {
  std::visit(match{
                 [&](const Int&) { constant(e, type); },
                 [&](const Float&) { constant(e, type); },
                 [&](const Bool&) { control_in_data(e, type); },
                 [&](const Var&) { control_in_data(e, type); },
                 [&](const Read& n) { element(e, n); },
                 [&](const Unary& n) { n.op == UnaryOp::Neg ? data(n.a, type) : control_in_data(e, type); },
                 [&](const Binary& n) { operation(e, n, type); },
                 [&](const Builtin& n) { function(e, n, type); },
                 [&](const Window&) { misplaced_window(e); },
                 [&](const Stride&) { control_in_data(e, type); },
                 [&](const Forall&) { misplaced_forall(e); },
             },
             e->node);
}

void ExpressionChecker::control_in_data(const ExprRef& e, Scalar type) {
  Diagnostic& d = problem("control-in-data", fmt::format("`{}` is not data", print(e)), e->span);
  if (const Var* n = as<Var>(e)) {
    d.places[0].words = fmt::format("{} of the program", kind_of(declared(n->sym).type));
    point_at_declaration(d, n->sym);
  }
  if (type_of(e, names_, Scalar::Index) == Scalar::Bool)
    d.help(fmt::format("write `select({}, 1, 0)`", print(e)));
  else
    d.help(fmt::format("convert it to data, as in `{}({})`", conversion_of(type), print(e)));
}

void ExpressionChecker::element(const ExprRef& e, const Read& node) {
  field_in_place(e, node.buffer);
  if (is_data(declared(node.buffer).type.scalar)) return index(e->span, node.buffer, node.index);
  Diagnostic& d = problem("not-a-buffer", fmt::format("`{}` has no elements", node.buffer.name()), e->span);
  point_at_declaration(d, node.buffer);
}

void ExpressionChecker::constant(const ExprRef& e, Scalar type) {
  if (!is_integer_data(type)) return;
  const int64_t* value = literal(e);
  if (value && fits(*value, type)) return;
  const char* const article = type <= Scalar::I64 ? "an" : "a";
  Diagnostic& d =
      problem("literal-range", fmt::format("`{}` is not {} {}", print(e), article, scalar_name(type)), e->span);
  if (!value) return void(d.help("write a whole number"));
  const bool is_signed = type <= Scalar::I64;
  const int64_t hi = (int64_t{1} << (8 * size_in_bytes(type) - (is_signed ? 1 : 0))) - 1;
  d.note(fmt::format("{} {} is {} to {}", article, scalar_name(type), is_signed ? -hi - 1 : 0, hi));
}

void ExpressionChecker::unlike(const ExprRef& e, Scalar type, const std::string& because, Scalar wanted) {
  Diagnostic& d =
      problem("mixed-precision",
              fmt::format("`{}` is {}, but {} {}", print(e), scalar_name(type), because, scalar_name(wanted)), e->span);
  if (const Read* n = as<Read>(e)) point_at_declaration(d, n->buffer);
  if (wanted == Scalar::R || !is_data(wanted))
    d.help(fmt::format("give both the type {}", scalar_name(type)));
  else
    d.help(fmt::format("write `{}({})`", conversion_name(wanted, type), print(e)));
}

/// All operands have the type of the first that has one; the others are reported.
void ExpressionChecker::operands(const Exprs& list, Scalar type) {
  const ExprRef* typed = nullptr;
  for (const ExprRef& e : list) {
    const Scalar own = type_of(e, names_, Scalar::Stride);  // a literal has none
    if (is_data(own) && (!typed || (type == Scalar::R && is_float(own)))) typed = &e, type = own;
    if (is_data(own) && own != type && !(own == Scalar::R && is_float(type)))
      unlike(e, own, fmt::format("`{}` is", print(*typed)), type);
    data(e, is_data(own) ? own : type);
  }
}

void ExpressionChecker::operation(const ExprRef& e, const Binary& node, Scalar type) {
  if (node.op > BinaryOp::Mod) {
    problem("kind", fmt::format("`{}` is true or false, but a number is needed here", print(e)), e->span)
        .help(fmt::format("write `select({}, 1, 0)`", print(e)));
    return;
  }
  const bool divides = node.op == BinaryOp::Div || node.op == BinaryOp::Mod;
  if (node.op == BinaryOp::Mod && is_float(type))
    problem("function-type", fmt::format("`%` is for whole numbers, and this is {}", scalar_name(type)), e->span);
  if (const int64_t* by = literal(node.b); by && *by == 0 && divides && is_integer_data(type))
    problem("divisor", fmt::format("`{}` divides by zero", print(e)), node.b->span);
  operands({node.a, node.b}, type);
}

bool ExpressionChecker::arity(const ExprRef& e, const Builtin& node) {
  const FunctionInfo* info = function_named(node.name);
  if (!info) BUG(fmt::format("there is no function called `{}`", node.name));
  if (node.args.size() == info->arity) return true;
  problem("argument-count",
          fmt::format("`{}` takes {} argument{}, not {}", node.name, info->arity, info->arity == 1 ? "" : "s",
                      node.args.size()),
          e->span);
  return false;
}

void ExpressionChecker::function(const ExprRef& e, const Builtin& node, Scalar type) {
  if (!arity(e, node)) return;
  const FunctionInfo& info = *function_named(node.name);
  switch (info.function) {
    case Function::Convert:
    case Function::Saturate:
      return conversion(e, node, info);
    case Function::Select:
      return data_condition(node.args[0]), operands({node.args[1], node.args[2]}, type);
    case Function::Relu:
    case Function::Sqrt:
    case Function::Exp:
    case Function::Log:
    case Function::Sin:
    case Function::Cos:
    case Function::Tanh:
    case Function::Sigmoid:
    case Function::Erf:
    case Function::Abs:
    case Function::Max:
    case Function::Min:
    case Function::Round:
    case Function::Clamp:
      break;
  }
  if (info.floats_only && !is_float(type))
    problem("function-type", fmt::format("`{}` is for floats, and this is {}", node.name, scalar_name(type)), e->span)
        .help(fmt::format("convert the argument first, as in `{}(f32(x))`", node.name));
  operands(node.args, type);
}

void ExpressionChecker::conversion(const ExprRef& e, const Builtin& node, const FunctionInfo& info) {
  const ExprRef& operand = node.args[0];
  const Scalar from = operand_type(operand, names_);
  if (is_data(from)) return data(operand, from);
  if (from == Scalar::Bool) return control_in_data(operand, info.to);
  integer(operand);
  if (!is_data_expr(operand) && magnitude(operand) > kLargestControl)
    problem("control-range", fmt::format("`{}` may not fit 64 bits", print(operand)), e->span)
        .help("convert its parts, as in `i64(n) * i64(m)`, which wraps");
}

void ExpressionChecker::data_condition(const ExprRef& e) {
  if (const Unary* n = as<Unary>(e); n && n->op == UnaryOp::Not) return data_condition(n->a);
  const Binary* n = as<Binary>(e);
  if (n && (n->op == BinaryOp::And || n->op == BinaryOp::Or)) return data_condition(n->a), data_condition(n->b);
  if (!n || n->op <= BinaryOp::Mod) return condition(e);
  const Scalar type = compared_type(*n, names_);
  if (type == Scalar::Index) return condition(e);
  operands({n->a, n->b}, type);
}

}  // namespace exo
