# Finds the generator, or builds it for the machine that runs CMake. In this order:
#
# 1. `EXO_GENERATOR`, a path that the user gives;
# 2. the one of the installed package that this file is part of, if it is of the same version and runs here;
# 3. one that was built from the same sources before, in `EXO_HOST_TOOL_DIR` (by default a folder of the build tree; many
#    build trees may share one);
# 4. a build of its own: Release, with the host's compiler (`EXO_HOST_CXX_COMPILER`, else `CXX_FOR_BUILD` of the
#    environment, else the usual names), untouched by the toolchain and the flags of the project. Packages are looked for
#    in `EXO_HOST_PREFIX_PATH` and where the system has them.

include_guard(GLOBAL)
include(${CMAKE_CURRENT_LIST_DIR}/ExoVersion.cmake)

cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH _exo_root)
set_property(GLOBAL PROPERTY EXO_ROOT ${_exo_root})
set_property(GLOBAL PROPERTY EXO_VERSION ${EXO_VERSION})
unset(_exo_root)

# What would make the host's compiler, or CMake, work for another machine or with other flags.
set_property(GLOBAL PROPERTY EXO_ENVIRONMENT_OF_THE_TARGET
  AR ARCHFLAGS ARFLAGS AS ASFLAGS ASM ASMFLAGS CC CFLAGS CMAKE_APPLE_SILICON_PROCESSOR CMAKE_BUILD_TYPE CMAKE_CONFIG_TYPE
  CMAKE_CONFIGURATION_TYPES CMAKE_EXPORT_COMPILE_COMMANDS CMAKE_GENERATOR CMAKE_GENERATOR_INSTANCE
  CMAKE_GENERATOR_PLATFORM CMAKE_GENERATOR_TOOLSET CMAKE_INSTALL_MODE CMAKE_INSTALL_PREFIX CMAKE_MAXIMUM_RECURSION_DEPTH
  CMAKE_PREFIX_PATH CMAKE_TOOLCHAIN_FILE COMPILER_PATH CPATH CPLUS_INCLUDE_PATH CPP CPPFLAGS CROSS_COMPILE CXX CXXFLAGS
  C_INCLUDE_PATH DESTDIR GCC_EXEC_PREFIX LD LDFLAGS LIBRARY_PATH MAKEFLAGS MAKELEVEL MFLAGS NM OBJCOPY OBJDUMP
  PKG_CONFIG_LIBDIR PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR RANLIB READELF SDKROOT STRIP SYSROOT VERBOSE)

#[=======================================================================[.md:
    _exo_generator_sources(<out>)

