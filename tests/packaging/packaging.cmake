# What the cases share: a copy of the downstream project in a folder whose path has spaces, and steps that must succeed, or
# must fail with the right words. Variables from outside: CASE, EXO_ROOT, WORK, TOOLS, and GENERATOR, which may be empty.

set(source "${WORK}/a place with spaces/${CASE}")
set(build "${source}/build")
file(REMOVE_RECURSE "${source}")
file(COPY "${CMAKE_CURRENT_LIST_DIR}/downstream/" DESTINATION "${source}")

#[=======================================================================[.md:
    run([FAILS] [EXPECT <regex>...] [REJECT <regex>...] COMMAND <word>...)

Runs a command. It must succeed (or fail), and its output, standard error included, must match; where lines end does not
matter. Leaves it in `output`.
#]=======================================================================]
function(run)
  cmake_parse_arguments(PARSE_ARGV 0 arg "FAILS" "" "EXPECT;REJECT;COMMAND")
  execute_process(COMMAND ${arg_COMMAND} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  list(JOIN arg_COMMAND " " text)
  set(report "${text}\n${output}\n(${result})")
  if(arg_FAILS AND result EQUAL 0)
    message(FATAL_ERROR "this should fail: ${report}")
  elseif(NOT arg_FAILS AND NOT result EQUAL 0)
    message(FATAL_ERROR "this should succeed: ${report}")
  endif()
  string(REGEX REPLACE "[ \n]+" " " flat "${output}") # CMake folds the lines of its messages
  foreach(regex IN LISTS arg_EXPECT)
    if(NOT output MATCHES "${regex}" AND NOT flat MATCHES "${regex}")
      message(FATAL_ERROR "`${regex}` is not in the output of ${report}")
    endif()
  endforeach()
  foreach(regex IN LISTS arg_REJECT)
    if(output MATCHES "${regex}")
      message(FATAL_ERROR "`${regex}` is in the output of ${report}")
    endif()
  endforeach()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# Writes the CMake code that adds the kernels.
function(kernels)
  list(JOIN ARGN "\n" text)
  file(WRITE "${source}/kernels.cmake" "${text}\n")
endfunction()

# Configures the project; options of run() may come first, those of cmake after CMAKE.
macro(configure)
  cmake_parse_arguments(conf "FAILS" "GENERATOR" "EXPECT;REJECT;CMAKE" ${ARGN})
  if(NOT conf_GENERATOR)
    set(conf_GENERATOR Ninja)
  endif()
  set(fails)
  if(conf_FAILS)
    set(fails FAILS)
  endif()
  if(GENERATOR)
    list(APPEND conf_CMAKE "-DEXO_GENERATOR=${GENERATOR}")
  endif()
  run(${fails} EXPECT ${conf_EXPECT} REJECT ${conf_REJECT} COMMAND "${CMAKE_COMMAND}" -S "${source}" -B "${build}"
    -G "${conf_GENERATOR}" "-DEXO_SOURCE_DIR=${EXO_ROOT}" "-DEXO_HOST_TOOL_DIR=${TOOLS}" ${conf_CMAKE})
endmacro()

# Builds what was configured; options of run() may be given.
macro(build)
  run(${ARGN} COMMAND "${CMAKE_COMMAND}" --build "${build}")
endmacro()

# Runs the program, which checks the result itself; options of run() may be given.
macro(app)
  run(${ARGN} COMMAND "${build}/app")
endmacro()

# Puts a logging script before the generator from now on: `calls` lists what it was asked to do.
macro(log_generator)
  generator_path(GENERATOR)
  file(WRITE "${source}/logged-exo" "#!/bin/sh
log='${WORK}/${CASE}.calls'
if [ \"$1\" = batch ]; then
  echo \"call $*\" >> \"$log\"
  cat > \"$log.last\"
  cat \"$log.last\" >> \"$log\"
  exec '${GENERATOR}' \"$@\" < \"$log.last\"
fi
exec '${GENERATOR}' \"$@\"
")
  file(CHMOD "${source}/logged-exo" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
  set(GENERATOR "${source}/logged-exo")
  file(REMOVE "${WORK}/${CASE}.calls")
endmacro()

# The calls since the last time with what each asks for, as a text in `calls`, empty where there was none.
macro(take_calls)
  set(calls "")
  if(EXISTS "${WORK}/${CASE}.calls")
    file(READ "${WORK}/${CASE}.calls" calls)
    file(REMOVE "${WORK}/${CASE}.calls")
  endif()
endmacro()

# The contents of everything that was generated, as one text in <out>.
function(generated out)
  file(GLOB files "${build}/exo/*/*.[chj]*")
  set(text)
  foreach(file IN LISTS files)
    file(SHA256 "${file}" hash)
    string(APPEND text "${file} ${hash}\n")
  endforeach()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

# Replaces text in a file of the project; it must be there.
function(edit file before after)
  file(READ "${source}/${file}" text)
  string(FIND "${text}" "${before}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${file} has no `${before}`")
  endif()
  string(REPLACE "${before}" "${after}" text "${text}")
  file(WRITE "${source}/${file}" "${text}")
endfunction()

# Where a text stands in a file of the project: "line:column", both from one.
function(place file text out)
  file(READ "${source}/${file}" all)
  string(FIND "${all}" "${text}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${file} has no `${text}`")
  endif()
  string(SUBSTRING "${all}" 0 ${at} before)
  string(FIND "${before}" "\n" newline REVERSE)
  math(EXPR column "${at} - ${newline}")
  string(REGEX REPLACE "[^\n]" "" newlines "${before}")
  string(LENGTH "${newlines}" line)
  math(EXPR line "${line} + 1")
  set(${out} "${line}:${column}" PARENT_SCOPE)
endfunction()

# The generator that the cases use, as a path in <out>.
function(generator_path out)
  if(NOT GENERATOR)
    include("${EXO_ROOT}/cmake/ExoHostGenerator.cmake")
    _exo_generator_identity(digest)
    set(GENERATOR "${TOOLS}/${digest}/exo")
  endif()
  set(${out} "${GENERATOR}" PARENT_SCOPE)
endfunction()

# Fails unless the condition, in the syntax of if(), holds.
macro(check)
  if(NOT (${ARGN}))
    message(FATAL_ERROR "this does not hold: ${ARGN}")
  endif()
endmacro()

# gemm.toml takes the schedule of its variant for avx2 from lib/steps.toml.
macro(import_steps)
  file(WRITE "${source}/lib/steps.toml" "format = 1

[schedule.rows]
steps = [
  { split = \"i\", by = 4, tail = \"cut\", as = [\"io\", \"ii\"] },
]
")
  edit(gemm.toml "format = 1" "format = 1\nimport = { lib = \"lib/steps.toml\" }")
  edit(gemm.toml "target = \"avx2\"\nschedule = \"none\"" "target = \"avx2\"\nschedule = \"lib.rows\"")
endmacro()

# Takes the next block of code from a page of documentation, a text in <variable>; <out> gets it, or nothing where there is none.
function(take_block variable out)
  set(block "")
  set(text "${${variable}}")
  if(text MATCHES "\n```[a-z]+\n")
    set(opening "${CMAKE_MATCH_0}")
    string(FIND "${text}" "${opening}" at)
    string(LENGTH "${opening}" length)
    math(EXPR at "${at} + ${length}")
    string(SUBSTRING "${text}" ${at} -1 text)
    string(FIND "${text}" "\n```" length)
    string(SUBSTRING "${text}" 0 ${length} block)
    math(EXPR length "${length} + 4")
    string(SUBSTRING "${text}" ${length} -1 text)
  endif()
  set(${out} "${block}" PARENT_SCOPE)
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()

# timed(<variable> <command> <argument>...): runs it, and leaves the milliseconds.
macro(timed variable command)
  string(TIMESTAMP begin "%s %f" UTC)
  cmake_language(CALL ${command} ${ARGN})
  string(TIMESTAMP end "%s %f" UTC)
  string(REGEX REPLACE "^([0-9]+) 0*([0-9]+)$" "\\1*1000 + \\2/1000" begin "${begin}")
  string(REGEX REPLACE "^([0-9]+) 0*([0-9]+)$" "\\1*1000 + \\2/1000" end "${end}")
  math(EXPR ${variable} "(${end}) - (${begin})")
endmacro()

# at_most(<what> <milliseconds> <bar>): bars hold on two quiet cores; tests, which share them, have SLACK times as long.
# `cmake -DSLACK=1 ...` holds them as they are.
function(at_most what spent bar)
  math(EXPR bar "${bar} * ${SLACK}")
  message("${what}: ${spent} ms (at most ${bar})")
  check(spent LESS_EQUAL bar)
endfunction()

if(NOT DEFINED SLACK)
  set(SLACK 20)
endif()

include("${CMAKE_CURRENT_LIST_DIR}/cases/${CASE}.cmake")
