# The first configure builds the generator for the host, whatever the environment and the toolchain file say about the
# target's machine, compiler and packages.
kernels("exo_add_kernel(gemm RECIPE gemm.toml)")
file(WRITE "${source}/toolchain.cmake" "
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR riscv64)
set(CMAKE_C_COMPILER cc)
set(CMAKE_CXX_COMPILER /no/such/compiler)
set(CMAKE_FIND_ROOT_PATH /nowhere)
foreach(kind LIBRARY INCLUDE PACKAGE)
  set(CMAKE_FIND_ROOT_PATH_MODE_\${kind} ONLY)
endforeach()
")
foreach(variable CXXFLAGS CPPFLAGS MAKEFLAGS)
  set(ENV{${variable}} "--no-such-flag")
endforeach()
set(ENV{CXX} "/no/such/compiler")
set(ENV{CMAKE_TOOLCHAIN_FILE} "${source}/toolchain.cmake")
timed(spent configure)
foreach(variable CXXFLAGS CPPFLAGS MAKEFLAGS CXX CMAKE_TOOLCHAIN_FILE)
  unset(ENV{${variable}})
endforeach()
build()
app(EXPECT "gemm ran with ")

if(NOT GENERATOR)
  at_most("a first configure" ${spent} 120000)

  # A second build tree finds it.
  file(REMOVE_RECURSE "${build}")
  timed(spent configure REJECT "building the generator")
  at_most("a first configure with the generator at hand" ${spent} 2000)
  generator_path(built)
  check(EXISTS "${built}")

  # A compiler for the host that does not exist is said to be so.
  file(REMOVE_RECURSE "${build}")
  configure(FAILS EXPECT "compiler for the host, no-such-compiler, does not exist"
    CMAKE -DEXO_HOST_CXX_COMPILER=no-such-compiler "-DEXO_HOST_TOOL_DIR=${build}/tools")
endif()
