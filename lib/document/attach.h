/* SPDX-License-Identifier: MIT */
/* attach.h - one more entry of `related`. */
#ifndef INGESTD_DOCUMENT_ATTACH_H
#define INGESTD_DOCUMENT_ATTACH_H

#include "document/document.h"

/* What the entry says; SPAN_NONE where there is nothing to say. url has to be there. */
struct attachment {
	struct span title, excerpt, date, url, type, provider, domain;
};

/* Appends the whole new text to out: doc's, with the entry behind the others. No other byte changes. *there:
 * an entry, or the article itself, has that URL already; then out stays as it is. ERR_UNSUPPORTED: the shape
 * has no place for related entries; ERR_UNSAFE: they are written in a way that cannot be added to with
 * certainty; ERR_TOOBIG, ERR_NOMEM. */
CHECKED enum err document_attach(const struct document *doc, const struct shape *shape, struct span text,
				 const struct attachment *entry, bool *there, struct strbuf *out,
				 struct error *e);

#endif
