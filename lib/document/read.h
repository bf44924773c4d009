/* SPDX-License-Identifier: MIT */
/* read.h - the text of one document, read without trusting what lies at its path. */
#ifndef INGESTD_DOCUMENT_READ_H
#define INGESTD_DOCUMENT_READ_H

#include "base/file_key.h"
#include "base/strbuf.h"

/* Appends the file's bytes to out, whose ceiling is the size limit (DOCUMENT_MAX of document.h); *key (may be
 * NULL) is the file's before and after. Never waits for a writer, never opens a FIFO or device for its
 * effects. path is relative to root; a link is read through when its target lies in root. ERR_KIND: no
 * regular file. ERR_TOOBIG, out untouched. ERR_ACCESS, ERR_NOTFOUND, ERR_OUTSIDE. ERR_CHANGED: somebody kept
 * writing while it was read. ERR_BUSY: somebody holds a lease on it. */
CHECKED enum err document_read(int root, const char *path, struct strbuf *out, struct file_key *key,
			       struct error *e);

/* ---- lib/document's own ---- */

/* Opens name in folder for reading; a regular file or nothing. *st is of the open file. */
CHECKED enum err read_open(int folder, const char *name, const char *shown, int *fd, struct stat *st,
			   struct error *e);
/* Whether fd holds exactly text, from its start to its end. */
CHECKED enum err read_equals(int fd, struct span text, bool *equal);

#endif
