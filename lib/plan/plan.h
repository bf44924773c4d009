/* SPDX-License-Identifier: MIT */
/* plan.h - which gaps a document has, and the URLs that may fill them.
 *
 * Pure: (document, policy, what ingestd wrote) in, wants out. Whether a URL is fetched, and when, is for
 * others. */
#ifndef INGESTD_PLAN_PLAN_H
#define INGESTD_PLAN_PLAN_H

#include "config/config.h"
#include "document/document.h"

/* Raised when planning changes, or what is kept of a document's state, so that documents judged by an older
 * rule are looked at again. */
enum { PLAN_VERSION = 3 };

enum gap {
	GAP_NONE,
	GAP_FILL,    /* null, empty or absent where that counts as missing */
	GAP_CUT_OFF, /* an excerpt without closing punctuation: to be completed if the page continues it */
	GAP_SIZE, /* an image that has a url but lacks width, height or the mark of its copy; needs no page */
	GAP_REFRESH, /* policy refresh, and ingestd itself wrote the value that stands there */
	GAP_TIDY,    /* policy tidy: the value may be put into the normal form; needs no page */
	GAP_RENEW,   /* as GAP_REFRESH, whatever the policy: the value was found to be its host's, not its
			page's */
	GAP_LOGO, /* a site's pictures, from the operator's table alone: needs no page, and nobody misses them
		     where the table has none; also where ingestd wrote them and the policy is refresh */
	GAP_MOVE, /* a webUrl that ingestd itself wrote: changed if its page has moved for good; asks for no
		     page */
};

struct want {
	size_t link;     /* index into the document's links */
	struct span url; /* key to fetch (url_key); SPAN_NONE when no gap needs a page */
	enum gap gaps[FIELD_LINK_COUNT];
	int scores[FIELD_LINK_COUNT]; /* GAP_REFRESH: of what stands there; 0: not known */
};

/* A link whose URL cannot be fetched, ever: for the report. */
struct plan_problem {
	size_t link;
	struct error error; /* line of the link */
	unsigned missing;   /* its gaps of kind GAP_FILL, as bits of enum field */
};

struct plan {
	struct want *wants; /* one per link that has a gap, in the document's order */
	size_t want_count;
	struct plan_problem *problems;
	size_t problem_count;
};

/* A value that ingestd wrote, from the provenance; the newest of a (link, field) first. */
struct written {
	bool article; /* of the article itself, not of a related entry */
	struct span url;
	enum field field;
	struct span after; /* raw bytes */
	bool undone;       /* `after` was put back by undo: it is not a gap, whatever it looks like */
	struct span from;  /* URL of the page that it is from */
	int score;         /* of the candidate that it was; 0: not known */
	bool renew;        /* other pages of that host say the same, which was not known then */
};

/* The gaps of kind GAP_FILL as bits of enum field: what a document is not complete without. */
unsigned plan_missing(const enum gap *gaps);

/* The source of such a record. */
#define PLAN_UNDONE "undo"

/* policy: FIELD_LINK_COUNT of them. All in the arena; doc and written are borrowed. */
CHECKED enum err plan_document(const struct document *doc, const enum policy *policy,
			       const struct written *written, size_t written_count, struct arena *arena,
			       struct plan **ret, struct error *e);

#endif
