/* SPDX-License-Identifier: MIT */
/* serve_inner.h - what the files of the service share: serve.c (its states) and what else is named serve_*.
 */
#ifndef INGESTD_DAEMON_SERVE_INNER_H
#define INGESTD_DAEMON_SERVE_INNER_H

#include "serve.h"
#include "setup.h"

enum serve_state { SERVE_STARTING, SERVE_READY, SERVE_RELOADING, SERVE_STOPPING };

enum { SERVE_PARTS_MAX = 8 };

struct serve {
	const struct options *options;
	const struct roots *roots;
	struct session session;
	struct report *report;
	enum serve_state state;

	/* what a reload replaces */
	struct setup own; /* zeroed while the configuration is the one of the start */
	const struct config *config;
	const struct shape *shape;
	struct fetcher *fetcher;
	struct pass *pass;
	void *parts[SERVE_PARTS_MAX];

	struct setup next; /* while RELOADING */
	uv_timer_t rescan, patience, turn;
	uv_signal_t signals[4];
	uint64_t round_began;        /* uv_now() */
	uint64_t documents, changed; /* at the last sweep; since the start */
	unsigned stage;              /* of STOPPING: how hard it was asked to end */
	int code;                    /* to exit with */
	enum err flushed;
};

/* serve_signals.c: signals, until serve_close_signals(). */
void serve_open_signals(struct serve *s);
void serve_close_signals(struct serve *s);

/* serve.c: SIGTERM, SIGHUP, SIGUSR1. */
void serve_stop(struct serve *s);
void serve_reload(struct serve *s);

#endif
