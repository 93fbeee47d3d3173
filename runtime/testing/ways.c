/* All ways to call a variant; the smallest one that fails. */
#define _GNU_SOURCE
#include "inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const exo_test_value_names[3] = {"whole", "rough", "edges"};
const char *const exo_test_place_names[3] = {"before", "behind", "off"};
const char *const exo_test_stride_names[3] = {"dense", "rows", "gaps"};

static bool has(const exo_test *t, bool (*what)(const exo_test_param *))
{
    for (int k = 0; k < t->count; ++k)
        if (what(param(t, k)))
            return true;
    return false;
}
static bool holds_floats(const exo_test_param *p)
{
    return !p->control && exo_test_is_float(p->type);
}
static bool has_strides(const exo_test_param *p)
{
    return !p->control && p->strided;
}

/* Makes the sizes of a failure smaller as long as it stays one. Elements that belong to sizes leave no choice. */
static void shrink(const exo_test *t, way *w)
{
    for (bool smaller = !t->own_values; smaller;) {
        smaller = false;
        for (int k = 0; k < t->count; ++k) {
            if (!param(t, k)->control)
                continue;
            const int64_t size = w->sizes[k], tries[] = {size / 2, size - size / 4, size - 1};
            for (int i = 0; i < 3; ++i) {
                way next = *w;
                next.sizes[k] = tries[i];
                if (tries[i] < 0 || tries[i] >= size || exo_test_run(t, &next) != DIFFERS)
                    continue;
                *w = next;
                smaller = true;
                break;
            }
        }
    }
    exo_test_run(t, w); /* what is exo_test_told is of these */
}

static void report(const exo_test *t, const char *variant, const way *w, const char *program)
{
    printf("%s, variant %s, is wrong; the smallest sizes at which it was seen:", t->kernel, variant);
    for (int k = 0; k < t->count; ++k)
        if (param(t, k)->control)
            printf(" %s = %" PRId64, param(t, k)->name, w->sizes[k]);
    printf("\n  %s\n  with %s numbers, arguments %s unreadable memory%s%s\n", exo_test_told,
           w->values == WHOLE   ? "whole"
           : w->values == ROUGH ? "rounding"
                                : "edge",
           w->place == OFF ? "one element away from" : exo_test_place_names[w->place],
           has(t, has_strides) ? ", strides " : "", has(t, has_strides) ? exo_test_stride_names[w->strides] : "");
    const char *quote = strchr(program, ' ') ? "'" : "";
    printf("again: %s%s%s %s %s", quote, program, quote, t->kernel, variant);
    for (int k = 0; k < t->count; ++k)
        if (param(t, k)->control)
            printf(" --size %s=%" PRId64, param(t, k)->name, w->sizes[k]);
    printf(" --values %s --place %s --strides %s\n", exo_test_value_names[w->values], exo_test_place_names[w->place],
           exo_test_stride_names[w->strides]);
}

/* The sizes that the user asks for, over those of a test. False where there is no such parameter. */
bool exo_test_fix_sizes(const exo_test *t, const wish *wanted, int64_t *sizes)
{
    for (int i = 0; i < wanted->fixed_count; ++i) {
        const char *equals = strchr(wanted->fixed[i], '=');
        bool found = false;
        for (int k = 0; equals && k < t->count; ++k) {
            const exo_test_param *p = param(t, k);
            if (p->control && strlen(p->name) == (size_t)(equals - wanted->fixed[i]) &&
                strncmp(p->name, wanted->fixed[i], strlen(p->name)) == 0) {
                sizes[k] = strtoll(equals + 1, NULL, 10);
                found = true;
            }
        }
        if (!found) {
            fprintf(stderr, "%s has no size for `%s`\n", t->kernel, wanted->fixed[i]);
            return false;
        }
    }
    return true;
}

/* Is it a way that the user wants, and another one than those before? */
static bool wants(const exo_test *t, const wish *wanted, const way *w)
{
    return (wanted->values < 0 || w->values == wanted->values) && (wanted->place < 0 || w->place == wanted->place) &&
           (wanted->strides < 0 || w->strides == wanted->strides) && (w->strides == DENSE || has(t, has_strides)) &&
           (w->values != EDGES || has(t, holds_floats));
}

/* Runs one variant in all ways. */
int exo_test_variant(const exo_test *t, const char *variant, const wish *wanted, const char *program)
{
    exo_test_catch_signals();
    int ran = 0, no_room = 0;
    const int tests = wanted->fixed_count > 0 && !t->own_values ? 1 : t->tests;
    for (int test = 0; test < tests; ++test) {
        way w = {.test = test};
        memcpy(w.sizes, t->sizes + (size_t)test * (size_t)t->count, sizeof(int64_t) * (size_t)t->count);
        way asked = w;
        if (!exo_test_fix_sizes(t, wanted, asked.sizes))
            return USAGE;
        if (t->own_values && memcmp(asked.sizes, w.sizes, sizeof w.sizes) != 0)
            continue;
        for (int number = 0; number < VALUES * PLACES * STRIDES; ++number) {
            w = asked;
            w.values = number / (PLACES * STRIDES), w.place = number / STRIDES % PLACES, w.strides = number % STRIDES;
            if (!wants(t, wanted, &w))
                continue;
            const outcome result = exo_test_run(t, &w);
            ran += result == AGREES, no_room += result == NO_ROOM;
            if (result == LACKS_INSTRUCTION) {
                /* Dispatch sees to it that no variant runs which the machine cannot; a library for one target has none. */
                const bool asked_for = exo_variant_in_use(t->kernel) == NULL;
                printf("%s%s, %s: an instruction that this machine has not\n", asked_for ? "SKIPPED: " : "", t->kernel,
                       variant);
                return asked_for ? SKIPPED : 1;
            }
            if (result != DIFFERS)
                continue;
            if (wanted->fixed_count == 0)
                shrink(t, &w);
            report(t, variant, &w, program);
            return 1;
        }
    }
    if (no_room > 0)
        printf("%s: %d calls had no memory\n", t->kernel, no_room);
    if (ran == 0) {
        printf("SKIPPED: %s, variant %s, takes none of the sizes\n", t->kernel, variant);
        return SKIPPED;
    }
    printf("%s, variant %s: %d calls agree with the algorithm\n", t->kernel, variant, ran);
    return 0;
}

int exo_test_word(const char *word, const char *const *names)
{
    for (int i = 0; i < 3; ++i)
        if (strcmp(word, names[i]) == 0)
            return i;
    return -2;
}
