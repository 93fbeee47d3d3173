execute_process(COMMAND ${EXO} check-target elsewhere --target-path ${FOLDER} RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE err)
if(NOT status EQUAL 77 OR NOT out MATCHES "0 of 1 instructions do what they say, executed nowhere")
  message(FATAL_ERROR "status ${status}\n${out}${err}")
endif()
