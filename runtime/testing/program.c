/* The program that tests kernels: every variant beside the algorithm as plain C, on many sizes, with arguments that end or begin where
   readable memory does, with whole numbers, with numbers that round, and with those at the edges. See usage(). */
#define _GNU_SOURCE
#include "inside.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int usage(const char *why)
{
    fprintf(
        stderr,
        "%s\n"
        "usage: PROGRAM KERNEL VARIANT   tests a variant; ends with 77 where this machine cannot run it\n"
        "       PROGRAM KERNEL           tests all that may run\n"
        "       PROGRAM --list           kernels and variants\n"
        "       PROGRAM --benchmark [KERNEL [VARIANT]]\n"
        "  --size N=3                    at these sizes alone; again for each\n"
        "  --values whole|rough|edges  --place before|behind|off  --strides dense|rows|gaps\n"
        "  --through 'COMMAND'           runs this program by COMMAND where the machine cannot run the variant itself\n"
        "  --otherwise PROGRAM           then runs this one, whose variants are emulated\n",
        why);
    return USAGE;
}

/* Replaces this program by another with the same kernel and variant. Returns only where that cannot be started. */
static void instead(const char *command, const char *program, const wish *wanted)
{
    static char text[8192];
    char *arguments[256];
    int count = 0;
    snprintf(text, sizeof text, "%s", command);
    for (char *word = strtok(text, " "); word && count < 200; word = strtok(NULL, " "))
        arguments[count++] = word;
    if (program)
        arguments[count++] = (char *)(uintptr_t)program;
    arguments[count++] = (char *)(uintptr_t)wanted->kernel;
    arguments[count++] = (char *)(uintptr_t)wanted->variant;
    for (int i = 0; i < wanted->fixed_count; ++i) {
        arguments[count++] = (char *)(uintptr_t) "--size";
        arguments[count++] = (char *)(uintptr_t)wanted->fixed[i];
    }
    if (program && wanted->otherwise) {
        arguments[count++] = (char *)(uintptr_t) "--otherwise";
        arguments[count++] = (char *)(uintptr_t)wanted->otherwise;
    }
    arguments[count] = NULL;
    fflush(stdout);
    execvp(arguments[0], arguments);
}

static int one_variant(const exo_test *t, const char *variant, const wish *wanted, const char *program)
{
    const exo_status status = exo_set_variant(t->kernel, variant);
    if (status == EXO_OK)
        return exo_test_variant(t, variant, wanted, program);
    if (status == EXO_NO_VARIANT || wanted->otherwise) {
        if (status == EXO_NO_VARIANT && wanted->through)
            instead(wanted->through, program, wanted);
        if (wanted->otherwise) {
            const char *path = wanted->otherwise;
            char *const arguments[] = {(char *)(uintptr_t)path, (char *)(uintptr_t)t->kernel,
                                       (char *)(uintptr_t)variant, NULL};
            fflush(stdout);
            execv(path, arguments);
        }
        printf("SKIPPED: %s\n", exo_last_error());
        return SKIPPED;
    }
    fprintf(stderr, "%s\n", exo_last_error());
    return USAGE;
}

/* Of a library for one target (DISPATCH STATIC) nothing is registered: what its entry calls is tested. */
static bool chosen_when_built(const exo_test *t)
{
    return exo_set_variant(t->kernel, NULL) == EXO_UNKNOWN_TARGET;
}

static int all_variants(const exo_test *t, const wish *wanted, const char *program)
{
    exo_kernel_info kernel;
    exo_variant_info v;
    int worst = 0;
    if (chosen_when_built(t))
        return exo_test_variant(t, "built-in", wanted, program);
    for (size_t i = 0; exo_kernel_at(i, &kernel); ++i)
        for (size_t j = 0; strcmp(kernel.name, t->kernel) == 0 && exo_variant_at(i, j, &v); ++j) {
            if (!v.runs_here) {
                printf("%s, variant %s, is not run: %s\n", t->kernel, v.name, v.why_not);
                continue;
            }
            const int result = one_variant(t, v.name, wanted, program);
            if (result == 1 || (result == USAGE && worst == 0))
                worst = result;
        }
    return worst;
}

int exo_testing_main(int argc, char **argv, const exo_test *const *tests)
{
    wish wanted = {.values = -1, .place = -1, .strides = -1};
    for (int i = 1; i < argc; ++i) {
        const char *word = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(word, "--list") == 0) {
            wanted.list = true;
        } else if (strcmp(word, "--benchmark") == 0) {
            wanted.benchmark = true;
        } else if (strncmp(word, "--", 2) != 0) {
            if (wanted.variant)
                return usage("a kernel and a variant are enough");
            *(wanted.kernel ? &wanted.variant : &wanted.kernel) = word;
        } else {
            if (!value)
                return usage("a value is missing");
            ++i;
            int *chosen = NULL, found = -1;
            if (strcmp(word, "--size") == 0 && wanted.fixed_count < EXO_TEST_MOST_PARAMS)
                wanted.fixed[wanted.fixed_count++] = value;
            else if (strcmp(word, "--values") == 0)
                chosen = &wanted.values, found = exo_test_word(value, exo_test_value_names);
            else if (strcmp(word, "--place") == 0)
                chosen = &wanted.place, found = exo_test_word(value, exo_test_place_names);
            else if (strcmp(word, "--strides") == 0)
                chosen = &wanted.strides, found = exo_test_word(value, exo_test_stride_names);
            else if (strcmp(word, "--through") == 0)
                wanted.through = value;
            else if (strcmp(word, "--otherwise") == 0)
                wanted.otherwise = value;
            else
                return usage("there is no such option");
            if (found == -2)
                return usage("there is no such value");
            if (chosen)
                *chosen = found;
        }
    }
    if (wanted.list) {
        exo_list_kernels(stdout);
        return 0;
    }
    if (!wanted.kernel && !wanted.benchmark)
        return usage("which kernel?");
    int worst = 0;
    bool found = false;
    for (const exo_test *const *t = tests; *t; ++t) {
        if (wanted.kernel && strcmp((*t)->kernel, wanted.kernel) != 0)
            continue;
        found = true;
        const int result = wanted.benchmark ? exo_test_benchmark(*t, &wanted)
                           : wanted.variant && strcmp(wanted.variant, "built-in") != 0
                               ? one_variant(*t, wanted.variant, &wanted, argv[0])
                               : all_variants(*t, &wanted, argv[0]);
        worst = result > worst ? result : worst;
    }
    return found ? worst : usage("there is no such kernel");
}
