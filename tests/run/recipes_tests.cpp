// Recipes that ship: each kernel, compiled, beside the same computation written down independently, on small whole numbers (so that
// sums are exact), on empty and odd sizes, and at the edges of its integers.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "blur.h"
#include "conv1d.h"
#include "conv2d.h"
#include "im2col.h"
#include "layernorm.h"
#include "sgbmv.h"
#include "sgemv.h"
#include "softmax.h"
#include "spmv.h"
#include "ssyrk.h"
#include "strmm.h"
#include "unsharp.h"

namespace {

using Floats = std::vector<float>;

std::mt19937 generator(7);

int64_t between(int64_t lo, int64_t hi) { return std::uniform_int_distribution<int64_t>(lo, hi)(generator); }

Floats small(int64_t count) {
  Floats out(static_cast<size_t>(count));
  for (float& x : out) x = static_cast<float>(between(-4, 4));
  return out;
}

Floats fractions(int64_t count) {
  Floats out(static_cast<size_t>(count));
  for (float& x : out) x = static_cast<float>(between(-4000, 4000)) / 512.0f;
  return out;
}

size_t at(int64_t i) { return static_cast<size_t>(i); }

/// A window's element, zero outside of the image.
float padded(const Floats& image, int64_t h, int64_t w, int64_t channels, int64_t y, int64_t x, int64_t c) {
  const bool inside = y >= 0 && y < h && x >= 0 && x < w;
  return inside ? image[at((y * w + x) * channels + c)] : 0.0f;
}

}  // namespace

TEST_CASE("gemv") {
  for (int round = 0; round < 40; ++round) {
    const int64_t m = between(0, 9), n = between(0, 9);
    const Floats a = small(m * n), x = small(n), before = small(m);
    for (const float beta : {0.0f, 1.0f, -2.0f}) {
      Floats y = before;
      if (beta == 0.0f) y.assign(at(m), std::numeric_limits<float>::quiet_NaN());  // not read, as in BLAS
      REQUIRE(sgemv(m, n, 3.0f, a.data(), x.data(), beta, y.data()) == EXO_OK);
      for (int64_t i = 0; i < m; ++i) {
        double sum = 0;
        for (int64_t j = 0; j < n; ++j) sum += double{a[at(i * n + j)]} * double{x[at(j)]};
        CHECK(double{y[at(i)]} == 3 * sum + (beta == 0.0f ? 0 : double{beta} * double{before[at(i)]}));
      }
    }
  }
}

TEST_CASE("syrk: the triangle, and nothing above it") {
  for (int round = 0; round < 40; ++round) {
    const int64_t n = between(0, 9), k = between(0, 9);
    const Floats a = small(n * k), before = small(n * n);
    Floats c = before;
    REQUIRE(ssyrk(n, k, a.data(), c.data()) == EXO_OK);
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j) {
        double sum = double{before[at(i * n + j)]};
        for (int64_t l = 0; j <= i && l < k; ++l) sum += double{a[at(i * k + l)]} * double{a[at(j * k + l)]};
        CHECK(double{c[at(i * n + j)]} == sum);
      }
  }
}

TEST_CASE("trmm: in place, and what stands above the diagonal is not read") {
  for (int round = 0; round < 40; ++round) {
    const int64_t m = between(0, 9), n = between(0, 9);
    Floats a = small(m * m);
    for (int64_t i = 0; i < m; ++i)
      for (int64_t k = i + 1; k < m; ++k) a[at(i * m + k)] = std::numeric_limits<float>::quiet_NaN();
    const Floats before = small(m * n);
    Floats b = before;
    REQUIRE(strmm(m, n, a.data(), b.data()) == EXO_OK);
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) {
        double sum = 0;
        for (int64_t k = 0; k <= i; ++k) sum += double{a[at(i * m + k)]} * double{before[at(k * n + j)]};
        CHECK(double{b[at(i * n + j)]} == sum);
      }
  }
}

