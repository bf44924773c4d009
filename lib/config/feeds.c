/* SPDX-License-Identifier: MIT */
/* feeds.c - subscriptions, and what is to become of their items. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/url.h"
#include "config/table.h"

enum { NAME_MAX_BYTES = 200, CONDITIONS_MAX = 8, FILES_MAX = 10000 };

/* ---- values ---- */

enum err read_block(struct reading *rd, const struct key *k, const struct node *n, void *at)
{
	if (n->kind != NODE_SCALAR)
		return key_refuse(rd, k, n, ERR_INVALID);
	if (n->text.len > k->max)
		return key_refuse(rd, k, n, ERR_RANGE);
	*(const char **)at = arena_strdup(&rd->w->arena, n->text);
	return *(const char **)at ? ERR_OK : no_memory(rd);
}

static bool is_key_name(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!byte_is_alnum(s.ptr[i]) && s.ptr[i] != '_' && s.ptr[i] != '-')
			return false;
	return s.len && s.len <= 60 && !byte_is_digit(s.ptr[0]) && s.ptr[0] != '-';
}

static enum err read_default(struct reading *rd, const struct key *k, const struct pair *p,
			     struct feed_default *ret)
{
	const struct node *n = p->value;

	if (!is_key_name(p->key->text))
		return part_refuse(rd, k, p->key, "a key of letters, digits, - and _ is allowed");
	ret->key = arena_strdup(&rd->w->arena, p->key->text);
	if (!ret->key)
		return no_memory(rd);
	if (n->kind == NODE_LIST)
		return read_globs(rd, k, n, &ret->items); /* lines of text, as many as are allowed */
	if (n->kind != NODE_SCALAR || !text_is_line(n->text) || n->text.len > 1024)
		return part_refuse(rd, k, p->key,
				   "its value is a line of at most 1024 bytes, or a list of such");
	ret->plain = n->plain && n->text.len > 0;
	ret->text = arena_strdup(&rd->w->arena, n->text);
	return ret->text ? ERR_OK : no_memory(rd);
}

enum err read_defaults(struct reading *rd, const struct key *k, const struct node *n, void *base)
{
	struct feed_settings *f = base;
	struct feed_default *list;
	enum err r;

	if (n->kind != NODE_MAP)
		return key_refuse(rd, k, n, ERR_INVALID);
	r = check_count(rd, k, n, k->max);
	if (r)
		return r;
	list = ARENA_NEW_ARRAY(&rd->w->arena, struct feed_default, n->count + 1);
	if (!list)
		return no_memory(rd);
	f->defaults = list;
	f->default_count = 0;
	for (const struct pair *p = n->first; p && !r; p = p->next)
		r = read_default(rd, k, p, &list[f->default_count++]);
	return r;
}

static enum err read_condition(struct reading *rd, const struct key *k, struct span field,
			       const struct node *n, struct feed_condition *ret)
{
	if (n->kind != NODE_SCALAR || !n->text.len || n->text.len > 4096)
		return part_refuse(rd, k, n, "a pattern of at most 4096 bytes is allowed");
	ret->field = arena_strdup(&rd->w->arena, field);
	ret->pattern = arena_strdup(&rd->w->arena, n->text);
	return ret->field && ret->pattern ? ERR_OK : no_memory(rd);
}

/* {title: x, tag: y}: all of them. */
static enum err read_rule(struct reading *rd, const struct key *k, const struct node *n,
			  struct feed_rule *ret)
{
	enum err r = ERR_OK;

	if (n->kind != NODE_MAP || !n->count || n->count > CONDITIONS_MAX)
		return part_refuse(rd, k, n, "a mapping of one to eight fields to patterns is allowed");
	ret->conditions = ARENA_NEW_ARRAY(&rd->w->arena, struct feed_condition, n->count);
	if (!ret->conditions)
		return no_memory(rd);
	for (const struct pair *p = n->first; p && !r; p = p->next)
		r = read_condition(rd, k, p->key->text, p->value, &ret->conditions[ret->count++]);
	return r;
}

static enum err new_rules(struct reading *rd, const struct key *k, const struct node *n,
			  struct feed_rules *ret)
{
	enum err r = check_count(rd, k, n, k->max);

