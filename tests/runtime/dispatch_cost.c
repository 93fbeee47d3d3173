/* dispatch_cost [NANOSECONDS]: what choosing a variant adds to a call, beside a direct call of the same function, and what the first call
   takes. Ends with 1 where it adds more than NANOSECONDS. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "exo/kernel.h"

typedef int callee(int, const float*);
static int best(int n, const float* x) { return n + (x != NULL); }
static int plain(int n, const float* x) { return n + (x != NULL); }
static const uint64_t nothing = 0;
static const exo_variant variants[] = {
    {"best", "best", "", &nothing, (exo_function)best},
    {"portable", "portable", "", &nothing, (exo_function)plain},
};
EXO_KERNEL(measured, "measured", variants);
EXO_REGISTER_KERNEL(measured);

/* What a generated entry does. */
__attribute__((noinline)) static int dispatched(int n, const float* x) {
  const exo_function run = exo_pick(&measured);
  return run ? ((callee*)run)(n, x) : -1;
}
__attribute__((noinline)) static int by_size(int n, const float* x) {
  const uint64_t usable = exo_usable(&measured);
  if ((usable & 1u) && n >= 0) return best(n, x);
  return usable & 2u ? plain(n, x) : -1;
}
__attribute__((noinline)) static int direct(int n, const float* x) { return best(n, x); }

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

/* The least of many measurements: other programs only ever make it slower. */
static double time_of(callee* call) {
  enum { CALLS = 20000, ROUNDS = 400 };
  double least = 1e30;
  volatile int sink = 0;
  callee* volatile target = call; /* all three are called alike */
  for (int round = 0; round < ROUNDS; ++round) {
    const double begin = now();
    for (int i = 0; i < CALLS; ++i) sink = target(i, NULL);
    const double spent = (now() - begin) / CALLS;
    least = spent < least ? spent : least;
  }
  (void)sink;
  return least;
}

int main(int argc, char** argv) {
  const double begin = now();
  dispatched(1, NULL);
  const double first = now() - begin;
  const double alone = time_of(direct), chosen = time_of(dispatched), sized = time_of(by_size);
  printf("direct %.2f ns, dispatched %.2f ns, by size %.2f ns; the first call %.0f ns\n", alone, chosen, sized, first);
  const double most = argc > 1 ? atof(argv[1]) : 1e9;
  return chosen - alone > most || sized - alone > most;
}
