# Clang takes the generator as well, without a warning. What GCC allows and Clang does not is found here, not by a user.
execute_process(COMMAND "${CMAKE_COMMAND}" -S "${ROOT}/generator" -B "${WORK}" -G Ninja "-DCMAKE_CXX_COMPILER=${CLANG}" -DCMAKE_BUILD_TYPE=Debug
  "-DCMAKE_CXX_FLAGS_DEBUG=-O0 -Wall -Wextra -Werror" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${WORK}" --parallel 2 --target exo -- -k 0 RESULT_VARIABLE result OUTPUT_VARIABLE output)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${output}")
endif()
