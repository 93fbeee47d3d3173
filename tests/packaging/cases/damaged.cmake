# What is kept between configures is noticed to be damaged, and made anew, never believed: stamps, the cache of what was proved. And a disk
# that is full leaves the old files.
kernels("exo_add_kernel(gemm RECIPE gemm.toml)" "exo_add_kernel(scale RECIPE scale.toml)")
log_generator()
configure()
build()
take_calls()
generated(expected)
file(GLOB entries "${build}/exo-cache/*.json")
list(LENGTH entries count)
check(count EQUAL 2)

# The cache serves where outputs are gone.
file(REMOVE_RECURSE "${build}/exo/gemm")
configure()
generated(found)
check(found STREQUAL expected)

# Entries: changed, cut off, empty, of other bytes, a directory.
foreach(damage "changed" "cut" "empty" "bytes" "sum")
  file(GLOB entries "${build}/exo-cache/*.json")
  foreach(entry IN LISTS entries)
    file(READ "${entry}" text)
    if(damage STREQUAL "changed")
      string(REPLACE "EXO_OK" "EXO_KO" text "${text}")
    elseif(damage STREQUAL "cut")
      string(LENGTH "${text}" length)
      math(EXPR length "${length} / 2")
      string(SUBSTRING "${text}" 0 ${length} text)
    elseif(damage STREQUAL "empty")
      set(text "")
    elseif(damage STREQUAL "bytes")
      set(text "{\"identity\": 1, \"request\": [], \"kernels\": [[[[")
    else()
      string(REGEX REPLACE "^[0-9a-f]" "x" text "${text}")
    endif()
    file(WRITE "${entry}" "${text}")
  endforeach()
  file(REMOVE_RECURSE "${build}/exo/gemm" "${build}/exo/scale")
  configure()
  generated(found)
  check(found STREQUAL expected)
endforeach()
take_calls()

# A stamp that is damaged calls the generator, and nothing else comes of it.
file(READ "${build}/exo/gemm.stamp" stamp)
string(LENGTH "${stamp}" length)
foreach(damage "" "garbage" "${stamp}more" "x${stamp}")
  file(WRITE "${build}/exo/gemm.stamp" "${damage}")
  configure()
  take_calls()
  check("${calls}" MATCHES "label gemm\n")
  check(NOT "${calls}" MATCHES "label scale\n")
  generated(found)
  check(found STREQUAL expected)
endforeach()
build()
string(REPLACE "gemm.portable.c" "gemm.vax.c" damage "${stamp}")
file(WRITE "${build}/exo/gemm.stamp" "${damage}")
configure()
build(REJECT "Building C object")

# A full disk: a file system of 64 KB, filled.
execute_process(COMMAND id -u OUTPUT_VARIABLE user OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(COMMAND unshare -m true RESULT_VARIABLE unshared OUTPUT_QUIET ERROR_QUIET)
if(NOT user EQUAL 0 OR NOT unshared EQUAL 0)
  message("no file system can be mounted here: a full disk is not tried")
  return()
endif()
edit(gemm.toml "A[i,k] * B[k,j]" "B[k,j] * A[i,k]")
run(FAILS COMMAND unshare -m sh -c "
  cp -r \"$0\" \"$0.saved\" && mount -t tmpfs -o size=64k none \"$0\" && cp \"$0.saved\"/* \"$0\"
  cat /dev/zero > \"$0/fill\" 2>/dev/null
  \"$@\"
  status=$?
  rm \"$0/fill\"
  diff -r \"$0\" \"$0.saved\" && echo the old files stand
  exit $status" "${build}/exo/gemm" "${CMAKE_COMMAND}" --build "${build}"
  EXPECT "cannot write `[^`]*exo/gemm[^`]*`: No space left on device" "the generator stopped with 3" "the old files stand")
build(EXPECT "gemm.portable.c.o")
app(EXPECT "gemm ran with ")
