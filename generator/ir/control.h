// Control expressions made ready to be evaluated many times.
#pragma once

#include <functional>

#include "ir/ir.h"

namespace exo {

/// A control expression as a function of the variables that it captured; truth values are 0 and 1.
using ControlCode = std::function<int64_t()>;

/// Where the values of names are. A variable that is not known has no place (null).
struct ControlNames {
  std::function<const int64_t*(Sym)> variable;
  std::function<const int64_t*(Sym, int64_t)> stride;  // of a buffer along one dimension
  std::function<ControlCode(Sym)> field = {};          // what a configuration field holds
  std::function<ControlCode(const Read&, const ControlNames&)> element =
      {};  // of integers; its indices are of these names
};

/// Thrown where a control expression has no value: a variable is not known, a product does not fit.
struct NoValue {
  std::string what;
};

/// Throws NoValue for names that are not known; so does the result where it has no value.
ControlCode control_code(const ExprRef& e, const ControlNames& names);

}  // namespace exo
