// Scratch memory of a variant: every tensor on the heap gets its place in one block that is taken at entry.
#pragma once

#include <map>
#include <vector>

#include "emit/c_expr.h"
#include "emit/c_writer.h"
#include "ir/ir.h"

namespace exo {

/// A tensor in scratch memory.
struct ScratchPiece {
  Sym buffer;
  Type type;
  Exprs extents;    // upper bounds over the parameters
  bool per_thread;  // inside a parallel loop
};

/// Is this the scratch arena of the runtime?
bool is_heap(const std::string& memory);

/// The tensors of a body that go to scratch memory, in program order. `mentioned`: buffers that are used at all.
/// Rejects one whose size has no bound in sight.
std::vector<ScratchPiece> scratch_pieces(const Block& body, const Ranges& outside, const std::set<Sym>& mentioned);

/// Writes the code that acquires the block, and remembers where each piece is.
class Scratch {
 public:
  /// `kernel` is named in messages.
  void acquire(const std::vector<ScratchPiece>& pieces, const std::string& kernel, CScope& scope, CExpr& expr,
               CHelpers& helpers, CWriter& out);
  void release(CWriter& out) const;
  /// The address of a piece: "scratch + Bp_bytes".
  std::string address(Sym buffer) const { return addresses_.at(buffer); }

 private:
  std::string block_;
  std::map<Sym, std::string> addresses_;
};

/// Lines that return EXO_OVERFLOW where a product in `e` is too large to be computed in 64 bits. Products come
/// innermost first.
void check_products(const ExprRef& e, const std::string& kernel, const std::set<Sym>& nonnegative, CExpr& expr,
                    CWriter& out);

/// The factors of an extent, so that their product can be formed without overflow.
void flatten_product(const ExprRef& e, Exprs& factors);

}  // namespace exo
