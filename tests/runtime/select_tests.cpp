// Choosing a variant, on machines that are not this one.
#include <string>

#include <catch2/catch.hpp>

#include "cpu.h"
#include "select.h"

namespace {

// Two features that every architecture with a table has: the first two.
constexpr uint64_t kOne = 1, kTwo = 2;
const uint64_t nothing = 0, two = kTwo, unknown = EXO_UNKNOWN_FEATURE;

const exo_variant variants[] = {
    {"both", "wide", "", &two, nullptr},
    {"small", "wide", "", &nothing, nullptr},
    {"odd", "odd", "", &unknown, nullptr},
    {"portable", "portable", "", &nothing, nullptr},
};

exo_choice choose(uint64_t have, const char* forced, const char* disabled, bool strict = false) {
  const exo_wish wish{have, forced, disabled, strict};
  return exo_select(variants, 4, &wish);
}

std::string why_not(int variant, uint64_t have, const char* disabled) {
  const exo_wish wish{have, nullptr, disabled, false};
  char text[160];
  exo_why_not(&variants[variant], &wish, text, sizeof text);
  return text;
}

std::string wished(const char* text, const char* kernel) {
  char target[64];
  exo_wished_target(text, kernel, target, sizeof target);
  return target;
}

}  // namespace

TEST_CASE("the first variant that the machine can run is the best") {
  CHECK(choose(kOne | kTwo, nullptr, nullptr).usable == 0b1011);
  CHECK(choose(kOne, nullptr, nullptr).usable == 0b1010);
  CHECK(choose(0, "", "").usable == 0b1010);
}

TEST_CASE("no machine has a feature that is not known") {
  CHECK_FALSE(choose(~uint64_t{0} & ~EXO_UNKNOWN_FEATURE, nullptr, nullptr).usable & 0b0100);
  CHECK(exo_features_named("warp_drive") == EXO_UNKNOWN_FEATURE);
  CHECK(exo_features_named("") == 0);
  CHECK(exo_features_named(nullptr) == 0);
  CHECK_FALSE(exo_cpu_features() & EXO_UNKNOWN_FEATURE);
}

TEST_CASE("a forced target leaves its variants and the last one - strictly only its variants") {
  CHECK(choose(kTwo, "wide", nullptr).usable == 0b1011);
  CHECK(choose(kTwo, "wide", nullptr, true).usable == 0b0011);
  CHECK(choose(kTwo, "small", nullptr).usable == 0b1010);
  CHECK(choose(kTwo, "portable", nullptr).usable == 0b1000);
}

TEST_CASE("a forced target that cannot be - the best instead, strictly nothing") {
  for (const char* name : {"odd", "absent"}) {
    CHECK(choose(kTwo, name, nullptr).usable == 0b1011);
    CHECK(choose(kTwo, name, nullptr).forced_missing);
    CHECK(choose(kTwo, name, nullptr, true).usable == 0);
  }
}

TEST_CASE("variants and targets can be switched off") {
  CHECK(choose(kTwo, nullptr, "wide").usable == 0b1000);
  CHECK(choose(kTwo, nullptr, "both,absent").usable == 0b1010);
  CHECK(choose(kTwo, nullptr, "wide portable").usable == 0);
  CHECK(choose(kTwo, "wide", "wide").forced_missing);
  CHECK(why_not(0, kTwo, "wide") == "switched off by EXO_DISABLE");
  CHECK(why_not(1, 0, nullptr).empty());
  CHECK(why_not(2, 0, nullptr) == "this machine lacks a feature that is not known here");
}

TEST_CASE("the target that the environment wants for a kernel") {
  CHECK(wished(nullptr, "gemm") == "");
  CHECK(wished("avx2", "gemm") == "avx2");
  CHECK(wished("other=avx2", "gemm") == "");
  CHECK(wished("gemm=avx512,avx2", "gemm") == "avx512");
  CHECK(wished("avx2, gemm=avx512", "gemm") == "avx512");
  CHECK(wished("avx2, gemm=avx512", "conv") == "avx2");
  CHECK(wished("gemm=", "gemm") == "");
  CHECK(wished(std::string(500, 'x').c_str(), "gemm") == std::string(63, 'x'));
}

