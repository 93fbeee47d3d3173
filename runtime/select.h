/* Choosing variants, as functions of what they are given: no state, no probing, so that any CPU can be tested on any CPU. */
#ifndef EXO_SELECT_H
#define EXO_SELECT_H

#include "exo/kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the machine has and what the user asked for. */
typedef struct exo_wish {
    uint64_t have;        /* features of the machine, those that are switched off included */
    const char *forced;   /* a target or a variant; NULL or "": the best */
    const char *disabled; /* words as in EXO_DISABLE; NULL: none */
    bool strict;          /* what was forced and cannot be is an error */
} exo_wish;

/* What may run: bit i stands for variant i, the lowest is the best. */
typedef struct exo_choice {
    uint64_t usable;
    bool forced_missing; /* nothing that may run is called as forced */
} exo_choice;

exo_choice exo_select(const exo_variant *variants, size_t count, const exo_wish *wish);

/* Why `variant` may not run, whatever is forced. Returns false, and "" in `text`, where it may. */
bool exo_why_not(const exo_variant *variant, const exo_wish *wish, char *text, size_t size);

/* All features that the variant needs. */
uint64_t exo_needs(const exo_variant *variant);

/* Features by their names, as a mask; a name that no table has gives EXO_UNKNOWN_FEATURE. */
uint64_t exo_features_named(const char *names);

/* Features switched off by words of EXO_DISABLE: a word is a feature, or else the beginning of features (`avx512`). */
uint64_t exo_features_disabled(const char *words);

/* Is the variant, or its target, called so? */
bool exo_is_called(const exo_variant *variant, const char *name);

/* The target that `text` (as in EXO_TARGET: "avx2", "sgemm=avx2", or several with commas between) wants for a kernel. A
   word for the kernel goes before one for all. Empty where there is none. */
void exo_wished_target(const char *text, const char *kernel, char *target, size_t size);

#ifdef __cplusplus
}
#endif
#endif
