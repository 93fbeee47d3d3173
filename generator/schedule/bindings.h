// What `@x` and `{x}` stand for in the steps of an op, or of a loop over steps.
#pragma once

#include <functional>
#include <map>
#include <optional>

#include "toml/document.h"

namespace exo {

class Bindings {
 public:
  /// Names beyond those that are set: params, `target`.
  using Others = std::function<std::optional<std::string>(const std::string& name)>;

  void set(const std::string& name, TomlValue value) { values_[name] = std::move(value); }
  const TomlValue* find(const std::string& name) const;
  /// Those that are numbers: expressions know them by name.
  std::map<std::string, int64_t> numbers() const;

  /// The value with `@x` and `{x}` replaced in all its strings and keys. A string that is `@x` alone becomes the value itself.
  /// What is not known is refused (`step-hole`), or stays in a `lenient` one.
  enum class Unknown { Refuse, Keep };
  TomlValue filled(const TomlValue& value, const Others& others, Unknown unknown = Unknown::Refuse) const;

 private:
  std::map<std::string, TomlValue> values_;

  std::optional<std::string> text_of(const std::string& name, const Others& others, Span where) const;
  Text filled(const Text& text, const Others& others, Unknown unknown) const;
};

}  // namespace exo
