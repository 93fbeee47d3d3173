/* Floats of 16 bits: IEEE binary16 (f16) and bfloat16 (bf16), stored as their bits. C has no portable type for them, so
   they are read as float and rounded when they are stored: to the nearest, ties to even. A sum, difference, product,
   quotient or square root of two of them, computed as float and then rounded, is the one rounded once: float has at
   least 2p + 2 bits for their p (24 for 11 and for 8), so the first rounding never lands on a tie of the second. */
#ifndef EXO_FLOAT16_H
#define EXO_FLOAT16_H

#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint16_t exo_f16;
typedef uint16_t exo_bf16;

static inline float exo_float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
static inline uint64_t exo_bits_of_double(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* The value, exactly. */
static inline float exo_f16_to_f32(exo_f16 x)
{
    const uint32_t sign = (uint32_t)(x & 0x8000u) << 16, exponent = x >> 10 & 31u, fraction = x & 1023u;
    if (exponent == 0) {
        const float size = (float)fraction * 5.9604644775390625e-8f; /* units of 2^-24 */
        return sign ? -size : size;
    }
    return exo_float_of_bits(sign | (exponent == 31 ? 255u : exponent + 112) << 23 | fraction << 13);
}
static inline float exo_bf16_to_f32(exo_bf16 x)
{
    return exo_float_of_bits((uint32_t)x << 16);
}

/* The nearest, ties to even. Doubles hold every float and every integer of 32 bits, so those are rounded once as well. */
static inline exo_f16 exo_f16_of(double x)
{
    const uint64_t bits = exo_bits_of_double(x), size = bits & UINT64_C(0x7fffffffffffffff);
    const uint32_t sign = (uint32_t)(bits >> 48 & 0x8000u);
    if (size > UINT64_C(0x7ff0000000000000))
        return (exo_f16)(sign | 0x7e00u);
    if (size >= UINT64_C(0x40effe0000000000)) /* 65520, half a unit above the largest */
        return (exo_f16)(sign | 0x7c00u);
    if (size < UINT64_C(0x3f10000000000000)) { /* below 2^-14: whole units of 2^-24, which are the last bits at 2^28 */
        const double shifted = (x < 0 ? -x : x) + 268435456.0;
        return (exo_f16)(sign | (uint32_t)(exo_bits_of_double(shifted) - UINT64_C(0x41b0000000000000)));
    }
    const uint64_t rounded = size + ((UINT64_C(1) << 41) - 1) + (size >> 42 & 1u);
    return (exo_f16)(sign | (uint32_t)((rounded >> 42) - (UINT64_C(1008) << 10)));
}
static inline exo_bf16 exo_bf16_of(double x)
{
    const uint64_t bits = exo_bits_of_double(x), size = bits & UINT64_C(0x7fffffffffffffff);
    const uint32_t sign = (uint32_t)(bits >> 48 & 0x8000u);
    if (size > UINT64_C(0x7ff0000000000000))
        return (exo_bf16)(sign | 0x7fc0u);
    if (size >= UINT64_C(0x47eff00000000000)) /* half a unit above the largest */
        return (exo_bf16)(sign | 0x7f80u);
    if (size < UINT64_C(0x3810000000000000)) { /* below 2^-126: whole units of 2^-133, the last bits at 2^-81 */
        const double shifted = (x < 0 ? -x : x) + 4.1359030627651384e-25;
        return (exo_bf16)(sign | (uint32_t)(exo_bits_of_double(shifted) - UINT64_C(0x3ae0000000000000)));
    }
    const uint64_t rounded = size + ((UINT64_C(1) << 44) - 1) + (size >> 45 & 1u);
    return (exo_bf16)(sign | (uint32_t)((rounded >> 45) - (UINT64_C(896) << 7)));
}
static inline exo_f16 exo_f16_of_i64(int64_t x)
{
    return exo_f16_of((double)x); /* from 65520 on all are infinite, so that a double is exact enough */
}
/* Of 64 bits: what a double cannot hold is made sticky, so that it counts in the one rounding. */
static inline exo_bf16 exo_bf16_of_i64(int64_t x)
{
    uint64_t size = x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
    if (size >> 53 && (size & 2047u))
        size = (size & ~UINT64_C(2047)) | 2048u;
    return exo_bf16_of(x < 0 ? -(double)size : (double)size);
}

/* The nearest value of the type, as float. */
static inline float exo_f16_round(float x)
{
    return exo_f16_to_f32(exo_f16_of((double)x));
}
static inline float exo_bf16_round(float x)
{
    return exo_bf16_to_f32(exo_bf16_of((double)x));
}

#ifdef __cplusplus
}
#endif
#endif
