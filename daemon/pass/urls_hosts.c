/* SPDX-License-Identifier: MIT */
#include "urls_inner.h"

/* A host of which something is being asked for. */
struct urls_host {
	char *name;
	size_t busy;
	struct urls_quiet *waiting;
	UT_hash_handle hh;
};

/* The site of a URL in its normal form (extract/site.h): its host without "www." and port. */
static struct span site_of(const char *key)
{
	struct span url = span_str(key), host;
	ptrdiff_t slashes = span_find(url, SPAN("://")), end;

	host = span_sub(url, (size_t)MAX(slashes + 3, 0), url.len);
	end = span_find_byte(host, '/');
	if (end >= 0)
		host = span_sub(host, 0, (size_t)end);
	for (size_t i = host.len; i && host.ptr[i - 1] != ']'; i--)
		if (host.ptr[i - 1] == ':') {
			host = span_sub(host, 0, i - 1);
			break;
		}
	return span_starts(host, SPAN("www.")) ? span_sub(host, 4, host.len) : host;
}

static struct urls_host *find(const struct urls *u, const char *key)
{
	struct span site = site_of(key);
	struct urls_host *host;

	HASH_FIND(hh, u->hosts, site.ptr, site.len, host);
	return host;
}

void urls_host_enter(struct urls *u, struct entry *entry)
{
	struct urls_host *host = find(u, entry->state.key);
	struct span site = site_of(entry->state.key);

	if (!host) {
		host = calloc(1, sizeof(*host));
		if (host)
			host->name = strndup(site.ptr, site.len);
		if (!host || !host->name) {
			free(host);
			return; /* its documents wait for nothing */
		}
		HASH_ADD_KEYPTR(hh, u->hosts, host->name, site.len, host);
	}
	host->busy++;
	entry->host = host;
}

static void detach(struct urls_quiet *w)
{
	assert(w->at);
	*w->at = w->next;
	if (w->next)
		w->next->at = w->at;
	w->at = NULL;
}

void urls_host_leave(struct urls *u, struct entry *entry)
{
	struct urls_host *host = entry->host;
	struct urls_quiet *w;

	entry->host = NULL;
	if (!host || --host->busy)
		return;
	HASH_DEL(u->hosts, host);
	/* one that is told may take others with it: always the first of those left */
	while ((w = host->waiting)) {
		detach(w);
		w->fn(w->arg);
	}
	free(host->name);
	free(host);
}

bool urls_are_quiet(struct urls *u, const struct url_state *const *states, size_t n, struct urls_quiet *w)
{
	for (size_t i = 0; i < n; i++) {
		struct urls_host *host = find(u, states[i]->key);

		if (!host)
			continue;
		w->next = host->waiting;
		w->at = &host->waiting;
		if (w->next)
			w->next->at = &w->next;
		host->waiting = w;
		return false;
	}
	return true;
}

void urls_stop_waiting(struct urls_quiet *w)
{
	if (w->at)
		detach(w);
}

void urls_hosts_free(struct urls *u)
{
	struct urls_host *host, *next;

	HASH_ITER(hh, u->hosts, host, next)
	{
		HASH_DEL(u->hosts, host);
		free(host->name);
		free(host);
	}
}
