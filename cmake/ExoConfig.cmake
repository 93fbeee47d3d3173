# find_package(Exo): the module, and the runtime compiled in the consumer's build, because a compiled one would be for the
# machine of whoever made the package. May be included from several directories and beside a copy by add_subdirectory().
if(NOT TARGET exo_runtime)
  if(NOT CMAKE_C_COMPILER_LOADED)
    set(Exo_FOUND FALSE)
    set(Exo_NOT_FOUND_MESSAGE "kernels are C, which this project does not enable: project(... LANGUAGES C CXX)")
    return()
  endif()
  include(${CMAKE_CURRENT_LIST_DIR}/Exo.cmake)
  add_subdirectory(${CMAKE_CURRENT_LIST_DIR}/../runtime ${CMAKE_BINARY_DIR}/exo-runtime EXCLUDE_FROM_ALL)
endif()
