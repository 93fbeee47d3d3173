// What a block may touch, and when: the one representation of effects.
#pragma once

#include "analysis/solver.h"
#include "ir/check.h"
#include "ir/path.h"
#include "ir/walk.h"

namespace exo {

/// One touch of one element. `when` holds the loop ranges and conditions inside the block under which it happens; the
/// iterators among them are variables of this access alone once it has been made `fresh`.
struct Access {
  enum Kind { Read, Write, Reduce } kind = Read;
  ReduceOp op = ReduceOp::Add;
  Sym buffer;
  Exprs index;
  Exprs when;
  std::vector<std::pair<Sym, Sym>> iterators;  // in the program, and here; outermost first
  const Stmt* stmt = nullptr;                  // of the block; for what a call touches, the call
  Sym written_as;                              // the name that the program has there: of the buffer, or of a part of it
  bool decides = false;                        // a read: of a condition or a bound, whose value says what runs
};

/// Every access of the block, in program order. Calls are entered, but what a callee allocates is its own; windows and names of parts resolve to the buffers behind
/// them, which is what `names` (the declarations around the block) is for.
std::vector<Access> accesses(const Declarations& names, const Block& block);

/// The accesses without those to buffers that the block allocates itself: what others can see of it.
std::vector<Access> visible(const Declarations& names, const Block& block);

/// A copy whose iterators are new symbols.
Access fresh(const Access& access);

/// A copy with control variables replaced.
Access substitute(const Access& access, const Substitution& by);

/// Buffers allocated in the block at any depth.
std::set<Sym> allocated(const Block& block);

/// Indices of an access through a window, as indices of the buffer behind it.
Exprs through(const Window& window, const Exprs& index, size_t rank);

}  // namespace exo
