/* SPDX-License-Identifier: MIT */
/* repair.h - what is done to a page's text before libxml2 sees it.
 *
 * One linear pass of the HTML standard's tokenizer states, as far as tags, comments and raw text go. It cuts
 * out what nobody reads and what libxml2 2.9 reads wrongly or slowly:
 *  - comments (<!--> and <!---> are whole ones), <!...>, <?...>, the text of script, style, iframe,
 *    textarea, noembed and noframes, what stands in svg, and <style> altogether;
 *  - from the 257th attribute of a tag on, or the 16 KB of unquoted bytes (libxml2 compares each with each);
 *  - event handlers and long data: and data-* values;
 *  - end tags that close nothing, and </body> and </html>, after which pages go on;
 * and it escapes '<' in <title>, which libxml2 would take for a tag. An unclosed title ends at the next tag.
 * The text of JSON-LD scripts is handed past the parser. */
#ifndef INGESTD_EXTRACT_REPAIR_H
#define INGESTD_EXTRACT_REPAIR_H

#include "base/arena.h"

enum {
	REPAIR_ATTRS_MAX = 256,
	REPAIR_UNQUOTED_MAX = 16 * 1024,
	REPAIR_DATA_MAX = 512,                /* bytes of a data: or data-* value that stays */
	REPAIR_SOURCE_MAX = 64 * 1024 * 1024, /* bytes of a page; what follows is dropped */
	REPAIR_ESCAPES_MAX = 2048,            /* '<' escaped in titles; more become spaces */
};

/* From text.ptr + at on, the text is the source's from `source` on. */
struct repair_cut {
	uint32_t at, source;
};

/* The text of a script, taken out behind its start tag, which ends at `at`. */
struct repair_script {
	uint32_t at;
	struct span text;
};

struct repaired {
	struct span source;
	struct span text;        /* NUL-terminated, holds no other NUL; in the arena */
	struct repair_cut *cuts; /* ascending */
	size_t cut_count;
	struct repair_script *scripts; /* ascending; texts lie in the source */
	size_t script_count;
};

/* Any text of valid UTF-8 is a success. ERR_NOMEM, ERR_TOOBIG: the arena's. Borrows source. */
CHECKED enum err repair_html(struct span source, struct arena *arena, struct repaired *ret);

/* Where in the source the byte of the repaired text stood. */
size_t repair_source_offset(const struct repaired *r, size_t at);

#endif
