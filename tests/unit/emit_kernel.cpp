// Emitted kernels compile without warnings, compute what they say, and refuse what they cannot.
#include <fmt/format.h>

#include "emit/bounds.h"
#include "emit/c_expr.h"
#include "emit_run.h"
#include "ir/build.h"
#include "ir/print.h"

using namespace exo;

namespace {

const std::string kGemm = R"(
def gemm(N : size, M : size, K : size, A : f32[N,K], B : f32[K,M], C : f32[N,M]):
    for i in seq(0,N):
        for j in seq(0,M):
            for k in seq(0,K):
                C[i,j] += A[i,k] * B[k,j]
)";

/// Panels of B in scratch memory, copies of rows of A for each thread, a masked tile of registers. LL lanes, memory
/// MEM.
const std::string kBlocked = R"(
def gemm(N : size, M : size, K : size, A : f32[N,K], B : f32[K,M], C : f32[N,M]):
    for jo in seq(0, (M + LL-1) / LL):
        Bp : f32[K, LL]
        for k in seq(0, K):
            for j in seq(0, min(LL, M - LL*jo)):
                Bp[k, j] = B[k, LL*jo + j]
            for j in seq(min(LL, M - LL*jo), LL):
                Bp[k, j] = 0.0
        for i in par(0, N):
            Ap : f32[min(64, K)]
            Ct : f32[1, LL] @ MEM
            a : f32[LL] @ MEM
            b : f32[LL] @ MEM
            maskload_ps(min(LL, M - LL*jo), Ct[0, 0:LL], C[i, LL*jo : LL*jo + min(LL, M - LL*jo)])
            for ko in seq(0, (K + 63) / 64):
                for k in seq(0, min(64, K - 64*ko)):
                    Ap[k] = A[i, 64*ko + k]
                for k in seq(0, min(64, K - 64*ko)):
                    broadcast_ps(a[0:LL], Ap[k:k+1])
                    loadu_ps(b[0:LL], Bp[64*ko + k, 0:LL])
                    fmadd_ps(Ct[0, 0:LL], a[0:LL], b[0:LL])
            maskstore_ps(min(LL, M - LL*jo), C[i, LL*jo : LL*jo + min(LL, M - LL*jo)], Ct[0, 0:LL])
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

EmitKernel gemm_kernel() {
  const TargetRef avx512 = shipped_target("avx512"), avx2 = shipped_target("avx2"),
                  portable = shipped_target("portable");
  const ProcRef algorithm = proc_of(kGemm);
  return kernel_of(algorithm, {{avx512, proc_of(replaced(replaced(kBlocked, "LL", "16"), "MEM", "zmm"), avx512.get())},
                               {avx2, proc_of(replaced(replaced(kBlocked, "LL", "8"), "MEM", "ymm"), avx2.get())},
                               {portable, algorithm}});
}

