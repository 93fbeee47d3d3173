// A specification beside statements of a program: where both have an index, a bound or a condition.
#pragma once

#include "schedule/match_solver.h"

namespace exo {

/// What the walk found, up to where the two part.
struct Comparison {
  bool agrees = false;
  Notes notes;
  std::string why, help;  // if they part, and words are wanted: why, and the step that would make them agree
  StmtRef at;             // of the program: where
  int agreed = 0;         // places where they agree
};

/// Statement by statement; what is noted is not proved equal yet.
enum class Explain : uint8_t { No, Yes };
Comparison compare(const Declarations& names, const Proc& spec, const Block& statements, Explain explain);

}  // namespace exo
