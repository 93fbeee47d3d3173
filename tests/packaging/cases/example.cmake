# The example project configures and builds; what its program does is tested in example_program.cmake.
set(source "${EXO_ROOT}/example-project")
set(build "${WORK}/a place with spaces/example build")
file(REMOVE_RECURSE "${build}")
configure()
build(REJECT "[Ww]arning")
run(COMMAND "${build}/matmul" --list EXPECT "^gemm\n" "portable")
run(COMMAND "${build}/matmul" --help EXPECT "^usage: matmul")
build(EXPECT "no work to do")
