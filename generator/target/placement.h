// Where buffers lie in the memories of a target, and whether they have room there.
#pragma once

#include "ir/path.h"
#include "target/target.h"

namespace exo {

/// The units of a buffer, from `first` on; row-major in its dimensions but the innermost one.
struct Place {
  const Memory* memory = nullptr;
  int64_t first = 0, count = 0;
};

/// A memory that has no room: at `at` more lives than it holds, or something that cannot be told.
struct Shortage {
  Path at;
  Diagnostic problem;
};

/// A buffer lives from the first to the last statement of its block which mentions it. `places` has the buffers in memories whose
/// units are addressed; two of them share units only where they do not live at the same time.
struct Placement {
  std::map<Sym, Place> places;
  std::vector<Shortage> shortages;
};

/// The same program and target give the same places.
Placement placement(const Proc& proc, const Target& target);

}  // namespace exo
