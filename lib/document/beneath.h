/* SPDX-License-Identifier: MIT */
/* beneath.h - paths that cannot leave their folder (lib/document's own).
 *
 * A path is relative to a root's descriptor and walked one folder at a time, each opened from the one before
 * it and never through a link: renaming folders meanwhile can make a walk fail, never leave the root. */
#ifndef INGESTD_DOCUMENT_BENEATH_H
#define INGESTD_DOCUMENT_BENEATH_H

#include "base/error.h"
#include "base/span.h"

enum {
	BENEATH_PATH_MAX = 4095, /* bytes of a relative path */
	BENEATH_DEPTH_MAX = 64   /* folders below the root */
};

/* Opens the folder that holds the last part of path, for reading. *name then points into path. The caller
 * closes *folder. ERR_OUTSIDE: path is absolute, empty, has a part "..", or one of its folders is a link. */
CHECKED enum err beneath_folder(int root, const char *path, int *folder, const char **name, struct error *e);

/* Where the file that path names really lies: path itself, or for a link the path of its target, which has to
 * lie in root too (ERR_OUTSIDE), and be there (ERR_NOTFOUND). NUL-terminated, relative to root. */
CHECKED enum err beneath_resolve(int root, const char *path, char ret[BENEATH_PATH_MAX + 1], struct error *e);

/* The same for a path as a person typed it, relative to the working folder or absolute; the root itself gives
 * "". */
CHECKED enum err beneath_locate(int root, const char *typed, char ret[BENEATH_PATH_MAX + 1], struct error *e);

#endif
