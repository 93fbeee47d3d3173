/* A program with one kernel that says which of its variants runs. */
#include <string.h>

#include "exo/kernel.h"

static const char *ran = "nothing";
static void never(void) { ran = "impossible"; }
static void first(void) { ran = "first"; }
static void second(void) { ran = "second"; }
static void portable(void) { ran = "portable"; }

static const uint64_t needs_nothing = 0;
static const exo_variant variants[] = {
    {"impossible", "impossible", "warp_drive", &needs_nothing, never},
    {"first", "fast", "", &needs_nothing, first},
    {"second", "slow", "", &needs_nothing, second},
    {"portable", "portable", "", &needs_nothing, portable},
};
EXO_KERNEL(kernel, "report", variants);
EXO_REGISTER_KERNEL(kernel);

int main(void)
{
    const exo_function run = exo_pick(&kernel);
    if (!run) {
        fprintf(stderr, "%s: %s\n", exo_status_text(EXO_NO_VARIANT), exo_last_error());
        return 1;
    }
    run();
    printf("ran %s\n", ran);
    return strcmp(ran, exo_variant_in_use("report")) != 0;
}
