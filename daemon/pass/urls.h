/* SPDX-License-Identifier: MIT */
/* urls.h - the URLs of one pass: each looked up in the state, fetched and extracted once, however many
 * documents want it.
 *
 *     LOOKUP --> FETCHING --> EXTRACTING --> READY
 *        +-----------+------------------------^       known from before, or failed
 */
#ifndef INGESTD_DAEMON_URLS_H
#define INGESTD_DAEMON_URLS_H

#include "config/config.h"
#include "extract/extract.h"
#include "fetch/fetch.h"
#include "report/report.h"
#include "store/store.h"

struct urls;

struct urls_options {
	uv_loop_t *loop;
	const struct config *config;
	struct store *store;
	struct fetcher *fetcher;
	struct report *report;
	bool stays;          /* the service: what nobody wants any more is forgotten */
	bool force;          /* ignore what is remembered */
	unsigned extractors; /* pages worked on at once */
	int64_t (*now)(void);
	/* All that is still busy are URLs that nobody answered for: when no more will be asked for,
	 * urls_judge() has to say what to make of it. Not called from inside urls_want(). */
	void (*in_doubt)(void *);
	void *in_doubt_arg;
	/* A page was worked out: whether what the pages of its host share is another set now. */
	store_site_fn *site_told;
	void *site_told_arg;
};

/* What became of a URL, for those who wait for it. */
struct url_state {
	const char *key;
	bool ready, deferred;
	enum outcome outcome;
	unsigned status;
	enum verdict verdict; /* when outcome is PAGE */
	int64_t expires_at;   /* not asked again before */
	const char *error;    /* why there is no article, for people; NULL */
	/* Deferred, because nobody answered and there was nobody else to ask: it may be the network. */
	bool in_doubt;
};

/* Called on the loop's thread, never from inside urls_want(). */
typedef void urls_ready_fn(void *arg);

CHECKED enum err urls_new(const struct urls_options *options, struct urls **ret, struct error *e);
struct urls_wish {
	bool urgent; /* a person waits */
	/* Seconds since 1970: what was asked for before then is asked for again; 0: what is known will do. */
	int64_t since;
	bool whole; /* with since: not only whether it is another page now */
};
/* Asks for a URL on behalf of somebody. known_title: what the document says; may be SPAN_NONE. When it is
 * READY already ready is not called. The state is borrowed until urls_release(). */
CHECKED enum err urls_want(struct urls *u, struct span key, struct span known_title, urls_ready_fn *ready,
			   void *arg, const struct urls_wish *wish, const struct url_state **ret);
/* It is looked at no more; from a READY one only. */
void urls_release(struct urls *u, const struct url_state *state);
/* Somebody who waits for hosts to be quiet. Lies in what waits; zeroed at first. */
struct urls_quiet {
	struct urls_quiet *next, **at; /* private */
	void (*fn)(void *);            /* on the loop's thread; may free what waits */
	void *arg;
};
/* Whether no URL of the hosts of these is asked for any more. If not, w is told once, when that may have
 * changed for one of them: ask again then. */
bool urls_are_quiet(struct urls *u, const struct url_state *const *states, size_t n, struct urls_quiet *w);
/* w is told no more. */
void urls_stop_waiting(struct urls_quiet *w);
/* Running and waiting fetches and extractions. */
size_t urls_busy(const struct urls *u);
/* No host answered although several were asked: what failed is not held against anyone. */
bool urls_network_down(const struct urls *u);
/* No further URL will be asked for: settles those in doubt, if nothing else is busy. */
void urls_judge(struct urls *u);
/* At the end of the pass. */
void urls_settle(struct urls *u);
/* After the loop has run dry. Accepts NULL, returns NULL. */
struct urls *urls_free(struct urls *u);

#endif
