# The public CMake interface of Exo: exo_add_kernel() here, exo_add_library() in ExoLibrary.cmake, exo_kernel_tests() in ExoTests.cmake,
# exo_install() in ExoInstall.cmake, exo_find_generator() in ExoHostGenerator.cmake. Included once; its functions may be called from any
# directory, so what they share stands in global properties, never in variables. Nothing global of the project is changed.

include_guard(GLOBAL)
include(CheckCCompilerFlag)
include(${CMAKE_CURRENT_LIST_DIR}/ExoHostGenerator.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/ExoCompiler.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/ExoGenerate.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/ExoGenerateAtBuild.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/ExoPregenerated.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/ExoLibrary.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/ExoTests.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/ExoInstall.cmake)

#[=======================================================================[.md:
    exo_add_kernel(<name> RECIPE <file> [LIBRARY <library>] [KERNEL <kernel>]
                   [TARGETS <target>...] [VARIANTS <variant>...] [PARAMS <param>=<value>...]
                   [TARGET_PATH <directory>...] [FUNCTION_PREFIX <prefix>]
                   [COMPILE_OPTIONS <option>...] [DEPENDS <file>...]
                   [OPENMP] [EMULATE] [REPORT] [TESTS] [BENCHMARK])

Generates the C of a kernel at configure time, and compiles it into `<library>`, by default a library called `<name>`. A
library that does not exist is made: static, or shared where `BUILD_SHARED_LIBS` says so. Who links it may include
`<kernel>.h`.

- `KERNEL` is the `[kernel.<kernel>]` of the recipe, by default `<name>`. It is also the name of the C function, behind
  `FUNCTION_PREFIX`.
- `TARGETS` are the targets to build for, `VARIANTS` the variants by name; by default all of the recipe. One that the compiler
  cannot make (another architecture, unknown flags) is left out with a line that says so. The library chooses the best one when
  it runs.
- `PARAMS` set params of the recipe. `TARGET_PATH` are directories that are searched for targets first.
- `COMPILE_OPTIONS` are for the C of this kernel, after those of the project and before those of the targets.
- `DEPENDS` are further files after whose change the kernel is generated again: what a script makes the recipe of.
- `OPENMP` runs the `par` loops of the kernel in the threads of OpenMP.
- `EMULATE` makes plain C of every instruction, from its specification, so that the variants of all targets run on any
  machine, slowly. They run only where they are asked for by name (`EXO_TARGET=neon`).
- `REPORT` writes `<kernel>.report.md` beside the C: for each variant its params, steps and program.
- `TESTS` tests the library, `BENCHMARK` adds a target that measures it: see `exo_kernel_tests`.

