/* Both headers compile as C11, and their arithmetic is right there too. */
#include "exo/kernel.h"
#include "exo/runtime.h"

extern const uint64_t compiled_in_c;
const uint64_t compiled_in_c = EXO_COMPILED_FEATURES;

int headers_work_in_c(void);
int headers_work_in_c(void)
{
    return exo_div(-7, 2) == -4 && exo_mod(-7, 2) == 1 && exo_div(7, 2) == 3 && exo_mod(7, 2) == 1 &&
           exo_div(-8, 2) == -4 && exo_mod(-8, 2) == 0 && exo_min(-1, 2) == -1 && exo_max(-1, 2) == 2 &&
           exo_thread_count() >= 1 && exo_thread_index() == 0;
}
