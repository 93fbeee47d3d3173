// What goes wrong, as data. Formatting happens in render.cpp, once, at the edge.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "support/source.h"

namespace exo {

/// A place with the words that stand beneath it.
struct Note {
  Span span;
  std::string words;
};

enum class Severity : uint8_t { Error, Warning };

/// One problem. `code` is kebab-case and stable; the first place is the primary one.
struct Diagnostic {
  std::string code;
  std::string message;
  std::vector<Note> places;
  std::vector<std::string> notes;
  std::vector<std::string> helps;
  Severity severity = Severity::Error;

  Diagnostic& at(Span span, std::string words = {}) &;
  Diagnostic& note(std::string text) &;
  Diagnostic& help(std::string text) &;
  Diagnostic&& at(Span span, std::string words = {}) &&;
  Diagnostic&& note(std::string text) &&;
  Diagnostic&& help(std::string text) &&;
};

/// The user asked for something that cannot be: one or more problems, never empty.
/// Caught by the driver, by `try` and `first` of the engine, and by tests; nowhere else.
struct Rejected {
  std::vector<Diagnostic> problems;
};

[[noreturn]] void reject(Diagnostic problem);

/// An error that the file system reports; the driver exits with 3 for these.
bool is_file_problem(const Diagnostic& problem);

/// Collects problems so that all of a file are reported, then throws them together.
class Problems {
 public:
  Diagnostic& add(Diagnostic problem);
  bool empty() const { return list_.empty(); }
  size_t size() const { return list_.size(); }
  void throw_if_any();
  /// Runs `action`; what it rejects is kept here.
  template <class Action>
  bool attempt(const Action& action) {
    try {
      action();
      return true;
    } catch (const Rejected& rejected) {
      list_.insert(list_.end(), rejected.problems.begin(), rejected.problems.end());
      return false;
    }
  }

 private:
  std::vector<Diagnostic> list_;
};

enum class Color { Never, Always };

/// The problem as text for a terminal: message, source excerpts with carets, notes, helps.
std::string render(const Diagnostic& problem, Color color = Color::Never);

/// One line of JSON: `code`, `severity`, `message`, `file`, `line`, `column`, `end_line`, `end_column`, `labels`, `notes`,
/// `helps`, `rendered`. generator/README.md says what they hold.
std::string as_json(const Diagnostic& problem);

/// Identical problems once, and those of one text in the order of their places; texts in the order in which they come up.
std::vector<Diagnostic> in_order(const std::vector<Diagnostic>& problems);

/// A state that the code rules out. Reported as a fault of the generator (exit status 70).
struct Bug {
  std::string what;
};
[[noreturn]] void bug(const char* file, int line, const std::string& what);
#define BUG(what) ::exo::bug(__FILE__, __LINE__, (what))

}  // namespace exo
