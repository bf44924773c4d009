# SPDX-License-Identifier: MIT
# Before the package is put together: what Debian wants compressed, without the time in it.
file(GLOB_RECURSE texts "${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share/man/*.[1-8]"
	"${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share/doc/*/changelog.Debian")
foreach(text ${texts})
	execute_process(COMMAND gzip -9nf "${text}" COMMAND_ERROR_IS_FATAL ANY)
endforeach()
