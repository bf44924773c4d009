/* SPDX-License-Identifier: MIT */
#include "feeds_inner.h"

#include <unistd.h>

enum {
	DRAFTS_MAX = 2000,       /* in the hands of the pass at once */
	DRAFT_ARENA = 4 << 20,   /* of one draft */
	LATER_SECONDS = 10 * 60, /* between two tries of a draft, in the service */
	TIMER_MAX_S = 6 * 3600,  /* a clock that is set is noticed */
	TIMER_MIN_S = 1,
	AT_ONCE = 512, /* feeds under way at once: their states and bodies are memory */
};

static void on_timer(uv_timer_t *h);

/* ---- drafts ---- */

static const struct root *root_of(const struct feeds *f, struct span path)
{
	for (size_t i = 0; i < f->o.roots->count; i++)
		if (span_eq_str(path, f->o.roots->at[i].path))
			return &f->o.roots->at[i];
	return NULL;
}

static void fresh_free(struct fresh *x)
{
	arena_release(&x->arena);
	free(x);
}

static void draft_done(struct fresh *x, enum fresh_end end, const char *path, int64_t retry_at)
{
	struct feeds *f = x->arg;
	int64_t now = f->o.now();

	(void)retry_at; /* when it is too early the urls of the pass say so without asking */
	f->drafts--;
	if ((end == FRESH_MADE || end == FRESH_ATTACHED) &&
	    store_draft_made(f->o.store, x->id, end == FRESH_MADE ? span_str(path) : SPAN_NONE, &x->like,
			     now))
		report_event(f->o.report, SPAN_NONE, span_str(path),
			     "made, but the state could not keep that; it is found again next time");
	if (end == FRESH_LATER && f->o.stays && !f->stopped) {
		/* the service tries again itself; --once leaves it to the next run */
		x->ended = false;
		x->arg = f->later;
		f->later = x;
		f->later_count++;
	} else {
		fresh_free(x);
	}
	feeds_advance(f);
}

static void hand_over(struct feeds *f, struct fresh *x)
{
	x->arg = f;
	f->drafts++;
	if (!pass_add_fresh(f->o.pass, x))
		return;
	f->drafts--; /* the pass has stopped: the state has it */
	fresh_free(x);
}

void feeds_add_draft(struct feeds *f, const struct store_draft *row)
{
	const struct root *root = root_of(f, row->root);
	struct fresh *x = root ? calloc(1, sizeof(*x)) : NULL;
	enum err r;

	if (!x)
		return; /* its folder is not among those of this run: later */
	x->arena = ARENA_INIT(DRAFT_ARENA);
	r = draft_decode(row->draft, &x->arena, &x->draft);
	if (r) {
		report_event(f->o.report, row->root, SPAN_NONE,
			     "a draft of a document cannot be read and is dropped");
		if (r == ERR_DAMAGED && !f->o.dry_run &&
		    store_draft_made(f->o.store, row->id, SPAN_NONE, NULL, f->o.now()))
			report_event(f->o.report, row->root, SPAN_NONE, "the state could not keep that");
		fresh_free(x);
		return;
	}
	x->root = root;
	x->id = row->id;
	x->deadline = row->deadline;
	x->done = draft_done;
	hand_over(f, x);
}

static void try_later(struct feeds *f)
{
	struct fresh *list = f->later, *next;

	f->later = NULL;
	f->later_count = 0;
	for (struct fresh *x = list; x; x = next) {
		next = x->arg;
		hand_over(f, x);
	}
}

/* ---- rounds ---- */

int64_t feeds_next_due(const struct feeds *f)
{
	int64_t due = INT64_MAX;

	for (size_t i = 0; i < f->count; i++)
		if (!f->subs[i].busy && !f->subs[i].gone_at)
			due = MIN(due, f->subs[i].poll.next_at);
	if (f->later)
		due = MIN(due, f->o.now() + LATER_SECONDS);
	return due;
}

static void set_timer(struct feeds *f)
{
	int64_t now = f->o.now(), due = feeds_next_due(f), wait;

	if (!f->timer_open || f->stopped)
		return;
	wait = due == INT64_MAX ? TIMER_MAX_S : MIN(MAX(due - now, TIMER_MIN_S), TIMER_MAX_S);
	uv_timer_start(&f->timer, on_timer, (uint64_t)wait * 1000, 0);
}

/* Starts what is due, as many as may be under way. */
static void start_due(struct feeds *f)
{
	int64_t now = f->o.now();

	while (f->cursor < f->count && f->busy < AT_ONCE && f->drafts < DRAFTS_MAX) {
		struct subscription *s = &f->subs[f->cursor++];

		if (poll_is_due(s, now)) {
			poll_start(s);
		} else if (s->poll.unread && !s->asked && !s->busy && !s->gone_at &&
			   (!f->o.only || strcmp(f->o.only, s->config->url) == 0)) {
			s->busy = s->asked = true;
			f->busy++;
			digest_unread(s, NULL);
		}
	}
}

