# exo_kernel_tests: every variant of every kernel is a test; one that the machine lacks is emulated; a fault is found, made small, and
# can be seen again.
file(WRITE "${source}/hardware/alien/target.toml" "format = 1\n\n[target]\nname  = \"alien\"\narch  = \"z80\"\n")
file(APPEND "${source}/gemm.toml" "\n[[variant]]\ntarget = \"alien\"\nschedule = \"none\"\n")
file(WRITE "${source}/rows.toml" "format = 1

[kernel.rows]
contract  = { fp = \"exact\" }
algorithm = '''
def rows(N : size, first : index, x : [f32][N, 4], s : f32[N], how : bool):
    assert first >= 0
    for i in seq(0, N):
        for j in seq(0, 4):
            if i >= first:
                if how:
                    s[i] += x[i,j]
'''
")
file(WRITE "${source}/types.toml" "format = 1

[kernel.types]
algorithm = '''
def types(N : size, K : int, h : f16[N], b : bf16[N], a : f64, d : f64[N], i : i8[N], w : u16[N], last : i64):
    assert K > -7
    for n in seq(0, N):
        h[n] = h[n] * 0.5 + f16(b[n])
        d[n] = exp(a) / (d[n] + f64(K))
        i[n] = sat_i8(h[n]) - i[n]
        w[n] = w[n] * 3
        last += i64(w[n])
'''
")
kernels("enable_testing()" "exo_add_kernel(gemm RECIPE gemm.toml LIBRARY products TARGET_PATH hardware TESTS BENCHMARK)"
  "exo_add_kernel(scale RECIPE scale.toml LIBRARY products TESTS)"
  "exo_add_kernel(rows RECIPE rows.toml LIBRARY products)"
  "exo_add_kernel(types RECIPE types.toml LIBRARY products)"
  "add_library(gemm ALIAS products)")
log_generator()
configure()
take_calls()
string(REGEX MATCHALL "call " count "${calls}")
list(LENGTH count count)
check(count EQUAL 1)
check(calls MATCHES "tests_out [^\n]*/exo/gemm.tests\n") # scheduled once for both
check(NOT calls MATCHES "label gemm.tests")
build(REJECT "warning:")
set(tests "products[.]gemm[.]avx512" "products[.]gemm[.]avx2" "products[.]gemm[.]alien" "products[.]gemm[.]portable"
  "products[.]scale[.]portable" "products[.]rows[.]portable" "products[.]types[.]portable")
run(COMMAND ctest --test-dir "${build}" --output-on-failure EXPECT ${tests} "100% tests passed" "out of 7" REJECT "[Ss]kipped")
run(COMMAND "${build}/products_tests" gemm EXPECT "gemm, variant portable: [0-9]+ calls agree")
run(COMMAND "${build}/products_tests" --list EXPECT "gemm\n")
run(COMMAND "${build}/products_tests" --benchmark gemm --size N=8 --size M=8 --size K=8 EXPECT "gemm N=8 M=8 K=8" "plain C. +[0-9]+ ns")
run(FAILS COMMAND "${build}/products_tests" gemm portable --size X=3 EXPECT "gemm has no size for `X=3`")
run(FAILS COMMAND "${build}/products_tests" absent EXPECT "there is no such kernel")

# Without emulation what the machine lacks is skipped, with the reason.
execute_process(COMMAND "${build}/products_tests" gemm alien RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
check(said MATCHES "gemm has no variant `alien` here")

# On an older CPU: through an emulator that is given, else emulated, else skipped.
find_program(qemu NAMES qemu-x86_64 qemu-x86_64-static)
execute_process(COMMAND uname -m OUTPUT_VARIABLE machine OUTPUT_STRIP_TRAILING_WHITESPACE)
if(qemu AND machine STREQUAL "x86_64")
  set(old "${qemu}" -cpu Nehalem "${build}/products_tests" gemm avx2 --size N=3 --size M=9 --size K=2)
  run(COMMAND ${old} --through "${qemu} -cpu Haswell" EXPECT "gemm, variant avx2: [0-9]+ calls agree")
  run(COMMAND ${old} --otherwise "${build}/products_emulated_tests" EXPECT "gemm, variant avx2: [0-9]+ calls agree")
  execute_process(COMMAND ${old} RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_QUIET)
  check(status EQUAL 77)
  check(said MATCHES "SKIPPED: gemm, variant avx2, may not run here: this machine lacks [a-z0-9 ]*avx2")
endif()

# Nothing changes in the next configure, and nothing is called.
take_calls()
configure()
take_calls()
check(NOT calls)

# Mutations: a wrong number, an element that is left out, one too many, memory out of bounds, rounding that the contract forbids, a
# gap between elements. Each is found, and found again by the command that is printed.
function(mutant kernel before after)
  set(file "${build}/exo/${kernel}/${kernel}.portable.c")
  file(READ "${file}" right)
  string(REPLACE "${before}" "${after}" wrong "${right}")
  check(NOT wrong STREQUAL right)
  file(WRITE "${file}" "${wrong}")
  run(COMMAND ninja -C "${build}" products_tests)
  run(FAILS COMMAND "${build}/products_tests" ${kernel} portable EXPECT "${kernel}, variant portable, is wrong" ${ARGN})
  string(REGEX MATCH "again: [^\n]*_tests'? ([^\n]*)" again "${output}")
  separate_arguments(words UNIX_COMMAND "${CMAKE_MATCH_1}")
  run(FAILS COMMAND "${build}/products_tests" ${words} EXPECT "is wrong" ${ARGN})
  file(WRITE "${file}" "${right}")
endfunction()
mutant(gemm "k < K" "k < K - (M == 5)" "N = 1 M = 5 K = 1" "C.0,0. is ")
mutant(gemm "A[i * K + k] *" "A[i * K + k + (k == 6)] *" "K = 7")
mutant(scale "i < N" "i <= N" "touches memory outside of its arguments|memory behind x is written")
mutant(scale "i = 0; i < N" "i = 0; i < N / 8 * 8" "N = 1\n" "x.0. is ")
mutant(scale "2.0f" "2.0000002f" "rounding numbers|whole numbers")
mutant(types "n < N" "n < N - (N == 13)" "is wrong")
mutant(rows "= 0; j < 4" "= 1; j < 4" "N = 1 first = 0 how = 1" "s.0. is ")
run(COMMAND ninja -C "${build}")
