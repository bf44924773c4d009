/* SPDX-License-Identifier: MIT */
/* shape.h - which key of a document holds what: the `fields:` mapping and its presets.
 *
 * A key is written as a path: "excerpt", "image.path", "images[].url" (a list of mappings), "images[]" (a
 * list of texts). "summary|description": either; filled only when all are absent or empty, then in the one
 * that the document has, else in the first. "heroImage(local)": the site takes files of its own there, so it
 * is never written. An empty key: the shape has no place for that field. */
#ifndef INGESTD_DOCUMENT_SHAPE_H
#define INGESTD_DOCUMENT_SHAPE_H

#include "base/field.h"
#include "document/frontmatter.h"

enum { SHAPE_ALTERNATIVES = 4, SHAPE_STEPS = 6 };

struct key_path {
	struct span steps[SHAPE_STEPS];
	size_t count;
	bool list;        /* "images[]" and "images[].url": the last step holds a list */
	struct span item; /* "url": the key in each of its mappings; SPAN_NONE: texts */
};

struct key_paths {
	struct key_path paths[SHAPE_ALTERNATIVES];
	size_t count; /* 0: no place for it */
	bool local;
};

enum date_style {
	DATE_STYLE_RFC3339, /* 2021-08-26T00:34:00Z */
	DATE_STYLE_SPACED,  /* 2021-08-26 00:34:00 +0000, as Jekyll has it */
	DATE_STYLE_DAY,     /* 2021-08-26 */
};

struct shape {
	const char *preset;
	struct key_paths fields[FIELD_LINK_COUNT];
	enum quoting quoting[FIELD_LINK_COUNT]; /* where the document shows none */
	struct key_paths link;                  /* the article's URL: the first of them that is there */
	struct key_paths related;               /* a list of mappings; paths[0] only */
	struct key_paths related_link;          /* a key of each */
	struct span width, height;              /* keys beside an image's url */
	struct span cached;                     /* the same: true where there is a local copy */
	bool date_quoted;                       /* where the document shows no other date */
	enum date_style date_style;
	const struct key_order *order;
};

/* One line of `fields:`. name: a name of field_name(), or date, image, provider for short; link, related,
 * related.link, width, height, cached; date-type (plain, quoted), date-style (rfc3339, spaced, day). */
struct shape_key {
	const char *name, *key;
};

/* The name of a preset, the first is the default; NULL past the last. Static. */
const char *shape_preset(size_t index);

/* A preset (NULL: "native") with keys laid over it, in the arena; names and keys are copied.
 * ERR_INVALID: e->text says what is wrong with which name, and what is allowed. */
CHECKED enum err shape_make(const char *preset, const struct shape_key *keys, size_t count,
			    struct arena *arena, const struct shape **ret, struct error *e);

#endif
