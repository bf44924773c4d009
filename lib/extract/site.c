/* SPDX-License-Identifier: MIT */
#include "extract/site.h"

#include <stdlib.h>

#include "base/hash.h"
#include "extract/site_inner.h"

enum {
	DESCRIPTIONS_MAX = 4, /* of each kind so many of a page, in page order */
	PICTURES_MAX = 8,
	TITLES_MAX = 4,
	EXCERPT_KEY = 600, /* bytes of a description that are compared, as choose_inner.h has it */
	START_KEY = 64,
	SHORT = 8, /* bytes of a key that says too little */
	NEED_DESCRIPTION = 2,
	NEED_CARD = 2,     /* a picture that the metadata alone name */
	NEED_SHOWN = 4,    /* one that stands among the text too: a story in parts shows it again */
	NEED_HEADLINE = 2, /* all the same: by the rule of titles then four pages */
	NEED_AFFIX = 3,
};
_Static_assert((int)NEED_SHOWN <= (int)SITE_NEED_MAX, "what the state counts to");

uint64_t mark_value(enum mark_kind kind, struct span key)
{
	/* kinds are told apart by what the hash is turned by: the same words may be all of a title and its
	 * end */
	return (hash64(key) ^ (uint64_t)(kind + 1) * 0x9e3779b97f4a7c15u) >> 1;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

bool mark_is_shared(const struct site_defaults *d, enum mark_kind kind, struct span key)
{
	uint64_t value = mark_value(kind, key);

	return d && d->count && key.len && bsearch(&value, d->values, d->count, sizeof(value), compare);
}

static void add(struct site_view *v, enum mark_kind kind, struct span key, unsigned need)
{
	uint64_t value = mark_value(kind, key);

	for (size_t i = 0; i < v->count; i++)
		if (v->marks[i].value == value) {
			v->marks[i].need = MAX(v->marks[i].need, need);
			return;
		}
	if (v->count < SITE_MARKS_MAX)
		v->marks[v->count++] = (struct site_mark){value, need};
}

static struct span host_of(const struct url *u)
{
	return span_starts(u->host, SPAN("www.")) ? span_sub(u->host, 4, u->host.len) : u->host;
}

struct span site_host(struct span url, struct arena *arena)
{
	struct url u;

	if (!url.len || url_parse(url, NULL, arena, &u, NULL))
		return SPAN_NONE;
	return host_of(&u);
}

static struct span start_of(struct span key)
{
	size_t n = MIN(key.len, (size_t)START_KEY);

	return span_sub(key, 0, n);
}

static void mark_descriptions(const struct page *page, struct arena *arena, struct site_view *v)
{
	unsigned n = 0;

	for (size_t i = 0; i < page->candidate_count && n < DESCRIPTIONS_MAX; i++) {
		const struct candidate *k = &page->candidates[i];
		struct span key;

		if (k->field != FIELD_EXCERPT || k->score < 20) /* a body */
			continue;
		key = squash(span_sub(k->value, 0, EXCERPT_KEY), arena);
		if (key.len < SHORT)
			continue;
		add(v, MARK_EXCERPT, key, NEED_DESCRIPTION);
		if (key.len >= START_KEY)
			add(v, MARK_EXCERPT_START, start_of(key), NEED_DESCRIPTION);
		n++;
	}
}

static bool is_shown(const struct candidate *k)
{
	return span_starts(k->source, SPAN("<img>"));
}

static void mark_pictures(const struct page *page, struct site_view *v)
{
	unsigned named = 0, shown = 0;

	for (size_t i = 0; i < page->candidate_count; i++) {
		const struct candidate *k = &page->candidates[i];

		if (k->field != FIELD_IMAGE || k->score <= 0)
			continue;
		if (is_shown(k) ? shown++ < PICTURES_MAX : named++ < PICTURES_MAX)
			add(v, MARK_IMAGE, k->value, is_shown(k) ? NEED_SHOWN : NEED_CARD);
	}
}

static void mark_titles(const struct page *page, struct arena *arena, struct site_view *v)
{
	unsigned n = 0;

	for (size_t i = 0; i < page->candidate_count && n < TITLES_MAX; i++) {
		const struct candidate *k = &page->candidates[i];
		struct span head, tail, key;

		if (k->field != FIELD_TITLE || k->score <= 0)
			continue;
		n++;
		key = squash(k->value, arena);
		if (key.len)
			add(v, MARK_TITLE, key, NEED_HEADLINE);
		if (title_part(k->value, true, &head, &tail) && (key = squash(tail, arena)).len)
			add(v, MARK_TITLE_TAIL, key, NEED_AFFIX);
		if (title_part(k->value, false, &head, &tail) && (key = squash(head, arena)).len)
			add(v, MARK_TITLE_HEAD, key, NEED_AFFIX);
	}
}

static struct span best_title(const struct page *page)
{
	const struct candidate *best = NULL;

	for (size_t i = 0; i < page->candidate_count; i++) {
		const struct candidate *k = &page->candidates[i];

		if (k->field == FIELD_TITLE && (!best || k->score > best->score))
			best = k;
	}
	return best ? best->value : SPAN_NONE;
}

enum err site_view(struct page *page, struct span final_url, struct arena *arena, struct site_view *ret)
{
	struct metadata md = {0};
	const struct choose_options options = {0};
	struct chooser c = {.page = page, .options = &options, .arena = arena, .ret = &md};
	struct url u;

	*ret = (struct site_view){.host = SPAN_NONE};
	if (page->verdict != VERDICT_ARTICLE || !final_url.len || url_parse(final_url, NULL, arena, &u, NULL))
		return arena_failed(arena);
	choose_address(&c);
	choose_weburl(&c);
	ret->host = host_of(&u);
	ret->page = hash64(md.chosen[FIELD_WEBURL] ? md.chosen[FIELD_WEBURL]->value : url_key(&u)) >> 1;
	ret->title = hash64(squash(best_title(page), arena)) >> 1;
	mark_titles(page, arena, ret);
	mark_descriptions(page, arena, ret);
	mark_pictures(page, ret);
	return arena_failed(arena);
}

bool site_is_default(const struct site_defaults *d, enum field field, struct span value, struct arena *arena)
{
	struct span key, head, tail;

	if (!d || !d->count || !value.len)
		return false;
	if (field == FIELD_IMAGE)
		return mark_is_shared(d, MARK_IMAGE, value);
	key = squash(span_sub(value, 0, EXCERPT_KEY), arena);
	if (field == FIELD_EXCERPT)
		return mark_is_shared(d, MARK_EXCERPT, key) ||
		       (key.len >= START_KEY && mark_is_shared(d, MARK_EXCERPT_START, start_of(key)));
	if (field != FIELD_TITLE)
		return false;
	return mark_is_shared(d, MARK_TITLE, key) ||
	       (title_part(value, true, &head, &tail) &&
		mark_is_shared(d, MARK_TITLE_TAIL, squash(tail, arena))) ||
	       (title_part(value, false, &head, &tail) &&
		mark_is_shared(d, MARK_TITLE_HEAD, squash(head, arena)));
}
