# Builds gemmini_time.c with the kernels of the recipes and the simulator, and runs it.
file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
foreach(recipe matmul_gemmini matmul_gemmini_loop conv_gemmini conv_gemmini_loop)
  execute_process(COMMAND ${EXO} generate ${ROOT}/recipes/accelerator/${recipe}.toml --target gemmini --out ${WORK} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
execute_process(COMMAND ${CC} -std=gnu11 -O2 -Wall -Wextra -DEXO_SIMULATOR -I${ROOT}/runtime/include -I${WORK}
  ${ROOT}/tests/run/gemmini_time.c ${WORK}/matmul_gemmini.gemmini_panel.c ${WORK}/matmul_gemmini_loop.gemmini.c ${WORK}/conv_gemmini.gemmini.c ${WORK}/conv_gemmini_loop.gemmini.c ${ROOT}/targets/gemmini/simulator.c
  -lm -o ${WORK}/time COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${WORK}/time COMMAND_ERROR_IS_FATAL ANY)
