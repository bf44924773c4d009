/* SPDX-License-Identifier: MIT */
#include "feed/cadence.h"

#include <stdio.h>

enum { HOUR = 3600, DAY = 24 * HOUR, SAMPLE = 16, ALL_HOURS = 0xffffff, ALL_DAYS = 0x7f };

/* ---- rhythm ---- */

/* The SAMPLE newest, newest first. */
static size_t newest(const struct feed *feed, int64_t now, int64_t top[SAMPLE])
{
	size_t n = 0;

	for (size_t i = 0; i < feed->entry_count; i++) {
		const struct feed_entry *e = &feed->entries[i];
		const struct feed_date *d = e->published.there ? &e->published : &e->updated;
		size_t at = n;

		if (!d->there || d->date.seconds > now || d->date.seconds <= 0)
			continue;
		while (at && top[at - 1] < d->date.seconds)
			at--;
		if (at == SAMPLE)
			continue;
		n = MIN(n + 1, (size_t)SAMPLE);
		memmove(&top[at + 1], &top[at], (n - at - 1) * sizeof(*top));
		top[at] = d->date.seconds;
	}
	return n;
}

void cadence_learn(struct cadence_rhythm *r, const struct feed *feed, int64_t now)
{
	int64_t top[SAMPLE], gaps[SAMPLE];
	size_t n = newest(feed, now, top);

	if (n)
		r->newest_at = top[0];
	if (n < 2)
		return;
	/* sorted by insertion: a handful */
	for (size_t i = 0; i + 1 < n; i++) {
		int64_t gap = top[i] - top[i + 1];
		size_t at = i;

		for (; at && gaps[at - 1] > gap; at--)
			gaps[at] = gaps[at - 1];
		gaps[at] = gap;
	}
	r->gap = (unsigned)MIN(MAX(gaps[(n - 1) / 2], 1), INT32_MAX);
}

/* ---- when ---- */

static void say(struct cadence *c, int64_t at, const char *reason)
{
	c->at = at;
	(void)snprintf(c->reason, sizeof(c->reason), "%s", reason);
}

static void no_earlier(struct cadence *c, int64_t at, int64_t now, const char *reason)
{
	at = MIN(at, now + CADENCE_HINT_MAX);
	if (at > c->at)
		say(c, at, reason);
}

/* Half a gap after the last look the next item is likely there; a feed that has fallen silent is asked ever
 * more rarely, down to the ceiling. */
static int64_t by_rhythm(const struct cadence_input *in, const char **reason)
{
	const struct cadence_rhythm *r = &in->rhythm;
	int64_t wait = r->gap / 2;

	*reason = "by the feed's own rhythm";
	if (!r->gap) {
		wait = in->floor;
		*reason = "its rhythm is not known yet: after the shortest pause";
	}
	if (r->newest_at && (in->now - r->newest_at) / 12 > wait) {
		wait = (in->now - r->newest_at) / 12;
		*reason = "it has been silent for a while";
	}
	if (wait <= in->floor) {
		wait = in->floor;
		if (r->gap)
			*reason = "a busy feed: after the shortest pause";
	}
	if (wait >= in->ceiling) {
		wait = in->ceiling;
		*reason = "a quiet feed: after the longest pause";
	}
	return wait;
}

/* Hour by hour to one that is not skipped; at most a week, and never when all are. */
static int64_t past_skipped(const struct cadence_input *in, int64_t at)
{
	uint32_t hours = in->skip_hours & ALL_HOURS;
	unsigned days = in->skip_days & ALL_DAYS;

	if (hours == ALL_HOURS)
		hours = 0;
	if (days == ALL_DAYS)
		days = 0;
	for (int64_t t = at; t < at + 8 * DAY; t = (t / HOUR + 1) * HOUR) {
		unsigned hour = (unsigned)(t / HOUR % 24);
		unsigned day = (unsigned)((t / DAY + 4) % 7); /* 1970-01-01 was a Thursday */

		if (!(hours >> hour & 1) && !(days >> day & 1))
			return t;
	}
	return at;
}

static bool is_refusal(unsigned status)
{
	return status == 401 || status == 403 || status == 429 || status == 503;
}

static void after_failure(const struct cadence_input *in, struct cadence *c)
{
	int64_t wait = is_refusal(in->status) ? MAX((int64_t)CADENCE_REFUSED, in->floor) : in->floor;
	unsigned doublings = MIN(in->failures ? in->failures - 1 : 0, 16u);
	/* a day is often enough to notice its return; one that has been away for weeks fades */
	int64_t most = in->failures > 21 ? CADENCE_FADED : DAY;
	char text[120];

	wait = MIN(wait << doublings, MAX(most, in->floor));
	(void)snprintf(text, sizeof(text), "it failed %u time%s in a row", in->failures,
		       in->failures == 1 ? "" : "s");
	say(c, in->now + wait, text);
}

struct cadence cadence_next(const struct cadence_input *in)
{
	struct cadence c = {0};
	const char *reason;
	int64_t skipped;

	if (in->answer == CADENCE_GONE) {
		say(&c, CADENCE_NEVER, in->status == 410 ? "it is gone (410)" : "it says that it has ended");
		return c;
	}
	if (in->answer == CADENCE_FAILED) {
		after_failure(in, &c);
	} else {
		int64_t wait = by_rhythm(in, &reason);

		say(&c, in->now + wait, reason);
		if (!in->validators)
			no_earlier(&c, in->now + CADENCE_NO_VALIDATORS, in->now,
				   "the server gives neither ETag nor Last-Modified: once a day");
		no_earlier(&c, in->now + in->ttl_minutes * INT64_C(60), in->now, "the feed's ttl");
		no_earlier(&c, in->now + in->period_seconds, in->now, "the feed's sy:updatePeriod");
		no_earlier(&c, in->fresh_until, in->now, "the server's Cache-Control or Expires");
	}
	no_earlier(&c, in->retry_at, in->now, "the server's Retry-After");
	/* later by up to an eighth, always the same for an address and a day */
	c.at += (int64_t)((in->seed ^ (uint64_t)(in->now / DAY) * UINT64_C(0x9e3779b97f4a7c15)) %
			  (uint64_t)MAX((c.at - in->now) / 8, 1));
	skipped = past_skipped(in, c.at);
	if (skipped > c.at)
		say(&c, skipped, "the feed's skipHours or skipDays");
	return c;
}
