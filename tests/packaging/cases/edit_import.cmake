# A recipe that takes its schedule from a file of its own: saving that one generates the kernel again, and a mistake in it is
# reported where it stands.
import_steps()
# Another one reaches it by another name.
file(READ "${source}/scale.toml" scale)
file(WRITE "${source}/below/scale.toml" "import = { lib = \"../lib/steps.toml\" }\n${scale}")
kernels("exo_add_kernel(gemm RECIPE gemm.toml)" "exo_add_kernel(scale RECIPE below/scale.toml LIBRARY gemm)")
configure()
build()
app(EXPECT "gemm ran with ")

edit(lib/steps.toml "by = 4" "by = 8")
build(EXPECT "gemm.avx2.c.o" REJECT "gemm.avx512.c.o" "gemm.portable.c.o")
app(EXPECT "gemm ran with ")
build(EXPECT "no work to do")

generated(before)
edit(lib/steps.toml "split" "slit")
place(lib/steps.toml "slit" at)
build(FAILS EXPECT "lib/steps[.]toml:${at}[^0-9]" "there is no verb `slit`" "did you mean `split`")
file(RENAME "${source}/lib/steps.toml" "${source}/lib/away.toml")
place(gemm.toml "lib/steps" at)
build(FAILS EXPECT "gemm[.]toml:${at}[^0-9]" "there is no file `lib/steps.toml`")
generated(after)
check(after STREQUAL before)
file(RENAME "${source}/lib/away.toml" "${source}/lib/steps.toml")
edit(lib/steps.toml "slit" "split")
build()
app(EXPECT "gemm ran with ")
