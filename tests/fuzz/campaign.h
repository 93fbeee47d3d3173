// Random steps on random programs, and what must hold of each.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "schedule/rewrite.h"
#include "target/target.h"

namespace exo::testing {

/// What happened so far.
struct Tally {
  struct Verb {
    uint64_t tried = 0, accepted = 0;
  };
  struct Code {
    uint64_t refused = 0;      // refutations; not what could not be decided
    uint64_t harmful = 0;      // of these, ignoring it gave a program whose results differ
    uint64_t unreplayed = 0;   // ... and counterexamples that were not seen to happen
    uint64_t unknown = 0;      // not decided
  };
  std::map<std::string, Verb> verbs;
  std::map<std::string, Code> codes;
  uint64_t steps = 0, programs = 0;
};

/// A program that came through a chain of steps.
struct Scheduled {
  ProcRef algorithm, proc;
  TargetRef target;
  Contract contract = Contract::Reassociate;
};

/// Grows one program from the seed and applies steps to it. Returns what went wrong, with the program and the steps; empty if
/// nothing did.
std::string explore(uint64_t seed, Tally& tally, bool verbose = false);

/// The program of that seed with its steps, as `explore` makes it, but nothing is run. No `proc` where no step was accepted.
Scheduled scheduled(uint64_t seed);

}  // namespace exo::testing
