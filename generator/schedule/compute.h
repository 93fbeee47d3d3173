// The rewrite behind `compute_at`: a producer in the nest of its consumer.
#pragma once

#include <map>

#include "schedule/rewrite.h"

namespace exo {

struct Compute {
  Sym buffer;
  Path loop, store;  // loops; the buffer is allocated in the body of the second, which is the first or around it
  bool slide = false;
  std::map<size_t, int64_t> fold;  // by dimension
  std::string legal;               // a help for refusals: where the buffer can be computed
};

/// States the obligations and performs it; or why it cannot be written down.
std::optional<Problem> compute_at(Rewrite& rw, const Compute& plan);

/// What the dimensions of a local buffer are called: by the loops that compute it.
std::vector<std::string> axes_of(const Proc& proc, Sym buffer);

}  // namespace exo
