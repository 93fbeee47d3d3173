/* Features of CPUs: one table for each architecture. The names are those that target files use; `_`, `-` and `.` in them
   do not matter. Everything else (bits, detection, what the compiler was told to use) is derived from the table. */
#ifndef EXO_FEATURES_H
#define EXO_FEATURES_H

#include <stdint.h>

/* 1 where the macro is defined as 1, which is how compilers announce a feature; else 0. A constant expression. */
#define EXO_ON(macro) EXO_ON_EXPANDED(macro)
#define EXO_ON_EXPANDED(value) EXO_SECOND(EXO_ON_IS_##value 1, 0, 0)
#define EXO_ON_IS_1 0,
#define EXO_SECOND(...) EXO_SECOND_EXPANDED(__VA_ARGS__)
#define EXO_SECOND_EXPANDED(first, second, ...) second

/* x86: name, macro of the compiler (0 for what compilers never use unasked), register and bit of cpuid, and what the
   operating system must save. */
#define EXO_X86_FEATURES(X)                                                           \
    X(SSE, "sse", __SSE__, LEAF1_EDX, 25, NONE)                                       \
    X(SSE2, "sse2", __SSE2__, LEAF1_EDX, 26, NONE)                                    \
    X(SSE3, "sse3", __SSE3__, LEAF1_ECX, 0, NONE)                                     \
    X(PCLMUL, "pclmul", 0, LEAF1_ECX, 1, NONE)                                        \
    X(SSSE3, "ssse3", __SSSE3__, LEAF1_ECX, 9, NONE)                                  \
    X(FMA, "fma", __FMA__, LEAF1_ECX, 12, AVX)                                        \
    X(SSE4_1, "sse4_1", __SSE4_1__, LEAF1_ECX, 19, NONE)                              \
    X(SSE4_2, "sse4_2", __SSE4_2__, LEAF1_ECX, 20, NONE)                              \
    X(MOVBE, "movbe", __MOVBE__, LEAF1_ECX, 22, NONE)                                 \
    X(POPCNT, "popcnt", __POPCNT__, LEAF1_ECX, 23, NONE)                              \
    X(AES, "aes", 0, LEAF1_ECX, 25, NONE)                                             \
    X(AVX, "avx", __AVX__, LEAF1_ECX, 28, AVX)                                        \
    X(F16C, "f16c", __F16C__, LEAF1_ECX, 29, AVX)                                     \
    X(BMI1, "bmi", __BMI__, LEAF7_EBX, 3, NONE)                                       \
    X(AVX2, "avx2", __AVX2__, LEAF7_EBX, 5, AVX)                                      \
    X(BMI2, "bmi2", __BMI2__, LEAF7_EBX, 8, NONE)                                     \
    X(AVX512F, "avx512f", __AVX512F__, LEAF7_EBX, 16, AVX512)                         \
    X(AVX512DQ, "avx512dq", __AVX512DQ__, LEAF7_EBX, 17, AVX512)                      \
    X(ADX, "adx", __ADX__, LEAF7_EBX, 19, NONE)                                       \
    X(AVX512IFMA, "avx512ifma", __AVX512IFMA__, LEAF7_EBX, 21, AVX512)                \
    X(AVX512PF, "avx512pf", __AVX512PF__, LEAF7_EBX, 26, AVX512)                      \
    X(AVX512ER, "avx512er", __AVX512ER__, LEAF7_EBX, 27, AVX512)                      \
    X(AVX512CD, "avx512cd", __AVX512CD__, LEAF7_EBX, 28, AVX512)                      \
    X(SHA, "sha", 0, LEAF7_EBX, 29, NONE)                                             \
    X(AVX512BW, "avx512bw", __AVX512BW__, LEAF7_EBX, 30, AVX512)                      \
    X(AVX512VL, "avx512vl", __AVX512VL__, LEAF7_EBX, 31, AVX512)                      \
    X(AVX512VBMI, "avx512vbmi", __AVX512VBMI__, LEAF7_ECX, 1, AVX512)                 \
    X(AVX512VBMI2, "avx512vbmi2", __AVX512VBMI2__, LEAF7_ECX, 6, AVX512)              \
    X(GFNI, "gfni", __GFNI__, LEAF7_ECX, 8, NONE)                                     \
    X(VAES, "vaes", 0, LEAF7_ECX, 9, AVX)                                             \
    X(VPCLMULQDQ, "vpclmulqdq", 0, LEAF7_ECX, 10, AVX)                                \
    X(AVX512VNNI, "avx512vnni", __AVX512VNNI__, LEAF7_ECX, 11, AVX512)                \
    X(AVX512BITALG, "avx512bitalg", __AVX512BITALG__, LEAF7_ECX, 12, AVX512)          \
    X(AVX512VPOPCNTDQ, "avx512vpopcntdq", __AVX512VPOPCNTDQ__, LEAF7_ECX, 14, AVX512) \
    X(AVX512VP2INTERSECT, "avx512vp2intersect", 0, LEAF7_EDX, 8, AVX512)              \
    X(AMX_BF16, "amx_bf16", 0, LEAF7_EDX, 22, AMX)                                    \
    X(AVX512FP16, "avx512fp16", __AVX512FP16__, LEAF7_EDX, 23, AVX512)                \
    X(AMX_TILE, "amx_tile", 0, LEAF7_EDX, 24, AMX)                                    \
    X(AMX_INT8, "amx_int8", 0, LEAF7_EDX, 25, AMX)                                    \
    X(AVX_VNNI, "avxvnni", __AVXVNNI__, LEAF7_1_EAX, 4, AVX)                          \
    X(AVX512BF16, "avx512bf16", __AVX512BF16__, LEAF7_1_EAX, 5, AVX512)               \
    X(AMX_FP16, "amx_fp16", 0, LEAF7_1_EAX, 21, AMX)                                  \
    X(AVX_IFMA, "avxifma", __AVXIFMA__, LEAF7_1_EAX, 23, AVX)                         \
    X(AVX_VNNI_INT8, "avxvnniint8", __AVXVNNIINT8__, LEAF7_1_EDX, 4, AVX)             \
    X(AVX_NE_CONVERT, "avxneconvert", __AVXNECONVERT__, LEAF7_1_EDX, 5, AVX)          \
    X(AMX_COMPLEX, "amx_complex", 0, LEAF7_1_EDX, 8, AMX)                             \
    X(AVX_VNNI_INT16, "avxvnniint16", __AVXVNNIINT16__, LEAF7_1_EDX, 10, AVX)         \
    X(LZCNT, "lzcnt", __LZCNT__, EXTENDED1_ECX, 5, NONE)                              \
    X(SSE4A, "sse4a", __SSE4A__, EXTENDED1_ECX, 6, NONE)                              \
    X(XOP, "xop", __XOP__, EXTENDED1_ECX, 11, AVX)                                    \
    X(FMA4, "fma4", __FMA4__, EXTENDED1_ECX, 16, AVX)                                 \
    X(TBM, "tbm", __TBM__, EXTENDED1_ECX, 21, NONE)

