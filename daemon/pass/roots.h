/* SPDX-License-Identifier: MIT */
/* roots.h - which content folders a command is about.
 *
 * A root is a content folder of the configuration, or a folder or file that was named on the command line and
 * lies in none of these. Paths in the state are relative to it. */
#ifndef INGESTD_DAEMON_ROOTS_H
#define INGESTD_DAEMON_ROOTS_H

#include "config/config.h"

struct root {
	char *path;   /* absolute, links resolved */
	int fd;       /* the folder, for openat(2) */
	bool whole;   /* all of it; else only parts */
	char **parts; /* absolute paths within it that were named */
	size_t part_count;
	char *git; /* the repository's own folder (repository.h); NULL: there is none */
	bool gone; /* there is no such folder at present, or another: not to be worked in */
};

struct roots {
	struct root *at;
	size_t count;
};

/* args: paths as typed; none: every content folder. ERR_NOTFOUND: no such folder (or none named anywhere,
 * ERR_INVALID). */
CHECKED enum err roots_open(const struct config *config, char *const *args, size_t arg_count,
			    struct roots *ret, struct error *e);
/* Whether the folder that fd is open on is what the path names. */
bool root_in_place(const struct root *root);
/* Of one that is gone: whether there is something again that root_reopen() would open. */
bool root_is_back(const struct root *root);
/* Opens what the path names now, when it is gone. No thread may use fd. False: it is still gone. */
bool root_reopen(struct root *root);
void roots_release(struct roots *roots);

#endif
