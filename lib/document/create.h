/* SPDX-License-Identifier: MIT */
/* create.h - a document that was not there before.
 *
 * The text is written beside its place, synced, and then given its name in one step that fails where that
 * name is taken: nobody's file is ever overwritten, and nobody sees half a document. Killed before that step
 * there is at most a file .NAME.ingestd-w-..., which the next run removes (recover.h). */
#ifndef INGESTD_DOCUMENT_CREATE_H
#define INGESTD_DOCUMENT_CREATE_H

#include "base/error.h"
#include "base/file_key.h"
#include "base/span.h"

/* path is relative to root and stays within it; folders that are missing are made (no link is followed).
 * Mode: 0666 less the umask. *key may be NULL. ERR_CHANGED: something has that name already, and stays as it
 * is. ERR_OUTSIDE, ERR_ACCESS, ERR_READONLY, ERR_FULL, ERR_TOOBIG (text over DOCUMENT_MAX, name too long),
 * ERR_KIND (a part of the path is no folder), ERR_IO. On failure there is no new document; folders that were
 * made stay. */
CHECKED enum err create_document(int root, const char *path, struct span text, struct file_key *key,
				 struct error *e);

#endif
