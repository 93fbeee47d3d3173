// C texts with holes, and the texts of families.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "target/target.h"

namespace exo {

/// Splits a C text into literal parts and holes; `{{` and `}}` stand for braces. A hole that is not in `holes` is a
/// problem.
Template parse_template(const Text& text, const std::vector<std::string>& holes, Problems& problems);

/// The holes of an instruction's C: `{x}` for each parameter, and for buffers `{x.ptr}`, `{x.stride0}` ...
std::vector<std::string> instruction_holes(const Proc& spec);

/// `text` with `{key}` replaced for every key of `values`; other holes stay. Each byte still points at where it came
/// from.
Text fill_family(const Text& text, const std::map<std::string, std::string>& values);

}  // namespace exo
