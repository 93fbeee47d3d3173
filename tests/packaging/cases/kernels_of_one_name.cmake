# Two kernels of one name, also in two directories, and one kernel under two names.
file(WRITE "${source}/below/CMakeLists.txt" "exo_add_kernel(gemm RECIPE ../gemm.toml LIBRARY below)\n")
kernels("add_subdirectory(below)" "exo_add_kernel(gemm RECIPE gemm.toml)")
configure(FAILS EXPECT "a kernel of that name was added in .*below/CMakeLists.txt")
kernels("exo_add_kernel(gemm RECIPE gemm.toml)" "exo_add_kernel(other RECIPE gemm.toml KERNEL gemm)")
configure(FAILS EXPECT "the kernel `gemm`, which is the name of a C function")
