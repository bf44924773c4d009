/* SPDX-License-Identifier: MIT */
/* response.h - what an answer means: done, go elsewhere, ask again later, give up; and for how long.
 *
 * Pure. All times are seconds since 1970. Freshness (http/freshness.h) lengthens what is said here, never
 * shortens it: response_fresh(). */
#ifndef INGESTD_HTTP_RESPONSE_H
#define INGESTD_HTTP_RESPONSE_H

#include "base/outcome.h"
#include "http/guard.h"

enum {
	RESPONSE_HOPS = 8,                        /* redirects followed, if nobody says otherwise */
	RESPONSE_TRIES = 2,                       /* times that a Retry-After is waited for */
	RESPONSE_RETRY_AFTER_MAX = 7 * 24 * 3600, /* longer ones are cut to this */
	RESPONSE_FRESH_MAX = 90 * 24 * 3600,      /* as is what an answer says of its freshness */
};

/* What the server said; spans are SPAN_NONE where the field is absent. */
struct response {
	unsigned status;
	struct span location, retry_after, content_type;
	struct span body; /* its beginning: decides when there is no Content-Type */
};

struct response_context {
	const struct guard *guard;
	const struct url *url; /* that answered */
	struct span wanted;    /* the key of the first hop: jitter is derived from it */
	const uint64_t *seen;  /* hash64() of url_key() of every hop so far */
	size_t seen_count;     /* at least 1: this one */
	unsigned tries;        /* how often this hop was put off by a Retry-After */
	unsigned failures;     /* in a row, before this */
	int64_t now;
	bool conditional;   /* validators were sent: a 304 was asked for */
	bool any_type;      /* no page was asked for: whatever a success brings is DONE and PAGE */
	bool ranged;        /* a part was asked for: a 206 is a success */
	unsigned hop_slots; /* 1 and the redirects that are followed; 0: 1 and RESPONSE_HOPS */
	uint64_t state;     /* added to the key of where a redirect leads: the same URL with other cookies is
			     * another     place. What `seen` holds had its own added */
};

enum response_action {
	RESPONSE_DONE,
	RESPONSE_REDIRECT,
	RESPONSE_RETRY,
	RESPONSE_GIVE_UP,
	RESPONSE_UNCHANGED, /* 304: what is known from before still holds; outcome is PAGE */
};

struct response_decision {
	enum response_action action;
	enum outcome outcome; /* DONE: PAGE or NOT_HTML; GIVE_UP: why */
	struct url to;        /* REDIRECT; lies in the arena */
	bool permanent;       /* REDIRECT: 301 or 308 */
	int64_t retry_at;     /* DONE, GIVE_UP: not asked again before; RETRY: when */
	int64_t site_free_at; /* 0, or nothing of the whole site before */
	char text[240];       /* for people; empty where all is well */
};

/* arena takes the redirect's URL; only ERR_NOMEM fails. */
CHECKED enum err response_decide(const struct response *r, const struct response_context *c,
				 struct arena *arena, struct response_decision *ret);

/* When a URL whose fetch ended so may be asked again. failures: in a row, this one included (0 for a
 * success). The delay lies between the class's floor and its ceiling, base * 2^(failures - 1) up to a cap, at
 * a point derived from the URL and the count: full jitter, the same in every run.
 *
 *     class                                      floor   base    cap
 *     good (page, not-html)                       27 d   30 d   30 d   may be lengthened by freshness
 *     gone (410)                                 365 d  400 d  400 d   asked so rarely as to be never
 *     missing (404)                                5 d    7 d   90 d   fades
 *     forbidden (401 402 403 407 451 999 ...)      1 d    3 d   30 d   challenge verdicts belong here
 *     busy (429 503)                               4 h    8 h    7 d   a Retry-After may lengthen it
 *     broken (5xx, 408 425, protocol)              1 h    8 h   14 d
 *     refusing the request (other 4xx, redirect)   1 d    7 d   60 d
 *     too large                                    7 d   30 d   90 d
 *     unreachable (dns connect tls timeout)        1 h    8 h   14 d
 *     refused by policy                            1 d    2 d    2 d   nothing was asked; the policy may
 * change
 */
int64_t response_retry_at(enum outcome outcome, unsigned status, unsigned failures, struct span url,
			  int64_t now);

/* The same for a good page that says itself how long it holds; fresh_until may lie in the past, or be 0. */
static inline int64_t response_fresh(int64_t retry_at, int64_t fresh_until, int64_t now)
{
	return MAX(retry_at, MIN(fresh_until, now + RESPONSE_FRESH_MAX));
}

/* Both forms of RFC 9110, section 10.2.3. False: neither, or not in the future; *ret untouched. */
CHECKED bool response_retry_after(struct span value, int64_t now, int64_t *ret);

/* text/html and application/xhtml+xml; without a type, whether body begins as HTML does. */
bool response_is_html(struct span content_type, struct span body);

/* 2xx except what only a conditional or range request may be answered with. */
static inline bool response_is_success(unsigned status)
{
	return status >= 200 && status < 300 && status != 206;
}

/* 301 302 303 307 308, and 300 where it says where. */
bool response_is_redirect(unsigned status, struct span location);

#endif
