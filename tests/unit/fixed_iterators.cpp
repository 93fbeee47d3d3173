// Iterators that have one value, as numbers.
#include <catch2/catch.hpp>

#include "analysis/simplify.h"
#include "ir/parse.h"
#include "ir/print.h"
#include "support/source.h"

namespace exo {
namespace {

std::string numbers(const std::string& body) {
  const std::string head = "def k(n : size, m : size, x : f32[n, m, 8], y : f32[8]):\n    assert m == 2\n";
  const ProcRef proc = parse(text_of(register_source("test", head + body)), {}).back();
  const std::string out = print(*without_fixed_iterators(proc));
  return out.substr(out.find("assert m == 2\n") + 14);
}

}  // namespace

TEST_CASE("an iterator with one value is that number, in bounds, indices and conditions") {
  CHECK(numbers("    for i in seq(0, 1):\n        for l in seq(i, i + 8):\n            y[8*i + l] = 0.0\n") ==
        "    for i in seq(0, 1):\n        for l in seq(0, 8):\n            y[l] = 0.0\n");
  CHECK(numbers("    for i in seq(3, 4):\n        if i < 3:\n            y[i] = 0.0\n        else:\n            y[2*i] "
                "= 1.0\n") == "    for i in seq(3, 4):\n        y[6] = 1.0\n");
}

TEST_CASE("a loop that may not run at all keeps its bounds") {
  CHECK(numbers("    for i in seq(0, min(n, 1)):\n        x[i, 0, i] = 0.0\n") ==
        "    for i in seq(0, min(1, n)):\n        x[0,0,0] = 0.0\n");
  CHECK(numbers("    for i in seq(n - 1, min(n, 1)):\n        if i == 0:\n            y[i] = 0.0\n") ==
        "    for i in seq(n - 1, min(1, n)):\n        if i == 0:\n            y[i] = 0.0\n");
}

TEST_CASE("iterators with more values, or one that is no constant, stay") {
  const std::string two = "    for i in seq(0, 2):\n        y[i] = 0.0\n",
                    outer = "    for i in seq(0, n):\n        for j in seq(i, i + 1):\n            x[j,0,0] = 0.0\n";
  CHECK(numbers(two) == two);
  CHECK(numbers("    for i in seq(0, m):\n        y[i] = 0.0\n") == two);
  CHECK(numbers(outer) == outer);
}

}  // namespace exo