	if (r)
		return r;
	ret->at = ARENA_NEW_ARRAY(&rd->w->arena, struct feed_rule, n->count + 1);
	return ret->at ? ERR_OK : no_memory(rd);
}

enum err read_rules(struct reading *rd, const struct key *k, const struct node *n, void *at)
{
	struct feed_rules rules = {NULL, 0};
	enum err r;

	if (n->kind == NODE_SCALAR)
		return key_refuse(rd, k, n, ERR_INVALID);
	r = new_rules(rd, k, n, &rules);
	if (!r && n->kind == NODE_MAP) /* one rule need not be a list */
		r = read_rule(rd, k, n, &rules.at[rules.count++]);
	for (const struct pair *p = n->first; p && !r && n->kind == NODE_LIST; p = p->next)
		r = read_rule(rd, k, p->value, &rules.at[rules.count++]);
	if (!r)
		*(struct feed_rules *)at = rules;
	return r;
}

enum err read_topics(struct reading *rd, const struct key *k, const struct node *n, void *at)
{
	struct feed_rules rules = {NULL, 0};
	enum err r;

	if (n->kind != NODE_MAP)
		return key_refuse(rd, k, n, ERR_INVALID);
	r = new_rules(rd, k, n, &rules);
	for (const struct pair *p = n->first; p && !r; p = p->next) {
		struct feed_rule *rule = &rules.at[rules.count++];

		if (!p->key->text.len || p->key->text.len > NAME_MAX_BYTES || !text_is_line(p->key->text))
			return part_refuse(rd, k, p->key, "a topic is a line of at most 200 bytes");
		rule->topic = arena_strdup(&rd->w->arena, p->key->text);
		if (!rule->topic)
			return no_memory(rd);
		if (p->value->kind == NODE_MAP) {
			r = read_rule(rd, k, p->value, rule);
			continue;
		}
		rule->conditions = ARENA_NEW(&rd->w->arena, struct feed_condition);
		rule->count = 1;
		r = rule->conditions ? read_condition(rd, k, SPAN("tag"), p->value, rule->conditions)
				     : no_memory(rd);
	}
	if (!r)
		*(struct feed_rules *)at = rules;
	return r;
}

enum err read_first(struct reading *rd, const struct key *k, const struct node *n, void *at)
{
	struct feed_first *f = at;
	struct date date;
	uint64_t count;

	if (n->kind != NODE_SCALAR)
		return key_refuse(rd, k, n, ERR_INVALID);
	if (span_eq(n->text, SPAN("all"))) {
		*f = (struct feed_first){.kind = FEED_FIRST_ALL};
	} else if (span_to_uint(n->text, UINT64_MAX, &count)) {
		if (count > k->max)
			return key_refuse(rd, k, n, ERR_RANGE);
		*f = (struct feed_first){.kind = FEED_FIRST_NEWEST, .newest = (unsigned)count};
	} else if (n->text.len == 10 && n->text.ptr[4] == '-' && date_parse(n->text, &date)) {
		*f = (struct feed_first){.kind = FEED_FIRST_SINCE, .since = date.seconds};
	} else {
		return key_refuse(rd, k, n, ERR_INVALID);
	}
	return ERR_OK;
}

/* ---- the list ---- */

/* A feed of the list before it is put in order. */
struct entry {
	struct entry *next;
	const struct node *url, *map; /* map NULL: an address alone */
	const char *file;
	struct feed_config feed;
	key_set set;
};

struct listing {
	struct entry *first, **last;
	size_t count;
};

static enum err read_url(struct reading *rd, const struct key *k, const struct node *n, const char **ret)
{
	struct url u;
	enum err r = n->kind == NODE_SCALAR ? url_parse(span_trim(n->text), NULL, &rd->w->arena, &u, NULL)
					    : ERR_INVALID;

	if (r == ERR_NOMEM)
		return no_memory(rd);
	if (r)
		return part_refuse(rd, k, n, "the http or https address of a feed is allowed");
	*ret = arena_strdup(&rd->w->arena, url_key(&u));
	return *ret ? ERR_OK : no_memory(rd);
}

