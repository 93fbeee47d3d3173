// Steps of a schedule run on programs given as text, with what each primitive in them did.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schedule/value.h"
#include "schedule/engine.h"

namespace exo::testing {

/// What steps are relative to, without a recipe around them.
class Setting {
 public:
  explicit Setting(const std::string& target = "portable", Contract contract = Contract::Reassociate);
  Setting(const Setting&) = delete;   // the context refers to it
  const Context& context() const { return context_; }
  const Target& target() const { return *context_.target; }

 private:
  Params params_;
  Context context_;
};

/// The last procedure of a text, which may call the instructions of the target. Checked, and in bounds for all sizes.
ProcRef program(const std::string& text, const Target& target);

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
