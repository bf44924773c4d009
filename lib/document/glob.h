/* SPDX-License-Identifier: MIT */
/* glob.h - patterns over relative paths, as .gitignore has them (lib/document's own).
 *
 * "*", "?" and "[...]" stay within one part of a path; "**" as a whole part stands for any number of parts,
 * none included. A pattern without "/" is about a name at any depth ("*.md", "drafts"); one with "/", also
 * at its start alone, begins at the root. A "/" at its end: folders only. */
#ifndef INGESTD_DOCUMENT_GLOB_H
#define INGESTD_DOCUMENT_GLOB_H

#include "base/error.h"

enum {
	GLOB_PARTS_MAX = 32,    /* of one pattern */
	GLOB_PATTERNS_MAX = 256 /* of one list */
};

struct glob;

/* Patterns from two NULL-terminated lists, each of which may be NULL. ERR_INVALID: an empty one, too many,
 * too many parts. Copies. */
CHECKED enum err glob_new(const char *const *patterns, const char *const *more, struct glob **ret,
			  struct error *e);
/* Accepts NULL, returns NULL. */
struct glob *glob_free(struct glob *g);
/* Whether one of the patterns matches path (the whole of it, no "/" at either end). */
bool glob_matches(const struct glob *g, const char *path, bool is_folder);

#endif
