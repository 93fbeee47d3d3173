// Windows that overlap, against looking at every byte.
#include <random>
#include <set>
#include <vector>

#include <catch2/catch.hpp>

#include "exo/kernel.h"

namespace {

struct Window {
  int64_t start;  // in bytes
  size_t element;
  std::vector<int64_t> extents, strides;
};

bool overlap(const Window& a, const Window& b) {
  const auto at = [](int64_t byte) {
    return reinterpret_cast<const void*>(uintptr_t{1} << 40 | static_cast<uintptr_t>(byte + 4096));
  };
  return exo_windows_overlap(at(a.start), a.element, static_cast<int>(a.extents.size()),
                             a.extents.data(), a.strides.data(), at(b.start), b.element,
                             static_cast<int>(b.extents.size()), b.extents.data(),
                             b.strides.data());
}

void visit(const Window& w, size_t dimension, int64_t at, std::set<int64_t>& bytes) {
  if (dimension == w.extents.size()) {
    for (size_t i = 0; i < w.element; ++i) bytes.insert(at + static_cast<int64_t>(i));
    return;
  }
  for (int64_t i = 0; i < w.extents[dimension]; ++i)
    visit(w, dimension + 1, at + i * w.strides[dimension] * static_cast<int64_t>(w.element), bytes);
}

bool overlap_by_bytes(const Window& a, const Window& b) {
  std::set<int64_t> of_a, of_b;
  visit(a, 0, a.start, of_a);
  visit(b, 0, b.start, of_b);
  for (const int64_t byte : of_a)
    if (of_b.count(byte)) return true;
  return false;
}

}  // namespace

TEST_CASE("windows that interleave without meeting are told apart") {
  const Window left{0, 4, {10, 4}, {8, 1}}, right{16, 4, {10, 4}, {8, 1}};
  CHECK_FALSE(overlap(left, right));
  const Window even{0, 4, {100}, {2}}, odd{4, 4, {100}, {2}};
  CHECK_FALSE(overlap(even, odd));
  const Window shifted{12, 4, {10, 4}, {8, 1}};
  CHECK(overlap(left, shifted));
  const Window backwards{36, 4, {10}, {-1}}, before{-4, 4, {1}, {1}}, inside{0, 4, {1}, {1}};
  CHECK_FALSE(overlap(backwards, before));
  CHECK(overlap(backwards, inside));
  const Window half{2, 2, {1}, {1}}, word{0, 4, {1}, {1}};
  CHECK(overlap(half, word));
}

TEST_CASE("windows without elements overlap nothing, and scalars themselves") {
  const Window empty{0, 4, {10, 0}, {8, 1}}, scalar{0, 4, {}, {}}, next{4, 4, {}, {}};
  CHECK_FALSE(overlap(empty, scalar));
  CHECK(overlap(scalar, scalar));
  CHECK_FALSE(overlap(scalar, next));
}

TEST_CASE("large windows: two halves of the columns, of the channels, of the rows") {
  const int64_t n = 100000;
  CHECK_FALSE(overlap({0, 4, {n, n / 2}, {n, 1}}, {2 * n, 4, {n, n / 2}, {n, 1}}));
  CHECK(overlap({0, 4, {n, n / 2 + 1}, {n, 1}}, {2 * n, 4, {n, n / 2}, {n, 1}}));
  CHECK_FALSE(overlap({0, 4, {500, 500, 500, 3}, {3000000, 6000, 6, 1}},
                      {12, 4, {500, 500, 500, 3}, {3000000, 6000, 6, 1}}));
  CHECK_FALSE(overlap({0, 4, {n, n}, {n, 1}}, {4 * n * n, 4, {n, n}, {n, 1}}));
}

TEST_CASE("what cannot be counted is taken to overlap") {
  CHECK(overlap({0, 4, {2}, {INT64_MAX}}, {64, 4, {}, {}}));
  CHECK(overlap({0, 4, {2}, {INT64_MIN}}, {64, 4, {}, {}}));
  CHECK(overlap({0, 4, {INT64_MAX}, {3}}, {64, 4, {}, {}}));
  CHECK(overlap({0, 1, std::vector<int64_t>(9, 1), std::vector<int64_t>(9, 1)}, {64, 4, {}, {}}));
}

TEST_CASE("random small windows agree with looking at every byte") {
  int met = 0, apart = 0;
  for (unsigned seed = 0; seed < 40000; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto pick = [&](int64_t low, int64_t high) {
      return low + static_cast<int64_t>(random() % static_cast<unsigned>(high - low + 1));
    };
    const auto window = [&] {
      Window w{pick(-40, 40), size_t{1} << pick(0, 2), {}, {}};
      for (int64_t rank = pick(0, 3); rank > 0; --rank) {
        w.extents.push_back(pick(0, 5));
        w.strides.push_back(pick(-12, 12));
      }
      return w;
    };
    const Window a = window(), b = window();
    const bool expected = overlap_by_bytes(a, b);
    REQUIRE(overlap(a, b) == expected);
    ++(expected ? met : apart);
  }
  CHECK(met > 5000);
  CHECK(apart > 5000);
}
