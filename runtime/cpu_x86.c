/* Features of x86: cpuid for the processor, xgetbv for the registers that the operating system saves. */
#define _GNU_SOURCE
#include "cpu.h"

#if defined EXO_CPU_X86

#if defined _MSC_VER && !defined __clang__
#include <intrin.h>
#else
#include <cpuid.h>
#endif
#if defined __linux__ && defined __x86_64__
#include <sys/syscall.h>
#include <unistd.h>
#endif

/* Bits of XCR0 that belong to a class of features. */
enum { STATE_NONE = 0, STATE_AVX = 0x6, STATE_AVX512 = 0xe6, STATE_AMX = 0x60000 };

typedef struct x86_feature {
    uint64_t mask;
    exo_cpuid_register in;
    unsigned bit;
    uint64_t state;
} x86_feature;

#define TABLE_ENTRY(id, name, macro, in, bit, state) {EXO_MASK(id), EXO_##in, bit, STATE_##state},
static const x86_feature table[] = {EXO_X86_FEATURES(TABLE_ENTRY)};

uint64_t exo_cpuid_features(const exo_cpuid *cpuid)
{
    uint64_t have = 0;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; ++i) {
        const x86_feature *f = &table[i];
        if ((cpuid->registers[f->in] >> f->bit & 1u) && (cpuid->xcr0 & f->state) == f->state)
            have |= f->mask;
    }
    return have;
}

typedef struct leaf {
    uint32_t eax, ebx, ecx, edx;
} leaf;

/* A leaf that the processor does not have is all zeros. */
static leaf ask(uint32_t number, uint32_t sub)
{
    leaf l = {0, 0, 0, 0};
#if defined _MSC_VER && !defined __clang__
    int values[4];
    __cpuid(values, (int)(number & 0x80000000u));
    if ((uint32_t)values[0] < number)
        return l;
    __cpuidex(values, (int)number, (int)sub);
    l = (leaf){(uint32_t)values[0], (uint32_t)values[1], (uint32_t)values[2], (uint32_t)values[3]};
#else
    if (!__get_cpuid_count(number, sub, &l.eax, &l.ebx, &l.ecx, &l.edx))
        return (leaf){0, 0, 0, 0};
#endif
    return l;
}

static uint64_t read_xcr0(void)
{
#if defined _MSC_VER && !defined __clang__
    return _xgetbv(0);
#else
    uint32_t low, high;
    __asm__ volatile(".byte 0x0f, 0x01, 0xd0" : "=a"(low), "=d"(high) : "c"(0)); /* xgetbv, without -mxsave */
    return (uint64_t)high << 32 | low;
#endif
}

uint64_t exo_cpu_features(void)
{
    exo_cpuid cpuid = {{0}, 0};
    const leaf one = ask(1, 0), seven = ask(7, 0), extended = ask(0x80000001u, 0);
    const leaf seven_one = seven.eax >= 1 ? ask(7, 1) : (leaf){0, 0, 0, 0};
    cpuid.registers[EXO_LEAF1_ECX] = one.ecx;
    cpuid.registers[EXO_LEAF1_EDX] = one.edx;
    cpuid.registers[EXO_LEAF7_EBX] = seven.ebx;
    cpuid.registers[EXO_LEAF7_ECX] = seven.ecx;
    cpuid.registers[EXO_LEAF7_EDX] = seven.edx;
    cpuid.registers[EXO_LEAF7_1_EAX] = seven_one.eax;
    cpuid.registers[EXO_LEAF7_1_EDX] = seven_one.edx;
    cpuid.registers[EXO_EXTENDED1_ECX] = extended.ecx;
    if (one.ecx >> 27 & 1u) /* OSXSAVE */
        cpuid.xcr0 = read_xcr0();
    return exo_cpuid_features(&cpuid);
}

uint64_t exo_cpu_on_request(void)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; ++i)
        if (table[i].state == STATE_AMX)
            mask |= table[i].mask;
    return mask;
}

bool exo_cpu_request(uint64_t features)
{
    if (!(features & exo_cpu_on_request()))
        return true;
#if defined __linux__ && defined __x86_64__
    enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
    return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
#else
    return false;
#endif
}

#endif
