// What generated files say about who made them.
#pragma once

namespace exo {

inline constexpr const char* kGeneratorVersion = EXO_VERSION;

}  // namespace exo
