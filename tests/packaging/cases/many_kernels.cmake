# Fifty kernels (EXO_NIGHTLY: five hundred): what is generated again after which change, and how long it takes (`at_most`).
set(count 50)
if(NIGHTLY)
  set(count 500)
endif()

file(WRITE "${source}/lib/steps.toml" "format = 1\n\n[schedule.rows]\nsteps = [\n  { split = \"i\", by = 4, tail = \"cut\", as = [\"io\", \"ii\"] },\n]\n")
# Three variants each where time is what matters; one, which compiles quickly, every day.
set(more_variants "")
if(NIGHTLY OR SLACK EQUAL 1)
  foreach(target avx512 avx2)
    string(APPEND more_variants "\n[[variant]]\ntarget = \"${target}\"\nschedule = \"none\"\n")
  endforeach()
endif()
set(calls_of_kernels "exo_add_kernel(gemm RECIPE gemm.toml)")
foreach(i RANGE 1 ${count})
  set(import "")
  set(schedule "none")
  math(EXPR imports "${i} % 10")
  if(imports EQUAL 0)
    set(import "import = { lib = \"lib/steps.toml\" }\n")
    set(schedule "lib.rows")
  endif()
  file(WRITE "${source}/k${i}.toml" "format = 1
${import}
[kernel.k${i}]
algorithm = '''
def k${i}(N : size, x : f32[N], y : f32[N]):
    for i in seq(0, N):
        y[i] = x[i] * ${i}.0
'''
${more_variants}
[[variant]]
name     = \"rows\"
target   = \"portable\"
schedule = \"${schedule}\"
")
  list(APPEND calls_of_kernels "exo_add_kernel(k${i} RECIPE k${i}.toml LIBRARY many)")
endforeach()

# How many kernels were asked for.
macro(asked expected)
  take_calls()
  string(REGEX MATCHALL "label " labels "${calls}")
  list(LENGTH labels labels)
  check(labels EQUAL ${expected})
endmacro()

kernels("add_library(gemm STATIC app.c)\ntarget_include_directories(gemm PUBLIC .)")
log_generator()
configure()
timed(without configure)
kernels(${calls_of_kernels})
configure()
math(EXPR all "${count} + 1")
asked(${all})
check(calls MATCHES "call batch")
string(REGEX MATCHALL "call " batches "${calls}")
list(LENGTH batches batches)
check(batches EQUAL 1)

configure()
timed(again configure)
asked(0)
math(EXPR added "${again} - ${without}")
if(NIGHTLY)
  at_most("${count} kernels, nothing changed" ${again} 3000)
  return()
endif()
at_most("${count} kernels, nothing changed, beyond the same project without them" ${added} 300)

build()
edit(k7.toml "* 7.0" "* 8.0")
timed(edited build)
asked(1)
check(calls MATCHES "label k7\n")
check(output MATCHES "k7[.]rows[.]c")
check(NOT output MATCHES "k17[.]rows[.]c")
at_most("one recipe edited, configure and rebuild" ${edited} 1000)

edit(lib/steps.toml "by = 4" "by = 8")
timed(imported build)
asked(5)
foreach(i 10 20 30 40 50)
  check(calls MATCHES "label k${i}\n")
endforeach()
message("an imported file edited, configure and rebuild: ${imported} ms")
build(EXPECT "no work to do")
