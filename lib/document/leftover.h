/* SPDX-License-Identifier: MIT */
/* leftover.h - the names of files that ingestd keeps beside a document while it replaces it (lib/document's
 * own; replace.h has the story).
 *
 *     .NAME.ingestd-w-OLD-NEW-RANDOM      being written: has never been NAME, holds nobody's text but ours
 *     .NAME.ingestd-x-OLD-NEW-RANDOM      complete and on disk, from then on exchanged with NAME: the name
 *                                         stays, what it holds changes. Its content tells on which side it is
 *
 * OLD and NEW are hash64() of what NAME was expected to hold and of the new text, 16 hexadecimal digits each.
 * Where that would be too long for a file name, NAME's beginning stands for it, and its hash follows NEW:
 *     .BEGIN.ingestd-x-OLD-NEW-HASH-RANDOM */
#ifndef INGESTD_DOCUMENT_LEFTOVER_H
#define INGESTD_DOCUMENT_LEFTOVER_H

#include "base/error.h"
#include "base/span.h"

enum leftover_role { LEFTOVER_WRITING = 'w', LEFTOVER_READY = 'x' };

enum { LEFTOVER_NAME_MAX = 255 }; /* bytes of a file name, the NUL apart */

struct leftover {
	enum leftover_role role;
	uint64_t old_hash, new_hash;
	struct span name;   /* the document's, or its beginning; lies in the name that was parsed */
	bool shortened;     /* then: */
	uint64_t name_hash; /* of the whole name */
};

/* False for every other name. */
CHECKED bool leftover_parse(const char *filename, struct leftover *ret);

/* Makes a name, another at each call. */
void leftover_name(const char *name, enum leftover_role role, uint64_t old_hash, uint64_t new_hash,
		   char ret[LEFTOVER_NAME_MAX + 1]);
/* The same name in another role. */
void leftover_set_role(char *filename, enum leftover_role role);

/* "NAME.ingestd-kept-RANDOM": a person's text for which there was no place. Not hidden, and no document. */
void leftover_kept_name(const char *name, char ret[LEFTOVER_NAME_MAX + 1]);

/* The document's name in full, looked up in folder when shortened. ERR_NOTFOUND: no such name there. */
CHECKED enum err leftover_document(const struct leftover *l, int folder, char ret[LEFTOVER_NAME_MAX + 1],
				   struct error *e);

#endif
