# `--cache`: what was made is made again only where a file has changed, or has appeared where it would be found first.
file(REMOVE_RECURSE ${BINARY})
file(MAKE_DIRECTORY ${BINARY})
file(WRITE ${BINARY}/kernels/k.toml [==[
format = 1
import = { blas = "lib/blas.toml" }

[kernel.k]
algorithm = '''
def k(n : size, x : f32[n]):
    for i in seq(0, n):
        x[i] = 1.0
'''

[schedule.k]
steps = [{ split = "i", by = 4 }, { warn = "slow" }]

[[variant]]
target = "mine"
]==])
file(WRITE ${BINARY}/targets/mine/target.toml "format = 1\n[target]\nname = \"mine\"\narch = \"any\"\n")

function(generate wanted)
  execute_process(COMMAND ${EXO} generate kernels/k.toml --out out --cache cache --time --target-path first --target-path targets ${ARGN}
    WORKING_DIRECTORY ${BINARY} RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "status ${status}\n${out}${err}")
  endif()
  if(NOT err MATCHES "warning.schedule.: slow")
    message(FATAL_ERROR "the warning is lost:\n${out}${err}")
  endif()
  string(FIND "${out}" "nothing has changed" kept)
  if((wanted STREQUAL "kept" AND kept LESS 0) OR (wanted STREQUAL "made" AND NOT kept LESS 0))
    message(FATAL_ERROR "it should be ${wanted}:\n${out}")
  endif()
endfunction()

generate(made)
file(READ ${BINARY}/out/k.mine.c before)
file(REMOVE_RECURSE ${BINARY}/out)
generate(kept)
file(READ ${BINARY}/out/k.mine.c after)
if(NOT before STREQUAL after)
  message(FATAL_ERROR "the kept file is another one")
endif()
generate(made --emulate)
generate(kept --emulate)
generate(kept)

file(READ ${BINARY}/kernels/k.toml recipe)
string(REPLACE "by = 4" "by = 8" recipe "${recipe}")
file(WRITE ${BINARY}/kernels/k.toml "${recipe}")
generate(made)
generate(kept)
file(APPEND ${BINARY}/targets/mine/target.toml "registers = 3\n")
generate(made)
generate(kept)
file(WRITE ${BINARY}/first/mine/target.toml "format = 1\n[target]\nname = \"mine\"\narch = \"any\"\n")   # found first from now on
generate(made)
generate(kept)
file(WRITE ${BINARY}/kernels/lib/blas.toml "format = 1\n")
generate(made)
generate(kept)

file(GLOB entries ${BINARY}/cache/*.json)
foreach(entry IN LISTS entries)
  file(WRITE ${entry} "{ \"identity\": 3")   # damaged
endforeach()
generate(made)
generate(kept)
