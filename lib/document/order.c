/* SPDX-License-Identifier: MIT */
#include "document/order.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "document/beneath.h"
#include "document/read.h"

enum {
	VOTE_BASE = 1,
	VOTE_DOCUMENT = 2,
	PARSE_MAX = 64 * 1024 * 1024,
	TEXT_MAX = 512 * 1024, /* a longer document has no vote */
	NAMES_MAX = 1024 * 1024,
	DEPTH_MAX = 4,
};

struct place_votes {
	struct span where; /* as key_order has it */
	struct span keys[ORDER_KEYS];
	bool seen[ORDER_KEYS]; /* by a document; the base's own keys come first, in its order */
	size_t count;
	unsigned before[ORDER_KEYS][ORDER_KEYS]; /* [a][b]: votes for a before b */
};

struct key_votes {
	struct arena arena; /* names */
	struct place_votes places[ORDER_PLACES];
	size_t count;
};

static struct place_votes *place_of(struct key_votes *v, struct span where)
{
	for (size_t i = 0; i < v->count; i++)
		if (span_eq(v->places[i].where, where))
			return &v->places[i];
	if (v->count == ORDER_PLACES)
		return NULL;
	v->places[v->count].where = arena_dup(&v->arena, where);
	return &v->places[v->count++];
}

static int key_index(struct key_votes *v, struct place_votes *p, struct span key)
{
	for (size_t i = 0; i < p->count; i++)
		if (span_eq(p->keys[i], key))
			return (int)i;
	/* the order is written as words */
	if (p->count == ORDER_KEYS || !key.len || span_find_byte(key, ' ') >= 0)
		return -1;
	p->keys[p->count] = arena_dup(&v->arena, key);
	return (int)p->count++;
}

static void vote(struct place_votes *p, const int *ranks, size_t n, unsigned weight)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			p->before[ranks[i]][ranks[k]] += weight;
}

enum err key_votes_new(const struct key_order *base, struct key_votes **ret)
{
	struct key_votes *v = calloc(1, sizeof(*v));

	if (!v)
		return ERR_NOMEM;
	v->arena = ARENA_INIT(NAMES_MAX);
	for (; base && base->where; base++) {
		struct place_votes *p = place_of(v, span_str(base->where));
		struct span rest = span_str(base->keys);
		int ranks[ORDER_KEYS];
		size_t n = 0;

		while (p && rest.ptr && n < ORDER_KEYS) {
			int i = key_index(v, p, span_split(&rest, ' '));

			if (i >= 0)
				ranks[n++] = i;
		}
		if (p)
			vote(p, ranks, n, VOTE_BASE);
	}
	if (arena_failed(&v->arena)) {
		key_votes_free(v);
		return ERR_NOMEM;
	}
	*ret = v;
	return ERR_OK;
}

/* Bounded: deeper mappings are nobody's fields. */
static void count_map(struct key_votes *v, const struct node *map, struct span where, unsigned depth)
{
	struct place_votes *p = place_of(v, where);
	int ranks[ORDER_KEYS];
	size_t n = 0;

	for (const struct node *c = map->first; c; c = c->next) {
		char list[80];
		int i;

		if (c->key->kind != NODE_SCALAR)
			continue;
		i = p && n < ORDER_KEYS ? key_index(v, p, c->key->value) : -1;
		if (i >= 0) {
			p->seen[i] = true;
			ranks[n++] = i;
		}
		if (depth == DEPTH_MAX)
			continue;
		if (c->kind == NODE_MAPPING)
			count_map(v, c, c->key->value, depth + 1);
		if (c->kind != NODE_SEQUENCE || !c->first || c->first->kind != NODE_MAPPING)
			continue;
		(void)snprintf(list, sizeof(list), "%.*s[]", (int)MIN(c->key->value.len, 70),
			       c->key->value.ptr);
		for (const struct node *item = c->first; item; item = item->next)
			if (item->kind == NODE_MAPPING)
				count_map(v, item, span_str(list), depth + 1);
	}
	if (p)
		vote(p, ranks, n, VOTE_DOCUMENT);
}

enum err key_votes_add(struct key_votes *v, struct span text)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(PARSE_MAX);
	struct frontmatter *fm;
	enum err r = frontmatter_parse(text, &arena, &fm, NULL);

	if (r == ERR_NOMEM)
		return r;
	if (!r && fm->present && fm->root && !fm->duplicate)
		count_map(v, fm->root, SPAN(""), 0);
	return arena_failed(&v->arena) == ERR_NOMEM ? ERR_NOMEM : ERR_OK;
}

