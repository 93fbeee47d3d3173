// Random choices that are the same for a seed on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace exo::testing {

/// splitmix64.
class Random {
 public:
  /// Streams of neighbouring seeds have nothing in common.
  explicit Random(uint64_t seed) : state_(seed) { state_ = next() ^ (seed << 32); }

  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15ull;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }
  /// lo <= result <= hi.
  int64_t between(int64_t lo, int64_t hi) { return lo + static_cast<int64_t>(next() % static_cast<uint64_t>(hi - lo + 1)); }
  bool chance(int percent) { return between(1, 100) <= percent; }
  template <class T>
  const T& of(const std::vector<T>& list) {
    return list.at(static_cast<size_t>(between(0, static_cast<int64_t>(list.size()) - 1)));
  }
  std::string of(std::initializer_list<const char*> list) { return *(list.begin() + between(0, static_cast<int64_t>(list.size()) - 1)); }

 private:
  uint64_t state_;
};

}  // namespace exo::testing
