#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

#include "ir/build.h"
#include "ir/interpret.h"
#include "ir_text.h"

using namespace exo;
using namespace exo::testing;

namespace {

/// A procedure with its arguments by name.
struct Example {
  ProcRef proc;
  Arguments args;

  explicit Example(const std::string& chars, const std::map<std::string, int64_t>& control = {},
                   uint64_t seed = 1)
      : proc(exo::testing::proc(chars)) {
    for (const ProcRef& p : procs_) verify(*p);
    verify(*proc);
    std::map<Sym, int64_t> values;
    for (const Param& p : proc->params)
      if (control.count(p.name.name())) values[p.name] = control.at(p.name.name());
    const auto made = random_arguments(*proc, values, seed);
    REQUIRE(made.has_value());
    args = *made;
  }
  Tensor& operator[](const std::string& name) {
    for (const Param& p : proc->params)
      if (p.name.name() == name) return std::get<Tensor>(args.at(p.name));
    throw std::out_of_range(name);
  }
  double real(const std::string& name, size_t i = 0) { return (*this)[name].cells.at(i).real; }
  int64_t integer(const std::string& name, size_t i = 0) {
    return (*this)[name].cells.at(i).integer;
  }
  std::optional<Fault> run() { return interpret(*proc, args); }

 private:
  std::vector<ProcRef> procs_;
};

/// The value of one integer expression of that type; a and b are 200 and 100 as far as they fit.
int64_t integer_result(const std::string& type, const std::string& expr, int64_t a, int64_t b) {
  Example e("def f(a : " + type + ", b : " + type + ", out : " + type + "):\n    out = " + expr);
  e["a"].cells[0].integer = a;
  e["b"].cells[0].integer = b;
  REQUIRE(!e.run());
  return e.integer("out");
}

double real_result(const std::string& type, const std::string& expr, double a, double b) {
  Example e("def f(a : f64, b : f64, c : " + type + ", out : f64):\n    out = " + expr);
  e["a"].cells[0].real = a;
  e["b"].cells[0].real = b;
  REQUIRE(!e.run());
  return e.real("out");
}

}  // namespace

TEST_CASE("a product of matrices, against loops by hand") {
  for (const auto& [n, m, k] : {std::tuple{0, 3, 2}, {1, 1, 1}, {5, 4, 7}, {3, 2, 0}}) {
    Example e(R"(
def gemm(N : size,      M : size,      K : size,
         A : f32[N,K], B : f32[K,M], C : f32[N,M]):
    for i in seq(0,N):
        for j in seq(0,M):
            for k in seq(0,K):
                C[i,j] += A[i,k] * B[k,j]
)",
              {{"N", n}, {"M", m}, {"K", k}});
    std::vector<float> expected;
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < m; ++j) {
        float sum = static_cast<float>(e.real("C", static_cast<size_t>(i * m + j)));
        for (int l = 0; l < k; ++l)
          sum += static_cast<float>(e.real("A", static_cast<size_t>(i * k + l)) *
                                    e.real("B", static_cast<size_t>(l * m + j)));
        expected.push_back(sum);
      }
    REQUIRE(!e.run());
    for (size_t i = 0; i < expected.size(); ++i) CHECK(e.real("C", i) == expected[i]);
  }
}

TEST_CASE("integers wrap at their width") {
  CHECK(integer_result("u8", "a + b", 200, 100) == 44);
  CHECK(integer_result("u8", "b - a", 200, 100) == 156);
  CHECK(integer_result("u8", "a * b", 200, 100) == 20000 % 256);
  CHECK(integer_result("u8", "-b", 0, 1) == 255);
  CHECK(integer_result("i8", "a + b", 100, 100) == -56);
  CHECK(integer_result("i8", "-a", -128, 0) == -128);
  CHECK(integer_result("i8", "abs(a)", -128, 0) == -128);
  CHECK(integer_result("i8", "a / 2", -7, 0) == -3);
  CHECK(integer_result("i8", "a % 2", -7, 0) == -1);
  CHECK(integer_result("i64", "a + b", std::numeric_limits<int64_t>::max(), 1) ==
        std::numeric_limits<int64_t>::min());
  CHECK(integer_result("u32", "a * b", 65536, 65536) == 0);
  CHECK(integer_result("i16", "select(a < b, a, b)", 3, -4) == -4);
  CHECK(integer_result("i16", "clamp(a, -2, b)", 30, 4) == 4);
  CHECK(integer_result("i16", "relu(a) + min(a, b) + max(a, b)", -3, 4) == 1);
}

