# Several configurations in one build tree; optimised in all but Debug.
kernels("enable_testing()" "exo_add_library(gemm_library)" "exo_add_kernel(gemm RECIPE gemm.toml LIBRARY gemm_library TESTS)"
  "add_library(gemm ALIAS gemm_library)")
configure(GENERATOR "Ninja Multi-Config")
foreach(config Debug Release)
  run(COMMAND "${CMAKE_COMMAND}" --build "${build}" --config ${config})
  run(COMMAND "${build}/${config}/app" EXPECT "gemm ran with ")
  run(COMMAND ctest --test-dir "${build}" -C ${config} EXPECT "gemm_library.gemm.portable" "100% tests passed")
endforeach()
run(COMMAND ninja -C "${build}" -f build-Debug.ninja -t commands gemm_library:Debug REJECT "-O3" EXPECT "-ffp-contract=off")
run(COMMAND ninja -C "${build}" -f build-Release.ninja -t commands gemm_library:Release EXPECT "-O3" "-ffp-contract=off")
