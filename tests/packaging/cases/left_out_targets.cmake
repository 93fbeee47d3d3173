# Targets whose flags the compiler does not know, or of another architecture, are left out with one line each.
foreach(target strange alien)
  set(arch x86_64)
  if(target STREQUAL "alien")
    set(arch z80)
  endif()
  file(WRITE "${source}/hardware/${target}/target.toml"
    "format = 1\n\n[target]\nname  = \"${target}\"\narch  = \"${arch}\"\nflags = { gnu = [\"-mstrange-unit\"] }\n")
endforeach()
file(APPEND "${source}/gemm.toml" "
[[variant]]
target = \"strange\"
schedule = \"none\"

[[variant]]
target = \"alien\"
schedule = \"none\"
")
kernels("exo_add_kernel(gemm RECIPE gemm.toml TARGET_PATH hardware)")
log_generator()
configure(EXPECT "Exo: gemm is built without strange: the compiler does not know -mstrange-unit"
  "Exo: gemm is built without alien: it is for z80, and the compiler makes ")
build()
app(EXPECT "gemm ran with ")
run(COMMAND ninja -C "${build}" -t commands gemm REJECT "gemm.strange.c" "gemm.alien.c" EXPECT "EXO_WITHOUT_strange" "gemm.portable.c")
take_calls()
check(calls)

# Said again, without a call, in the next configure.
configure(EXPECT "built without strange" "built without alien")
take_calls()
check(NOT calls)

# Asked for by name, it is the same.
kernels("exo_add_kernel(gemm RECIPE gemm.toml TARGET_PATH hardware TARGETS strange)")
configure(EXPECT "built without strange" REJECT "built without alien")
build()
app(EXPECT "gemm ran with portable")
