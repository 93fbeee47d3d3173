// Instructions by which the bench fills the registers of another one, and empties them.
#pragma once

#include <optional>

#include "conformance/settings.h"

namespace exo {

/// Moves a unit of a register file from or to ordinary memory.
struct Mover {
  const Instruction* instruction = nullptr;
  Setting sizes;              // at which it does
  std::vector<int64_t> unit;  // the shape of the ordinary side, row-major
  size_t rank = 1;            // of the register's side: all extents but the last are one
};

/// A load and a store of the same shape; without instructions where the target has none.
struct Movers {
  Mover load, store;
};
Movers movers_of(const Target& target, const std::string& memory, Scalar type, int64_t lanes, size_t most_rank,
                 int64_t largest);

/// An instruction that leaves something in all of a unit to which nothing moves, whatever was there before, and in which of its
/// operands: weights that come with a product.
struct Filler {
  const Instruction* instruction;
  Sym operand;
  Setting sizes;
};
std::optional<Filler> filler_of(const Target& target, const std::string& memory, Scalar type, int64_t lanes,
                                int64_t largest);

/// Does it assert that the innermost elements are neighbours?
bool asks_for_neighbours(const Proc& spec, Sym buffer);

}  // namespace exo
