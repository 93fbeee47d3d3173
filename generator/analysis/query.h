// The questions that rewrites ask. Each condition of a rewrite is one of these with its own blocks and facts.
#pragma once

#include "analysis/access.h"
#include "analysis/facts.h"
#include "support/diagnostic.h"

namespace exo {

/// What a chain of `+=` (`max=`, `min=`) over floats means: order kept, or a sum is a set. (The order of `max=` shows where
/// something is not a number, or a zero has a sign.)
enum class Contract : uint8_t { Reassociate, Exact };

/// Something that a program does at a statement and must not, with the problem worded for the user.
struct Violation {
  const Stmt* stmt = nullptr;
  Diagnostic problem;
  Verdict verdict;
};

/// Two accesses whose order matters and which can meet.
struct Conflict {
  Access first, second;  // the second one fresh
  Verdict verdict;
};

/// Can the two accesses touch one element? Proved: never.
Verdict disjoint(const Facts& facts, const Access& a, const Access& b);

/// May `a` and `b` swap even where they meet: reads, or equal reductions where the contract allows it?
bool harmless(const Access& a, const Access& b, const Declarations& names, Contract contract);

/// The first pair of accesses, one of each list, that cannot be swapped; nothing if the lists commute.
/// The second list is made fresh, so iterators inside of one list never meet those of the other.
std::optional<Conflict> conflict(const Facts& facts, const std::vector<Access>& a, const std::vector<Access>& b,
                                 const Declarations& names, Contract contract);

/// Two iterations of the loop of which one writes or updates what the other touches; nothing if there are none.
std::optional<Conflict> race(const Declarations& names, const Facts& around, const For& loop);

/// `extra` stands in for the statement at `region`: the first of its writes that something could notice, with the read that does
/// (none where it writes a parameter). A place that nothing else writes has no value to lose, so writing it is never noticed.
struct Observation {
  Access write;
  std::optional<Access> read;
  Verdict verdict;
};
std::optional<Observation> observed(const Proc& proc, const Path& region, const Block& extra);

/// Reads and writes of a procedure that can lie outside their buffer, windows of calls and negative extents included; and
/// preconditions of calls that do not hold: asserts, sizes, shapes, strides, overlap of arguments. At most `limit` of them.
std::vector<Violation> violations(const Proc& proc, size_t limit);

/// The same for one block, of which `facts` hold at its beginning.
std::vector<Violation> violations(const Declarations& names, const Facts& facts, const Block& block, size_t limit);

/// Does a block have none? The same questions, for who does not read what is wrong.
bool sound(const Declarations& names, const Facts& facts, const Block& block);

/// A condition of the callee in terms of the caller: arguments for parameters, strides of buffers for those of windows.
ExprRef at_site(const Declarations& names, const Call& call, const ExprRef& condition);
/// The first assertion that cannot hold together with those before it; null where they can all hold, as far as is known.
ExprRef never_holds(const Proc& proc);

/// "n = 2, i = 0, i' = 1": a witness as text.
std::string counterexample(const Witness& witness);

/// Distance of neighbours of a buffer along a dimension as an expression; a Stride node where only run time knows.
ExprRef stride_of(const Declarations& names, Sym buffer, size_t dim);

}  // namespace exo
