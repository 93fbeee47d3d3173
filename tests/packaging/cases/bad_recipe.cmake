# A recipe that is refused fails the build with file, line and column, and leaves what was generated as it was.
kernels("exo_add_kernel(gemm RECIPE gemm.toml)")
configure()
build()
generated(before)
check(before)
file(READ "${source}/gemm.toml" good)

# refused(<before> <after> <marked> <regex>...): with this edit of the recipe the build fails, and the message stands at the
# text that is marked, or at that line where it has one.
function(refused before_edit after_edit marked)
  file(WRITE "${source}/gemm.toml" "${good}")
  edit(gemm.toml "${before_edit}" "${after_edit}")
  place(gemm.toml "${marked}" at)
  build(FAILS EXPECT "gemm[.]toml:${at}[^0-9]" "the recipe was refused" ${ARGN})
  generated(after)
  check(after STREQUAL before)
  file(GLOB_RECURSE halves "${build}/exo/*.tmp")
  check(NOT halves)
endfunction()

# The variant for avx2 gets steps that are at fault.
set(used "target = \"avx2\"\nschedule = \"none\"")
set(steps "target = \"avx2\"\nschedule = \"steps\"\n\n[schedule.steps]\nsteps = [\n  { phase = \"x\" },\n  ")

refused("format = 1" "format = = 1" "= 1" "toml-syntax")
refused("brief " "breif " "breif" "no key `breif`" "did you mean `brief`")
refused("[kernel.gemm]" "[kernels]\n[kernel.gemm]" "kernels" "no key `kernels`" "did you mean `kernel`")
refused("format = 1" "format = 1\nimport = { blas = \"lib/nowhere.toml\" }" "lib/nowhere" "there is no file `lib/nowhere.toml`")
refused("target = \"avx2\"" "target = \"avx3\"" "avx3" "there is no target `avx3`" "did you mean `avx2`")
refused("C[i,j] +=" "C[i,j+1] +=" "C[i,j+1]" "counterexample: ")
refused("A[i,k] *" "A[i,kk] *" "kk" "kk")
refused("${used}" "${steps}{ unrol = \"i\" },\n]" "unrol = \"i" "there is no verb `unrol`" "did you mean `unroll`")
refused("${used}" "${steps}{ split = \"i\", by = 4, tial = \"cut\", as = [\"a\", \"b\"] },\n]" "tial"
  "`split` has no key `tial`" "did you mean `tail`")
refused("${used}" "${steps}{ split = \"i\", by = 4, tail = \"exact\", as = [\"a\", \"b\"] },\n]" "split = \"i"
  "not a multiple of 4" "counterexample: " "step 2 of `steps`")
refused("${used}" "${steps}{ unroll = \"l\" },\n]" "l\" }" "`l`")
refused("${used}" "target = \"avx2\"\nschedule = \"stpes\"" "stpes" "there is no schedule `stpes`")
refused("${used}" "${used}\n\n[[variant]]\ntarget = \"avx2\" # again" "target = \"avx2\" # again" "two variants are called `avx2`")

# Mended, the build goes on where it was.
file(WRITE "${source}/gemm.toml" "${good}")
build(REJECT "Building C object")
app(EXPECT "gemm ran with ")
