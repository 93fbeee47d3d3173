// Calls of instructions: the C of the target file with its holes filled.
#pragma once

#include "emit/c_expr.h"

namespace exo {

/// The statement that performs a call. Rejects an argument that is not where the instruction wants it.
std::string expand(const Instruction& instruction, const Call& call, CScope& scope, CExpr& expr);

/// Strides of the dimensions that a window keeps.
Exprs window_strides(const Window& window, CExpr& expr, const CScope& scope);

}  // namespace exo
