// Steps of a schedule run on programs given as text, with what each primitive in them did.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schedule/engine.h"
#include "schedule/procedures.h"
#include "schedule/value.h"

namespace exo::testing {

/// What steps are relative to, without a recipe around them.
class Setting {
 public:
  explicit Setting(const std::string& target = "portable", Contract contract = Contract::Reassociate);
  Setting(const Setting&) = delete;   // the context refers to it
  const Context& context() const { return context_; }
  /// What can be called: procedures of the program, and those that `procs`, the lines of a table `[proc]`, derives.
  void define(std::vector<ProcRef> given, const std::string& procs);
  /// Steps are those of a procedure that is derived.
  void derives() { context_.derivation = &derivation_; }
  const Target& target() const { return *context_.target; }

 private:
  Params params_;
  Context context_;
  Derivation derivation_;
};

/// The last procedure of a text, which may call the instructions of the target. Checked, and in bounds for all sizes.
ProcRef program(const std::string& text, const Target& target);
std::vector<ProcRef> procedures(const std::string& text, const Target& target);
/// `known`, and what the program calls beyond.
std::vector<ProcRef> callable(const Proc& proc, std::vector<ProcRef> known);
/// Those of them that are no instructions of the target and not in the text: made by steps. Callees first.
std::vector<ProcRef> made_by_steps(const Proc& proc, const Target& target, const std::vector<ProcRef>& given);

/// One primitive that a step applied, or tried to.
struct Applied {
  ProcRef before;
  Outcome outcome;
};

/// What became of a list of steps: those behind the first one that is refused do not run.
struct Result {
  ProcRef after;                       // before the refused step, if there is one
  std::vector<Applied> primitives;
  size_t accepted = 0;                 // steps
  std::optional<Rejected> refusal;
};

/// Steps as a recipe has them: `{ split = "i", by = 4 }`. Throws Rejected where they are not well-formed.
Result run_steps(const ProcRef& before, const std::vector<std::string>& steps, const Setting& setting);

/// Instructions of a target, for programs that call them.
std::vector<ProcRef> instructions(const Target& target);

}  // namespace exo::testing
