// fuzz_c COUNT FROM DIRECTORY COMPILER FLAGS...: programs that random steps made, as C, one file for each target: compiled with
// all warnings as errors, and compared with what the interpreter makes of the algorithm that they came from. SEED=n takes one seed.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "emit/emulate.h"
#include "fuzz/campaign.h"
#include "ir/print.h"
#include "run/batch.h"
#include "schedule/engine.h"
#include "support/text.h"

namespace exo::testing {
namespace {

constexpr int kSkipped = 77;
constexpr size_t kRuns = 12;  // sizes for each program

/// Is it called in the same way? `set_window` makes a procedure that takes something else.
bool takes_the_same(const Proc& a, const Proc& b) {
  return std::equal(
      a.params.begin(), a.params.end(), b.params.begin(), b.params.end(),
      [](const Param& x, const Param& y) { return x.type.window == y.type.window && x.type.scalar == y.type.scalar; });
}

/// The program of a seed after its steps; nothing where there is none, or where it cannot be emitted or run here.
std::optional<Trial> trial(uint64_t seed, const Compiler& compiler, TargetRef& target) {
  const Scheduled made = scheduled(seed);  // what is wrong with the steps themselves is the matter of `fuzz`
  if (!made.proc || !runs_here(*made.target, compiler) || !takes_the_same(*made.algorithm, *made.proc)) return {};
  target = made.target;
  Trial out;
  out.entry = false;
  out.exact = made.contract == Contract::Exact;
  out.text = fmt::format("reproduce with SEED={}\n{}=>\n{}", seed, print(*made.algorithm), print(*made.proc));
  out.kernel = {fmt::format("k{}", seed), "", "fuzz.toml", made.algorithm, {}, {}};
  out.kernel.variants.push_back({"scheduled", made.proc, made.target, nullptr});
  try {
    check_program(*made.proc);
    emit(out.kernel);
    if (!made.target->configs.empty()) out.kernel = emulated(out.kernel);  // nobody has that hardware
  } catch (const Rejected&) {
    return {};  // a register that plain C would touch, a race ...
  }
  for (const Param& p : made.algorithm->params)
    if (p.name.name().rfind("inexact", 0) == 0) out.inexact = p.name.name();
  for (const Control& control : sizes(*made.algorithm, {4, 8, 16}, kRuns, seed)) {
    auto args = random_arguments(*made.algorithm, control, seed);
    if (!args) continue;
    Arguments after = *args;
    if (interpret(*made.algorithm, after, {}, 200'000)) continue;
    out.inputs.push_back(std::move(*args)), out.expected.push_back(std::move(after));
  }
  return out;
}

int run(uint64_t count, uint64_t from, const std::string& directory, const Compiler& compiler) {
  int status = 0;
  spoken("command -v " + compiler.name, status);
  if (status != 0) return kSkipped;
  const char* only = std::getenv("SEED");
  if (only) from = std::stoull(only), count = 1;
  std::map<std::string, std::pair<TargetRef, std::vector<Trial>>> by_target;
  size_t trials = 0, runs = 0;
  for (uint64_t seed = from; trials < count && seed < from + (only ? 1 : 20 * count); ++seed) {
    TargetRef target;
    auto one = trial(seed, compiler, target);
    if (!one) continue;
    ++trials, runs += one->inputs.size();
    auto& [of, list] = by_target[target->name];
    of = target, list.push_back(std::move(*one));
  }
  fmt::print("{} programs, {} runs\n", trials, runs);
  std::string trouble;
  for (const auto& [name, entry] : by_target) {
    Compiler how = compiler;
    if (const auto flags = entry.first->flags.find("gnu"); flags != entry.first->flags.end())
      how.flags += " " + join(flags->second, " ");
    trouble += run_batch(entry.second, how, directory + "/" + name);
  }
  fmt::print("{}", trouble);
  return trouble.empty() && (only || trials == count) ? 0 : 1;
}

}  // namespace
}  // namespace exo::testing

int main(int argc, char** argv) {
  if (argc < 5) return std::fputs("usage: fuzz_c COUNT FROM DIRECTORY COMPILER FLAGS...\n", stderr), 2;
  exo::testing::Compiler compiler{argv[4], "-std=c11 -Wall -Wextra -Wconversion -pedantic -Werror -ffp-contract=off"};
  for (int i = 5; i < argc; ++i) compiler.flags += std::string(" ") + argv[i];
  try {
    return exo::testing::run(std::stoull(argv[1]), std::stoull(argv[2]), argv[3], compiler);
  } catch (const exo::Rejected& rejected) {
    fmt::print("{}\n", exo::render(rejected.problems.front()));
  } catch (const exo::Bug& fault) {
    fmt::print("a fault of the generator: {}\n", fault.what);
  }
  return 1;
}
