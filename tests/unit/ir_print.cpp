#include <catch2/catch.hpp>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "ir_text.h"

using namespace exo;
using namespace exo::testing;

namespace {

bool same_labels(const Block& a, const Block& b);

bool same_labels(const StmtRef& a, const StmtRef& b) {
  const Label &x = a->label, &y = b->label;
  if (x.name != y.name || x.nest != y.nest || x.alias != y.alias || x.axis != y.axis ||
      x.copies != y.copies)
    return false;
  if (const For* f = as<For>(a)) return same_labels(f->body, as<For>(b)->body);
  if (const If* f = as<If>(a))
    return same_labels(f->body, as<If>(b)->body) && same_labels(f->orelse, as<If>(b)->orelse);
  return true;
}

bool same_labels(const Block& a, const Block& b) {
  for (size_t i = 0; i < a.size(); ++i)
    if (!same_labels(a[i], b[i])) return false;
  return true;
}

void check_round_trip(const std::string& chars) {
  const auto first = procs(chars);
  std::vector<ProcRef> known;
  for (const ProcRef& p : first) {
    const std::string printed = print(*p);
    INFO(printed);
    const ProcRef again = procs(printed, known).at(0);
    CHECK(equal(*p, *again));
    CHECK(same_labels(p->body, again->body));
    CHECK(print(*again) == printed);
    known.push_back(p);
  }
}

const char* const kPrograms[] = {
    "def gemm(N : size,      M : size,      K : size,\n"
    "         A : f32[N,K], B : f32[K,M], C : f32[N,M]):\n"
    "    for i in seq(0,N):\n"
    "        for j in seq(0,M):\n"
    "            for k in seq(0,K):\n"
    "                C[i,j] += A[i,k] * B[k,j]\n",
    R"(
        # a whole text may be indented
        def blur(H : size, W : size, inp : u16[H+2, W+2], out : u16[H, W]):
            bx : u16[H+2, W]

            for y in seq(0, H+2):  # rows
                for x in seq(0, W):
                    bx[y,x] = (inp[y,x] + inp[y,x+1] + inp[y,x+2]) / 3
            for y in par(0, H):
                for x in seq(0, W):
                    out[y,x] = (bx[y,x] + bx[y+1,x] + bx[y+2,x]) / 3)",
    R"(
def matmul(N : size, M : size, K : size, scale : f32, act : bool, A : i8[N,K], B : i8[K,M], C : i8[N,M]):
    res : i32[N,M]
    for i in seq(0, N):
        for j in seq(0, M):
            res[i,j] = 0
            for k in seq(0, K):
                res[i,j] += i32(A[i,k]) * i32(B[k,j])
            C[i,j] = sat_i8(select(act, relu(f32(res[i,j]) * scale), f32(res[i,j]) * scale)))",
    R"(
def maskload_ps(n : size, dst : [f32][8] @ ymm, src : [f32][n]):
    assert n <= 8
    assert stride(src, 0) == 1
    for l in seq(0, 8):
        if l < n:
            dst[l] = src[l]
        else:
            dst[l] = 0.0
def copy(n : size, A : f32[n, 8], x : f32):
    t : f32[8] @ ymm
    for i in seq(0, n):
        maskload_ps(8, t, A[i, 0:8])
        maskload_ps(2*(i % 2), t, A[i, 1:1+2*(i % 2)]))",
    R"(
def one(x : f32):
    x max= 1.5
def two(n : size, A : f32[n,3], x : f64, flag : bool, k : index, d : int, s : stride):
    assert n > 1 and (flag or not flag) or False
    assert not (n > 1 or n != 2)
    if 0 <= k < n:
        one(A[k, 0])
    elif (k < 0) and flag:
        pass
    elif True:
        A[0,0] min= -inf
    else:
        A[n-1, min(2, n-1)] = -(3.0)
    if k >= n: A[0,1] = nan
    x = -x - (x - (2.0 - x)) / (x * x) / x
    x = -9223372036854775808)",
    R"(
