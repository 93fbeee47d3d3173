#include <fmt/format.h>

#include "conformance/conformance.h"
#include "support/text.h"
#include "target/c_type.h"

namespace exo {
namespace {

constexpr const char* kHead = R"(#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "exo/float16.h"
#include "instruction_bench.h"

/* Elements: bytes, and bits of the mantissa, 0 for whole numbers. */
struct kind {
    const char *name;
    unsigned bytes, mantissa;
};
struct operand {
    const char *name;
    struct kind kind;
    size_t count;
};
/* Elements of an index tensor, so many for each setting. */
struct leading {
    int operand, count, step;
    const int64_t *elements;
};
struct trial {
    const char *name;
    int exact_only; /* compared on numbers whose sums are exact, or do not cancel */
    uint64_t ulp;
    int keeps_denormals;
    const int *operands;
    int operand_count;
    const int64_t *settings;
    int setting_count;
    const struct leading *leading;
    int leading_count;
};
)";

constexpr const char* kBody = R"c(
static uint64_t state = 1;
static uint64_t any(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state ^ state >> 29;
}

static uint64_t mask_of(unsigned bits)
{
    return bits >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << bits) - 1;
}

static uint64_t encoded(const struct kind *k, double value)
{
    uint64_t bits = 0;
    const float narrow = (float)value;
    if (k->mantissa == 52)
        memcpy(&bits, &value, 8);
    else if (k->mantissa == 23)
        memcpy(&bits, &narrow, 4);
    else {
        const uint16_t half = k->mantissa == 10 ? exo_f16_of(value) : exo_bf16_of(value);
        bits = half;
    }
    return bits;
}

/* 0: the edges of the type, 1: any bits, 2: small numbers, whose sums are exact, and some that are none,
   3: positive numbers of one size, whose sums do not cancel. */
static uint64_t element(const struct kind *k, int mode)
{
    const unsigned bits = 8 * k->bytes, m = k->mantissa;
    const uint64_t r = any(), one = 1, sign = one << (bits - 1), all = mask_of(bits);
    if (m == 0) {
        const uint64_t edges[] = {
            0, 1, 2, sign, sign - 1, sign + 1, all, all - 1, one << (bits / 2), (one << (bits / 2)) - 1};
        return (mode == 0 ? edges[r >> 33 & 7] : mode == 2 ? (r >> 33) % 17 - 8 : r >> 7) & all;
    }
    const uint64_t infinity = (sign - 1) >> m << m;
    const uint64_t edges[] = {0,
                              1,
                              (one << m) - 1,
                              one << m,
                              infinity - 1,
                              infinity,
                              infinity | one << (m - 1),
                              encoded(k, 1),
                              encoded(k, 0.5),
                              encoded(k, 255.5),
                              encoded(k, 2147483648.0),
                              encoded(k, 3)};
    switch (mode) {
    case 0:
        return edges[(r >> 33) % 12] | (r >> 20 & 1 ? sign : 0);
    case 1:
        return r >> 7 & all;
    case 2:
        return (r >> 50) % 24 == 0
                   ? edges[5 + (r >> 33) % 2]
                   : encoded(k, (double)(int64_t)((r >> 33) % 17) - 8) | ((r >> 50) % 24 == 1 ? sign : 0);
    default:
        return encoded(k, 1 + (double)(r >> 40) / 16777216.0);
    }
}

static uint64_t load(const unsigned char *at, unsigned bytes)
{
    uint64_t out = 0;
    memcpy(&out, at, bytes);
    return out;
}

static int is_nan(const struct kind *k, uint64_t bits)
{
    const uint64_t sign = UINT64_C(1) << (8 * k->bytes - 1), infinity = (sign - 1) >> k->mantissa << k->mantissa;
    return k->mantissa && (bits & (sign - 1)) > infinity;
}

/* Operands of mode 3 are below 2, what is computed on the way below 8: an ulp is one of these. */
static double value_of(const struct kind *k, uint64_t bits)
{
    double wide = 0;
    float narrow = 0;
    if (k->mantissa == 52)
        memcpy(&wide, &bits, 8);
    else if (k->mantissa == 23)
        memcpy(&narrow, &bits, 4), wide = (double)narrow;
    else
        wide = (double)(k->mantissa == 10 ? exo_f16_to_f32((uint16_t)bits) : exo_bf16_to_f32((uint16_t)bits));
    return wide;
}

/* A denormal number becomes the zero of its sign. */
static uint64_t flushed(const struct kind *k, uint64_t bits)
{
    const uint64_t sign = UINT64_C(1) << (8 * k->bytes - 1), size = bits & (sign - 1);
    return k->mantissa && size < UINT64_C(1) << k->mantissa ? bits & sign : bits;
}

