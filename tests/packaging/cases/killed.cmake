# A configure that is killed at any moment, alone or with all that it started, does no harm: the next one succeeds, with the output of one
# that nobody disturbed. Ten times here, eighty with EXO_NIGHTLY.
set(times 10)
if(NIGHTLY)
  set(times 80)
endif()
find_program(setsid NAMES setsid)
if(NOT setsid)
  message("SKIPPED: there is no setsid")
  return()
endif()
set(calls "exo_add_kernel(gemm RECIPE gemm.toml)" "exo_add_kernel(scale RECIPE scale.toml)")
foreach(i RANGE 1 6)
  list(APPEND calls "exo_add_kernel(copy${i} RECIPE gemm.toml KERNEL gemm FUNCTION_PREFIX copy${i}_)")
endforeach()
kernels(${calls})
edit(gemm.toml "seq(0, K)" "seq(0, K + 0)")
if(GENERATOR)
  set(generator_option "-DEXO_GENERATOR=${GENERATOR}")
endif()

# What an undisturbed configure makes of both states of the recipe.
file(READ "${source}/gemm.toml" recipe0)
string(REPLACE "A[i,k] * B[k,j]" "B[k,j] * A[i,k]" recipe1 "${recipe0}")
check(NOT recipe0 STREQUAL recipe1)
foreach(which 0 1)
  file(WRITE "${source}/gemm.toml" "${recipe${which}}")
  configure()
  generated(expected${which})
endforeach()
check(NOT expected0 STREQUAL expected1)

set(which 0)
foreach(i RANGE 1 ${times})
  math(EXPR which "1 - ${which}")
  file(WRITE "${source}/gemm.toml" "${recipe${which}}")
  string(RANDOM LENGTH 3 ALPHABET 0123456789 delay)
  string(RANDOM LENGTH 1 ALPHABET 0123456789 kind)
  math(EXPR whole "${kind} % 2")
  math(EXPR fresh "${kind} % 3")
  if(fresh EQUAL 0)
    file(REMOVE_RECURSE "${build}/exo-cache")
  endif()
  set(delay "0.${delay}")
  if(kind LESS 7)
    string(REPLACE "0." "0.0" delay "${delay}") # most of the work is done early
  endif()
  execute_process(COMMAND sh -c "
    '${setsid}' '${CMAKE_COMMAND}' -S \"$0\" -B \"$1\" > \"$1/killed.log\" 2>&1 &
    pid=$!
    sleep ${delay}
    if [ ${whole} = 1 ]; then kill -9 -$pid; else kill -9 $pid; fi
    wait $pid" "${source}" "${build}" RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
  configure()
  generated(found)
  if(NOT found STREQUAL expected${which})
    message(FATAL_ERROR "after a kill at ${delay} s (whole group: ${whole}) the output is another one:\n${found}\nnot\n${expected${which}}")
  endif()
endforeach()
file(GLOB_RECURSE halves "${build}/exo/*.tmp")
list(LENGTH halves left)
check(left LESS 4) # what is left over goes when the kernel is written again
build()
app(EXPECT "gemm ran with ")
