/* Features of riscv: hwprobe where the kernel has it, else the one extension that the auxiliary vector shows. */
#define _GNU_SOURCE
#include "cpu.h"

#if defined EXO_CPU_RISCV

#if defined __linux__
#include <sys/auxv.h>
#include <unistd.h>

enum { SYSCALL_HWPROBE = 258, KEY_IMA_EXT_0 = 4, VECTOR_BIT = 2 };

static uint64_t extensions(void)
{
    struct {
        int64_t key;
        uint64_t value;
    } pair = {KEY_IMA_EXT_0, 0};
    if (syscall(SYSCALL_HWPROBE, &pair, 1L, 0L, NULL, 0L) == 0 && pair.key == KEY_IMA_EXT_0)
        return pair.value;
    const uint64_t letters = getauxval(AT_HWCAP);
    return (letters >> ('v' - 'a') & 1u) << VECTOR_BIT;
}

/* Bits of a vector register; only where there are any. */
static uint64_t vector_bits(void)
{
    uint64_t bytes;
    __asm__ volatile("csrr %0, 0xc22" : "=r"(bytes)); /* vlenb, by number: this file is compiled without V */
    return 8 * bytes;
}

uint64_t exo_cpu_features(void)
{
    enum { HWPROBE, VECTOR_BITS, VECTOR_MOST };
    const uint64_t found = extensions();
    const uint64_t bits = found >> VECTOR_BIT & 1u ? vector_bits() : 0;
    uint64_t have = 0;
#define LOOK(id, name, macro, where, value)                       \
    if (where == VECTOR_BITS   ? bits >= (value)                  \
        : where == VECTOR_MOST ? bits > 0 && bits <= (value)      \
                               : (found >> ((value)&63) & 1u))    \
        have |= EXO_MASK(id);
    EXO_RISCV_FEATURES(LOOK)
    return have;
}
#else
uint64_t exo_cpu_features(void)
{
    return 0;
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
