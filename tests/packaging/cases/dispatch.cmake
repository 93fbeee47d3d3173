# Dispatch in programs of all kinds: many threads at the first call under the thread sanitizer, the address sanitizer, static-pie; forcing,
# disabling, listing; and a kernel whose variants depend on sizes.
edit(gemm.toml "[[variant]]\ntarget = \"avx512\"" "[[variant]]
name   = \"small\"
target = \"portable\"
when   = \"N*M*K < 100\"

[[variant]]
target = \"avx512\"")
file(WRITE "${source}/threads.c" [[
/* Threads that call first together, while another one changes what is wished. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "gemm.h"
#include "scale.h"

static void *call(void *failed)
{
    float a[15] = {1}, b[20] = {1}, c[12] = {0}, x[3] = {1, 2, 3};
    for (int i = 0; i < 200; ++i) {
        c[0] = 0;
        if (gemm(3, 4, 5, a, b, c) != EXO_OK || c[0] != 1 || scale(3, x) != EXO_OK || exo_kernel_count() != 2)
            *(int *)failed = 1;
        x[0] = 1;
    }
    return NULL;
}

int main(void)
{
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    int failed[THREADS] = {0}, any = 0;
    for (int i = 0; i < THREADS; ++i)
        pthread_create(&threads[i], NULL, call, &failed[i]);
    for (int i = 0; i < 50; ++i) {
        exo_set_target(i % 2 ? "portable" : NULL);
        exo_set_variant("gemm", i % 3 ? NULL : "portable");
    }
    exo_set_variant("gemm", NULL);
    exo_set_target(NULL);
    for (int i = 0; i < THREADS; ++i) {
        pthread_join(threads[i], NULL);
        any |= failed[i];
    }
    /* By size: the variant for small ones declines others. */
    float many[400] = {0}, out[400] = {0};
    if (exo_set_variant("gemm", "small") != EXO_OK || gemm(2, 2, 2, many, many + 10, out) != EXO_OK ||
        gemm(5, 5, 5, many, many + 100, out) != EXO_NO_VARIANT || !strstr(exo_last_error(), "no variant may run for these sizes"))
        any = 2;
    exo_set_variant("gemm", NULL);
    if (gemm(5, 5, 5, many, many + 100, out) != EXO_OK)
        any = 3;
    exo_list_kernels(stdout);
    printf(any ? "failed: %d\n" : "all well\n", any);
    return any;
}
]])
kernels("exo_add_kernel(gemm RECIPE gemm.toml)" "exo_add_kernel(scale RECIPE scale.toml LIBRARY gemm)"
  "find_package(Threads REQUIRED)" "add_executable(threads threads.c)" "target_link_libraries(threads PRIVATE gemm Threads::Threads)")
set(first "${build}")
# -no-pie and no address randomisation: the thread sanitizer of GCC 12 does not know the memory layout of every kernel.
foreach(kind "plain|" "thread|-fsanitize=thread" "address|-fsanitize=address,undefined -fno-sanitize-recover=all" "static|-static-pie -fPIE")
  string(REGEX MATCH "^(.*)[|](.*)$" found "${kind}")
  set(name "${CMAKE_MATCH_1}")
  set(flags "${CMAKE_MATCH_2}")
  set(build "${first} ${name}")
  configure(CMAKE "-DCMAKE_C_FLAGS=${flags} -g" -DCMAKE_EXE_LINKER_FLAGS=)
  if(name STREQUAL "static")
    execute_process(COMMAND "${CMAKE_COMMAND}" --build "${build}" RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
    if(NOT result EQUAL 0 AND said MATCHES "cannot find|unsupported")
      message("no static C library here: ${said}")
      continue()
    endif()
  endif()
  build()
  run(COMMAND setarch -R "${build}/threads" EXPECT "all well" "gemm\n.*avx2.*portable.*scale\n" REJECT "WARNING: ThreadSanitizer" "runtime error")
  app(EXPECT "gemm ran with ")
endforeach()

# Wishes from outside.
set(build "${first} plain")
foreach(wish "EXO_TARGET=portable ~ran with (small|portable)" "EXO_TARGET=gemm=portable ~ran with (small|portable)"
    "EXO_DISABLE=avx512 small avx2 ~ran with portable" "EXO_VERBOSE=1 ~exo: gemm uses [a-z0-9]+ .*small may run")
  string(REGEX MATCH "^(.*) ~(.*)$" found "${wish}")
  set(setting "${CMAKE_MATCH_1}")
  set(expected "${CMAKE_MATCH_2}")
  run(COMMAND "${CMAKE_COMMAND}" -E env "${setting}" "${build}/app" EXPECT "${expected}")
endforeach()
run(FAILS COMMAND "${CMAKE_COMMAND}" -E env EXO_STRICT=1 EXO_TARGET=vax "${build}/app" EXPECT "`vax` is wanted")

# A kernel that does not depend on sizes asks no more than which variant was chosen.
file(READ "${build}/exo/scale/scale.dispatch.c" scale)
check(scale MATCHES "exo_pick")
check(NOT scale MATCHES "exo_usable")
