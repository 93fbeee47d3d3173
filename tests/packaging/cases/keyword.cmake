# Misspelt and missing keywords, and what is not possible.
kernels("exo_add_kernel(gemm RECIPES gemm.toml)")
configure(FAILS EXPECT "exo_add_kernel.gemm.: unexpected: RECIPES gemm.toml" "RECIPE LIBRARY KERNEL TARGETS")
kernels("exo_add_kernel(gemm RECIPE gemm.toml TARGET avx2)")
configure(FAILS EXPECT "unexpected: TARGET avx2")
kernels("exo_add_kernel(gemm RECIPE)")
configure(FAILS EXPECT "no value after RECIPE")
kernels("exo_add_kernel(gemm)")
configure(FAILS EXPECT "RECIPE <file> is missing")
kernels("exo_add_kernel(gemm RECIPE gemm.toml PARAMS KC)")
configure(FAILS EXPECT "PARAMS wants <param>=<value>, not `KC`")
kernels("add_custom_target(gemm)" "exo_add_kernel(gemm RECIPE gemm.toml)")
configure(FAILS EXPECT "there is a target called gemm already")
kernels("add_library(lib INTERFACE)" "exo_add_kernel(gemm RECIPE gemm.toml LIBRARY lib)")
configure(FAILS EXPECT "lib is no target that can have")
kernels("exo_add_kernel(\"../gemm\" RECIPE gemm.toml)")
configure(FAILS EXPECT "the name may have letters")
kernels("exo_add_kernel(gemm RECIPE gemm.toml FUNCTION_PREFIX 2nd)")
configure(FAILS EXPECT "FUNCTION_PREFIX is no beginning of a C name: 2nd")
kernels("exo_add_kernel(gemm RECIPE gemm.toml DEPENDS nothing.txt)")
configure(FAILS EXPECT "DEPENDS names no file: .*nothing.txt")
kernels("exo_add_kernel(gemm RECIPE gemm.toml VARIANTS avx1024)")
configure(FAILS EXPECT "no variant `avx1024`")

# A recipe outside of the project, and one that imports from there.
file(MAKE_DIRECTORY "${WORK}/${CASE} elsewhere")
file(COPY "${source}/gemm.toml" DESTINATION "${WORK}/${CASE} elsewhere")
kernels("exo_add_kernel(gemm RECIPE \"${WORK}/${CASE} elsewhere/gemm.toml\")")
configure(FAILS EXPECT "the recipe is outside of the project: .*elsewhere/gemm.toml")
edit(gemm.toml "format = 1" "format = 1\nimport = { other = \"../../${CASE} elsewhere/gemm.toml\" }")
kernels("exo_add_kernel(gemm RECIPE gemm.toml)")
configure(FAILS EXPECT "outside of what this recipe may read" "gemm[.]toml:2:")

# Libraries.
foreach(mistake
    "exo_add_library(l STATIC SHARED)|STATIC and SHARED exclude each other"
    "exo_add_library(l DISPATCH NEVER)|DISPATCH is RUNTIME or STATIC, not NEVER"
    "exo_add_library(l DISPATCH STATIC)|DISPATCH STATIC is for one target"
    "exo_add_library(l KERNELS a)|unexpected: KERNELS a. The keywords are"
    "add_custom_target(l)\nexo_add_library(l)|there is a target of that name already"
    "exo_add_library(gemm)\nexo_add_kernel(gemm RECIPE gemm.toml LIBRARY gemm)|gemm.h is the header of the library"
    "exo_add_library(l DISPATCH STATIC TARGETS avx2)\nexo_add_kernel(gemm RECIPE gemm.toml LIBRARY l TARGETS avx512)|l is for avx2 alone"
    "exo_kernel_tests(l)|there is no such library"
    "add_library(l ../keyword/app.c)\nexo_kernel_tests(l)|the library has no kernel"
    "exo_add_library(l)\nexo_kernel_tests(l TIMEOUT soon)|TIMEOUT is a number of seconds, not soon"
    "exo_add_library(l)\nexo_kernel_tests(l)\nexo_kernel_tests(l)|it has its tests already"
    "exo_add_library(l)\nexo_kernel_tests(l EMULATE)|unexpected: EMULATE")
  string(REGEX MATCH "^(.*)[|](.*)$" found "${mistake}")
  set(expected "${CMAKE_MATCH_2}")
  kernels("${CMAKE_MATCH_1}")
  configure(FAILS EXPECT "${expected}")
endforeach()
