/* SPDX-License-Identifier: MIT */
/* gate.h - may this URL be asked for? What the robots.txt of each origin says (RFC 9309), on the way into the
 * queues of fetch.c.
 *
 * The file is fetched when the first URL of its origin comes by, once, in the same queues and through the
 * same guard as pages; who wants something of that origin waits for it here. The answer is kept in the state:
 * a file for as long as it says, up to 24 hours; that there is none for 24 hours; that the server fails for
 * some hours, and for so long nothing may be asked for, unless it has failed for 30 days. When nobody answers
 * at all, those who wait end as if they had asked themselves.
 *
 * What a site said of waiting (Retry-After, or a 429 without it) is kept in the state beside it. */
#ifndef INGESTD_DAEMON_GATE_H
#define INGESTD_DAEMON_GATE_H

#include "hop.h"

/* Whether this is the text of an end that robots.txt made: it holds for as long as that file says so, no
 * longer. */
bool gate_said(struct span text);

enum gate_answer {
	GATE_OPEN,
	GATE_CLOSED, /* f's end is set: fetch_end_early() */
	GATE_WAIT,   /* f comes back through fetch_queue() */
};

/* store outlives it, and runs no callback after gate_free(). */
CHECKED enum err gate_new(struct fetcher *fetcher, struct store *store, struct gate **ret);
/* url is f's present hop, parsed; it and the scratch arena are spent when the answer is GATE_WAIT. *delay_ms:
 * the Crawl-delay of its site, 0 for none. */
enum gate_answer gate_ask(struct gate *g, struct fetch *f, const struct url *url, unsigned *delay_ms);
/* The site (a registrable domain) wants nothing to be asked before `until`, by this status: later runs know
 * it too, from the first URL of the site on. */
void gate_keep_block(struct gate *g, struct span site, unsigned status, int64_t until);
/* There was no network, and is one again: who was silent is asked. */
void gate_forgive(struct gate *g);
enum { GATE_SITE_KEY_MAX = 300 }; /* a name is 253 bytes at most */
/* Under what it is kept, as a result: "site:" and the registrable domain. */
struct span gate_site_key(char buf[GATE_SITE_KEY_MAX], struct span site);
/* The fetcher stops: nobody waits from here on. */
void gate_stop(struct gate *g);
/* Accepts NULL, returns NULL. */
struct gate *gate_free(struct gate *g);

#endif
