// When the accesses of a block happen, one relative to another: what is written before it is read, and what must outlive what.
#pragma once

#include <set>

#include "analysis/query.h"

namespace exo {

class Timeline {
 public:
  Timeline(const Declarations& names, const Block& block);

  /// Every access of the block, in program order.
  const std::vector<Access>& all() const { return all_; }

  /// Loops of the block around access `i` (those inside of a call not counted).
  size_t depth(size_t i) const;

  /// Does a parallel loop of the block stand around an access to `buffer`? Then no order of its iterations is given.
  bool in_parallel(Sym buffer) const;

  /// Does access `i` find an element that the block has always written before, in the same iteration of the outermost `level` loops?
  /// Where it does not, the witness is an iteration that finds what was there already.
  Verdict finds_own(const Facts& facts, size_t i, size_t level) const;

  /// The first read (or update) of `buffer` that may find what was written before the block, or before this iteration of its
  /// outermost `level` loops.
  struct Exposed {
    Access read;
    Verdict verdict;
  };
  std::optional<Exposed> exposed(const Facts& facts, Sym buffer, size_t level) const;

  /// An element with a place that others may share.
  struct Tenant {
    size_t access;     // of `all`
    Exprs place;       // equal places: the same storage
    size_t level = 0;  // so many loops stand around the allocation of its buffer
  };
  /// A write of one element that comes between the write of another one in the same place and the read that wants to find that;
  /// nothing where sharing places changes no value that is read.
  std::optional<Conflict> overwritten(const Facts& facts, const std::vector<Tenant>& tenants) const;

 private:
  std::vector<Access> all_;
  std::set<Sym> loops_, parallel_;

  struct Moment {
    Access access;  // fresh
    size_t position;
  };
  Moment moment(size_t i, const char* prime) const;
  size_t common(const Access& a, const Access& b) const;
  ExprRef may_precede(const Moment& a, const Moment& b) const;
  Exprs written_by(size_t write, size_t read, size_t level) const;
};

}  // namespace exo
