# Libraries of kernels: what is generated becomes sources of targets.

include_guard(GLOBAL)

# A variable that names a target names the one behind its alias from now on.
macro(_exo_resolve_alias variable)
  get_target_property(aliased "${${variable}}" ALIASED_TARGET)
  if(aliased)
    set(${variable} ${aliased})
  endif()
endmacro()

#[=======================================================================[.md:
    exo_add_library(<name> [STATIC | SHARED | OBJECT] [DISPATCH RUNTIME | STATIC] [TARGETS <target>...])

Makes a library for kernels, to which `exo_add_kernel(... LIBRARY <name>)` adds. It has one header, `<name>.h`, with all of
its kernels, and a registry of them: `<name>_kernels`, an array of `exo_library_kernel` that ends with a null name. A program
that links it statically lists all of its kernels, not only those that it calls.

- `STATIC`, `SHARED`, `OBJECT`: the kind of library; by default what `BUILD_SHARED_LIBS` says. What a shared one exports is
  visible whatever `CMAKE_C_VISIBILITY_PRESET` is.
- `DISPATCH RUNTIME`, the default: the best variant for the CPU is chosen when the program runs. `DISPATCH STATIC`: the library
  is for CPUs that are known to have the one target that `TARGETS` names; its variants are called without a question.
- `TARGETS` are those of kernels that do not say otherwise.
#]=======================================================================]
function(exo_add_library name)
  list(APPEND CMAKE_MESSAGE_CONTEXT "exo_add_library(${name})")
  # STATIC is a word of its own and the value of another one.
  string(REGEX REPLACE "(^|;)DISPATCH;STATIC(;|$)" "\\1DISPATCH;<static>\\2" words "${ARGN}")
  cmake_parse_arguments(arg "STATIC;SHARED;OBJECT" "DISPATCH" "TARGETS" ${words})
  if(arg_DISPATCH STREQUAL "<static>")
    set(arg_DISPATCH STATIC)
  endif()
  _exo_check_keywords("exo_add_library(${name})" "STATIC SHARED OBJECT DISPATCH TARGETS")
  set(type)
  foreach(kind STATIC SHARED OBJECT)
    if(arg_${kind})
      list(APPEND type ${kind})
    endif()
  endforeach()
  list(LENGTH type kinds)
  list(LENGTH arg_TARGETS targets)
  if(kinds GREATER 1)
    list(JOIN type " and " type)
    message(FATAL_ERROR "exo_add_library(${name}): ${type} exclude each other")
  elseif(DEFINED arg_DISPATCH AND NOT arg_DISPATCH MATCHES "^(RUNTIME|STATIC)$")
    message(FATAL_ERROR "exo_add_library(${name}): DISPATCH is RUNTIME or STATIC, not ${arg_DISPATCH}")
  elseif(arg_DISPATCH STREQUAL "STATIC" AND NOT targets EQUAL 1)
    message(FATAL_ERROR "exo_add_library(${name}): DISPATCH STATIC is for one target that is known: TARGETS <target>")
  elseif(TARGET "${name}")
    message(FATAL_ERROR "exo_add_library(${name}): there is a target of that name already")
  elseif(NOT "${name}" MATCHES "^[A-Za-z0-9_][A-Za-z0-9_.+-]*$")
    message(FATAL_ERROR "exo_add_library(${name}): the name may have letters, digits and _ . + - only")
  elseif(NOT CMAKE_C_COMPILER_LOADED)
    message(FATAL_ERROR "exo_add_library(${name}): kernels are C, which this project does not enable: project(... LANGUAGES C CXX)")
  endif()
  _exo_make_library("${name}" ${type})

  string(MAKE_C_IDENTIFIER "${name}" ident)
  set(directory "${CMAKE_CURRENT_BINARY_DIR}/exo/${name}.library")
  set(header "${directory}/${name}.h")
  set(source "${directory}/${name}.registry.c")
  set_target_properties(${name} PROPERTIES EXO_IDENT ${ident} EXO_DISPATCH "${arg_DISPATCH}" EXO_TARGETS "${arg_TARGETS}" EXO_INCLUDES ""
    EXO_ROWS "")
  set_property(TARGET ${name} APPEND PROPERTY EXO_HEADERS "${header}")
  set(each_include "$<JOIN:$<TARGET_PROPERTY:${name},EXO_INCLUDES>,\n>\n")
  set(each_row "$<JOIN:$<TARGET_PROPERTY:${name},EXO_ROWS>,\n>")
  # Written when CMake generates, when every directory has added its kernels; the same in each configuration.
  file(GENERATE OUTPUT "${header}" CONTENT "/* All kernels of ${name}. */
#ifndef EXO_LIBRARY_${ident}_H
#define EXO_LIBRARY_${ident}_H

#include \"exo/runtime.h\"
${each_include}
#ifdef __cplusplus
extern \"C\" {
#endif
/* Ends with one whose name is null. */
extern const exo_library_kernel ${ident}_kernels[];
#ifdef __cplusplus
}
#endif
#endif
")
  file(GENERATE OUTPUT "${source}" CONTENT "/* The kernels of ${name}. */
#include \"${name}.h\"

const exo_library_kernel ${ident}_kernels[] = {
${each_row}
    {0, 0}};
")
  target_sources(${name} PRIVATE "${source}")
  _exo_visibility(${name} visibility)
  set_source_files_properties("${source}" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON SKIP_PRECOMPILE_HEADERS ON SKIP_AUTOGEN ON
    COMPILE_OPTIONS "${visibility}")
  target_include_directories(${name} PUBLIC "$<BUILD_INTERFACE:${directory}>")
endfunction()

# What every function of the module says of keywords that it does not know.
macro(_exo_check_keywords whom keywords)
  if(arg_UNPARSED_ARGUMENTS)
    list(JOIN arg_UNPARSED_ARGUMENTS " " _exo_unknown)
    message(FATAL_ERROR "${whom}: unexpected: ${_exo_unknown}. The keywords are ${keywords}")
  elseif(arg_KEYWORDS_MISSING_VALUES)
    list(JOIN arg_KEYWORDS_MISSING_VALUES " " _exo_without)
    message(FATAL_ERROR "${whom}: no value after ${_exo_without}")
  endif()
endmacro()

function(_exo_make_library name)
  add_library(${name} ${ARGN})
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE C)
  if(NOT DEFINED CMAKE_POSITION_INDEPENDENT_CODE)
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  endif()
  _exo_prepare_library(${name})
