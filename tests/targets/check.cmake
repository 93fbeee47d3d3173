# `exo check-target TARGET`, without what is checked with the targets that it extends; of vectors of any length with the shortest and
# the longest, or all at night. What it found is kept as a section of the page on conformance.
file(REMOVE ${TABLE})
cmake_path(GET TABLE PARENT_PATH folder)
file(MAKE_DIRECTORY ${folder})
set(lengths --ends)
if(NIGHTLY)
  set(lengths)
endif()
execute_process(COMMAND ${EXO} check-target ${TARGET} --own ${lengths} --table ${TABLE} RESULT_VARIABLE status)
if(NOT status MATCHES "^(0|77)$")
  file(REMOVE ${TABLE})
  message(FATAL_ERROR "the status is ${status}")
endif()
