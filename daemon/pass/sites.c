/* SPDX-License-Identifier: MIT */
/* sites.c - what pages of one host share, within a pass.
 *
 * A host's documents go on when nothing of the host is being asked for any more, and nothing that was found
 * may still ask: else what the last page teaches would hold for some documents and not for others, by the
 * order of arrival. A pass that stays does not wait for ever: what it writes too early it writes again.
 *
 * When what a host's pages share changes, documents written before are looked at again: those of earlier
 * runs, and of this one where the change came after all (a redirect from another host). */
#include <uthash.h>

#include "base/url.h"
#include "extract/site.h"
#include "pass_inner.h"

enum { WAIT_MS = 30 * 1000 }; /* of a pass that stays */

/* A host that documents of this round were written from, or whose pages share another set now. */
struct site_seen {
	char *host;
	bool merged, late;
	UT_hash_handle hh;
};

static struct site_seen *seen(struct pass *p, struct span host)
{
	struct site_seen *s;

	HASH_FIND(hh, p->sites.seen, host.ptr, host.len, s);
	if (s)
		return s;
	s = calloc(1, sizeof(*s));
	if (s)
		s->host = strndup(host.ptr, host.len);
	if (!s || !s->host) {
		free(s);
		return NULL; /* what was written before stays as it is */
	}
	HASH_ADD_KEYPTR(hh, p->sites.seen, s->host, host.len, s);
	return s;
}

void sites_forget(struct pass *p)
{
	struct site_seen *s, *next;

	HASH_ITER(hh, p->sites.seen, s, next)
	{
		HASH_DEL(p->sites.seen, s);
		free(s->host);
		free(s);
	}
}

void sites_told(void *arg, struct span host, bool changed)
{
	struct pass *p = arg;
	struct site_seen *s = changed ? seen(p, host) : NULL;

	if (!s)
		return;
	p->sites.changed = true;
	s->late |= s->merged;
}

/* ---- waiting for a host ---- */

static void unlink_task(struct task *t)
{
	struct sites *sites = &t->pass->sites;

	urls_stop_waiting(&t->calm.quiet);
	if (sites->unasked == t)
		sites->unasked = t->calm.next;
	*(t->calm.prev ? &t->calm.prev->calm.next : &sites->first) = t->calm.next;
	*(t->calm.next ? &t->calm.next->calm.prev : &sites->last) = t->calm.prev;
	t->calm.prev = t->calm.next = NULL;
	sites->waiting--;
}

static void let_go(struct task *t)
{
	unlink_task(t);
	if (t->superseded)
		task_go(t, TASK_DONE);
	else
		queue_add(&t->pass->ready, t);
}

static void host_quiet(void *arg)
{
	struct task *t = arg;
	struct pass *p = t->pass;

	if (!urls_are_quiet(p->urls, t->urls, t->url_count, &t->calm.quiet))
		return;
	let_go(t);
	pass_advance(p);
}

static void on_timer(uv_timer_t *h)
{
	struct pass *p = CONTAINER_OF(h, struct pass, sites.timer);
	uint64_t now = uv_now(p->o.loop);

	/* in the order in which their time comes */
	while (p->sites.first && p->sites.first->calm.until <= now)
		let_go(p->sites.first);
	if (p->sites.first)
		uv_timer_start(h, on_timer, p->sites.first->calm.until - now, 0);
	pass_advance(p);
}

bool sites_hold(struct task *t)
{
	struct pass *p = t->pass;
	struct sites *sites = &p->sites;

	/* somebody waits for a document that has just been made */
	if (!t->url_count || p->at_once || (p->o.stays && t->priority == PASS_NOW))
		return false;
	t->calm.quiet = (struct urls_quiet){.fn = host_quiet, .arg = t};
	t->calm.until = uv_now(p->o.loop) + WAIT_MS;
	t->calm.prev = sites->last;
	*(sites->last ? &sites->last->calm.next : &sites->first) = t;
	sites->last = t;
	if (!sites->waiting++ && p->o.stays)
		uv_timer_start(&sites->timer, on_timer, WAIT_MS, 0);
	if (!sites->unasked)
		sites->unasked = t;
	return true;
}

void sites_all_wanted(struct pass *p)
{
	struct task *list = p->sites.unasked;

	p->sites.unasked = NULL;
	for (struct task *t = list, *next; t; t = next) {
		next = t->calm.next;
		if (urls_are_quiet(p->urls, t->urls, t->url_count, &t->calm.quiet))
			let_go(t);
	}
}

/* ---- what is shared ---- */

static bool may_be_default(enum field field)
{
	return field == FIELD_TITLE || field == FIELD_EXCERPT || field == FIELD_IMAGE;
}

static void add_host(struct task *t, struct span url)
{
	struct span host = site_host(url, &t->arena);

	for (size_t i = 0; i < t->site_count; i++)
		if (span_eq(t->sites[i].host, host))
			return;
	if (host.len)
		t->sites[t->site_count++].host = host;
}

static void got_sites(void *arg, const struct store_site *sites, size_t count)
{
	struct task *t = arg;

	for (size_t i = 0; i < MIN(count, t->site_count); i++) {
		struct site_defaults *d = &t->sites[i].defaults;

		d->values = ARENA_NEW_ARRAY(&t->arena, uint64_t, sites[i].count + 1);
		if (!d->values)
			continue;
		d->count = sites[i].count;
		if (d->count)
			memcpy(d->values, sites[i].values, d->count * sizeof(*d->values));
	}
	sites_gathered(t);
}

