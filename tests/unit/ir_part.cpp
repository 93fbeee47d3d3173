// Names for parts of buffers: `w = x[2, i:i + 4]`.
#include <catch2/catch.hpp>

#include "ir/build.h"
#include "ir/interpret.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "ir_text.h"

namespace exo::testing {
namespace {

const char* const kRows =
    "def rows(n : size, x : f32[n,8], y : f32[8]):\n"
    "    for i in seq(0, n):\n"
    "        row = x[i, 2:8]\n"
    "        half = row[1:4]\n"
    "        if stride(half, 0) == 1:\n"
    "            half[2] = y[i%8] + row[0]\n";

std::string said(const std::string& program) {
  const auto problems = problems_in(program);
  return problems.empty() ? "" : problems[0].code;
}

}  // namespace

TEST_CASE("parts: what is printed parses to the same program") {
  const ProcRef p = proc(kRows);
  verify(*p);
  CHECK(print(*p) == kRows);
  CHECK(equal(*p, *proc(print(*p))));
}

TEST_CASE("parts: a name declares the extents of its ranges and knows the buffer behind it") {
  const ProcRef p = proc(kRows);
  const Declarations names = declarations(*p);
  for (const auto& [sym, d] : names) {
    if (sym.name() == "half") {
      CHECK(print(d.type) == "[f32][3]");
      CHECK(print(window(d.alias->buffer, d.alias->slices)) == "x[i, 3:6]");
      CHECK(behind(names, sym).name() == "x");
    }
  }
  CHECK(written(*p).count(p->params[1].name) == 1);  // through two names
}

TEST_CASE("parts: what is done to one is done to the buffer") {
  const ProcRef p = proc(kRows);
  auto args = random_arguments(*p, {{p->params[0].name, 3}}, 1);
  REQUIRE(args.has_value());
  const Tensor before = std::get<Tensor>(args->at(p->params[1].name)),
               y = std::get<Tensor>(args->at(p->params[2].name));
  std::vector<std::vector<int64_t>> stores;
  const auto fault = interpret(*p, *args, [&](const Event& e) {
    if (e.kind == Event::Write && e.buffer == p->params[1].name) stores.push_back(e.index);
  });
  const bool fine = !fault.has_value();
  REQUIRE(fine);
  CHECK(stores == std::vector<std::vector<int64_t>>{{0, 5}, {1, 5}, {2, 5}});
  const Tensor& after = std::get<Tensor>(args->at(p->params[1].name));
  CHECK(after.cells[8 + 5].real == y.cells[1].real + before.cells[8 + 2].real);
}

TEST_CASE("parts: a copy of a block has names of its own") {
  const ProcRef p = proc(kRows);
  const Block copy = freshen(p->body);
  CHECK(equal(copy, p->body));
  CHECK(as<Alias>(as<For>(copy[0])->body[0])->name != as<Alias>(as<For>(p->body[0])->body[0])->name);
}

TEST_CASE("parts: what has no meaning is said") {
  const std::string head = "def f(n : size, x : f32[n,n], s : f32):\n    ";
  CHECK(said(head + "w = x[0:n]\n") == "rank");
  CHECK(said(head + "w = x[0, 0]\n") == "unknown-name");
  CHECK(said(head + "w = n[0:1]\n") != "");
  CHECK(said(head + "w = x[0:n, s]\n") == "data-in-control");
  CHECK(said(head + "x = x[0:n, 0]\n") == "rank");
  CHECK(said(head + "w = x[0:n, 0]\n    w[0, 0] = 1.0\n") == "rank");
  CHECK(said(head + "for i in seq(0, n):\n        w = x[0:n, i]\n    w[0] = 1.0\n") == "unknown-name");
  CHECK(said(head + "w = x[0:n, 0]\n    w = x[0:n, 1]\n") != "");
  CHECK(said(head + "w = y[0:n, 0]\n    w[0] = 1.0\n") == "unknown-name");
}

TEST_CASE("parts: a part outside of the buffer is a fault where it is named") {
  const ProcRef p = proc("def f(n : size, x : f32[n]):\n    w = x[1:n]\n");
  auto args = random_arguments(*p, {{p->params[0].name, 0}}, 1);
  const auto fault = interpret(*p, *args);
  REQUIRE(fault.has_value());
  CHECK(fault->kind == Fault::OutOfBounds);
}

}  // namespace exo::testing
