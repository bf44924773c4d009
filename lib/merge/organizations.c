/* SPDX-License-Identifier: MIT */
#include "merge/organizations.h"

#include <stdio.h>

#include "base/hash.h"
#include "base/text.h"
#include "base/url.h"
#include "document/frontmatter.h"

enum {
	NAMES_MEMORY = 32 * 1024 * 1024, /* hosts and names of the most that are kept */
	PARSE_MEMORY = 16 * 1024 * 1024, /* one file, parsed */
	HOST_MAX = 253,
};

struct organization {
	struct span host, name;
};

struct organizations {
	struct arena arena;
	struct organization *at;
	size_t count, room;
};

struct organizations *organizations_new(void)
{
	struct organizations *o = calloc(1, sizeof(*o));

	if (o)
		o->arena = ARENA_INIT(NAMES_MEMORY);
	return o;
}

/* "example.org" of "example.org.md"; SPAN_NONE. */
static struct span domain_of(struct span file)
{
	static const struct {
		const char *text;
		size_t len;
	} ends[] = {{".md", 3}, {".markdown", 9}};

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (span_ends_nocase(file, span_of(ends[i].text, ends[i].len)))
			return span_sub(file, 0, file.len - ends[i].len);
	return SPAN_NONE;
}

bool organizations_is_file(struct span file)
{
	struct span domain = domain_of(file);

	return domain.len && domain.ptr[0] != '.' && span_find_byte(domain, '.') > 0;
}

/* By the one URL parser, so that it is written as the hosts of pages are. */
static enum err read_host(struct span domain, struct arena *arena, struct span *ret)
{
	char buf[HOST_MAX + 16];
	struct url u;
	enum err r;

	if (domain.len > HOST_MAX)
		return ERR_INVALID;
	for (size_t i = 0; i < domain.len; i++)
		if (strchr("/\\?#@:%", domain.ptr[i])) /* NUL too */
			return ERR_INVALID;
	(void)snprintf(buf, sizeof(buf), "http://%.*s/", SPAN_ARG(domain));
	r = url_parse(span_str(buf), NULL, arena, &u, NULL);
	if (!r)
		*ret = u.host;
	return r == ERR_NOMEM ? r : r ? ERR_INVALID : ERR_OK;
}

static struct span text_at(const struct frontmatter *fm, struct span key, struct arena *arena)
{
	const struct node *n = node_get(fm->root, key);

	return n && n->kind == NODE_SCALAR && !node_is_null(n) ? text_normal(n->value, arena) : SPAN_NONE;
}

static enum err read_name(struct span text, struct arena *arena, struct span *ret, struct error *e)
{
	struct frontmatter *fm;
	struct span name;
	enum err r = frontmatter_parse(text, arena, &fm, e);

	if (r)
		return r;
	if (!fm->present || !fm->root)
		return err_set(e, ERR_INVALID, "no front matter");
	if (fm->duplicate)
		return err_set(e, ERR_INVALID, "a key is there twice");
	name = text_at(fm, SPAN("name"), arena);
	if (!name.len)
		name = text_at(fm, SPAN("title"), arena);
	if (arena_failed(arena))
		return err_set(e, arena_failed(arena), "%s", err_text(arena_failed(arena)));
	if (!name.len)
		return err_set(e, ERR_INVALID, "neither 'name' nor 'title' is a text");
	if (text_length(name) > ORGANIZATION_NAME)
		return err_set(e, ERR_INVALID, "the name is over %d characters", ORGANIZATION_NAME);
	*ret = name;
	return ERR_OK;
}

static bool make_room(struct organizations *o)
{
	size_t room = MAX(o->room * 2, (size_t)64);
	struct organization *at;

	if (o->count < o->room)
		return true;
	at = reallocarray(o->at, room, sizeof(*at));
	if (!at)
		return false;
	o->at = at;
	o->room = room;
	return true;
}

enum err organizations_add(struct organizations *o, struct span file, struct span text, struct error *e)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(PARSE_MEMORY);
	struct organization new;
	enum err r = ERR_OK;

	if (o->count >= ORGANIZATIONS_MAX)
		return err_set(e, ERR_TOOBIG, "there are over %d", ORGANIZATIONS_MAX);
	if (text.len > ORGANIZATION_BYTES)
		return err_set(e, ERR_TOOBIG, "over %d bytes", ORGANIZATION_BYTES);
	r = read_host(domain_of(file), &arena, &new.host);
	if (r)
		return err_set(e, r, "%s", r == ERR_NOMEM ? err_text(r) : "not named as a host is");
	r = read_name(text, &arena, &new.name, e);
	if (r)
		return r;
	new.host = arena_dup(&o->arena, new.host);
	new.name = arena_dup(&o->arena, new.name);
	if (arena_failed(&o->arena) || !make_room(o))
		return err_set(e, ERR_NOMEM, "out of memory");
	o->at[o->count++] = new;
	return ERR_OK;
}

static int compare_spans(struct span a, struct span b)
{
	size_t n = MIN(a.len, b.len);
	int d = n ? memcmp(a.ptr, b.ptr, n) : 0;

	return d ? d : (a.len > b.len) - (a.len < b.len);
}

static int compare(const void *a, const void *b)
{
	const struct organization *x = a, *y = b;
	int d = compare_spans(x->host, y->host);

	return d ? d : compare_spans(x->name, y->name);
}

static int compare_host(const void *host, const void *entry)
{
	return compare_spans(*(const struct span *)host, ((const struct organization *)entry)->host);
}

void organizations_end(struct organizations *o)
{
	size_t n = 0;

	if (!o->count)
		return;
	qsort(o->at, o->count, sizeof(*o->at), compare);
	for (size_t i = 0; i < o->count; i++)
		if (!n || !span_eq(o->at[n - 1].host, o->at[i].host))
			o->at[n++] = o->at[i];
	o->count = n;
}

uint64_t organizations_hash(const struct organizations *o)
{
	uint64_t sum[3] = {0};

	for (size_t i = 0; i < o->count; i++) {
		sum[1] = hash64(o->at[i].host);
		sum[2] = hash64(o->at[i].name);
		sum[0] = hash64(span_of((const char *)sum, sizeof(sum)));
	}
	return sum[0];
}

size_t organizations_count(const struct organizations *o)
{
	return o->count;
}

static struct span find(const struct organizations *o, struct span host)
{
	const struct organization *found =
		o->count ? bsearch(&host, o->at, o->count, sizeof(*o->at), compare_host) : NULL;

	return found ? found->name : SPAN_NONE;
}

struct span organizations_name(const struct organizations *o, struct span host)
{
	struct span name;

	if (!o || !host.len)
		return SPAN_NONE;
	name = find(o, host);
	return name.len ? name : find(o, url_registrable(host));
}

struct organizations *organizations_free(struct organizations *o)
{
	if (!o)
		return NULL;
	free(o->at);
	arena_release(&o->arena);
	free(o);
	return NULL;
}
