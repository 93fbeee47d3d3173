// Changing the shape of a buffer and every access to it.
#pragma once

#include "schedule/rewrite.h"

namespace exo {

/// Where the buffer is allocated; refuses where it is a parameter.
Path allocation(Rewrite& rw, Sym buffer);

/// Rewrites the allocation and all indices. A buffer that is handed to a call as a window keeps its shape: refused.
void edit_accesses(Rewrite& rw, Sym buffer, const std::function<void(Alloc&)>& declare,
                   const std::function<Exprs(const Exprs&)>& index);

/// The block with every index of the buffer rewritten, and the buffer replaced by another.
Block with_accesses(const Block& block, Sym buffer, Sym replacement, const std::function<Exprs(const Exprs&)>& index);

}  // namespace exo