def labels(n : size, A : f32[n]):
    for io in seq(0, n/4):  #: io axis=i
        for ii in seq(0, 4):  #: d1 nest=Ap.load alias=d1 axis=i copies=main,tail
            A[4*io + ii] = 1.0  #: Ap.load copies=case0
        if io > 2:  #: which
            A[0] += 2.0
        else:
            A[0] += 3.0
    for i in seq(0, n):  #: name= axis=
        pass)",
    "def empty():\n    pass",
    "def short(x : f32): x = 1.0",
    R"(def scalar(x : f32, y : [f64][3] @ DRAM, A : R[2]):
    x += 1e-300
    A[0] = A[1]
    for i in seq(0, 3): y[i] = 0
)",
};

/// Expressions of control over two variables, with every operator.
ExprRef random_control(std::mt19937& random, const std::vector<Sym>& vars, int depth,
                       bool truth_value) {
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const auto number = [&] { return random_control(random, vars, depth - 1, false); };
  const auto condition = [&] { return random_control(random, vars, depth - 1, true); };
  if (truth_value) {
    if (depth <= 0 || pick(8) == 0)
      return pick(3) ? lt(var(vars[0]), num(pick(9) - 4)) : truth(pick(2));
    if (pick(4) == 0) return unary(UnaryOp::Not, condition());
    if (pick(2)) return binary(pick(2) ? BinaryOp::And : BinaryOp::Or, condition(), condition());
    return binary(static_cast<BinaryOp>(static_cast<int>(BinaryOp::Lt) + pick(6)), number(),
                  number());
  }
  if (depth <= 0 || pick(6) == 0) return pick(2) ? var(vars[pick(2)]) : num(pick(40) - 20);
  switch (pick(6)) {
    case 0:
      return unary(UnaryOp::Neg, number());
    case 1:
      return builtin(pick(2) ? "min" : "max", {number(), number()});
    case 2:
      return binary(pick(2) ? BinaryOp::Div : BinaryOp::Mod, number(), num(1 + pick(7)));
    default:
      return binary(static_cast<BinaryOp>(pick(3)), number(), number());
  }
}

ExprRef random_numbers(std::mt19937& random, Sym buffer, Sym i, int depth) {
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const auto sub = [&] { return random_numbers(random, buffer, i, depth - 1); };
  if (depth <= 0)
    return pick(2) ? read(buffer, {random_control(random, {i, i}, 2, false)})
                   : real(std::ldexp(pick(1000) - 500, pick(80) - 40));
  switch (pick(5)) {
    case 0:
      return unary(UnaryOp::Neg, sub());
    case 1:
      return builtin("select", {lt(sub(), sub()), sub(), sub()});
    case 2:
      return builtin("f32", {builtin("clamp", {sub(), sub(), sub()})});
    default:
      return binary(static_cast<BinaryOp>(pick(4)), sub(), sub());
  }
}

}  // namespace

TEST_CASE("programs are printed as text that means the same") {
  for (const char* program : kPrograms) check_round_trip(program);
}

TEST_CASE("random expressions are read back as they were") {
  std::mt19937 random(7);
  const Sym i = Sym::fresh("i"), n = Sym::fresh("n"), buffer = Sym::fresh("A");
  const Lookup lookup = [&](const std::string& name) -> std::optional<ExprRef> {
    if (name == "i") return var(i);
    if (name == "n") return var(n);
    if (name == "A") return read(buffer, {});
    return {};
  };
  for (int round = 0; round < 6000; ++round) {
    const ExprRef e = round % 3 == 2 ? random_numbers(random, buffer, i, 4)
                                     : random_control(random, {i, n}, 5, round % 3 == 1);
    const std::string printed = print(e);
    INFO(printed);
    REQUIRE(equal(e, parse_expr(text(printed), lookup)));
  }
}

