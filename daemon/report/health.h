/* SPDX-License-Identifier: MIT */
/* health.h - which hosts fail: said once when one has failed often enough, and once when it is well again.
 *
 * Kept per host name of the URL asked for, in memory, for HEALTH_HOSTS hosts; of more the one that was heard
 * of longest ago is forgotten. Without a loop and without a clock of its own. */
#ifndef INGESTD_DAEMON_HEALTH_H
#define INGESTD_DAEMON_HEALTH_H

#include "base/span.h"

enum {
	HEALTH_HOSTS = 4096,
	HEALTH_FAILURES = 5, /* in a row, before a host counts as failing */
};

enum health_word {
	HEALTH_SAME,
	HEALTH_FAILS, /* from now on */
	HEALTH_WELL,  /* again */
};

struct health;

/* NULL: out of memory. */
struct health *health_new(void);
/* A fetch from host ended at `now` (seconds); ok: the host answered as a host that works does. *since gets
 * when the first failure of the row was, with FAILS and WELL. */
enum health_word health_note(struct health *h, struct span host, bool ok, int64_t now, int64_t *since);
/* FAILS was said and WELL not yet. */
bool health_fails(const struct health *h, struct span host);
/* Hosts of which this is so. */
size_t health_failing(const struct health *h);
/* Accepts NULL, returns NULL. */
struct health *health_free(struct health *h);

#endif
