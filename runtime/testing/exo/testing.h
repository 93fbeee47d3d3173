/* What a generated NAME.test.c hands to the program that tests kernels. Not for programs that use them. */
#ifndef EXO_TESTING_H
#define EXO_TESTING_H

#include "exo/kernel.h"

typedef enum exo_test_type {
    EXO_TEST_F16,
    EXO_TEST_BF16,
    EXO_TEST_F32,
    EXO_TEST_F64,
    EXO_TEST_I8,
    EXO_TEST_I16,
    EXO_TEST_I32,
    EXO_TEST_I64,
    EXO_TEST_U8,
    EXO_TEST_U16,
    EXO_TEST_U32
} exo_test_type;

enum { EXO_TEST_MOST_DIMS = 12, EXO_TEST_MOST_PARAMS = 64 };

/* A parameter of the kernel: a number that controls, or data. */
typedef struct exo_test_param {
    const char *name;
    bool control;
    exo_test_type type;
    int dims;                         /* of data; 0: a scalar */
    bool written, strided;            /* strided: a window */
    const int64_t *begins, *elements; /* values that assertions ask for: of test t from begins[t] on; NULL: any */
} exo_test_param;

/* Data as it is handed over. Strides are in elements. */
typedef struct exo_test_data {
    void *data;
    int64_t strides[EXO_TEST_MOST_DIMS];
} exo_test_data;

/* A kernel, its algorithm as plain C, and sizes that are worth a try, small ones first. */
typedef struct exo_test {
    const char *kernel;
    const exo_test_param *params;
    int count;            /* of parameters, at most EXO_TEST_MOST_PARAMS */
    const int64_t *sizes; /* `count` numbers for each test; what stands for data is not used */
    int tests;
    bool exact;      /* sums keep their order: results are the same to the bit */
    bool whole;      /* whole numbers stay whole: on small ones nothing rounds */
    bool no_nans;    /* the order decides what becomes of them */
    bool own_values; /* some elements belong to the sizes of their test */
    /* The shape of each data parameter, for these sizes. */
    void (*shapes)(const int64_t *sizes, int64_t (*shape)[EXO_TEST_MOST_DIMS]);
    exo_status (*call)(const int64_t *sizes, const exo_test_data *data);
    exo_status (*reference)(const int64_t *sizes, const exo_test_data *data);
} exo_test;

/* Runs what the words ask for; the status of the program. `tests` ends with NULL. */
int exo_testing_main(int argc, char **argv, const exo_test *const *tests);

#endif
