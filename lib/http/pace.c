/* SPDX-License-Identifier: MIT */
#include "http/pace.h"

#include "base/hash.h"

enum { IDLE, QUEUED, STARTING, RUNNING }; /* of an item */

enum {
	NOT_IN_HEAP = -1,
	PROBES = 3, /* at once while the network is down */
	PAUSE_DOUBLINGS = 7,
	SWEEP_MIN = 1024, /* sites, before idle ones are forgotten */
	MINUTE_MS = 60 * 1000,
	IDLE_MS = 60 * MINUTE_MS,
	BLOCK_MAX_MS = 4 * IDLE_MS,
	DOUBT_MS = 60 * 1000, /* so long after the last answer silence may be the network's */
	DOUBT_MAX_MS = 10 * 60 * 1000,
	REST_MS = 10 * 1000, /* without a start: the next is the first of a new ramp */
	RAMP_STEP_MS = 10,
};

struct pace_site {
	struct pace_item *first, *last; /* queued, in order of arrival */
	int64_t last_start;             /* INT64_MIN: never */
	int64_t blocked;                /* no start before */
	int64_t struck;                 /* no start before, for its failures */
	int64_t since;                  /* when its queue last became non-empty */
	int64_t ready;                  /* heap key, valid while in the heap */
	uint64_t turn;                  /* breaks ties */
	uint64_t random;                /* for the gaps' jitter */
	uint64_t silent_streak;         /* streak in which its silence was counted */
	uint64_t ramp;                  /* on which it last started something */
	uint32_t jitter;                /* 0 to 1023, of an eighth of the gap */
	uint32_t running;
	uint32_t strikes;
	bool doubted; /* its strikes may be the network's */
	ptrdiff_t heap_at;
	uint32_t name_len;
	char name[];
};

struct pace {
	struct pace_options options;
	struct pace_site **table; /* open addressing by name */
	size_t table_size, sites, sweep_at;
	struct pace_site **heap; /* sites that can start something, by (ready, turn); room for table_size */
	size_t heap_len;
	uint64_t turn;
	size_t queued;
	unsigned running, starting;
	/* the network */
	unsigned window; /* pace_window(); at most options.transfers */
	bool ever_answered, down;
	bool doubt; /* some site is doubted */
	int64_t last_answer, paused_until;
	uint64_t streak;
	unsigned silent_sites, doublings;
	/* the ramp */
	uint64_t ramp, ramp_sites;
	int64_t ramp_begun, last_start;
};

/* ---- the heap ---- */

static bool before(const struct pace_site *a, const struct pace_site *b)
{
	return a->ready != b->ready ? a->ready < b->ready : a->turn < b->turn;
}

static void heap_put(struct pace *p, size_t i, struct pace_site *s)
{
	p->heap[i] = s;
	s->heap_at = (ptrdiff_t)i;
}

static void heap_sift(struct pace *p, size_t i)
{
	struct pace_site *s = p->heap[i];

	for (size_t up; i > 0 && before(s, p->heap[up = (i - 1) / 2]); i = up)
		heap_put(p, i, p->heap[up]);
	for (size_t down; (down = 2 * i + 1) < p->heap_len; i = down) {
		if (down + 1 < p->heap_len && before(p->heap[down + 1], p->heap[down]))
			down++;
		if (!before(p->heap[down], s))
			break;
		heap_put(p, i, p->heap[down]);
	}
	heap_put(p, i, s);
}

static void heap_remove(struct pace *p, struct pace_site *s)
{
	size_t i = (size_t)s->heap_at;

	if (s->heap_at == NOT_IN_HEAP)
		return;
	s->heap_at = NOT_IN_HEAP;
	if (i == --p->heap_len)
		return;
	heap_put(p, i, p->heap[p->heap_len]);
	heap_sift(p, i);
}

static int64_t site_ready(const struct pace_site *s)
{
	int64_t ready = MAX(s->since, MAX(s->blocked, s->struck));

	if (s->first && s->last_start != INT64_MIN) {
		int64_t gap = s->first->gap_ms;

		ready = MAX(ready, s->last_start + gap + (gap * s->jitter >> 13));
	}
	return ready;
}

/* Puts the site where its state says it belongs. */
static void site_place(struct pace *p, struct pace_site *s)
{
	if (!s->first || s->running >= s->first->connections) {
		heap_remove(p, s);
		return;
	}
	s->ready = site_ready(s);
	if (s->heap_at == NOT_IN_HEAP) {
		s->turn = p->turn++;
		heap_put(p, p->heap_len++, s);
	}
	heap_sift(p, (size_t)s->heap_at);
}

/* ---- the table ---- */

