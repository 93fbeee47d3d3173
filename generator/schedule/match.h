// A statement of the program against the specification of an instruction: unification, then verification.
#pragma once

#include <optional>
#include <set>

#include "analysis/query.h"
#include "target/target.h"

namespace exo {

/// Where a block and a specification first part.
struct Mismatch {
  std::string why;
  int agreed = 0;         // how many parts of the two agreed before
  StmtRef at = {};        // of the program: where they part, if it is one statement
  std::string help = {};  // the step that would make them agree, where one is known
};

/// Arguments for which the specification is the statements. Shapes, indices and conditions are equal for all values; the
/// instruction's own asserts are not yet looked at. `extra` holds what the specification writes in addition (its `else` where the
/// statement has none): the caller must show that nobody sees it. Where the specification reads a configuration field, `fields` says
/// what it must hold.
struct Match {
  Call call;
  Block extra;
  std::vector<std::pair<Sym, ExprRef>> fields;  // values of configuration that the specification reads
};
std::optional<Match> unify(const Declarations& names, const Facts& facts, const Block& statements,
                           const Instruction& instruction, Mismatch* mismatch = nullptr);

/// The instruction of a class that agrees with the statement furthest, and where the two part.
struct Closest {
  const Instruction* instruction = nullptr;
  Mismatch mismatch{"", -1, {}, {}};
};
Closest closest(const Declarations& names, const Facts& facts, const StmtRef& statement, const Target& target,
                const std::string& cls);

}  // namespace exo
