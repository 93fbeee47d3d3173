/* Asking the machine: the CPU, and what the operating system saves of it. One file for each architecture defines these. */
#ifndef EXO_CPU_H
#define EXO_CPU_H

#include <stdbool.h>

#include "exo/features.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Features that may be used in this process. What detection does not know is absent. Slow; ask once. */
uint64_t exo_cpu_features(void);

/* Asks the operating system for state that it grants on request only (AMX). False: it refuses, so those of `features`
   that need it must not be used. */
bool exo_cpu_request(uint64_t features);

/* Those features for which exo_cpu_request must be asked. */
uint64_t exo_cpu_on_request(void);

#if defined EXO_CPU_X86
/* What cpuid and xgetbv say, by register. */
typedef enum exo_cpuid_register {
    EXO_LEAF1_ECX,
    EXO_LEAF1_EDX,
    EXO_LEAF7_EBX,
    EXO_LEAF7_ECX,
    EXO_LEAF7_EDX,
    EXO_LEAF7_1_EAX,
    EXO_LEAF7_1_EDX,
    EXO_EXTENDED1_ECX,
    EXO_CPUID_REGISTERS
} exo_cpuid_register;

typedef struct exo_cpuid {
    uint32_t registers[EXO_CPUID_REGISTERS];
    uint64_t xcr0; /* states that the operating system saves; 0 where xgetbv may not be asked */
} exo_cpuid;

/* The features that these registers announce and that the operating system saves the state of. */
uint64_t exo_cpuid_features(const exo_cpuid *cpuid);
#endif

#ifdef __cplusplus
}
#endif
#endif