const char* const kGemmMain = R"c(
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gemm.h"
static float value(int64_t i) { return (float)(i * 7 % 11) - 5.0f; }
static int check(int64_t N, int64_t M, int64_t K)
{
    float *A = malloc((size_t)(N * K + 1) * 4), *B = malloc((size_t)(K * M + 1) * 4), *C = malloc((size_t)(N * M + 1) * 4);
    for (int64_t i = 0; i < N * K; ++i) A[i] = value(i);
    for (int64_t i = 0; i < K * M; ++i) B[i] = value(i + 3);
    for (int64_t i = 0; i <= N * M; ++i) C[i] = 2.0f;
    const exo_status status = gemm(N, M, K, A, B, C);
    int wrong = status != EXO_OK || C[N * M] != 2.0f;
    for (int64_t i = 0; i < N; ++i)
        for (int64_t j = 0; j < M; ++j) {
            float sum = 2.0f;
            for (int64_t k = 0; k < K; ++k) sum += A[i * K + k] * B[k * M + j];
            wrong += C[i * M + j] != sum;
        }
    if (wrong) printf("%lld %lld %lld: %d wrong, %s\n", (long long)N, (long long)M, (long long)K, wrong, exo_status_text(status));
    free(A), free(B), free(C);
    return wrong;
}
#define SAYS(call, status, text) if ((call) != status || !strstr(exo_last_error(), text)) { printf("%s: %s\n", #call, exo_last_error()); wrong = 1; }
int main(int argc, char **argv)
{
    if (argc > 1 && exo_set_target(argv[1]) != EXO_OK) { puts("skipped"); return 0; }
    const int64_t sizes[] = {0, 1, 2, 7, 8, 9, 16, 17, 63, 65, 130};
    int wrong = 0;
    for (int i = 0; i < 11; ++i) for (int j = 0; j < 11; ++j) for (int k = 0; k < 11; ++k) wrong += check(sizes[i], sizes[j], sizes[k]);
    float x[64] = {0};
    const int64_t big = INT64_C(1) << 40;
    SAYS(gemm(-3, 1, 1, x, x, x), EXO_BAD_SIZE, "gemm: N is negative (-3)")
    SAYS(gemm(1, INT64_MAX, 1, x, x, x), EXO_BAD_SIZE, "gemm: M is too large")
    SAYS(gemm(big, 1, big, x, x, x), EXO_OVERFLOW, "gemm: N*K*4 bytes do not fit")
    SAYS(gemm(1, 1, 1, NULL, x, x + 1), EXO_NULL_POINTER, "gemm: A is a null pointer")
    SAYS(gemm(2, 2, 2, x, x + 8, x + 3), EXO_ALIAS, "gemm: A and C overlap")
    if (gemm(2, 2, 2, x, x, x + 4) != EXO_OK || gemm(0, 5, 0, NULL, NULL, NULL) != EXO_OK) wrong = 1;
    puts(wrong ? "wrong" : exo_variant_in_use("gemm"));
    return wrong != 0;
}
)c";

/// Everything that a statement or an expression can be.
const std::string kEverything = R"(
def axpy(n : size, alpha : f32, x : [f32][n], y : [f32][n]):
    for i in seq(0, n):
        y[i] += alpha * x[i]

def big(N : size, M : size, float : index, flag : bool, exp : f32, s : f64, A : f32[N, M, 7], W : [f32][N, M], I : i8[N], J : i32[N+3],
        L : i64[N], D : f64[M], out : [i16][N, 2], q : f32):
    assert N % 8 == 0 or flag
    assert N * M <= 100000
    assert stride(W, 1) == 1
    t : f32
    t = 0.0
    x0 : i32[4] @ stack
    dead : f32[N]
    unread : f32
    for i in par(0, N):
        Bp : f32[(min(64, N - i) + 7) / 8, M, 8]
        for j in seq(0, M):
            for b in seq(0, (min(64, N - i) + 7) / 8):
                for c in seq(0, 8):
                    Bp[b, j, c] = 1.5
            W[i, j] = Bp[0, j, 3] - -exp
        for ii in seq(0, M):
            for j in par(0, 4):
                Cq : f64[ii + 1]
                Cq[ii] = 2.0
                D[ii] += Cq[ii] / s
    for k in seq(0, 4):
        x0[k] = 7
    for i in seq(0, N):
        unread = A[i, 0, 0]
        I[i] += I[i] * -3 - I[i]
        L[i] = -L[i] * 3 + abs(L[i])
        J[i + float % 3 - float % 3] = x0[(i - 5) % 4] * x0[i % 4] + i32(I[i]) / 3
        J[i] max= -x0[0]
        out[i, 0] = sat_i16(f32(J[i]) * 0.5)
        out[i, 1] = i16(J[i]) / i16(J[i+1])
        if flag and (i < 3 or N > 5):
            axpy(M, exp, A[i, 0:M, 3], W[i, 0:M])
        elif i == 4:
            W[i, 0] = select(W[i, 0] < 0.0, relu(exp), sigmoid(W[i,0]) + sqrt(abs(exp)))
        else:
            W[i, 0] = clamp(W[i, 0], -1.0, 1e30) + f32(s)
    for j in seq(0, M):
        t += f32(D[j])
    for j in seq(0, M):
        D[j] = f64(t)
)";