/* Keys that most votes put before this one and that have no place yet; of those that documents have. */
static size_t waits_for(const struct place_votes *p, const bool *done, size_t i)
{
	size_t n = 0;

	for (size_t k = 0; k < p->count; k++)
		n += p->seen[k] && !done[k] && p->before[k][i] > p->before[i][k];
	return n;
}

/* Next is who waits for the fewest: for nobody, where the votes do not contradict each other. */
static size_t order_seen(const struct place_votes *p, size_t *order)
{
	bool done[ORDER_KEYS] = {false};
	size_t n = 0;

	for (;;) {
		size_t best = p->count, least = SIZE_MAX;

		for (size_t i = 0; i < p->count; i++) {
			size_t waits = p->seen[i] && !done[i] ? waits_for(p, done, i) : SIZE_MAX;

			if (waits < least) {
				best = i;
				least = waits;
			}
		}
		if (best == p->count)
			return n;
		done[best] = true;
		order[n++] = best;
	}
}

/* A key that no document has goes behind the one that the base puts before it. */
static size_t insert_unseen(const struct place_votes *p, size_t *order, size_t n)
{
	for (size_t i = 0; i < p->count; i++) {
		size_t at = 0;

		if (p->seen[i])
			continue;
		for (size_t k = 0; k < n; k++)
			if (order[k] + 1 == i)
				at = k + 1;
		memmove(order + at + 1, order + at, (n - at) * sizeof(*order));
		order[at] = i;
		n++;
	}
	return n;
}

static char *ordered(const struct place_votes *p, struct arena *arena)
{
	CLEANUP(strbuf_release) struct strbuf words = STRBUF_INIT(NAMES_MAX);
	size_t order[ORDER_KEYS], n = insert_unseen(p, order, order_seen(p, order));

	for (size_t i = 0; i < n; i++)
		if (strbuf_addf(&words, "%s%.*s", i ? " " : "", SPAN_ARG(p->keys[order[i]])))
			return NULL;
	return arena_strdup(arena, strbuf_span(&words));
}

enum err key_votes_count(struct key_votes *v, struct arena *arena, const struct key_order **ret)
{
	struct key_order *order = ARENA_NEW_ARRAY(arena, struct key_order, v->count + 1);

	if (!order)
		return ERR_NOMEM;
	for (size_t i = 0; i < v->count; i++) {
		order[i] = (struct key_order){arena_strdup(arena, v->places[i].where),
					      ordered(&v->places[i], arena)};
		if (!order[i].where || !order[i].keys)
			return ERR_NOMEM;
	}
	*ret = order;
	return ERR_OK;
}

struct key_votes *key_votes_free(struct key_votes *v)
{
	if (v)
		arena_release(&v->arena);
	free(v);
	return NULL;
}

/* The last ORDER_DOCUMENTS names, in no order: who votes matters, not when. */
struct names {
	char *at[ORDER_DOCUMENTS];
	size_t count;
};

static void names_release(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->at[i]);
}

static void keep_last(struct names *names, const char *name)
{
	size_t least = 0;
	char *copy;

	for (size_t i = 1; i < names->count; i++)
		if (strcmp(names->at[i], names->at[least]) < 0)
			least = i;
	if (names->count == ORDER_DOCUMENTS && strcmp(name, names->at[least]) <= 0)
		return;
	copy = strdup(name);
	if (!copy)
		return;
	if (names->count < ORDER_DOCUMENTS) {
		names->at[names->count++] = copy;
	} else {
		free(names->at[least]);
		names->at[least] = copy;
	}
}

static void list_documents(int folder, struct names *names)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (!dir && fd >= 0)
		close(fd);
	if (!dir)
		return;
	for (struct dirent *d; (d = readdir(dir));) {
		struct span name = span_str(d->d_name);

		if (*d->d_name != '.' &&
		    (span_ends_nocase(name, SPAN(".md")) || span_ends_nocase(name, SPAN(".markdown"))))
			keep_last(names, d->d_name);
	}
	closedir(dir);
}

enum err order_documents(int root, const char *path, enum err (*each)(void *arg, struct span text), void *arg)
{
	CLEANUP(names_release) struct names names = {.count = 0};
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(TEXT_MAX);
	const char *name;
	int folder;
	enum err r = ERR_OK;

	if (beneath_folder(root, path, &folder, &name, NULL))
		return ERR_OK;
	list_documents(folder, &names);
	for (size_t i = 0; i < names.count && !r; i++) {
		strbuf_truncate(&text, 0);
		if (!document_read(folder, names.at[i], &text, NULL, NULL))
			r = each(arg, strbuf_span(&text));
	}
	close(folder);
	return r;
}
