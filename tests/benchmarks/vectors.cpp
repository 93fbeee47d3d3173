// Level 1 and 2, and triangles of level 3, in single precision beside OpenBLAS, in one process and one thread: for each kernel and size both run in turn, many
// times, and the medians of thread CPU time are compared. A ratio above 1 means that the kernel of the recipe is the faster one.
// `vectors_benchmark avx2` runs the variant for that target. The type of core of OpenBLAS is chosen by trial.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <vector>

#include <cblas.h>

#include "compare.h"
#include "core_type.h"
#include "sasum.h"
#include "saxpy.h"
#include "sdot.h"
#include "sgbmv.h"
#include "sgemv.h"
#include "sgemv_t.h"
#include "sger.h"
#include "sscal.h"
#include "ssymv.h"
#include "ssyrk.h"
#include "strmm.h"
#include "strmv.h"

namespace {

void compare(const char* kernel, int64_t n, double flop, const std::function<void()>& ours,
             const std::function<void()>& theirs) {
  compare_with("OpenBLAS", kernel, n, flop, ours, theirs);
}

std::vector<float> values(int64_t count, int seed) {
  std::vector<float> out(static_cast<size_t>(count));
  for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>((i * 7 + static_cast<size_t>(seed)) % 13) - 6.0F;
  return out;
}

void check(int status) {
  if (status != EXO_OK) std::abort();
}

void vectors(int64_t n) {
  const auto x = values(n, 1);
  auto y = values(n, 2);
  const int m = static_cast<int>(n);
  volatile float sink = 0;
  float result = 0;
  const double d = static_cast<double>(n);
  compare(
      "sdot", n, 2 * d, [&] { check(sdot(n, x.data(), y.data(), &result)); },
      [&] { sink = cblas_sdot(m, x.data(), 1, y.data(), 1); });
  compare(
      "saxpy", n, 2 * d, [&] { check(saxpy(n, 1e-9F, x.data(), y.data())); },
      [&] { cblas_saxpy(m, 1e-9F, x.data(), 1, y.data(), 1); });
  compare(
      "sasum", n, d, [&] { check(sasum(n, x.data(), &result)); }, [&] { sink = cblas_sasum(m, x.data(), 1); });
  compare(
      "sscal", n, d, [&] { check(sscal(n, -1.0F, y.data())); }, [&] { cblas_sscal(m, -1.0F, y.data(), 1); });
  (void)sink;
}

void matrices(int64_t n) {
  const auto x = values(n, 2);
  auto a = values(n * n, 1), y = values(n, 3);
  const int m = static_cast<int>(n);
  const double flop = 2.0 * static_cast<double>(n) * static_cast<double>(n);
  compare(
      "sgemv", n, flop, [&] { check(sgemv(n, n, 1.0F, a.data(), x.data(), 0.0F, y.data())); },
      [&] { cblas_sgemv(CblasRowMajor, CblasNoTrans, m, m, 1.0F, a.data(), m, x.data(), 1, 0.0F, y.data(), 1); });
  compare(
      "sgemv_t", n, flop, [&] { check(sgemv_t(n, n, 1.0F, a.data(), x.data(), 0.0F, y.data())); },
      [&] { cblas_sgemv(CblasRowMajor, CblasTrans, m, m, 1.0F, a.data(), m, x.data(), 1, 0.0F, y.data(), 1); });
  compare(
      "sger", n, flop, [&] { check(sger(n, n, 1e-9F, x.data(), y.data(), a.data())); },
      [&] { cblas_sger(CblasRowMajor, m, m, 1e-9F, x.data(), 1, y.data(), 1, a.data(), m); });
  compare(
      "ssymv", n, flop, [&] { check(ssymv(n, 1e-9F, a.data(), x.data(), y.data())); },
      [&] { cblas_ssymv(CblasRowMajor, CblasLower, m, 1e-9F, a.data(), m, x.data(), 1, 1.0F, y.data(), 1); });
  auto unit = values(n * n, 0);  // one that keeps the vector as it is, so that nothing overflows or becomes tiny
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < n; ++j) unit[static_cast<size_t>(i * n + j)] = i == j ? 1.0F : 0.0F;
  auto z = values(n, 4);
  compare(
      "strmv", n, flop / 2, [&] { check(strmv(n, unit.data(), z.data())); },
      [&] { cblas_strmv(CblasRowMajor, CblasLower, CblasNoTrans, CblasNonUnit, m, unit.data(), m, z.data(), 1); });
}

void bands(int64_t n, int64_t width) {
  const auto band = values(n * (2 * width + 1), 1), x = values(n, 2);
  auto y = values(n, 3);
  const int m = static_cast<int>(n), w = static_cast<int>(width);
  compare(
      "sgbmv", width, 2.0 * static_cast<double>(n) * static_cast<double>(2 * width + 1),
      [&] { check(sgbmv(n, n, width, width, band.data(), x.data(), y.data())); },
      [&] {
        cblas_sgbmv(CblasRowMajor, CblasNoTrans, m, m, w, w, 1.0F, band.data(), 2 * w + 1, x.data(), 1, 1.0F, y.data(),
                    1);
      });
}

/// Products of a matrix with its transpose, and of a triangle with a matrix. The matrices keep their values.
void products(int64_t n) {
  const auto a = values(n * n, 1);
  auto c = values(n * n, 2), unit = values(n * n, 0);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < n; ++j) unit[static_cast<size_t>(i * n + j)] = i == j ? 1.0F : 0.0F;
  const int m = static_cast<int>(n);
  const double flop = static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n);
  compare(
      "ssyrk", n, flop, [&] { check(ssyrk(n, n, a.data(), c.data())); },
      [&] { cblas_ssyrk(CblasRowMajor, CblasLower, CblasNoTrans, m, m, 1.0F, a.data(), m, 1.0F, c.data(), m); });
  compare(
      "strmm", n, flop, [&] { check(strmm(n, n, unit.data(), c.data())); },
      [&] {
        cblas_strmm(CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, m, m, 1.0F, unit.data(), m,
                    c.data(), m);
      });
}

/// GFLOP/s of OpenBLAS, for the trial of core types.
int probe() {
  const auto a = values(256 * 256, 1), x = values(256, 2);
  auto y = values(256, 3);
  const auto gemv = [&] {
    cblas_sgemv(CblasRowMajor, CblasNoTrans, 256, 256, 1.0F, a.data(), 256, x.data(), 1, 0.0F, y.data(), 1);
  };
  gemv();
  std::vector<double> times;
  for (int round = 0; round < kRounds; ++round) times.push_back(time_of(gemv, 20));
  std::printf("%.2f\n", 2.0 * 256 * 256 / median(times) * 1e-9);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "--probe") == 0) return probe();
  choose_core_type(argv);
  if (argc > 1) check(exo_set_target(argv[1]));
  std::printf("OpenBLAS: %s\n", openblas_get_corename());
  for (const int64_t n : {64, 257, 1024, 4096, 32768, 1 << 20}) vectors(n);
  for (const int64_t n : {32, 101, 256, 1024}) matrices(n);
  for (const int64_t n : {24, 64, 250, 512}) products(n);
  for (const int64_t width : {2, 16, 100}) bands(2000, width);
}
