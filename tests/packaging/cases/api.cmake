# VARIANTS, FUNCTION_PREFIX, COMPILE_OPTIONS, DEPENDS and REPORT do what they say.
edit(gemm.toml "target = \"avx2\"\nschedule = \"none\"" "name = \"plain2\"\ntarget = \"avx2\"\nschedule = \"none\"")
file(WRITE "${source}/table.txt" "1")
kernels(
  "exo_add_kernel(gemm RECIPE gemm.toml VARIANTS plain2 COMPILE_OPTIONS -DOF_THIS=1 DEPENDS table.txt REPORT)"
  "exo_add_kernel(second RECIPE gemm.toml KERNEL gemm FUNCTION_PREFIX my_ LIBRARY gemm TARGETS portable)")
log_generator()
configure()
take_calls()
string(REGEX MATCHALL "call " count "${calls}")
list(LENGTH count count)
check(count EQUAL 1) # for both kernels
check(EXISTS "${build}/exo/gemm/gemm.plain2.c")
check(NOT EXISTS "${build}/exo/gemm/gemm.avx512.c")
check(EXISTS "${build}/exo/second/my_gemm.portable.c")
check(EXISTS "${build}/exo/second/my_gemm.h")
file(READ "${build}/exo/gemm/gemm.report.md" report)
check(report MATCHES "# gemm\n")
check(report MATCHES "## plain2\n\nTarget `avx2`, needs avx2")
run(COMMAND ninja -C "${build}" -t commands gemm EXPECT "-DOF_THIS=1[^\n]*gemm.plain2.c" REJECT "-DOF_THIS=1[^\n]*my_gemm")
edit(app.c "int main(void)\n{" "#include \"my_gemm.h\"\nint main(void)\n{\n    if (my_gemm(0, 0, 0, 0, 0, 0) != EXO_OK)\n        return 9;")
build()
app(EXPECT "gemm ran with ")

# What the recipe was made of.
file(WRITE "${source}/table.txt" "2")
build(EXPECT "Re-running CMake")
take_calls()
check(calls MATCHES "label gemm\n")
check(NOT calls MATCHES "label second\n")

# No report is asked for any more: it goes.
edit(kernels.cmake " REPORT" "")
build()
check(NOT EXISTS "${build}/exo/gemm/gemm.report.md")
