// Statements by how they look: `for k in _: _`, `C[_] += _`. A `_` stands for any part.
#pragma once

#include "ir/path.h"

namespace exo {

/// Is it a pattern, and no name?
bool is_pattern(const std::string& text);

/// Statements that look so, in program order. Behind the `:` of a loop or `if` stands what its first statement looks like.
std::vector<Path> find_pattern(const Proc& proc, const std::string& pattern);

}  // namespace exo