/* aarch64: name, macro of the compiler, word (AT_HWCAP or AT_HWCAP2) and bit of the auxiliary vector. */
#define EXO_AARCH64_FEATURES(X)                                       \
    X(NEON, "neon", __ARM_NEON, HWCAP, 1)                             \
    X(CRC, "crc", __ARM_FEATURE_CRC32, HWCAP, 7)                      \
    X(LSE, "lse", __ARM_FEATURE_ATOMICS, HWCAP, 8)                    \
    X(FP16, "fp16", __ARM_FEATURE_FP16_VECTOR_ARITHMETIC, HWCAP, 10)  \
    X(RDM, "rdm", __ARM_FEATURE_QRDMX, HWCAP, 12)                     \
    X(FCMA, "fcma", __ARM_FEATURE_COMPLEX, HWCAP, 14)                 \
    X(DOTPROD, "dotprod", __ARM_FEATURE_DOTPROD, HWCAP, 20)           \
    X(SVE, "sve", __ARM_FEATURE_SVE, HWCAP, 22)                       \
    X(FP16FML, "fp16fml", __ARM_FEATURE_FP16_FML, HWCAP, 23)          \
    X(SVE2, "sve2", __ARM_FEATURE_SVE2, HWCAP2, 1)                    \
    X(SVE_I8MM, "sve_i8mm", __ARM_FEATURE_SVE_MATMUL_INT8, HWCAP2, 9) \
    X(SVE_F32MM, "f32mm", __ARM_FEATURE_SVE_MATMUL_FP32, HWCAP2, 10)  \
    X(SVE_F64MM, "f64mm", __ARM_FEATURE_SVE_MATMUL_FP64, HWCAP2, 11)  \
    X(SVE_BF16, "sve_bf16", __ARM_FEATURE_SVE_BF16, HWCAP2, 12)       \
    X(I8MM, "i8mm", __ARM_FEATURE_MATMUL_INT8, HWCAP2, 13)            \
    X(BF16, "bf16", __ARM_FEATURE_BF16, HWCAP2, 14)                   \
    X(SME, "sme", __ARM_FEATURE_SME, HWCAP2, 23)                      \
    X(SME2, "sme2", __ARM_FEATURE_SME2, HWCAP2, 37)                   \
    X(SVE128, "sve128", 0, SVE_BITS, 128)                             \
    X(SVE256, "sve256", 0, SVE_BITS, 256)                             \
    X(SVE512, "sve512", 0, SVE_BITS, 512)                             \
    X(SVE1024, "sve1024", 0, SVE_BITS, 1024)                          \
    X(SVE2048, "sve2048", 0, SVE_BITS, 2048)

