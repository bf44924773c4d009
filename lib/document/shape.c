/* SPDX-License-Identifier: MIT */
#include "document/shape.h"

/* Every preset begins with these; its own text may say otherwise. */
static const char basis[] = "title=title link=originalUrl width=width height=height";

/* Names and types: the documentation and source of each generator or theme, as of 2025. */
static const struct {
	const char *name, *keys;
} presets[] = {
	{"native", "excerpt=excerpt date=publishedDateTime webUrl=webUrl type=type provider=provider.name "
		   "provider.domain=provider.domain provider.images=provider.images[].url image=images[].url "
		   "link=originalUrl|webUrl "
		   "related=related[] related.link=webUrl|originalUrl"},
	{"hugo", "excerpt=summary|description date=date image=images[] link=params.originalUrl|originalUrl"},
	{"hugo-papermod",
	 "excerpt=description|summary date=date image=cover.image link=canonicalURL|originalUrl"},
	{"hugo-stack", "excerpt=description date=date image=image"},
	{"hugo-congo", "excerpt=description|summary date=date link=externalUrl|originalUrl"},
	{"hugo-ananke", "excerpt=description date=date image=featured_image link=canonicalUrl|originalUrl"},
	{"hugo-loveit", "excerpt=description date=date image=featuredImage"},
	{"hugo-mainroad", "excerpt=lead|description date=date image=thumbnail"},
	{"jekyll",
	 "excerpt=excerpt|description date=date image=image|image.path link=canonical_url|originalUrl "
	 "date-style=spaced"},
	{"minimal-mistakes",
	 "excerpt=excerpt date=date image=header.teaser|header.image link=link|originalUrl "
	 "date-style=spaced"},
	{"chirpy", "excerpt=description date=date image=image.path|image date-style=spaced"},
	{"eleventy", "excerpt=description date=date"},
	{"astro-blog", "excerpt=description date=pubDate image=heroImage(local)"},
	{"astro-paper", "excerpt=description date=pubDatetime image=ogImage link=canonicalURL|originalUrl"},
	{"astrowind", "excerpt=excerpt date=publishDate image=image link=metadata.canonical|originalUrl"},
	{"astro-cactus", "excerpt=description date=publishDate image=ogImage"},
};

/* The seed's order, as all documents of its collection have it. */
static const struct key_order native_order[] = {
	{"", "category title excerpt publishedDateTime originalUrl webUrl ampWebUrl cdnAmpWebUrl type "
	     "quality heat "
	     "published featuredContent provider topics images related secured"},
	{"related[]", "title excerpt publishedDateTime originalUrl webUrl type provider quality images"},
	{"provider", "name domain images"},
	{"images[]", "url width height isCached"},
	{NULL, NULL},
};
static const struct key_order plain_order[] = {{"images[]", "url width height"}, {NULL, NULL}};

/* In the seed's collection these are plain, all other texts double-quoted. */
static const enum quoting native_quoting[FIELD_LINK_COUNT] = {
	[FIELD_TITLE] = QUOTING_DOUBLE,          [FIELD_EXCERPT] = QUOTING_DOUBLE,
	[FIELD_WEBURL] = QUOTING_DOUBLE,         [FIELD_IMAGE] = QUOTING_DOUBLE,
	[FIELD_PROVIDER_IMAGE] = QUOTING_DOUBLE, [FIELD_TYPE] = QUOTING_PLAIN,
	[FIELD_PROVIDER_NAME] = QUOTING_PLAIN,   [FIELD_PROVIDER_DOMAIN] = QUOTING_PLAIN,
};

const char *shape_preset(size_t index)
{
	return index < ARRAY_SIZE(presets) ? presets[index].name : NULL;
}

static enum err bad(struct error *e, const char *name, const char *what, struct span key)
{
	return err_set(e, ERR_INVALID, "fields: %s: %s '%.*s'", name, what, SPAN_ARG(span_sub(key, 0, 80)));
}

static enum err parse_path(const char *name, struct span text, struct key_path *ret, struct error *e)
{
	struct span rest = text;

