/* SPDX-License-Identifier: MIT */
#include "status/well.h"

#include <inttypes.h>
#include <stdio.h>

enum { PASSES_MISSED = 3 };

static int64_t minutes(int64_t seconds)
{
	return seconds / 60;
}

bool well_is(const struct well_facts *f, char why[WELL_WHY_MAX])
{
	int64_t since_pass = f->now - MAX(f->last_pass, f->started);

	if (f->failed)
		(void)snprintf(why, WELL_WHY_MAX, "the last pass failed: %.500s", f->failed);
	else if (f->network_down)
		(void)snprintf(why, WELL_WHY_MAX, "no host answers: is there a network?");
	else if (f->busy && f->now - f->moved > f->still_s)
		(void)snprintf(why, WELL_WHY_MAX,
			       "there is work, and nothing has happened for %" PRId64 " minutes",
			       minutes(f->now - f->moved));
	else if (!f->busy && since_pass > (int64_t)PASSES_MISSED * f->between_s + f->still_s)
		(void)snprintf(why, WELL_WHY_MAX, "no pass has ended for %" PRId64 " minutes",
			       minutes(since_pass));
	else {
		(void)snprintf(why, WELL_WHY_MAX, "well: %s",
			       f->busy        ? "at work"
			       : f->last_pass ? "waiting for what comes"
					      : "beginning");
		return true;
	}
	return false;
}
