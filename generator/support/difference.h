// What changed between two texts.
#pragma once

#include <string>

namespace exo {

/// Lines that went, `- `, and that came, `+ `, with up to `around` lines of what stayed at each side; `...` where more stayed.
/// Empty where nothing changed.
std::string difference(const std::string& before, const std::string& after, size_t around = 3);

}  // namespace exo
