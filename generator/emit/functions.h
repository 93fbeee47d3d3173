// The functions of the object language (ir/builtin.h) as C: library calls and small inline functions.
#pragma once

#include <string>

#include "emit/scope.h"
#include "ir/builtin.h"

namespace exo {

/// The C function that computes `function` for operands of `type`, one that C computes with. Not for Select, Clamp and the
/// conversions.
std::string c_function(Function function, Scalar type, CHelpers& helpers);

/// The C function that converts `from`, a type that C computes with, to `to`; where a cast will not do.
std::string c_conversion(Function kind, Scalar from, Scalar to, CHelpers& helpers);

/// Integer division and remainder without undefined cases, as ir.h defines them.
std::string c_quotient(Scalar type, CHelpers& helpers);
std::string c_remainder(Scalar type, CHelpers& helpers);

/// The unsigned type in which integers of `type` are computed: uint32_t or uint64_t.
std::string wide_type(Scalar type);

}  // namespace exo
