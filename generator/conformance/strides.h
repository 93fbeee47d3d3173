// Arrays for operands whose strides the assertions relate, `stride(y, 0) == columns*stride(y, 1)`.
#pragma once

#include <optional>

#include "conformance/settings.h"

namespace exo {

/// Does an assertion give a stride in ordinary memory by sizes, or by another stride?
bool relates_strides(const Proc& spec, const Target& target);

/// The shapes of dense arrays, by operand in ordinary memory, at whose beginning the operands may lie so that the assertions hold; an
/// element is to spare wherever they leave room. Nothing where they cannot be met.
std::optional<std::map<Sym, std::vector<int64_t>>> related_shapes(const Proc& spec, const Target& target,
                                                                  const Setting& sizes);

}  // namespace exo
