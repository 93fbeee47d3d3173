// How large a control expression can get: bounds that depend on parameters only.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "ir/ir.h"

namespace exo {

/// What is known where an expression stands.
struct Ranges {
  std::set<Sym> nonnegative;                         // sizes, iterators that start at zero or more
  std::map<Sym, std::pair<ExprRef, ExprRef>> loops;  // iterators: [lo, hi)
};

/// Is the value zero or more for reasons that show on its face?
bool is_nonnegative(const ExprRef& e, const std::set<Sym>& nonnegative);

/// An expression over parameters that is at least (at most) `e` in every iteration; nothing where there is none in
/// sight.
std::optional<ExprRef> upper_bound(const ExprRef& e, const Ranges& ranges);
std::optional<ExprRef> lower_bound(const ExprRef& e, const Ranges& ranges);

}  // namespace exo
