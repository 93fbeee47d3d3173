// Numbered units in C: where buffers lie, and where C waits for instructions that run beside it.
#include "emit/emulate.h"
#include "emit_run.h"
#include "support/text.h"

using namespace exo;

namespace {

/// The kernel `k` of a program, for `pad`.
EmitKernel kernel_for_pad(const std::string& program) {
  const TargetRef pad = load_target("pad", {EXO_SOURCE_DIR "/targets", EXO_SOURCE_DIR "/tests/golden/targets"});
  std::vector<ProcRef> known;
  for (const Instruction& i : pad->instructions) known.push_back(i.spec);
  EmitKernel kernel;
  kernel.name = "k", kernel.recipe = "test";
  kernel.algorithm = parse(text_of(register_source("test", program)), known, fields_of(pad->configs)).back();
  kernel.variants = {{"pad", kernel.algorithm, pad, nullptr}};
  return kernel;
}

/// Its body in C.
std::string body_of(const std::string& program) {
  const std::string text = emit(kernel_for_pad(program)).at("k.pad.c");
  return text.substr(text.rfind("\n{\n") + 3);
}

}  // namespace

TEST_CASE("buffers share units where they do not live at the same time, and lie in their banks") {
  CHECK(body_of(R"(
def k(x : f32[8,4], y : f32[8,4]):
    ld.stride = stride(x, 0)
    first : f32[2,4,4] @ rows
    for q in seq(0, 2):
        row_in(4, first[q, 0:4, 0:4], x[4*q:4*q+4, 0:4])
    row_out(4, y[0:4, 0:4], first[1, 0:4, 0:4])
    second : f32[8,4] @ rows
    row_in(8, second[0:8, 0:4], x[0:8, 0:4])
    third : f32[8,4] @ rows bank 1
    row_in(8, third[0:8, 0:4], x[0:8, 0:4])
    row_scale(8, second[0:8, 0:4])
    row_scale(8, third[0:8, 0:4])
)") == R"(    pad_begin();
    pad_config(4);
    /* first: units 0 to 7 of rows */
    for (int64_t q = 0; q < 2; ++q) {
        pad_in((100 + q * 4), &x[4 * q * 4], 4);
    }
    pad_out(y, 4, (100 + 4), 4);
    /* second: units 0 to 7 of rows */
    pad_in((100 + 0), x, 8);
    /* third: units 16 to 23 of rows */
    pad_in((100 + 16), x, 8);
    pad_scale((100 + 0), 8);
    pad_scale((100 + 16), 8);
    pad_wait();
    pad_end();
    return EXO_OK;
}
)");
}

TEST_CASE("C waits before it reads what an instruction may still write, and before a store meets a load") {
  CHECK(body_of(R"(
def k(x : f32[8,4], y : f32[8,4], s : f32[2]):
    ld.stride = stride(x, 0)
    r : f32[4,4] @ rows
    row_in(4, r[0:4, 0:4], x[0:4, 0:4])
    s[0] = x[0,0]
    row_out(4, y[0:4, 0:4], r[0:4, 0:4])
    row_out(4, y[4:8, 0:4], r[0:4, 0:4])
    s[1] = y[0,0]
    row_in(4, r[0:4, 0:4], x[0:4, 0:4])
    row_out(4, x[4:8, 0:4], r[0:4, 0:4])
    for i in seq(0, 2):
        if s[i] > 1.0:
            y[0,i] = 0.0
        row_out(4, y[4:8, 0:4], r[0:4, 0:4])
)") == R"(    pad_begin();
    pad_config(4);
    /* r: units 0 to 3 of rows */
    pad_in((100 + 0), x, 4);
    s[0] = x[0];
    pad_out(y, 4, (100 + 0), 4);
    pad_out(&y[16], 4, (100 + 0), 4);
    pad_wait();
    s[1] = y[0];
    pad_in((100 + 0), x, 4);
    pad_wait();
    pad_out(&x[16], 4, (100 + 0), 4);
    for (int64_t i = 0; i < 2; ++i) {
        if (s[i] > 1.0f) {
            pad_wait();
            y[i] = 0.0f;
        }
        pad_out(&y[16], 4, (100 + 0), 4);
    }
    pad_wait();
    pad_end();
    return EXO_OK;
}
)");
}

TEST_CASE("an emulated kernel tells of a unit that is not there, and of configuration that was never set") {
  const EmitKernel kernel = emulated(kernel_for_pad(R"(
def k(x : f32[48,4], y : f32[8,4]):
    ld.stride = stride(x, 0)
    r : f32[8,4] @ rows bank 1
    for q in seq(0, 2):
        row_in(4, r[4*q:4*q+4, 0:4], x[4*q:4*q+4, 0:4])
    row_scale(8, r[0:8, 0:4])
    row_out(8, y[0:8, 0:4], r[0:8, 0:4])
)"));
  const Workshop shop;
  shop.write("main.c", R"(#include "k.h"
int main(void) {
  float x[48][4], y[8][4];
  for (int i = 0; i < 192; ++i) x[i / 4][i % 4] = (float)i;
  if (k(&x[0][0], &y[0][0]) != EXO_OK) return 1;
  for (int i = 0; i < 32; ++i) if (y[i / 4][i % 4] != 2 * (float)i) return 2;
  return 0;
}
)");
  const auto run = [&](const std::string& from, const std::string& to) {
    auto files = emit(kernel);
    std::string& text = files.at("k.pad.c");
    const size_t at = text.find(from);
    REQUIRE(at != text.npos);
    text.replace(at, from.size(), to);
    shop.write(files);
    shop.compile("gcc", "", "main.c k.pad.c k.dispatch.c " + kRuntime, "k");
    return shop.run("EXO_TARGET=pad ./k").second;
  };
  CHECK(run("q < 2", "q < 2") == "");
  CHECK(run("q < 2", "q < 5").find("exo: row_in touches units 32 to 35 of rows, which has units 0 to 31\n") == 0);
  CHECK(run("set_ld_stride = true;", "").find("exo: row_in depends on ld.stride, which was never set\n") == 0);
}
