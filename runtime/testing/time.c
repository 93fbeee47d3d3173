/* What a call of each variant takes. */
#define _GNU_SOURCE
#include "inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The least time of one call, in nanoseconds; negative where there is none. */
static double time_of(const exo_test *t, exo_status (*call)(const int64_t *, const exo_test_data *),
                      const int64_t *sizes, const exo_test_data *data)
{
    if (call(sizes, data) != EXO_OK)
        return -1;
    double best = 1e30, spent = 0;
    long batch = 1;
    (void)t;
    while (spent < 0.3) {
        const double begin = now();
        for (long i = 0; i < batch; ++i)
            call(sizes, data);
        const double taken = now() - begin;
        spent += taken;
        if (taken < 1e-4) {
            batch *= 2;
            continue;
        }
        if (taken / (double)batch < best)
            best = taken / (double)batch;
    }
    return best * 1e9;
}

int exo_test_benchmark(const exo_test *t, const wish *wanted)
{
    int64_t sizes[EXO_TEST_MOST_PARAMS], shapes[EXO_TEST_MOST_PARAMS][EXO_TEST_MOST_DIMS] = {{0}};
    exo_test_data data[EXO_TEST_MOST_PARAMS];
    argument arguments[EXO_TEST_MOST_PARAMS];
    for (int k = 0; k < t->count; ++k)
        sizes[k] = t->own_values ? t->sizes[(t->tests - 1) * t->count + k] : 256;
    if (!exo_test_fix_sizes(t, wanted, sizes))
        return USAGE;
    t->shapes(sizes, shapes);
    exo_test_state = 1;
    for (int k = 0; k < t->count; ++k) {
        if (param(t, k)->control)
            continue;
        memcpy(arguments[k].shape, shapes[k], sizeof shapes[k]);
        exo_test_lay_out(&arguments[k], param(t, k), &data[k], DENSE);
        if (!exo_test_place(&arguments[k], exo_test_bytes(param(t, k)->type), BEHIND)) {
            fprintf(stderr, "there is no memory for these sizes\n");
            return 1;
        }
        const way w = {.test = t->own_values ? t->tests - 1 : -1, .values = ROUGH};
        argument copy = arguments[k];
        exo_test_fill(t, k, &arguments[k], &copy, &data[k], &w);
        data[k].data = arguments[k].begin;
    }
    printf("%s", t->kernel);
    for (int k = 0; k < t->count; ++k)
        if (param(t, k)->control)
            printf(" %s=%" PRId64, param(t, k)->name, sizes[k]);
    printf("\n");
    const double plain = time_of(t, t->reference, sizes, data);
    printf("  %-16s %14.0f ns\n", "(plain C)", plain);
    if (exo_set_variant(t->kernel, NULL) == EXO_UNKNOWN_TARGET) { /* the choice was made when it was built */
        const double taken = time_of(t, t->call, sizes, data);
        printf("  %-16s %14.0f ns  %.2f times as fast as plain C\n", "built-in", taken, plain / taken);
    }
    exo_kernel_info kernel;
    for (size_t i = 0; exo_kernel_at(i, &kernel); ++i) {
        exo_variant_info v;
        for (size_t j = 0; strcmp(kernel.name, t->kernel) == 0 && exo_variant_at(i, j, &v); ++j) {
            if ((wanted->variant && strcmp(wanted->variant, v.name) != 0) ||
                exo_set_variant(t->kernel, v.name) != EXO_OK)
                continue;
            const double taken = time_of(t, t->call, sizes, data);
            if (taken < 0)
                printf("  %-16s does not take these sizes\n", v.name);
            else
                printf("  %-16s %14.0f ns  %.2f times as fast as plain C\n", v.name, taken, plain / taken);
        }
    }
    return 0;
}