static size_t table_find(const struct pace *p, struct span name)
{
	size_t i = hash64(name) & (p->table_size - 1);

	while (p->table[i] && !span_eq(span_of(p->table[i]->name, p->table[i]->name_len), name))
		i = (i + 1) & (p->table_size - 1);
	return i;
}

int64_t pace_blocked_until(const struct pace *p, struct span site)
{
	const struct pace_site *s = p->table[table_find(p, site)];

	return s ? MAX(s->blocked, s->struck) : 0;
}

static bool site_is_idle(const struct pace_site *s, int64_t now)
{
	return !s->first && !s->running && s->blocked <= now && s->struck <= now &&
	       (s->last_start == INT64_MIN || now - s->last_start > IDLE_MS);
}

/* Forgets idle sites and grows the table where that was not enough. */
static enum err table_make_room(struct pace *p, int64_t now)
{
	size_t keep = 0, size = p->table_size;

	for (size_t i = 0; i < p->table_size; i++)
		keep += p->table[i] && !site_is_idle(p->table[i], now);
	while (size < 4 * (keep + 1))
		size *= 2;
	struct pace_site **table = calloc(size, sizeof(struct pace_site *));
	struct pace_site **heap = calloc(size, sizeof(struct pace_site *));
	struct pace_site **old = p->table;
	size_t old_size = p->table_size;

	if (!table || !heap) {
		free(table);
		free(heap);
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < p->heap_len; i++)
		heap[i] = p->heap[i];
	free(p->heap);
	p->heap = heap;
	p->table = table;
	p->table_size = size;
	p->sites = keep;
	for (size_t i = 0; i < old_size; i++) {
		struct pace_site *s = old[i];

		if (s && site_is_idle(s, now))
			free(s);
		else if (s)
			table[table_find(p, span_of(s->name, s->name_len))] = s;
	}
	free(old);
	p->sweep_at = MAX(2 * keep, (size_t)SWEEP_MIN);
	return ERR_OK;
}

static void shuffle(struct pace_site *s)
{
	s->random = s->random * 6364136223846793005u + 1442695040888963407u;
	s->jitter = (uint32_t)(s->random >> 54);
}

static struct pace_site *site_get(struct pace *p, struct span name, int64_t now)
{
	size_t i = table_find(p, name);
	struct pace_site *s = p->table[i];

	if (s)
		return s;
	if (p->sites >= p->sweep_at || 2 * (p->sites + 1) > p->table_size) {
		if (table_make_room(p, now))
			return NULL;
		i = table_find(p, name);
	}
	s = calloc(1, sizeof(*s) + name.len);
	if (!s)
		return NULL;
	memcpy(s->name, name.ptr ? name.ptr : "", name.len);
	s->name_len = (uint32_t)name.len;
	s->last_start = s->blocked = s->struck = s->since = INT64_MIN;
	/* one that was forgotten in between does not begin with the same throw again */
	s->random = ((hash64(name) ^ p->options.seed) + p->turn * 0x9e3779b97f4a7c15u) | 1;
	shuffle(s);
	s->heap_at = NOT_IN_HEAP;
	p->table[i] = s;
	p->sites++;
	return s;
}

/* ---- the life of an item ---- */

enum err pace_new(const struct pace_options *options, struct pace **ret)
{
	struct pace *p = calloc(1, sizeof(*p));

	if (!p)
		return ERR_NOMEM;
	p->options = *options;
	p->window = options->transfers;
	p->table_size = 64;
	p->sweep_at = SWEEP_MIN;
	p->streak = 1;
	p->last_answer = INT64_MIN;
	p->last_start = INT64_MIN / 2; /* long ago, in any epoch */
	p->table = calloc(p->table_size, sizeof(struct pace_site *));
	p->heap = calloc(p->table_size, sizeof(struct pace_site *));
	if (!p->table || !p->heap) {
		pace_free(p);
		return ERR_NOMEM;
	}
	*ret = p;
	return ERR_OK;
}

struct pace *pace_free(struct pace *p)
{
	if (!p)
		return NULL;
	for (size_t i = 0; p->table && i < p->table_size; i++)
		free(p->table[i]);
	free(p->table);
	free(p->heap);
	free(p);
	return NULL;
}

enum err pace_add(struct pace *p, struct pace_item *item, struct span site, unsigned gap_ms,
		  unsigned connections, int64_t now)
{
	assert(item->state == IDLE);
	struct pace_site *s = site_get(p, site, now);

	if (!s)
		return ERR_NOMEM;
	item->site = s;
	item->gap_ms = gap_ms;
	item->connections = (uint8_t)MIN(MAX(connections, 1u), 255u);
	item->state = QUEUED;
	struct pace_item *after = s->last;

	while (item->urgent && after && !after->urgent)
		after = after->prev;
	item->prev = after;
	item->next = after ? after->next : s->first;
	*(item->prev ? &item->prev->next : &s->first) = item;
	*(item->next ? &item->next->prev : &s->last) = item;
	p->queued++;
	if (s->first == item) {
		bool alone = !item->next;

		s->since = alone || item->urgent ? now : s->since;
		if (alone && !item->urgent && s->last_start == INT64_MIN)
			s->since += (int64_t)MIN(gap_ms, p->options.spread_ms) * s->jitter >> 10;
		site_place(p, s);
	}
	return ERR_OK;
}

