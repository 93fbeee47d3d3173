// What a table may hold: keys tied to the members of a struct. One schema decodes, refuses what it does not know, and
// lists its keys for the documentation.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/text.h"
#include "toml/document.h"

namespace exo {

/// "`by` must be a whole number, not a string", at the value.
inline void wrong_kind(const std::string& key, const std::string& wanted, const TomlValue& value, Problems& problems) {
  problems.add({"toml-type", "`" + key + "` must be " + wanted + ", not " + value.kind(), {}, {}, {}}).at(value.span);
}

// decode() stores a value into a member of the given type. Add an overload for a type of one's own.
inline void decode(const std::string& key, const TomlValue& value, Text& out, Problems& problems) {
  if (const Text* text = value.text())
    out = *text;
  else
    wrong_kind(key, "a string", value, problems);
}
inline void decode(const std::string& key, const TomlValue& value, std::string& out, Problems& problems) {
  if (const Text* text = value.text())
    out = text->chars;
  else
    wrong_kind(key, "a string", value, problems);
}
inline void decode(const std::string& key, const TomlValue& value, int64_t& out, Problems& problems) {
  if (const int64_t* number = value.integer())
    out = *number;
  else
    wrong_kind(key, "a whole number", value, problems);
}
inline void decode(const std::string& key, const TomlValue& value, bool& out, Problems& problems) {
  if (const bool* truth = value.boolean())
    out = *truth;
  else
    wrong_kind(key, "true or false", value, problems);
}
inline void decode(const std::string&, const TomlValue& value, const TomlValue*& out, Problems&) { out = &value; }

template <class T>
void decode(const std::string& key, const TomlValue& value, std::optional<T>& out, Problems& problems) {
  decode(key, value, out.emplace(), problems);
}
/// An array; a value that stands alone is an array of one.
template <class T>
void decode(const std::string& key, const TomlValue& value, std::vector<T>& out, Problems& problems) {
  if (const TomlArray* array = value.array())
    for (const TomlValue& element : *array) decode(key, element, out.emplace_back(), problems);
  else
    decode(key, value, out.emplace_back(), problems);
}
template <class T>
void decode(const std::string& key, const TomlValue& value, std::map<std::string, T>& out, Problems& problems) {
  if (const TomlTable* table = value.table())
    for (const auto& entry : table->entries)
      decode(key + "." + entry.first.name, entry.second, out[entry.first.name], problems);
  else
    wrong_kind(key, "a table", value, problems);
}

enum class Presence { Optional, Required };

template <class Struct>
class Schema {
 public:
  struct Key {
    std::string name, brief;
    Presence presence;
    std::function<void(Struct&, const TomlValue&, Problems&)> set;
  };

  template <class Member>
  Schema& key(const std::string& name, Member Struct::*member, std::string brief) {
    return add(name, member, std::move(brief), Presence::Optional);
  }
  template <class Member>
  Schema& required(const std::string& name, Member Struct::*member, std::string brief) {
    return add(name, member, std::move(brief), Presence::Required);
  }
  /// Offers keys that the schema does not name; what `take` declines (false) is unknown.
  Schema& rest(std::function<bool(Struct&, const TomlKey&, const TomlValue&)> take) {
    rest_ = std::move(take);
    return *this;
  }

  /// Decodes all of `table`, which `what` names ("[target]") and which stands at `where`.
  Struct read(const TomlTable& table, Span where, const std::string& what, Problems& problems) const {
    Struct out;
    for (const auto& entry : table.entries) {
      if (const Key* known = find(entry.first.name))
        known->set(out, entry.second, problems);
      else if (!rest_ || !rest_(out, entry.first, entry.second))
        problems.add({"unknown-key", what + " has no key `" + entry.first.name + "`", {}, {}, {}})
            .at(entry.first.span)
            .help(suggestion(entry.first.name, names()));
    }
    for (const Key& key : keys_)
      if (key.presence == Presence::Required && !table.find(key.name))
        problems.add({"missing-key", what + " lacks `" + key.name + "`", {}, {}, {}})
            .at(where)
            .help("`" + key.name + "`: " + key.brief);
    return out;
  }

  const std::vector<Key>& keys() const { return keys_; }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const Key& key : keys_) out.push_back(key.name);
    return out;
  }

 private:
  template <class Member>
  Schema& add(const std::string& name, Member Struct::*member, std::string brief, Presence presence) {
    keys_.push_back(
        {name, std::move(brief), presence, [name, member](Struct& out, const TomlValue& value, Problems& problems) {
           decode(name, value, out.*member, problems);
         }});
    return *this;
  }
  const Key* find(const std::string& name) const {
    for (const Key& key : keys_)
      if (key.name == name) return &key;
    return nullptr;
  }

  std::vector<Key> keys_;
  std::function<bool(Struct&, const TomlKey&, const TomlValue&)> rest_;
};

}  // namespace exo
