# What the C compiler of the project makes: its architecture, its family, and the flags that it knows. Found by asking the
# compiler, and remembered in internal cache entries for as long as the compiler and its flags stay the same.

include_guard(GLOBAL)

set_property(GLOBAL PROPERTY EXO_ARCHITECTURE_SOURCE ${CMAKE_CURRENT_LIST_DIR}/architecture.c)

# The family that a target's flags are listed for.
function(_exo_compiler_family out)
  if(MSVC)
    set(${out} msvc PARENT_SCOPE)
  else()
    set(${out} gnu PARENT_SCOPE)
  endif()
endfunction()

# Changes when the compiler, or what it makes, does.
function(_exo_compiler_identity out)
  set(${out} "${CMAKE_C_COMPILER} ${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION} ${CMAKE_C_COMPILER_TARGET} ${CMAKE_C_FLAGS} ${CMAKE_OSX_ARCHITECTURES} ${CMAKE_SYSROOT}" PARENT_SCOPE)
endfunction()

# The architecture that the compiler makes programs for, as target files call it. CMAKE_SYSTEM_PROCESSOR names that of the
# host when only the compiler was set, so a file is compiled and looked at.
function(_exo_compiler_architecture out)
  _exo_compiler_identity(identity)
  string(SHA256 key "${identity}")
  if(NOT EXO_ARCHITECTURE_OF STREQUAL key)
    get_property(source GLOBAL PROPERTY EXO_ARCHITECTURE_SOURCE)
    set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
    set(object "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/exo_architecture.bin")
    try_compile(compiled "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/exo_architecture" SOURCES "${source}"
      COPY_FILE "${object}" OUTPUT_VARIABLE output)
    unset(compiled CACHE)
    if(NOT EXISTS "${object}")
      message(FATAL_ERROR "the C compiler cannot compile ${source}:\n${output}")
    endif()
    file(STRINGS "${object}" found REGEX "EXO_ARCHITECTURE_IS_[a-z0-9_]+_END" LIMIT_COUNT 1)
    string(REGEX REPLACE ".*EXO_ARCHITECTURE_IS_([a-z0-9_]+)_END.*" "\\1" found "${found}")
    set(EXO_ARCHITECTURE "${found}" CACHE INTERNAL "What the C compiler makes programs for")
    set(EXO_ARCHITECTURE_OF ${key} CACHE INTERNAL "The compiler that EXO_ARCHITECTURE was asked of")
  endif()
  set(${out} "${EXO_ARCHITECTURE}" PARENT_SCOPE)
endfunction()

# Why the compiler cannot make a variant for that architecture with those flags; nothing if it can.
function(_exo_why_unsuitable arch flags out)
  set(${out} "" PARENT_SCOPE)
  _exo_compiler_architecture(own)
  if(arch AND NOT arch STREQUAL "any" AND NOT arch STREQUAL own)
    set(${out} "it is for ${arch}, and the compiler makes ${own}" PARENT_SCOPE)
    return()
  endif()
  if(NOT flags)
    return()
  endif()
  list(JOIN flags " " text)
  _exo_compiler_identity(identity)
  string(SHA256 key "${identity} ${text}")
  string(SUBSTRING ${key} 0 12 key)
  set(CMAKE_REQUIRED_QUIET ON)
  check_c_compiler_flag("${flags}" EXO_FLAGS_${key})
  if(NOT EXO_FLAGS_${key})
    set(${out} "the compiler does not know ${text}" PARENT_SCOPE)
  endif()
endfunction()

# Flags of every generated file, stated after those of the project. Optimised in every configuration but Debug, so also
# without a build type; and arithmetic is never changed behind the recipe's back, whatever the project is compiled with.
function(_exo_common_flags out)
  if(MSVC)
    set(${out} "/fp:precise;$<$<NOT:$<CONFIG:Debug>>:/O2>" PARENT_SCOPE)
  else()
    set(${out} "-fno-fast-math;-ffp-contract=off;$<$<NOT:$<CONFIG:Debug>>:-O3>" PARENT_SCOPE)
  endif()
endfunction()
