/* SPDX-License-Identifier: MIT */
/* urls_inner.h - what the files of urls.h share: nobody else includes it.
 *
 *     urls.c        the table, wanting, what is known from before
 *     urls_fetch.c  asking, and what the answers mean
 *     urls_page.c   a page's way through the thread pool
 *     urls_hosts.c  which hosts are busy
 *     urls_doubt.c  whether nobody answering is the network's fault
 */
#ifndef INGESTD_DAEMON_URLS_INNER_H
#define INGESTD_DAEMON_URLS_INNER_H

#include <stdatomic.h>
#include <uthash.h>

#include "feed/move.h"
#include "fetch/reply.h"
#include "lane.h"
#include "urls.h"

enum { PAGE_JSON_MAX = 512 * 1024 };

/* HELD: nobody answered, which may be the network's fault alone; settled when somebody else answers, or when
 * nothing else is left to ask. */
enum phase { LOOKUP, FETCHING, HELD, EXTRACTING, READY };

struct waiter {
	struct waiter *next;
	urls_ready_fn *ready;
	void *arg;
};

/* What is known of a page that may still hold. */
struct known {
	struct fetch_known validators;
	unsigned status;
	char text[]; /* that the spans lie in */
};

struct entry {
	struct url_state state;
	enum phase phase;
	struct urls *urls;
	struct waiter *waiters;
	struct span known_title; /* the least of the waiters', so that the order of arrival does not matter */
	unsigned failures;       /* in a row, before this pass */
	/* of the page that is known: how often it was the same, what it was, when it was published */
	unsigned unchanged;
	uint64_t page_hash; /* 0: no page is known */
	int64_t published;
	char *error;
	struct urls_host *host; /* while it is busy; NULL */
	struct known *known;    /* NULL: ask for the whole page */
	struct entry *next;     /* in a batch to look up */
	struct entry *next_held;
	int64_t failed_at;         /* of what is held */
	struct move_evidence move; /* of the page */
	bool forbidden; /* by robots.txt, when it was last asked for: that is asked anew each time */
	size_t users;   /* urls_want() less urls_release() */
	bool urgent, whole;
	int64_t since;    /* what was asked before is not known enough */
	int64_t asked_at; /* seconds since 1970: of READY */
	bool detached;    /* another one has its place in the table */
	UT_hash_handle hh;
};

struct urls {
	struct urls_options o;
	struct entry *table, *batch, **batch_end;
	size_t batch_count, busy, undigested, undigested_bytes;
	atomic_uint digested; /* pages, counted by the pool's threads */
	struct entry *held;
	size_t held_count;
	bool answered;        /* somebody out there did */
	uint64_t answered_ms; /* uv_now(), the last time */
	bool down;            /* nobody did, and there were many */
	struct lane extract;
	struct urls_host *hosts; /* the busy ones */
	uv_prepare_t prepare;
	bool closed;
};

/* urls.c */

/* READY: tells all that wait. */
void urls_settled(struct urls *u, struct entry *entry);
/* Copies text, which may be NULL. */
void urls_set_error(struct entry *entry, const char *text);

/* urls_fetch.c */

void urls_ask(struct urls *u, struct entry *entry);
void urls_put(struct urls *u, const struct store_result *result);
/* No page. verdict: what came instead is; NULL. */
void urls_fail(struct urls *u, struct entry *entry, const struct fetch_reply *reply, const char *verdict);
void urls_put_failure(struct urls *u, struct entry *entry, int64_t at, struct span final_url);
/* An article came, or still holds: has it moved? Into entry->move. */
void urls_note_move(struct entry *entry, const struct fetch_reply *reply, int64_t now);
/* Nobody's fault: the next run asks. */
void urls_put_off(struct urls *u, struct entry *entry, const char *why);

/* When a good page is asked for again; unchanged: it is what it was. Counts that. */
int64_t urls_page_due(const struct urls *u, struct entry *entry, const struct freshness *f, bool unchanged);

/* urls_page.c */

/* Takes over what the reply holds. */
void urls_work_out(struct urls *u, struct entry *entry, struct fetch_reply *reply);
/* The same of what came with a status that is no success. */
void urls_work_out_refusal(struct urls *u, struct entry *entry, struct fetch_reply *reply);

/* urls_hosts.c */

void urls_host_enter(struct urls *u, struct entry *entry);
/* May call what waits for the host. */
void urls_host_leave(struct urls *u, struct entry *entry);
void urls_hosts_free(struct urls *u);

/* urls_doubt.c */

/* Nobody answered for this one, nor for any other so far. */
void urls_hold(struct urls *u, struct entry *entry);
/* Whether an answer that did not come may be the network's fault. */
bool urls_may_be_network(const struct urls *u, const struct entry *entry);
/* Somebody answered. */
void urls_heard(struct urls *u);

#endif
