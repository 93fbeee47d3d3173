// Places in a procedure. Paths are values: they hold no nodes and do not outlive one step.
#pragma once

#include <functional>
#include <optional>

#include "ir/ir.h"

namespace exo {

/// Which block of a statement, and which statement of it.
enum class Slot : uint8_t { Body, Else };
struct PathStep {
  Slot slot = Slot::Body;
  size_t index = 0;
  friend bool operator==(const PathStep&, const PathStep&) = default;
};

/// From the procedure's body down to a statement. The empty path is the procedure itself.
using Path = std::vector<PathStep>;

/// `count` neighbours of one block, beginning with `first`.
struct Range {
  Path first;
  size_t count = 1;
};

const StmtRef& stmt_at(const Proc& proc, const Path& path);
/// The block in which the statement at `path` stands.
const Block& block_of(const Proc& proc, const Path& path);
/// The block in one slot of the statement at `path`; of the procedure itself, its body.
const Block& block_in(const Proc& proc, const Path& path, Slot slot = Slot::Body);
Block statements(const Proc& proc, const Range& range);

Path child(Path parent, size_t index, Slot slot = Slot::Body);
Path parent(Path path);
Path sibling(Path path, int64_t distance);
bool is_prefix(const Path& prefix, const Path& path);

/// Paths of all statements for which `wanted` holds, in program order.
std::vector<Path> find(const Proc& proc, const std::function<bool(const StmtRef&)>& wanted);

/// The loop or allocation that binds `sym`.
std::optional<Path> binder(const Proc& proc, Sym sym);

/// The loops around the statement at `path` (itself not included), outermost first.
std::vector<Path> loops_around(const Proc& proc, const Path& path);

}  // namespace exo
