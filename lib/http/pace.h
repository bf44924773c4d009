/* SPDX-License-Identifier: MIT */
/* pace.h - what may go now, and when next.
 *
 * Items (one hop of a fetch each) wait in one queue per site, the politeness unit: the caller names it, by
 * the registrable domain. A site starts its next item when fewer than the item's `connections` of its own
 * run, `gap_ms` (and up to an eighth more, so that machines do not march in step) have passed since it last
 * started one, and no Retry-After stands against it. Over all sites at most `transfers` run, and at most
 * `starting` of them may still be looking up their name. The site that has been due for longest goes first;
 * one that has just started stands behind all others that are due.
 *
 * After a start, and after each rest of ten seconds, not all sites are asked at once: by second t at most
 * PACE_RAMP + PACE_RAMP * PACE_RAMP * t * t of them. A site that was not asked before waits some part of
 * spread_ms, another one in every run: what cron starts everywhere at the full hour does not ask then.
 *
 * When several sites in a row fail without an answer, and none answers, the network is down: nothing starts
 * but a few probes, at growing intervals, until something answers.
 *
 * Pure: the clock is passed in, in ms of any epoch, and never runs backwards. Each call is O(log sites). */
#ifndef INGESTD_HTTP_PACE_H
#define INGESTD_HTTP_PACE_H

#include "base/error.h"
#include "base/span.h"

#define PACE_NEVER INT64_MAX

enum { PACE_RAMP = 16 };

struct pace;
struct pace_site;

/* Embedded in what waits; zeroed before its first pace_add(), its members belong to pace.c. */
struct pace_item {
	struct pace_site *site; /* NULL: not known to a pace */
	struct pace_item *prev, *next;
	int64_t started; /* ms */
	uint32_t gap_ms;
	uint8_t connections, state;
	bool urgent; /* may be set before pace_add(): goes before those of its site that are not */
};

struct pace_options {
	unsigned transfers; /* at once; at least 1 */
	unsigned starting;  /* of those, with their name still to be resolved; 0: no limit */
	unsigned down_sites_first, down_sites; /* so many silent sites mean that the network is down: before
						* the first answer, after it; 0: never */
	unsigned down_pause_ms;                /* the first pause; doubles up to 128 times */
	bool ramp;
	unsigned spread_ms; /* at most; no more than the gap either */
	uint64_t seed;      /* of all dice */
};

struct pace_counts {
	size_t queued;
	unsigned running, starting;
	size_t sites;
};

enum pace_end {
	PACE_NEUTRAL,  /* says nothing of the network: cancelled, refused here */
	PACE_ANSWERED, /* a server said something, be it nonsense */
	PACE_SILENT,   /* no name, no connection, no answer */
};

CHECKED enum err pace_new(const struct pace_options *options, struct pace **ret);
/* Items that are still in it are forgotten, not freed. Accepts NULL, returns NULL. */
struct pace *pace_free(struct pace *p);

/* Queues at the end of the site's queue. connections: at least 1. ERR_NOMEM only. */
CHECKED enum err pace_add(struct pace *p, struct pace_item *item, struct span site, unsigned gap_ms,
			  unsigned connections, int64_t now);
/* The next item that may run at `now`, which is running from here on; NULL when there is none. */
struct pace_item *pace_next(struct pace *p, int64_t now);
/* When pace_next() may have something, if nothing ends and nothing is added before; PACE_NEVER when only that
 * can change it. At most `now` means: at once. */
int64_t pace_due(const struct pace *p, int64_t now);
/* A running item knows its address: another may start looking up its own. May be called again. */
void pace_resolved(struct pace *p, struct pace_item *item);
/* A running item ended. True: its silence may be the network's own, since nothing has answered since it
 * started; wait for pace_is_down() or another's answer before you blame the server. */
bool pace_done(struct pace *p, struct pace_item *item, enum pace_end end, int64_t now);
/* Takes a queued item out; a running one ends as PACE_NEUTRAL; else nothing. */
void pace_remove(struct pace *p, struct pace_item *item, int64_t now);

/* No start at that site before `until`; a later block stays. */
void pace_block(struct pace *p, struct span site, int64_t until, int64_t now);
/* The site failed in a way that may be all its own. The first `free` times in a row cost nothing; then it is
 * blocked for one minute, two, four, ... up to four hours. */
void pace_strike(struct pace *p, struct span site, unsigned free, int64_t now);
/* The same for one that was silent. While nobody at all has answered for a minute it may be the network: then
 * the block is ten minutes at most, and the first answer of anybody lifts it. */
void pace_strike_silent(struct pace *p, struct span site, unsigned free, int64_t now);
/* Some site was struck so, and nobody has answered since. */
bool pace_is_in_doubt(const struct pace *p);
/* The site answered well, or was not to blame: strikes are forgotten, and the pause they brought; what
 * pace_block() said stays. */
void pace_calm(struct pace *p, struct span site, int64_t now);
/* From here on at most `window` run at once (never more than options.transfers). At 0 nothing starts, and
 * pace_due() is PACE_NEVER. */
void pace_window(struct pace *p, unsigned window);
/* When the site may start something, as its gap and blocks say (not its connections). */
int64_t pace_ready_at(const struct pace_site *site);
/* The first item queued at the site, or NULL. */
struct pace_item *pace_first(const struct pace_site *site);

/* What pace_block() and pace_strike() said of the site; 0 for one that is not known. */
int64_t pace_blocked_until(const struct pace *p, struct span site);

/* What a site waits for, for people. */
enum pace_wait {
	PACE_WAITS_TURN,       /* for room among all sites, or the ramp */
	PACE_WAITS_GAP,        /* between two starts */
	PACE_WAITS_BLOCK,      /* the server asked for it: pace_block() */
	PACE_WAITS_STRUCK,     /* it failed: pace_strike() */
	PACE_WAITS_CONNECTION, /* as many of its own run as may */
};
struct pace_look {
	struct span site; /* borrowed until the next call that changes something */
	size_t queued;
	unsigned running;
	int64_t ready; /* when it may start something, but for its connections */
	enum pace_wait why;
};
/* Sites where something is queued or running, or that are blocked: those with most queued, in that order; at
 * most max of them into ret. Returns how many there are. O(sites + queued). */
size_t pace_look(const struct pace *p, int64_t now, struct pace_look *ret, size_t max);

bool pace_is_down(const struct pace *p);
/* When probes start again; of use while pace_is_down(). */
int64_t pace_paused_until(const struct pace *p);
/* Any queued item, for emptying the queues: O(sites). NULL when nothing is queued. */
struct pace_item *pace_any(const struct pace *p);
struct pace_counts pace_counts(const struct pace *p);

#endif
