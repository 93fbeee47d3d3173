#include "golden/case.h"

#include <fstream>
#include <stdexcept>

#include "support/text.h"

namespace exo::testing {

void malformed(const std::string& what) { throw std::runtime_error(what); }

namespace {

/// "# key: value"
void directive(Case& c, const std::string& line) {
  const size_t colon = line.find(':');
  const std::string key(trim(line.substr(1, colon == line.npos ? line.npos : colon - 1)));
  const std::string value(colon == line.npos ? "" : trim(line.substr(colon + 1)));
  if (key == "target") c.target = value;
  else if (key == "proc") c.procs += value + "\n";
  else if (key == "in" && value == "proc") c.derives = true;
  else if (key == "contract" && value == "exact") c.contract = Contract::Exact;
  else if (colon != line.npos && key.find(' ') == key.npos) malformed("unknown directive: " + line);
}

}  // namespace

Case read_case(const std::string& path) {
  std::ifstream in(path);
  if (!in) malformed("cannot be read");
  Case c;
  enum { Program, Steps, Expected } part = Program;
  for (std::string line; std::getline(in, line);) {
    const bool step = line.rfind("---- ", 0) == 0;
    if (part != Expected && step) {
      part = Steps;
      c.steps.push_back(line.substr(5));
    } else if (part != Program) {
      part = Expected;
      c.expected += line + "\n";
      continue;
    } else if (line.rfind('#', 0) == 0) {
      directive(c, line);
    } else {
      c.program += line + "\n";
    }
    c.head += line + "\n";
  }
  if (c.steps.empty()) malformed("there is no step");
  return c;
}

}  // namespace exo::testing
