// Buffers that live inside a function: variables, arrays on the stack, units of a memory of the target.
#pragma once

#include "emit/c_expr.h"

namespace exo {

/// The most elements that something of this shape has, for vectors of any length; none where an extent is no constant.
std::optional<int64_t> largest_count(const Exprs& shape, const Target& target, Sym length);

/// How an allocation is held. Rejects an unknown memory, a shape that the memory has no unit for, and a symbolic extent
/// where C needs a constant. `length`: the variable that stands for that of vectors, if there is one.
CStorage local_storage(const Alloc& alloc, const Target& target, Sym length);

/// How many of its dimensions count units, and those that count elements of one.
size_t outer_rank(const CStorage& storage);

/// The indices of all units, as they stand in the names of variables: "_0_1"; "" of one that stands alone.
std::vector<std::string> unit_indices(const Alloc& alloc, const CStorage& storage);

/// The C that declares it; not for the heap. What is on the stack has room for the longest vectors.
std::string declaration(const Alloc& alloc, const CStorage& storage, const std::string& name, CExpr& expr,
                        const Target& target, Sym length);

/// The C that ends its life.
std::string release(const Alloc& alloc, const Memory& memory, const std::string& name);

}  // namespace exo
