/* SPDX-License-Identifier: MIT */
/* undo.h - what of a document can be put back as it stood before ingestd wrote.
 *
 * Pure: the document and the records of what was written into it, in; changes out. From what stands there now
 * one goes back from record to record, as far as each wrote what the one after it (or the document) still
 * has: what somebody has changed since stays. */
#ifndef INGESTD_MERGE_UNDO_H
#define INGESTD_MERGE_UNDO_H

#include "document/document.h"

/* A value that was written, from the provenance. */
struct undo_row {
	bool article;    /* of the article itself, not of a related entry */
	struct span url; /* of the link */
	enum field field;
	bool was_absent;           /* there was no key */
	struct span before, after; /* raw bytes */
	bool undone;               /* it was put back by an undo (PLAN_UNDONE), or was about to be */
	struct span from;          /* URL of the page */
};

struct undo_change {
	struct change change;
	struct span url, from; /* of the record that wrote what stands there */
	struct span current;   /* raw bytes that stand there */
	struct span value;     /* raw bytes that are put there; SPAN_NONE: the key goes */
};

/* rows: of this document, newest first; *ret, in the arena, has at most one change for each place. Its spans
 * are the rows' and the document's. *kept: places that somebody has changed since. ERR_NOMEM, ERR_TOOBIG
 * only. */
CHECKED enum err undo_changes(const struct document *doc, const struct undo_row *rows, size_t count,
			      struct arena *arena, struct undo_change **ret, size_t *ret_count, size_t *kept);

#endif
