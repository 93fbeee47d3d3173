// Where configuration is read before it is set.
#pragma once

#include <optional>

#include "analysis/query.h"

namespace exo {

/// What running a block may do to a field first, and whether it always sets it.
struct Exposure {
  std::optional<Access>
      read;           // the first statement, in program order, that may read the field before the block has set it
  bool sets = false;  // on every way through
};
Exposure exposure(const Block& block, Sym field);

/// A read that may follow the statement at `path` without the field being set in between, the statement itself aside; nothing if
/// nobody looks at the field again. `from_itself`: the statement comes first.
enum class From : uint8_t { Before, Behind };
std::optional<Access> next_read(const Proc& proc, const Path& path, From from, Sym field);

/// A kernel knows nothing of configuration where it begins: reads of fields that were not set or that a call has
/// clobbered since, and assertions about them.
std::vector<Violation> unset_configuration(const Proc& kernel);

}  // namespace exo
