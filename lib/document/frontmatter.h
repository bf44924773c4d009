/* SPDX-License-Identifier: MIT */
/* frontmatter.h - the YAML block that heads a Markdown file, edited by span.
 *
 * Parsing (libyaml's events and marks) notes where each value begins and ends, at any depth. Setting a value
 * replaces its bytes and no other: comments, order, quoting, CRLF, BOM and a missing final newline come out
 * as they went in. Every edit is proven before it is handed out: the result is parsed again and must be the
 * old tree with exactly that change. */
#ifndef INGESTD_DOCUMENT_FRONTMATTER_H
#define INGESTD_DOCUMENT_FRONTMATTER_H

#include "base/arena.h"
#include "base/strbuf.h"

enum {
	FRONTMATTER_MAX = 256 * 1024, /* bytes between the fences */
	FRONTMATTER_DEPTH = 64,       /* libyaml's flow nesting is quadratic in time beyond */
	FRONTMATTER_NODES = 50000,
	FRONTMATTER_ANCHORS = 256, /* anchors and aliases together */
	FRONTMATTER_PATH = 16,     /* steps of a path */
};

enum node_kind { NODE_SCALAR, NODE_ALIAS, NODE_SEQUENCE, NODE_MAPPING };
enum node_style { NODE_PLAIN, NODE_SINGLE, NODE_DOUBLE, NODE_LITERAL, NODE_FOLDED, NODE_BLOCK, NODE_FLOW };

/* One value. Offsets are bytes of the whole text. */
struct node {
	enum node_kind kind;
	enum node_style style;
	struct span value;       /* of a scalar decoded; of an alias the anchor's name */
	struct span tag, anchor; /* SPAN_NONE when there is none */
	size_t begin, end;  /* as written, tag and anchor included, trailing blank lines and comments not;
			     * begin == end behind the ':' or '-' of a value that is not written */
	size_t tail;        /* end, or where a block scalar's trailing lines end */
	bool nowhere;       /* not written, and no ':' to write it behind */
	unsigned line, col; /* of begin; from 1, col in characters */
	size_t count;       /* of children */
	struct node *first, *last, *next, *parent;
	struct node *key; /* of a mapping's child; any kind of node */
};

struct frontmatter {
	struct span text;        /* the whole document, borrowed */
	size_t begin, end;       /* of the YAML between the fences; both 0 when there is no front matter */
	bool present;            /* there are fences */
	const struct node *root; /* a mapping; NULL when there is nothing but blanks and comments */
	const struct node *duplicate; /* the first key that repeats one of its mapping; NULL when none does */
	struct span eol;              /* "\n" or "\r\n", what most of its lines end in */
};

/* Borrows text, which must outlive *ret; all else lives in the arena. A text without front matter is a
 * success that is not present. Front matter: an optional BOM, a line "---", YAML, a line "---" or "..."
 * (blanks may follow, the last line may lack its end).
 * ERR_TOOBIG; ERR_TOODEEP; ERR_SYNTAX: not well formed, not UTF-8, unterminated; ERR_UNSAFE: TOML or JSON,
 * more than one YAML document, not a mapping, a list or mapping for a key. *e has line and column. */
CHECKED enum err frontmatter_parse(struct span text, struct arena *arena, struct frontmatter **ret,
				   struct error *e);

/* The value of a key, decoded name; NULL when map is no mapping or has no such key. */
const struct node *node_get(const struct node *map, struct span key);
/* The nth item of a sequence (or value of a mapping); NULL past the end. */
const struct node *node_item(const struct node *list, size_t index);
/* Not written, or written "~" or "null". */
bool node_is_null(const struct node *n);
/* The bytes that an edit of this value replaces, white space behind the ':' included (that is what turns
 * "images:" into a list and back). Putting them back by EDIT_RAW restores the text. */
struct span node_raw(const struct frontmatter *fm, const struct node *n);
/* True when setting this value, or a key inside it, would change another place too, or may: it or a node
 * around it is an alias or has an anchor, or a node within it has one. */
bool node_shared(const struct node *n);
/* A text that YAML 1.1 or 1.2 would, unquoted, read as a null, bool, number, date or merge key, or might. */
bool yaml_looks_typed(struct span s);

enum value_kind { VALUE_STRING, VALUE_PLAIN, VALUE_DATE, VALUE_LIST, VALUE_MAP };
enum quoting { QUOTING_AUTO, QUOTING_PLAIN, QUOTING_SINGLE, QUOTING_DOUBLE };

/* What to write. Borrowed during the call. */
struct value {
	enum value_kind kind;
	struct span text; /* STRING: the text; PLAIN: a number, bool or null as it is to be written; DATE: the
			   * date, quoted or not as the old value or the document's other dates are */
	enum quoting quoting;      /* wanted where the document gives no example; DATE: AUTO means plain */
	struct span key;           /* where it stands in a map */
	const struct value *items; /* LIST, MAP */
	size_t count;
	bool flow; /* LIST, MAP: between brackets even where a block could stand */
};

/* Where a key goes in a mapping that lacks it. */
struct key_order {
	const char
		*where; /* the key that holds the mapping, "related[]" for a list's items, "" for the root */
	const char *keys; /* in order, separated by single spaces */
};

struct step {
	struct span key; /* SPAN_NONE: index */
	size_t index;
};

enum edit_kind {
	EDIT_SET,    /* the value is replaced, or the key added */
	EDIT_RAW,    /* the value's bytes, node_raw(), become raw */
	EDIT_REMOVE, /* the key goes, with the lines that adding it would bring */
};

struct edit {
	enum edit_kind kind;
	struct step path[FRONTMATTER_PATH];
	size_t steps;       /* at least 1 */
	struct value value; /* SET */
	struct span raw;    /* RAW */
	bool parents;       /* SET adds mappings on the way that are absent or null; REMOVE takes those
			     * that become empty */
	const struct key_order *order; /* ends with where == NULL; may be NULL: after the last key */
};

/* Appends the whole edited text to out; on failure out may hold part of it. ERR_NOTFOUND: no such place.
 * ERR_UNSAFE: an alias, anchor or duplicate key at the place, or the proof failed. ERR_INVALID: the value is
 * not UTF-8. ERR_TOOBIG, ERR_TOODEEP. A place (line, col) is filled where there is one. */
CHECKED enum err frontmatter_edit(const struct frontmatter *fm, const struct edit *edit, struct strbuf *out,
				  struct error *e);

#endif
