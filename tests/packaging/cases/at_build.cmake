# EXO_GENERATE=BUILD: the build generates, with Ninja and with Makefiles. A recipe that is saved does not run CMake, but where its variants
# change; and what it imports is found by the build itself.
import_steps()
file(READ "${source}/gemm.toml" first)
file(WRITE "${source}/below/CMakeLists.txt" "exo_add_kernel(gemm RECIPE ../gemm.toml LIBRARY gemm)\n")
kernels("exo_add_library(gemm_library)" "add_library(gemm ALIAS gemm_library)" "add_subdirectory(below)")
file(WRITE "${source}/below/CMakeLists.txt" "exo_add_kernel(gemm RECIPE ../gemm.toml LIBRARY gemm_library)\nexo_add_kernel(scale RECIPE ../scale.toml)\n")
find_program(make NAMES make gmake)
set(generators Ninja)
if(make AND NIGHTLY)
  list(APPEND generators "Unix Makefiles")
endif()
foreach(generator IN LISTS generators)
  set(build "${source}/build ${generator}")
  file(WRITE "${source}/gemm.toml" "${first}")
  configure(GENERATOR "${generator}" CMAKE -DEXO_GENERATE=BUILD)
  check(NOT EXISTS "${build}/below/exo/gemm/gemm.avx2.c")
  build(EXPECT "Generating gemm")
  app(EXPECT "gemm ran with ")
  build(REJECT "Generating gemm" "Building C object")

  execute_process(COMMAND "${CMAKE_COMMAND}" -E sleep 1.1) # Makefiles see changes by the second
  edit(gemm.toml "for k in seq(0, K)" "for kk in seq(0, K)")
  edit(gemm.toml "A[i,k] * B[k,j]" "A[i,kk] * B[kk,j]")
  build(EXPECT "Generating gemm" "gemm.portable.c.o" REJECT "Re-running CMake" "Generating scale" "scale[.][a-z]*[.]c[.]o")
  app(EXPECT "gemm ran with ")

  execute_process(COMMAND "${CMAKE_COMMAND}" -E sleep 1.1)
  edit(lib/steps.toml "by = 4" "by = 8")
  build(EXPECT "Generating gemm" "gemm.avx2.c.o" REJECT "Re-running CMake" "gemm.portable.c.o")
  edit(lib/steps.toml "by = 8" "by = 4")

  # A mistake is told where it stands.
  execute_process(COMMAND "${CMAKE_COMMAND}" -E sleep 1.1)
  edit(gemm.toml "format = 1" "format = = 1")
  build(FAILS EXPECT "gemm[.]toml:1:" "the recipe was refused")
  edit(gemm.toml "format = = 1" "format = 1")

  # Another variant: the build says so, and the next one plans anew.
  execute_process(COMMAND "${CMAKE_COMMAND}" -E sleep 1.1)
  edit(gemm.toml "target = \"avx512\"" "name = \"other\"\ntarget = \"avx512\"")
  build(FAILS EXPECT "the recipe has other variants")
  build(EXPECT "gemm.other.c.o")
  app(EXPECT "gemm ran with ")
endforeach()
set(build "${source}/build")
configure(FAILS CMAKE -DEXO_GENERATE=LATER EXPECT "EXO_GENERATE is CONFIGURE or BUILD, not LATER")
