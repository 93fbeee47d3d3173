// Arithmetic on single elements, exactly as ir.h and builtin.h define it.
#pragma once

#include "ir/builtin.h"
#include "ir/interpret.h"

namespace exo {

/// The nearest value of a float type (R counts as f64), ties to even.
double rounded(Scalar type, double value);
/// The integer modulo the width of the type.
int64_t wrapped(Scalar type, int64_t value);

/// The numbers that an integer type holds, u32 at the widest where it has no sign.
int64_t lowest(Scalar type);
int64_t highest(Scalar type);

/// A defined cell of that type.
Cell real_cell(Scalar type, double value);
Cell integer_cell(Scalar type, int64_t value);

/// The result has no value where an operand has none.
Cell negated(Scalar type, const Cell& a);
Cell arithmetic(BinaryOp op, Scalar type, const Cell& a, const Cell& b);  // Add .. Mod
bool compare(BinaryOp op, Scalar type, const Cell& a, const Cell& b);     // Lt .. Ne, of defined cells
Cell converted(Function kind, Scalar from, Scalar to, const Cell& a);     // Convert or Saturate
/// All functions but Select and the conversions; `b` and `c` as far as there are so many arguments.
Cell applied(Function function, Scalar type, const Cell& a, const Cell& b, const Cell& c);

/// "3", "-1.5", "no value".
std::string cell_text(Scalar type, const Cell& cell);

}  // namespace exo
