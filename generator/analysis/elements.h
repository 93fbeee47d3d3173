// What assertions say about the elements of index tensors that a question mentions. Elements are unknown numbers that depend on
// their indices alone; a `forall` becomes a few facts without quantifiers.
#pragma once

#include <functional>

#include "analysis/linear.h"

namespace exo {

/// The condition without what only the run decides, comparisons of data: these are taken to be `otherwise`. True for a fact that is
/// relied on, false for a claim that is to be proved. `is_known` tells index tensors, whose elements never change.
ExprRef decided_part(const ExprRef& condition, const std::function<bool(Sym)>& is_known, bool otherwise);

/// Elements that occur in the conditions, each once; those of the bodies of a `forall` are left out.
Exprs elements(const Exprs& conditions);

/// Where it is not evident that an index is in the range of a `forall`: leave the fact out, or say "not in range, or it holds".
enum class Doubtful : uint8_t { LeaveOut, AsCases };

/// Facts about the elements in the conditions and those of the claim that follow from each `forall` among the conditions: its body for
/// the indices that occur and, where it orders neighbours (`p[i] <= p[i+1]`), the order of each two elements that occur. `evident`
/// answers by the given facts alone.
Exprs instances(const Exprs& conditions, const Exprs& more_elements, Doubtful doubtful,
                const std::function<bool(const Exprs& facts, const ExprRef& claim)>& evident);

}  // namespace exo
