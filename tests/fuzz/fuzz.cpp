// fuzz [--steps N] [--from SEED] [--keep-going] [--trace]: random steps on random programs, accepted ones run before and after.
// SEED=n runs one seed and says what it does; --trace prints each seed before it runs.
#include <cstdio>
#include <cstdlib>
#include <string>

#include <fmt/format.h>

#include "fuzz/campaign.h"
#include "schedule/verb.h"

namespace exo::testing {
namespace {

void print_tally(const Tally& tally) {
  fmt::print("{} steps on {} programs\n\n{:<18} {:>8} {:>9} {:>6}\n", tally.steps, tally.programs, "verb", "tried", "accepted", "rate");
  for (const auto& [name, v] : tally.verbs) fmt::print("{:<18} {:>8} {:>9} {:>5}%\n", name, v.tried, v.accepted, v.tried == 0 ? 0 : 100 * v.accepted / v.tried);
  fmt::print("\n{:<24} {:>8} {:>8} {:>10} {:>8}\n", "refused by", "refuted", "harmful", "not shown", "unknown");
  for (const auto& [name, c] : tally.codes) fmt::print("{:<24} {:>8} {:>8} {:>10} {:>8}\n", name, c.refused, c.harmful, c.unreplayed, c.unknown);
}

int run(uint64_t steps, uint64_t from, bool keep_going, bool trace) {
  if (const char* seed = std::getenv("SEED")) {
    Tally tally;
    const std::string trouble = explore(std::stoull(seed), tally, true);
    fmt::print("{}", trouble);
    return trouble.empty() ? 0 : 1;
  }
  Tally tally;
  int bad = 0;
  for (uint64_t seed = from; tally.steps < steps; ++seed) {
    if (trace) fmt::print(stderr, "{}\n", seed);
    const std::string trouble = explore(seed, tally);
    if (trouble.empty()) continue;
    fmt::print("{}\n", trouble);
    ++bad;
    if (!keep_going) break;
  }
  print_tally(tally);
  if (bad > 0) return 1;
  constexpr uint64_t kEnough = 100;   // attempts after which one must have been accepted: short runs meet each verb some thirty times
  for (const Verb& v : verbs()) {
    if (tally.verbs[v.name].accepted > 0) continue;
    fmt::print("`{}` was never accepted: nothing is tested of it\n", v.name);
    if (tally.verbs[v.name].tried >= kEnough) ++bad;
  }
  uint64_t refuted = 0, unseen = 0;
  for (const auto& [name, c] : tally.codes) refuted += c.refused, unseen += c.unreplayed;
  // Some cannot be seen: a random body may leave nothing behind, so running it less often shows nowhere. It is one in six, and
  // some 300 are counted: a quarter is far beyond chance.
  if (100 * unseen > 25 * refuted) fmt::print("{} of {} counterexamples were not seen to happen\n", unseen, refuted), ++bad;
  return bad > 0 ? 1 : 0;
}

}  // namespace
}  // namespace exo::testing

int main(int argc, char** argv) {
  uint64_t steps = 500, from = 1;
  bool keep_going = false, trace = false;
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    if (option == "--steps" && i + 1 < argc) steps = std::stoull(argv[++i]);
    else if (option == "--from" && i + 1 < argc) from = std::stoull(argv[++i]);
    else if (option == "--keep-going") keep_going = true;
    else if (option == "--trace") trace = true;
    else return fmt::print(stderr, "usage: fuzz [--steps N] [--from SEED] [--keep-going] [--trace]\n"), 2;
  }
  return exo::testing::run(steps, from, keep_going, trace);
}
