/* SPDX-License-Identifier: MIT */
/* confine.h - the process gives itself less, before it listens to strangers.
 *
 * Should a page find a hole in a parser, what the process may do is what is left of the damage: Landlock lets
 * it read the system's libraries and settings, and write only the folders that it works on; a seccomp filter
 * takes away the system calls that it never needs (other programs, tracing, mounts, keys, kernel interfaces,
 * odd sockets). No port is listened on that was not listened on before: by Landlock where it knows ports, and
 * who is not to listen at all cannot. Both hold for all threads that come after, and cannot be taken back; so
 * this is called before there is a second thread, and what has to be opened elsewhere is opened before.
 *
 * A Landlock rule belongs to the folder that had the name then. One that takes its place is closed: see
 * confine_lost(). */
#ifndef INGESTD_DAEMON_CONFINE_H
#define INGESTD_DAEMON_CONFINE_H

#include "base/error.h"

enum confine_access {
	CONFINE_READ,  /* read, list, and map as a library */
	CONFINE_WRITE, /* the same, and make, write, rename and remove files and folders */
	CONFINE_CLEAR, /* remove files, nothing else: for a socket that was made there before */
};

/* What is missing is left out. A file gives access to it alone. */
struct confine_place {
	const char *path;
	enum confine_access access;
};

/* What came of it. */
struct confinement {
	int landlock;   /* its version; 0: the kernel has none, or something around us keeps it from us */
	bool calls;     /* the filter of system calls */
	char text[160]; /* for people */
};

/* The system's own places (/usr, /etc, ...) are added. listens: on sockets of the file system, or those that
 * are there already. A kernel without one of the two is no failure, and neither is a sandbox around us that
 * refuses; anything else is. */
CHECKED enum err confine(const struct confine_place *places, size_t count, bool listens,
			 struct confinement *ret, struct error *e);

/* The two halves, for tests. ERR_UNSUPPORTED: not here. */
CHECKED enum err confine_files(const struct confine_place *places, size_t count, int *version,
			       struct error *e);
CHECKED enum err confine_calls(bool listens, struct error *e);

/* Whether files are confined, and `path` names a folder that cannot be opened for that. */
bool confine_lost(const char *path);

#endif