TEST_CASE("floats round after each operation") {
  CHECK(real_result("f32", "f64(f32(a) + f32(b))", 16777216, 1) == 16777216);
  CHECK(real_result("f64", "a + b", 16777216, 1) == 16777217);
  CHECK(real_result("bf16", "f64(bf16(a) + bf16(b))", 256, 1) == 256);
  CHECK(real_result("f16", "f64(f16(a) + f16(b))", 2048, 1) == 2048);
  CHECK(real_result("f16", "f64(f16(a))", 65520, 0) == std::numeric_limits<double>::infinity());
  CHECK(real_result("f16", "f64(f16(a))", 65519, 0) == 65504);
  CHECK(real_result("f16", "f64(f16(a))", std::ldexp(1, -24), 0) == std::ldexp(1, -24));
  CHECK(real_result("f16", "f64(f16(a))", std::ldexp(1, -25), 0) == 0);
  CHECK(real_result("f16", "f64(f16(a))", std::ldexp(3, -25), 0) == std::ldexp(1, -23));
  CHECK(real_result("bf16", "f64(bf16(a))", 3.4e38, 0) == std::numeric_limits<double>::infinity());
  CHECK(real_result("f64", "round(a) + round(b)", 2.5, 3.5) == 6);
  CHECK(real_result("f64", "max(a, b)", std::nan(""), 3) == 3);
  CHECK(std::isnan(real_result("f64", "max(b, a)", std::nan(""), 3)));
  CHECK(real_result("f64", "relu(a)", std::nan(""), 3) == 0);
  CHECK(real_result("f64", "sigmoid(a)", 0, 0) == 0.5);
}

TEST_CASE("conversions") {
  CHECK(real_result("f64", "f64(sat_i8(a)) + f64(sat_u8(b))", 300, -5) == 127);
  CHECK(real_result("f64", "f64(sat_i8(a)) + f64(sat_i8(b))", 2.5, 3.5) == 6);
  CHECK(real_result("f64", "f64(sat_i64(a))", 1e30, 0) == 9223372036854775807.0);
  CHECK(real_result("f64", "f64(sat_i32(a))", std::nan(""), 0) == 0);
  CHECK(integer_result("i32", "i32(i8(a))", 200, 0) == -56);
  CHECK(integer_result("i32", "i32(sat_i8(a))", 200, 0) == 127);
  CHECK(integer_result("i32", "i32(sat_u8(a))", -200, 0) == 0);
  // the nearest f32 of an i64 just above half way, in one rounding
  CHECK(integer_result("i64", "sat_i64(f32(a))", (int64_t{1} << 62) + (int64_t{1} << 38) + 1, 0) ==
        (int64_t{1} << 62) + (int64_t{1} << 39));
}

TEST_CASE("division of control floors") {
  const auto value = [](const std::string& chars) {
    return *evaluate(
        parse_expr(text(chars), [](const std::string&) { return std::optional<ExprRef>{}; }), {});
  };
  CHECK(value("-1 / 2") == -1);
  CHECK(value("-1 % 2") == 1);
  CHECK(value("7 / 2 + 7 % 4") == 6);
  CHECK(value("-8 / 4 + min(3, -2) + max(3, -2)") == -1);
  CHECK(value("1 < 2 and not 2 < 2 or False") == 1);
}

TEST_CASE("control without a value is nothing") {
  const Sym n = Sym::fresh("n"), m = Sym::fresh("m");
  CHECK(evaluate(binary(BinaryOp::Add, var(n), num(1)), {{n, 4}}) == 5);
  CHECK(!evaluate(var(m), {{n, 4}}));
  CHECK(!evaluate(binary(BinaryOp::Mul, var(n), var(n)), {{n, int64_t{1} << 62}}));
  CHECK(!evaluate(binary(BinaryOp::Div, var(n), num(0)), {{n, 4}}));
  CHECK(!evaluate(real(1.5), {}));
}

TEST_CASE("what was never written has no value") {
  Example e(
      "def f(x : f32, y : f32):\n    t : f32[2]\n    t[0] = 1.0\n    y = t[0]\n    t[1] = t[1] * "
      "0.0\n    x = t[1] + 1.0\n");
  const auto fault = e.run();
  REQUIRE(fault.has_value());
  CHECK(fault->kind == Fault::Undefined);
  CHECK(fault->stmt == e.proc->body[4].get());
  CHECK(fault->what == "x gets a value that depends on an element which was never written");
  CHECK(e.real("y") == 1);

  Example chosen("def f(x : f32, flag : bool):\n    t : f32\n    x = select(flag, 2.0, t)\n",
                 {{"flag", 1}});
  CHECK(!chosen.run());
  Example other("def f(x : f32, flag : bool):\n    t : f32\n    x = select(flag, 2.0, t)\n",
                {{"flag", 0}});
  CHECK(other.run()->kind == Fault::Undefined);
  Example compared("def f(x : f32):\n    t : f32\n    x = select(t < 1.0, 2.0, 3.0)\n");
  CHECK(compared.run()->kind == Fault::Undefined);
  Example again(
      "def f(x : f32):\n    for i in seq(0, 2):\n        t : f32\n        if i == 1: x = t\n       "
      " t = 1.0\n");
  CHECK(again.run()->kind == Fault::Undefined);
}

