/* SPDX-License-Identifier: MIT */
/* template.h - the front matter of a new document, from a text with places to fill in.
 *
 *     title: {title}
 *     images:
 *       - url: {image}
 *         width: {width}
 *     topics: {topics}
 *
 * {name} becomes that value as YAML: a text in double quotes (between quotes of the template's own only its
 * inside), a plain value as it is, a list as lines with dashes, or [] between brackets' place. A line with a
 * place for which there is no value is left out, and so is a key that has nothing left below it. {{ and }}
 * are braces. What is filled in can hold anything: it never becomes YAML of its own. Pure. */
#ifndef INGESTD_FEED_TEMPLATE_H
#define INGESTD_FEED_TEMPLATE_H

#include "base/strbuf.h"
#include "document/shape.h"

enum {
	TEMPLATE_BYTES = 16 * 1024, /* of a template */
	TEMPLATE_TEXT = 64 * 1024,  /* of what comes out of one */
	TEMPLATE_DEPTH = 16,
};

enum template_kind { TEMPLATE_TEXTUAL, TEMPLATE_PLAIN, TEMPLATE_LIST };
struct template_value {
	const char *name;
	enum template_kind kind;
	struct span text; /* UTF-8; SPAN_NONE: there is no value. PLAIN: one line of YAML */
	const struct span
		*items; /* LIST: as double-quoted texts, or plain where that is safe; count 0: no value */
	size_t count;
};

/* The template for a shape: what the seed has in the seed's order for `native`, else title, date, link,
 * excerpt, image, topics and published under the shape's keys. Appends. */
CHECKED enum err template_default(const struct shape *shape, struct strbuf *out);

/* ERR_INVALID with the line: a place that no value of that name can fill, a brace left open, a line "---".
 * names: what there may be, NULL-terminated. */
CHECKED enum err template_check(struct span text, const char *const *names, struct error *e);
/* Whether the template has a place for name. */
bool template_has(struct span text, const char *name);

/* Appends the document: "---", lines, "---". more: values without a place of their own, which become lines
 * "name: value" at the end; may be NULL. ERR_TOOBIG past TEMPLATE_TEXT; ERR_NOMEM. */
CHECKED enum err template_expand(struct span text, const struct template_value *values, size_t count,
				 const struct template_value *more, size_t more_count, struct strbuf *out);

/* s as a double-quoted YAML scalar without its quotes. */
CHECKED enum err template_quote(struct span s, struct strbuf *out);

#endif
