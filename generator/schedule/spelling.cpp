#include "schedule/spelling.h"

#include <algorithm>

#include <fmt/format.h>

#include "ir/print.h"
#include "schedule/reference.h"

namespace exo {
namespace {

TomlValue text_value(const std::string& text) { return {Text{text, {}, {}}, {}}; }

std::string buffer_name(const Proc& proc, Sym buffer) {
  const auto all = find_buffers(proc, buffer.name());
  if (all.size() < 2) return buffer.name();
  return fmt::format("{}#{}", buffer.name(), std::find(all.begin(), all.end(), buffer) - all.begin());
}

}  // namespace

Spelling::~Spelling() {
  if (wanted()) rw_.spell(std::move(step_));
}

Spelling& Spelling::about(const std::vector<Path>& places) {
  if (!wanted()) return *this;
  TomlArray names;
  for (const Path& p : places) names.push_back(text_value(name_of(rw_.before(), p)));
  return entry(verb_, std::move(names));
}

Spelling& Spelling::place_key(const char* name, const Path& place) {
  return wanted() ? key(name, name_of(rw_.before(), place)) : *this;
}

Spelling& Spelling::buffer_key(const char* name, Sym buffer) {
  return wanted() ? key(name, buffer_name(rw_.before(), buffer)) : *this;
}

Spelling& Spelling::key(const char* name, int64_t number) { return entry(name, number); }
Spelling& Spelling::key(const char* name, const std::string& text) { return entry(name, Text{text, {}, {}}); }
Spelling& Spelling::key(const char* name, const ExprRef& value) { return wanted() ? key(name, print(value)) : *this; }

Spelling& Spelling::key(const char* name, const std::vector<std::string>& texts) {
  if (!wanted()) return *this;
  TomlArray all;
  for (const std::string& t : texts) all.push_back(text_value(t));
  return entry(name, std::move(all));
}

Spelling& Spelling::entry(const char* name, decltype(TomlValue::value) value) {
  if (wanted()) step_.entries.push_back({{name, {}}, {std::move(value), {}}});
  return *this;
}

}  // namespace exo
