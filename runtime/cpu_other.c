/* Architectures whose features no table lists: only what needs none of them runs. */
#include "cpu.h"

#if !defined EXO_CPU_X86 && !defined EXO_CPU_AARCH64 && !defined EXO_CPU_RISCV

uint64_t exo_cpu_features(void)
{
    return 0;
}

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