static void unlink_item(struct pace *p, struct pace_item *item)
{
	struct pace_site *s = item->site;

	*(item->prev ? &item->prev->next : &s->first) = item->next;
	*(item->next ? &item->next->prev : &s->last) = item->prev;
	item->prev = item->next = NULL;
	p->queued--;
}

static bool may_start(const struct pace *p)
{
	if (p->running >= p->window || (p->down && p->running >= PROBES))
		return false;
	return !p->options.starting || p->starting < p->options.starting;
}

/* Whether one more site may start. */
static bool ramp_allows(const struct pace *p, int64_t now)
{
	int64_t t = MIN(now - p->ramp_begun, (int64_t)MINUTE_MS);

	if (!p->options.ramp || p->heap[0]->ramp == p->ramp || now - p->last_start >= REST_MS)
		return true;
	return p->ramp_sites < PACE_RAMP + (uint64_t)(t * t) * PACE_RAMP * PACE_RAMP / 1000000;
}

static void ramp_note(struct pace *p, struct pace_site *s, int64_t now)
{
	if (now - p->last_start >= REST_MS) {
		p->ramp++;
		p->ramp_sites = 0;
		p->ramp_begun = now;
	}
	p->last_start = now;
	p->ramp_sites += s->ramp != p->ramp;
	s->ramp = p->ramp;
}

struct pace_item *pace_next(struct pace *p, int64_t now)
{
	struct pace_site *s = p->heap_len ? p->heap[0] : NULL;
	struct pace_item *item;

	if (!s || s->ready > now || !may_start(p) || (p->down && now < p->paused_until) ||
	    !ramp_allows(p, now))
		return NULL;
	item = s->first;
	unlink_item(p, item);
	item->state = STARTING;
	item->started = now;
	s->running++;
	p->running++;
	p->starting++;
	s->last_start = s->since = now;
	ramp_note(p, s, now);
	shuffle(s);
	heap_remove(p, s); /* and to the end of its time's line */
	site_place(p, s);
	return item;
}

int64_t pace_due(const struct pace *p, int64_t now)
{
	int64_t due;

	if (!p->heap_len || !may_start(p))
		return PACE_NEVER;
	due = p->down ? MAX(p->heap[0]->ready, p->paused_until) : p->heap[0]->ready;
	return due <= now && !ramp_allows(p, now) ? now + RAMP_STEP_MS : due;
}

void pace_resolved(struct pace *p, struct pace_item *item)
{
	if (item->state != STARTING)
		return;
	item->state = RUNNING;
	p->starting--;
}

/* It was the network, or may have been. */
static void acquit(struct pace *p)
{
	p->doubt = false;
	for (size_t i = 0; i < p->table_size; i++) {
		struct pace_site *s = p->table[i];

		if (!s || !s->doubted)
			continue;
		s->doubted = false;
		s->strikes = 0;
		s->struck = INT64_MIN;
		site_place(p, s);
	}
}

static void answered(struct pace *p, int64_t now)
{
	if (p->doubt)
		acquit(p);
	p->ever_answered = true;
	p->last_answer = now;
	p->down = false;
	p->silent_sites = p->doublings = 0;
	p->streak++;
}

static void silent(struct pace *p, struct pace_site *s, int64_t now)
{
	unsigned limit = p->ever_answered ? p->options.down_sites : p->options.down_sites_first;

	if (s->silent_streak != p->streak) {
		s->silent_streak = p->streak;
		p->silent_sites++;
	}
	if (!limit || p->silent_sites < limit)
		return;
	/* those that ran when it was noticed count as one */
	if (!p->down || now >= p->paused_until) {
		p->paused_until = now + ((int64_t)p->options.down_pause_ms << p->doublings);
		p->doublings = MIN(p->doublings + 1, (unsigned)PAUSE_DOUBLINGS);
	}
	p->down = true;
}

bool pace_done(struct pace *p, struct pace_item *item, enum pace_end end, int64_t now)
{
	struct pace_site *s = item->site;
	bool doubt = false;

	assert(item->state == STARTING || item->state == RUNNING);
	pace_resolved(p, item);
	item->state = IDLE;
	item->site = NULL;
	s->running--;
	p->running--;
	if (end == PACE_ANSWERED) {
		answered(p, now);
	} else if (end == PACE_SILENT && item->started >= p->last_answer) {
		silent(p, s, now);
		doubt = true;
	}
	site_place(p, s);
	return doubt;
}

