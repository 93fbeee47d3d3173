// From a recipe to kernels ready to be emitted.
#pragma once

#include "emit/emit.h"
#include "recipe/recipe.h"

namespace exo {

/// What became of the schedule of one variant.
struct ScheduledVariant {
  const KernelEntry& kernel;
  const VariantEntry& variant;
  const std::string& schedule;
  const Context& context;
  const Scheduled& done;
  ProcRef algorithm;  // with what the variant may assume
};

struct BuildOptions {
  std::vector<std::string> kernels;           // empty: all
  std::vector<std::string> targets;           // empty: all that the recipe has
  std::vector<std::string> variants;          // by name; empty: all
  std::map<std::string, std::string> params;  // overrides, as expressions
  bool plan = false;                          // nothing is scheduled: which variants there are is all that is asked
  bool tests = false;                         // what tests of the kernels need
  std::string prefix;                         // in front of the names of kernels, as C functions and files have them
  TargetPath target_path;
  size_t steps = SIZE_MAX;  // of each schedule; fewer to look at a program under way
  std::function<void(const ScheduledVariant&)> on_schedule = {};
};

/// Schedules every variant of the kernels asked for. `portable`, the algorithm as it stands, is always there, last.
/// Throws Rejected: an unknown target or param, a requirement that does not hold, a step that is refused.
std::vector<EmitKernel> build(const Recipe& recipe, const BuildOptions& options);

}  // namespace exo
