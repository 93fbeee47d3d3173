#include <catch2/catch.hpp>

#include "ir/build.h"
#include "ir_text.h"

using namespace exo;
using namespace exo::testing;

namespace {

struct Case {
  const char *body, *code, *message, *marked, *help;
};

// Bodies of one procedure with these names; `spec` and `dense` can be called.
const std::string kHead = R"(
def spec(n : size, v : [f32][n], flag : bool): pass
def dense(n : size, v : f32[n]): pass
def scalar(x : f64): pass
def f(n : size, k : index, flag : bool, A : f32[n, 4], D : f64[n], I : i8[n], U : u8[n], W : i32[n], H : [f32][n], x : f32):
)";

const Case kCases[] = {
    {"x = D[0]", "mixed-precision", "`D[0]` is f64, but `x` holds f32", "D[0]", "write `f32(D[0])`"},
    {"x = A[0,0] * D[0]", "mixed-precision", "`D[0]` is f64, but `A[0,0]` is f32", "D[0]", "write `f32(D[0])`"},
    {"I[0] = A[0,0]", "mixed-precision", "`A[0,0]` is f32, but `I` holds i8", "A[0,0]", "write `sat_i8(A[0,0])`"},
    {"x = x + f32(A[0,0] + W[0])", "mixed-precision", "`W[0]` is i32, but `A[0,0]` is f32", "W[0]",
     "write `f32(W[0])`"},
    {"x = select(x < D[0], x, x)", "mixed-precision", "`D[0]` is f64, but `x` is f32", "D[0]", "write `f32(D[0])`"},
    {"I[0] = 300", "literal-range", "`300` is not an i8", "300", ""},
    {"U[0] = -1", "literal-range", "`-1` is not a u8", "-1", ""},
    {"U[0] = 1.5", "literal-range", "`1.5` is not a u8", "1.5", "write a whole number"},
    {"x = n", "control-in-data", "`n` is not data", "n", "convert it to data, as in `f32(n)`"},
    {"I[0] = k + 1", "control-in-data", "`k` is not data", "k", "convert it to data, as in `i8(k)`"},
    {"x = f32(flag)", "control-in-data", "`flag` is not data", "flag", "write `select(flag, 1, 0)`"},
    {"x = f32(n*x)", "data-in-control", "`x` is data", "x", ""},
    {"x = f32(n*n)", "control-range", "`n*n` may not fit 64 bits", "f32(n*n)",
     "convert its parts, as in `i64(n) * i64(m)`, which wraps"},
    {"x = flag", "control-in-data", "`flag` is not data", "flag", "write `select(flag, 1, 0)`"},
    {"x = x < 2.0", "kind", "`x < 2.0` is true or false, but a number is needed here", "x < 2.0",
     "write `select(x < 2.0, 1, 0)`"},
    {"if x: pass", "kind", "`x` is a number, but a condition is needed here", "x", "compare it, as in `x > 0`"},
    {"if x > D[0]: pass", "mixed-precision", "`D[0]` is f64, but `x` is f32", "D[0]", "write `f32(D[0])`"},
    {"for i in seq(0, x): pass", "data-in-control", "`x` is data", "x", ""},
    {"x = A[x, 0]", "data-in-control", "`x` is data", "x", ""},
    {"for i in seq(0, W[0]): W[i] = 1", "index-tensor", "`W[0]` decides here which elements are touched", "W[0]",
     "compute `W` in another kernel, and pass it to this one"},
    {"for i in seq(0, 1.5): pass", "data-in-control", "`1.5` is data", "1.5", ""},
    {"for i in seq(0, flag): pass", "kind", "`flag` is true or false, but a number is needed here", "flag", ""},
    {"if n: pass", "kind", "`n` is a number, but a condition is needed here", "n", "compare it, as in `n > 0`"},
    {"if n + 1: pass", "kind", "`n + 1` is a number, but a condition is needed here", "n + 1",
     "compare it, as in `n + 1 > 0`"},
    {"x = A[n/k, 0]", "divisor", "the divisor `k` is not a positive constant", "k", "divide by a number such as `4`"},
    {"x = A[n%0, 0]", "divisor", "the divisor `0` is not a positive constant", "0", "divide by a number such as `4`"},
    {"I[0] = I[1] / 0", "divisor", "`I[1] / 0` divides by zero", "0", ""},
    {"x = x % 2.0", "function-type", "`%` is for whole numbers, and this is f32", "x % 2.0", ""},
    {"I[0] = sqrt(I[1])", "function-type", "`sqrt` is for floats, and this is i8", "sqrt(I[1])",
     "convert the argument first, as in `sqrt(f32(x))`"},
    {"x = relu(x, x)", "argument-count", "`relu` takes 1 argument, not 2", "relu(x, x)", ""},
    {"x = A[0]", "rank", "`A` has 2 dimensions, not 1", "A[0]", ""},
    {"x = A", "rank", "`A` is a whole tensor, one element is needed here", "A", ""},
    {"A = 1.0", "rank", "`A` is a whole tensor, one element is needed here", "A = 1.0", ""},
    {"x[0] = 1.0", "rank", "`x` has 0 dimensions, not 1", "x[0] = 1.0", ""},
    {"x = A[0:2, 0]", "window", "`A[0:2, 0]` is a part of a buffer, not a value", "A[0:2, 0]",
     "ranges stand in the arguments of a call and behind a new name, as in `y = x[0:4]`; else write a loop"},
    {"n = 3", "not-assignable", "`n` is a size, which never changes", "n = 3", ""},
    {"for i in seq(0, n): i = 3", "not-assignable", "`i` is an index, which never changes", "i = 3", ""},
    {"y : size", "control-type", "`y` cannot be a size: only parameters and iterators are control", "y : size", ""},
    {"y : [f32][n]", "window", "`y` would be a window of nothing", "y : [f32][n]", "write `y : f32[n]`"},
    {"y : f32[-3]", "extent", "an extent of -3", "-3", ""},
    {"if stride(A, 2) == 1: pass", "rank", "`A` has no dimension 2", "stride(A, 2)", ""},
    {"spec(n, H)", "argument-count", "`spec` takes 3 arguments, not 2", "spec(n, H)", ""},
    {"spec(A, H, flag)", "argument-kind", "`n` of `spec` is a size", "A", ""},
    {"spec(n, 3, flag)", "argument-kind", "`v` of `spec` is a buffer of f32", "3",
     "store the value in a buffer, and pass that"},
    {"spec(n, H, n)", "kind", "`n` is a number, but a condition is needed here", "n", "compare it, as in `n > 0`"},
    {"spec(n, D, flag)", "argument-type", "`D` is f64, but `v` of `spec` is f32", "D",
     "convert it into a buffer of f32, and pass that"},
    {"spec(n, A, flag)", "argument-rank", "`A` has rank 2, but `v` of `spec` has rank 1", "A", ""},
    {"spec(n, A[0:n], flag)", "rank", "`A` has 2 dimensions, not 1", "A[0:n]", ""},
    {"dense(4, A[0, 0:4])", "argument-strided", "`A[0, 0:4]` may be strided, but `v` of `dense` is dense", "A[0, 0:4]",
     "declare it as a window: `v : [f32][n]`"},
    {"dense(n, H)", "argument-strided", "`H` may be strided, but `v` of `dense` is dense", "H",
     "declare it as a window: `v : [f32][n]`"},
    {"scalar(x)", "argument-type", "`x` is f32, but `x` of `scalar` is f64", "x",
     "convert it into a buffer of f64, and pass that"},
};

}  // namespace

