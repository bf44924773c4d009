/* SPDX-License-Identifier: MIT */
/* recover.h - what a killed run left beside documents, put in order before the next one.
 *
 * replace.h has the states; here is what is done about each. "temp" is the leftover, by role:
 *
 *     w                                  never was the document: removed
 *     x, holds the new text              the exchange had not come, or was taken back: removed
 *     x, holds the old text, and NAME
 *         holds the new or the old text  the exchange was done, nothing of a person's in it: removed
 *         is gone, or holds another      kept
 *     x, holds another text (an edit), and NAME
 *         holds the new text             goes back to NAME, by the same exchange
 *         is gone                        goes back to NAME
 *         holds another                  kept
 *
 * Kept: renamed to NAME.ingestd-kept-RANDOM beside the document, for the person to see to. */
#ifndef INGESTD_DOCUMENT_RECOVER_H
#define INGESTD_DOCUMENT_RECOVER_H

#include "base/error.h"

enum recovered {
	RECOVER_REMOVED,
	RECOVER_RESTORED, /* to `path` */
	RECOVER_KEPT,     /* in `path` */
	RECOVER_LEFT      /* somebody has it or its document open, perhaps another ingestd: next time */
};

struct recovery {
	enum recovered what;
	char path[4096]; /* relative to root: the document, or the file that was kept */
};

/* path: of a leftover, as scan told of it (SCAN_LEFTOVER). Once no other ingestd works in the folder, and
 * before the document is read. ERR_NOTFOUND: it is gone. ERR_INVALID: no leftover's name. Others: it could
 * not be read, renamed, removed; it is still there. */
CHECKED enum err recover_leftover(int root, const char *path, struct recovery *ret, struct error *e);

#endif
