# A recipe that does not exist, and one that goes away and comes back.
kernels("exo_add_kernel(gemm RECIPE gem.toml)")
configure(FAILS EXPECT "the recipe does not exist: .*/gem.toml")
kernels("exo_add_kernel(gemm RECIPE gemm.toml)")
configure()
build()
file(RENAME "${source}/gemm.toml" "${source}/away.toml")
build(FAILS EXPECT "the recipe does not exist|missing and no known rule")
file(RENAME "${source}/away.toml" "${source}/gemm.toml")
build()
app(EXPECT "gemm ran with ")

# A kernel that the recipe does not have.
kernels("exo_add_kernel(gemm RECIPE scale.toml)")
build(FAILS EXPECT "scale[.]toml" "gemm")