void pace_remove(struct pace *p, struct pace_item *item, int64_t now)
{
	struct pace_site *s = item->site;

	if (item->state == IDLE)
		return;
	if (item->state != QUEUED) {
		pace_done(p, item, PACE_NEUTRAL, now);
		return;
	}
	unlink_item(p, item);
	item->state = IDLE;
	item->site = NULL;
	site_place(p, s);
}

/* ---- the rest ---- */

void pace_block(struct pace *p, struct span site, int64_t until, int64_t now)
{
	struct pace_site *s = site_get(p, site, now);

	if (!s)
		return; /* out of memory: the next answer will say it again */
	s->blocked = MAX(s->blocked, until);
	site_place(p, s);
}

static struct pace_site *strike(struct pace *p, struct span site, unsigned free, int64_t most, int64_t now)
{
	struct pace_site *s = site_get(p, site, now);

	if (!s)
		return NULL;
	s->strikes = MIN(s->strikes + 1, 1000u);
	if (s->strikes > free) {
		s->struck = now + MIN((int64_t)MINUTE_MS << MIN(s->strikes - free - 1, 8u), most);
		site_place(p, s);
	}
	return s;
}

void pace_strike(struct pace *p, struct span site, unsigned free, int64_t now)
{
	struct pace_site *s = strike(p, site, free, BLOCK_MAX_MS, now);

	if (s)
		s->doubted = false;
}

void pace_strike_silent(struct pace *p, struct span site, unsigned free, int64_t now)
{
	bool doubt = !p->ever_answered || now - p->last_answer > DOUBT_MS;
	struct pace_site *s = strike(p, site, free, doubt ? DOUBT_MAX_MS : BLOCK_MAX_MS, now);

	if (!s)
		return;
	s->doubted = doubt;
	p->doubt |= doubt;
}

bool pace_is_in_doubt(const struct pace *p)
{
	return p->doubt;
}

void pace_calm(struct pace *p, struct span site, int64_t now)
{
	struct pace_site *s = site_get(p, site, now);

	if (!s)
		return;
	s->strikes = 0;
	s->struck = INT64_MIN;
	s->doubted = false;
	site_place(p, s);
}

void pace_window(struct pace *p, unsigned window)
{
	p->window = MIN(window, p->options.transfers);
}

int64_t pace_ready_at(const struct pace_site *site)
{
	return site_ready(site);
}

struct pace_item *pace_first(const struct pace_site *site)
{
	return site->first;
}

static enum pace_wait waits_for(const struct pace_site *s, int64_t now)
{
	if (s->first && s->running >= s->first->connections)
		return PACE_WAITS_CONNECTION;
	if (MAX(s->blocked, s->struck) > now)
		return s->blocked >= s->struck ? PACE_WAITS_BLOCK : PACE_WAITS_STRUCK;
	return site_ready(s) > now ? PACE_WAITS_GAP : PACE_WAITS_TURN;
}

/* Keeps the greatest, in order: max is small. */
static void look_keep(struct pace_look *ret, size_t *count, size_t max, const struct pace_look *one)
{
	size_t at = *count;

	while (at && ret[at - 1].queued < one->queued)
		at--;
	if (at == max)
		return;
	if (*count < max)
		++*count;
	memmove(ret + at + 1, ret + at, (*count - at - 1) * sizeof(*ret));
	ret[at] = *one;
}

size_t pace_look(const struct pace *p, int64_t now, struct pace_look *ret, size_t max)
{
	size_t all = 0, kept = 0;

	for (size_t i = 0; i < p->table_size; i++) {
		const struct pace_site *s = p->table[i];
		struct pace_look one = {.why = PACE_WAITS_TURN};

		if (!s || (!s->first && !s->running && MAX(s->blocked, s->struck) <= now))
			continue;
		one.site = span_of(s->name, s->name_len);
		for (const struct pace_item *item = s->first; item; item = item->next)
			one.queued++;
		one.running = s->running;
		one.ready = site_ready(s);
		one.why = waits_for(s, now);
		all++;
		look_keep(ret, &kept, max, &one);
	}
	return all;
}

bool pace_is_down(const struct pace *p)
{
	return p->down;
}

int64_t pace_paused_until(const struct pace *p)
{
	return p->paused_until;
}

struct pace_item *pace_any(const struct pace *p)
{
	if (p->heap_len)
		return p->heap[0]->first;
	for (size_t i = 0; p->queued && i < p->table_size; i++)
		if (p->table[i] && p->table[i]->first)
			return p->table[i]->first;
	return NULL;
}

struct pace_counts pace_counts(const struct pace *p)
{
	return (struct pace_counts){p->queued, p->running, p->starting, p->sites};
}