namespace {

/// A sparse matrix beside the full one.
struct Sparse {
  std::vector<int32_t> row, col;
  Floats val, full;
};

Sparse sparse(int64_t m, int64_t n) {
  Sparse out;
  out.full.assign(at(m * n), 0.0f);
  out.row.push_back(0);
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t k = n > 0 ? between(0, 4) : 0; k > 0; --k) {  // in any order, some places twice
      out.col.push_back(static_cast<int32_t>(between(0, n - 1)));
      out.val.push_back(static_cast<float>(between(-4, 4)));
      out.full[at(i * n + out.col.back())] += out.val.back();
    }
    out.row.push_back(static_cast<int32_t>(out.col.size()));
  }
  return out;
}

}  // namespace

TEST_CASE("spmv: as the full matrix") {
  for (int round = 0; round < 60; ++round) {
    const int64_t m = between(0, 9), n = between(0, 9);
    const Sparse a = sparse(m, n);
    const int64_t nnz = static_cast<int64_t>(a.col.size());
    const Floats x = small(n), before = small(m);
    for (const float beta : {0.0f, -2.0f}) {
      Floats y = before;
      REQUIRE(spmv(m, n, nnz, 3.0f, a.row.data(), a.col.data(), a.val.data(), x.data(), beta, y.data()) == EXO_OK);
      for (int64_t i = 0; i < m; ++i) {
        double sum = 0;
        for (int64_t j = 0; j < n; ++j) sum += double{a.full[at(i * n + j)]} * double{x[at(j)]};
        CHECK(double{y[at(i)]} == 3 * sum + double{beta} * double{before[at(i)]});
      }
    }
  }
}

TEST_CASE("spmv: a broken index is a status that names it, and nothing is stored") {
  const Floats val = {1, 2, 3}, x = {1, 1}, before = {7, 7};
  const auto status = [&](std::vector<int32_t> row, std::vector<int32_t> col) {
    Floats y = before;
    const exo_status s = spmv(2, 2, 3, 1.0f, row.data(), col.data(), val.data(), x.data(), 0.0f, y.data());
    CHECK((s == EXO_OK || y == before));
    return s;
  };
  const auto says = [](const char* words) { return std::string(exo_last_error()).find(words) != std::string::npos; };
  CHECK(status({0, 2, 3}, {0, 1, 1}) == EXO_OK);
  CHECK(status({0, 2, 3}, {0, 1, 2}) == EXO_PRECONDITION);
  CHECK(says("for k = 2"));
  CHECK(status({0, 2, 3}, {0, -1, 5}) == EXO_PRECONDITION);
  CHECK(says("for k = 1"));
  CHECK(status({0, 3, 2}, {0, 1, 1}) == EXO_PRECONDITION);
  CHECK(says("for i = 1"));
  CHECK(status({1, 2, 3}, {0, 1, 1}) == EXO_PRECONDITION);
  CHECK(says("row[0] == 0"));
  CHECK(status({0, 2, 4}, {0, 1, 1}) == EXO_PRECONDITION);
  CHECK(says("row[M] <= nnz"));
  CHECK(status({0, -2147483647 - 1, 3}, {0, 1, 1}) == EXO_PRECONDITION);
}

TEST_CASE("gbmv: as the full matrix that the band stands for") {
  for (int round = 0; round < 60; ++round) {
    const int64_t m = between(0, 9), n = between(0, 9), lower = between(0, 10), upper = between(0, 10);
    const int64_t width = lower + upper + 1;
    Floats full(at(m * n), 0.0f), band(at(m * width), std::numeric_limits<float>::quiet_NaN());
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j)
        if (j - i >= -lower && j - i <= upper)
          full[at(i * n + j)] = band[at(i * width + j - i + lower)] = static_cast<float>(between(-4, 4));
    const Floats x = small(n), before = small(m);
    Floats y = before;
    REQUIRE(sgbmv(m, n, lower, upper, band.data(), x.data(), y.data()) == EXO_OK);
    for (int64_t i = 0; i < m; ++i) {
      double sum = double{before[at(i)]};
      for (int64_t j = 0; j < n; ++j) sum += double{full[at(i * n + j)]} * double{x[at(j)]};
      CHECK(double{y[at(i)]} == sum);
    }
  }
}