static enum err read_line(struct reading *rd, const struct key *k, const struct node *n, const char **ret)
{
	struct span s = span_trim(n->text);

	if (tree_is_null(n))
		return ERR_OK;
	if (n->kind != NODE_SCALAR || !s.len || s.len > NAME_MAX_BYTES || !text_is_line(s))
		return part_refuse(rd, k, n, "a line of at most 200 bytes is allowed");
	*ret = arena_strdup(&rd->w->arena, s);
	return *ret ? ERR_OK : no_memory(rd);
}

/* What is a feed's own is taken; the rest of its keys is settings. */
static enum err read_own(struct reading *rd, const struct key *k, struct entry *e, struct node *rest)
{
	struct pair **end = &rest->first;
	enum err r = ERR_OK;

	for (const struct pair *p = e->map->first; p && !r; p = p->next) {
		struct pair *copy;

		if (span_eq(p->key->text, SPAN("url"))) {
			e->url = p->value;
		} else if (span_eq(p->key->text, SPAN("name"))) {
			r = read_line(rd, k, p->value, &e->feed.name);
		} else if (span_eq(p->key->text, SPAN("category"))) {
			r = read_line(rd, k, p->value, &e->feed.category);
		} else {
			copy = ARENA_NEW(&rd->w->arena, struct pair);
			if (!copy)
				return no_memory(rd);
			*copy = (struct pair){NULL, p->key, p->value};
			*end = copy;
			end = &copy->next;
			rest->count++;
		}
	}
	return r;
}

static enum err read_entry(struct reading *rd, const struct key *k, struct entry *e)
{
	struct node rest = {.kind = NODE_MAP};
	struct config *c = &rd->w->c;
	struct reading below = *rd;
	struct url u;
	char where[300];
	enum err r = ERR_OK;

	below.file = rd->file = e->file;
	if (e->map) {
		rest.line = e->map->line;
		rest.col = e->map->col;
		r = read_own(rd, k, e, &rest);
	}
	if (r)
		return r;
	if (!e->url)
		return err_set_at(rd->e, ERR_INVALID, e->map ? e->map->line : 0, e->map ? e->map->col : 0,
				  "'feeds': found a feed without url");
	r = read_url(rd, k, e->url, &e->feed.url);
	if (r)
		return r;
	if (url_parse(span_str(e->feed.url), NULL, &rd->w->arena, &u, NULL))
		return no_memory(rd);
	e->feed.settings = c->feed_defaults;
	e->feed.host = *config_host(c, u.host);
	(void)snprintf(where, sizeof(where), "feeds.%.200s.", e->feed.url);
	below.where = where;
	r = read_settings(&below, &rest, &(struct bases){.host = &e->feed.host, .feed = &e->feed.settings},
			  &e->set);
	for (size_t i = 0; i < key_count; i++)
		e->feed.own_host |= keys[i].host && (e->set & key_bit(&keys[i]));
	if (!r && e->feed.settings.floor_ms > e->feed.settings.ceiling_ms)
		e->feed.settings.ceiling_ms = e->feed.settings.floor_ms;
	if (!r)
		rd->file = NULL;
	return r;
}

static enum err list_add(struct reading *rd, const struct key *k, const struct node *list, const char *file,
			 struct listing *l)
{
	for (const struct pair *p = list->first; p; p = p->next) {
		struct entry *e = ARENA_NEW(&rd->w->arena, struct entry);

		if (!e)
			return no_memory(rd);
		e->file = rd->file = file;
		if (p->value->kind == NODE_MAP)
			e->map = p->value;
		else
			e->url = p->value;
		*l->last = e;
		l->last = &e->next;
		if (++l->count > k->max)
			return check_count(rd, k, &(struct node){.line = p->value->line, .count = l->count},
					   k->max);
	}
	rd->file = NULL;
	return ERR_OK;
}

/* A list, or a mapping with nothing but `feeds`. */
static enum err read_feed_file(struct reading *rd, const struct key *k, const char *path, struct listing *l)
{
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(TREE_BYTES_MAX + 32768);
	const char *file = arena_strdup(&rd->w->arena, span_str(path));
	struct node *root = NULL;
	struct span kept;
	enum err r = read_text_file(path, &text, rd->e);

