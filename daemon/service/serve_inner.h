/* SPDX-License-Identifier: MIT */
/* serve_inner.h - what the files of the service share: serve.c (its states) and what else is named serve_*.
 */
#ifndef INGESTD_DAEMON_SERVE_INNER_H
#define INGESTD_DAEMON_SERVE_INNER_H

#include <jansson.h>

#include "act/act.h"
#include "report/measure.h"
#include "report/turns.h"
#include "serve.h"
#include "setup.h"
#include "watch.h"
#include "web/web_listen.h"

enum serve_state { SERVE_STARTING, SERVE_READY, SERVE_RELOADING, SERVE_STOPPING };

enum { SERVE_PARTS_MAX = 8 };

struct serve {
	const struct options *options;
	struct roots *roots;
	struct session session;
	struct report *report;
	enum serve_state state;
	bool ending;       /* the pass has been told to end */
	bool reload_again; /* SIGHUP came while another was under way */

	/* what a reload replaces */
	struct setup own; /* zeroed while the configuration is the one of the start */
	const struct config *config;
	const struct shape *shape;
	struct fetcher *fetcher;
	struct pass *pass;
	struct acts *acts;
	struct watch *watch;
	void *parts[SERVE_PARTS_MAX];

	struct setup next;     /* while RELOADING */
	char partly[400];      /* why not all is watched, as was said */
	struct viewer *viewer; /* as long as a generation: it reads with its configuration */
	struct serve_due *due;
	struct serve_socket *socket;
	uv_timer_t rescan, patience, turn, back, due_timer;
	uv_signal_t signals[4];
	struct turns turns;
	struct measure measure;
	struct gather *writing;      /* the file of metrics, in the pool */
	bool has_changed;            /* documents, the round that ends */
	bool told_no_file;           /* that it cannot be written has been said */
	uv_timer_t file;             /* it is due */
	uint64_t written;            /* uv_now(); it was written, or 0 */
	struct web_sockets sockets;  /* of the status server: outlive a reload */
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
/* Another pass with the same configuration. */
void serve_restart(struct serve *s);
/* The watches of a generation stand. */
void serve_is_ready(struct serve *s);

/* serve_due.c: what is due, from open() to close(). */
CHECKED enum err serve_due_open(struct serve *s, struct error *e);
/* Something may be due sooner than it was. */
void serve_due_look(struct serve *s);
/* The same, and what was handed out before is looked for again. */
void serve_due_rewind(struct serve *s);
void serve_due_reload(struct serve *s);
void serve_due_close(struct serve *s);

/* serve_socket.c, serve_asked.c: clients that hand over (handover.h). free: after the loop has run dry. */
void serve_open_socket(struct serve *s);
void serve_close_socket(struct serve *s);
void serve_free_socket(struct serve *s);

struct client;
/* Takes the object; last: nothing comes after it. One who does not read is hung up on. */
void client_send(struct client *c, json_t *o, bool last);
void client_refuse(struct client *c, const char *text);
struct serve *client_serve(const struct client *c);
/* Where act.h keeps what is under way for it. */
struct act **client_act(struct client *c);
/* serve_asked.c: it has sent its line. */
void serve_asked(struct client *c, struct span line);

/* serve_metrics.c: numbers, and the file of metrics. start() to end(): before the process confines itself,
 * and when all has ended, well (code 0) or not; open() to close(): while the loop runs. */
void serve_metrics_start(struct serve *s);
void serve_metrics_open(struct serve *s);
/* A round ended: first what it counted, then, when the state has been told of it, whether it was a good one.
 */
void serve_metrics_count(struct serve *s);
void serve_metrics_round(struct serve *s, bool swept);
void serve_metrics_close(struct serve *s);
void serve_metrics_end(struct serve *s, int code);

/* serve_status.c: `ingestd status`. As the rows of serve_asked.c. */
CHECKED enum err serve_tell_status(struct client *c, bool json, struct error *e);
/* Where that keeps the question that is under way. */
struct view_ask **client_view(struct client *c);

/* What parts get. */
struct serve_context serve_context(struct serve *s);

/* serve_watch.c */
CHECKED enum err serve_start_watch(struct serve *s, struct error *e);
/* Now, and every so often. */
void serve_rescan(uv_timer_t *rescan);

#endif