TEST_CASE("an access outside is a fault with its place") {
  Example e(
      "def f(n : size, A : f32[n,4], x : f32):\n    for i in seq(0, n):\n        x += A[i+1, 0]\n",
      {{"n", 3}});
  const auto fault = e.run();
  REQUIRE(fault.has_value());
  CHECK(fault->kind == Fault::OutOfBounds);
  CHECK(fault->what == "A[3,0] is outside f32[3,4]");
  REQUIRE(fault->iterators.size() == 1);
  CHECK(fault->iterators[0].first.name() == "i");
  CHECK(fault->iterators[0].second == 2);
  CHECK(fault->stmt == as<For>(e.proc->body[0])->body[0].get());

  Example write("def f(n : size, A : f32[n]):\n    A[-1] = 1.0\n", {{"n", 2}});
  CHECK(write.run()->what == "A[-1] is outside f32[2]");
  Example window("def g(v : [f32][3]): v[3] = 0.0\ndef f(A : f32[2,8]): g(A[1, 2:5])");
  CHECK(window.run()->what == "in `g`: v[3] is outside [f32][3]");
  Example passed("def g(v : [f32][3]): pass\ndef f(A : f32[8], n : size): g(A[n:n+3])", {{"n", 6}});
  CHECK(passed.run()->what == "`A` has 8 elements along dimension 0, and 6:9 is taken");
  Example negative("def f(n : size):\n    t : f32[n - 4]\n", {{"n", 2}});
  CHECK(negative.run()->what == "an extent of -2");
}

TEST_CASE("a callee gets the shape and the facts that it asks for") {
  const std::string callee =
      "def g(n : size, v : [f32][n]):\n    assert n <= 4\n    assert stride(v, 0) == 1\n    v[0] = "
      "1.0\n";
  Example shape(callee + "def f(A : f32[8]): g(3, A[0:4])");
  CHECK(shape.run()->what ==
        "in `g`: `v` of `g` has 3 elements along dimension 0, and 4 are passed");
  Example asserted(callee + "def f(A : f32[8]): g(5, A[0:5])");
  const auto fault = asserted.run();
  CHECK(fault->kind == Fault::AssertFails);
  CHECK(fault->what == "in `g`: `n <= 4` does not hold");
  Example strided(callee + "def f(A : f32[8,2]): g(3, A[0:3, 1])");
  CHECK(strided.run()->what == "in `g`: `stride(v, 0) == 1` does not hold");
  Example fine(callee + "def f(A : f32[8,3]): g(3, A[7, 0:3])");
  REQUIRE(!fine.run());
  CHECK(fine.real("A", 21) == 1);
}

TEST_CASE("windows of windows reach the element that they name") {
  Example e(R"(
def inner(v : [i32][2], s : i32):
    v[1] = 7
    s += 1
def outer(w : [i32][3,4], s : i32):
    inner(w[1:3, 2], s)
    inner(w[0, 1:3], s)
def f(A : [i32][4,3,5], count : i32):
    outer(A[1:4, 2, 1:5], count)
)");
  Tensor& a = e["A"];
  CHECK(a.strides != std::vector<int64_t>{15, 5, 1});
  const auto at = [&](int64_t i, int64_t j, int64_t k) -> Cell& {
    return a.cells.at(static_cast<size_t>(i * a.strides[0] + j * a.strides[1] + k * a.strides[2]));
  };
  const std::vector<Cell> before = a.cells;
  const int64_t count = e.integer("count");
  std::vector<std::vector<int64_t>> written;
  const auto trace = [&](const Event& event) {
    CHECK(event.stmt == e.proc->body[0].get());
    if (event.kind == Event::Write && event.buffer == e.proc->params[0].name)
      written.push_back(event.index);
  };
  REQUIRE(!interpret(*e.proc, e.args, trace));
  CHECK(at(3, 2, 3).integer == 7);
  CHECK(at(1, 2, 3).integer == 7);
  CHECK(written == std::vector<std::vector<int64_t>>{{3, 2, 3}, {1, 2, 3}});
  CHECK(e.integer("count") == count + 2);
  int changed = 0;
  for (size_t i = 0; i < before.size(); ++i) changed += before[i].integer != a.cells[i].integer;
  CHECK(changed == 2);
}