Relative paths start at the current source directory. The recipe, and what it imports, lie in the project, in its build
directory, or among the shipped recipes: nothing else is read. What is generated is in `exo/<name>` of the current binary
directory, where it is at the end of the current directory. Saving the recipe, a file that it imports, the `source` of one of its kernels,
or one of its targets, generates this kernel again in the next build; a recipe that is refused fails the configure, and the
files stay as they were.
#]=======================================================================]
function(exo_add_kernel name)
  list(APPEND CMAKE_MESSAGE_CONTEXT "exo_add_kernel(${name})")
  set(options OPENMP EMULATE REPORT TESTS BENCHMARK)
  set(one RECIPE LIBRARY KERNEL FUNCTION_PREFIX)
  set(several TARGETS VARIANTS PARAMS TARGET_PATH COMPILE_OPTIONS DEPENDS)
  cmake_parse_arguments(PARSE_ARGV 1 arg "${options}" "${one}" "${several}")
  _exo_check_keywords("exo_add_kernel(${name})"
    "RECIPE LIBRARY KERNEL TARGETS VARIANTS PARAMS TARGET_PATH FUNCTION_PREFIX COMPILE_OPTIONS DEPENDS OPENMP EMULATE REPORT TESTS BENCHMARK")
  _exo_check_arguments()
  _exo_pregenerated_mode("${name}" at pregenerated)
  _exo_find_files()
  set(cname "${arg_FUNCTION_PREFIX}${arg_KERNEL}")
  _exo_claim_name("${name}" "${cname}")
  _exo_library_of_kernel()

  # What is asked of the generator.
  set(directory "${CMAKE_CURRENT_BINARY_DIR}/exo/${name}")
  set(stamp "${directory}.stamp")
  if(at)
    set(directory "${pregenerated}")
  endif()
  set(words "recipe ${arg_RECIPE}\nout ${directory}\nkernel ${arg_KERNEL}\n")
  foreach(entry target:TARGETS variant:VARIANTS param:PARAMS target_path:TARGET_PATH)
    string(REPLACE ":" ";" entry "${entry}")
    list(GET entry 0 word)
    list(GET entry 1 keyword)
    foreach(value IN LISTS arg_${keyword})
      string(APPEND words "${word} ${value}\n")
    endforeach()
  endforeach()
  if(arg_FUNCTION_PREFIX)
    string(APPEND words "prefix ${arg_FUNCTION_PREFIX}\n")
  endif()
  if(arg_EMULATE)
    string(APPEND words "emulate\n")
  endif()
  if(arg_REPORT)
    string(APPEND words "report\n")
  endif()
  if(dispatch STREQUAL "STATIC")
    string(APPEND words "choose_when_built\n")
  endif()

  # EMULATE, and what tests need, is for few: it is always generated now.
  if(DEFINED EXO_GENERATE AND NOT EXO_GENERATE MATCHES "^(CONFIGURE|BUILD)$")
    message(FATAL_ERROR "EXO_GENERATE is CONFIGURE or BUILD, not ${EXO_GENERATE}")
  elseif("${EXO_GENERATE}" STREQUAL "BUILD" AND NOT arg_EMULATE AND NOT at)
    set(at BUILD)
  endif()

  # Now what does not wait for the generator.
  target_include_directories(${arg_LIBRARY} PUBLIC "$<BUILD_INTERFACE:${directory}>")
  set_property(TARGET ${arg_LIBRARY} APPEND PROPERTY EXO_HEADERS "${directory}/${cname}.h")
  set_property(TARGET ${arg_LIBRARY} APPEND PROPERTY EXO_KERNELS "${name}")
  set_property(TARGET ${arg_LIBRARY} APPEND PROPERTY EXO_INCLUDES "#include \"${cname}.h\"")
  set_property(TARGET ${arg_LIBRARY} APPEND PROPERTY EXO_ROWS "    {\"${cname}\", (void (*)(void))${cname}},")
  set(flags ${arg_COMPILE_OPTIONS})
  if(arg_OPENMP)
    find_package(OpenMP REQUIRED COMPONENTS C)
    separate_arguments(openmp_flags UNIX_COMMAND "${OpenMP_C_FLAGS}")
    list(PREPEND flags ${openmp_flags})
    # The libraries by path: an imported target of this directory would be unknown in others.
    target_link_libraries(${arg_LIBRARY} PRIVATE ${OpenMP_C_LIBRARIES})
  endif()

  set(readable "${PROJECT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}" ${arg_TARGET_PATH})
  _exo_note("${name}" RECIPE "${arg_RECIPE}" KERNEL "${arg_KERNEL}" CNAME "${cname}" LIBRARY "${arg_LIBRARY}" DIRECTORY "${directory}"
    STAMP "${stamp}" WORDS "${words}" REQUEST "${words}" TARGET_PATH "${arg_TARGET_PATH}" READABLE "${readable}"
    DEPENDS "${arg_DEPENDS}" FLAGS "${flags}" CHOICE "${dispatch}" AT "${at}" PLACE "${CMAKE_CURRENT_SOURCE_DIR}")
  _exo_generate_later("${name}")
  get_property(tested GLOBAL PROPERTY EXO_TESTED_IN_${arg_LIBRARY})
  if(arg_TESTS AND NOT tested)
    exo_kernel_tests(${arg_LIBRARY})
  endif()
  if(arg_BENCHMARK)
    _exo_benchmark_target(${arg_LIBRARY})
  endif()
endfunction()

# Checks the arguments of exo_add_kernel() and fills in those that follow from others. A macro: it works on its variables.
macro(_exo_check_arguments)
  if(NOT DEFINED arg_RECIPE)
    message(FATAL_ERROR "exo_add_kernel(${name}): RECIPE <file> is missing")
  elseif(NOT "${name}" MATCHES "^[A-Za-z0-9_][A-Za-z0-9_.+-]*$")
    message(FATAL_ERROR "exo_add_kernel(${name}): the name may have letters, digits and _ . + - only")
  elseif(NOT CMAKE_C_COMPILER_LOADED)
    message(FATAL_ERROR "exo_add_kernel(${name}): kernels are C, which this project does not enable: project(... LANGUAGES C CXX)")
  elseif(DEFINED arg_FUNCTION_PREFIX AND NOT arg_FUNCTION_PREFIX MATCHES "^[A-Za-z_][A-Za-z0-9_]*$")
    message(FATAL_ERROR "exo_add_kernel(${name}): FUNCTION_PREFIX is no beginning of a C name: ${arg_FUNCTION_PREFIX}")
  endif()
  foreach(param IN LISTS arg_PARAMS)
    if(NOT param MATCHES "^[A-Za-z_][A-Za-z0-9_]*=.")
      message(FATAL_ERROR "exo_add_kernel(${name}): PARAMS wants <param>=<value>, not `${param}`")
    endif()
  endforeach()
  if(NOT DEFINED arg_KERNEL)
    set(arg_KERNEL "${name}")
  endif()
  if(NOT DEFINED arg_LIBRARY)
    set(arg_LIBRARY "${name}")
    if(TARGET "${name}")
      message(FATAL_ERROR "exo_add_kernel(${name}): there is a target called ${name} already. "
        "To compile the kernel into it say LIBRARY ${name}; else name another library")
    endif()
  endif()
endmacro()

