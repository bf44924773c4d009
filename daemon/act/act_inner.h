/* SPDX-License-Identifier: MIT */
/* act_inner.h - what the files of act.h share: act.c (looking, taking back) and act_forget.c. */
#ifndef INGESTD_DAEMON_ACT_INNER_H
#define INGESTD_DAEMON_ACT_INNER_H

#include "act.h"

struct acts {
	struct acts_options o;
	struct act *first;
	size_t count;
	bool stopped;
};

struct act {
	struct acts *acts;
	struct act *prev, *next, **handle;
	void *arg;
	bool left; /* nobody listens */
	bool dry_run;
	struct act_calls once;
	struct undo *undo; /* NULL: it is none */
	struct undo_calls undone;
	/* of forgetting */
	act_forgotten_fn *forgotten;
	size_t waiting; /* answers that are awaited */
	int64_t records;
	bool failed;
};

/* handle: see act.h. */
CHECKED enum err act_new(struct acts *a, struct act **handle, struct act **ret, struct error *e);
void act_end(struct act *act);

#endif