TEST_CASE("conv1d: padding and stride") {
  for (int round = 0; round < 60; ++round) {
    const bool whole = round % 2 == 0;  // all outputs that there are
    const int64_t out = between(0, 11), in = between(0, 3), w = between(0, 40), taps = between(0, whole ? w + 1 : 4),
                  stride = whole ? 1 : between(0, 3), pad = between(0, 3),
                  outputs = whole ? w + 2 * pad + 1 - taps : between(0, 9);
    const Floats x = small(in * w), k = small(out * in * taps), bias = small(out);
    Floats y(at(out * outputs));
    REQUIRE(conv1d(out, in, w, taps, stride, pad, outputs, x.data(), k.data(), bias.data(), y.data()) == EXO_OK);
    for (int64_t co = 0; co < out; ++co)
      for (int64_t o = 0; o < outputs; ++o) {
        double sum = double{bias[at(co)]};
        for (int64_t ci = 0; ci < in; ++ci)
          for (int64_t r = 0; r < taps; ++r)
            if (const int64_t p = o * stride + r - pad; p >= 0 && p < w)
              sum += double{k[at((co * in + ci) * taps + r)]} * double{x[at(ci * w + p)]};
        CHECK(double{y[at(co * outputs + o)]} == sum);
      }
  }
}

TEST_CASE("conv2d and im2col: padding and stride") {
  for (int round = 0; round < 60; ++round) {
    const bool whole = round % 3 == 0;  // no padding, a stride of one and a block of channels: what is scheduled
    const int64_t h = between(0, 7), w = between(0, whole ? 17 : 7), ci = between(0, 3);
    const int64_t co = whole ? 64 : between(0, 3), kh = between(0, 3), kw = between(0, 3);
    const int64_t stride = whole ? 1 : between(1, 3), pad = whole ? 0 : between(0, 2), images = 2;
    const int64_t oh = whole ? std::max<int64_t>(0, h + 1 - kh) : between(0, 4);
    const int64_t ow = whole ? std::max<int64_t>(0, w + 1 - kw) : between(0, 4);
    const Floats x = small(images * h * w * ci), k = small(kh * kw * ci * co);
    Floats y(at(images * oh * ow * co)), patches(at(oh * ow * kh * kw * ci));
    REQUIRE(conv2d(images, h, w, ci, co, kh, kw, stride, pad, oh, ow, x.data(), k.data(), y.data()) == EXO_OK);
    for (int64_t b = 0; b < images; ++b) {
      const auto begin = x.begin() + b * h * w * ci;
      const Floats image(begin, begin + h * w * ci);
      REQUIRE(im2col(h, w, ci, kh, kw, stride, pad, oh, ow, image.data(), patches.data()) == EXO_OK);
      for (int64_t o = 0; o < oh * ow; ++o)
        for (int64_t c = 0; c < co; ++c) {
          double sum = 0, product = 0;  // the definition, and the product of the patches with the weights
          for (int64_t t = 0; t < kh * kw * ci; ++t) {
            const int64_t r = t / ci / kw, s = t / ci % kw, channel = t % ci;
            const double weight = double{k[at(t * co + c)]};
            sum +=
                weight * double{padded(image, h, w, ci, o / ow * stride + r - pad, o % ow * stride + s - pad, channel)};
            product += weight * double{patches[at(o * kh * kw * ci + t)]};
          }
          CHECK(double{y[at((b * oh * ow + o) * co + c)]} == sum);
          CHECK(product == sum);
        }
    }
  }
}

TEST_CASE("softmax: rows that would overflow, and an empty one") {
  for (const float shift : {0.0f, 5000.0f, -5000.0f}) {
    const int64_t m = 5, n = shift > 0 ? 83 : 17;
    Floats x = fractions(m * n), y(at(m * n));
    for (float& value : x) value += shift;
    REQUIRE(softmax(m, n, x.data(), y.data()) == EXO_OK);
    for (int64_t i = 0; i < m; ++i) {
      const auto row = x.begin() + i * n;
      const double largest = double{*std::max_element(row, row + n)};
      double total = 0, seen = 0;
      for (int64_t j = 0; j < n; ++j) total += std::exp(double{x[at(i * n + j)]} - largest);
      for (int64_t j = 0; j < n; ++j) {
        seen += double{y[at(i * n + j)]};
        CHECK(double{y[at(i * n + j)]} ==
              Approx(std::exp(double{x[at(i * n + j)]} - largest) / total).epsilon(1e-5).margin(1e-30));
      }
      CHECK(seen == Approx(1).epsilon(1e-5));
    }
  }
  CHECK(softmax(3, 0, nullptr, nullptr) == EXO_OK);
}

