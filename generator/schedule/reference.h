// How a step names a loop, a statement or a buffer. References are resolved afresh at each step from the labels that the
// nodes carry; nothing is forwarded.
#pragma once

#include "ir/path.h"
#include "support/diagnostic.h"

namespace exo {

/// A reference as it stands in the recipe.
struct Ref {
  Text text;
  const std::string& str() const { return text.chars; }
};

/// All matches in program order; empty where there is none. `Bp.load` as a loop means every loop of that nest. Patterns and
/// functions of references (selection.h) are understood as well.
std::vector<Path> find_loops(const Proc& proc, const std::string& name);
std::vector<Path> find_stmts(const Proc& proc, const std::string& name);
std::vector<Sym> find_buffers(const Proc& proc, const std::string& name);

/// Matches of a set: at least one, or Rejected (`unknown-reference`).
std::vector<Path> all_loops(const Proc& proc, const Ref& ref);
std::vector<Path> all_stmts(const Proc& proc, const Ref& ref);

/// Exactly one, or Rejected (`unknown-reference`, `ambiguous-reference` with the qualified choices).
/// Only what `admits` takes counts.
using Admits = std::function<bool(const Path&)>;
Path one_loop(const Proc& proc, const Ref& ref, const Admits& admits = {});
Path one_stmt(const Proc& proc, const Ref& ref, const Admits& admits = {});
Sym one_buffer(const Proc& proc, const Ref& ref);

/// A name that means this loop or statement alone, with `#n` where nothing else tells it from others.
std::string name_of(const Proc& proc, const Path& path);

/// Names by which the loops and statements of a program can be called.
std::vector<std::string> loop_names(const Proc& proc);
std::vector<std::string> stmt_names(const Proc& proc);

}  // namespace exo
