// Places that several verbs look for.
#pragma once

#include "schedule/schedule.h"

namespace exo {

/// Exactly one statement, `if` or loop of that name, or Rejected. Only what `admits` takes counts.
Path one_place(const Proc& proc, const Ref& ref, const Admits& admits = {});

/// Exactly one call, by the name of its procedure (`micro`, `micro#1`) or by its own, or Rejected.
Path one_call(const Proc& proc, const Ref& ref);

/// Two neighbours of one block, in program order whatever the order of the names, or Rejected.
struct Neighbours {
  Path first, second;
  size_t first_named = 0;  // which of the two names is that of the first
};
Neighbours neighbours(const Proc& proc, const std::vector<Ref>& names);

/// Symbols that the statement itself makes known to what stands behind it in its block.
std::vector<Sym> declared_by(const StmtRef& statement);

/// A loop all of whose bounds, order and label are those of `like`, around `body`.
StmtRef loop_like(const StmtRef& like, Sym iter, const ExprRef& lo, const ExprRef& hi, Block body);

/// The label without the last name of a copy.
Label without_copy(Label label);

}  // namespace exo
