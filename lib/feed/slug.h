/* SPDX-License-Identifier: MIT */
/* slug.h - the file name of a new document, from a title that a stranger chose.
 *
 * What comes out has no slash, no dot at its start, no control, no bidi sign and a bounded length, whatever
 * went in. Pure. */
#ifndef INGESTD_FEED_SLUG_H
#define INGESTD_FEED_SLUG_H

#include "base/strbuf.h"

enum {
	SLUG_BYTES = 80,          /* of a slug */
	FILE_PATTERN_BYTES = 200, /* of a pattern */
	FILE_NAME_BYTES = 600,    /* of an expanded one, folders included */
	FILE_COPIES = 1000,       /* "-1000" is the last suffix tried */
};

/* Appends the slug of a title (UTF-8, may be anything): NFKD and a small table make it ASCII, lower case,
 * runs of what is neither letter nor digit one '-', cut at a word. Where that would lose most of its letters
 * (a title in another script) the letters stay as they are, lower case. Nothing left (emoji, punctuation): 16
 * hexadecimal digits of `identity`'s hash. ERR_NOMEM, ERR_TOOBIG. */
CHECKED enum err slug_make(struct span title, struct span identity, struct strbuf *out);

/* Of what a name is made. */
struct file_name {
	int64_t date; /* seconds since 1970, shown in UTC */
	struct span title, identity;
	struct span feed, domain; /* for those words of a pattern */
};

/* A pattern: a relative path ending in .md or .markdown, in which YYYY, MM, DD, HH, slug, feed and domain
 * stand for what they say; slug has to be there. ERR_INVALID with what is wrong. */
CHECKED enum err file_pattern_check(struct span pattern, struct error *e);

/* Appends the name; copy 1 is the first choice, copy n has "-n" behind the slug. The pattern has been
 * checked. ERR_TOOBIG past FILE_NAME_BYTES, ERR_NOMEM. */
CHECKED enum err file_pattern_expand(struct span pattern, const struct file_name *from, unsigned copy,
				     struct strbuf *out);

#endif