std::string refusal(const std::string& text, const std::string& target_name = "avx2") {
  const TargetRef target = shipped_target(target_name);
  const ProcRef proc = proc_of(text, target.get());
  try {
    emit(kernel_of(proc, {{target, proc}}));
  } catch (const Rejected& rejected) {
    CHECK(!rejected.problems.at(0).helps.empty());
    CHECK(rejected.problems[0].places.at(0).span.source != nullptr);
    return rejected.problems[0].code;
  }
  return "accepted";
}

}  // namespace

TEST_CASE("emit: a blocked product in registers, on every target that runs here") {
  const EmitKernel kernel = gemm_kernel();
  const auto files = emit(kernel);
  CHECK(files == emit(gemm_kernel()));
  const Workshop shop;
  shop.write(files);
  shop.write("main.c", kGemmMain);
  for (const std::string& compiler : shop.compilers())
    for (const std::string mode :
         {"-O2", "-O0 -fsanitize=undefined,address -fno-sanitize-recover=all", "-O2 -fopenmp"}) {
      if (compiler == "clang" && mode != "-O2") continue;
      std::string objects;
      for (const EmitVariant& variant : kernel.variants) {
        const std::string flags = fmt::format(
            "{}",
            fmt::join(variant.target->flags.count("gnu") ? variant.target->flags.at("gnu") : std::vector<std::string>{},
                      " "));
        shop.compile(compiler, mode + " " + flags + " -c", "gemm." + variant.name + ".c", variant.name + ".o");
        objects += " " + variant.name + ".o";
      }
      shop.compile(compiler, mode + " -c", "gemm.dispatch.c", "dispatch.o");
      const auto [linked, log] =
          shop.run(compiler + " -w " + mode + " -I " EXO_SOURCE_DIR "/runtime/include main.c dispatch.o" + objects +
                   " " + kRuntime + " -o gemm");
      INFO(compiler << " " << mode << "\n" << log);
      REQUIRE(linked);
      for (const EmitVariant& variant : kernel.variants) {
        const auto [ok, out] = shop.run("OMP_NUM_THREADS=3 ./gemm " + variant.name);
        INFO(compiler << " " << mode << " " << variant.name << "\n" << out);
        CHECK(ok);
        CHECK((out == variant.name + "\n" || out == "skipped\n"));
      }
    }
}

TEST_CASE("emit: all statements and expressions compile without a warning, in C and C++") {
  const Workshop shop;
  const ProcRef proc = proc_of(kEverything);
  shop.write(emit(kernel_of(proc, {{shipped_target("portable"), proc}})));
  for (const std::string& compiler : shop.compilers()) {
    shop.compile(compiler, "-O2 -c", "big.portable.c", "x.o");
    shop.compile(compiler, "-O2 -c", "big.dispatch.c", "x.o");
  }
  shop.compile("gcc", "-O2 -fopenmp -c", "big.portable.c", "x.o");
  const auto [ok, log] =
      shop.run("echo '#include \"big.h\"' > x.cpp && g++ -Wall -Wextra -pedantic -Werror -I " EXO_SOURCE_DIR
               "/runtime/include -c x.cpp");
  INFO(log);
  CHECK(ok);
}

TEST_CASE("emit: a buffer may be called like the procedure that it is handed to") {
  const Workshop shop;
  const ProcRef proc = proc_of(R"(def x(n : size, a : [f32][n]):
    for i in seq(0, n):
        a[i] += 1.0
def big(n : size, x : f32[n], y : f32[n]):
    x(n, y[0:n])
    for i in seq(0, n):
        x[i] += y[i]
)");
  shop.write(emit(kernel_of(proc, {{shipped_target("portable"), proc}})));
  for (const std::string& compiler : shop.compilers()) shop.compile(compiler, "-O2 -c", "big.portable.c", "x.o");
}

TEST_CASE("emit: a variant with a condition is tried only where it holds") {
  EmitKernel kernel = gemm_kernel();
  const Sym M = kernel.variants[0].proc->params[1].name;
  kernel.variants[0].when = eq(var(M) % 16, num(0));
  const std::string dispatch = emit(kernel).at("gemm.dispatch.c");
  CHECK(dispatch.find("if ((usable & (UINT64_C(1) << exo_at_avx512)) && M % 16 == 0)\n        return gemm__avx512(N, M, K, A, B, C);") !=
        std::string::npos);
  CHECK(dispatch.find("if (usable & (UINT64_C(1) << exo_at_avx2))\n        return gemm__avx2(N, M, K, A, B, C);") != std::string::npos);
}

