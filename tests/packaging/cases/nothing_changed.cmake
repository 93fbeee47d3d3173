# Configuring again calls nothing and rewrites nothing.
kernels("exo_add_kernel(gemm RECIPE gemm.toml)")
log_generator()
configure()
take_calls()
check(calls)
build()
app(EXPECT "gemm ran with ")

configure(REJECT "building the generator")
take_calls()
check(NOT calls)
build(EXPECT "no work to do")