/* riscv: name, whether the compiler uses it, how it is found and the bit of hwprobe's IMA_EXT_0, or the least or the most bits
   of a vector register. */
#define EXO_RISCV_FEATURES(X)                         \
    X(V, "v", EXO_RISCV_USES_V, HWPROBE, 2)           \
    X(ZBA, "zba", EXO_RISCV_USES_ZBA, HWPROBE, 3)     \
    X(ZBB, "zbb", EXO_RISCV_USES_ZBB, HWPROBE, 4)     \
    X(ZBS, "zbs", EXO_RISCV_USES_ZBS, HWPROBE, 5)     \
    X(ZFH, "zfh", EXO_RISCV_USES_ZFH, HWPROBE, 27)    \
    X(ZVFH, "zvfh", EXO_RISCV_USES_ZVFH, HWPROBE, 30) \
    X(ZVL128B, "zvl128b", 0, VECTOR_BITS, 128)        \
    X(ZVL256B, "zvl256b", 0, VECTOR_BITS, 256)        \
    X(ZVL512B, "zvl512b", 0, VECTOR_BITS, 512)        \
    X(ZVL1024B, "zvl1024b", 0, VECTOR_BITS, 1024)     \
    X(VLEN_TO_1024, "vlen_to_1024", 0, VECTOR_MOST, 1024)

/* Version numbers, where the other compilers say 1. */
#ifdef __riscv_v
#define EXO_RISCV_USES_V 1
#endif
#ifdef __riscv_zba
#define EXO_RISCV_USES_ZBA 1
#endif
#ifdef __riscv_zbb
#define EXO_RISCV_USES_ZBB 1
#endif
#ifdef __riscv_zbs
#define EXO_RISCV_USES_ZBS 1
#endif
#ifdef __riscv_zfh
#define EXO_RISCV_USES_ZFH 1
#endif
#ifdef __riscv_zvfh
#define EXO_RISCV_USES_ZVFH 1
#endif