TEST_CASE("layernorm") {
  for (const int64_t n : {1, 2, 3, 16, 33, 79}) {
    const int64_t m = 4;
    const Floats x = fractions(m * n), gamma = fractions(n), beta = fractions(n);
    Floats y(at(m * n));
    REQUIRE(layernorm(m, n, 1e-3f, x.data(), gamma.data(), beta.data(), y.data()) == EXO_OK);
    for (int64_t i = 0; i < m; ++i) {
      double mean = 0, variance = 0;
      for (int64_t j = 0; j < n; ++j) mean += double{x[at(i * n + j)]} / static_cast<double>(n);
      for (int64_t j = 0; j < n; ++j) variance += std::pow(double{x[at(i * n + j)]} - mean, 2) / static_cast<double>(n);
      for (int64_t j = 0; j < n; ++j) {
        const double expected =
            (double{x[at(i * n + j)]} - mean) / std::sqrt(variance + double{1e-3f}) * double{gamma[at(j)]} +
            double{beta[at(j)]};
        CHECK(double{y[at(i * n + j)]} == Approx(expected).epsilon(1e-5).margin(1e-4));
      }
    }
  }
}

TEST_CASE("blur: sums wrap at 16 bits") {
  for (int round = 0; round < 30; ++round) {
    const int64_t h = between(0, 9), w = between(0, 9), iw = w + 2;
    std::vector<uint16_t> in(at((h + 2) * iw)), out(at(h * w));
    for (uint16_t& x : in)
      x = static_cast<uint16_t>(round % 3 == 0   ? between(0, 255)
                                : round % 3 == 1 ? between(0, 65535)
                                                 : 65535 - between(0, 1));
    REQUIRE(blur(h, w, in.data(), out.data()) == EXO_OK);
    const auto row = [&](int64_t y, int64_t x) {  // % 65536 is what 16 bits keep
      return (int64_t{in[at(y * iw + x)]} + in[at(y * iw + x + 1)] + in[at(y * iw + x + 2)]) % 65536 / 3;
    };
    for (int64_t y = 0; y < h; ++y)
      for (int64_t x = 0; x < w; ++x)
        CHECK(out[at(y * w + x)] == (row(y, x) + row(y + 1, x) + row(y + 2, x)) % 65536 / 3);
  }
}

TEST_CASE("unsharp: rounds to even and saturates at both ends") {
  const int64_t taps[] = {1, 4, 6, 4, 1};
  int low = 0, high = 0;
  for (int round = 0; round < 30; ++round) {
    const int64_t h = between(0, 9), w = between(0, 9), iw = w + 4;
    std::vector<uint8_t> in(at((h + 4) * iw)), out(at(h * w));
    for (uint8_t& x : in) x = static_cast<uint8_t>(round % 2 ? between(0, 255) : 255 * between(0, 1));
    REQUIRE(unsharp(h, w, 1.5f, in.data(), out.data()) == EXO_OK);
    for (int64_t y = 0; y < h; ++y)
      for (int64_t x = 0; x < w; ++x) {
        int64_t sum = 0;  // 256 times the blurred value: exact, in float too
        for (int64_t r = 0; r < 5; ++r)
          for (int64_t s = 0; s < 5; ++s) sum += taps[r] * taps[s] * in[at((y + r) * iw + x + s)];
        const int64_t own = in[at((y + 2) * iw + x + 2)];
        const double sharp = static_cast<double>(2 * 256 * own + 3 * (256 * own - sum)) / 512;
        const double expected = std::clamp(std::nearbyint(sharp), 0.0, 255.0);
        low += sharp<0, high += sharp> 255;
        CHECK(static_cast<double>(out[at(y * w + x)]) == expected);
      }
  }
  CHECK(low > 0);
  CHECK(high > 0);
}
