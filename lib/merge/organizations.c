/* SPDX-License-Identifier: MIT */
#include "merge/organizations.h"

#include <stdio.h>

#include "base/hash.h"
#include "base/text.h"
#include "base/url.h"
#include "document/frontmatter.h"

enum {
	NAMES_MEMORY = 128 * 1024 * 1024, /* all that is kept of the most sites */
	PARSE_MEMORY = 16 * 1024 * 1024,  /* one file, parsed */
	HOST_MAX = 253,
	SIDE_MAX = 1000000,
};

struct organization {
	struct span host, name;
	struct image *images;
	size_t image_count;
};

struct organizations {
	struct arena arena;
	struct organization *at;
	size_t count, room;
	bool has_images;
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

static bool is_picture(struct span url)
{
	if (!url.len || url.len > ORGANIZATION_URL)
		return false;
	for (size_t i = 0; i < url.len; i++)
		if ((unsigned char)url.ptr[i] <= ' ' || url.ptr[i] == 0x7f)
			return false;
	return url.ptr[0] == '/' || span_starts_nocase(url, SPAN("https://")) ||
	       span_starts_nocase(url, SPAN("http://"));
}

static unsigned side_at(const struct node *map, struct span key)
{
	const struct node *n = node_get(map, key);
	uint64_t side = 0;

	return n && n->kind == NODE_SCALAR && span_to_uint(n->value, SIDE_MAX, &side) ? (unsigned)side : 0;
}

/* What of it is no picture is left out: the name counts all the same. */
static enum err read_images(const struct node *list, struct arena *arena, struct organization *ret)
{
	ret->image_count = 0;
	ret->images = ARENA_NEW_ARRAY(arena, struct image, ORGANIZATION_IMAGES);
	if (!ret->images)
		return ERR_NOMEM;
	for (const struct node *n = list && list->kind == NODE_SEQUENCE ? list->first : NULL;
	     n && ret->image_count < ORGANIZATION_IMAGES; n = n->next) {
		const struct node *url = n->kind == NODE_MAPPING ? node_get(n, SPAN("url")) : n;
		struct span text = url && url->kind == NODE_SCALAR ? span_trim(url->value) : SPAN_NONE;

		if (is_picture(text))
			ret->images[ret->image_count++] = (struct image){
				.url = text,
				.width = n == url ? 0 : side_at(n, SPAN("width")),
				.height = n == url ? 0 : side_at(n, SPAN("height")),
			};
	}
	return ERR_OK;
}

static enum err read_site(struct span text, struct arena *arena, struct organization *ret, struct error *e)
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
	r = read_images(node_get(fm->root, SPAN("images")), arena, ret);
	name = text_at(fm, SPAN("name"), arena);
	if (!name.len)
		name = text_at(fm, SPAN("title"), arena);
	if (arena_failed(arena))
		return err_set(e, arena_failed(arena), "%s", err_text(arena_failed(arena)));
	if (!name.len)
		return err_set(e, ERR_INVALID, "neither 'name' nor 'title' is a text");
	if (text_length(name) > ORGANIZATION_NAME)
		return err_set(e, ERR_INVALID, "the name is over %d characters", ORGANIZATION_NAME);
	ret->name = name;
	return r;
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

/* Its texts become the table's. */
static void keep(struct organizations *o, struct organization *new)
{
	struct image *images =
		new->image_count ? ARENA_NEW_ARRAY(&o->arena, struct image, new->image_count) : NULL;

	for (size_t i = 0; images && i < new->image_count; i++) {
		images[i] = new->images[i];
		images[i].url = arena_dup(&o->arena, images[i].url);
	}
	new->images = images;
	new->host = arena_dup(&o->arena, new->host);
	new->name = arena_dup(&o->arena, new->name);
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
	r = read_site(text, &arena, &new, e);
	if (r)
		return r;
	keep(o, &new);
	if (arena_failed(&o->arena) || !make_room(o))
		return err_set(e, ERR_NOMEM, "out of memory");
	o->at[o->count++] = new;
	o->has_images |= new.image_count > 0;
	return ERR_OK;
}

static int compare_images(const struct organization *x, const struct organization *y)
{
	for (size_t i = 0; i < MIN(x->image_count, y->image_count); i++) {
		int d = span_cmp(x->images[i].url, y->images[i].url);

		if (d)
			return d;
	}
	return (x->image_count > y->image_count) - (x->image_count < y->image_count);
}

static int compare(const void *a, const void *b)
{
	const struct organization *x = a, *y = b;
	int d = span_cmp(x->host, y->host);

	if (!d)
		d = span_cmp(x->name, y->name);
	return d ? d : compare_images(x, y);
}

static int compare_host(const void *host, const void *entry)
{
	return span_cmp(*(const struct span *)host, ((const struct organization *)entry)->host);
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
		for (size_t k = 0; k < o->at[i].image_count; k++) {
			const struct image *image = &o->at[i].images[k];

			sum[1] = hash64(image->url);
			sum[2] = (uint64_t)image->width << 32 | image->height;
			sum[0] = hash64(span_of((const char *)sum, sizeof(sum)));
		}
	}
	return sum[0];
}

size_t organizations_count(const struct organizations *o)
{
	return o->count;
}

static const struct organization *find(const struct organizations *o, struct span host)
{
	return o && o->count && host.len ? bsearch(&host, o->at, o->count, sizeof(*o->at), compare_host)
					 : NULL;
}

struct span organizations_name(const struct organizations *o, struct span host)
{
	const struct organization *found = find(o, host);

	if (!found)
		found = find(o, url_registrable(host));
	return found ? found->name : SPAN_NONE;
}

size_t organizations_images(const struct organizations *o, struct span host, const struct image **ret)
{
	const struct organization *found = find(o, host);

	if (!found || !found->image_count)
		found = find(o, url_registrable(host));
	*ret = found ? found->images : NULL;
	return found ? found->image_count : 0;
}

bool organizations_have_images(const struct organizations *o)
{
	return o && o->has_images;
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