#if defined __x86_64__ || defined __i386__ || defined _M_X64 || defined _M_IX86
#define EXO_CPU_X86 1
#define EXO_FEATURES(X) EXO_X86_FEATURES(X)
#elif defined __aarch64__ || defined _M_ARM64
#define EXO_CPU_AARCH64 1
#define EXO_FEATURES(X) EXO_AARCH64_FEATURES(X)
#elif defined __riscv
#define EXO_CPU_RISCV 1
#define EXO_FEATURES(X) EXO_RISCV_FEATURES(X)
#else
#define EXO_FEATURES(X)
#endif

/* The positions of this architecture's features in a mask. */
#define EXO_FEATURE_POSITION(id, ...) EXO_FEATURE_##id,
enum exo_feature_position { EXO_FEATURES(EXO_FEATURE_POSITION) EXO_FEATURE_COUNT, EXO_FEATURE_LAST = 62 };

#define EXO_MASK(id) (UINT64_C(1) << EXO_FEATURE_##id)

/* Stands for every feature that no detection knows: no machine has it. */
#define EXO_UNKNOWN_FEATURE (UINT64_C(1) << 63)

/* What the compiler uses beyond the tables: features that detection does not know, fixed lengths of vectors. */
#if defined EXO_CPU_X86 && (defined __APX_F__ || defined __AVX10_2__)
#define EXO_COMPILED_EXTRA EXO_UNKNOWN_FEATURE
#elif defined EXO_CPU_X86 && defined _MSC_VER && !defined __clang__ && defined __AVX2__
#define EXO_COMPILED_EXTRA \
    (EXO_MASK(FMA) | EXO_MASK(F16C) | EXO_MASK(BMI1) | EXO_MASK(BMI2) | EXO_MASK(LZCNT) | EXO_MASK(MOVBE))
#elif defined EXO_CPU_AARCH64 && defined __ARM_FEATURE_SVE_BITS
#define EXO_COMPILED_EXTRA                                \
    (__ARM_FEATURE_SVE_BITS == 0      ? UINT64_C(0)       \
     : __ARM_FEATURE_SVE_BITS == 128  ? EXO_MASK(SVE128)  \
     : __ARM_FEATURE_SVE_BITS == 256  ? EXO_MASK(SVE256)  \
     : __ARM_FEATURE_SVE_BITS == 512  ? EXO_MASK(SVE512)  \
     : __ARM_FEATURE_SVE_BITS == 1024 ? EXO_MASK(SVE1024) \
     : __ARM_FEATURE_SVE_BITS == 2048 ? EXO_MASK(SVE2048) \
                                      : EXO_UNKNOWN_FEATURE)
#elif defined EXO_CPU_RISCV && defined __riscv_v_fixed_vlen
#define EXO_COMPILED_EXTRA EXO_UNKNOWN_FEATURE
#elif defined EXO_CPU_RISCV && defined __riscv_v_min_vlen
#define EXO_COMPILED_EXTRA                             \
    (__riscv_v_min_vlen <= 128    ? EXO_MASK(ZVL128B)  \
     : __riscv_v_min_vlen <= 256  ? EXO_MASK(ZVL256B)  \
     : __riscv_v_min_vlen <= 512  ? EXO_MASK(ZVL512B)  \
     : __riscv_v_min_vlen <= 1024 ? EXO_MASK(ZVL1024B) \
                                  : EXO_UNKNOWN_FEATURE)
#else
#define EXO_COMPILED_EXTRA UINT64_C(0)
#endif

/* What the compiler was told to use in the file that says this, as a mask: flags of the target, but also -march=native. */
#define EXO_COMPILED_BIT(id, name, macro, ...) ((uint64_t)EXO_ON(macro) << EXO_FEATURE_##id) |
#define EXO_COMPILED_FEATURES (EXO_FEATURES(EXO_COMPILED_BIT) EXO_COMPILED_EXTRA)

#endif
