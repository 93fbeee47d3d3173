# A target that the recipe has no variant for.
kernels("exo_add_kernel(gemm RECIPE gemm.toml TARGETS avx1024)")
configure(FAILS EXPECT "avx1024" "the recipe was refused")
check(NOT EXISTS "${build}/exo/gemm/gemm.dispatch.c")