	/* read_text_file() has named it */
	if (r)
		return r;
	kept = arena_dup(&rd->w->arena, strbuf_span(&text));
	if (!file || !kept.ptr)
		return no_memory(rd);
	rd->file = file;
	r = tree_read(kept, &rd->w->arena, &root, rd->e);
	if (!r && root && root->kind == NODE_MAP && root->count == 1 &&
	    span_eq(root->first->key->text, SPAN("feeds")))
		root = root->first->value;
	if (r || !root || tree_is_null(root)) {
		rd->file = r ? file : NULL;
		return r;
	}
	if (root->kind != NODE_LIST)
		return key_refuse(rd, k, root, ERR_INVALID);
	return list_add(rd, k, root, file, l);
}

static int is_list_file(const struct dirent *d)
{
	struct span name = span_str(d->d_name);

	return d->d_name[0] != '.' && (span_ends(name, SPAN(".yaml")) || span_ends(name, SPAN(".yml")));
}

static enum err read_folder(struct reading *rd, const struct key *k, struct listing *l)
{
	struct config *c = &rd->w->c;
	bool named = rd->w->set & key_bit(key_find(SPAN("feeds-folder")));
	struct dirent **names;
	char path[4096];
	enum err r = ERR_OK;
	int n;

	if (!named && !rd->in_file)
		return ERR_OK;
	if (!named)
		(void)snprintf(path, sizeof(path), "%.4000s/feeds.d", rd->folder);
	n = scandir(named ? c->feeds_folder : path, &names, is_list_file, alphasort);
	if (n < 0)
		return named && errno != ENOENT /* not made yet */
			       ? err_set(rd->e, ERR_ACCESS, "'feeds-folder': %.300s cannot be read",
					 c->feeds_folder)
			       : ERR_OK;
	if (!named)
		c->feeds_folder = arena_strdup(&rd->w->arena, span_str(path));
	if (!c->feeds_folder)
		r = no_memory(rd);
	for (int i = 0; i < n; i++) {
		if (!r && i < FILES_MAX) {
			(void)snprintf(path, sizeof(path), "%.3500s/%.500s", c->feeds_folder,
				       names[i]->d_name);
			r = read_feed_file(rd, k, path, l);
		}
		free(names[i]);
	}
	free(names);
	return r;
}

static int by_url(const void *a, const void *b)
{
	const struct entry *const *x = a, *const *y = b;

	return strcmp((*x)->feed.url, (*y)->feed.url);
}

enum err read_feeds(struct reading *rd, const struct node *n)
{
	const struct key *k = key_find(SPAN("feeds"));
	struct listing l = {NULL, &l.first, 0};
	struct config *c = &rd->w->c;
	struct entry **sorted;
	size_t i = 0;
	enum err r = n ? list_add(rd, k, n, NULL, &l) : ERR_OK;

	if (!r)
		r = read_folder(rd, k, &l);
	for (struct entry *e = l.first; e && !r; e = e->next)
		r = read_entry(rd, k, e);
	if (r)
		return r;
	sorted = ARENA_NEW_ARRAY(&rd->w->arena, struct entry *, l.count + 1);
	c->feeds = ARENA_NEW_ARRAY(&rd->w->arena, struct feed_config, l.count + 1);
	rd->w->feed_set = ARENA_NEW_ARRAY(&rd->w->arena, key_set, l.count + 1);
	if (!sorted || !c->feeds || !rd->w->feed_set)
		return no_memory(rd);
	for (struct entry *e = l.first; e; e = e->next)
		sorted[i++] = e;
	qsort(sorted, l.count, sizeof(struct entry *), by_url);
	for (i = 0; i < l.count; i++) {
		if (i && strcmp(sorted[i]->feed.url, sorted[i - 1]->feed.url) == 0) {
			rd->file = sorted[i]->file;
			return part_refuse(rd, k, sorted[i]->url, "this feed stands here twice");
		}
		c->feeds[i] = sorted[i]->feed;
		rd->w->feed_set[i] = sorted[i]->set;
	}
	c->feed_count = l.count;
	return ERR_OK;
}
