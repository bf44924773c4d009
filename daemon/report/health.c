/* SPDX-License-Identifier: MIT */
#include "health.h"

#include <stdlib.h>

#include "base/hash.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct host {
	uint64_t key; /* two names of one hash share their health, which costs a line of the log */
	unsigned failures;
	int64_t since;
	UT_hash_handle hh; /* in the order in which they were last heard of */
};

struct health {
	struct host *hosts;
};

struct health *health_new(void)
{
	return calloc(1, sizeof(struct health));
}

static struct host *find(const struct health *h, struct span host)
{
	uint64_t key = hash64(host);
	struct host *found;

	HASH_FIND(hh, h->hosts, &key, sizeof(key), found);
	return found;
}

static struct host *add(struct health *h, uint64_t key)
{
	struct host *oldest = h->hosts, *one;

	if (HASH_COUNT(h->hosts) >= HEALTH_HOSTS) {
		HASH_DEL(h->hosts, oldest);
		free(oldest);
	}
	one = calloc(1, sizeof(*one));
	if (!one)
		return NULL;
	one->key = key;
	HASH_ADD(hh, h->hosts, key, sizeof(one->key), one);
	return one;
}

enum health_word health_note(struct health *h, struct span host, bool ok, int64_t now, int64_t *since)
{
	struct host *one = find(h, host);
	bool failed = one && one->failures >= HEALTH_FAILURES;

	*since = one ? one->since : now;
	if (one)
		HASH_DEL(h->hosts, one);
	if (ok) { /* what is well need not be remembered */
		free(one);
		return failed ? HEALTH_WELL : HEALTH_SAME;
	}
	if (one)
		HASH_ADD(hh, h->hosts, key, sizeof(one->key), one); /* last now */
	else
		one = add(h, hash64(host));
	if (one && !one->hh.tbl) {
		free(one);
		one = NULL;
	}
	if (!one) /* out of memory: a line of the log is missing */
		return HEALTH_SAME;
	if (!one->failures)
		one->since = now;
	if (one->failures <= HEALTH_FAILURES)
		one->failures++;
	return one->failures == HEALTH_FAILURES ? HEALTH_FAILS : HEALTH_SAME;
}

bool health_fails(const struct health *h, struct span host)
{
	const struct host *one = find(h, host);

	return one && one->failures >= HEALTH_FAILURES;
}

size_t health_failing(const struct health *h)
{
	size_t n = 0;

	for (const struct host *one = h->hosts; one; one = one->hh.next)
		n += one->failures >= HEALTH_FAILURES;
	return n;
}

struct health *health_free(struct health *h)
{
	struct host *one, *next;

	if (!h)
		return NULL;
	HASH_ITER(hh, h->hosts, one, next)
	{
		HASH_DEL(h->hosts, one);
		free(one);
	}
	free(h);
	return NULL;
}
