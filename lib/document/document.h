/* SPDX-License-Identifier: MIT */
/* document.h - the typed view of one document, and changes to it.
 *
 * A document is a file's text seen through a shape (shape.h: which key holds what). It has links: the
 * article itself and the entries of `related`. Reading borrows; changing renders a new text in which
 * no byte outside the changed values differs, proven by parsing it again (invariant 2 of DESIGN). */
#ifndef INGESTD_DOCUMENT_DOCUMENT_H
#define INGESTD_DOCUMENT_DOCUMENT_H

#include "base/arena.h"
#include "base/field.h"
#include "base/strbuf.h"

struct shape;

enum { DOCUMENT_MAX = 8 * 1024 * 1024 }; /* bytes of a document's text; front matter has its own limit */

enum presence { FIELD_ABSENT, FIELD_NULL, FIELD_EMPTY, FIELD_PRESENT };

/* One field of one link as the document has it. */
struct field_state {
	enum presence presence;
	struct span value; /* decoded, folded as YAML says; of pictures the first one's url */
	struct span raw; /* as written: white space behind the ':', quotes, lists and all, so that CHANGE_RAW
			  * with it restores every byte; SPAN_NONE when absent */
	unsigned line;   /* of the value, or of where the link begins; from 1 */
	bool editable;   /* false: the shape has no key for it, or an alias or anchor stands in the way */
};

struct image {
	struct span url;
	unsigned width, height; /* 0: not known */
	bool cached;            /* written: sets the shape's mark of a local copy */
	bool unmarked;          /* read: the shape has such a mark, and it is absent or null here */
};

struct link {
	int related;     /* -1: the article itself; else the index in `related` */
	struct span url; /* what to fetch: originalUrl, else webUrl, for the native shape */
	bool bare;       /* has nothing but its URL: every field absent is a gap then */
	unsigned line;
	struct field_state fields[FIELD_LINK_COUNT];
	struct image *images; /* all entries of `images`, in order; those without url have SPAN_NONE */
	size_t image_count;
};

/* Whether a site's pictures (FIELD_PROVIDER_IMAGE), which no page tells, are looked for. */
enum logos_wanted {
	LOGOS_NONE,  /* there is nothing that they could be taken from */
	LOGOS_EMPTY, /* where the document has the key, and nothing there */
	LOGOS_USED,  /* also where an article has no such key: other documents beside it have it */
};

struct document {
	struct link *links;      /* the article first, where the document has a URL of its own */
	size_t link_count;       /* 0: nothing to do here */
	bool opted_out;          /* `ingestd: false` */
	enum logos_wanted logos; /* set by who knows the table and the folder; LOGOS_NONE */
	void *impl;              /* the parsed front matter; lib/document's own */
};

/* Borrows text and shape, which must outlive the document; all else lives in the arena.
 * No front matter, or front matter without a link, is a success with link_count 0.
 * ERR_TOOBIG, ERR_TOODEEP, ERR_SYNTAX (not well formed, unterminated), ERR_UNSAFE (duplicate keys, TOML
 * or JSON front matter, not a mapping): the document must be left alone; e has line and column. */
CHECKED enum err document_parse(struct span text, const struct shape *shape, struct arena *arena,
				struct document **ret, struct error *e);

enum change_kind {
	CHANGE_SET,    /* value (or images) becomes the field's value, in the document's own style */
	CHANGE_RAW,    /* raw bytes replace the value's bytes: what undo puts back */
	CHANGE_REMOVE, /* the key goes, with the lines that setting it had brought */
};

struct change {
	enum change_kind kind;
	int related; /* as in struct link */
	enum field field;
	struct span value;          /* CHANGE_SET, not of pictures; CHANGE_RAW */
	const struct image *images; /* CHANGE_SET of pictures (field_is_images()) */
	size_t image_count;
};

/* Appends the whole new text to out. Each field may be changed once. Where the first image has a url but
 * lacks width, height or the mark of a local copy, setting pictures with the same url adds what is
 * missing. Absent keys go where the shape's order puts them, with the blank lines, indentation and quoting
 * that the document uses; ERR_UNSAFE when that cannot be done with certainty, or when parsing the result
 * again does not give the old tree with exactly these changes. Setting and then removing a key that was
 * absent gives back the same bytes. */
CHECKED enum err document_apply(const struct document *doc, const struct change *changes, size_t count,
				struct strbuf *out, struct error *e);

#endif