TEST_CASE("each thing without a meaning is reported where it stands") {
  for (const Case& c : kCases) {
    INFO(c.body);
    const auto problems = problems_in(kHead + "    " + c.body);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].code == c.code);
    CHECK(problems[0].message == c.message);
    CHECK(marked(problems[0]) == c.marked);
    CHECK((problems[0].helps.empty() ? "" : problems[0].helps[0]) == c.help);
  }
}

TEST_CASE("parameters have types that can be passed") {
  const auto code = [](const std::string& params) {
    const auto problems = problems_in("def f(" + params + "): pass");
    return problems.empty() ? "" : problems[0].code + ": " + problems[0].message;
  };
  CHECK(code("A : f32[n], n : size") == "");
  CHECK(code("n : size, m : size, A : [i8][(m + 15) / 16, min(n, m), n*m]") == "");
  CHECK(code("n : size[4]") == "control-type: `n` is a size, which has no extents");
  CHECK(code("n : size @ ymm") == "control-type: `n` is a size, which lives in no memory");
  CHECK(code("k : index, A : f32[k]") == "extent: the extents of `A` are made of sizes");
  CHECK(code("A : f32[4], B : f32[stride(A, 0)]") == "extent: the extents of `B` are made of sizes");
  CHECK(code("A : f32[4], B : f32[A]") == "data-in-control: `A` is data");
  CHECK(code("b : bool, A : f32[b]") == "kind: `b` is true or false, but a number is needed here");
}

