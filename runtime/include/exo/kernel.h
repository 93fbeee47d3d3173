/* What generated C stands on: dispatch, checks of arguments, scratch memory, integer arithmetic. Not for programs, which
   include <exo/runtime.h>. */
#ifndef EXO_KERNEL_H
#define EXO_KERNEL_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "exo/features.h"
#include "exo/float16.h"
#include "exo/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef void (*exo_function)(void);

/* One way to run a kernel. It needs what its target lists and what the compiler was told to use in its file. */
typedef struct exo_variant {
    const char *name;
    const char *target;
    const char *features;     /* "avx2 fma" */
    const uint64_t *compiled; /* EXO_COMPILED_FEATURES of its file */
    exo_function run;
} exo_variant;

/* A kernel with its variants in the order in which they are tried, at most 64. `chosen` and `usable` are what was decided
   last (NULL and 0: not yet), and are read without a lock. */
typedef struct exo_kernel {
    const char *name;
    const exo_variant *variants;
    size_t count;
    exo_function chosen;
    uint64_t usable;
    struct exo_kernel *next;
    bool listed;
    size_t set_variant; /* the one to use, from 1; 0: none was named */
} exo_kernel;

#define EXO_KERNEL(ident, kernel_name, variants_array)                                                       \
    static exo_kernel ident = {                                                                              \
        kernel_name, variants_array, sizeof(variants_array) / sizeof(variants_array)[0], (exo_function)0, 0, \
        NULL,        false,          0}

/* Lists the kernel from the start of the program (or the loading of its library) to the end. */
#define EXO_REGISTER_KERNEL(ident)                                   \
    __attribute__((constructor)) static void ident##_register(void)  \
    {                                                                \
        exo_register_kernel(&ident);                                 \
    }                                                                \
    __attribute__((destructor)) static void ident##_unregister(void) \
    {                                                                \
        exo_unregister_kernel(&ident);                               \
    }                                                                \
    typedef int ident##_is_registered

void exo_register_kernel(exo_kernel *kernel);
void exo_unregister_kernel(exo_kernel *kernel);

/* The slow ways of exo_pick and exo_usable. */
exo_function exo_resolve(exo_kernel *kernel);
uint64_t exo_resolve_usable(exo_kernel *kernel);

/* The function to call: the first variant that may run. NULL: none may; exo_last_error says why. */
static inline exo_function exo_pick(exo_kernel *kernel)
{
    const exo_function chosen = __atomic_load_n(&kernel->chosen, __ATOMIC_RELAXED);
    return chosen ? chosen : exo_resolve(kernel);
}

/* For kernels whose choice depends on the sizes: bit i says that variant i may be used now. 0: as exo_pick's NULL. A
   forced target leaves its own variants and, for sizes that they decline, the last one (but not under EXO_STRICT). */
static inline uint64_t exo_usable(exo_kernel *kernel)
{
    const uint64_t usable = __atomic_load_n(&kernel->usable, __ATOMIC_RELAXED);
    return usable ? usable : exo_resolve_usable(kernel);
}

/* Sets the text of exo_last_error and returns `status`. */
#if defined __GNUC__
__attribute__((cold, format(printf, 2, 3)))
#endif
exo_status
exo_fail(exo_status status, const char *format, ...);

/* A larger size is EXO_BAD_SIZE, so that index arithmetic stays far from the limits of int64_t. */
#define EXO_MAX_SIZE (INT64_C(1) << 46)

/* The bytes of a dense array. False where they do not fit in 63 bits or an extent is negative; an array with an extent of
   zero has 0 bytes whatever its others are. */
static inline bool exo_dense_bytes(size_t element, int rank, const int64_t *extents, int64_t *bytes)
{
    *bytes = 0;
    bool empty = false;
    for (int i = 0; i < rank; ++i) {
        if (extents[i] < 0)
            return false;
        empty = empty || extents[i] == 0;
    }
    if (empty)
        return true;
    int64_t product = (int64_t)element;
    for (int i = 0; i < rank; ++i) {
        if (product > INT64_MAX / extents[i])
            return false;
        product *= extents[i];
    }
    *bytes = product;
    return true;
}

/* Do the two ranges of bytes share one? */
static inline bool exo_overlap(const void *a, int64_t a_bytes, const void *b, int64_t b_bytes)
{
    if (a_bytes <= 0 || b_bytes <= 0)
        return false;
    const uintptr_t x = (uintptr_t)a, y = (uintptr_t)b;
    return x <= y ? y - x < (uint64_t)a_bytes : x - y < (uint64_t)b_bytes;
}

/* Do two strided windows share a byte? Strides count elements and may be negative. Windows that interleave without meeting
   are told apart; in doubt the answer is true. */
bool exo_windows_overlap(const void *a, size_t a_element, int a_rank, const int64_t *a_extents,
                         const int64_t *a_strides, const void *b, size_t b_element, int b_rank,
                         const int64_t *b_extents, const int64_t *b_strides);

/* Scratch memory of this thread, aligned to 64 bytes, last in first out. It is kept for the next call and given back when
   the thread ends. NULL: there is no memory. */
void *exo_scratch_acquire(size_t bytes);
void exo_scratch_release(void *memory);

/* Threads of a parallel loop, and which of them this is. */
static inline int exo_thread_count(void)
{
#ifdef _OPENMP
    return omp_get_max_threads();
#else
    return 1;
#endif
}
static inline int exo_thread_index(void)
{
#ifdef _OPENMP
    return omp_get_thread_num();
#else
    return 0;
#endif
}

/* Division of indices, rounded down, and its remainder, for b > 0. */
static inline int64_t exo_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}
static inline int64_t exo_mod(int64_t a, int64_t b)
{
    const int64_t rest = a % b;
    return rest < 0 ? rest + b : rest;
}
static inline int64_t exo_min(int64_t a, int64_t b)
{
    return a < b ? a : b;
}
static inline int64_t exo_max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

#ifdef __cplusplus
}
#endif
#endif
