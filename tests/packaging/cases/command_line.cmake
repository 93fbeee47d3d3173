# The generator by hand: its exit statuses, and that it leaves either all files of a kernel or those that were there.
generator_path(exo)
set(ENV{EXO_TARGETS_DIR} "${EXO_ROOT}/targets")
set(out "${source}/out")

# status(<status> [WORDS <word>...] [EXPECT <regex>...]): what `exo` with these words ends with, and says.
function(status wanted)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "EXPECT;WORDS")
  execute_process(COMMAND "${exo}" ${arg_WORDS} WORKING_DIRECTORY "${source}"
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  list(JOIN arg_WORDS " " text)
  check(result EQUAL wanted)
  foreach(regex IN LISTS arg_EXPECT)
    if(NOT output MATCHES "${regex}")
      message(FATAL_ERROR "`${regex}` is not in the output of exo ${text}:\n${output}")
    endif()
  endforeach()
endfunction()

status(0 WORDS --version EXPECT "^exo [0-9.]+\n$")
status(0 WORDS --help EXPECT "generate")
status(0 WORDS targets EXPECT "avx512" "avx2" "portable")
status(0 WORDS ops EXPECT "split")
status(0 WORDS check gemm.toml EXPECT "`gemm` holds for avx512, avx2, portable")
status(0 WORDS generate gemm.toml scale.toml --out out)
foreach(file gemm.h gemm.json gemm.dispatch.c gemm.avx512.c gemm.avx2.c gemm.portable.c scale.h scale.portable.c)
  check(EXISTS "${out}/${file}")
endforeach()

# Wrong usage.
status(2 WORDS generate EXPECT "recipe")
status(2 WORDS generate gemm.toml EXPECT "out")
status(2 WORDS generate gemm.toml --out out --fast EXPECT "--fast")
status(2 WORDS generate gemm.toml --out out --param K EXPECT "K=V")
status(2 WORDS genrate gemm.toml --out out)
status(2)

# Files that are not there, and places that cannot be written.
status(3 WORDS generate absent.toml --out out EXPECT "absent.toml")
status(3 WORDS generate "${source}" --out out)
file(WRITE "${source}/in the way" "")
status(3 WORDS generate gemm.toml --out "in the way" EXPECT "in the way")
if(EXISTS /proc/self)
  status(3 WORDS generate gemm.toml --out /proc/exo EXPECT "/proc/exo")
endif()

# Refusals; a good recipe beside a bad one is not written either.
status(1 WORDS generate gemm.toml gemm.toml --out out EXPECT "kernel `gemm` is in `gemm.toml` and in `gemm.toml`")
status(1 WORDS generate gemm.toml --out out --kernel gem EXPECT "no kernel `gem`" "did you mean `gemm`")
status(1 WORDS generate gemm.toml --out out --target avx1024 EXPECT "no variant for target `avx1024`")
status(1 WORDS generate gemm.toml --out out --param MR=4 EXPECT "no param `MR`")
file(WRITE "${source}/bad.toml" "format = 2\n")
status(1 WORDS generate scale.toml bad.toml --out fresh EXPECT "bad[.]toml:1:")
check(NOT EXISTS "${source}/fresh")

# A variant that goes takes its file along; a file that is not of the kernel stays.
file(WRITE "${out}/notes.txt" "")
status(0 WORDS generate gemm.toml --out out --target avx2)
check(NOT EXISTS "${out}/gemm.avx512.c")
check(EXISTS "${out}/gemm.avx2.c")
check(EXISTS "${out}/notes.txt")
check(EXISTS "${out}/scale.h")

# An edit that changes one file rewrites that one alone.
file(TIMESTAMP "${out}/gemm.portable.c" before "%s" UTC)
execute_process(COMMAND "${CMAKE_COMMAND}" -E sleep 1.1)
edit(gemm.toml "C += A B" "C += A B, said differently")
status(0 WORDS generate gemm.toml --out out --target avx2)
file(STRINGS "${out}/gemm.h" said REGEX "said differently")
check(said)
file(TIMESTAMP "${out}/gemm.portable.c" after "%s" UTC)
check(before STREQUAL after)
