# exo_install(): kernels in the package of a project that has them.

include_guard(GLOBAL)
set_property(GLOBAL PROPERTY EXO_INSTALL_DIR ${CMAKE_CURRENT_LIST_DIR})

#[=======================================================================[.md:
    exo_install(TARGETS <library>... PACKAGE <name> [VERSION <version>] [NAMESPACE <namespace>] [COMPONENT <component>])
    exo_install(TARGETS <library>... EXPORT <set> [COMPONENT <component>])

Installs libraries of kernels, the runtime that they link, and the headers of both, for projects that need not have Exo.

- With `PACKAGE` the libraries can be found by `find_package(<name> CONFIG)` as `<namespace><library>`, by default
  `<name>::<library>`, and by pkg-config as `<name>`; the whole may be moved. `VERSION` is that of the project by default.
- With `EXPORT` they, and the runtime, join an export set that the project installs itself by `install(EXPORT)`. Who links
  them needs `find_dependency(Threads)` in the package's file.

Headers go to `<includedir>/<name>`, or `<includedir>/<set>`: `#include "<kernel>.h"` works for who links the library.
#]=======================================================================]
function(exo_install)
  list(APPEND CMAKE_MESSAGE_CONTEXT "exo_install")
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "PACKAGE;EXPORT;VERSION;NAMESPACE;COMPONENT" "TARGETS")
  if(arg_UNPARSED_ARGUMENTS)
    list(JOIN arg_UNPARSED_ARGUMENTS " " unknown)
    message(FATAL_ERROR "exo_install(): unexpected: ${unknown}. The keywords are TARGETS PACKAGE EXPORT VERSION NAMESPACE COMPONENT")
  elseif(arg_KEYWORDS_MISSING_VALUES)
    list(JOIN arg_KEYWORDS_MISSING_VALUES " " without)
    message(FATAL_ERROR "exo_install(): no value after ${without}")
  elseif(NOT arg_TARGETS)
    message(FATAL_ERROR "exo_install(): TARGETS <library>... is missing")
  elseif(DEFINED arg_PACKAGE AND DEFINED arg_EXPORT OR NOT DEFINED arg_PACKAGE AND NOT DEFINED arg_EXPORT)
    message(FATAL_ERROR "exo_install(): say either PACKAGE <name> or EXPORT <set>")
  elseif(DEFINED arg_EXPORT AND (DEFINED arg_VERSION OR DEFINED arg_NAMESPACE))
    message(FATAL_ERROR "exo_install(): VERSION and NAMESPACE belong to PACKAGE; with EXPORT they are install(EXPORT)'s to say")
  endif()
  include(GNUInstallDirs)
  set(component)
  if(DEFINED arg_COMPONENT)
    set(component COMPONENT ${arg_COMPONENT})
  endif()
  set(set "${arg_EXPORT}")
  set(folder "${arg_EXPORT}")
  if(DEFINED arg_PACKAGE)
    set(set "${arg_PACKAGE}Targets")
    set(folder "${arg_PACKAGE}")
  endif()
  set(headers_to "${CMAKE_INSTALL_INCLUDEDIR}/${folder}")

  set(libraries)
  foreach(library IN LISTS arg_TARGETS)
    if(NOT TARGET "${library}")
      message(FATAL_ERROR "exo_install(): there is no target called ${library}")
    endif()
    _exo_resolve_alias(library)
    get_target_property(headers ${library} EXO_HEADERS)
    if(NOT headers)
      message(FATAL_ERROR "exo_install(): ${library} has no kernel; exo_add_kernel(... LIBRARY ${library}) comes first")
    endif()
    install(FILES ${headers} DESTINATION "${headers_to}" ${component})
    list(APPEND libraries ${library})
  endforeach()
  get_property(root GLOBAL PROPERTY EXO_ROOT)
  install(DIRECTORY "${root}/runtime/include/exo" DESTINATION "${headers_to}" ${component})
  install(TARGETS ${libraries} exo_runtime EXPORT "${set}"
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} ${component}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ${component}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} ${component}
    OBJECTS DESTINATION ${CMAKE_INSTALL_LIBDIR} ${component}
    INCLUDES DESTINATION "${headers_to}")
  if(DEFINED arg_PACKAGE)
    _exo_install_package("${arg_PACKAGE}" "${arg_VERSION}" "${arg_NAMESPACE}" "${libraries}" "${component}")
  endif()
endfunction()

# The files by which others find the libraries.
function(_exo_install_package package version namespace libraries component)
  include(CMakePackageConfigHelpers)
  if(version STREQUAL "")
    set(version "${PROJECT_VERSION}")
  endif()
  if(version STREQUAL "")
    set(version 0)
  endif()
  if(namespace STREQUAL "")
    set(namespace "${package}::")
  endif()
  get_property(place GLOBAL PROPERTY EXO_INSTALL_DIR)
  set(to "${CMAKE_INSTALL_LIBDIR}/cmake/${package}")
  set(build "${CMAKE_CURRENT_BINARY_DIR}/exo-package/${package}")
  file(CONFIGURE OUTPUT "${build}/${package}Config.cmake" @ONLY CONTENT [[
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include("${CMAKE_CURRENT_LIST_DIR}/@package@Targets.cmake")
]])
  write_basic_package_version_file("${build}/${package}ConfigVersion.cmake" VERSION ${version} COMPATIBILITY SameMajorVersion)
  install(EXPORT "${package}Targets" NAMESPACE "${namespace}" DESTINATION "${to}" ${component})
  install(FILES "${build}/${package}Config.cmake" "${build}/${package}ConfigVersion.cmake" DESTINATION "${to}" ${component})

  # pkg-config: paths relative to the file, so that what is installed may be moved.
  cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_LIBDIR BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}" OUTPUT_VARIABLE lib)
  cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_INCLUDEDIR BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}" OUTPUT_VARIABLE include)
  string(REGEX REPLACE "[^/]+" ".." up "${lib}/pkgconfig")
  set(link)
  foreach(library IN LISTS libraries)
    get_target_property(type ${library} TYPE)
    if(type MATCHES "^(STATIC|SHARED)_LIBRARY$")
      get_target_property(name ${library} OUTPUT_NAME)
      if(NOT name)
        set(name ${library})
      endif()
      string(APPEND link " -l${name}")
    endif()
  endforeach()
  file(CONFIGURE OUTPUT "${build}/${package}.pc" @ONLY CONTENT [[
prefix=${pcfiledir}/@up@
Name: @package@
Description: kernels of @package@
Version: @version@
Cflags: -I${prefix}/@include@/@package@
Libs: -L${prefix}/@lib@@link@ -lexo_runtime -pthread -lm
]])
  install(FILES "${build}/${package}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" ${component})
endfunction()
