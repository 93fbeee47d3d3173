/* Elements of all types: reading, writing, drawing. */
#define _GNU_SOURCE
#include "inside.h"

#include <string.h>

size_t exo_test_bytes(exo_test_type type)
{
    static const size_t bytes[] = {2, 2, 4, 8, 1, 2, 4, 8, 1, 2, 4};
    return bytes[type];
}

bool exo_test_is_float(exo_test_type type)
{
    return type <= EXO_TEST_F64;
}

/* The distance from 1 to the next number. */
double exo_test_epsilon(exo_test_type type)
{
    static const double of[] = {0x1p-10, 0x1p-7, 0x1p-23, 0x1p-52};
    return of[type];
}

double exo_test_real(exo_test_type type, const void *at)
{
    switch (type) {
    case EXO_TEST_F16:
        return (double)exo_f16_to_f32(*(const exo_f16 *)at);
    case EXO_TEST_BF16:
        return (double)exo_bf16_to_f32(*(const exo_bf16 *)at);
    case EXO_TEST_F32:
        return (double)*(const float *)at;
    default:
        return *(const double *)at;
    }
}

static void put_real(exo_test_type type, void *at, double value)
{
    if (type == EXO_TEST_F16)
        *(exo_f16 *)at = exo_f16_of(value);
    else if (type == EXO_TEST_BF16)
        *(exo_bf16 *)at = exo_bf16_of(value);
    else if (type == EXO_TEST_F32)
        *(float *)at = (float)value;
    else
        *(double *)at = value;
}

/* An integer is put by its lowest bytes, whatever the order of bytes is. */
void exo_test_put_integer(exo_test_type type, void *at, int64_t value)
{
    const uint8_t b1 = (uint8_t)value;
    const uint16_t b2 = (uint16_t)value;
    const uint32_t b4 = (uint32_t)value;
    const size_t bytes = exo_test_bytes(type);
    memcpy(at,
           bytes == 1   ? (const void *)&b1
           : bytes == 2 ? (const void *)&b2
           : bytes == 4 ? (const void *)&b4
                        : (const void *)&value,
           bytes);
}

int64_t exo_test_integer(exo_test_type type, const void *at)
{
    switch (type) {
    case EXO_TEST_I8:
        return *(const int8_t *)at;
    case EXO_TEST_I16:
        return *(const int16_t *)at;
    case EXO_TEST_I32:
        return *(const int32_t *)at;
    case EXO_TEST_U8:
        return *(const uint8_t *)at;
    case EXO_TEST_U16:
        return *(const uint16_t *)at;
    case EXO_TEST_U32:
        return *(const uint32_t *)at;
    default:
        return *(const int64_t *)at;
    }
}

uint64_t exo_test_state;
static uint64_t any(void)
{
    exo_test_state = exo_test_state * 6364136223846793005u + 1442695040888963407u;
    return exo_test_state ^ exo_test_state >> 31;
}

static double unit(void)
{
    return (double)(any() >> 20 & 0xffffffu) / 16777216.0;
}

static double smallest(exo_test_type type) /* above 0 */
{
    return type == EXO_TEST_F16    ? 0x1p-24
           : type == EXO_TEST_F64  ? 0x1p-1074
           : type == EXO_TEST_BF16 ? 0x1p-133
                                   : 0x1p-149;
}

void exo_test_put_any(exo_test_type type, void *at, int values, bool no_nans)
{
    if (exo_test_is_float(type)) {
        const uint64_t r = any() >> 33;
        double x = (double)(int64_t)(r % 9) - 4;
        if (values != WHOLE)
            x = 0.5 + 1.5 * unit();
        if (values == EDGES && r % 11 == 0) {
            const double edges[] = {(double)NAN, (double)INFINITY, -(double)INFINITY,   -0.0,
                                    0.0,         smallest(type),   -3 * smallest(type), 1000};
            x = edges[r / 11 % 8];
            if (no_nans && isnan(x))
                x = 0;
        }
        put_real(type, at, x);
        return;
    }
    const uint64_t r = any(), edge = UINT64_C(1) << (8u << (r >> 40 & 3u)) % 64;
    if (values == WHOLE)
        exo_test_put_integer(type, at, (int64_t)((r >> 33) % 17) - (type >= EXO_TEST_U8 ? 0 : 8));
    else
        exo_test_put_integer(type, at, (int64_t)(r >> 33 & 1 ? (edge >> (r >> 50 & 1)) - (r >> 45 & 1) : r));
}
