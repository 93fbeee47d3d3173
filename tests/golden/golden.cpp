// golden CASE.test...: runs cases and compares what they give with what stands in them.
//
//     # target: avx2            (portable)
//     # contract: exact         (reassociate)
//     def copy(n : size, x : f32[n], y : f32[n]):
//         for i in seq(0, n):
//             y[i] = x[i]
//     ---- { split = "i", by = 4 }
//     the program after it, or the diagnostic
//
// There may be several steps, each behind `----`; all but the last are accepted. The file's name starts with `fail_` exactly
// if the last one is rejected. UPDATE_GOLDEN=1 writes what is there now into the files: review the difference.
//
// On the way each program is verified, printed and parsed; what a primitive made is interpreted beside what was there
// before, on many sizes; and each counterexample must have been seen to happen.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "golden/meaning.h"
#include "golden/steps.h"
#include "ir/print.h"
#include "support/text.h"

namespace exo::testing {
namespace {

struct Case {
  std::string head;      // directives, program and steps as they stand in the file
  std::string program;
  std::string target = "portable";
  Contract contract = Contract::Reassociate;
  std::vector<std::string> steps;
  std::string expected;
};

[[noreturn]] void malformed(const std::string& what) { throw std::runtime_error(what); }

/// "# key: value"
void directive(Case& c, const std::string& line) {
  const size_t colon = line.find(':');
  const std::string key(trim(line.substr(1, colon == line.npos ? line.npos : colon - 1)));
  const std::string value(colon == line.npos ? "" : trim(line.substr(colon + 1)));
  if (key == "target") c.target = value;
  else if (key == "contract" && value == "exact") c.contract = Contract::Exact;
  else if (colon != line.npos && key.find(' ') == key.npos) malformed("unknown directive: " + line);
}

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

/// What must hold of each primitive that was applied or tried.
void inspect_primitive(const Applied& applied, const Case& c, const Setting& setting) {
  const Proc& before = *applied.before;
  std::string words = c.program;
  for (const std::string& s : c.steps) words += s;
  if (applied.outcome.failures.empty()) {
    const Proc& after = *applied.outcome.after;
    inspect(after, instructions(setting.target()));
    const auto at = sizes(before, constants_in(words), 400, 1);
    const Comparison result = compare(before, after, at, 1);
    if (!result.difference.empty()) malformed("the meaning changed: " + result.difference + "\n" + print(before) + "=>\n" + print(after));
    if (result.runs == 0) malformed("no size was found on which the program runs:\n" + print(before));
    return;
  }
  const Failure& failure = applied.outcome.failures.front();
  if (failure.verdict.answer == Verdict::Unknown) return;
  if (!explain(failure, applied.before, applied.outcome.after).replayed)
    malformed("the counterexample was not seen to happen: " + failure.problem.message);
}

std::string outcome_of(const Case& c, bool& refused) {
  const Setting setting(c.target, c.contract);
  const ProcRef before = program(c.program, setting.target());
  inspect(*before, instructions(setting.target()));
  const Result result = run_steps(before, c.steps, setting);
  if (result.refusal && result.accepted + 1 < c.steps.size())
    malformed("a step before the last one is refused:\n" + render(result.refusal->problems.front()));
  for (const Applied& applied : result.primitives) inspect_primitive(applied, c, setting);
  refused = result.refusal.has_value();
  if (!refused) {
    check_program(*result.after);
    return print(*result.after);
  }
  std::string out;
  for (const Diagnostic& d : result.refusal->problems) out += render(d);
  return out;
}

/// Empty if all is well.
std::string run_case(const std::string& path) {
  const Case c = read_case(path);
  bool refused = false;
  const std::string got = outcome_of(c, refused);
  const bool wants_refusal = std::filesystem::path(path).filename().string().rfind("fail_", 0) == 0;
  if (refused && !wants_refusal) return "the step is refused:\n" + got;
  if (!refused && wants_refusal) return "the step is accepted:\n" + got;
  if (got == c.expected) return {};
  if (std::getenv("UPDATE_GOLDEN")) {
    std::ofstream(path) << c.head << got;
    fmt::print("{}: rewritten\n", path);
    return {};
  }
  return "expected:\n" + c.expected + "\nbut got:\n" + got;
}

std::string guarded(const std::string& path) {
  try {
    return run_case(path);
  } catch (const Rejected& rejected) {
    std::string out = "the case itself is refused:\n";
    for (const Diagnostic& d : rejected.problems) out += render(d);
    return out;
  } catch (const Bug& fault) {
    return "a fault of the generator: " + fault.what;
  } catch (const std::exception& fault) {
    return fault.what();
  }
}

}  // namespace
}  // namespace exo::testing

int main(int argc, char** argv) {
  int bad = 0;
  for (int i = 1; i < argc; ++i)
    if (const std::string trouble = exo::testing::guarded(argv[i]); !trouble.empty()) {
      fmt::print("{}: {}\n", argv[i], trouble);
      ++bad;
    }
  return bad > 0 ? 1 : 0;
}
