# Two kernels in one library that exists, shared, in another directory than the calls, in a project with flags of its own.
file(WRITE "${source}/below/CMakeLists.txt" "
add_library(both SHARED ../empty.c)
exo_add_kernel(gemm RECIPE ../gemm.toml LIBRARY both)
")
file(WRITE "${source}/empty.c" "extern int empty;\nint empty;\n")
kernels(
  "add_subdirectory(below)"
  "exo_add_kernel(scale RECIPE scale.toml LIBRARY both)"
  "add_library(gemm ALIAS both)")
configure(CMAKE "-DCMAKE_C_FLAGS=-Werror -Wall -Wextra -Wconversion -pedantic -ffast-math" -DCMAKE_BUILD_TYPE=Release
  -DCMAKE_UNITY_BUILD=ON -DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON)
build()
app(EXPECT "gemm ran with ")
run(COMMAND ninja -C "${build}" -t commands both EXPECT "-ffast-math[^\n]*-fno-fast-math[^\n]*gemm.portable.c")

# The consumer's `all` has nothing of ours but what it uses, and its cache is not filled.
file(STRINGS "${build}/CMakeCache.txt" ours REGEX "^EXO_[A-Z_]+:[A-Z]+=")
list(FILTER ours EXCLUDE REGEX ":INTERNAL=|^EXO_(SOURCE_DIR|HOST_TOOL_DIR|GENERATOR):")
check(NOT ours)
