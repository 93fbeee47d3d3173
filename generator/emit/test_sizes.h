// Sizes that are worth a test.
#pragma once

#include <map>
#include <vector>

#include "ir/ir.h"

namespace exo {

using Sizes = std::map<Sym, int64_t>;

/// Values of the control parameters of `proc` for which its assertions hold and its buffers are not large, smaller ones first: zero,
/// one, primes, and what lies around the `edges` (tile sizes, and multiples of them). At most `limit`, and always the same.
std::vector<Sizes> test_sizes(const Proc& proc, const std::vector<int64_t>& edges, size_t limit);

/// The constants of programs at which something changes: bounds of loops, divisors, extents.
std::vector<int64_t> edges_of(const std::vector<ProcRef>& programs);

}  // namespace exo
