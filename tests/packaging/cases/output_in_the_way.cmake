# Outputs that cannot be written: a file where the folder would be, and a folder that is read-only.
kernels("exo_add_kernel(gemm RECIPE gemm.toml)")
file(WRITE "${build}/exo/gemm" "in the way")
configure(FAILS EXPECT "exo/gemm" "the generator stopped with 3")
file(REMOVE "${build}/exo/gemm")

execute_process(COMMAND id -u OUTPUT_VARIABLE user OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT user EQUAL 0) # nothing is read-only for root
  file(MAKE_DIRECTORY "${build}/exo/gemm")
  file(CHMOD "${build}/exo/gemm" PERMISSIONS OWNER_READ OWNER_EXECUTE)
  configure(FAILS EXPECT "exo/gemm" "the generator stopped with 3")
  file(CHMOD "${build}/exo/gemm" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
endif()

configure()
build()
app(EXPECT "gemm ran with ")
