/* SPDX-License-Identifier: MIT */
/* xml_text.h - what stands between tags, decoded; inside lib/feed only. */
#ifndef INGESTD_FEED_XML_TEXT_H
#define INGESTD_FEED_XML_TEXT_H

#include "base/strbuf.h"
#include "feed/xml.h"

enum xml_take {
	XML_PLAIN,  /* tags go, references are decoded, CDATA as it stands */
	XML_MARKUP, /* the same, but tags stay: what is left is HTML, however it was packed */
};

/* Of `raw`, an element's inside (a part of x->text). References: XML's own five, by number, the feed's own
 * entities (with a ceiling on all they put in), and HTML's names, which feeds use without declaring; only
 * what ends in ';'. Others stay as they are. Comments, processing instructions and controls are left out.
 * Borrowed from raw where nothing has to change, else in the arena, by way of `scratch`. SPAN_NONE when
 * memory ran out. */
struct span xml_text(struct xml *x, struct span raw, enum xml_take take, struct strbuf *scratch,
		     struct arena *arena);

/* The same of an attribute's value: no tags, line ends and tabs become spaces. */
struct span xml_attr_text(struct xml *x, struct span raw, struct strbuf *scratch, struct arena *arena);

#endif
