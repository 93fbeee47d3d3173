// What is proved of elements of index tensors, and arguments for which assertions about them hold.
#include <catch2/catch.hpp>

#include "analysis/query.h"
#include "ir/interpret.h"
#include "ir/parse.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "support/source.h"

namespace exo {
namespace {

ProcRef proc(const std::string& head, const std::string& body) {
  return parse(text_of(register_source("test", head + body)), {}).back();
}

const std::string kRows =
    "def k(n : size, m : size, p : i32[n + 1], c : u8[m], x : f32[m], y : f32[256]):\n"
    "    assert 0 <= p[0] and p[n] <= m\n"
    "    assert forall i in seq(0, n): p[i] <= p[i + 1]\n";

}  // namespace

TEST_CASE("neighbours in order are elements in order, as far as the range goes") {
  CHECK(violations(
            *proc(kRows, "    for i in seq(0, n):\n        for q in seq(p[i], p[i + 1]):\n            x[q] = 0.0\n"), 9)
            .empty());
  CHECK(violations(*proc(kRows,
                         "    for i in seq(0, n):\n        for j in seq(0, i):\n            for q in seq(p[j], p[i]):\n"
                         "                x[q] = 0.0\n"),
                   9)
            .empty());
  const std::string rows =
      kRows.substr(0, kRows.find("seq(0, n)")) + "seq(1, n)" + kRows.substr(kRows.find("seq(0, n)") + 9);
  CHECK_FALSE(
      violations(
          *proc(rows, "    for i in seq(0, n):\n        for q in seq(p[i], p[i + 1]):\n            x[q] = 0.0\n"), 9)
          .empty());
}

TEST_CASE("a type bounds its elements") {
  CHECK(violations(*proc(kRows, "    for i in seq(0, m):\n        y[c[i]] = 0.0\n"), 9).empty());
  CHECK_FALSE(violations(*proc(kRows, "    for i in seq(0, m):\n        y[c[i] + 1] = 0.0\n"), 9).empty());
}

TEST_CASE("conditions on data that may change are no facts") {
  CHECK_FALSE(
      violations(
          *proc(
              "def k(n : size, t : i32[4], x : f32[n]):\n",
              "    for i in seq(0, 4):\n        t[i] = 0\n        if t[i] < n and 4 < t[i]:\n            x[4] = 0.0\n"),
          9)
          .empty());
  CHECK(violations(*proc("def k(n : size, t : i32[4], x : f32[n]):\n",
                         "    for i in seq(0, 4):\n        if t[i] < n and 4 < t[i]:\n            x[t[i]] = 0.0\n"),
                   9)
            .empty());
}

TEST_CASE("elements are made up so that the assertions hold") {
  const ProcRef p = proc(kRows, "    pass\n");
  for (int64_t n = 0; n < 6; ++n)
    for (uint64_t seed = 1; seed < 9; ++seed) {
      auto args = random_arguments(*p, {{p->params[0].name, n}, {p->params[1].name, 5}}, seed);
      REQUIRE(args.has_value());
      const Tensor& offsets = std::get<Tensor>(args->at(p->params[2].name));
      for (size_t i = 0; i + 1 < offsets.cells.size(); ++i)
        CHECK(offsets.cells[i].integer <= offsets.cells[i + 1].integer);
      CHECK(offsets.cells.front().integer >= 0);
      CHECK(offsets.cells.back().integer <= 5);
    }
}

TEST_CASE("assertions that exclude each other are found") {
  CHECK_FALSE(never_holds(*proc(kRows, "    pass\n")));
  CHECK(never_holds(*proc(kRows + "    assert p[0] == 4\n    assert m < 4\n", "    pass\n")));
}

TEST_CASE("what is printed of `forall` is read back") {
  const ProcRef p = proc(
      "def k(n : size, m : size, c : i16[n, m]):\n    assert forall i in seq(0, n): forall j in seq(i, m): c[i,j] != "
      "-1 or i < j\n",
      "    pass\n");
  CHECK(equal(*p, *proc("", print(*p))));
}

}  // namespace exo
