# The first configure builds the generator for the host, whatever the environment says about the target's compiler.
kernels("exo_add_kernel(gemm RECIPE gemm.toml)")
foreach(variable CXXFLAGS CPPFLAGS MAKEFLAGS CMAKE_TOOLCHAIN_FILE_FOR_NOBODY)
  set(ENV{${variable}} "--no-such-flag")
endforeach()
set(ENV{CXX} "/no/such/compiler")
configure()
foreach(variable CXXFLAGS CPPFLAGS MAKEFLAGS CXX)
  unset(ENV{${variable}})
endforeach()
build()
app(EXPECT "gemm ran with ")

if(NOT GENERATOR)
  # A second build tree finds it.
  file(REMOVE_RECURSE "${build}")
  configure(REJECT "building the generator")
  generator_path(built)
  check(EXISTS "${built}")

  # A compiler for the host that does not exist is said to be so.
  file(REMOVE_RECURSE "${build}")
  configure(FAILS EXPECT "compiler for the host, no-such-compiler, does not exist"
    CMAKE -DEXO_HOST_CXX_COMPILER=no-such-compiler "-DEXO_HOST_TOOL_DIR=${build}/tools")
endif()
