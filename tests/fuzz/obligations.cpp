// obligations STEPS CASE.test...: every condition earns its place. For each code by which a rewrite was refuted, by random steps or
// by a golden test, some program must exist whose results differ if that condition is ignored: nothing in the generator is
// switched off, the program that the refused rewrite would have made is run.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include <fmt/format.h>

#include "fuzz/campaign.h"
#include "golden/case.h"
#include "golden/meaning.h"
#include "golden/steps.h"

namespace exo::testing {
namespace {

/// Codes for which no difference can be seen, and why.
const std::map<std::string, std::string> kUnseen = {};

/// The refutation that ends a golden test, and whether it would have done harm.
void count(const std::string& path, Tally& tally) {
  const Case c = read_case(path);
  Setting setting(c.target, c.contract);
  const std::vector<ProcRef> given = procedures(c.program, setting.target());
  setting.define({given.begin(), given.end() - 1}, c.procs);
  if (c.derives) setting.derives();
  const Result result = run_steps(given.back(), c.steps, setting);
  if (!result.refusal || result.primitives.empty()) return;
  const Applied& last = result.primitives.back();
  const auto& failures = last.outcome.failures;
  if (failures.empty() || failures.front().verdict.answer != Verdict::Refuted) return;
  Tally::Code& code = tally.codes[failures.front().problem.code];
  ++code.refused;
  for (const Failure& f : failures)
    if (f.problem.code != failures.front().problem.code) return;
  const auto at = sizes(*last.before, constants_in(c.program + c.steps.back()), 200, 1);
  for (const ProcRef& after : {last.outcome.after, with_parallel_reversed(last.outcome.after)})
    if (!compare(*last.before, *after, at, 1).difference.empty()) {
      ++code.harmful;
      return;
    }
}

int run(int argc, char** argv) {
  Tally tally;
  int bad = 0;
  for (uint64_t seed = 1; tally.steps < std::stoull(argv[1]); ++seed)
    if (const std::string trouble = explore(seed, tally); !trouble.empty()) fmt::print("{}\n", trouble), ++bad;
  for (int i = 2; i < argc; ++i) count(argv[i], tally);
  fmt::print("{:<24} {:>8} {:>8}\n", "condition", "refuted", "harmful");
  for (const auto& [name, code] : tally.codes) {
    if (code.refused == 0) continue;
    const auto unseen = kUnseen.find(name);
    fmt::print("{:<24} {:>8} {:>8}  {}\n", name, code.refused, code.harmful, unseen == kUnseen.end() ? "" : unseen->second);
    if (code.harmful == 0 && unseen == kUnseen.end()) fmt::print("no program was found that `{}` saves\n", name), ++bad;
  }
  return bad > 0 ? 1 : 0;
}

}  // namespace
}  // namespace exo::testing

int main(int argc, char** argv) {
  if (argc < 2) return std::fputs("usage: obligations STEPS CASE.test...\n", stderr), 2;
  try {
    return exo::testing::run(argc, argv);
  } catch (const exo::Rejected& rejected) {
    fmt::print("{}\n", exo::render(rejected.problems.front()));
  } catch (const exo::Bug& fault) {
    fmt::print("a fault of the generator: {}\n", fault.what);
  } catch (const std::exception& fault) {
    fmt::print("{}\n", fault.what());
  }
  return 1;
}
