// TOML values as text, on one line.
#pragma once

#include "toml/document.h"

namespace exo {

/// `{ split = "i", by = 8 }`: parses to the same value again.
std::string write_toml(const TomlValue& value);
std::string write_toml(const TomlTable& table);
std::string quoted_toml(const std::string& text);

}  // namespace exo
