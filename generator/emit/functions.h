// The functions of the object language (ir/builtin.h) as C: library calls and small inline functions.
#pragma once

#include <string>

#include "emit/scope.h"
#include "ir/builtin.h"

namespace exo {

/// The C function that computes `function` for operands of `type` (a conversion: from `type` to `to`). Its arguments
/// have that type. Not for Select and Convert, which are operators in C.
std::string c_function(Function function, Scalar type, Scalar to, CHelpers& helpers);

/// Integer division and remainder without undefined cases: they truncate; by zero the quotient is 0.
std::string c_quotient(Scalar type, CHelpers& helpers);
std::string c_remainder(Scalar type, CHelpers& helpers);

/// The unsigned type in which integers of `type` are computed: uint32_t or uint64_t.
std::string wide_type(Scalar type);

}  // namespace exo
