// Which parameters a procedure reads and writes, its callees included.
#pragma once

#include <set>

#include "ir/ir.h"

namespace exo {

struct Effects {
  std::set<Sym> reads, writes;  // buffers
  std::set<Sym> mentions;       // buffers that occur at all
};

Effects effects_of(const Block& block);

}  // namespace exo