static int agree(const struct kind *k, uint64_t a, uint64_t b, uint64_t ulp, int mode)
{
    if (a == b || (is_nan(k, a) && is_nan(k, b)))
        return 1;
    if (!k->mantissa || ulp == 0 || is_nan(k, a) || is_nan(k, b))
        return 0;
    if (mode == 3) {
        const double gap = value_of(k, a) - value_of(k, b), most = (double)ulp * 4 / (double)(UINT64_C(1) << k->mantissa);
        return gap <= most && -gap <= most;
    }
    return !((a ^ b) >> (8 * k->bytes - 1) & 1) && (a > b ? a - b : b - a) <= ulp;
}

static void show(const struct kind *k, uint64_t bits)
{
    double d = 0;
    float f = 0;
    if (k->mantissa == 52)
        memcpy(&d, &bits, 8), printf("%.17g", d);
    else if (k->mantissa == 23)
        memcpy(&f, &bits, 4), printf("%.9g", (double)f);
    else
        printf("0x%llx", (unsigned long long)bits);
}

/* Memory that ends (side 1) or begins (side 0) where an unreadable page does. */
static void *guarded(size_t bytes, int side)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (bytes + page - 1) / page * page;
    char *const all = mmap(NULL, room + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED || mprotect(all, page, PROT_NONE) != 0 || mprotect(all + page + room, page, PROT_NONE) != 0)
        abort();
    return side ? all + page + (room - bytes) : all + page;
}

static sigjmp_buf back;
static void caught(int signal)
{
    siglongjmp(back, signal);
}

static void settings(const struct trial *t, const int64_t *c)
{
    if (CONTROLS > 0 && t->setting_count > 1) {
        printf(" (sizes");
        for (int k = 0; k < CONTROLS; ++k)
            printf(" %lld", (long long)c[k]);
        printf(")");
    }
    printf("\n");
}

/* The first element that differs; true if none does. */
static int compare(const struct trial *t, const int64_t *c, int mode, int side)
{
    for (int o = 0; o < t->operand_count; ++o) {
        const int at = t->operands[o];
        const struct operand *op = &operands[at];
        for (size_t i = 0; i < op->count; ++i) {
            uint64_t a = load(natives[side][at] + i * op->kind.bytes, op->kind.bytes);
            uint64_t b = load(meanings[side][at] + i * op->kind.bytes, op->kind.bytes);
            if (!t->keeps_denormals)
                a = flushed(&op->kind, a), b = flushed(&op->kind, b);
            if (agree(&op->kind, a, b, t->ulp, mode))
                continue;
            printf("differs %s: %s operand, element %zu is ", t->name, op->kind.name, i);
            show(&op->kind, a);
            printf(", and ");
            show(&op->kind, b);
            printf(" by the specification");
            settings(t, c);
            return 0;
        }
    }
    return 1;
}

static int try_once(const struct trial *t, int which, int setting, int mode, int place, int side)
{
    const int64_t *const c = t->settings + setting * CONTROLS;
    for (int o = 0; o < t->operand_count; ++o) {
        const int at = t->operands[o];
        const struct kind *k = &operands[at].kind;
        for (size_t i = 0; i < operands[at].count; ++i) {
            const uint64_t any_bits = element(k, mode), bits = t->keeps_denormals ? any_bits : flushed(k, any_bits);
            memcpy(natives[side][at] + i * k->bytes, &bits, k->bytes);
            memcpy(meanings[side][at] + i * k->bytes, &bits, k->bytes);
        }
    }
    for (int l = 0; l < t->leading_count; ++l) {
        const struct leading *in = &t->leading[l];
        const unsigned bytes = operands[in->operand].kind.bytes;
        for (int e = 0; e < in->count; ++e) {
            const uint64_t bits = (uint64_t)in->elements[setting * in->count + e];
            memcpy(natives[side][in->operand] + (size_t)(e * in->step) * bytes, &bits, bytes);
            memcpy(meanings[side][in->operand] + (size_t)(e * in->step) * bytes, &bits, bytes);
        }
    }
    const int signal = sigsetjmp(back, 1);
    if (signal == 0) {
        call_native(which, place, side, c);
    } else {
        printf("differs %s: it %s", t->name,
               signal == SIGILL ? "is no instruction of this machine" : "touches memory outside of its operands");
        settings(t, c);
        return 0;
    }
    call_meaning(which, place, side, c);
    return compare(t, c, mode, side);
}

int main(void)
{
    exo_variant_info info;
    if (!exo_variant_at(0, 0, &info) || !info.runs_here) {
        printf("cannot: %s\n", info.why_not);
        return 0;
    }
    if (!exo_cpu_request(exo_features_named(FEATURES) & exo_cpu_on_request())) {
        printf("cannot: the operating system does not lend what it needs\n");
        return 0;
    }
    for (int side = 0; side < 2; ++side)
        for (int o = 0; o < OPERANDS; ++o) {
            natives[side][o] = guarded(operands[o].count * operands[o].kind.bytes, side);
            meanings[side][o] = guarded(operands[o].count * operands[o].kind.bytes, side);
        }
    const int signals[] = {SIGSEGV, SIGBUS, SIGILL};
    for (int k = 0; k < 3; ++k)
        signal(signals[k], caught);
    for (int which = 0; which < TRIALS; ++which) {
        const struct trial *t = &trials[which];
        if (!t->name)
            continue;
        int well = 1;
        const int rounds = t->setting_count > 25 ? 8 : 200 / t->setting_count;
        for (int s = 0; s < t->setting_count && well; ++s)
            for (int round = 0; round < 3 * rounds && well; ++round) {
                const int mode = !t->exact_only ? round / 3 % 4 : t->ulp && round / 3 % 2 ? 3 : 2;
                /* directly behind an unreadable page, directly before one, and one element off */
                well = try_once(t, which, s, mode, round % 3 > 0, round % 3 == 1);
            }
        if (well)
            printf("ok %s\n", t->name);
        fflush(stdout);
    }
    return 0;
}
)c";

