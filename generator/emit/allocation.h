// Buffers that live inside a function: variables, arrays on the stack, units of a memory of the target.
#pragma once

#include "emit/c_expr.h"

namespace exo {

/// How an allocation is held. Rejects an unknown memory, a shape that the memory has no unit for, and a symbolic extent
/// where C needs a constant.
CStorage local_storage(const Alloc& alloc, const Target& target);

/// The C that declares it; not for the heap.
std::string declaration(const Alloc& alloc, const CStorage& storage, const std::string& name, CExpr& expr);

/// The C that ends its life.
std::string release(const Alloc& alloc, const Memory& memory, const std::string& name);

}  // namespace exo
