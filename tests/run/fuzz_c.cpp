// fuzz_c COUNT DIRECTORY [FROM]: programs that random steps made, as C: compiled with all warnings as errors, and run beside the
// algorithm that they came from. SEED=n takes one seed.
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "fuzz/campaign.h"
#include "ir/print.h"
#include "run/c_harness.h"
#include "schedule/engine.h"

namespace exo::testing {
namespace {

/// Empty if all is well; `tried` tells whether the program could be emitted and run here at all.
std::string trial(uint64_t seed, const std::string& directory, bool& tried) {
  Tally tally;
  Scheduled made;
  explore(seed, tally, &made);  // what is wrong with the steps themselves is the matter of `fuzz`
  const Compiler compiler{seed % 2 ? "gcc" : "clang",
                          "-std=c11 -O1 -Wall -Wextra -Wconversion -pedantic -Werror -Wno-tautological-compare "
                          "-Wno-self-assign -ffp-contract=off"};
  if (!made.proc || !runs_here(*made.target, compiler)) return {};
  EmitKernel kernel{made.algorithm->name, "", "fuzz.toml", made.algorithm, {}, {}};
  kernel.variants.push_back({"scheduled", made.proc, made.target, nullptr});
  kernel.variants.push_back({"plain", made.algorithm, load_target("portable", {EXO_DEFAULT_TARGETS_DIR}), nullptr});
  try {
    check_program(*made.proc);
    emit(kernel);
  } catch (const Rejected&) {
    return {};  // a register that plain C would touch, a race ...
  }
  tried = true;
  const auto at = sizes(*made.algorithm, {4, 8, 16}, 60, seed);
  const std::string trouble = run_in_c(kernel, "scheduled", at, compiler, directory);
  if (trouble.empty()) return {};
  return fmt::format("reproduce with SEED={}\n{}=>\n{}{}\n", seed, print(*made.algorithm), print(*made.proc), trouble);
}

int run(uint64_t count, const std::string& directory, uint64_t from) {
  const char* only = std::getenv("SEED");
  if (only) from = std::stoull(only), count = 1;
  uint64_t done = 0;
  int bad = 0;
  for (uint64_t seed = from; done < count && seed < from + 100 * count; ++seed) {
    bool tried = false;
    const std::string trouble = trial(seed, directory, tried);
    if (!trouble.empty()) fmt::print("{}\n", trouble), ++bad;
    if (tried && trouble.empty() && !only) std::filesystem::remove_all(directory);
    if (tried || only) ++done;
  }
  fmt::print("{} programs compiled and run, {} of them wrong\n", done, bad);
  return bad > 0 ? 1 : 0;
}

}  // namespace
}  // namespace exo::testing

int main(int argc, char** argv) {
  if (argc < 3) return std::fputs("usage: fuzz_c COUNT DIRECTORY [FROM]\n", stderr), 2;
  try {
    return exo::testing::run(std::stoull(argv[1]), argv[2], argc > 3 ? std::stoull(argv[3]) : 1);
  } catch (const exo::Rejected& rejected) {
    fmt::print("{}\n", exo::render(rejected.problems.front()));
  } catch (const exo::Bug& fault) {
    fmt::print("a fault of the generator: {}\n", fault.what);
  }
  return 1;
}
