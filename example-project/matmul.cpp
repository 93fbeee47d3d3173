// Multiplies two matrices in .npy files with a kernel made by Exo, and says which variant ran and
// how fast.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "gemm.h"
#include "npy.h"

namespace {

constexpr const char* kUsage =
    "usage: matmul A.npy B.npy C.npy [--target NAME] [--repeat N] [--check]\n"
    "       matmul --list\n"
    "  C = A B for float32 matrices in C order\n"
    "  --target NAME  use this variant, e.g. avx2 (default: the best for this CPU)\n"
    "  --repeat N     run N times and report the median speed (default 1)\n"
    "  --check        compare the result with a product in double precision\n"
    "  --list         print the kernels of this program and their variants\n";

struct Usage : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Options {
  std::vector<std::string> files;
  std::string target;
  int repeat = 1;
  bool list = false, check = false, help = false;
};

Options parse(const std::vector<std::string>& words) {
  Options options;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const auto value = [&]() -> const std::string& {
      if (i + 1 == words.size()) throw Usage(word + " needs a value");
      return words[++i];
    };
    if (word == "--list")
      options.list = true;
    else if (word == "--check")
      options.check = true;
    else if (word == "--help" || word == "-h")
      options.help = true;
    else if (word == "--target")
      options.target = value();
    else if (word == "--repeat") {
      const std::string& n = value();
      const auto [end, error] = std::from_chars(n.data(), n.data() + n.size(), options.repeat);
      if (error != std::errc() || end != n.data() + n.size() || options.repeat < 1)
        throw Usage("--repeat needs a number above zero, not " + n);
    } else if (word.starts_with("-"))
      throw Usage("there is no option " + word);
    else
      options.files.push_back(word);
  }
  if (!options.list && !options.help && options.files.size() != 3)
    throw Usage("three files are needed: A B C");
  return options;
}

void must_be_ok(exo_status status) {
  if (status != EXO_OK)
    throw std::runtime_error(std::string(exo_status_text(status)) + ": " + exo_last_error());
}

struct Product {
  Matrix matrix;
  double seconds = 0;  // median
};

Product multiply(const Matrix& a, const Matrix& b, int repeat) {
  if (b.columns > 0 && a.rows > std::numeric_limits<int64_t>::max() / 4 / b.columns)
    throw std::runtime_error("the product is larger than any memory");
  Product product{{a.rows, b.columns, std::vector<float>(static_cast<size_t>(a.rows * b.columns))}};
  std::vector<float>& c = product.matrix.values;
  std::vector<double> seconds;
  for (int i = 0; i < repeat; ++i) {
    std::fill(c.begin(), c.end(), 0.0f);
    const auto start = std::chrono::steady_clock::now();
    must_be_ok(gemm(a.rows, b.columns, a.columns, a.values.data(), b.values.data(), c.data()));
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::nth_element(seconds.begin(), seconds.begin() + repeat / 2, seconds.end());
  product.seconds = seconds[static_cast<size_t>(repeat / 2)];
  return product;
}

/// Compares with the product in double precision. A sum of K products of floats is off by at most
/// about K roundings of the sum of their magnitudes.
bool agrees(const Matrix& a, const Matrix& b, const Matrix& c) {
  const double rounding =
      std::numeric_limits<float>::epsilon() * static_cast<double>(a.columns + 1);
  double worst = 0;
  for (int64_t i = 0; i < c.rows; ++i)
    for (int64_t j = 0; j < c.columns; ++j) {
      double sum = 0, magnitude = 0;
      for (int64_t k = 0; k < a.columns; ++k) {
        const double term =
            static_cast<double>(a.values[i * a.columns + k]) * b.values[k * b.columns + j];
        sum += term, magnitude += std::abs(term);
      }
      const double found = c.values[i * c.columns + j];
      if (std::isnan(sum) && std::isnan(found)) continue;
      const double error = std::abs(found - sum);
      if (found != sum && !(error <= rounding * magnitude)) {
        std::fprintf(stderr, "check: C[%lld,%lld] is %.9g, and should be %.9g\n",
                     static_cast<long long>(i), static_cast<long long>(j), found, sum);
        return false;
      }
      if (magnitude > 0 && std::isfinite(error)) worst = std::max(worst, error / magnitude);
    }
  std::printf("check: agrees with the product in double precision (largest relative error %.1e)\n",
              worst);
  return true;
}

int run(const Options& options) {
  if (!options.target.empty()) must_be_ok(exo_set_target(options.target.c_str()));
  if (options.list) {
    exo_list_kernels(stdout);
    return 0;
  }
  const Matrix a = read_npy(options.files[0]), b = read_npy(options.files[1]);
  if (a.columns != b.rows)
    throw std::runtime_error(options.files[0] + " has " + std::to_string(a.columns) +
                             " columns, but " + options.files[1] + " has " +
                             std::to_string(b.rows) + " rows");
  const Product product = multiply(a, b, options.repeat);
  write_npy(options.files[2], product.matrix);

  const char* variant = exo_variant_in_use("gemm");
  const double operations = 2.0 * static_cast<double>(a.rows) * static_cast<double>(b.columns) *
                            static_cast<double>(a.columns);
  std::printf("%lld x %lld x %lld with %s: %.2f GFLOP/s\n", static_cast<long long>(a.rows),
              static_cast<long long>(b.columns), static_cast<long long>(a.columns),
              variant ? variant : "nothing",
              product.seconds > 0 ? operations / product.seconds * 1e-9 : 0.0);
  return options.check && !agrees(a, b, product.matrix) ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = parse({argv + 1, argv + argc});
    if (options.help) {
      std::fputs(kUsage, stdout);
      return 0;
    }
    return run(options);
  } catch (const Usage& error) {
    std::fprintf(stderr, "matmul: %s\n%s", error.what(), kUsage);
    return 2;
  } catch (const std::bad_alloc&) {
    std::fputs("matmul: out of memory\n", stderr);
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "matmul: %s\n", error.what());
    return 1;
  }
}
