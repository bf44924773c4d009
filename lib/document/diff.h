/* SPDX-License-Identifier: MIT */
/* diff.h - two texts as a unified diff that patch(1) and git apply take. */
#ifndef INGESTD_DOCUMENT_DIFF_H
#define INGESTD_DOCUMENT_DIFF_H

#include "base/strbuf.h"

enum { DIFF_CONTEXT = 3 };

/* Appends the diff from old to new to out: "--- a/PATH", "+++ b/PATH", hunks with three lines of context;
 * nothing for equal texts. SPAN_NONE as old is a file that is not there yet (/dev/null), as new one that
 * goes. Lines end at LF; a CR is a part of its line. Texts that differ in very many places (some thousand
 * lines) come out as one change from the first to the last of them: longer than need be, and right all the
 * same. colour: for a terminal, with its control characters made visible; no longer for patch. ERR_NOMEM;
 * ERR_TOOBIG past the buffer's ceiling. out may hold a part then. */
CHECKED enum err diff_unified(struct span path, struct span old, struct span new, bool colour,
			      struct strbuf *out);

#endif