TEST_CASE("events name what a statement touched") {
  Example e(
      "def f(n : size, A : f32[n], x : f32):\n    for i in seq(1, n):\n        t : f32\n        t "
      "= A[i] + A[i-1]\n        x += t\n",
      {{"n", 3}});
  std::vector<std::string> seen;
  REQUIRE(!interpret(*e.proc, e.args, [&](const Event& event) {
    std::string line = event.kind == Event::Read    ? "read "
                       : event.kind == Event::Write ? "write "
                                                    : "reduce ";
    line += event.buffer.name();
    for (const int64_t i : event.index) line += " " + std::to_string(i);
    line += " at " + std::to_string(event.iterators.at(0).second);
    seen.push_back(line);
  }));
  CHECK(seen == std::vector<std::string>{"read A 1 at 1", "read A 0 at 1", "write t at 1",
                                         "read t at 1", "reduce x at 1", "read A 2 at 2",
                                         "read A 1 at 2", "write t at 2", "read t at 2",
                                         "reduce x at 2"});
}

TEST_CASE("reductions to the largest and the smallest") {
  Example e(
      "def f(n : size, A : f32[n], hi : f32, lo : f32):\n    hi = -inf\n    lo = inf\n    for i in "
      "seq(0, n):\n        hi max= A[i]\n        lo min= A[i]\n",
      {{"n", 20}});
  double hi = -10, lo = 10;
  for (const Cell& cell : e["A"].cells) hi = std::max(hi, cell.real), lo = std::min(lo, cell.real);
  REQUIRE(!e.run());
  CHECK(e.real("hi") == hi);
  CHECK(e.real("lo") == lo);
}

TEST_CASE("and, or guard their right side") {
  Example e(
      "def f(n : size, A : f32[n], x : f32):\n    for i in seq(0, n + 1):\n        x = select(i < "
      "n and A[i] > 9.0, 1.0, 2.0)\n",
      {{"n", 3}});
  CHECK(!e.run());
}

TEST_CASE("a run ends after so many steps") {
  Example e(
      "def f(n : size, x : f32):\n    for i in seq(0, n):\n        for j in seq(0, n):\n           "
      " pass\n",
      {{"n", 1000000}});
  CHECK(interpret(*e.proc, e.args, {}, 1000)->kind == Fault::TooLong);
  Example big("def f(n : size):\n    t : f32[n, n]\n", {{"n", 1000000}});
  CHECK(big.run()->kind == Fault::TooLong);
}

TEST_CASE("random arguments satisfy the assertions, or there are none") {
  const auto arguments = [](const std::string& chars, int64_t n, uint64_t seed = 1) {
    const ProcRef p = proc(chars);
    return std::pair(p, random_arguments(*p, {{p->params[0].name, n}}, seed));
  };
  const auto strides = [](const std::pair<ProcRef, std::optional<Arguments>>& made) {
    return std::get<Tensor>(made.second->at(made.first->params[1].name)).strides;
  };
  CHECK(strides(arguments("def f(n : size, A : f32[n,3]): pass", 2)) == std::vector<int64_t>{3, 1});
  CHECK(strides(arguments("def f(n : size, A : [f32][n,3]): pass", 2)) ==
        std::vector<int64_t>{7, 2});
  CHECK(strides(arguments(
            "def f(n : size, A : [f32][n,3]):\n    assert stride(A, 1) == 1\n    pass", 2)) ==
        std::vector<int64_t>{4, 1});
  CHECK(strides(arguments(
            "def f(n : size, A : [f32][n,3]):\n    assert stride(A, 0) == 3\n    pass", 2)) ==
        std::vector<int64_t>{3, 1});
  CHECK(!arguments("def f(n : size, A : [f32][n,3]):\n    assert stride(A, 0) == 100\n    pass", 2)
             .second);
  CHECK(!arguments("def f(n : size):\n    assert n % 4 == 0\n    pass", 2).second);
  CHECK(!arguments("def f(n : size): pass", -1).second);
  CHECK(!arguments("def f(n : size, A : f32[n - 4]): pass", 2).second);

  const auto a = arguments("def f(n : size, A : f32[n]): pass", 9, 5);
  const auto b = random_arguments(*a.first, {{a.first->params[0].name, 9}}, 5);
  CHECK(first_difference(*a.first, *a.second, *a.first, *b).empty());
}

TEST_CASE("the first difference of two results is named") {
  const ProcRef p = proc("def f(n : size, A : f32[n], C : i8[2,n]): pass");
  Arguments a = *random_arguments(*p, {{p->params[0].name, 2}}, 1), b = a;
  std::get<Tensor>(a.at(p->params[2].name)).cells[2].integer = 3;
  std::get<Tensor>(b.at(p->params[2].name)).cells[2].integer = 5;
  CHECK(first_difference(*p, a, *p, b) == "C[1,0]: 3 and 5");
  std::get<Tensor>(b.at(p->params[1].name)).cells[1].defined = false;
  const std::string text = first_difference(*p, a, *p, b);
  CHECK(text.rfind("A[1]: ", 0) == 0);
  CHECK(text.find("and no value") != text.npos);
}