void sites_gather(struct task *t)
{
	struct span *hosts;

	t->sites = ARENA_NEW_ARRAY(&t->arena, struct task_site, t->known_count + t->written_count + 1);
	t->site_count = 0;
	for (size_t i = 0; i < t->known_count && t->sites; i++)
		if (t->known[i].page.ptr)
			add_host(t, t->known[i].final_url);
	/* of these documents are being written: what comes later comes too late */
	for (size_t i = 0; i < t->site_count && t->sites; i++) {
		struct site_seen *s = seen(t->pass, t->sites[i].host);

		if (s)
			s->merged = true;
	}
	for (size_t i = 0; i < t->written_count && t->sites; i++)
		if (may_be_default(t->written[i].field) && t->written[i].from.len)
			add_host(t, t->written[i].from);
	hosts = ARENA_NEW_ARRAY(&t->arena, struct span, t->site_count + 1);
	for (size_t i = 0; i < t->site_count && hosts; i++)
		hosts[i] = t->sites[i].host;
	/* a state that cannot say: nothing is shared */
	if (!t->site_count || !hosts || store_get_sites(t->pass->o.store, hosts, t->site_count, got_sites, t))
		sites_gathered(t);
}

const struct site_defaults *sites_of(const struct task *t, struct span url, struct arena *scratch)
{
	struct span host = site_host(url, scratch);

	for (size_t i = 0; i < t->site_count; i++)
		if (host.len && span_eq(t->sites[i].host, host))
			return &t->sites[i].defaults;
	return NULL;
}

static bool stands(const struct link *link, const struct written *w, const struct site_defaults *d,
		   struct arena *arena)
{
	struct span value = link->fields[w->field].value;

	if (w->field == FIELD_IMAGE)
		value = link->image_count ? link->images[0].url : SPAN_NONE;
	return (link->related < 0) == w->article && span_eq(link->url, w->url) &&
	       site_is_default(d, w->field, value, arena);
}

void sites_mark_written(struct task *t, const struct document *doc)
{
	for (size_t i = 0; i < t->written_count; i++) {
		struct written *w = &t->written[i];
		const struct site_defaults *d = NULL;

		if (may_be_default(w->field) && w->from.len)
			d = sites_of(t, w->from, &t->arena);
		w->renew = false;
		for (size_t k = 0; k < doc->link_count && d && d->count && !w->renew; k++)
			w->renew = stands(&doc->links[k], w, d, &t->arena);
	}
}

/* ---- what was written before ---- */

static const struct root *root_of(const struct pass *p, struct span path)
{
	for (size_t i = 0; i < p->o.roots->count; i++)
		if (span_eq_str(path, p->o.roots->at[i].path))
			return &p->o.roots->at[i];
	return NULL;
}

/* Whether the command is about it. */
static bool is_part(const struct root *root, struct span path)
{
	size_t n = strlen(root->path);

	for (size_t i = 0; i < root->part_count && !root->whole; i++) {
		struct span part = span_str(root->parts[i]);

		part = span_sub(part, MIN(n + 1, part.len), part.len);
		if (!part.len || span_eq(part, path) ||
		    (span_starts(path, part) && path.len > part.len && path.ptr[part.len] == '/'))
			return true;
	}
	return root->whole;
}

/* They count as never looked at, whatever becomes of this run. */
static void found_documents(void *arg, const struct span *roots, const struct span *paths, size_t count)
{
	struct pass *p = arg;

	p->sites.asking = false;
	for (size_t i = 0; i < count; i++) {
		const struct root *root = root_of(p, roots[i]);

		if (!p->o.dry_run && store_forget_document(p->o.store, roots[i], paths[i]))
			pass_out_of_memory(p);
		if (root && is_part(root, paths[i]) && pass_add(p, root, paths[i], PASS_AGAIN))
			pass_out_of_memory(p);
	}
	if (!p->o.dry_run && store_clear_changed_sites(p->o.store))
		pass_out_of_memory(p);
	pass_advance(p);
}

static void got_changed(void *arg, const struct store_site *sites, size_t count)
{
	struct pass *p = arg;
	struct store_changed_site *changed = calloc(count + 1, sizeof(*changed));

	for (size_t i = 0; i < count && changed; i++) {
		struct site_seen *s;

		HASH_FIND(hh, p->sites.seen, sites[i].host.ptr, sites[i].host.len, s);
		changed[i] = (struct store_changed_site){sites[i].host, s && s->late};
		if (s)
			s->late = false;
	}
	if (!changed || !count ||
	    store_find_site_documents(p->o.store, changed, count, p->result.run, found_documents, p))
		p->sites.asking = false;
	free(changed);
	if (!p->sites.asking)
		pass_advance(p);
}

bool sites_look_again(struct pass *p)
{
	/* also what an interrupted run, or one that only tried, left to do */
	if (!p->sites.changed || p->stopped)
		return false;
	p->sites.changed = false;
	p->sites.asking = !store_get_changed_sites(p->o.store, got_changed, p);
	return p->sites.asking;
}

void sites_begin(struct pass *p)
{
	uv_timer_init(p->o.loop, &p->sites.timer);
	uv_unref((uv_handle_t *)&p->sites.timer);
	p->sites.changed = true;
}

void sites_end(struct pass *p)
{
	uv_close((uv_handle_t *)&p->sites.timer, NULL);
}