	*ret = (struct key_path){.count = 0};
	while (rest.ptr) {
		struct span step = span_split(&rest, '.');
		bool list = span_ends(step, SPAN("[]"));

		if (list)
			step.len -= 2;
		if (!step.len)
			return bad(e, name, "an empty step in the key", text);
		if (span_find_byte(step, '[') >= 0 || span_find_byte(step, ']') >= 0)
			return bad(e, name, "only 'name[]' is understood of brackets, not", text);
		if (span_find_byte(step, '(') >= 0)
			return bad(e, name, "only '(local)' may stand behind a key, not", text);
		if (ret->list) {
			if (ret->item.ptr || list)
				return bad(e, name, "one step at most may follow '[]', unlike", text);
			ret->item = step;
			continue;
		}
		if (ret->count == SHAPE_STEPS)
			return bad(e, name, "too many steps in the key", text);
		ret->steps[ret->count++] = step;
		ret->list = list;
	}
	return ERR_OK;
}

static enum err parse_paths(const char *name, struct span text, struct key_paths *ret, struct error *e)
{
	struct span rest = text;

	*ret = (struct key_paths){.count = 0};
	if (span_ends(rest, SPAN("(local)"))) {
		rest.len -= SPAN("(local)").len;
		ret->local = true;
	}
	if (!text.len)
		return ERR_OK;
	while (rest.ptr) {
		enum err r;

		if (ret->count == SHAPE_ALTERNATIVES)
			return bad(e, name, "more than four alternatives in the key", text);
		r = parse_path(name, span_split(&rest, '|'), &ret->paths[ret->count++], e);
		if (r)
			return r;
	}
	return ERR_OK;
}

/* Lists hold images or related entries; nothing else is a list. */
static enum err no_list(const char *name, const struct key_paths *paths, struct span text, struct error *e)
{
	for (size_t i = 0; i < paths->count; i++)
		if (paths->paths[i].list)
			return bad(e, name, "takes one value, not a list as in", text);
	return ERR_OK;
}

static enum err choice(const char *name, struct span text, const char *const *words, int *ret,
		       struct error *e)
{
	char list[80] = "";

	for (int i = 0; words[i]; i++) {
		size_t n = strlen(list);

		if (span_eq_str(text, words[i])) {
			*ret = i;
			return ERR_OK;
		}
		for (const char *p = i ? ", " : ""; *p && n + 1 < sizeof(list); p++)
			list[n++] = *p;
		for (const char *p = words[i]; *p && n + 1 < sizeof(list); p++)
			list[n++] = *p;
		list[n] = 0;
	}
	return err_set(e, ERR_INVALID, "fields: %s: '%.*s' is none of %s", name,
		       SPAN_ARG(span_sub(text, 0, 60)), list);
}

static bool name_to_field(struct span name, enum field *ret)
{
	static const struct {
		const char *name;
		enum field field;
	} short_names[] = {{"date", FIELD_DATE}, {"image", FIELD_IMAGE}, {"provider", FIELD_PROVIDER_NAME}};

	for (size_t i = 0; i < ARRAY_SIZE(short_names); i++) {
		if (!span_eq_str(name, short_names[i].name))
			continue;
		*ret = short_names[i].field;
		return true;
	}
	return field_by_name(name, ret) && *ret < FIELD_LINK_COUNT;
}

static enum err set_related(struct shape *s, const char *name, struct span key, struct error *e)
{
	enum err r = parse_paths(name, key, &s->related, e);

	if (r || !s->related.count)
		return r;
	if (s->related.count > 1 || !s->related.paths[0].list || s->related.paths[0].item.ptr)
		return bad(e, name, "takes one list, as 'related[]', not", key);
	return ERR_OK;
}

static enum err set_inner_key(const char *name, struct span key, struct span *ret, struct error *e)
{
	/* the whole path may be given, "images[].width" */
	ptrdiff_t at = span_find(key, SPAN("[]."));

