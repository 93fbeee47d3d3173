// Identifiers of the generated C: those of the recipe wherever C allows.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "ir/ir.h"

namespace exo {

/// Is the word taken by C, C++, the standard library as generated code uses it, or the runtime?
bool is_reserved_in_c(const std::string& word);

/// `name` with every character that C has no identifier for made `_`.
std::string c_identifier(const std::string& name);

/// Every identifier that occurs in a piece of C.
std::set<std::string> identifiers_in(const std::string& c);

/// Text inside a C comment, and inside a string literal (quotes included).
std::string c_comment(const std::string& text);
std::string c_string(const std::string& text);
/// The same as a printf format without conversions.
std::string c_format(const std::string& text);

/// Nested scopes. A name is never used for two things in sight of each other.
class CNames {
 public:
  /// `taken`: words that no variable may be called.
  explicit CNames(std::set<std::string> taken) : taken_(std::move(taken)) { push(); }

  void push() { scopes_.emplace_back(); }
  void pop();

  /// Declares a variable in the innermost scope and returns its name.
  std::string declare(Sym sym);
  /// A name for something that has no symbol.
  std::string fresh(const std::string& wish);
  const std::string& operator[](Sym sym) const;
  bool knows(Sym sym) const { return names_.count(sym) > 0; }

 private:
  bool in_sight(const std::string& name) const;

  std::set<std::string> taken_;
  std::vector<std::set<std::string>> scopes_;
  std::map<Sym, std::string> names_;
};

}  // namespace exo