TEST_CASE("floats are printed as text that gives the same number") {
  std::mt19937_64 random(3);
  const Lookup none = [](const std::string&) { return std::optional<ExprRef>{}; };
  std::vector<double> values = {
      0.0,     -0.0,     1.0,         1e22, 1e-5, 5e-324, -5e-324, 0.1, 1.7976931348623157e308,
      1 / 0.0, -1 / 0.0, std::nan("")};
  for (int round = 0; round < 2000; ++round) {
    const uint64_t bits = random();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isnan(value)) values.push_back(value);
  }
  for (const double value : values) {
    INFO(print(real(value)));
    REQUIRE(equal(real(value), parse_expr(text(print(real(value))), none)));
  }
  for (const int64_t value : {int64_t{0}, int64_t{-1}, std::numeric_limits<int64_t>::min(),
                              std::numeric_limits<int64_t>::max()})
    REQUIRE(equal(num(value), parse_expr(text(print(num(value))), none)));
}

TEST_CASE("printing keeps parentheses that matter") {
  const Sym i = Sym::fresh("i"), x = Sym::fresh("x");
  CHECK(print(read(x, {binary(BinaryOp::Mul, num(5), binary(BinaryOp::Mod, var(i), num(2)))})) ==
        "x[5*(i%2)]");
  const ExprRef a = read(x, {num(0)}), b = read(x, {num(1)}), c = read(x, {num(2)});
  CHECK(print(binary(BinaryOp::Sub, a, binary(BinaryOp::Sub, b, c))) == "x[0] - (x[1] - x[2])");
  CHECK(print(binary(BinaryOp::Sub, binary(BinaryOp::Sub, a, b), c)) == "x[0] - x[1] - x[2]");
  CHECK(print(unary(UnaryOp::Neg, num(3))) == "-(3)");
  CHECK(print(binary(BinaryOp::Mul, a, b)) == "x[0] * x[1]");
  CHECK(print(unary(UnaryOp::Not, binary(BinaryOp::And, truth(true), lt(num(1), var(i))))) ==
        "not (True and 1 < i)");
  CHECK(print(binary(BinaryOp::Eq, lt(num(1), num(2)), truth(true))) == "(1 < 2) == True");
}

TEST_CASE("two things of one name are told apart, and keep their labels") {
  const Sym outer = Sym::fresh("i"), inner = Sym::fresh("i"), x = Sym::fresh("x"),
            y = Sym::fresh("x");
  const Label label{"i", "", "", "i", {}};
  Proc p{"p", {{x, Type{Scalar::F32, {num(4), num(4)}, false}, "", {}}}, {}, {}, {}};
  p.body = {stmt(Alloc{y, Type{}, ""}, Label{"x.alloc", "", "", "", {}}),
            stmt(For{outer,
                     num(0),
                     num(4),
                     {stmt(For{inner,
                               num(0),
                               num(4),
                               {stmt(Assign{x, {var(outer), var(inner)}, read(y, {})},
                                     Label{"x.store", "", "", "", {}})},
                               Order::Sequential},
                           label)},
                     Order::Sequential},
                 label)};
  CHECK(print(p) ==
        "def p(x : f32[4,4]):\n"
        "    x_1 : f32  #: x.alloc\n"
        "    for i in seq(0, 4):\n"
        "        for i_1 in seq(0, 4):  #: i axis=i\n"
        "            x[i,i_1] = x_1\n");
  const ProcRef again = proc(print(p));
  CHECK(equal(p, *again));
  CHECK(same_labels(p.body, again->body));
}

TEST_CASE("a listing knows the line of each statement") {
  const ProcRef p = proc(kPrograms[0]);
  const Listing list = listing(*p, "program");
  const StmtRef& i = p->body[0];
  const StmtRef& update = as<For>(as<For>(as<For>(i)->body[0])->body[0])->body[0];
  const auto line = [&](const StmtRef& s) {
    const Span span = list.spans.at(s.get());
    return list.source->text.substr(span.begin, span.end - span.begin);
  };
  CHECK(line(i) == "for i in seq(0, N):");
  CHECK(line(update) == "C[i,j] += A[i,k] * B[k,j]");
  CHECK(list.source->name == "program");
}
