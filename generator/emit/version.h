// What generated files say about who made them.
#pragma once

namespace exo {

inline constexpr const char* kGeneratorVersion = "0.1.0";

}  // namespace exo
