// Single-thread f32 GEMM, C += A B with square matrices, beside OpenBLAS, the naive loop and the FMA peak of the same run.
// Everything is repeated in random order and the medians of thread CPU time are compared, so that a shared machine does little
// harm. The core type of OpenBLAS is chosen by trial, whatever the environment says: left alone, or told a wrong one, it runs at
// half its speed.
// Options are those of Google Benchmark; `--bars` makes the exit status say whether the project's bars are met.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <cblas.h>

#include "core_type.h"
#include "gemm.h"
#include "peak.h"

namespace {

using Matrix = std::vector<float>;

Matrix matrix(int64_t n, int seed) {
  Matrix out(static_cast<size_t>(n * n));
  for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>((i * 7 + static_cast<size_t>(seed)) % 13) - 6.0F;
  return out;
}

void naive(int64_t n, const float* A, const float* B, float* C) {
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < n; ++j)
      for (int64_t k = 0; k < n; ++k) C[i * n + j] += A[i * n + k] * B[k * n + j];
}

void openblas(int64_t n, const float* A, const float* B, float* C) {
  const int m = static_cast<int>(n);
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, m, m, 1.0F, A, m, B, m, 1.0F, C, m);
}

using Multiply = void (*)(int64_t, const float*, const float*, float*);

void exo(int64_t n, const float* A, const float* B, float* C) {
  if (gemm(n, n, n, A, B, C) != EXO_OK) std::abort();
}

void time_multiply(benchmark::State& state, Multiply multiply, const char* target) {
  const int64_t n = state.range(0);
  const Matrix A = matrix(n, 1), B = matrix(n, 2);
  Matrix C = matrix(n, 3);
  if (target && exo_set_target(target) != EXO_OK) return state.SkipWithError("this CPU cannot run it");
  for (auto _ : state) {
    multiply(n, A.data(), B.data(), C.data());
    benchmark::ClobberMemory();
  }
  const double flop = 2.0 * static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n);
  state.counters["GFLOP/s"] = benchmark::Counter(flop * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

void time_peak(benchmark::State& state, double (*run)(long, float*)) {
  float sink[16];
  double flop = 0;
  for (auto _ : state) {
    flop = run(200000, sink);
    benchmark::DoNotOptimize(sink);
  }
  state.counters["GFLOP/s"] = benchmark::Counter(flop * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Prints as Google Benchmark does, and keeps every repetition for the table of ratios.
class Ratios : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      const auto counter = run.counters.find("GFLOP/s");
      if (run.run_type == Run::RT_Iteration && !run.error_occurred && counter != run.counters.end())
        samples_[run.run_name.function_name + "/" + run.run_name.args].push_back(counter->second.value);
    }
    ConsoleReporter::ReportRuns(runs);
  }

  double speed(const std::string& name) const {
    const auto it = samples_.find(name);
    return it == samples_.end() ? 0 : median(it->second);
  }

 private:
  std::map<std::string, std::vector<double>> samples_;
};

constexpr int kSizes[] = {64, 221, 512, 1024, 2048};

/// The table; false if a bar of the project is missed at 512, 1024 or 2048.
bool report(const Ratios& ratios) {
  const double peak512 = ratios.speed("peak_avx512/"), peak2 = ratios.speed("peak_avx2/");
  std::printf("\nFMA peak: AVX-512 %.1f GFLOP/s, AVX2 %.1f GFLOP/s. Medians; ratios are of one run.\n", peak512, peak2);
  std::printf("%6s %10s %12s %10s %10s %12s %10s %12s\n", "n", "avx512", "of its peak", "OpenBLAS", "/OpenBLAS", "avx2",
              "of its peak", "/naive");
  bool met = true;
  for (const int n : kSizes) {
    const auto speed = [&](std::string name) { return ratios.speed(name.append("/").append(std::to_string(n))); };
    const double wide = speed("exo_avx512"), narrow = speed("exo_avx2"), peer = speed("openblas"),
                 simple = speed("naive");
    const double best = std::max(wide, narrow);
    const auto ratio = [](double a, double b) { return b > 0 ? a / b : 0; };
    std::printf("%6d %10.1f %12.3f %10.1f %10.3f %12.1f %10.3f %12.1f\n", n, wide, ratio(wide, peak512), peer,
                ratio(best, peer), narrow, ratio(narrow, peak2), ratio(best, simple));
    if (n < 512) continue;
    if (peak512 > 0) met = met && wide >= 0.85 * peak512 && wide >= 0.95 * peer;
    met = met && narrow >= 0.85 * peak2;
  }
  return met;
}

/// GFLOP/s of OpenBLAS at 512 in this process, for the trial of core types.
int probe() {
  const Matrix A = matrix(512, 1), B = matrix(512, 2);
  Matrix C = matrix(512, 3);
  double best = 0;
  for (int r = 0; r < 8; ++r) {
    const clock_t start = std::clock();
    for (int k = 0; k < 4; ++k) openblas(512, A.data(), B.data(), C.data());
    best = std::max(best, 4 * 2.0 * 512 * 512 * 512 * 1e-9 * CLOCKS_PER_SEC /
                              static_cast<double>(std::max<clock_t>(1, std::clock() - start)));
  }
  std::printf("%.1f\n", best);
  return 0;
}

void register_all() {
  const auto sized = [](const char* name, Multiply multiply, const char* target, int most) {
    auto* b = benchmark::RegisterBenchmark(name, [=](benchmark::State& s) { time_multiply(s, multiply, target); });
    for (const int n : kSizes)
      if (n <= most) b->Arg(n);
    b->Unit(benchmark::kMicrosecond);
  };
  benchmark::RegisterBenchmark("peak_avx512", [](benchmark::State& s) {
    if (!__builtin_cpu_supports("avx512f")) return s.SkipWithError("this CPU cannot run it");
    time_peak(s, fma_avx512);
  });
  benchmark::RegisterBenchmark("peak_avx2", [](benchmark::State& s) {
    if (!__builtin_cpu_supports("avx2")) return s.SkipWithError("this CPU cannot run it");
    time_peak(s, fma_avx2);
  });
  sized("exo_avx512", exo, "avx512", 2048);
  sized("exo_avx2", exo, "avx2", 2048);
  sized("openblas", openblas, nullptr, 2048);
  sized("naive", naive, nullptr, 512);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "--probe") == 0) return probe();
  choose_core_type(argv);
  std::vector<char*> args = {argv[0]};
  std::string defaults[] = {"--benchmark_repetitions=9", "--benchmark_enable_random_interleaving=true",
                            "--benchmark_min_time=0.05"};
  for (std::string& d : defaults) args.push_back(d.data());
  bool bars = false;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--bars") == 0)
      bars = true;
    else
      args.push_back(argv[i]);
  }
  int count = static_cast<int>(args.size());
  benchmark::Initialize(&count, args.data());
  if (benchmark::ReportUnrecognizedArguments(count, args.data())) return 2;
  register_all();
  Ratios ratios;
  benchmark::RunSpecifiedBenchmarks(&ratios);
  const bool met = report(ratios);
  return bars && !met ? 1 : 0;
}
