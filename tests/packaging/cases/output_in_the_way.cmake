# Outputs that cannot be written: a file where the folder would be, and a build directory that is read-only.
kernels("exo_add_kernel(gemm RECIPE gemm.toml)")
file(WRITE "${build}/exo/gemm" "in the way")
configure(FAILS EXPECT "cannot write `[^`]*exo/gemm`" "the generator stopped with 3")
file(REMOVE "${build}/exo/gemm")

configure()
build()
app(EXPECT "gemm ran with ")
generated(before)

# Nothing is read-only for root, but a file system that is mounted so.
execute_process(COMMAND id -u OUTPUT_VARIABLE user OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(COMMAND unshare -m true RESULT_VARIABLE unshared OUTPUT_QUIET ERROR_QUIET)
set(read_only)
if(NOT user EQUAL 0)
  file(CHMOD "${build}/exo/gemm" PERMISSIONS OWNER_READ OWNER_EXECUTE)
elseif(unshared EQUAL 0)
  set(read_only unshare -m sh -c "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\" && exec \"$@\"" "${build}/exo/gemm")
else()
  message("SKIPPED: root may write everywhere, and may not mount here")
  return()
endif()
edit(gemm.toml "seq(0, N)" "seq(0, 1 * N)")
edit(gemm.toml "B : f32[K,M]" "Bs : f32[K,M]")
edit(gemm.toml "* B[k,j]" "* Bs[k,j]")
run(FAILS COMMAND ${read_only} "${CMAKE_COMMAND}" --build "${build}"
  EXPECT "cannot write `[^`]*exo/gemm[^`]*`: " "the generator stopped with 3")
generated(after)
check(after STREQUAL before)
if(NOT user EQUAL 0)
  file(CHMOD "${build}/exo/gemm" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
endif()

# Writable again, the next build goes on.
build(EXPECT "gemm")
generated(after)
check(NOT after STREQUAL before)
app(EXPECT "gemm ran with ")
