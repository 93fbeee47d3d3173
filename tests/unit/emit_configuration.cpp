// Configuration in C: what the hardware is told, and what plain C knows of it.
#include "emit/emulate.h"
#include "emit_run.h"

using namespace exo;

namespace {

TargetRef accel() { return load_target("accel", {EXO_SOURCE_DIR "/targets", EXO_SOURCE_DIR "/tests/golden/targets"}); }

ProcRef kernel_text(const Target& target) {
  std::vector<ProcRef> known;
  for (const Instruction& i : target.instructions) known.push_back(i.spec);
  return parse(text_of(register_source("test", R"(
def told(s : f32[1], r : f32[1]):
    ex.scale = s[0]
    r[0] = ex.scale
def conf(m : size, flag : bool, s : f32[1], A : f32[4, m], B : f32[4, 4], x : f32[4], y : f32[4], r : f32[1]):
    assert m >= 4
    ex.scale = s[0]
    ex.act = flag
    ld.stride = stride(A, 0)
    ld_tile(4, 4, A[0:4, 0:4], B[0:4, 0:4])
    ex_scale(y[0:4], x[0:4])
    if ex.act:
        ex.n = m
        told(s, r)
    r[0] += f32(ex.n)
)")),
               known, fields_of(target.configs))
      .back();
}

const char* const kPrototypes = R"(void accel_config_ld(long stride);
void accel_config_ex(float scale, _Bool act, long n);
void accel_ld(const float *src, float *dst, long stride, long n, long m);
void accel_scale(float *dst, const float *src);
)";

const char* const kHardware = R"(static long held_stride;
static float held_scale;
void accel_config_ld(long stride) { held_stride = stride; }
void accel_config_ex(float scale, _Bool act, long n) { held_scale = scale, (void)act, (void)n; }
void accel_ld(const float *src, float *dst, long stride, long n, long m) {
  for (long i = 0; i < n; ++i)
    for (long j = 0; j < m; ++j) dst[i * stride + j] = src[i * held_stride + j];
}
void accel_scale(float *dst, const float *src) {
  for (int i = 0; i < 4; ++i) dst[i] = src[i] * held_scale;
}
)";

const char* const kMain = R"(#include "conf.h"
int main(void) {
  float s[1] = {3}, A[20], B[16], x[4] = {1, 2, 3, 4}, y[4], r[1];
  for (int i = 0; i < 20; ++i) A[i] = (float)i;
  if (conf(5, true, s, A, B, x, y, r) != EXO_OK) return 1;
  for (int i = 0; i < 4; ++i) {
    if (y[i] != x[i] * 3) return 2;
    for (int j = 0; j < 4; ++j) if (B[4 * i + j] != A[5 * i + j]) return 3;
  }
  return r[0] == 8 ? 0 : 4;
}
)";

}  // namespace

TEST_CASE("emit: configuration reaches the hardware, and the plain C around it") {
  const TargetRef target = accel();
  ProcRef proc = kernel_text(*target);
  const EmitKernel kernel = kernel_of(proc, {{target, proc}});
  const Workshop shop;
  shop.write("accel.h", kPrototypes);
  shop.write("hardware.c", kHardware);
  shop.write("main.c", kMain);
  for (const bool emulate : {false, true}) {
    shop.write(emit(emulate ? emulated(kernel) : kernel));
    for (const std::string& compiler : shop.compilers()) {
      shop.compile(compiler, "-include accel.h", "main.c hardware.c conf.accel.c conf.dispatch.c " + kRuntime, "conf");
      const auto [ok, said] = shop.run("EXO_TARGET=accel ./conf");
      INFO(said);
      CHECK(ok);
    }
  }
}

TEST_CASE("emit: a group is written once for a run of its fields, with the values of all of them") {
  const TargetRef target = accel();
  const ProcRef proc = kernel_text(*target);
  const std::string c = emit(kernel_of(proc, {{target, proc}})).at("conf.accel.c");
  CHECK(c.find("config_ex_scale = s[0];\n    config_ex_act = flag;\n"
               "    accel_config_ex(config_ex_scale, config_ex_act, config_ex_n);\n") != c.npos);
  CHECK(c.find("accel_config_ld(m);") != c.npos);
  CHECK(c.find("config_ex_n = m;\n        accel_config_ex(config_ex_scale, config_ex_act, config_ex_n);\n"
               "        told(s, r, &config_ex_scale, &config_ex_act, &config_ex_n);") != c.npos);
}
