/* Do two strided windows share a byte?

   Some element of `a` and some of `b` meet when the distance between them is smaller than an element. That distance is a
   sum of (stride * index) with every index in a range, so the question is whether such a sum reaches an interval. It is
   answered by trying the indices of the largest stride first: what the smaller ones can still add, and the greatest common
   divisor of their strides, leave few values to try. Whoever gives up says yes. */
#include <string.h>

#include "exo/kernel.h"

enum { MOST_DIMENSIONS = 8, MOST_STEPS = 20000 };

/* stride * t for t in [low, high], stride > 0. */
typedef struct term {
    int64_t stride, low, high;
} term;

typedef struct sum {
    term terms[2 * MOST_DIMENSIONS];
    int count;
} sum;

/* Far from the limits of int64_t even when sixteen are added. */
#define FAR (INT64_C(1) << 57)

/* Adds `sign` * stride * [0, extent - 1]. False: too far to be counted. */
static bool add_dimension(sum *s, int sign, size_t element, int64_t extent, int64_t stride)
{
    if (extent == 1 || stride == 0)
        return true;
    const int64_t longest = FAR / (int64_t)element;
    if (stride > longest || stride < -longest)
        return false;
    const int64_t bytes = stride * (int64_t)element * sign;
    const int64_t size = bytes < 0 ? -bytes : bytes;
    if (extent - 1 > FAR / size)
        return false;
    const term t = bytes < 0 ? (term){size, 1 - extent, 0} : (term){size, 0, extent - 1};

    int at = 0; /* largest stride first; equal strides are one term */
    while (at < s->count && s->terms[at].stride > size)
        ++at;
    if (at < s->count && s->terms[at].stride == size) {
        s->terms[at].low += t.low;
        s->terms[at].high += t.high;
        return true;
    }
    memmove(&s->terms[at + 1], &s->terms[at], (size_t)(s->count - at) * sizeof(term));
    s->terms[at] = t;
    ++s->count;
    return true;
}

static int64_t divisor(int64_t a, int64_t b)
{
    while (b) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* What the terms from one on can add: the range, and what divides every sum of them (0: there are none). */
typedef struct rest {
    int64_t low, high, divides;
} rest;

/* Can the terms from `at` on reach [low, high]? */
static bool reaches(const sum *s, const rest *rests, int at, int64_t low, int64_t high, int *steps)
{
    const rest *r = &rests[at];
    low = exo_max(low, r->low);
    high = exo_min(high, r->high);
    if (low > high)
        return false;
    if (at == s->count)
        return true;
    if (exo_div(high, r->divides) * r->divides < low)
        return false;
    const term *t = &s->terms[at];
    const rest *next = &rests[at + 1];
    const int64_t first = exo_max(t->low, -exo_div(-(low - next->high), t->stride));
    const int64_t last = exo_min(t->high, exo_div(high - next->low, t->stride));
    for (int64_t i = first; i <= last; ++i) {
        if (--*steps < 0)
            return true;
        if (reaches(s, rests, at + 1, low - i * t->stride, high - i * t->stride, steps))
            return true;
    }
    return false;
}

bool exo_windows_overlap(const void *a, size_t a_element, int a_rank, const int64_t *a_extents,
                         const int64_t *a_strides, const void *b, size_t b_element, int b_rank,
                         const int64_t *b_extents, const int64_t *b_strides)
{
    for (int i = 0; i < a_rank; ++i)
        if (a_extents[i] <= 0)
            return false;
    for (int i = 0; i < b_rank; ++i)
        if (b_extents[i] <= 0)
            return false;
    if (a_rank > MOST_DIMENSIONS || b_rank > MOST_DIMENSIONS)
        return true;

    sum s = {.count = 0};
    for (int i = 0; i < a_rank; ++i)
        if (!add_dimension(&s, 1, a_element, a_extents[i], a_strides[i]))
            return true;
    for (int i = 0; i < b_rank; ++i)
        if (!add_dimension(&s, -1, b_element, b_extents[i], b_strides[i]))
            return true;

    rest rests[2 * MOST_DIMENSIONS + 1] = {{0}};
    for (int i = s.count - 1; i >= 0; --i) {
        const term *t = &s.terms[i];
        rests[i] = (rest){rests[i + 1].low + t->stride * t->low, rests[i + 1].high + t->stride * t->high,
                          divisor(t->stride, rests[i + 1].divides)};
    }

    /* (a + sum of its offsets) - (b + sum of its offsets) lies in (-a_element, b_element). */
    const uintptr_t x = (uintptr_t)a, y = (uintptr_t)b;
    const uint64_t far = x > y ? x - y : y - x;
    if (far > (uint64_t)(INT64_C(1) << 62))
        return false; /* the sums reach less far */
    const int64_t distance = x > y ? (int64_t)far : -(int64_t)far;
    int steps = MOST_STEPS;
    return reaches(&s, rests, 0, 1 - (int64_t)a_element - distance, (int64_t)b_element - 1 - distance, &steps);
}
