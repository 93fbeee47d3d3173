// A smaller program of the same meaning.
#pragma once

#include "analysis/linear.h"

namespace exo {

/// Control expressions in normal form, decided conditions and empty loops gone. Labels stay.
ProcRef simplify(const ProcRef& proc);

/// The same, and an iterator that has one value wherever its loop runs is that number. Names of axes are lost with it, so this is
/// for programs that are done.
ProcRef without_fixed_iterators(const ProcRef& proc);

/// Operations on two constants carried out, everything else as it was written.
ExprRef folded(const ExprRef& e);

/// A control or data expression in normal form.
ExprRef simplify(const ExprRef& e, const Intervals& known);

}  // namespace exo
