/* SPDX-License-Identifier: MIT */
#include "merge/logos.h"

#include <stdio.h>

#include "base/url.h"
#include "merge/merge_inner.h"

enum { HOST_MAX = 253 };

/* As hosts of URLs are written; SPAN_NONE. */
static struct span host_of_domain(struct span domain, struct arena *arena)
{
	char buf[HOST_MAX + 16];
	struct url u;

	if (!domain.len || domain.len > HOST_MAX)
		return SPAN_NONE;
	(void)snprintf(buf, sizeof(buf), "http://%.*s/", SPAN_ARG(domain));
	return url_parse(span_str(buf), NULL, arena, &u, NULL) ? SPAN_NONE : u.host;
}

static struct span host_of_url(struct span url, struct arena *arena)
{
	struct url u;

	return !url.len || url_parse(url, NULL, arena, &u, NULL) ? SPAN_NONE : u.host;
}

/* What the document says of the domain counts alone: the link may lead to a platform. from: SPAN_NONE, or
 * where the page was. */
static struct span host_of(const struct link *link, struct span from, struct arena *arena)
{
	const struct field_state *domain = &link->fields[FIELD_PROVIDER_DOMAIN];

	if (domain->presence == FIELD_PRESENT)
		return host_of_domain(span_trim(domain->value), arena);
	return host_of_url(from.len ? from : link->url, arena);
}

/* "//host/path" has its host already. */
static bool is_path(struct span url)
{
	return url.len && url.ptr[0] == '/' && !span_starts(url, SPAN("//"));
}

static bool is_before(struct span s)
{
	return !s.len || (s.len <= LOGO_BEFORE && (s.ptr[0] == '/' || span_starts(s, SPAN("https://")) ||
						   span_starts(s, SPAN("http://"))));
}

static enum err count_form(struct logo_votes *v, struct span before, size_t index, struct arena *arena)
{
	for (size_t i = 0; i < v->count; i++) {
		if (v->forms[i].index != index || !span_eq(v->forms[i].before, before))
			continue;
		v->forms[i].votes++;
		return ERR_OK;
	}
	if (v->count == ARRAY_SIZE(v->forms))
		return ERR_OK;
	before = arena_dup(arena, before);
	if (!before.ptr)
		return ERR_NOMEM;
	v->forms[v->count].before = before;
	v->forms[v->count].index = index;
	v->forms[v->count++].votes = 1;
	return ERR_OK;
}

enum err logos_vote(const struct organizations *o, const struct document *doc, struct arena *arena,
		    struct logo_votes *v)
{
	const struct link *link = doc->link_count ? &doc->links[0] : NULL;
	const struct image *images;
	struct span url;
	size_t n;

	if (!link || link->related >= 0 || link->fields[FIELD_PROVIDER_IMAGE].presence != FIELD_PRESENT)
		return ERR_OK;
	v->used = true;
	url = link->fields[FIELD_PROVIDER_IMAGE].value;
	n = organizations_images(o, host_of(link, SPAN_NONE, arena), &images);
	for (size_t i = 0; i < n; i++) {
		struct span before;

		if (!is_path(images[i].url) || !span_ends(url, images[i].url))
			continue;
		before = span_sub(url, 0, url.len - images[i].url.len);
		if (is_before(before))
			return count_form(v, before, i, arena);
	}
	return arena_failed(arena);
}

struct logos logos_elected(const struct logo_votes *v)
{
	struct logos best = {.used = v->used, .before = SPAN("")};
	unsigned most = 0;

	for (size_t i = 0; i < v->count; i++) {
		struct span before = v->forms[i].before;
		int d = span_cmp(before, best.before);

		if (v->forms[i].votes < most)
			continue;
		if (v->forms[i].votes == most && (d > 0 || (!d && v->forms[i].index > best.index)))
			continue;
		most = v->forms[i].votes;
		best.before = before;
		best.index = v->forms[i].index;
	}
	return best;
}

static struct span joined(struct arena *arena, struct span a, struct span b)
{
	char *p = arena_alloc(arena, a.len + b.len);

	if (!p)
		return SPAN_NONE;
	memcpy(p, a.ptr, a.len);
	memcpy(p + a.len, b.ptr, b.len);
	return span_of(p, a.len + b.len);
}

struct image logos_picture(const struct organizations *o, const struct logos *logos, const struct link *link,
			   struct span from, struct arena *arena)
{
	const struct image *images;
	size_t n = organizations_images(o, host_of(link, from, arena), &images);
	struct image image = {.url = SPAN_NONE};

	if (!n)
		return image;
	image = images[logos && logos->index < n ? logos->index : 0];
	if (logos && logos->before.len && is_path(image.url))
		image.url = joined(arena, logos->before, image.url);
	return image;
}

/* A picture without the provider that it is of would say nothing. */
static bool has_place(const struct merger *m, const struct want *want, const struct link *link)
{
	if (link->fields[FIELD_PROVIDER_IMAGE].presence != FIELD_ABSENT ||
	    link->fields[FIELD_PROVIDER_NAME].presence == FIELD_PRESENT ||
	    link->fields[FIELD_PROVIDER_DOMAIN].presence == FIELD_PRESENT)
		return true;
	for (size_t i = 0; i < m->patch->change_count; i++) {
		const struct merge_change *c = &m->patch->changes[i];

		if (c->link == want->link &&
		    (c->change.field == FIELD_PROVIDER_NAME || c->change.field == FIELD_PROVIDER_DOMAIN))
			return true;
	}
	return false;
}

void merge_set_logo(struct merger *m, const struct want *want, struct span from)
{
	const struct link *link = &m->doc->links[want->link];
	struct merge_change *change;
	struct image *image;

	if (!has_place(m, want, link))
		return;
	image = ARENA_NEW(m->arena, struct image);
	if (!image)
		return;
	*image = logos_picture(m->options->organizations, m->options->logos, link, from, m->arena);
	if (!image->url.ptr || span_eq(image->url, link->fields[FIELD_PROVIDER_IMAGE].value))
		return;
	change = merge_add(m, want, FIELD_PROVIDER_IMAGE, MERGE_TABLE, SPAN_NONE);
	change->change.images = image;
	change->change.image_count = 1;
}
