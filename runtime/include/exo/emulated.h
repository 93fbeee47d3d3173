/* What emulated kernels look at before an instruction runs. It is proved that these hold: they tell of C that was changed. */
#ifndef EXO_EMULATED_H
#define EXO_EMULATED_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static inline void exo_emulated_units(const char *instruction, const char *memory, int64_t first, int64_t last,
                                      int64_t units)
{
    if (first > last || (first >= 0 && last < units))
        return;
    fprintf(stderr, "exo: %s touches units %lld to %lld of %s, which has units 0 to %lld\n", instruction,
            (long long)first, (long long)last, memory, (long long)units - 1);
    abort();
}

static inline void exo_emulated_field(const char *instruction, const char *field, bool is_set)
{
    if (is_set)
        return;
    fprintf(stderr, "exo: %s depends on %s, which was never set\n", instruction, field);
    abort();
}

#endif
