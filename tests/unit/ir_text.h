// Programs as text for the tests of ir/.
#pragma once

#include <string>
#include <vector>

#include "ir/check.h"
#include "ir/parse.h"
#include "support/diagnostic.h"

namespace exo::testing {

inline Text text(const std::string& chars) { return text_of(register_source("test", chars)); }

inline std::vector<ProcRef> procs(const std::string& chars,
                                  const std::vector<ProcRef>& known = {}) {
  return parse(text(chars), known);
}

/// The last procedure of a text.
inline ProcRef proc(const std::string& chars) { return procs(chars).back(); }

/// What an action is rejected for; nothing if it is not.
template <class Action>
std::vector<Diagnostic> problems_of(const Action& action) {
  try {
    action();
  } catch (const Rejected& rejected) {
    return rejected.problems;
  }
  return {};
}

/// What the parser, or else the checker, says about a text.
inline std::vector<Diagnostic> problems_in(const std::string& chars) {
  return problems_of([&] {
    Problems problems;
    for (const ProcRef& p : procs(chars)) check(*p, problems);
    problems.throw_if_any();
  });
}

/// The characters under the first place of a problem.
inline std::string marked(const Diagnostic& d) {
  if (d.places.empty() || !d.places[0].span.source) return "";
  const Span span = d.places[0].span;
  return span.source->text.substr(span.begin, span.end - span.begin);
}

}  // namespace exo::testing
