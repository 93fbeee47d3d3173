/* One call of a kernel beside its algorithm, and what differs. */
#define _GNU_SOURCE
#include "inside.h"

#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char exo_test_told[512]; /* what is wrong */
static sigjmp_buf back;
static void caught(int number)
{
    siglongjmp(back, number);
}

static void tell_element(const exo_test_param *p, const argument *a, int64_t number, const void *got,
                         const void *wanted)
{
    int64_t index[EXO_TEST_MOST_DIMS];
    int64_t rest = number;
    for (int k = p->dims; k-- > 0;) {
        index[k] = rest % a->shape[k];
        rest /= a->shape[k];
    }
    size_t used = (size_t)snprintf(exo_test_told, sizeof exo_test_told, "%s", p->name);
    for (int k = 0; k < p->dims && used < sizeof exo_test_told; ++k)
        used += (size_t)snprintf(exo_test_told + used, sizeof exo_test_told - used, "%s%" PRId64 "%s", k ? "," : "[",
                                 index[k], k + 1 == p->dims ? "]" : "");
    if (used >= sizeof exo_test_told)
        return;
    if (exo_test_is_float(p->type))
        snprintf(exo_test_told + used, sizeof exo_test_told - used, " is %.9g, but %.9g by the algorithm",
                 exo_test_real(p->type, got), exo_test_real(p->type, wanted));
    else
        snprintf(exo_test_told + used, sizeof exo_test_told - used, " is %" PRId64 ", but %" PRId64 " by the algorithm",
                 exo_test_integer(p->type, got), exo_test_integer(p->type, wanted));
}

static bool same_real(const exo_test *t, const exo_test_param *p, const void *got, const void *wanted, int values,
                      double scale, double terms)
{
    if (memcmp(got, wanted, exo_test_bytes(p->type)) == 0)
        return true;
    const double a = exo_test_real(p->type, got), b = exo_test_real(p->type, wanted);
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b);
    if (t->exact)
        return false;
    if (a == b)
        return true;
    if (isinf(a) || isinf(b))
        return false;
    /* No sum of small whole numbers rounds, in whatever order. */
    if (values == WHOLE && t->whole && fabs(b) * exo_test_epsilon(p->type) < 0.5)
        return false;
    return fabs(a - b) <= exo_test_epsilon(p->type) * (16 + 4 * terms) * (scale > fabs(b) ? scale : fabs(b));
}

/* Of sums, at the most: rounding grows with them. */
static double terms_of(const exo_test *t, const way *w)
{
    double terms = 1;
    for (int k = 0; k < t->count; ++k)
        if (param(t, k)->control && w->sizes[k] > 0)
            terms += (double)w->sizes[k];
    return terms;
}

/* Compares what the two left in one argument. */
static bool compare(const exo_test *t, int k, const argument *got, const argument *wanted, const exo_test_data *layout,
                    const way *w)
{
    const exo_test_param *p = param(t, k);
    const size_t bytes = exo_test_bytes(p->type);
    const bool loose = exo_test_is_float(p->type) && p->written;
    const double terms = terms_of(t, w);
    double scale = 0;
    for (int64_t i = 0; loose && i < wanted->reach; ++i) {
        const double x = fabs(exo_test_real(p->type, wanted->begin + (size_t)i * bytes));
        if (x > scale && x < (double)INFINITY && p->dims > 0 && i % (layout->strides[p->dims - 1]) == 0)
            scale = x;
    }
    for (int64_t i = 0; i < got->elements; ++i) {
        const size_t at = (size_t)exo_test_offset(got, p, layout, i) * bytes;
        const char *a = got->begin + at, *b = wanted->begin + at;
        if (loose ? same_real(t, p, a, b, w->values, scale, terms) : memcmp(a, b, bytes) == 0)
            continue;
        tell_element(p, got, i, a, b);
        return false;
    }
    /* What lies between the elements, and around them, is nobody's to write. */
    char *seen = calloc((size_t)got->reach + 1, 1);
    for (int64_t i = 0; seen && i < got->elements; ++i)
        seen[exo_test_offset(got, p, layout, i)] = 1;
    bool well = true;
    for (int64_t i = 0; seen && well && i < got->reach; ++i)
        if (!seen[i] && memcmp(got->begin + (size_t)i * bytes, wanted->begin + (size_t)i * bytes, bytes) != 0) {
            snprintf(exo_test_told, sizeof exo_test_told,
                     "%s is written between its elements, at the address of element %" PRId64, p->name, i);
            well = false;
        }
    free(seen);
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const char *const end = got->map + got->map_bytes - page;
    for (const char *c = got->map + page; well && c < end; ++c)
        if ((c < got->begin || c >= got->begin + got->bytes) && *c != 0x5a) {
            snprintf(exo_test_told, sizeof exo_test_told, "memory %s %s is written",
                     c < got->begin ? "before" : "behind", p->name);
            well = false;
        }
    return well;
}

