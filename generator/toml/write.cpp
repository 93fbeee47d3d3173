#include "toml/write.h"

#include <algorithm>

#include <fmt/format.h>

#include "support/text.h"

namespace exo {
namespace {

bool is_bare(const std::string& key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
  });
}

/// A fraction that TOML reads as one.
std::string fraction(double number) {
  const std::string text = fmt::format("{}", number);
  return text.find_first_of(".en") == text.npos ? text + ".0" : text;
}

}  // namespace

std::string quoted_toml(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out += std::string("\\") + c;
    else if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (code < 0x20 || code == 0x7F)
      out += fmt::format("\\u{:04X}", code);
    else
      out += c;
  }
  return out + "\"";
}

std::string write_toml(const TomlTable& table) {
  std::vector<std::string> entries;
  for (const auto& [key, value] : table.entries)
    entries.push_back((is_bare(key.name) ? key.name : quoted_toml(key.name)) + " = " + write_toml(value));
  return entries.empty() ? "{}" : "{ " + join(entries, ", ") + " }";
}

std::string write_toml(const TomlValue& value) {
  return std::visit(match{
                        [](bool b) { return std::string(b ? "true" : "false"); },
                        [](int64_t n) { return fmt::format("{}", n); },
                        [](double n) { return fraction(n); },
                        [](const Text& t) { return quoted_toml(t.chars); },
                        [](const TomlArray& a) {
                          std::vector<std::string> elements;
                          for (const TomlValue& v : a) elements.push_back(write_toml(v));
                          return "[" + join(elements, ", ") + "]";
                        },
                        [](const TomlTable& t) { return write_toml(t); },
                    },
                    value.value);
}

}  // namespace exo
