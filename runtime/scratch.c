/* Scratch memory: each thread has a stack of blocks. A block that is too small for a request gets a larger one on top;
   when the last piece is released only the newest stays, so that a kernel called again asks for no memory. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdlib.h>

#include "exo/kernel.h"

enum { ALIGNMENT = 64 };

typedef struct block {
    struct block *below;
    size_t size; /* bytes behind the header */
    size_t used;
    void (*release)(void *);
} block;

_Static_assert(sizeof(block) <= ALIGNMENT, "the header fits in front of the first piece");

/* The allocator, changed and read under the lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *(*allocate)(size_t, size_t);
static void (*release)(void *);

/* The blocks of this thread, newest first, and whether the destructor of the key will give them back. */
static _Thread_local block *top;
static _Thread_local bool watched;
static pthread_key_t at_exit;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool have_key;

static char *data(block *b)
{
    return (char *)b + ALIGNMENT;
}

static void pop(void)
{
    block *b = top;
    top = b->below;
    b->release(b);
}

static void free_all(void *unused)
{
    (void)unused;
    while (top)
        pop();
    watched = false;
}

static void make_key(void)
{
    have_key = pthread_key_create(&at_exit, free_all) == 0;
}

void exo_set_allocator(void *(*new_allocate)(size_t, size_t), void (*new_release)(void *))
{
    const bool both = new_allocate && new_release;
    pthread_mutex_lock(&lock);
    allocate = both ? new_allocate : NULL;
    release = both ? new_release : NULL;
    pthread_mutex_unlock(&lock);
}

/* Puts a block with room for `size` bytes on top. */
static bool push(size_t size)
{
    pthread_mutex_lock(&lock);
    void *(*const from)(size_t, size_t) = allocate;
    void (*const back)(void *) = release ? release : free;
    pthread_mutex_unlock(&lock);

    const size_t bytes = size + ALIGNMENT;
    void *memory = NULL;
    if (from)
        memory = from(bytes, ALIGNMENT);
    else if (posix_memalign(&memory, ALIGNMENT, bytes) != 0)
        memory = NULL;
    if (!memory)
        return false;
    block *b = memory;
    *b = (block){top, size, 0, back};
    top = b;
    return true;
}

/* Has this thread's blocks given back when it ends. Where that cannot be, none is kept between calls. */
static void watch_thread(void)
{
    pthread_once(&once, make_key);
    if (!watched)
        watched = have_key && pthread_setspecific(at_exit, &top) == 0;
}

void *exo_scratch_acquire(size_t bytes)
{
    if (bytes > (size_t)EXO_MAX_SIZE)
        return NULL;
    const size_t piece = bytes ? (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT : ALIGNMENT;
    if (!top || top->size - top->used < piece) {
        watch_thread();
        if (top && top->used == 0)
            pop();
        const size_t twice = top ? 2 * top->size : 0;
        if (!(twice > piece && push(twice)) && !push(piece))
            return NULL;
    }
    char *memory = data(top) + top->used;
    top->used += piece;
    return memory;
}

void exo_scratch_release(void *memory)
{
    if (!memory)
        return;
    block *b = top;
    while (b && !((char *)memory >= data(b) && (char *)memory < data(b) + b->used))
        b = b->below;
    if (!b)
        return;
    b->used = (size_t)((char *)memory - data(b));
    for (const block *rest = top; rest; rest = rest->below)
        if (rest->used)
            return;
    while (top->below) { /* all are empty; the newest is nearly always the largest */
        block *smaller = top->below;
        top->below = smaller->below;
        smaller->release(smaller);
    }
    if (!watched)
        pop();
}
