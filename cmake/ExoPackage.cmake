# Installs Exo itself: `share/exo` has what the source tree has that a consumer needs, so that everything finds everything
# else by relative paths and the whole may be moved; `bin/exo` is the generator.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package ${CMAKE_INSTALL_DATAROOTDIR}/exo)
install(TARGETS exo RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY generator runtime targets recipes DESTINATION ${package})
install(DIRECTORY cmake DESTINATION ${package}
  FILES_MATCHING PATTERN "*.cmake" PATTERN "architecture.c" PATTERN "README.md" PATTERN "REFERENCE.md"
  PATTERN "ExoPackage.cmake" EXCLUDE PATTERN "Warnings.cmake" EXCLUDE)
install(FILES README.md LICENSE DESTINATION ${package})

write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/ExoConfigVersion.cmake
  VERSION ${EXO_VERSION} COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
# ExoHostGenerator.cmake reads where the installed generator is.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_BINDIR
  BASE_DIRECTORY ${CMAKE_INSTALL_FULL_DATAROOTDIR}/exo/cmake OUTPUT_VARIABLE to_bin)
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/installed-generator.txt CONTENT "${to_bin}/exo\n" @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ExoConfigVersion.cmake ${CMAKE_CURRENT_BINARY_DIR}/installed-generator.txt
  DESTINATION ${package}/cmake)
