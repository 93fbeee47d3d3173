// A program under way: the state that steps act on.
#pragma once

#include <set>

#include "schedule/reference.h"
#include "schedule/rewrite.h"

namespace exo {

class Schedule {
 public:
  /// The program is simplified from the start, so that a step changes nothing but what it is about.
  Schedule(const ProcRef& algorithm, Context context);
  Schedule(const Schedule&) = delete;  // expressions in its context look at it
  Schedule& operator=(const Schedule&) = delete;

  const ProcRef& proc() const { return proc_; }
  const Proc& now() const { return *proc_; }
  const Context& context() const { return context_; }
  const Target& target() const { return *context_.target; }

  /// Runs one primitive: the program changes if everything that it states was proved, else Rejected with a counterexample.
  void apply(const std::function<void(Rewrite&)>& primitive);

  /// The same where everything was proved; else nothing changes, and it is false.
  bool apply_if_proved(const std::function<void(Rewrite&)>& primitive);

  /// Gives up what was done since the program was `earlier`.
  void back_to(ProcRef earlier);
  /// What changed the program, as a recipe would write it (`Context::spelled`).
  std::vector<TomlTable> spelled() const;
  /// Other numbers by name, for the expressions of an op or a loop of steps.
  void with_params(std::map<std::string, int64_t> params) { context_.params = std::move(params); }

  /// Where the loop with this iterator stands now.
  Path loop(Sym iter) const;
  const For& loop_at(Sym iter) const;

  /// A whole number, or a condition, in a step: over the control variables in scope at `where`, the buffers' strides and the
  /// params.
  ExprRef expression(const Text& text, const Path& where) const;
  ExprRef condition(const Text& text, const Path& where) const;
  /// A data expression of this type, over what is declared in front of the statement at `where` too.
  ExprRef data(const Text& text, const Path& where, Scalar type) const;
  /// A value of this type: one of these two, or data.
  ExprRef value(const Text& text, const Path& where, Scalar type) const;

  /// The memory that a step asks for, by name or by role, for elements of this type; empty for the default.
  std::string memory(const Text& wanted, Scalar element) const;

 private:
  Context context_;
  ProcRef proc_;
  std::vector<std::pair<ProcRef, TomlTable>> spelled_;  // programs, and what made each of them

  void take(Outcome outcome);
  ExprRef parsed(const Text& text, const Path& where) const;
  int64_t integer(const Text& text) const;
};

/// Test hook: called with what each primitive did. It was accepted if the outcome has no failures.
using Observer = std::function<void(const ProcRef& before, const Outcome& outcome)>;
void observe_primitives(Observer observer);

}  // namespace exo
