/* What the files of the program that tests kernels share. */
#ifndef EXO_TESTING_INSIDE_H
#define EXO_TESTING_INSIDE_H

#include "exo/testing.h"

enum { SKIPPED = 77, USAGE = 2 };

/* What the elements are. */
enum { WHOLE, ROUGH, EDGES, VALUES };
/* Where an argument lies: before memory that cannot be read, behind it, and one element off. */
enum { BEFORE, BEHIND, OFF, PLACES };
/* The strides of windows: dense, with gaps between rows, with gaps between elements. */
enum { DENSE, ROWS, GAPS, STRIDES };

/* One way to call the kernel. */
typedef struct way {
    int64_t sizes[EXO_TEST_MOST_PARAMS];
    int test; /* whose elements are taken; -1: none */
    int values, place, strides;
} way;

/* What the user asks for. */
typedef struct wish {
    const char *kernel, *variant, *otherwise, *through;
    const char *fixed[EXO_TEST_MOST_PARAMS]; /* "N=3" */
    int fixed_count, values, place, strides; /* -1: all */
    bool benchmark, list;
} wish;

/* An argument: all of its memory, and where its first element is. */
typedef struct argument {
    char *map;
    size_t map_bytes, bytes; /* bytes: of the elements and what lies between them */
    char *begin;
    int64_t shape[EXO_TEST_MOST_DIMS], elements, reach;
} argument;

/* elements.c */
extern uint64_t exo_test_state; /* of the numbers that are drawn */
size_t exo_test_bytes(exo_test_type type);
bool exo_test_is_float(exo_test_type type);
double exo_test_epsilon(exo_test_type type); /* the distance from 1 to the next number */
double exo_test_real(exo_test_type type, const void *at);
int64_t exo_test_integer(exo_test_type type, const void *at);
void exo_test_put_integer(exo_test_type type, void *at, int64_t value);
void exo_test_put_any(exo_test_type type, void *at, int values, bool no_nans);

/* arguments.c */
bool exo_test_place(argument *a, size_t element, int place); /* false: there is no memory */
void exo_test_release(argument *a);
void exo_test_lay_out(argument *a, const exo_test_param *p, exo_test_data *d, int strides);
/* Where the element of that number, in row-major order, lies. */
int64_t exo_test_offset(const argument *a, const exo_test_param *p, const exo_test_data *d, int64_t number);
/* Fills an argument and its copy alike. */
void exo_test_fill(const exo_test *t, int k, argument *mine, argument *theirs, const exo_test_data *layout,
                   const way *w);

/* call.c */
typedef enum outcome { AGREES, DIFFERS, DECLINED, NO_ROOM, LACKS_INSTRUCTION } outcome;
extern char exo_test_told[512]; /* what is wrong */
void exo_test_catch_signals(void);
outcome exo_test_run(const exo_test *t, const way *w); /* calls kernel and algorithm in that way */

/* ways.c */
/* The sizes that the user asks for, over those of a test. False where there is no such parameter. */
bool exo_test_fix_sizes(const exo_test *t, const wish *wanted, int64_t *sizes);
int exo_test_variant(const exo_test *t, const char *variant, const wish *wanted, const char *program);
int exo_test_word(const char *word, const char *const *names); /* which of three it is; -2: none */
extern const char *const exo_test_value_names[3], *const exo_test_place_names[3], *const exo_test_stride_names[3];

/* time.c */
int exo_test_benchmark(const exo_test *t, const wish *wanted);

static inline const exo_test_param *param(const exo_test *t, int p)
{
    return &t->params[p];
}

#endif
