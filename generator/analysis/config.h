// What configuration state holds at a place.
#pragma once

#include "analysis/solver.h"
#include "ir/check.h"
#include "ir/path.h"
#include "ir/walk.h"

namespace exo {

/// For each field of which it is known, what the field holds, in terms of what never changes: control variables, strides, and
/// elements of buffers that the procedure only reads. Of the other fields nothing is known, not even that they have a value.
using Configuration = std::map<Sym, ExprRef>;

/// Fields that running the block, or a call of the procedure, may change, calls entered.
std::set<Sym> configured(const Block& block);
std::set<Sym> configured(const Proc& callee);

/// The facts that do not speak of these fields.
Facts without(const Facts& facts, const std::set<Sym>& fields);

/// The facts, and what the fields of control types hold.
Facts with(const Facts& facts, const Configuration& state);

/// The facts, and that fields in the expression that are sizes are not negative: what is stored there is proved to be a size, and
/// what was never set is not read.
Facts with_sizes(const Facts& facts, const ExprRef& e);

/// Carries what is known over statements. One for each procedure.
class ConfigurationFlow {
 public:
  explicit ConfigurationFlow(const Proc& proc);

  /// At entry: what the assertions say.
  Configuration entry(const Proc& proc) const;
  /// After the statement.
  void advance(Configuration& state, const StmtRef& statement) const;
  /// At the beginning of any iteration.
  Configuration inside(const Configuration& before, const For& loop) const;
  /// The value at a place where `state` holds, in terms of what never changes; null where it is not known.
  ExprRef value(const Configuration& state, const ExprRef& e) const;

 private:
  /// Arguments of the calls around a statement in place of parameters.
  struct Inside {
    Substitution control;
    std::map<Sym, Window> buffers;
  };
  void block(Configuration& state, const Block& b, const Inside& calls) const;
  void step(Configuration& state, const StmtRef& statement, const Inside& calls) const;
  Configuration loop_entry(const Configuration& before, const For& loop, const Inside& calls) const;
  bool keeps(const Configuration& state, const Block& body, Sym field, const Inside& calls) const;
  ExprRef resolved(const Configuration& state, const ExprRef& e, const Inside& calls) const;

  Declarations names_;
  std::set<Sym> written_;
  Facts facts_;  // at entry
};

/// What is known just before the statement at `path` runs.
Configuration configuration_at(const Proc& proc, const Path& path);

/// Do two values of configuration agree, for all that the facts allow?
bool same_value(const Facts& facts, const ExprRef& a, const ExprRef& b);

}  // namespace exo
