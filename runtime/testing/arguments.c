/* Arguments: memory for them, where their elements lie, what these are. */
#define _GNU_SOURCE
#include "inside.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void exo_test_release(argument *a)
{
    if (a->map)
        munmap(a->map, a->map_bytes);
    a->map = NULL;
}

/* Memory for some elements. False where there is none. */
bool exo_test_place(argument *a, size_t element, int place)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t room = (a->bytes + element + page - 1) / page * page;
    a->map_bytes = room + 2 * page;
    a->map = mmap(NULL, a->map_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (a->map == MAP_FAILED) {
        a->map = NULL;
        return false;
    }
    memset(a->map + page, 0x5a, room);
    mprotect(a->map, page, PROT_NONE);
    mprotect(a->map + page + room, page, PROT_NONE);
    char *const first = a->map + page, *const last = a->map + page + room;
    a->begin = place == BEFORE ? last - a->bytes : place == BEHIND ? first : first + element;
    return true;
}

/* Shape and strides of an argument. */
void exo_test_lay_out(argument *a, const exo_test_param *p, exo_test_data *d, int strides)
{
    const size_t element = exo_test_bytes(p->type);
    a->elements = 1;
    for (int k = 0; k < p->dims; ++k)
        a->elements *= a->shape[k] > 0 ? a->shape[k] : 0;
    int64_t step = 1, reach = a->elements > 0 ? 1 : 0;
    for (int k = p->dims; k-- > 0;) {
        if (p->strided && strides == GAPS && k == p->dims - 1)
            step = 2;
        d->strides[k] = step;
        if (a->elements > 0)
            reach += (a->shape[k] - 1) * step;
        step *= a->shape[k] > 0 ? a->shape[k] : 1;
        if (p->strided && strides != DENSE && k == p->dims - 1)
            step += 3;
    }
    a->reach = reach;
    a->bytes = (size_t)reach * element;
}

/* Where the element of that number, in row-major order, lies. */
int64_t exo_test_offset(const argument *a, const exo_test_param *p, const exo_test_data *d, int64_t number)
{
    int64_t offset = 0;
    for (int k = p->dims; k-- > 0;) {
        offset += number % a->shape[k] * d->strides[k];
        number /= a->shape[k];
    }
    return offset;
}

/* Fills an argument and its copy alike. */
void exo_test_fill(const exo_test *t, int k, argument *mine, argument *theirs, const exo_test_data *layout,
                   const way *w)
{
    const exo_test_param *p = param(t, k);
    const size_t bytes = exo_test_bytes(p->type);
    for (int64_t i = 0; i < mine->reach; ++i)
        exo_test_put_any(p->type, mine->begin + (size_t)i * bytes, w->values, t->no_nans);
    if (p->begins && w->test >= 0)
        for (int64_t i = 0; i < mine->elements; ++i)
            exo_test_put_integer(p->type, mine->begin + (size_t)exo_test_offset(mine, p, layout, i) * bytes,
                                 p->elements[p->begins[w->test] + i]);
    memcpy(theirs->begin, mine->begin, mine->bytes);
}
