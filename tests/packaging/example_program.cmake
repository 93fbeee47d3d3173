# The program of the example project, as packaging.example has built it: every variant, asked for in both ways, here and on
# CPUs that this machine may not be; against NumPy; and on inputs that it must refuse.
set(program "${CMAKE_CURRENT_BINARY_DIR}/a place with spaces/example build/matmul")
set(a "${PROJECT_SOURCE_DIR}/example-project/data/a.npy")
set(b "${PROJECT_SOURCE_DIR}/example-project/data/b.npy")
set(work "${CMAKE_CURRENT_BINARY_DIR}/example-results")
file(MAKE_DIRECTORY "${work}")
find_program(EXO_TEST_QEMU NAMES qemu-x86_64 qemu-x86_64-static)
find_program(EXO_TEST_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH) # the one that Debian's NumPy is for
find_program(EXO_TEST_PYTHON NAMES python3)
mark_as_advanced(EXO_TEST_QEMU EXO_TEST_PYTHON)

# example_test(<name> <regex> [<property> <value>]... COMMAND <word>...): passes where the output matches. A variant that
# this machine cannot run, and a program that is not there, is a skipped test.
function(example_test name expected)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "ENVIRONMENT;COMMAND")
  add_test(NAME "example.${name}" COMMAND ${arg_COMMAND})
  set_tests_properties("example.${name}" PROPERTIES
    PASS_REGULAR_EXPRESSION "${expected}" ENVIRONMENT "${arg_ENVIRONMENT}" FIXTURES_REQUIRED exo_example TIMEOUT 120
    SKIP_REGULAR_EXPRESSION "no variant may run here;No module named .numpy")
endfunction()

set(agrees "agrees with the product in double precision")
foreach(variant avx512 avx2 portable)
  example_test("EXO_TARGET=${variant}" "100 x 70 x 50 with ${variant}: .*${agrees}"
    ENVIRONMENT EXO_TARGET=${variant} EXO_STRICT=1
    COMMAND "${program}" "${a}" "${b}" "${work}/environment_${variant}.npy" --check)
  example_test("--target ${variant}" "100 x 70 x 50 with ${variant}: .*${agrees}" ENVIRONMENT EXO_STRICT=1
    COMMAND "${program}" "${a}" "${b}" "${work}/option_${variant}.npy" --check --target ${variant})
  if(EXO_TEST_PYTHON)
    example_test("NumPy agrees with ${variant}" "NumPy agrees on [0-9]+ sizes" ENVIRONMENT EXO_STRICT=1
      COMMAND "${EXO_TEST_PYTHON}" "${CMAKE_CURRENT_SOURCE_DIR}/example_numpy.py" sizes "${program}" ${variant})
  endif()
endforeach()
if(EXO_TEST_PYTHON)
  example_test("NumPy's other files are refused" "all [0-9]+ are refused"
    COMMAND "${EXO_TEST_PYTHON}" "${CMAKE_CURRENT_SOURCE_DIR}/example_numpy.py" refused "${program}")
endif()
example_test("EXO_VERBOSE names the choice" "exo: gemm uses portable"
  ENVIRONMENT EXO_VERBOSE=1 EXO_TARGET=portable COMMAND "${program}" "${a}" "${b}" "${work}/verbose.npy")
example_test("EXO_TARGET that does not exist warns" "`vax` is wanted.*100 x 70 x 50 with [a-z0-9]+: .*${agrees}"
  ENVIRONMENT EXO_TARGET=vax COMMAND "${program}" "${a}" "${b}" "${work}/vax.npy" --check)

# Emulated CPUs: the best variant that they have, and never an instruction that they lack.
execute_process(COMMAND uname -m OUTPUT_VARIABLE machine OUTPUT_STRIP_TRAILING_WHITESPACE)
if(EXO_TEST_QEMU AND machine STREQUAL "x86_64")
  foreach(pair "Nehalem portable" "Haswell avx2")
    separate_arguments(pair)
    list(GET pair 0 cpu)
    list(GET pair 1 variant)
    example_test("on ${cpu}" "100 x 70 x 50 with ${variant}: .*${agrees}"
      COMMAND "${EXO_TEST_QEMU}" -cpu ${cpu} "${program}" "${a}" "${b}" "${work}/${cpu}.npy" --check)
  endforeach()
endif()

# example_refuses(<name> <regex> <word>...): the program fails with these words, and says why.
function(example_refuses name expected)
  add_test(NAME "example.refuses ${name}" COMMAND ${CMAKE_COMMAND} "-DEXPECT=${expected}"
    -P "${CMAKE_CURRENT_SOURCE_DIR}/fails.cmake" -- "${program}" ${ARGN})
  set_tests_properties("example.refuses ${name}" PROPERTIES FIXTURES_REQUIRED exo_example)
endfunction()
file(WRITE "${work}/text.npy" "not an array\n")
file(WRITE "${work}/empty.npy" "")
example_refuses("shapes that do not fit" "has 70 columns, but .* has 100 rows" "${b}" "${a}" "${work}/no.npy")
example_refuses("a file that does not exist" "absent.npy: No such file" "${a}" "${work}/absent.npy" "${work}/no.npy")
example_refuses("a text" "text.npy: not a .npy file" "${work}/text.npy" "${b}" "${work}/no.npy")
example_refuses("an empty file" "empty.npy: " "${work}/empty.npy" "${b}" "${work}/no.npy")
example_refuses("a folder" "example-results: " "${work}" "${b}" "${work}/no.npy")
example_refuses("a result that cannot be written" "no/c.npy: cannot be written" "${a}" "${b}" "${work}/no/c.npy")
example_refuses("a target that does not exist" "called `vax`" "${a}" "${b}" "${work}/no.npy" --target vax)

# example_usage(<name> <regex> <word>...): wrong words are answered with the usage and status 2.
function(example_usage name expected)
  add_test(NAME "example.usage: ${name}" COMMAND ${CMAKE_COMMAND} "-DEXPECT=${expected}.*usage: matmul" -DSTATUS=2
    -P "${CMAKE_CURRENT_SOURCE_DIR}/fails.cmake" -- "${program}" ${ARGN})
  set_tests_properties("example.usage: ${name}" PROPERTIES FIXTURES_REQUIRED exo_example)
endfunction()
example_usage("no files" "three files are needed")
example_usage("two files" "three files are needed" "${a}" "${b}")
example_usage("an unknown option" "there is no option --fast" "${a}" "${b}" "${work}/no.npy" --fast)
example_usage("an option without its value" "--target needs a value" "${a}" "${b}" "${work}/no.npy" --target)
example_usage("no repetitions" "--repeat needs a number above zero, not 0" "${a}" "${b}" "${work}/no.npy" --repeat 0)
