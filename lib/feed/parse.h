/* SPDX-License-Identifier: MIT */
/* parse.h - a feed being read; inside lib/feed only.
 *
 * XML: parse.c walks the tags; each open element has a frame, which says what its children may mean; the
 * table (table.c) has a row for each element that means something: namespace, name, frames, handler. A
 * handler takes the element's inside whole (parse_inner) or gives it a frame. JSON: json.c, by the same
 * setters.
 *
 * What several elements may say goes to a slot by rank: the lower rank stands, of equal ones the first (or
 * the last, where readers have always done so). */
#ifndef INGESTD_FEED_PARSE_H
#define INGESTD_FEED_PARSE_H

#include "base/strbuf.h"
#include "base/url.h"
#include "feed/feed.h"
#include "feed/xml_text.h"

enum frame {
	FRAME_NONE, /* nobody knows the element */
	FRAME_TOP,  /* above the root */
	FRAME_ROOT, /* rss, RDF */
	FRAME_FEED,
	FRAME_ENTRY,
	FRAME_IMAGE,
	FRAME_PERSON,
	FRAME_SOURCE,
	FRAME_MEDIA, /* media:group, media:content */
	FRAME_HOURS,
	FRAME_DAYS,
	FRAME_CATEGORY,
};

/* What a feed and an entry have one of. */
enum slot {
	SLOT_TITLE,
	SLOT_LINK,
	SLOT_ID,
	SLOT_SUMMARY,
	SLOT_CONTENT,
	SLOT_AUTHOR,
	SLOT_PUBLISHED,
	SLOT_UPDATED,
	SLOT_IMAGE,
	SLOT_LANGUAGE,
	SLOT_COMMENTS,
	SLOT_COUNT
};
enum { RANK_NONE = 255, RANK_FOREIGN = 20 }; /* nothing yet; what Atom elements in other formats add */

struct markup {
	struct span text, html, base;
};

/* What is gathered of the feed or of the entry at hand. */
struct target {
	/* up to `authors`: as at its beginning for each entry */
	uint8_t rank[SLOT_COUNT];
	struct span title, link, id, language, comments;
	struct markup summary, content;
	struct feed_date published, updated;
	struct feed_image image;
	struct span enclosure_origin; /* of feedburner */
	struct span source_title, source_url;
	unsigned author_count, tag_count, image_count, enclosure_count, media_count;
	unsigned line;
	bool id_is_link;

	struct span authors[FEED_LIST_MAX], tags[FEED_LIST_MAX];
	struct feed_image images[FEED_IMAGES_MAX];
	struct feed_enclosure enclosures[FEED_LIST_MAX], media[FEED_LIST_MAX];
};

struct context {
	const struct url *base; /* NULL not known */
	struct span language;
};

enum { SY_NEVER = 1 << 30, DAY_SECONDS = 24 * 60 * 60 };

struct parser {
	struct arena *arena;
	struct arena brief; /* of one construct's markup, where it is not kept */
	bool text_only;
	struct strbuf scratch;
	struct strbuf entries; /* struct feed_entry */
	struct feed *feed;
	struct target *t; /* the one at hand */
	bool in_entry;
	struct span entry_name; /* as written, of the entry at hand */
	bool known;             /* feed->format is */
	struct span root;       /* the first element's name */
	size_t root_at;

	unsigned context; /* of the element at hand */

	/* the element at hand */
	enum frame parent;
	bool atom;                        /* it follows the rules of Atom */
	unsigned sy_period, sy_frequency; /* 0: not said; the frequency may be SY_NEVER */
	struct span person;               /* name in a FRAME_PERSON */
	unsigned person_rank;
	size_t line_at; /* lines are counted up to here */
	unsigned line;
	bool html; /* the root is HTML's */
	enum err err;

	/* What the table last said of names: a feed has few. */
	struct {
		struct span name; /* as written */
		const struct row *row;
		uint8_t ns, parent;
	} found[64];

	/* large: each is set when it is begun */
	struct xml x;
	struct target of_feed, of_entry;
	struct context contexts[XML_DEPTH_MAX + 1];
};

struct row {
	enum xml_ns ns;
	const char *name; /* lower case */
	unsigned frames;  /* bits by enum frame: of the parent */
	void (*handle)(struct parser *p, const struct row *row);
	enum slot slot;
	uint8_t rank;
};

/* NULL: the element means nothing there. */
const struct row *table_find(enum xml_ns ns, struct span name, enum frame parent);

/* ---- parse.c ---- */

/* p->x has the text. ERR_SYNTAX when it is no feed. */
CHECKED enum err parse_xml(struct parser *p, struct error *e);
/* The inside of the element at hand, raw; it is closed. */
struct span parse_inner(struct parser *p);
/* The same without closing it: for a look ahead. */
struct span parse_peek(struct parser *p);
/* Makes the element at hand known to its children. */
void parse_frame(struct parser *p, enum frame frame);
void parse_entry_begin(struct parser *p);
void target_clear(struct target *t);
/* Appends the entry at hand, if there is room, and empties the target. */
void parse_entry_end(struct parser *p);
/* Fills the feed from its target. */
void parse_finish(struct parser *p);

/* ---- values.c ---- */

/* Whether `rank` may go to the slot; then it has. `last`: the last of equal ones counts. */
bool target_takes(struct target *t, enum slot slot, unsigned rank, bool last);

/* How an element's inside is to be read. */
enum construct { CONSTRUCT_TEXT, CONSTRUCT_HTML, CONSTRUCT_XHTML, CONSTRUCT_BASE64 };
/* By the type and mode of the element at hand. */
enum construct construct_of(const struct parser *p);
struct markup construct_read(struct parser *p, struct span raw, enum construct how);
/* Of HTML; passing: it will be gone when the item is read. */
struct markup markup_of(struct parser *p, struct span html, bool passing);

/* Plain text of an element's inside, without markup or references; trimmed; SPAN_NONE when empty. */
struct span value_text(struct parser *p, struct span raw);
/* Of an attribute of the element at hand. */
struct span value_attr(struct parser *p, const char *local);
/* Absolute where it can be: as written if it has a scheme, else by the context's base. */
struct span value_link(struct parser *p, struct span s);
struct span value_copy(struct parser *p, struct span s); /* SPAN_NONE, noted in p->err, without memory */

void add_tag(struct parser *p, struct span text);
void add_tags_parted(struct parser *p, struct span text, char by);
void add_author(struct parser *p, struct span text, unsigned rank);
void add_enclosure(struct parser *p, struct span url, struct span type, struct span length, bool media);
void add_image(struct parser *p, struct span url, struct span width, struct span height, unsigned rank);
void set_date(struct parser *p, enum slot slot, struct span text, unsigned rank);
void set_id(struct parser *p, struct span id, unsigned rank);
void set_link(struct parser *p, struct span link, unsigned rank, bool last);
bool type_is_image(struct span type, struct span url);
struct span clean_language(struct parser *p, struct span s);

/* ---- json.c ---- */

/* ERR_SYNTAX when it is no JSON Feed. */
CHECKED enum err parse_json(struct parser *p, struct span text, struct error *e);

#endif
