/* SPDX-License-Identifier: MIT */
/* repair.h - a page's text taken apart before libxml2 sees it.
 *
 * One linear pass of the HTML standard's tokenizer states. libxml2 2.9 knows how elements nest and close, but
 * reads text and attributes slowly (a function call a character), attributes in quadratic time, and several
 * states wrongly. So it gets a skeleton only: each tag by its bare name, each run of text as one character.
 * Names that tree.h does not know become one of 256, lest a page fill libxml2's table of names.
 * What stands for what is kept beside it and put in where libxml2 reports it (tree_build.c).
 *
 * Left out: comments (<!--> and <!---> are whole ones), <!...>, <?...>, the text of script (JSON-LD's is
 * kept), style, iframe, textarea, noembed and noframes, what stands in svg, <style> altogether, end tags that
 * close nothing, and </body> and </html>, after which pages go on. Of a tag's attributes the first 256 stay,
 * event handlers go. Title is text, whatever it holds; an unclosed one ends at the next tag. */
#ifndef INGESTD_EXTRACT_REPAIR_H
#define INGESTD_EXTRACT_REPAIR_H

#include "extract/tree.h"

enum {
	REPAIR_ATTRS_MAX = 256,
	REPAIR_SOURCE_MAX = 64 * 1024 * 1024, /* bytes of a page; what follows is dropped */
	REPAIR_TAGS_MAX = 300 * 1000,         /* the same of start tags, and of texts */
};

/* A start tag. */
struct repair_tag {
	const struct attr *attrs; /* decoded; names in lower case */
	const char *name;         /* in the source */
	uint32_t at;              /* where it ends in the skeleton */
	uint16_t name_len, count;
	uint16_t tag; /* enum tag */
};

enum repair_kind { REPAIR_TEXT, REPAIR_RAW, REPAIR_SCRIPT };

/* A run of text; several may share one character of the skeleton. */
struct repair_text {
	struct span text;      /* in the source */
	uint32_t at;           /* of its character; of a script: where its start tag ends */
	enum repair_kind kind; /* RAW: character references stay as they are */
};

struct repaired {
	struct span source;   /* without NUL */
	struct span skeleton; /* ASCII, NUL-terminated; in the arena */
	/* ascending */
	const struct repair_tag *tags;
	size_t tag_count;
	const struct repair_text *texts;
	size_t text_count;
	/* The first </head> or <body>. */
	struct repaired_head {
		size_t end;         /* of it, in the source; 0: there is none */
		size_t tags, texts; /* how many stand before it */
	} head;
	bool cut; /* a ceiling was met */
};

/* Any text of valid UTF-8 is a success. ERR_NOMEM, ERR_TOOBIG: the arena's. Borrows source. */
CHECKED enum err repair_html(struct span source, struct arena *arena, struct repaired *ret);

#endif
