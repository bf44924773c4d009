/* SPDX-License-Identifier: MIT */
#include "urls_inner.h"

enum {
	DOWN_HOSTS = 8, /* so many silent hosts, and nobody else, mean that there is no network */
	RECENT_MS = 60 * 1000,
};

bool urls_may_be_network(const struct urls *u, const struct entry *entry)
{
	(void)entry;
	return !u->answered || (u->o.stays && uv_now(u->o.loop) - u->answered_ms > RECENT_MS);
}

/* Blames the servers, or (down) puts all off until there is a network. */
static void release_held(struct urls *u, bool down)
{
	struct entry *list = u->held, *next;
	struct report_counts *counts = report_counts(u->o.report);

	u->held = NULL;
	u->held_count = 0;
	for (struct entry *entry = list; entry; entry = next) {
		next = entry->next_held;
		if (down) {
			counts->deferred++;
			entry->state.deferred = entry->state.in_doubt = true;
			entry->state.expires_at = 0;
		} else {
			counts->failed++;
			urls_put_failure(u, entry, entry->failed_at, SPAN_NONE);
		}
		urls_settled(u, entry);
	}
}

/* There is a network again, or was all the time: who is silent now is to blame. */
static void ask_held(struct urls *u)
{
	struct entry *list = u->held, *next;

	u->held = NULL;
	u->held_count = 0;
	for (struct entry *entry = list; entry; entry = next) {
		next = entry->next_held;
		urls_ask(u, entry);
	}
}

void urls_heard(struct urls *u)
{
	bool first = !u->answered;

	u->answered = true;
	u->answered_ms = uv_now(u->o.loop);
	if (u->o.stays)
		ask_held(u);
	else if (first)
		release_held(u, false);
}

void urls_hold(struct urls *u, struct entry *entry)
{
	entry->phase = HELD;
	entry->failed_at = u->o.now();
	entry->next_held = u->held;
	u->held = entry;
	u->held_count++;
	if (u->held_count == u->busy)
		u->o.in_doubt(u->o.in_doubt_arg);
}

static struct span host_of(const struct entry *entry)
{
	struct span url = span_str(entry->state.key);
	ptrdiff_t slashes = span_find(url, SPAN("://"));
	struct span rest = span_sub(url, (size_t)MAX(slashes + 3, 0), url.len);
	ptrdiff_t slash = span_find_byte(rest, '/');

	return span_sub(rest, 0, slash < 0 ? rest.len : (size_t)slash);
}

/* Several hosts at least, and none of them known to be dead from before: what is left of an old collection
 * may well be dead links alone. */
static bool many_hosts_held(const struct urls *u)
{
	struct span hosts[DOWN_HOSTS];
	size_t n = 0;

	for (const struct entry *entry = u->held; entry && n < DOWN_HOSTS; entry = entry->next_held) {
		struct span host = host_of(entry);
		bool seen = entry->failures > 0;

		for (size_t i = 0; i < n && !seen; i++)
			seen = span_eq(hosts[i], host);
		if (!seen)
			hosts[n++] = host;
	}
	return n == DOWN_HOSTS;
}

void urls_judge(struct urls *u)
{
	if (!u->held_count || u->held_count != u->busy)
		return;
	u->down = !u->answered && (many_hosts_held(u) || fetcher_counts(u->o.fetcher).network_down);
	/* the service has time: it asks again, later and later, until somebody answers or many are asked */
	release_held(u, u->down || u->o.stays);
}
