// Runs the steps of a schedule, and proves the final program once more.
#pragma once

#include "schedule/runner.h"

namespace exo {

/// Steps as the recipe has them.
struct Steps {
  std::string name;                // of the schedule
  const TomlArray* list;           // tables
  const Module* module = nullptr;  // the file that they stand in, with the ops that they can call
};

/// Problems that need no program: a step without a verb, with two, with a key that its verb does not have. Adds all of them.
void check_steps(const Steps& steps, Problems& problems);

/// The program after a schedule, and how it came to be.
struct Scheduled {
  ProcRef proc;
  std::vector<AppliedStep> steps;
  std::vector<Remark> remarks;
};
Scheduled run_schedule(const ProcRef& algorithm, const Steps& steps, const Context& context, size_t count = SIZE_MAX);

/// The algorithm scheduled. Throws Rejected with the step that was refused.
/// Params of the variant stand in `context`; only the first `count` steps run.
ProcRef schedule(const ProcRef& algorithm, const Steps& steps, const Context& context, size_t count = SIZE_MAX);

/// Proved again on any program, whatever made it: bounds, preconditions of calls, races of parallel loops.
void check_program(const Proc& proc);

/// Under the contract `exact`, no instruction of the program may add floats in an order of its own: `contract-order`.
void check_order(const Proc& kernel, const Target& target, Contract contract);

/// No buffer may live where an instruction loses the contents of its memory: `memory-clobbered`.
void check_clobbers(const Proc& kernel, const Target& target);

/// Proves of a kernel that it sets configuration before it reads it. Rejected where it does not.
void check_configuration(const Proc& kernel);

/// What lives at one time fits the memories of the target. Rejected where it does not.
void check_capacity(const Proc& kernel, const Target& target);

}  // namespace exo
