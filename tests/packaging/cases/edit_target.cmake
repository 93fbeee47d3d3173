# A target of the user's is an input: saving it generates its kernels again.
file(COPY "${EXO_ROOT}/targets/avx2" DESTINATION "${source}/hardware")
kernels("exo_add_kernel(gemm RECIPE gemm.toml TARGETS avx2 TARGET_PATH hardware)")
log_generator()
configure()
build()
take_calls()
check("${calls}" MATCHES "target_path [^\n]*hardware\n")
check("${calls}" MATCHES "target avx2\n")
file(APPEND "${source}/hardware/avx2/target.toml" "# a comment\n")
build(EXPECT "Re-running CMake")
take_calls()
check(calls)

# TARGET_PATH that is no directory.
kernels("exo_add_kernel(gemm RECIPE gemm.toml TARGET_PATH hardwear)")
configure(FAILS EXPECT "TARGET_PATH names no directory: .*hardwear")
