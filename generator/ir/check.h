// Types, shapes and scopes of a procedure. Bounds are a matter for analysis/.
#pragma once

#include <map>

#include "ir/ir.h"
#include "support/diagnostic.h"

namespace exo {

/// Adds a problem for each thing that has no meaning: data where control is needed, unequal ranks, unlike precision in
/// one operation, a division by what is not a positive constant, an assignment to a size, a name declared twice ...
void check(const Proc& proc, Problems& problems);

/// Declared type and memory of every buffer and control variable of a procedure, its parameters included.
struct Declaration {
  Type type;
  std::string memory;
  bool is_param = false;
};
using Declarations = std::map<Sym, Declaration>;
Declarations declarations(const Proc& proc);

/// Element type of a data expression; literals take the type `context`.
Scalar type_of(const ExprRef& e, const Declarations& names, Scalar context);

/// Calls BUG where a program breaks an invariant of ir.h: unknown symbols, one symbol bound twice, a null child.
/// Run after every step in tests.
void verify(const Proc& proc);

}  // namespace exo
