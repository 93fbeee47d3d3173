# The same bytes from other places, in another language, at another time: what is generated depends on the recipe alone. And who words a
# `brief` or a comment better compiles nothing again.
edit(gemm.toml "format = 1" "format = 1\nimport = { blas = \"lib/blas.toml\" }")
kernels("enable_testing()" "exo_add_kernel(gemm RECIPE gemm.toml TESTS REPORT)")
configure()
build()

set(other "${WORK}/${CASE} other place/deeper")
file(REMOVE_RECURSE "${other}")
file(COPY "${source}/" DESTINATION "${other}/source" PATTERN "build" EXCLUDE)
if(GENERATOR)
  set(generator_option "-DEXO_GENERATOR=${GENERATOR}")
endif()
run(COMMAND "${CMAKE_COMMAND}" -E env LC_ALL=tr_TR.UTF-8 LANG=de_DE.UTF-8 TZ=Pacific/Kiritimati "${CMAKE_COMMAND}" -S "${other}/source" -B "${other}/out"
  -G Ninja "-DEXO_SOURCE_DIR=${EXO_ROOT}" "-DEXO_HOST_TOOL_DIR=${TOOLS}" ${generator_option})

# What stands in another build tree is what stands in ours, and names no place.
function(check_same_bytes tree)
  foreach(folder gemm gemm.tests)
    file(GLOB files RELATIVE "${build}/exo/${folder}" "${build}/exo/${folder}/*")
    check(files)
    foreach(file IN LISTS files)
      file(SHA256 "${build}/exo/${folder}/${file}" here)
      file(SHA256 "${tree}/exo/${folder}/${file}" there)
      if(NOT here STREQUAL there)
        message(FATAL_ERROR "${folder}/${file} is another one in ${tree}")
      endif()
      file(READ "${build}/exo/${folder}/${file}" text)
      string(FIND "${text}" "${WORK}" at)
      string(FIND "${text}" "${EXO_ROOT}" at_exo)
      if(NOT at EQUAL -1 OR NOT at_exo EQUAL -1)
        message(FATAL_ERROR "${folder}/${file} names a place of this machine")
      endif()
    endforeach()
  endforeach()
endfunction()
check_same_bytes("${other}/out")

# So does a generator that another compiler made.
find_program(clang NAMES clang++)
if(NIGHTLY AND clang)
  run(COMMAND "${CMAKE_COMMAND}" -S "${other}/source" -B "${other}/clang" -G Ninja "-DEXO_SOURCE_DIR=${EXO_ROOT}"
    "-DEXO_HOST_TOOL_DIR=${WORK}/${CASE}.tools" "-DEXO_HOST_CXX_COMPILER=${clang}"
    EXPECT "building the generator for this machine with")
  check_same_bytes("${other}/clang")
  file(REMOVE_RECURSE "${WORK}/${CASE}.tools")
endif()
file(REMOVE_RECURSE "${WORK}/${CASE} other place")

# Each file says what it was made by and of.
file(STRINGS "${build}/exo/gemm/gemm.h" line LIMIT_COUNT 1)
check(line MATCHES "Made by exo [0-9.]+ from gemm.toml, [0-9a-f]+[.]")

edit(gemm.toml "C += A B" "C += A B, worded better")
build(EXPECT "Re-running CMake" REJECT "Building C object")
edit(gemm.toml "for i in seq(0, N):" "for i in seq(0, N):  # rows")
build(REJECT "Building C object")
