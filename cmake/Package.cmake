# cmake --install and the Debian package (cmake --build <folder> --target package): the program with its man page and its
# completion, the library with its headers, and what finds them.
include(CMakePackageConfigHelpers)
install(TARGETS berth RUNTIME)
install(TARGETS berth_serve_program RUNTIME DESTINATION libexec/berth)  # where src/app/serve.cc looks
install(TARGETS berth_shared EXPORT berth LIBRARY)
install(FILES src/include/berth/berth.h src/include/berth/berth.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/berth)

set(berth_package ${CMAKE_INSTALL_LIBDIR}/cmake/berth)
install(EXPORT berth NAMESPACE berth:: FILE berthTargets.cmake DESTINATION ${berth_package})
configure_package_config_file(cmake/berthConfig.cmake.in berthConfig.cmake INSTALL_DESTINATION ${berth_package})
write_basic_package_version_file(berthConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/berthConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/berthConfigVersion.cmake
  DESTINATION ${berth_package})
# Relative, so that the folder may be moved, as CMake's package may.
file(RELATIVE_PATH berth_pc_prefix /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(cmake/berth.pc.in berth.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/berth.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# The man page is a text that scdoc reads.
find_program(SCDOC scdoc REQUIRED)
set(berth_man ${CMAKE_CURRENT_BINARY_DIR}/berth.1)
add_custom_command(OUTPUT ${berth_man} COMMAND ${CMAKE_COMMAND} -E env SOURCE_DATE_EPOCH=1795305600
    sh -c "'${SCDOC}' < '${PROJECT_SOURCE_DIR}/cmake/berth.1.scd' > '${berth_man}'"
  DEPENDS cmake/berth.1.scd VERBATIM)
add_custom_target(berth_man ALL DEPENDS ${berth_man})
install(FILES ${berth_man} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES cmake/completion.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME berth)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The Berth project <berth@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "connections to Amazon Redshift as objects of SQL, with a cap on their sessions")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# What nothing links: libpq is loaded with the first session, certificates and time zones are files that are read.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libpq5, ca-certificates, tzdata")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS bash-completion)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)  # a package is of what was built; tests are none of its business
include(CPack)
