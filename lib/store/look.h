/* SPDX-License-Identifier: MIT */
/* look.h - the state read by who shows it to people, beside a service that writes it.
 *
 * Own connections, read only and without the lock: with a WAL neither side waits for the other. Every call is
 * bounded: it follows an index, stops at its limit of rows, and ends with what it has when the time of
 * look_within() is over (`cut_short` tells). One thread at a time; what is given lies in the caller's arena.
 *
 * What a file that is not there, or is of another version, would say is "nothing", not a failure: a state
 * begins empty. One that was set aside and begun anew meanwhile is noticed by look_within(). */
#ifndef INGESTD_STORE_LOOK_H
#define INGESTD_STORE_LOOK_H

#include "base/arena.h"
#include "store/feeds.h"
#include "store/images.h"
#include "store/store.h"

struct look;

/* Opens nothing that waits. ERR_NOTFOUND: no such folder. */
CHECKED enum err look_open(const char *folder, struct look **ret, struct error *e);
/* Accepts NULL, returns NULL. */
struct look *look_close(struct look *l);
/* All calls from here on together take about `ms` at the most. 0: as long as it takes. */
void look_within(struct look *l, unsigned ms);

/* ---- documents ---- */

struct look_tally {
	struct span root;
	enum store_state state;
	unsigned missing; /* bits of enum field */
	int64_t count;
};
/* How many documents are of a kind, ordered by root; at most 256 kinds for each state of a root. */
CHECKED enum err look_tallies(struct look *l, struct arena *a, struct look_tally **ret, size_t *count,
			      struct error *e);

struct look_document {
	struct span root;
	struct store_document document;
	struct store_status status;
};

struct look_filter {
	struct span root;       /* SPAN_NONE: all */
	int state;              /* enum store_state; -1: any */
	unsigned missing;       /* bits of enum field, one of which it has to lack; 0: whatever it lacks */
	struct span words;      /* each of them has to be in its path or its title; empty: all */
	struct span after_root; /* what comes behind this one; SPAN_NONE: from the first */
	struct span after;
	size_t limit;
};

struct look_documents {
	struct look_document *rows; /* ordered by root (as they became known), then path */
	size_t count;
	bool more;                 /* there may be more, behind end_root and end */
	bool cut_short;            /* the time was over before the limit was reached */
	struct span end_root, end; /* the last that was looked at; a filter's after_root and after */
};
CHECKED enum err look_documents(struct look *l, const struct look_filter *filter, struct arena *a,
				struct look_documents *ret, struct error *e);
/* ERR_NOTFOUND: it is not known. */
CHECKED enum err look_document(struct look *l, struct span root, struct span path, struct arena *a,
			       struct look_document *ret, struct error *e);
/* Every content folder that documents are known of, at most 1,000. */
CHECKED enum err look_roots(struct look *l, struct arena *a, struct span **ret, size_t *count,
			    struct error *e);

/* ---- what was written, what answered ---- */

struct look_written {
	struct span root;
	struct store_provenance row;
};
/* Newest first, at most limit, of rows below the id `before` (0: from the newest). path SPAN_NONE: of all
 * documents. */
CHECKED enum err look_written(struct look *l, struct span root, struct span path, int64_t before,
			      size_t limit, struct arena *a, struct look_written **ret, size_t *count,
			      struct error *e);
/* url is the question; outcome OUTCOME_NONE: nothing is known. */
CHECKED enum err look_result(struct look *l, struct arena *a, struct store_result *result, struct error *e);
/* host is the question. */
CHECKED enum err look_site(struct look *l, struct arena *a, struct store_site *site, struct error *e);
/* url is the question. */
CHECKED enum err look_image(struct look *l, struct arena *a, struct store_image *image, struct error *e);
/* URLs that failed, most often in a row first; without pages. */
CHECKED enum err look_failing(struct look *l, size_t limit, struct arena *a, struct store_result **ret,
			      size_t *count, struct error *e);
/* Feeds, those that fail first, then by when they are asked. */
CHECKED enum err look_polls(struct look *l, size_t limit, struct arena *a, struct store_poll **ret,
			    size_t *count, struct error *e);

struct look_run {
	int64_t id, begun_at, ended_at; /* 0: not ended */
	struct span summary;            /* JSON; SPAN_NONE */
};
/* Newest first. */
CHECKED enum err look_runs(struct look *l, size_t limit, struct arena *a, struct look_run **ret,
			   size_t *count, struct error *e);

#endif