TEST_CASE("what has a meaning passes") {
  CHECK(problems_in(kHead + R"(
    for i in seq(k - 3, max(n, 4) / 2 % 3):
        if not flag or 0 <= i < n and stride(H, 0) == 1:
            H[i] = select(flag and x < 1 and not (x > A[0,0] or n > 2), sigmoid(x) * 2, abs(-1))
            t : f32[n - i] @ ymm
            spec(n, A[0:n, 2], n > 3 or flag)
    spec(4, A[n-1, 0:4], True)
    dense(n, D_copy)
    x += f32(sat_u8(D[0] * 2.5)) + f32(I[0] / 3) + f32(i8(W[0])) + f32(3)
    I[0] max= clamp(I[1], -128, 127)
    scalar(D[0])
)")
            .size() == 1);  // D_copy does not exist
}

TEST_CASE("every mistake of a procedure is reported, with its declaration") {
  const auto problems = problems_in(kHead + "    x = D[0]\n    n = 1\n    A[0] += n\n");
  REQUIRE(problems.size() == 4);
  REQUIRE(problems[1].places.size() == 2);
  CHECK(problems[1].places[1].words == "`n` is declared here");
}

TEST_CASE("types of expressions") {
  const ProcRef p = proc(
      "def f(A : f32[4], B : i8[4], x : f64):\n    t : u16[2] @ stack\n    for i in seq(0, 2): "
      "A[i] = f32(B[i]) * 2 + A[i]\n");
  const Declarations names = declarations(*p);
  REQUIRE(names.end() - names.begin() == 5);
  CHECK(names.at(as<Alloc>(p->body[0])->buffer).memory == "stack");
  CHECK(names.at(as<Alloc>(p->body[0])->buffer).type.scalar == Scalar::U16);
  CHECK(!names.at(as<Alloc>(p->body[0])->buffer).is_param);
  const For* loop = as<For>(p->body[1]);
  CHECK(names.at(loop->iter).type.scalar == Scalar::Index);
  CHECK(type_of(as<Assign>(loop->body[0])->rhs, names, Scalar::F64) == Scalar::F32);
  CHECK(type_of(num(3), names, Scalar::F64) == Scalar::F64);
  CHECK(type_of(binary(BinaryOp::Mul, num(3), read(p->params[1].name, {num(0)})), names, Scalar::F64) == Scalar::I8);
  CHECK(type_of(lt(num(1), num(2)), names, Scalar::F64) == Scalar::Bool);
}

TEST_CASE("broken programs are found") {
  const Sym i = Sym::fresh("i"), x = Sym::fresh("x");
  const auto with = [&](Block body) { return Proc{"p", {{x, Type{}, "", {}}}, {}, std::move(body), {}}; };
  const auto loop = [&](Block body) { return stmt(For{i, num(0), num(2), std::move(body), Order::Sequential}); };
  CHECK_NOTHROW(verify(with({loop({stmt(Assign{x, {}, num(0)})})})));
  CHECK_THROWS_AS(verify(with({loop({}), loop({})})), Bug);           // bound twice
  CHECK_THROWS_AS(verify(with({stmt(Assign{i, {}, num(0)})})), Bug);  // unknown
  CHECK_THROWS_AS(verify(with({loop({}), stmt(If{lt(var(i), num(2)), {}, {}})})),
                  Bug);  // out of scope
  CHECK_THROWS_AS(verify(with({stmt(Assign{x, {}, nullptr})})), Bug);
  CHECK_THROWS_AS(verify(with({nullptr})), Bug);
  CHECK_THROWS_AS(verify(with({stmt(Assign{x, {num(0)}, num(0)})})), Bug);  // rank
  CHECK_THROWS_AS(verify(with({stmt(Assign{x, {}, num(0)}, Label{"two words", "", "", "", {}})})), Bug);
}