static outcome run_arguments(const exo_test *t, const way *w, argument *mine, argument *theirs, exo_test_data *data,
                             exo_test_data *other)
{
    for (int k = 0; k < t->count; ++k) {
        if (param(t, k)->control)
            continue;
        exo_test_fill(t, k, &mine[k], &theirs[k], &data[k], w);
        data[k].data = mine[k].begin, other[k].data = theirs[k].begin;
    }
    const int number = sigsetjmp(back, 1);
    if (number == SIGILL)
        return LACKS_INSTRUCTION;
    if (number != 0) {
        snprintf(exo_test_told, sizeof exo_test_told, "it %s",
                 number == SIGFPE ? "divides by zero" : "touches memory outside of its arguments");
        return DIFFERS;
    }
    const exo_status status = t->call(w->sizes, data);
    if (status == EXO_PRECONDITION || status == EXO_BAD_SIZE || status == EXO_OVERFLOW || status == EXO_NO_VARIANT)
        return DECLINED; /* these are no sizes for it */
    const exo_status expected = status == EXO_OK ? t->reference(w->sizes, other) : status;
    if (status == EXO_OUT_OF_MEMORY || expected == EXO_OUT_OF_MEMORY)
        return NO_ROOM;
    if (status != EXO_OK || expected != EXO_OK) {
        snprintf(exo_test_told, sizeof exo_test_told, "it ends with the status `%s`: %s",
                 exo_status_text(status != EXO_OK ? status : expected), exo_last_error());
        return DIFFERS;
    }
    for (int k = 0; k < t->count; ++k)
        if (!param(t, k)->control && !compare(t, k, &mine[k], &theirs[k], &data[k], w))
            return DIFFERS;
    return AGREES;
}

/* Calls kernel and algorithm in that way. */
outcome exo_test_run(const exo_test *t, const way *w)
{
    static argument mine[EXO_TEST_MOST_PARAMS], theirs[EXO_TEST_MOST_PARAMS];
    static exo_test_data data[EXO_TEST_MOST_PARAMS], other[EXO_TEST_MOST_PARAMS];
    int64_t shapes[EXO_TEST_MOST_PARAMS][EXO_TEST_MOST_DIMS] = {{0}};
    t->shapes(w->sizes, shapes);
    exo_test_state = 88172645463325252u;
    for (int k = 0; k < t->count; ++k)
        exo_test_state = exo_test_state * 31 + (uint64_t)w->sizes[k];
    outcome result = AGREES;
    for (int k = 0; k < t->count; ++k)
        mine[k].map = theirs[k].map = NULL;
    for (int k = 0; k < t->count && result == AGREES; ++k) {
        const exo_test_param *p = param(t, k);
        if (p->control)
            continue;
        for (int d = 0; d < p->dims; ++d) {
            if (shapes[k][d] < 0 || shapes[k][d] > 1 << 24)
                result = DECLINED;
            mine[k].shape[d] = theirs[k].shape[d] = shapes[k][d];
        }
        if (result == DECLINED)
            break;
        exo_test_lay_out(&mine[k], p, &data[k], w->strides);
        exo_test_lay_out(&theirs[k], p, &other[k], w->strides);
        if (!exo_test_place(&mine[k], exo_test_bytes(p->type), w->place) ||
            !exo_test_place(&theirs[k], exo_test_bytes(p->type), BEHIND))
            result = NO_ROOM;
    }
    if (result == AGREES)
        result = run_arguments(t, w, mine, theirs, data, other);
    for (int k = 0; k < t->count; ++k)
        exo_test_release(&mine[k]), exo_test_release(&theirs[k]);
    return result;
}

void exo_test_catch_signals(void)
{
    const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
    for (int k = 0; k < 4; ++k)
        signal(signals[k], caught);
}
