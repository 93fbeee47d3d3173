/* Features of aarch64: the auxiliary vector of Linux, and the length of SVE registers from prctl. */
#include "cpu.h"

#if defined EXO_CPU_AARCH64

#if defined __linux__
#include <sys/auxv.h>
#include <sys/prctl.h>

enum { SVE_GET_VL = 51, SVE_VL_BYTES = 0xffff };

uint64_t exo_cpu_features(void)
{
    enum { HWCAP, HWCAP2, SVE_BITS };
    const uint64_t words[] = {getauxval(AT_HWCAP), getauxval(AT_HWCAP2)};
    const bool sve = words[HWCAP] >> 22 & 1u;
    const int length = sve ? prctl(SVE_GET_VL, 0, 0, 0, 0) : -1;
    const int bits = length < 0 ? 0 : 8 * (length & SVE_VL_BYTES);
    uint64_t have = 0;
#define LOOK(id, name, macro, where, value)                                            \
    if (where == SVE_BITS ? bits == (value) : (words[where & 1] >> (value & 63) & 1u)) \
        have |= EXO_MASK(id);
    EXO_AARCH64_FEATURES(LOOK)
    return have;
}
#else
/* Elsewhere every machine that runs this program has what its compiler uses by default. */
uint64_t exo_cpu_features(void)
{
    return EXO_COMPILED_FEATURES & ~EXO_UNKNOWN_FEATURE;
}
#endif

uint64_t exo_cpu_on_request(void)
{
    return 0;
}

bool exo_cpu_request(uint64_t features)
{
    (void)features;
    return true;
}

#endif