#ifdef EXO_CPU_X86
namespace {

/// A machine by the bits of its registers; leaves that it does not have are zero.
exo_cpuid machine(uint32_t leaf1_ecx, uint32_t leaf7_ebx, uint64_t xcr0) {
  exo_cpuid cpuid{};
  cpuid.registers[EXO_LEAF1_EDX] = 0x0f8bfbff;
  cpuid.registers[EXO_LEAF1_ECX] = leaf1_ecx;
  cpuid.registers[EXO_LEAF7_EBX] = leaf7_ebx;
  cpuid.xcr0 = xcr0;
  return cpuid;
}

constexpr uint32_t kSkylakeLeaf1 = 0x7ffefbff, kSkylakeLeaf7 = 0xd39ffffb,
                   kHaswellLeaf7 = 0x000027ab;

bool has(const exo_cpuid& cpuid, const char* features) {
  return (exo_features_named(features) & ~exo_cpuid_features(&cpuid)) == 0;
}

}  // namespace

TEST_CASE("names of features are those of compilers and of the kernel alike") {
  CHECK(exo_features_named("avx512_vnni avx_vnni") == (EXO_MASK(AVX512VNNI) | EXO_MASK(AVX_VNNI)));
  CHECK(exo_features_named("sse4.1,bmi1") == (EXO_MASK(SSE4_1) | EXO_MASK(BMI1)));
  CHECK(exo_features_named("AVX2") == EXO_MASK(AVX2));
  CHECK(exo_features_named("avx") == EXO_MASK(AVX));
  CHECK(exo_features_disabled("avx2") == EXO_MASK(AVX2));
  CHECK((exo_features_disabled("avx512") & EXO_MASK(AVX512F)) != 0);
  CHECK((exo_features_disabled("avx512") & EXO_MASK(AVX2)) == 0);
}

TEST_CASE("a machine with AVX-512 whose operating system saves everything") {
  const exo_cpuid skylake = machine(kSkylakeLeaf1, kSkylakeLeaf7, 0xe7);
  CHECK(has(skylake, "sse sse2 avx avx2 fma f16c avx512f avx512bw avx512dq avx512vl"));
  CHECK_FALSE(has(skylake, "avx512vnni"));
}

TEST_CASE("features whose registers the operating system does not save are absent") {
  const exo_cpuid no_avx512 = machine(kSkylakeLeaf1, kSkylakeLeaf7, 0x7);
  CHECK(has(no_avx512, "avx2 fma"));
  CHECK_FALSE(has(no_avx512, "avx512f"));
  const exo_cpuid only_sse = machine(kSkylakeLeaf1, kSkylakeLeaf7, 0x3);
  CHECK(has(only_sse, "sse4_2 bmi2"));
  CHECK_FALSE(has(only_sse, "avx"));
  const exo_cpuid no_xsave = machine(kSkylakeLeaf1, kSkylakeLeaf7, 0);
  CHECK_FALSE(has(no_xsave, "fma"));
}

TEST_CASE("AMX needs both of its states") {
  exo_cpuid cpuid = machine(kSkylakeLeaf1, kSkylakeLeaf7, 0xe7);
  cpuid.registers[EXO_LEAF7_EDX] = 1u << 22 | 1u << 24 | 1u << 25;
  CHECK_FALSE(has(cpuid, "amx_tile"));
  cpuid.xcr0 |= 0x20000;
  CHECK_FALSE(has(cpuid, "amx_tile"));
  cpuid.xcr0 |= 0x40000;
  CHECK(has(cpuid, "amx_tile amx_int8 amx_bf16"));
}

TEST_CASE("a machine without AVX-512") {
  const exo_cpuid haswell = machine(kSkylakeLeaf1, kHaswellLeaf7, 0x7);
  CHECK(has(haswell, "avx2 fma bmi bmi2"));
  CHECK_FALSE(has(haswell, "avx512f"));
}

TEST_CASE("a variant needs what its compiler was told to use, beyond what its target lists") {
  const uint64_t native = EXO_MASK(AVX512F);
  const exo_variant portable{"portable", "portable", "", &native, nullptr};
  const exo_wish haswell{EXO_MASK(AVX2), nullptr, nullptr, false};
  CHECK(exo_select(&portable, 1, &haswell).usable == 0);
  char text[160];
  CHECK(exo_why_not(&portable, &haswell, text, sizeof text));
  CHECK(std::string(text) == "this machine lacks avx512f");
}

TEST_CASE("this machine has what this file was compiled for") {
  CHECK((EXO_COMPILED_FEATURES & ~exo_cpu_features()) == 0);
}
#endif
