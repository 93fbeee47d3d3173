// replay PART [--mutate COUNT FROM] FILE...: texts for a part of the front end, as they are and changed a little. The one under way
// stays in `replay.PART.input` if the program ends early. No text may take longer than half a minute, or memory without end.
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include <fmt/format.h>

#include "fuzz/inputs/feed.h"
#include "fuzz/inputs/mutate.h"
#include "support/diagnostic.h"
#include "support/source.h"

namespace exo::testing {
namespace {

constexpr unsigned kSeconds = 30;
constexpr rlim_t kBytes = rlim_t{4} << 30;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kLimited = false;  // the sanitizer reserves memory of its own
#else
constexpr bool kLimited = true;
#endif

/// Empty if all is well.
std::string fed(const std::string& part, const std::string& name, const std::string& text, const std::string& kept) {
  std::ofstream(kept, std::ios::binary) << text;
  alarm(kSeconds);
  try {
    feed(part, text);
  } catch (const Bug& fault) {
    return fmt::format("{}: {}\n{}\n", name, fault.what, text);
  } catch (const std::exception& fault) {
    return fmt::format("{}: {}\n{}\n", name, fault.what(), text);
  }
  alarm(0);
  return {};
}

int run(const std::string& part, uint64_t count, uint64_t from, const std::vector<std::string>& files) {
  const rlimit limit{kBytes, kBytes};
  if (kLimited) setrlimit(RLIMIT_AS, &limit);
  const std::string kept = "replay." + part + ".input";
  std::vector<std::string> texts;
  int bad = 0;
  const auto one = [&](const std::string& name, const std::string& text) {
    const std::string trouble = fed(part, name, text, kept);
    if (!trouble.empty()) fmt::print("{}", trouble), ++bad;
  };
  for (const std::string& file : files) texts.push_back(read_file(file)), one(file, texts.back());
  for (uint64_t seed = from; seed < from + count; ++seed) {
    Random random(Random(seed).next());
    one(fmt::format("mutation {}", seed), mutated(texts, random));
  }
  std::remove(kept.c_str());
  fmt::print("{} texts, {} mutations, {} of them bad\n", files.size(), count, bad);
  return bad > 0 ? 1 : 0;
}

}  // namespace
}  // namespace exo::testing

int main(int argc, char** argv) {
  if (argc < 3) return std::fputs("usage: replay PART [--mutate COUNT FROM] FILE...\n", stderr), 2;
  uint64_t count = 0, from = 0;
  int next = 2;
  if (std::string(argv[2]) == "--mutate" && argc > 5)
    count = std::stoull(argv[3]), from = std::stoull(argv[4]), next = 5;
  return exo::testing::run(argv[1], count, from, {argv + next, argv + argc});
}
