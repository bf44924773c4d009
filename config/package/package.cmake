# SPDX-License-Identifier: MIT
# `cpack -G DEB`, and what only the package has. config/make-package does all of it.
if(INGESTD_PACKAGE)
	install(FILES config/ingestd.yaml DESTINATION /etc/ingestd)
	install(FILES config/package/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
	install(FILES config/package/changelog DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME changelog.Debian)
	install(FILES config/package/overrides DESTINATION share/lintian/overrides RENAME ingestd)
endif()
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ingestd)
set(CPACK_PACKAGE_CONTACT "the ingestd authors <ingestd@users.noreply.github.com>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INGESTD_OBJCOPY ${CMAKE_OBJCOPY})
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/config/package/compress.cmake)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION web)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "ca-certificates, systemd | systemd-standalone-sysusers")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "keep a folder of Markdown documents complete")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"ingestd reads documents, Markdown files that begin with YAML front matter,
fetches the pages that their links point to, works out what each page says
of itself, and writes the fields that are missing back: title, excerpt, date,
provider, images. It follows feeds and starts a document for each new item.

It changes those lines and no other, never a person's value, and asks each
site seldom and politely.")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/config/package/postinst
	${CMAKE_SOURCE_DIR}/config/package/prerm ${CMAKE_SOURCE_DIR}/config/package/postrm
	${CMAKE_SOURCE_DIR}/config/package/conffiles)
include(CPack)
