// The rewrite behind `stage`: what it was asked for, with the window already found.
#pragma once

#include "analysis/hull.h"
#include "schedule/layout.h"

namespace exo {

enum class StageMode : uint8_t { Copy, Accumulate, Local };
enum class StageEdges : uint8_t { Guard, Mask };

struct Staging {
  Sym buffer;
  std::string as;
  Range block;                    // the statements during which the new buffer stands in
  std::vector<Access> touches;    // the block's accesses to the window
  std::vector<Exprs> stays;       // indices of the accesses that are outside of it
  std::vector<Side> sides;        // the window, by dimension
  Exprs room;                     // what the new buffer has room for, by dimension of the window
  std::vector<std::string> axes;  // names of the dimensions
  Layout layout{0};
  std::string memory;
  StageMode mode = StageMode::Copy;
  StageEdges edges = StageEdges::Guard;
  std::vector<int64_t> pad;  // by dimension: the last block of so many is filled with zeros; 0: nothing is
};

/// An index of the block lies in the window: a condition.
ExprRef in_window(const Exprs& index, const std::vector<Side>& sides);

/// Is it one of the indices?
bool is_among(const Exprs& index, const std::vector<Exprs>& list);

/// States the obligations of `stage` and performs it.
void stage(Rewrite& rw, const Staging& plan);

}  // namespace exo
