// The functions of the object language by name, and what they mean.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ir/ir.h"

namespace exo {

/// Meaning over data, each rounded once to the type of the operands (integers wrap). Conversions also take numbers of control:
/// f32(n), i32(i + 1).
///   relu(x)          max(x, 0)
///   select(c, a, b)  a where c holds, else b; both are evaluated, and the other one does not reach the result
///   sqrt exp log sin cos tanh sigmoid erf (x)   floats only; sigmoid(x) is 1 / (1 + exp(-x))
///   abs(x)           x < 0 ? -x : x, and 0 for -0.0
///   max(a, b)        a > b ? a : b; so b where one of them is not a number
///   min(a, b)        a < b ? a : b
///   round(x)         to the nearest whole number, ties to even; floats only
///   clamp(x, a, b)   min(max(x, a), b)
///   f32(x) ...       to a float: the nearest, ties to even
///   i32(x) ...       to an integer: the whole part (towards zero) modulo the width; 0 for infinities and what is not a number
///   sat_i8(x) ...    to an integer: the nearest, ties to even, then the nearest in range; 0 for what is not a number
enum class Function : uint8_t {
  Relu,
  Select,
  Sqrt,
  Exp,
  Log,
  Sin,
  Cos,
  Tanh,
  Sigmoid,
  Erf,
  Abs,
  Max,
  Min,
  Round,
  Clamp,
  Convert,
  Saturate
};

struct FunctionInfo {
  std::string name;
  Function function;
  size_t arity;
  bool floats_only = false;
  Scalar to = Scalar::R;  // of Convert and Saturate: the type of the result
};

/// The function of that name; null if there is none.
const FunctionInfo* function_named(const std::string& name);

std::vector<std::string> function_names();

/// The type that `name` converts to, if it is a conversion: f32 for "f32", i8 for "sat_i8".
std::optional<Scalar> converts_to(const std::string& name);

}  // namespace exo
