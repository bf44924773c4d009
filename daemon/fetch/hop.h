/* SPDX-License-Identifier: MIT */
/* hop.h - inside a fetch: what fetch.c (states, turns, the seam) and hop.c (one hop while it runs) share. */
#ifndef INGESTD_DAEMON_HOP_H
#define INGESTD_DAEMON_HOP_H

#include "cookies.h"
#include "fetch.h"
#include "http/response.h"
#include "names.h"
#include "schedule.h"
#include "transfers.h"

enum { FETCH_RESOLVERS = NAMES_AT_ONCE };

enum fetch_state { FETCH_QUEUED, FETCH_RUNNING, FETCH_DOUBT, FETCH_DONE };

struct fetch {
	struct pace_item item;
	struct fetcher *fetcher;
	struct fetch *prev, *next;               /* of all */
	struct fetch *list_next;                 /* of `early` or `doubts` */
	struct transfer *transfer;               /* while RUNNING */
	char *url;                               /* of the present hop */
	char *wanted;                            /* of the first; NULL while it is the same */
	uint64_t seen[LIMITS_REDIRECTS_MAX + 1]; /* with cookies_hash() added */
	struct curl_slist *cookies;              /* of this chain of redirects */
	uint8_t seen_count, tries;
	uint8_t state;
	bool identity;                        /* ask for no compression */
	bool http1;                           /* HTTP/2 went wrong */
	bool ending;                          /* on the list `early`: reply says how */
	bool rules;                           /* it is a robots.txt for the gate */
	bool feed;                            /* it is a feed that is wanted */
	bool subscribed;                      /* by somebody who has told us to */
	const struct host_settings *settings; /* of the first hop; NULL: the host's */
	bool conditional;                     /* this hop was asked for with what is known */
	unsigned failures;
	const struct fetch_known *known; /* NULL: nothing */
	const struct fetch_image *image; /* NULL: a page is wanted */
	bool started;                    /* a piece of this hop's image has come */
	struct fetch_reply reply;        /* filled as it becomes known */
	fetch_done_fn *done;
	void *arg;
};

struct gate;
struct fetcher {
	const struct config *config;
	struct schedule *schedule;
	struct transfers *transfers;
	struct gate *gate;       /* NULL: all may be asked for */
	struct cookies *cookies; /* kept */
	struct fetch *first;
	struct fetch *early;  /* QUEUED, to be DONE at the next turn: they need no transfer */
	struct fetch *doubts; /* DOUBT */
	struct arena scratch; /* for one URL at a time */
	bool stays;
	bool urgent; /* what is started now */
	uint64_t wait_max_ms, started, done, bytes;
	int64_t down_since;              /* 0: up */
	unsigned window;                 /* of hops at once: fetcher_window() */
	bool answered, gave_up, stopped; /* answered: by any server, ever */
};

/* The one place where a fetch changes state; f may be gone when it returns. */
void fetch_go(struct fetch *f, enum fetch_state to);

/* A QUEUED one that waited at the gate goes on. */
void fetch_queue(struct fetch *f);
/* fetch_start_again() of a robots.txt: its body comes whatever its type, cut after ROBOTS_BYTES + 1. */
CHECKED enum err fetch_start_rules(struct fetcher *fr, struct span url, unsigned failures,
				   const struct fetch_known *known, fetch_done_fn *done, void *arg);

/* The enter function of RUNNING: starts the transfer, whose end leads to the next state. */
void fetch_enter_running(struct fetch *f);

const struct host_settings *fetch_settings(const struct fetch *f, struct span host);
/* Seconds since 1970. */
int64_t fetch_wall_clock(void);
/* The parsed URL of the present hop, in the scratch arena. */
CHECKED enum err fetch_parse(struct fetch *f, struct url *ret, struct error *e);
/* The URL of the first hop. */
struct span fetch_wanted(const struct fetch *f);

/* How it will have ended. text is copied; NULL or "": none. */
void fetch_set_end(struct fetch *f, enum outcome outcome, const char *text);
/* For want of memory or descriptors here: nobody's failure, put off. */
void fetch_set_shortage(struct fetch *f, const char *text);
/* The same, with the lifetime that this failure has. */
void fetch_set_failure(struct fetch *f, enum outcome outcome, const char *text);
/* An item in no queue is DONE at the next turn. */
void fetch_end_early(struct fetch *f);
/* What is queued at a site that asks for a long pause need not wait for its turn to hear of it. */
void fetch_defer_site(struct fetcher *fr, const struct pace_site *site);
/* All in doubt go to that state. */
void fetch_answer_doubts(struct fetcher *fr, enum fetch_state to);
/* Nothing is held against those in doubt: they try again. */
void fetch_acquit_doubts(struct fetcher *fr);

#endif
