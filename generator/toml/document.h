// A TOML file as plain data with spans. No code outside toml/ sees toml++.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "support/diagnostic.h"
#include "support/source.h"

namespace exo {

struct TomlValue;
struct TomlEntry;
using TomlArray = std::vector<TomlValue>;

struct TomlKey {
  std::string name;
  Span span;
};

/// A key as a text, so that its holes can be filled.
Text text_of(const TomlKey& key);

/// Entries in the order of the file.
struct TomlTable {
  std::vector<TomlEntry> entries;
  const TomlValue* find(const std::string& name) const;
  const TomlKey* key(const std::string& name) const;
};

/// A value and where it stands. Strings know where each of their bytes came from, escapes included.
struct TomlValue {
  std::variant<bool, int64_t, double, Text, TomlArray, TomlTable> value;
  Span span;

  const Text* text() const { return std::get_if<Text>(&value); }
  const int64_t* integer() const { return std::get_if<int64_t>(&value); }
  const bool* boolean() const { return std::get_if<bool>(&value); }
  const TomlArray* array() const { return std::get_if<TomlArray>(&value); }
  const TomlTable* table() const { return std::get_if<TomlTable>(&value); }
  /// "a string", "a number", "a table" ...
  std::string kind() const;
};

/// A key with its value.
struct TomlEntry {
  TomlKey first;
  TomlValue second;
};

struct TomlFile {
  const Source* source = nullptr;
  TomlTable root;
};

/// Reads and parses; throws Rejected (`toml-syntax`, `file-not-found`).
TomlFile load_toml(const std::string& path);
TomlFile parse_toml(std::string name, std::string text);

}  // namespace exo
