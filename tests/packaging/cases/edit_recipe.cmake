# Saving a recipe and typing ninja generates that kernel again, and compiles its files alone.
kernels("exo_add_kernel(gemm RECIPE gemm.toml)" "exo_add_kernel(scale RECIPE scale.toml)"
  "target_link_libraries(gemm PRIVATE scale)")
log_generator()
configure()
build()
take_calls()

edit(gemm.toml "for k in seq(0, K)" "for kk in seq(0, K)")
edit(gemm.toml "A[i,k] * B[k,j]" "A[i,kk] * B[kk,j]")
edit(gemm.toml "format = 1" "format = 1 # change once")
build(EXPECT "gemm.portable.c.o" REJECT "scale[.][a-z]*[.]c[.]o" "exo_runtime.dir")
take_calls()
check(calls)
check(NOT "${calls}" MATCHES "label scale\n")
app(EXPECT "gemm ran with ")
build(EXPECT "no work to do")

# A file that the recipe does not mention changes nothing.
file(WRITE "${source}/notes.txt" "unrelated")
build(EXPECT "no work to do")

# A change that makes the same C compiles nothing.
edit(gemm.toml "# change once" "# change once, said differently")
build(REJECT "Building C object")