All files that the generator is built from.
#]=======================================================================]
function(_exo_generator_sources out)
  get_property(root GLOBAL PROPERTY EXO_ROOT)
  file(GLOB_RECURSE sources LIST_DIRECTORIES false ${root}/generator/*.cpp ${root}/generator/*.h)
  set(${out} ${sources} ${root}/generator/CMakeLists.txt ${root}/cmake/ExoVersion.cmake PARENT_SCOPE)
endfunction()

# A change of the generator's sources configures the project again, so that its kernels are made by what stands there.
function(exo_watch_generator_sources)
  _exo_given_generator(given)
  if(NOT given)
    _exo_generator_sources(sources)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${sources})
  endif()
endfunction()

# A generator that need not be built: EXO_GENERATOR, else the installed one, else nothing.
function(_exo_given_generator out)
  if(EXO_GENERATOR)
    set(${out} "${EXO_GENERATOR}" PARENT_SCOPE)
    return()
  endif()
  get_property(known GLOBAL PROPERTY EXO_INSTALLED_GENERATOR SET)
  if(NOT known)
    get_property(root GLOBAL PROPERTY EXO_ROOT)
    set(installed)
    if(EXISTS "${root}/cmake/installed-generator.txt")
      file(STRINGS "${root}/cmake/installed-generator.txt" installed LIMIT_COUNT 1)
      cmake_path(ABSOLUTE_PATH installed BASE_DIRECTORY "${root}/cmake" NORMALIZE)
      _exo_check_generator("${installed}" problem)
      if(problem)
        message(STATUS "Exo: the installed generator is not used: ${problem}")
        set(installed)
      endif()
    endif()
    set_property(GLOBAL PROPERTY EXO_INSTALLED_GENERATOR "${installed}")
  endif()
  get_property(installed GLOBAL PROPERTY EXO_INSTALLED_GENERATOR)
  set(${out} "${installed}" PARENT_SCOPE)
endfunction()

#[=======================================================================[.md:
    _exo_generator_identity(<out>)

A text that changes whenever the generator could write something else. Needs no built generator.
#]=======================================================================]
function(_exo_generator_identity out)
  _exo_given_generator(given)
  if(given)
    if(NOT EXISTS "${given}")
      message(FATAL_ERROR "EXO_GENERATOR names no file: ${given}")
    endif()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${given}")
    file(TIMESTAMP "${given}" time "%s" UTC)
    file(SIZE "${given}" size)
    set(${out} "${given} ${time} ${size}" PARENT_SCOPE)
    return()
  endif()
  get_property(digest GLOBAL PROPERTY EXO_SOURCE_DIGEST)
  if(NOT digest)
    get_property(root GLOBAL PROPERTY EXO_ROOT)
    _exo_generator_sources(sources)
    set(text "")
    foreach(source IN LISTS sources)
      file(SHA256 "${source}" hash)
      cmake_path(RELATIVE_PATH source BASE_DIRECTORY "${root}")
      string(APPEND text "${source} ${hash}\n")
    endforeach()
    string(SHA256 digest "${text}")
    string(SUBSTRING ${digest} 0 16 digest)
    set_property(GLOBAL PROPERTY EXO_SOURCE_DIGEST ${digest})
  endif()
  set(${out} ${digest} PARENT_SCOPE)
endfunction()

#[=======================================================================[.md:
    exo_find_generator(<variable>)

Sets `<variable>` to the path of a generator that runs on this machine; it is built now if need be.
#]=======================================================================]
function(exo_find_generator variable)
  _exo_generator(found)
  set(${variable} "${found}" PARENT_SCOPE)
endfunction()

# The path of a generator that runs here, built now if need be.
function(_exo_generator out)
  get_property(found GLOBAL PROPERTY EXO_CHECKED_GENERATOR)
  _exo_given_generator(given)
  if(given)
    if(EXO_GENERATOR AND NOT found STREQUAL given)
      _exo_check_generator("${given}" problem)
      if(problem)
        message(FATAL_ERROR "EXO_GENERATOR is of no use: ${problem}")
      endif()
    endif()
    set(found "${given}")
  else()
    _exo_generator_identity(digest)
    if(EXO_HOST_TOOL_DIR)
      set(tools "${EXO_HOST_TOOL_DIR}")
    else()
      set(tools "${CMAKE_BINARY_DIR}/exo-host")
    endif()
    cmake_path(ABSOLUTE_PATH tools BASE_DIRECTORY "${CMAKE_BINARY_DIR}")
    if(NOT found STREQUAL "${tools}/${digest}/exo")
      _exo_build_once("${tools}" ${digest})
      set(found "${tools}/${digest}/exo")
    endif()
  endif()
  set_property(GLOBAL PROPERTY EXO_CHECKED_GENERATOR "${found}")
  set(${out} "${found}" PARENT_SCOPE)
endfunction()

# What is wrong with a generator; nothing if it runs here and is of this version.
function(_exo_check_generator path out)
  get_property(version GLOBAL PROPERTY EXO_VERSION)
  execute_process(COMMAND "${path}" --version
    RESULT_VARIABLE result OUTPUT_VARIABLE says ERROR_VARIABLE errors OUTPUT_STRIP_TRAILING_WHITESPACE)
  set(problem)
  if(NOT result EQUAL 0)
    set(problem "${path} does not run here: ${result} ${errors}")
  elseif(NOT says STREQUAL "exo ${version}")
    set(problem "${path} is `${says}`, but `exo ${version}` is wanted")
  endif()
  set(${out} "${problem}" PARENT_SCOPE)
endfunction()

# Leaves a generator that runs here in <tools>/<digest>/exo. One configure builds, others that share the folder wait.
function(_exo_build_once tools digest)
  file(MAKE_DIRECTORY "${tools}")
  file(LOCK "${tools}/lock" GUARD FUNCTION TIMEOUT 1800 RESULT_VARIABLE locked)
  if(NOT locked EQUAL 0)
    message(FATAL_ERROR "another configure holds ${tools}/lock: ${locked}")
  endif()
  set(exo "${tools}/${digest}/exo")
  if(EXISTS "${exo}")
    _exo_check_generator("${exo}" problem)
    if(NOT problem)
      return()
    endif()
    message(STATUS "Exo: building the generator again: ${problem}")
  endif()
  _exo_host_compiler(compiler)
  _exo_build_generator("${tools}" "${compiler}" built)
  _exo_check_generator("${built}" problem)
  if(problem)
    message(FATAL_ERROR "the generator was built with ${compiler}, but ${problem}. "
      "EXO_HOST_CXX_COMPILER names a compiler that makes programs for this machine")
  endif()
  file(MAKE_DIRECTORY "${tools}/${digest}")
  file(COPY_FILE "${built}" "${exo}.new")
  file(RENAME "${exo}.new" "${exo}")
endfunction()

# The compiler that makes programs for this machine.
function(_exo_host_compiler out)
  set(in_path NO_CACHE NO_CMAKE_FIND_ROOT_PATH NO_CMAKE_PATH NO_CMAKE_ENVIRONMENT_PATH NO_CMAKE_SYSTEM_PATH)
  unset(compiler) # find_program() keeps what a caller's variable says
  unset(wanted)
  if(EXO_HOST_CXX_COMPILER)
    set(wanted "${EXO_HOST_CXX_COMPILER}")
  elseif(NOT "$ENV{CXX_FOR_BUILD}" STREQUAL "")
    set(wanted "$ENV{CXX_FOR_BUILD}")
  endif()
  if(wanted)
    find_program(compiler NAMES "${wanted}" ${in_path})
    if(NOT compiler)
      message(FATAL_ERROR "the compiler for the host, ${wanted}, does not exist")
    endif()
  else()
    find_program(compiler NAMES c++ g++ clang++ g++-14 g++-13 g++-12 clang++-17 clang++-16 clang++-15 clang++-14
      ${in_path})
    if(NOT compiler)
      message(FATAL_ERROR "there is no C++ compiler for the generator of Exo, which runs on this machine. "
        "EXO_HOST_CXX_COMPILER names one; on Debian and Ubuntu: apt-get install g++")
    endif()
  endif()
  set(${out} "${compiler}" PARENT_SCOPE)
endfunction()

# Builds the generator in <tools>/tree-<compiler and sources>, where only what changed is compiled the next time.
function(_exo_build_generator tools compiler out)
  get_property(root GLOBAL PROPERTY EXO_ROOT)
  get_property(variables GLOBAL PROPERTY EXO_ENVIRONMENT_OF_THE_TARGET)
  list(TRANSFORM variables PREPEND "--unset=")
  set(clean "${CMAKE_COMMAND}" -E env ${variables})

  file(TIMESTAMP "${compiler}" time "%s" UTC)
  string(SHA256 key "${root} ${compiler} ${time} ${CMAKE_VERSION}")
  string(SUBSTRING ${key} 0 8 key)
  set(tree "${tools}/tree-${key}")
  set(log "${tools}/tree-${key}.log")

  unset(ninja)
  find_program(ninja NAMES ninja ninja-build NO_CACHE NO_CMAKE_FIND_ROOT_PATH)
  if(ninja)
    set(generator -G Ninja "-DCMAKE_MAKE_PROGRAM=${ninja}")
  else()
    set(generator -G "Unix Makefiles")
  endif()
  cmake_host_system_information(RESULT cores QUERY NUMBER_OF_LOGICAL_CORES)

  message(STATUS "Exo: building the generator for this machine with ${compiler} (once; a minute or two)")
  execute_process(
    COMMAND ${clean} "${CMAKE_COMMAND}" -S "${root}/generator" -B "${tree}" ${generator} -DCMAKE_BUILD_TYPE=Release
      -DCMAKE_CXX_FLAGS_RELEASE=-O1 "-DCMAKE_CXX_COMPILER=${compiler}" "-DCMAKE_PREFIX_PATH=${EXO_HOST_PREFIX_PATH}"
    RESULT_VARIABLE result OUTPUT_FILE "${log}" ERROR_FILE "${log}")
  if(result EQUAL 0)
    execute_process(COMMAND ${clean} "${CMAKE_COMMAND}" --build "${tree}" --target exo --parallel ${cores}
      RESULT_VARIABLE result OUTPUT_FILE "${log}" ERROR_FILE "${log}")
  endif()
  if(NOT result EQUAL 0)
    execute_process(COMMAND "${CMAKE_COMMAND}" -E cat "${log}") # message() would fold its lines
    message(FATAL_ERROR "the generator of Exo could not be built; see above, or ${log}")
  endif()
  set(${out} "${tree}/exo" PARENT_SCOPE)
endfunction()
