// How a recipe would say a step: what composites come to, for `exo expand`.
#pragma once

#include "schedule/rewrite.h"

namespace exo {

/// `Spelling(rw, "split").about(path).key("by", by)`; nothing is worked out where nobody asks.
class Spelling {
 public:
  Spelling(Rewrite& rw, const char* verb) : rw_(rw), verb_(verb) {}
  ~Spelling();
  Spelling(const Spelling&) = delete;
  Spelling& operator=(const Spelling&) = delete;

  /// What the verb is about: a place, a buffer, an expression.
  Spelling& about(const Path& place) { return place_key(verb_, place); }
  Spelling& about(Sym buffer) { return buffer_key(verb_, buffer); }
  Spelling& about(const ExprRef& what) { return key(verb_, what); }
  Spelling& about(const std::vector<Path>& places);

  Spelling& place_key(const char* name, const Path& place);
  Spelling& buffer_key(const char* name, Sym buffer);
  Spelling& key(const char* name, int64_t number);
  Spelling& key(const char* name, const std::string& text);
  Spelling& key(const char* name, const ExprRef& value);
  Spelling& key(const char* name, const std::vector<std::string>& texts);

 private:
  Rewrite& rw_;
  const char* verb_;
  TomlTable step_;

  bool wanted() const { return rw_.context.spelled; }
  Spelling& entry(const char* name, decltype(TomlValue::value) value);
};

}  // namespace exo