void feeds_advance(struct feeds *f)
{
	/* a feed that ends at once comes back here */
	if (f->advancing || !f->ready)
		return;
	f->advancing = true;
	if (!f->stopped)
		start_due(f);
	f->advancing = false;
	if (f->busy)
		return;
	there_forget(&f->there);
	if (f->held) {
		f->held = false;
		pass_release(f->o.pass);
	}
	set_timer(f);
}

static void on_timer(uv_timer_t *h)
{
	struct feeds *f = CONTAINER_OF(h, struct feeds, timer);

	for (size_t i = 0; i < f->count; i++)
		f->subs[i].asked = f->subs[i].busy;
	f->cursor = 0;
	try_later(f);
	feeds_advance(f);
	set_timer(f);
}

/* ---- what is known ---- */

static int by_url(const void *key, const void *row)
{
	const struct span *url = key;
	const struct subscription *s = row;

	return span_cmp(*url, span_str(s->config->url));
}

static struct subscription *find(struct feeds *f, struct span url)
{
	return bsearch(&url, f->subs, f->count, sizeof(*f->subs), by_url);
}

static void drafts_known(void *arg, const struct store_draft *drafts, size_t count)
{
	struct feeds *f = arg;

	f->ready = true;
	for (size_t i = 0; i < count && !f->stopped && !f->o.dry_run && !f->o.only; i++)
		feeds_add_draft(f, &drafts[i]);
	feeds_advance(f);
}

static void polls_known(void *arg, const struct store_poll *polls, size_t count)
{
	struct feeds *f = arg;

	for (size_t i = 0; i < count; i++) {
		struct subscription *s = find(f, polls[i].url);

		if (s)
			poll_take(s, &polls[i]);
	}
}

static void feeds_known(void *arg, const struct store_feed *feeds, size_t count)
{
	struct feeds *f = arg;

	f->new_memory = count == 0;
	for (size_t i = 0; i < count; i++) {
		struct subscription *s = find(f, feeds[i].url);

		if (!s)
			continue;
		s->gone_at = feeds[i].gone_at;
		if (feeds[i].address.ptr)
			s->address = strndup(feeds[i].address.ptr, feeds[i].address.len);
	}
}

static enum err make_subscriptions(struct feeds *f, struct error *e)
{
	const struct config *config = f->o.config;
	enum err r = ERR_OK;

	f->subs = calloc(config->feed_count, sizeof(*f->subs));
	if (!f->subs)
		return err_set(e, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < config->feed_count && !r; i++) {
		struct subscription *s = &f->subs[f->count++];

		*s = (struct subscription){.feeds = f, .config = &config->feeds[i]};
		s->poll.url = span_str(s->config->url);
		r = kit_for(&f->kits, config, &s->config->settings, f->o.roots, &s->kit, e);
	}
	return r;
}

enum err feeds_start(const struct feeds_options *options, struct feeds **ret, struct error *e)
{
	struct feeds *f;
	enum err r;

	*ret = NULL;
	if (!options->config->feed_count)
		return ERR_OK;
	f = calloc(1, sizeof(*f));
	if (!f)
		return err_set(e, ERR_NOMEM, "out of memory");
	f->o = *options;
	f->kits.shape = options->shape;
	f->deciding_end = &f->deciding;
	uv_mutex_init(&f->there.lock);
	r = make_subscriptions(f, e);
	if (r) {
		feeds_free(f);
		return r;
	}
	e->text[0] = 0;
	if (!r)
		r = store_get_feeds(options->store, feeds_known, f);
	if (!r)
		r = store_get_polls(options->store, polls_known, f);
	if (!r)
		r = store_get_drafts(options->store, drafts_known, f);
	if (r) {
		/* a callback that is due already would meet freed memory: nothing was asked for before it
		 * failed, or the store is beyond use and the program ends */
		if (!e->text[0])
			(void)err_set(e, r, "the state: %s", err_text(r));
		return r;
	}
	lane_init(&f->lane, options->loop, (unsigned)MAX(1, sysconf(_SC_NPROCESSORS_ONLN)));
	if (options->stays) {
		uv_timer_init(options->loop, &f->timer);
		uv_unref((uv_handle_t *)&f->timer);
		f->timer_open = true;
	} else {
		f->held = true;
		pass_hold(options->pass);
	}
	*ret = f;
	return ERR_OK;
}

void feeds_stop(struct feeds *f)
{
	f->stopped = true;
	/* what is under way has to end before the pass does, and we after it */
	if (!f->held && f->busy) {
		f->held = true;
		pass_hold(f->o.pass);
	}
	if (f->timer_open)
		uv_close((uv_handle_t *)&f->timer, NULL);
	f->timer_open = false;
	feeds_advance(f);
}

struct feeds *feeds_free(struct feeds *f)
{
	if (!f)
		return NULL;
	for (struct fresh *x = f->later, *next; x; x = next) {
		next = x->arg;
		fresh_free(x);
	}
	for (size_t i = 0; i < f->count; i++) {
		free(f->subs[i].poll_text);
		free(f->subs[i].address);
	}
	there_forget(&f->there);
	uv_mutex_destroy(&f->there.lock);
	free(f->subs);
	kits_release(&f->kits);
	free(f);
	return NULL;
}
