/* SPDX-License-Identifier: MIT */
/* feed.h - a feed as one plain record, whatever it was written in.
 *
 * RSS 0.9x and 2.0, RDF (RSS 0.90, 1.0), Atom 0.3 and 1.0, CDF, JSON Feed 1.0 and 1.1. Broken feeds are the
 * rule: what can be read is read, and each trouble is a warning with its place; nothing but a text that is no
 * feed at all fails. No entity, include or DTD is ever fetched; entities that the feed itself declares have a
 * ceiling.
 *
 * All texts are valid UTF-8. "Plain text" has no markup, no controls and single spaces, and is otherwise as
 * the feed means it: `<b>` in it is text about markup or, in a carelessly made feed, doubly escaped. Before
 * it goes into a document it takes text_normal() (NFC, bidi controls, doubly encoded references) and, where
 * it is an excerpt, text_without_tags(). An absent value is SPAN_NONE, and never empty: what holds white
 * space only is absent. Nothing here waits or keeps state: safe on any thread, after extract_init(). */
#ifndef INGESTD_FEED_FEED_H
#define INGESTD_FEED_FEED_H

#include "base/arena.h"
#include "base/date.h"

enum {
	FEED_BODY_MAX = 64 * 1024 * 1024,   /* bytes of a feed; a longer one is ERR_TOOBIG */
	FEED_ENTRY_MAX = 100 * 1000,        /* entries; the rest is dropped: feed->cut */
	FEED_LIST_MAX = 256,                /* tags, authors or enclosures of one entry */
	FEED_IMAGES_MAX = 16,               /* images of one entry */
	FEED_WARNING_MAX = 32,              /* warnings kept; all are counted */
	FEED_ID_MAX = 8192,                 /* bytes of an id; cut there */
	FEED_ARENA_MAX = 512 * 1024 * 1024, /* what one feed may take to work out */
};

#define FEED_FORMAT_MAP(X) \
	X(RSS, "rss")      \
	X(RDF, "rdf")      \
	X(ATOM, "atom")    \
	X(JSON, "json")    \
	X(CDF, "cdf")
#define X(name, text) FEED_##name,
enum feed_format { FEED_FORMAT_MAP(X) FEED_FORMAT_COUNT };
#undef X
/* Static. */
const char *feed_format_name(enum feed_format f);

/* A date that may be absent: then `there` is false and nothing else counts. Never 1970 or now for want of
 * better; a date in the future is given as it stands: what to do with it is policy. */
struct feed_date {
	bool there;
	struct date date;
};

struct feed_image {
	struct span url;        /* absolute where it could be resolved; SPAN_NONE when there is none */
	unsigned width, height; /* as declared; 0 not known */
};

struct feed_enclosure {
	struct span url, type;
	uint64_t length; /* bytes as declared; 0 not known */
};

struct feed_warning {
	unsigned line, col; /* from 1, col in characters */
	const char *text;   /* in the arena or static */
};

/* One item. Links that were written absolute stand as written, others as hrefs by xml:base and the feed's URL
 * where that is possible; parse (url.h) before you compare or fetch. */
struct feed_entry {
	struct span title;   /* plain text */
	struct span link;    /* of the article: feedburner:origLink before link; a guid that is a permalink */
	struct span id;      /* guid, atom:id, rdf:about, verbatim; SPAN_NONE when the item has none */
	bool id_is_link;     /* the guid is said, or by default, to be a permalink, and looks like one */
	struct span summary; /* plain text of summary or description; of the content where there is none */
	struct span content; /* plain text of the full content; SPAN_NONE when there is a summary only */
	struct span html;    /* markup of the content, else of the summary, decoded once; SPAN_NONE when that
			      * was plain text. Never to be shown or written as it is */
	struct span html_base;      /* what references in html are relative to; SPAN_NONE not known */
	struct span author;         /* the first author's name, plain text */
	const struct span *authors; /* all of them */
	size_t author_count;
	struct span language; /* xml:lang or dc:language, inherited from the feed; as written */
	struct feed_date published, updated;
	struct feed_image image;         /* media:thumbnail, else media:content, itunes:image, enclosure */
	const struct feed_image *images; /* all that are declared, that one too, for who wants a large one */
	size_t image_count;
	const struct span *tags; /* categories and keywords, plain text, each once */
	size_t tag_count;
	const struct feed_enclosure *enclosures;
	size_t enclosure_count;
	struct span comments;                 /* page of comments */
	struct span source_title, source_url; /* the feed that it was taken from, by its own word */
	bool has_own_summary;                 /* summary was written as such, and is not the content's text */
	unsigned line;                        /* of the feed, where it begins, from 1; 0 not known */
};

struct feed {
	enum feed_format format;
	struct span version;            /* "2.0", "0.91", "1.0"; SPAN_NONE not said */
	struct span title, description; /* plain text */
	struct span link;               /* the site */
	struct span id;
	struct span author;
	const struct span *authors;
	size_t author_count;
	struct span language, generator;
	struct feed_image image; /* image/url, else logo, icon, itunes:image */
	struct feed_date published, updated;
	const struct span *tags;
	size_t tag_count;

	/* Relations: absolute, or SPAN_NONE. */
	struct span self, hub, next, prev_archive;
	struct span new_url; /* itunes:new-feed-url: a claim, to be proven by the mover's evidence */

	/* Hints of how often to ask; they may lengthen an interval, never shorten it. */
	unsigned ttl_minutes;    /* 0 not said */
	unsigned period_seconds; /* sy:updatePeriod by updateFrequency; 0 not said */
	uint32_t skip_hours;     /* bit 0..23: an hour of the day, GMT */
	uint8_t skip_days;       /* bit 0..6: Sunday..Saturday, GMT */
	bool complete;           /* fh:complete (RFC 5005): nothing but these entries exists */
	bool archive;            /* fh:archive: this document will not change */
	bool expired;            /* JSON Feed: no more will come */

	struct feed_entry *entries; /* in the order of the feed */
	size_t entry_count;
	struct feed_warning *warnings; /* the first FEED_WARNING_MAX, by place */
	size_t warning_count;          /* kept */
	size_t trouble_count;          /* all */
	bool cut; /* a ceiling was met, or the feed ends in the middle: entries may be missing */
};

struct feed_input {
	struct span body;         /* as it came, content codings undone */
	struct span content_type; /* the Content-Type field's value; SPAN_NONE when there was none */
	struct span base;         /* URL that answered; SPAN_NONE not known */
	bool text_only;           /* entries need no html: a third less memory */
};

/* *ret and all it points to lie in the arena or are borrowed from in->body and in->base, which must outlive
 * it. ERR_SYNTAX: no feed; the text says what it is instead ("an HTML page", "empty", ...), with its place;
 * ERR_TOOBIG: over FEED_BODY_MAX or the arena's ceiling; ERR_NOMEM. */
CHECKED enum err feed_parse(const struct feed_input *in, struct arena *arena, struct feed **ret,
			    struct error *e);

#endif
