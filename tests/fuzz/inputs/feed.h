// Texts that nobody meant, given to the front end: it may refuse them, and nothing else.
#pragma once

#include <string>

namespace exo::testing {

/// Gives the text to a part of the generator: `parser` (TOML, the object language, an expression), `recipe` (as `exo check` does)
/// or `target`. What is refused is rendered too. Throws Bug where the text is neither accepted nor refused as it should be.
void feed(const std::string& part, const std::string& text);

}  // namespace exo::testing
