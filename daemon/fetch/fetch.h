/* SPDX-License-Identifier: MIT */
/* fetch.h - one URL being retrieved, redirects included, in good manners.
 *
 * fetch_start() -> schedule (who may go now: hosts, gaps, connections, Retry-After) -> transfers (one hop
 * through libcurl) -> lib/http/response.h decides: done, redirect (a new hop: guard, pacing and limits anew),
 * retry at, give up. The loop thread runs all of it; nothing here parses HTML or touches a file. */
#ifndef INGESTD_DAEMON_FETCH_H
#define INGESTD_DAEMON_FETCH_H

#include <uv.h>

#include "base/strbuf.h"
#include "config/config.h"
#include "http/freshness.h"
#include "store/store.h"

struct fetcher;

struct fetch_header {
	char *name, *value;
};

/* How a fetch ended. Owned by the fetcher until the callback returns; the callback may take all of it
 * (leaving it zeroed, for reply_release() later) or move `body` out (leaving STRBUF_INIT(0)). */
struct fetch_reply {
	enum outcome outcome; /* PAGE, NOT_HTML, or why not */
	unsigned status;
	char *final_url;
	char *error;                  /* for people; NULL on success */
	struct fetch_header *headers; /* of the last hop, in order */
	size_t header_count;
	const char *content_type; /* NULL: none. Into headers */
	struct strbuf body;
	int64_t retry_at; /* seconds since 1970, not asked again before; for every outcome */
	/* Not tried to its end: its site asks (Retry-After, back-off, gap) for a longer wait than
	 * fetcher_options.wait_max_ms, the network is down, or the fetcher was stopped. `outcome` is then
	 * NONE, or STATUS where the server itself asked. Waiting for one's turn in a long queue is not such a
	 * wait. */
	bool deferred;
	unsigned hops;
	uint64_t wire_bytes;
	int64_t started_ms, ended_ms; /* uv_now */
	struct freshness freshness;   /* of the last hop, when outcome is PAGE or NOT_HTML; into headers */
	bool forbidden;               /* outcome is REFUSED: by the site's robots.txt, or for want of it */
	bool temporary;               /* one of its redirects was not for good (301, 308) */
	bool unchanged;               /* outcome is PAGE, without a body: what was known still holds */
	bool moved;                   /* hops: every redirect on the way was permanent (301, 308) */
};

/* What an earlier answer left, for asking whether it still holds. */
struct fetch_known {
	struct span final_url; /* that answered: only it is asked so, whatever leads to it */
	struct span etag, last_modified;
};

typedef void fetch_done_fn(void *arg, struct fetch_reply *reply);

/* How an image is asked for; borrowed until the callback. Its type is for the bytes to tell: any success is
 * OUTCOME_PAGE, whatever its Content-Type. It is asked for without a content coding. */
struct fetch_image {
	struct span referer;  /* URL of the article; SPAN_NONE: not told. Never from https to http */
	uint64_t first, last; /* bytes asked for, both included; last 0: all, without a range */
	uint64_t keep;        /* bytes that are looked at */
	bool truncate;        /* past `keep` stop and be content; else it is too large */
	/* Each piece of a success's body as it comes (pass: instead of its being kept), on the loop's thread;
	 * restart: its first one; total: the value of Content-Range (206) or Content-Length. False: enough,
	 * hang up and be content. NULL: nobody looks. */
	bool (*more)(void *arg, unsigned status, struct span total, struct span piece, bool restart);
	bool pass;
};

struct fetcher_options {
	const struct config *config; /* outlives the fetcher */
	uint64_t wait_max_ms;        /* `--once` defers longer waits; UINT64_MAX for the service */
	const char *version;
	unsigned connect_timeout_ms, low_speed_seconds; /* 0: as configured */
	struct store *store; /* robots.txt is asked and kept here, and what sites ask us to wait; NULL:
			      * neither is looked at. Outlives it */
	bool stays;          /* the service: without a network everything waits until there is one */
	bool gently;         /* nobody waits for the first answer: see the ramp of http/pace.h */
};

struct fetcher_counts {
	uint64_t started, done, bytes;
	unsigned queued, running, waiting; /* waiting: queued behind a gap or a Retry-After */
	bool network_down; /* every host tried so far failed without an answer, and there were several */
};

CHECKED enum err fetcher_new(uv_loop_t *loop, const struct fetcher_options *options, struct fetcher **ret,
			     struct error *e);
/* No new hops; those that run are cut off; every callback is called (deferred) before this returns. Handles
 * are closed by the loop's next turns. */
void fetcher_stop(struct fetcher *f);
/* After the loop has run dry. Accepts NULL, returns NULL. */
struct fetcher *fetcher_free(struct fetcher *f);

/* What is started from here on is waited for by a person, or (false) is not: it goes first at its site. */
void fetcher_urgent(struct fetcher *f, bool urgent);
/* url in normal form (base/url.h). failures: in a row so far, for back-off. The callback is never called from
 * inside this function. */
CHECKED enum err fetch_start(struct fetcher *f, struct span url, unsigned failures, fetch_done_fn *done,
			     void *arg);
/* The same for a URL that is known from before. known is borrowed until the callback; NULL: it is not. */
CHECKED enum err fetch_start_again(struct fetcher *f, struct span url, unsigned failures,
				   const struct fetch_known *known, fetch_done_fn *done, void *arg);
/* The same for a feed: its type may be any, and what is no feed may be a page that names one. A success's
 * outcome is PAGE; more than the configuration's feed_bytes is TOO_LARGE. Of an error no body is kept. */
CHECKED enum err fetch_start_feed(struct fetcher *f, struct span url, unsigned failures,
				  const struct fetch_known *known, fetch_done_fn *done, void *arg);
/* The same for a feed that somebody has subscribed to: robots.txt, which is for who finds his own way, is not
 * asked. settings, borrowed until the callback: of the feed's own host, in the place of config_host(); not
 * for hosts that it redirects to. NULL: the host's. At most config.feed_bytes. */
CHECKED enum err fetch_start_subscribed(struct fetcher *f, struct span url, unsigned failures,
					const struct fetch_known *known, const struct host_settings *settings,
					fetch_done_fn *done, void *arg);
/* The same for an image. */
CHECKED enum err fetch_start_image(struct fetcher *f, struct span url, unsigned failures,
				   const struct fetch_known *known, const struct fetch_image *image,
				   fetch_done_fn *done, void *arg);
/* When the site of a host may be asked again, as it said itself (Retry-After) or its failures have it;
 * seconds since 1970, 0: now, as far as is known. Its gap and its queue come on top. */
int64_t fetcher_blocked_until(const struct fetcher *f, struct span host);
/* From here on at most `window` hops run at once (never more than the configuration's `transfers`); those
 * that run go on. For when what was fetched is not yet digested. */
void fetcher_window(struct fetcher *f, unsigned window);
struct fetcher_counts fetcher_counts(const struct fetcher *f);

#endif