endfunction()

# What a library needs that has kernels, once.
function(_exo_prepare_library library)
  get_target_property(prepared ${library} EXO_PREPARED)
  if(NOT prepared)
    set_target_properties(${library} PROPERTIES EXO_PREPARED ON)
    target_compile_features(${library} PRIVATE c_std_11)
    target_link_libraries(${library} PUBLIC Exo::runtime)
  endif()
endfunction()

# Options by which a shared library exports its kernels.
function(_exo_visibility library out)
  set(${out} "" PARENT_SCOPE)
  get_target_property(type ${library} TYPE)
  if(type MATCHES "^(SHARED|MODULE)_LIBRARY$" AND NOT MSVC)
    set(${out} "-fvisibility=default" PARENT_SCOPE)
  endif()
endfunction()

# Compiles what was generated for a request into its library, each file with the flags of its target.
function(_exo_compile_kernel name)
  _exo_recall("${name}" LIBRARY DIRECTORY SOURCES INPUTS OUTPUTS FLAGS CNAME PLACE CHOICE AT)
  if(AT STREQUAL "BUILD")
    _exo_generate_at_build("${name}")
  else()
    # The outputs too, so that one that is deleted is made again.
    set_property(DIRECTORY "${PLACE}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${INPUTS} ${OUTPUTS})
  endif()
  if(NOT LIBRARY)
    return() # for tests
  endif()
  _exo_common_flags(common)
  _exo_visibility(${LIBRARY} visibility)
  set(paths)
  set(without)
  set(built)
  foreach(file IN LISTS SOURCES)
    _exo_recall("${name}" "FACTS_${file}")
    set(flags)
    if(FACTS_${file} MATCHES "^([^|]*)[|]([^|]*)[|]([^|]*)[|]([^|]*)[|](.*)$")
      set(variant "${CMAKE_MATCH_1}")
      set(ident "${CMAKE_MATCH_2}")
      set(target "${CMAKE_MATCH_3}")
      set(arch "${CMAKE_MATCH_4}")
      string(REPLACE " " ";" flags "${CMAKE_MATCH_5}")
      _exo_why_unsuitable("${arch}" "${flags}" why)
      if(why)
        if(CHOICE STREQUAL "STATIC")
          message(FATAL_ERROR "exo_add_kernel(${name}): ${LIBRARY} is built for ${target} alone, but ${why}")
        endif()
        list(APPEND without "EXO_WITHOUT_${ident}")
        set_property(GLOBAL APPEND PROPERTY EXO_LEFT_OUT "${target}: ${why}|${name}")
        continue()
      endif()
      list(APPEND built "${variant}")
    endif()
    list(APPEND paths "${DIRECTORY}/${file}")
    set(flags_of_${file} "${flags}")
  endforeach()
  target_sources(${LIBRARY} PRIVATE ${paths})
  foreach(path IN LISTS paths)
    cmake_path(GET path FILENAME file)
    set(own ${flags_of_${file}})
    if(file STREQUAL "${CNAME}.dispatch.c")
      set(own ${visibility})
      set_source_files_properties("${path}" TARGET_DIRECTORY ${LIBRARY} PROPERTIES COMPILE_DEFINITIONS "${without}")
    endif()
    set_source_files_properties("${path}" TARGET_DIRECTORY ${LIBRARY} PROPERTIES
      LANGUAGE C
      COMPILE_OPTIONS "${common};${FLAGS};${own}"
      SKIP_AUTOGEN ON
      SKIP_PRECOMPILE_HEADERS ON
      SKIP_UNITY_BUILD_INCLUSION ON)
  endforeach()
  _exo_note("${name}" BUILT "${built}")
endfunction()

# One line for each target that was left out, with the kernels that it was left out of.
function(_exo_say_left_out)
  get_property(entries GLOBAL PROPERTY EXO_LEFT_OUT)
  set_property(GLOBAL PROPERTY EXO_LEFT_OUT)
  list(REMOVE_DUPLICATES entries)
  set(reasons ${entries})
  list(TRANSFORM reasons REPLACE "[|].*$" "")
  list(REMOVE_DUPLICATES reasons)
  foreach(reason IN LISTS reasons)
    set(whom)
    foreach(entry IN LISTS entries)
      if(entry MATCHES "^(.*)[|](.*)$")
        set(of "${CMAKE_MATCH_1}")
        set(kernel "${CMAKE_MATCH_2}")
        if(of STREQUAL reason)
          list(APPEND whom "${kernel}")
        endif()
      endif()
    endforeach()
    list(LENGTH whom count)
    set(verb "is")
    if(count GREATER 1)
      set(verb "are")
    endif()
    if(count GREATER 4)
      list(SUBLIST whom 0 3 whom)
      math(EXPR count "${count} - 3")
      list(APPEND whom "${count} more")
    endif()
    list(JOIN whom ", " whom)
    message(STATUS "Exo: ${whom} ${verb} built without ${reason}")
  endforeach()
endfunction()
