/* SPDX-License-Identifier: MIT */
/* extract.h - what a page says of itself.
 *
 * Two functions, kept apart so that a better choice needs no new fetch: extract_page() collects
 * candidates and a verdict from the bytes; extract_choose() picks among candidates. Between the two a
 * page can be written as JSON and read back (page_json.h); that is what the state keeps.
 *
 * Nothing here waits, locks or keeps state: safe on any thread, after extract_init(). */
#ifndef INGESTD_EXTRACT_EXTRACT_H
#define INGESTD_EXTRACT_EXTRACT_H

#include "base/arena.h"
#include "base/field.h"
#include "base/tracking.h"

/* Raised whenever collecting changes, so that stored pages of an older kind are collected anew. */
enum { EXTRACT_VERSION = 8 };

enum {
	PAGE_BODY_MAX = 5 * 1024 * 1024, /* bytes of a page, decoded from its transfer and content codings */
	PAGE_ARENA_MAX = 200 * 1024 * 1024, /* what one page may take to work out */
};

#define VERDICT_MAP(X)            \
	X(ARTICLE, "article")     \
	X(CHALLENGE, "challenge") \
	X(CONSENT, "consent")     \
	X(LOGIN, "login")         \
	X(PAYWALL, "paywall")     \
	X(SOFT_404, "soft-404")   \
	X(PARKED, "parked")       \
	X(ERROR, "error")         \
	X(THIN, "thin")           \
	X(LISTING, "listing")     \
	X(NOT_HTML, "not-html")
#define X(name, text) VERDICT_##name,
enum verdict { VERDICT_MAP(X) VERDICT_COUNT };
#undef X
const char *verdict_name(enum verdict v);
CHECKED bool verdict_by_name(struct span name, enum verdict *ret);

struct page_header {
	struct span name, value;
};

/* The response as it came. Borrowed. */
struct page_response {
	struct span body;          /* content codings undone */
	struct span content_type;  /* the Content-Type field's value; SPAN_NONE when there was none */
	struct span requested_url; /* what the document names; may be SPAN_NONE */
	struct span final_url;     /* what answered; base of relative references; may be SPAN_NONE */
	unsigned status;           /* HTTP status; 0 counts as 200 (a file from disk) */
	const struct page_header *headers;
	size_t header_count;
	struct span known_title; /* what the document says already; SPAN_NONE when nothing */
};

/* Why a candidate lost, for `explain`; the winner has LOST_NOT. Static texts by candidate_lost_text(). */
struct candidate {
	enum field field;
	struct span value;      /* normal form: plain text, folded, NFC; RFC 3339 for dates, without a zone
				 * where none is stated (the choice says "Z" then); absolute URL */
	struct span source;     /* "og:title", "json-ld headline"; the row of the source table */
	int score;              /* higher is better; given when collected, from source and form */
	unsigned line;          /* of the page, from 1; 0 not known */
	unsigned width, height; /* of images, as declared; 0 not known */
	unsigned group;         /* images: candidates of one picture share a number; 0 none */
	const char *lost;       /* set by extract_choose(): static text why not chosen; NULL when chosen */
};

struct page {
	enum verdict verdict;
	struct span *evidence; /* short texts, the strongest first */
	size_t evidence_count;
	struct candidate *candidates; /* in the order in which they stand on the page */
	size_t candidate_count;
	struct span lead; /* first good paragraph of the main text; SPAN_NONE */
	struct span text; /* main text, paragraphs parted by one LF; SPAN_NONE. Stored pages keep its start
			     only */
	struct span url;  /* base that was used */
};

/* Once, before threads start: libxml2's and libidn2's global set-up. */
void extract_init(void);

/* Everything in *ret lives in the arena or is borrowed from the response. Any bytes are a success: what is
 * no HTML has a verdict that says so. ERR_NOMEM and ERR_TOOBIG (the arena's ceiling) fail. */
CHECKED enum err extract_page(const struct page_response *response, struct arena *arena, struct page **ret,
			      struct error *e);

struct site_defaults;

struct choose_options {
	unsigned excerpt_min, excerpt_max; /* in characters (code points); the ellipsis counts */
	int64_t now;                       /* seconds since 1970: no date lies more than a day after it */
	const struct tracking *tracking;   /* the operator's rules (base/tracking.h); NULL: none */
	const struct site_defaults *site;  /* what the page's host puts on all its pages (site.h); NULL:
					    * nothing is  known of that */
	bool site_images;                  /* a picture that is the host's is better than none */
};

struct metadata {
	const struct candidate *chosen[FIELD_COUNT]; /* NULL where the page offers nothing good */
	struct image_choice {
		struct span url;
		unsigned width, height;
	} * images; /* in order of merit */
	size_t image_count;
	struct span *authors;
	size_t author_count;
};

/* Picks. Writes `lost` into the page's candidates. A page whose verdict is not article gives nothing
 * unless `even_if_not_article`, which is for `explain` and the extract command.
 * An excerpt that has to be cut ends at a sentence, else at a word and an ellipsis, within excerpt_max. */
CHECKED enum err extract_choose(struct page *page, const struct choose_options *options,
				bool even_if_not_article, struct arena *arena, struct metadata *ret);

/* If `text` is a cut-off excerpt that the page's own description or text continues, the whole up to
 * options->excerpt_max; else SPAN_NONE. Compared with entities decoded and white space folded. */
struct span extract_complete(const struct page *page, struct span text, const struct choose_options *options,
			     struct arena *arena);

#endif
