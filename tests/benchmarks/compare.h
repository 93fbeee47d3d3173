// Two kernels in one process, measured in turns.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <functional>
#include <vector>

inline constexpr int kRounds = 41;
inline constexpr double kLeast = 2e-4;  // seconds of one measurement

inline double now() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

inline double time_of(const std::function<void()>& run, int64_t times) {
  const double begin = now();
  for (int64_t i = 0; i < times; ++i) run();
  return (now() - begin) / static_cast<double>(times);
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Medians of both, in turns, and that of their ratio.
inline void compare_with(const char* peer, const char* kernel, int64_t n, double flop,
                         const std::function<void()>& ours, const std::function<void()>& theirs) {
  int64_t times = 1;
  ours(), theirs();
  while (time_of(theirs, times) * static_cast<double>(times) < kLeast) times *= 2;
  std::vector<double> mine, other, ratio;
  for (int round = 0; round < kRounds; ++round) {
    const bool first = round % 2 == 0;
    if (first) mine.push_back(time_of(ours, times));
    other.push_back(time_of(theirs, times));
    if (!first) mine.push_back(time_of(ours, times));
    ratio.push_back(other.back() / mine.back());
  }
  std::printf("%-8s %8lld  %8.2f GFLOP/s  %s %8.2f  ratio %.2f\n", kernel, static_cast<long long>(n),
              flop / median(mine) * 1e-9, peer, flop / median(other) * 1e-9, median(ratio));
}
