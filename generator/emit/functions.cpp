#include "emit/functions.h"

#include <fmt/format.h>

#include "support/diagnostic.h"
#include "target/c_type.h"

namespace exo {
namespace {

/// sqrtf for f32, sqrt for f64.
std::string library(const std::string& name, Scalar type) { return type == Scalar::F32 ? name + "f" : name; }

std::string one(Scalar type) { return type == Scalar::F32 ? "1.0f" : "1.0"; }

/// Defines a function of one expression over `x` (and `y`).
std::string define(CHelpers& helpers, const std::string& name, Scalar result, Scalar type, int arity,
                   const std::string& body) {
  const std::string t = c_type(type);
  const std::string params = arity == 2 ? fmt::format("{0} x, {0} y", t) : fmt::format("{} x", t);
  return helpers.use(name,
                     fmt::format("static inline {} {}({})\n{{\n    {}\n}}\n", c_type(result), name, params, body));
}

std::string limit(Scalar type, const char* side) {
  const bool is_unsigned = type == Scalar::U8 || type == Scalar::U16 || type == Scalar::U32;
  if (is_unsigned && std::string(side) == "MIN") return "0";
  return fmt::format("{}INT{}_{}", is_unsigned ? "U" : "", 8 * size_in_bytes(type), side);
}

/// To the nearest, ties to even, then to the nearest in range. The bounds are powers of two, so that floats hold them.
std::string saturate(Scalar from, Scalar to, CHelpers& helpers) {
  const std::string name = fmt::format("exo_sat_{}_{}", scalar_name(to), scalar_name(from));
  const std::string lo = limit(to, "MIN"), hi = limit(to, "MAX"), t = c_type(to);
  if (!is_float(from))
    return define(helpers, name, to, from, 1,
                  fmt::format("const int64_t v = x;\n    return ({0})(v < {1} ? {1} : v > {2} ? {2} : v);", t, lo, hi));
  const int bits = 8 * size_in_bytes(to) - (lo == "0" ? 0 : 1);
  const double bound = static_cast<double>(1ull << (bits - 1)) * 2;
  const std::string suffix = from == Scalar::F32 ? "f" : "";
  const std::string below = lo == "0" ? "0.0" : fmt::format("-{:.1f}", bound);
  return define(helpers, name, to, from, 1,
                fmt::format("const {1} r = {2}(x);\n    if (r != r)\n        return 0;\n"
                            "    return ({0})(r >= {3:.1f}{4} ? {5} : r <= {6}{4} ? {7} : ({0})r);",
                            t, c_type(from), library("rint", from), bound, suffix, hi, below, lo));
}

/// Truncates floats, then wraps at the width; 0 where there is no such number. What fits 64 bits goes the short way.
std::string wrap(Scalar from, Scalar to, CHelpers& helpers) {
  const std::string name = fmt::format("exo_wrap_{}_{}", scalar_name(to), scalar_name(from));
  const std::string f = from == Scalar::F32 ? "f" : "", t = c_type(to);
  if (!is_float(from)) return define(helpers, name, to, from, 1, fmt::format("return ({})x;", t));
  return define(helpers, name, to, from, 1,
                fmt::format("if (x >= -9223372036854775808.0{0} && x < 9223372036854775808.0{0})\n"
                            "        return ({1})(int64_t)x;\n"
                            "    if (!(x - x == 0))\n        return 0;\n"
                            "    const {2} rest = fmod{0}(x < 0 ? -x : x, 18446744073709551616.0{0});\n"
                            "    return ({1})(x < 0 ? 0 - (uint64_t)rest : (uint64_t)rest);",
                            f, t, c_type(from)));
}

std::string absolute(Scalar type, CHelpers& helpers) {
  if (is_float(type)) return library("fabs", type);
  const bool is_unsigned = limit(type, "MIN") == "0";
  return define(
      helpers, fmt::format("exo_abs_{}", scalar_name(type)), type, type, 1,
      is_unsigned ? "return x;" : fmt::format("return x < 0 ? ({})(0u - ({})x) : x;", c_type(type), wide_type(type)));
}

}  // namespace

std::string wide_type(Scalar type) { return type == Scalar::I64 ? "uint64_t" : "uint32_t"; }

std::string c_function(Function function, Scalar type, CHelpers& helpers) {
  const auto helper = [&](const char* name, int arity, const std::string& body) {
    return define(helpers, fmt::format("exo_{}_{}", name, scalar_name(type)), type, type, arity, body);
  };
  switch (function) {
    case Function::Relu:
      return helper("relu", 1, "return x > 0 ? x : 0;");
    case Function::Sqrt:
      return library("sqrt", type);
    case Function::Exp:
      return library("exp", type);
    case Function::Log:
      return library("log", type);
    case Function::Sin:
      return library("sin", type);
    case Function::Cos:
      return library("cos", type);
    case Function::Tanh:
      return library("tanh", type);
    case Function::Sigmoid:
      return helper("sigmoid", 1,  // exp of what is not positive does not overflow
                    fmt::format("const {} e = {}(-{}(x));\n    return (x < 0 ? e : {}) / ({} + e);", c_type(type),
                                library("exp", type), library("fabs", type), one(type), one(type)));
    case Function::Erf:
      return library("erf", type);
    case Function::Abs:
      return absolute(type, helpers);
    case Function::Max:
      return helper("max", 2, "return x > y ? x : y;");
    case Function::Min:
      return helper("min", 2, "return x < y ? x : y;");
    case Function::Round:
      return library("rint", type);
    case Function::Select:
    case Function::Clamp:
    case Function::Convert:
    case Function::Saturate:
      break;
  }
  BUG("an operator was asked for as a function");
}

std::string c_conversion(Function kind, Scalar from, Scalar to, CHelpers& helpers) {
  if (to == Scalar::F16) return from == Scalar::I64 ? "exo_f16_of_i64" : "exo_f16_of";
  if (to == Scalar::BF16) return from == Scalar::I64 ? "exo_bf16_of_i64" : "exo_bf16_of";
  return kind == Function::Saturate ? saturate(from, to, helpers) : wrap(from, to, helpers);
}

std::string c_quotient(Scalar type, CHelpers& helpers) {
  const std::string t = c_type(type);
  const std::string minus =
      limit(type, "MIN") == "0" ? "" : fmt::format("y == -1 ? ({})(0u - ({})x) : ", t, wide_type(type));
  return define(helpers, fmt::format("exo_quotient_{}", scalar_name(type)), type, type, 2,
                fmt::format("return ({0})(y == 0 ? 0 : {1}x / y);", t, minus));
}

std::string c_remainder(Scalar type, CHelpers& helpers) {
  const std::string minus = limit(type, "MIN") == "0" ? "" : "y == -1 ? 0 : ";
  return define(helpers, fmt::format("exo_remainder_{}", scalar_name(type)), type, type, 2,
                fmt::format("return ({0})(y == 0 ? x : {1}x % y);", c_type(type), minus));
}

}  // namespace exo
