#include "schedule/bindings.h"

#include <fmt/format.h>

#include "support/text.h"

namespace exo {
namespace {

/// The hole that begins at `at`: `@x` or `{x}`. Its name, and where it ends.
struct NameHole {
  std::string name;
  size_t end;
};
std::optional<NameHole> hole_at(const std::string& s, size_t at) {
  if (s[at] == '@') {
    size_t end = at + 1;
    while (end < s.size() && in_identifier(s[end])) ++end;
    const std::string name = s.substr(at + 1, end - at - 1);
    return is_identifier(name) ? std::optional(NameHole{name, end}) : std::nullopt;
  }
  if (s[at] != '{') return std::nullopt;
  const size_t close = s.find('}', at);
  if (close == s.npos) return std::nullopt;
  const std::string name(trim(s.substr(at + 1, close - at - 1)));
  return is_identifier(name) ? std::optional(NameHole{name, close + 1}) : std::nullopt;
}

uint32_t place(const Text& text, size_t i) { return i < text.at.size() ? text.at[i] : text.span.end; }

}  // namespace

const TomlValue* Bindings::find(const std::string& name) const {
  const auto it = values_.find(name);
  return it == values_.end() ? nullptr : &it->second;
}

std::map<std::string, int64_t> Bindings::numbers() const {
  std::map<std::string, int64_t> out;
  for (const auto& [name, value] : values_)
    if (const int64_t* number = value.integer()) out[name] = *number;
  return out;
}

std::optional<std::string> Bindings::text_of(const std::string& name, const Others& others, Span where) const {
  const TomlValue* value = find(name);
  if (!value) return others(name);
  if (const Text* text = value->text()) return text->chars;
  if (const int64_t* number = value->integer()) return fmt::format("{}", *number);
  if (const bool* truth = value->boolean()) return std::string(*truth ? "true" : "false");
  reject(Diagnostic{"step-hole", fmt::format("`{}` is {}, which is no part of a name", name, value->kind()), {}, {}, {}}
             .at(where)
             .help("it can stand alone, as `\"@" + name + "\"`, or after `in =` of a `for`"));
}

Text Bindings::filled(const Text& text, const Others& others, Unknown unknown) const {
  const std::string& s = text.chars;
  if (s.find_first_of("@{") == s.npos) return text;
  Text out{{}, text.span, {}};
  for (size_t i = 0; i < s.size();) {
    const auto hole = hole_at(s, i);
    const Span where = hole ? text.slice(i, hole->end) : Span{};
    const auto value = hole ? text_of(hole->name, others, where) : std::nullopt;
    if (hole && !value && unknown == Unknown::Refuse) {
      std::vector<std::string> known;
      for (const auto& [name, bound] : values_) known.push_back(name);
      reject(Diagnostic{"step-hole", fmt::format("there is no `{}` that could stand here", hole->name), {}, {}, {}}
                 .at(where)
                 .help(known.empty() ? "arguments of an op, the variable of a `for`, params and `target` can"
                                     : suggestion(hole->name, known)));
    }
    if (!value) {
      out.chars += s[i];
      out.at.push_back(place(text, i++));
      continue;
    }
    for (const char c : *value) out.chars += c, out.at.push_back(place(text, i));
    i = hole->end;
  }
  out.at.push_back(place(text, s.size()));
  return out;
}

TomlValue Bindings::filled(const TomlValue& value, const Others& others, Unknown unknown) const {
  TomlValue out = value;
  if (const Text* text = value.text()) {
    const auto hole = text->chars.empty() ? std::nullopt : hole_at(text->chars, 0);
    const TomlValue* whole =
        hole && text->chars[0] == '@' && hole->end == text->chars.size() ? find(hole->name) : nullptr;
    if (whole && !whole->text()) {
      out.value = whole->value;
    } else {
      out.value = filled(*text, others, unknown);
    }
  } else if (const TomlArray* array = value.array()) {
    TomlArray elements;
    for (const TomlValue& element : *array) {
      TomlValue next = filled(element, others, unknown);
      const bool spread = element.text() && next.array();  // `["@xs", "y"]`: one flat list
      if (!spread)
        elements.push_back(std::move(next));
      else
        elements.insert(elements.end(), next.array()->begin(), next.array()->end());
    }
    out.value = std::move(elements);
  } else if (const TomlTable* table = value.table()) {
    TomlTable entries;
    for (const TomlEntry& entry : table->entries) {
      TomlEntry next{entry.first, filled(entry.second, others, unknown)};
      next.first.name = filled(Text{entry.first.name, entry.first.span, {}}, others, unknown).chars;
      entries.entries.push_back(std::move(next));
    }
    out.value = std::move(entries);
  }
  return out;
}

}  // namespace exo
