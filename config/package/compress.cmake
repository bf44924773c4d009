# SPDX-License-Identifier: MIT
# Before the package is put together: what Debian wants compressed, without the time in it, and sections that nobody reads.
file(GLOB_RECURSE texts "${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share/man/*.[1-8]"
	"${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share/doc/*/changelog.Debian")
foreach(text ${texts})
	execute_process(COMMAND gzip -9nf "${text}" COMMAND_ERROR_IS_FATAL ANY)
endforeach()
execute_process(COMMAND "${CPACK_INGESTD_OBJCOPY}" --remove-section=.comment --remove-section=.note
	"${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/bin/ingestd" COMMAND_ERROR_IS_FATAL ANY)
