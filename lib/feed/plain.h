/* SPDX-License-Identifier: MIT */
/* plain.h - markup into plain text in one pass; inside lib/feed only.
 *
 * For what a feed holds of HTML: titles, summaries, contents. No tree is built: tags go, a block's border is
 * a space, script and style go with what is in them, character references are decoded once, white space is
 * folded, controls are dropped. What a browser would take for a comment or a tag without an end is read as
 * text where that loses nothing. Linear. */
#ifndef INGESTD_FEED_PLAIN_H
#define INGESTD_FEED_PLAIN_H

#include "base/arena.h"
#include "base/strbuf.h"

enum plain_from {
	PLAIN_HTML,  /* as above */
	PLAIN_XHTML, /* the same, but of XML source: CDATA sections are literal text */
	PLAIN_TEXT,  /* no markup: only white space and controls */
};

/* Valid UTF-8 in and out. In the arena by way of `scratch`, or borrowed from s. SPAN_NONE when nothing is
 * left (arena_failed() tells whether memory ran out), and for SPAN_NONE. */
struct span plain_text(struct span s, enum plain_from from, struct strbuf *scratch, struct arena *arena);

#endif
