# `exo check-target TARGET`, without what is checked with the targets that it extends; what it found is kept as a section of the page on conformance.
file(REMOVE ${TABLE})
cmake_path(GET TABLE PARENT_PATH folder)
file(MAKE_DIRECTORY ${folder})
execute_process(COMMAND ${EXO} check-target ${TARGET} --own --table ${TABLE} RESULT_VARIABLE status)
if(NOT status MATCHES "^(0|77)$")
  file(REMOVE ${TABLE})
  message(FATAL_ERROR "the status is ${status}")
endif()