# Makes the paths among the arguments absolute, and sees that they are there and may be read.
macro(_exo_find_files)
  cmake_path(ABSOLUTE_PATH arg_RECIPE BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE)
  foreach(list TARGET_PATH DEPENDS)
    set(absolute)
    foreach(path IN LISTS arg_${list})
      cmake_path(ABSOLUTE_PATH path BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE)
      list(APPEND absolute "${path}")
      if(list STREQUAL "TARGET_PATH" AND NOT IS_DIRECTORY "${path}")
        message(FATAL_ERROR "exo_add_kernel(${name}): TARGET_PATH names no directory: ${path}")
      elseif(NOT EXISTS "${path}")
        message(FATAL_ERROR "exo_add_kernel(${name}): DEPENDS names no file: ${path}")
      endif()
    endforeach()
    set(arg_${list} "${absolute}")
  endforeach()
  set(inside OFF)
  get_property(root GLOBAL PROPERTY EXO_ROOT)
  foreach(place "${CMAKE_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}" "${CMAKE_BINARY_DIR}" "${root}/recipes")
    cmake_path(IS_PREFIX place "${arg_RECIPE}" NORMALIZE below)
    if(below)
      set(inside ON)
    endif()
  endforeach()
  if(NOT inside)
    message(FATAL_ERROR "exo_add_kernel(${name}): the recipe is outside of the project: ${arg_RECIPE}. "
      "A recipe lies in the source tree that uses it, in the build tree, or among the shipped ones")
  endif()
  # Also where it is missing: who adds it later configures again.
  if(at STREQUAL "PREGENERATED")
    # It need not be there.
  elseif(NOT "${EXO_GENERATE}" STREQUAL "BUILD" OR NOT EXISTS "${arg_RECIPE}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${arg_RECIPE}")
  endif()
  if(NOT at STREQUAL "PREGENERATED" AND (NOT EXISTS "${arg_RECIPE}" OR IS_DIRECTORY "${arg_RECIPE}"))
    message(FATAL_ERROR "exo_add_kernel(${name}): the recipe does not exist: ${arg_RECIPE}")
  endif()
endmacro()

# Makes the library of a kernel, or sees that it can take one; what the library says of all of its kernels is theirs.
macro(_exo_library_of_kernel)
  if(NOT TARGET "${arg_LIBRARY}")
    _exo_make_library("${arg_LIBRARY}")
  endif()
  _exo_resolve_alias(arg_LIBRARY)
  get_target_property(type ${arg_LIBRARY} TYPE)
  get_target_property(imported ${arg_LIBRARY} IMPORTED)
  if(imported OR NOT type MATCHES "^(EXECUTABLE|(STATIC|SHARED|MODULE|OBJECT)_LIBRARY)$")
    message(FATAL_ERROR "exo_add_kernel(${name}): ${arg_LIBRARY} is no target that can have sources")
  endif()
  _exo_prepare_library(${arg_LIBRARY})
  get_target_property(ident ${arg_LIBRARY} EXO_IDENT)
  if(ident AND ident STREQUAL cname)
    message(FATAL_ERROR "exo_add_kernel(${name}): ${cname}.h is the header of the library ${arg_LIBRARY}; name the library otherwise")
  endif()
  get_target_property(dispatch ${arg_LIBRARY} EXO_DISPATCH)
  get_target_property(library_targets ${arg_LIBRARY} EXO_TARGETS)
  if(library_targets AND NOT DEFINED arg_TARGETS)
    set(arg_TARGETS ${library_targets})
  elseif(dispatch STREQUAL "STATIC" AND NOT "${arg_TARGETS}" STREQUAL "${library_targets}")
    message(FATAL_ERROR "exo_add_kernel(${name}): ${arg_LIBRARY} is for ${library_targets} alone (DISPATCH STATIC)")
  endif()
  if(dispatch STREQUAL "STATIC" AND arg_EMULATE)
    message(FATAL_ERROR "exo_add_kernel(${name}): EMULATE is for variants that are asked for by name, and ${arg_LIBRARY} has DISPATCH STATIC")
  endif()
endmacro()

# Two kernels of one name would write the same files and define the same symbols.
function(_exo_claim_name name kernel)
  get_property(place GLOBAL PROPERTY EXO_PLACE_OF_KERNEL_${name})
  if(place)
    message(FATAL_ERROR "exo_add_kernel(${name}): a kernel of that name was added in ${place}")
  endif()
  get_property(other GLOBAL PROPERTY EXO_PLACE_OF_FUNCTION_${kernel})
  if(other)
    message(FATAL_ERROR "exo_add_kernel(${name}): the kernel `${kernel}`, which is the name of a C function, "
      "was added as ${other}. FUNCTION_PREFIX tells two apart")
  endif()
  set_property(GLOBAL PROPERTY EXO_PLACE_OF_KERNEL_${name} "${CMAKE_CURRENT_LIST_FILE}")
  set_property(GLOBAL PROPERTY EXO_PLACE_OF_FUNCTION_${kernel} "${name} in ${CMAKE_CURRENT_LIST_FILE}")
endfunction()