std::string kind_of(Scalar type) {
  const int mantissa = type == Scalar::F64    ? 52
                       : type == Scalar::F32  ? 23
                       : type == Scalar::F16  ? 10
                       : type == Scalar::BF16 ? 7
                                              : 0;
  return fmt::format("{{\"{}\", {}, {}}}", scalar_name(type), size_in_bytes(type), mantissa);
}

int64_t count_of(const Operand& o) {
  int64_t n = 1;
  for (const int64_t extent : o.shape) n *= extent;
  return n;
}

/// `call_native` and `call_meaning`: the two forms of the bench on their own arrays.
std::string caller(const Bench& bench, const std::string& name, const std::string& variant, const std::string& arrays) {
  std::string args = "which, place";
  for (size_t k = 0; k < bench.controls; ++k) args += fmt::format(", c[{}]", k);
  for (size_t k = 0; k < bench.operands.size(); ++k)
    args += fmt::format(", ({} *)(void *){}[side][{}]", c_type(bench.operands[k].type), arrays, k);
  return fmt::format(
      "extern __typeof__(instruction_bench) instruction_bench__{0};\n"
      "static void call_{1}(int which, int place, int side, const int64_t *c)\n{{\n    (void)c;\n    "
      "instruction_bench__{0}({2});\n}}\n",
      variant, name, args);
}

}  // namespace

std::string main_program(const Bench& bench, const Target& target) {
  std::string out = kHead;
  out += fmt::format("enum {{ CONTROLS = {}, OPERANDS = {}, TRIALS = {} }};\n", bench.controls, bench.operands.size(),
                     bench.trials.size());
  out += fmt::format("static unsigned char *natives[2][{0}], *meanings[2][{0}];\n", bench.operands.size() + 1);
  out += "static const struct operand operands[] = {\n";
  for (const Operand& o : bench.operands)
    out += fmt::format("    {{\"{}\", {}, {}}},\n", o.name.name(), kind_of(o.type), count_of(o));
  out += "    {\"\", {\"\", 0, 0}, 0}};\n";
  std::string table = "static const struct trial trials[] = {\n";
  for (size_t k = 0; k < bench.trials.size(); ++k) {
    const Trial& t = bench.trials[k];
    if (!t.untried.empty()) {
      table += "    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0},\n";
      continue;
    }
    std::vector<std::string> rows;
    for (const auto& row : t.settings) rows.push_back(fmt::format("{}", fmt::join(row, ", ")));
    out += fmt::format("static const int operands_{}[] = {{{}{}-1}};\n", k, fmt::join(t.operands, ", "),
                       t.operands.empty() ? "" : ", ");
    out += fmt::format("static const int64_t settings_{}[] = {{{}{}0}};\n", k, join(rows, ", "),
                       bench.controls == 0 ? "" : ", ");
    std::string leading;
    for (size_t l = 0; l < t.leading.size(); ++l) {
      out += fmt::format("static const int64_t elements_{}_{}[] = {{{}}};\n", k, l,
                         fmt::join(t.leading[l].elements, ", "));
      leading += fmt::format("{{{}, {}, {}, elements_{}_{}}}, ", t.leading[l].operand, t.leading[l].count,
                             t.leading[l].step, k, l);
    }
    out += fmt::format("static const struct leading leading_{}[] = {{{}{{0, 0, 0, 0}}}};\n", k, leading);
    table +=
        fmt::format("    {{\"{0}\", {1}, {2}, {3}, operands_{4}, {5}, settings_{4}, {6}, leading_{4}, {7}}},\n",
                    t.instruction->name, t.exact_only ? 1 : 0, t.instruction->ulp,
                    t.instruction->keeps_denormals ? 1 : 0, k, t.operands.size(), t.settings.size(), t.leading.size());
  }
  out += table + "    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0}};\n";
  out += caller(bench, "native", target.name, "natives") + caller(bench, "meaning", "meaning", "meanings");
  out += fmt::format(
      "/* Of the runtime: what the operating system grants to who asks. */\n#define FEATURES \"{}\"\n"
      "extern uint64_t exo_features_named(const char *), exo_cpu_on_request(void);\n"
      "extern _Bool exo_cpu_request(uint64_t);\n",
      join(target.features, " "));
  return out + kBody;
}

}  // namespace exo
