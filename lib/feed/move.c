/* SPDX-License-Identifier: MIT */
#include "feed/move.h"

enum { APART = 3600 }; /* looks that are closer together are one */

bool move_observe(struct move_evidence *m, const struct move_seen *seen)
{
	if (!seen->target || !seen->permanent) {
		*m = (struct move_evidence){0, 0, 0, 0};
		return false;
	}
	if (!seen->overlaps)
		return false;
	if (m->target != seen->target)
		*m = (struct move_evidence){seen->target, 0, seen->now, 0};
	if (m->times && seen->now - m->last_at < APART)
		return false;
	m->times++;
	m->last_at = seen->now;
	return move_is_settled(m);
}

bool move_is_settled(const struct move_evidence *m)
{
	return m->target && m->times >= MOVE_TIMES && m->last_at - m->first_at >= MOVE_SECONDS;
}