	if (at >= 0)
		key = span_sub(key, (size_t)at + 3, key.len);
	if (span_find_byte(key, '.') >= 0 || span_find_byte(key, '[') >= 0 || span_find_byte(key, '|') >= 0)
		return bad(e, name, "takes a key beside the image's url, as 'images[].width', not", key);
	*ret = key;
	return ERR_OK;
}

static enum err set_key(struct shape *s, struct span name, struct span key, struct arena *arena,
			struct error *e)
{
	static const char *const types[] = {"plain", "quoted", NULL};
	static const char *const styles[] = {"rfc3339", "spaced", "day", NULL};
	const char *n = arena_strdup(arena, span_sub(name, 0, 60));
	enum field f;
	int pick = 0;
	enum err r;

	key = arena_dup(arena, key);
	if (!n || !key.ptr)
		return err_set(e, arena_failed(arena), "%s", err_text(arena_failed(arena)));
	if (name_to_field(name, &f)) {
		r = parse_paths(n, key, &s->fields[f], e);
		return r || field_is_images(f) ? r : no_list(n, &s->fields[f], key, e);
	}
	if (span_eq_str(name, "link")) {
		r = parse_paths(n, key, &s->link, e);
		return r ? r : no_list(n, &s->link, key, e);
	}
	if (span_eq_str(name, "related.link")) {
		r = parse_paths(n, key, &s->related_link, e);
		return r ? r : no_list(n, &s->related_link, key, e);
	}
	if (span_eq_str(name, "related"))
		return set_related(s, n, key, e);
	if (span_eq_str(name, "width"))
		return set_inner_key(n, key, &s->width, e);
	if (span_eq_str(name, "height"))
		return set_inner_key(n, key, &s->height, e);
	if (span_eq_str(name, "cached"))
		return set_inner_key(n, key, &s->cached, e);
	if (span_eq_str(name, "date-type")) {
		r = choice(n, key, types, &pick, e);
		s->date_quoted = pick == 1;
		return r;
	}
	if (span_eq_str(name, "date-style")) {
		r = choice(n, key, styles, &pick, e);
		s->date_style = (enum date_style)pick;
		return r;
	}
	return err_set(
		e, ERR_INVALID,
		"fields: unknown name '%s'; allowed are title, excerpt, date, webUrl, type, provider.name, "
		"provider.domain, provider.images, images, link, related, related.link, width, height, "
		"cached, date-type, "
		"date-style",
		n);
}

static enum err set_words(struct shape *s, const char *words, struct arena *arena, struct error *e)
{
	struct span rest = span_str(words);
	enum err r = ERR_OK;

	while (rest.ptr && !r) {
		struct span key = span_split(&rest, ' '), name = span_split(&key, '=');

		r = set_key(s, name, key, arena, e);
	}
	return r;
}

enum err shape_make(const char *preset, const struct shape_key *keys, size_t count, struct arena *arena,
		    const struct shape **ret, struct error *e)
{
	struct shape *s = ARENA_NEW(arena, struct shape);
	enum err r;
	size_t at = 0;

	if (!s)
		return err_set(e, arena_failed(arena), "%s", err_text(arena_failed(arena)));
	while (preset && at < ARRAY_SIZE(presets) && strcmp(presets[at].name, preset) != 0)
		at++;
	if (at == ARRAY_SIZE(presets))
		return err_set(e, ERR_INVALID, "fields: no preset is called '%.60s'", preset);
	s->preset = presets[at].name;
	s->order = at ? plain_order : native_order;
	if (!at)
		memcpy(s->quoting, native_quoting, sizeof(s->quoting));
	r = set_words(s, basis, arena, e);
	if (!r)
		r = set_words(s, presets[at].keys, arena, e);
	for (size_t i = 0; i < count && !r; i++)
		r = set_key(s, span_str(keys[i].name), span_str(keys[i].key), arena, e);
	if (!r && s->related.count && !s->related_link.count)
		r = set_key(s, SPAN("related.link"), SPAN("webUrl|originalUrl"), arena, e);
	if (r)
		return r;
	*ret = s;
	return ERR_OK;
}
