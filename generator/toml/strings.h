// TOML strings byte by byte: what a literal means and where each byte of it stands in the file.
#pragma once

#include "support/source.h"

namespace exo {

/// The string literal that begins at `begin` (at its opening quote). Any of the four forms; the text must be valid
/// TOML.
Text string_literal(const Source& source, uint32_t begin);

/// The number of dots in the longest dotted key. A parser recurses once for each, so that hostile files are turned away
/// first. Also meaningful for texts that do not parse.
size_t longest_dotted_key(const Source& source);

}  // namespace exo
