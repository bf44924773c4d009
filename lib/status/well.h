/* SPDX-License-Identifier: MIT */
/* well.h - whether the service is well: what /healthz says.
 *
 * It is well when the last pass over all documents succeeded and work moves. A pass succeeds when every
 * document that it would write could be written, the state took what it has to remember, and there was a
 * network; single links and pages that failed are no failure of it. Until the first pass has ended, that work
 * moves is enough. Work moves as long as, with anything to do, something happens at least every so often; and
 * with nothing to do, as long as a pass still ends when one is due. */
#ifndef INGESTD_STATUS_WELL_H
#define INGESTD_STATUS_WELL_H

#include "base/base.h"

enum { WELL_WHY_MAX = 600 };

struct well_facts {
	int64_t now, started; /* seconds; of the same clock as those below */
	int64_t last_pass;    /* when one ended; 0: none has */
	const char *failed;   /* why the last one failed; NULL: it did not */
	bool network_down;
	bool busy;          /* there is something to do */
	int64_t moved;      /* when something happened last */
	unsigned still_s;   /* so long nothing may happen */
	unsigned between_s; /* from one pass to the next, as configured */
};

/* why gets one line for people, also when all is well. */
bool well_is(const struct well_facts *f, char why[WELL_WHY_MAX]);

#endif
