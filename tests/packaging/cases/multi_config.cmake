# Several configurations in one build tree; optimised in all but Debug.
kernels("exo_add_kernel(gemm RECIPE gemm.toml)")
configure(GENERATOR "Ninja Multi-Config")
foreach(config Debug Release)
  run(COMMAND "${CMAKE_COMMAND}" --build "${build}" --config ${config})
  run(COMMAND "${build}/${config}/app" EXPECT "gemm ran with ")
endforeach()
run(COMMAND ninja -C "${build}" -f build-Debug.ninja -t commands gemm:Debug REJECT "-O3" EXPECT "-ffp-contract=off")
run(COMMAND ninja -C "${build}" -f build-Release.ninja -t commands gemm:Release EXPECT "-O3" "-ffp-contract=off")
