/* What the entry of a kernel says of arguments that it cannot work with: nothing is written then. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "gemm.h"

static int failures;

static void expect(exo_status got, exo_status wanted, const char *what)
{
    if (got == wanted)
        return;
    ++failures;
    fprintf(stderr, "%s: %s, but expected %s (%s)\n", what, exo_status_text(got), exo_status_text(wanted), exo_last_error());
}

int main(void)
{
    float a[64], b[64], c[64], before[64];
    for (int i = 0; i < 64; ++i)
        a[i] = (float)i, b[i] = 1, c[i] = (float)-i;
    memcpy(before, c, sizeof c);
    expect(gemm(-1, 4, 4, a, b, c), EXO_BAD_SIZE, "a negative size");
    expect(gemm(4, 4, INT64_MIN, a, b, c), EXO_BAD_SIZE, "the least size");
    expect(gemm(INT64_MAX, 4, 4, a, b, c), EXO_BAD_SIZE, "the largest size");
    expect(gemm((int64_t)1 << 31, (int64_t)1 << 31, (int64_t)1 << 31, a, b, c), EXO_OVERFLOW, "products that do not fit");
    expect(gemm(4, 4, 4, a, NULL, c), EXO_NULL_POINTER, "a null pointer");
    expect(gemm(4, 4, 4, a, b, a), EXO_ALIAS, "A is C");
    expect(gemm(4, 4, 4, a, c + 15, c), EXO_ALIAS, "B begins in the last element of C");
    if (memcmp(before, c, sizeof c) != 0)
        ++failures, fprintf(stderr, "a call that was refused wrote something\n");
    expect(gemm(4, 4, 4, a, c + 16, c), EXO_OK, "B behind C");
    expect(gemm(4, 4, 4, a, a, c), EXO_OK, "A is B: neither is written");
    expect(gemm(0, 0, 0, NULL, NULL, NULL), EXO_OK, "nothing at all");
    expect(gemm(0, 4, 4, NULL, b, NULL), EXO_OK, "no rows");
    return failures != 0;
}
