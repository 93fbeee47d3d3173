/* What a program that calls generated kernels may use: statuses, the choice of a variant, memory. C11 and C++. */
#ifndef EXO_RUNTIME_H
#define EXO_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a kernel returns. Whenever it is not EXO_OK, no output was written. */
typedef enum exo_status {
    EXO_OK = 0,
    EXO_BAD_SIZE,      /* a size is negative or larger than any memory */
    EXO_OVERFLOW,      /* the bytes of an argument do not fit in 63 bits */
    EXO_PRECONDITION,  /* an `assert` of the algorithm does not hold */
    EXO_ALIAS,         /* an argument that is written overlaps another one */
    EXO_NULL_POINTER,  /* an argument that has elements is a null pointer */
    EXO_OUT_OF_MEMORY, /* no scratch memory */
    EXO_NO_VARIANT,    /* no variant of the kernel may run here */
    EXO_UNKNOWN_TARGET /* no kernel of the program has a variant of that name */
} exo_status;

/* The status in words, a constant text. */
const char *exo_status_text(exo_status status);

/* What went wrong in the last call of this thread that failed; "" where none did. Valid until the next one fails. */
const char *exo_last_error(void);

/* Names the target (or the variant) that later calls use, in all kernels and threads, in place of EXO_TARGET. NULL goes
   back to the environment, which is read again. Where no kernel of the program has a variant of that name
   (EXO_UNKNOWN_TARGET), or none that may run here (EXO_NO_VARIANT), nothing changes. A kernel without such a variant uses
   its best one and says so on stderr; under EXO_STRICT=1 its calls return EXO_NO_VARIANT. */
exo_status exo_set_target(const char *name);

/* Names the one variant, by its own name, that later calls of a kernel use in all threads, whatever target is wished for; they return
   EXO_NO_VARIANT for sizes that it does not take. NULL takes that back. EXO_UNKNOWN_TARGET: there is no such kernel, or it has no such
   variant. EXO_NO_VARIANT: it may not run here. Then nothing changes, and exo_last_error says why. */
exo_status exo_set_variant(const char *kernel, const char *variant);

/* A kernel that the program contains. */
typedef struct exo_kernel_info {
    const char *name;
    size_t variants;
    const char *in_use; /* the variant that calls use; NULL where none may run */
} exo_kernel_info;

/* One variant of a kernel, in the order in which they are tried. */
typedef struct exo_variant_info {
    const char *name;
    const char *target;
    bool runs_here;
    char why_not[160]; /* "" where it runs here */
} exo_variant_info;

/* The kernels of the program, sorted by name. The last two return false past the end. */
size_t exo_kernel_count(void);
bool exo_kernel_at(size_t kernel, exo_kernel_info *info);
bool exo_variant_at(size_t kernel, size_t variant, exo_variant_info *info);

/* Prints all kernels with their variants: which run here, why not, and which is in use. */
void exo_list_kernels(FILE *out);

/* The variant that calls of `kernel` use: the first that may run where it depends on the sizes. NULL: no such kernel, or
   nothing may run; exo_last_error says which. */
const char *exo_variant_in_use(const char *kernel);

/* An entry in the registry of a library of kernels (exo_add_library): `run` is the function, cast. */
typedef struct exo_library_kernel {
    const char *name;
    void (*run)(void);
} exo_library_kernel;

/* Where scratch memory comes from in all threads. `allocate` returns memory of that alignment, or NULL; `release` gets
   what `allocate` returned. Two null pointers bring back the C library. What a thread holds already is given back to
   where it came from. */
void exo_set_allocator(void *(*allocate)(size_t bytes, size_t alignment), void (*release)(void *memory));

#ifdef __cplusplus
}
#endif
#endif