TEST_CASE("emit: the manifest lists files, flags and inputs") {
  const std::string json = emit(gemm_kernel()).at("gemm.json");
  for (const char* part : {"\"file\": \"gemm.avx2.c\"", "\"-mfma\"", "\"header\": \"gemm.h\"", "\"avx512/target.toml\"",
                           "\"arch\": \"x86_64\""})
    CHECK(json.find(part) != std::string::npos);
}

TEST_CASE("emit: what cannot be written as C is refused") {
  const std::string head = "def f(N : size, x : f32[N], y : f32[8]):\n";
  CHECK(refusal(head + "    a : f32[8] @ ymn\n    for i in seq(0, 8):\n        a[i] = 0.0\n") == "unknown-memory");
  CHECK(refusal(head + "    a : f32[4] @ ymm\n    for i in seq(0, 4):\n        a[i] = 0.0\n") == "emit-register-shape");
  CHECK(refusal(head + "    a : f32[N, 8] @ ymm\n    for i in seq(0, N):\n        setzero_ps(a[i, 0:8])\n") ==
        "emit-register-shape");
  CHECK(refusal(head + "    a : f32[8] @ ymm\n    for i in seq(0, 8):\n        a[i] = 0.0\n") == "emit-memory");
  CHECK(refusal(head + "    a : f32[N] @ stack\n    for i in seq(0, N):\n        a[i] = 0.0\n") == "emit-stack");
  CHECK(refusal("def f(N : size, x : R[N]):\n    for i in seq(0, N):\n        x[i] = 0.0\n") == "emit-type");
  CHECK(refusal("def main(N : size, x : f32[N]):\n    for i in seq(0, N):\n        x[i] = 0.0\n") == "emit-name");
}

TEST_CASE("emit: what the type of an element decides is not compared") {
  const Workshop shop;
  const ProcRef proc = proc_of(R"(def f(n : size, idx : u8[n], a : i16[n], y : f32[256]):
    assert forall k in seq(0, n): 0 <= idx[k] and idx[k] < 200
    for k in seq(0, n):
        if a[k] < 40000 and a[k] != -40000 and a[k] > -32768:
            y[idx[k]] = 1.0
)");
  shop.write(emit(kernel_of(proc, {{shipped_target("portable"), proc}})));
  for (const std::string& compiler : shop.compilers()) {
    shop.compile(compiler, "-O2 -c", "f.portable.c", "x.o");
    shop.compile(compiler, "-O2 -c", "f.dispatch.c", "x.o");
  }
}

TEST_CASE("emit: literals have the type of their place") {
  CHECK(c_literal(0.1, Scalar::F32) == "0.1f");
  CHECK(c_literal(0.1, Scalar::F64) == "0.1");
  CHECK(c_literal(int64_t{3}, Scalar::F32) == "3.0f");
  CHECK(c_literal(-0.0, Scalar::F64) == "(-0.0)");
  CHECK(c_literal(1e300, Scalar::F32) == "INFINITY");
  CHECK(c_literal(int64_t{-7}, Scalar::I32) == "(-7)");
}

TEST_CASE("emit: bounds depend on parameters only") {
  const Sym n = Sym::fresh("n"), i = Sym::fresh("i"), j = Sym::fresh("j");
  Ranges ranges;
  ranges.nonnegative = {n, i, j};
  ranges.loops[i] = {num(0), ceil_div(var(n), 8)};
  ranges.loops[j] = {num(0), min_of(num(8), var(n) - num(8) * var(i))};
  CHECK(print(*upper_bound(var(j), ranges)) == "min(8, n) - 1");
  CHECK(print(*upper_bound(min_of(num(64), var(n) - num(64) * var(i)) + num(7), ranges)) == "min(64, n) + 7");
  CHECK(print(*upper_bound((var(i) + num(1)) * num(8) - num(8) * var(i), ranges)) == "8");
  CHECK(!upper_bound(stride(Sym::fresh("A"), 0), ranges));
}
