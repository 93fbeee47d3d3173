// Floats of 16 bits in C: read as `float`, rounded after each operation, stored as their bits (exo/float16.h says why one
// rounding of the `float` is the rounding of the operation).
#include <fmt/format.h>

#include "emit/c_expr.h"
#include "emit/functions.h"
#include "ir/build.h"
#include "ir/values.h"
#include "support/text.h"

namespace exo {
namespace {

std::string in_half(const char* what, Scalar type, const std::string& value) {
  return fmt::format("exo_{}_{}({})", scalar_name(type), what, value);
}

}  // namespace

CTerm CExpr::half(const ExprRef& e, Scalar type) {
  if (const Read* n = as<Read>(e)) return element(n->buffer, n->index);
  if (const Builtin* n = as<Builtin>(e); n && converts_to(n->name)) return conversion(*n, *function_named(n->name));
  const CTerm value = half_value(e, type, false);
  return {in_half("of", type, "(double)" + value.in(Prec::Unary))};
}

CTerm CExpr::half_value(const ExprRef& e, Scalar type, bool rounded) {
  const auto round = [&](const CTerm& value) { return rounded ? CTerm{in_half("round", type, value.text)} : value; };
  const auto control = []() -> CTerm { BUG("a control expression where a float is computed"); };
  return std::visit(
      match{
          [&](const Int& n) -> CTerm {
            const double nearest =
                converted(Function::Convert, Scalar::I64, type, integer_cell(Scalar::I64, n.value)).real;
            return {c_literal(nearest, Scalar::F32)};
          },
          [&](const Float& n) -> CTerm { return {c_literal(exo::rounded(type, n.value), Scalar::F32)}; },
          [&](const Bool&) { return control(); },
          [&](const Var&) { return control(); },
          [&](const Read& n) -> CTerm { return {in_half("to_f32", type, element(n.buffer, n.index).text)}; },
          [&](const Unary& n) -> CTerm {
            return {"-" + half_value(n.a, type, true).in(Prec::Primary), Prec::Unary};
          },
          [&](const Binary& n) -> CTerm {
            return round(c_infix(half_value(n.a, type, true), n.op, half_value(n.b, type, true)));
          },
          [&](const Builtin& n) { return half_function(n, type, rounded); },
          [&](const Window&) { return control(); },
          [&](const Stride&) { return control(); },
          [&](const Forall&) { return control(); },
      },
      e->node);
}

/// Functions whose result is one of their operands or a whole number need no rounding.
CTerm CExpr::half_function(const Builtin& f, Scalar type, bool rounded) {
  const FunctionInfo& info = *function_named(f.name);
  const auto value = [&](size_t i) { return half_value(f.args[i], type, true); };
  const auto call = [&](Function function, const std::string& args) {
    return CTerm{fmt::format("{}({})", c_function(function, Scalar::F32, helpers_), args)};
  };
  const auto rounds = [&](const CTerm& x) { return rounded ? CTerm{in_half("round", type, x.text)} : x; };
  switch (info.function) {
    case Function::Convert:
    case Function::Saturate:
      return {in_half("to_f32", type, conversion(f, info).text)};
    case Function::Select:
      return {
          fmt::format("{} ? {} : {}", control(f.args[0]).in(Prec::Or), value(1).in(Prec::Or), value(2).in(Prec::Or)),
          Prec::Choice};
    case Function::Relu:
    case Function::Abs:
    case Function::Round:
      return call(info.function, value(0).text);
    case Function::Max:
    case Function::Min:
      return call(info.function, value(0).text + ", " + value(1).text);
    case Function::Clamp:
      return call(Function::Min, call(Function::Max, value(0).text + ", " + value(1).text).text + ", " + value(2).text);
    case Function::Sqrt:
    case Function::Exp:
    case Function::Log:
    case Function::Sin:
    case Function::Cos:
    case Function::Tanh:
    case Function::Sigmoid:
    case Function::Erf:
      return rounds(call(info.function, value(0).text));
  }
  BUG("a function without C");
}

}  // namespace exo
