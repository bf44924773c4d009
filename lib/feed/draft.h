/* SPDX-License-Identifier: MIT */
/* draft.h - an entry on its way to becoming a document: its first text, its file's name, and what the feed
 * can add once the article has been looked at.
 *
 * The first text has what is sure: title, date, link, topics, and an excerpt and image only where the feed's
 * are good ones. The rest is the article's to say, and the feed's where that says nothing. A draft is kept in
 * the state as JSON until the document is there. Pure. */
#ifndef INGESTD_FEED_DRAFT_H
#define INGESTD_FEED_DRAFT_H

#include "base/field.h"
#include "feed/feed.h"
#include "feed/slug.h"
#include "feed/template.h"

enum { DRAFT_JSON_MAX = 512 * 1024, DRAFT_TOPICS = 64, DRAFT_TITLE = 500 /* characters */, DRAFT_MARK = 24 };

struct draft {
	struct span url;    /* of the article; SPAN_NONE: the entry has none */
	struct span source; /* of the feed, as configured */
	struct span folder; /* relative to the content folder; "" is that itself */
	struct span pattern;
	struct file_name name;
	struct span text; /* the document before its article was looked at */
	/* for fields that neither it nor the article has; SPAN_NONE: the feed has none either */
	struct span fallback[FIELD_LINK_COUNT];
	unsigned width, height; /* of the image; 0 not known */
	bool spaced;            /* blank lines between the blocks, as the seed has them */
	bool attach;            /* a near-duplicate is put into the first one's `related` */
	int64_t mark;           /* where the text wants its score: draft_mark(); 0: nowhere */
	unsigned length;        /* of what the feed gives of the text, characters */
	bool author;            /* the feed names one */
	bool dated;             /* name.date is the entry's, not today */
};

struct draft_source {
	const struct feed *feed;
	const struct feed_entry *entry;
	const struct shape *shape;
	struct span feed_url, feed_name, category; /* as configured; the name may be SPAN_NONE */
	struct span template, pattern, folder;
	const struct template_value *defaults; /* values by name, where the entry has none */
	size_t default_count;
	const char *const *topics; /* by the rules */
	size_t topic_count;
	unsigned excerpt_min, excerpt_max;
	bool spaced;
	int64_t now, ahead; /* a date later than now + ahead is none */
	bool attach;
	bool score; /* quality and heat have values: score.h */
};

/* Names that a template may use, those of defaults aside; NULL-terminated. */
extern const char *const draft_names[];

/* What stands in the text for its quality, or heat, until these are known: a number that nobody else writes.
 */
void draft_mark(int64_t mark, bool heat, char buf[DRAFT_MARK]);

/* In the arena, or borrowed from the source. ERR_NOMEM, ERR_TOOBIG. */
CHECKED enum err draft_make(const struct draft_source *from, struct arena *arena, struct draft *ret);

CHECKED enum err draft_encode(const struct draft *d, struct strbuf *out);
/* ERR_DAMAGED; ERR_NOMEM. */
CHECKED enum err draft_decode(struct span json, struct arena *arena, struct draft *ret);

#endif
