# A recipe that is refused fails the configure with file, line and column, and leaves the files as they were.
kernels("exo_add_kernel(gemm RECIPE gemm.toml)")
configure()
build()
generated(before)
check(before)

file(READ "${source}/gemm.toml" good)
file(APPEND "${source}/gemm.toml" "\n[schedule.gemm]\nsteps = [\n  { BAD = \"i\" },\n]\n")
file(STRINGS "${source}/gemm.toml" lines)
edit(gemm.toml "schedule = \"none\"" "")
set(line 0)
file(READ "${source}/gemm.toml" text)
string(REGEX REPLACE "{ BAD.*" "" text "${text}")
string(REGEX MATCHALL "\n" newlines "${text}")
list(LENGTH newlines line)
math(EXPR line "${line} + 1")
build(FAILS EXPECT "gemm[.]toml:${line}:5" "BAD" "the recipe was refused")
generated(after)
check(after STREQUAL before)

# TOML that does not parse.
file(WRITE "${source}/gemm.toml" "format = 1\nBAD = = 2\n")
build(FAILS EXPECT "gemm[.]toml:2:")
generated(after)
check(after STREQUAL before)

# Mended, the build goes on where it was.
file(WRITE "${source}/gemm.toml" "${good}")
build(REJECT "Building C object")
app(EXPECT "gemm ran with ")
