// golden CASE.test...: runs cases (case.h) and compares what they give with what stands in them. The file's name starts with
// `fail_` exactly if the last step is rejected. UPDATE_GOLDEN=1 writes what is there now into the files: review the difference.
//
// On the way each program is verified, printed and parsed; what a primitive made is interpreted beside what was there
// before, on many sizes; and each counterexample must have been seen to happen.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "golden/case.h"
#include "golden/meaning.h"
#include "golden/steps.h"
#include "ir/print.h"
#include "support/text.h"

namespace exo::testing {
namespace {

/// What must hold of each primitive that was applied or tried.
void inspect_primitive(const Applied& applied, const Case& c, const Setting& setting) {
  Proc before = *applied.before;
  for (const ExprRef& e : applied.outcome.change.assumed) before.asserts.push_back(e);
  std::string words = c.program + c.procs;
  for (const std::string& s : c.steps) words += s;
  if (applied.outcome.failures.empty()) {
    const Proc& after = *applied.outcome.after;
    inspect(after, instructions(setting.target()));
    if (applied.outcome.change.another) return;  // it does something else for its caller
    const auto at = sizes(before, constants_in(words), 400, 1);
    const Comparison result = compare(before, after, at, 1, c.contract == Contract::Exact ? Values::Rough : Values::Whole);
    if (!result.difference.empty()) malformed("the meaning changed: " + result.difference + "\n" + print(before) + "=>\n" + print(after));
    if (result.runs == 0 && applied.outcome.change.assumed.empty()) malformed("no size was found on which the program runs:\n" + print(before));
    return;
  }
  const Failure& failure = applied.outcome.failures.front();
  if (failure.verdict.answer == Verdict::Unknown) return;
  if (!explain(failure, applied.before, applied.outcome.after).replayed)
    malformed("the counterexample was not seen to happen: " + failure.problem.message);
}

std::string outcome_of(const Case& c, bool& refused) {
  Setting setting(c.target, c.contract);
  const std::vector<ProcRef> given = procedures(c.program, setting.target());
  const ProcRef before = given.back();
  setting.define({given.begin(), given.end() - 1}, c.procs);
  if (c.derives) setting.derives();
  inspect(*before, instructions(setting.target()));
  const Result result = run_steps(before, c.steps, setting);
  if (result.refusal && result.accepted + 1 < c.steps.size())
    malformed("a step before the last one is refused:\n" + render(result.refusal->problems.front()));
  for (const Applied& applied : result.primitives) inspect_primitive(applied, c, setting);
  refused = result.refusal.has_value();
  if (!refused) {
    check_program(*result.after);
    check_configuration(*result.after);
    std::string out;
    for (const ProcRef& p : made_by_steps(*result.after, setting.target(), given)) out += print(*p) + "\n";
    return out + print(*result.after);
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
