/* SPDX-License-Identifier: MIT */
/* view_ask.h - one question about what there is to be seen, from the loop to the viewer's thread and back.
 *
 * On the loop a copy is taken of what is under way; on the thread the rest is read and rendered; on the loop
 * the one who asked is told, unless he has left. */
#ifndef INGESTD_DAEMON_VIEW_ASK_H
#define INGESTD_DAEMON_VIEW_ASK_H

#include "service/serve.h"
#include "status/view.h"
#include "viewer.h"

enum {
	VIEW_ARENA_MAX = 64 * 1024 * 1024, /* of one question: the pages of a document's links */
	VIEW_OUT_MAX = 8 * 1024 * 1024,    /* bytes of an answer */
};

struct view_ask;
/* On the viewer's thread: reads through l and ask->options into ask->arena, renders into ask->out. */
typedef enum err view_make_fn(struct view_ask *ask, struct look *l);
/* On the loop. result ERR_CANCELLED: the service ends or reloads. ask is freed when it returns. */
typedef void view_told_fn(void *arg, struct view_ask *ask, enum err result);

struct view_ask {
	struct viewer_job job;
	struct arena arena;
	struct view_options options;
	struct strbuf out;
	struct error error;
	enum err result;
	view_make_fn *make;
	view_told_fn *told;
	void *arg;
	/* what the question is, as make() needs it: in the arena */
	void *more;
};

/* NULL: out of memory. live: take what is under way too. */
struct view_ask *view_ask_new(const struct serve_context *c, bool live);
/* Takes ask over; told() is called later, once, unless view_ask_leave(). False: it cannot be asked now
 * (too many are waiting), and ask is freed. */
CHECKED bool view_ask_send(struct viewer *v, struct view_ask *ask, view_make_fn *make, view_told_fn *told,
			   void *arg);
/* Nobody waits any more. */
void view_ask_leave(struct view_ask *ask);
/* One that was not sent. Accepts NULL, returns NULL. */
struct view_ask *view_ask_free(struct view_ask *ask);

#endif
