/* SPDX-License-Identifier: MIT */
#include "feed/draft.h"

#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <time.h>

#include "base/hash.h"
#include "base/text.h"
#include "base/url.h"

/* An image of such a size by the feed's own word is one to show; smaller ones are thumbnails. */
enum { GOOD_WIDTH = 400, GOOD_HEIGHT = 200 };

const char *const draft_names[] = {"title",    "excerpt", "date",     "updated",   "link",     "id",
				   "type",     "author",  "language", "provider",  "domain",   "image",
				   "width",    "height",  "topics",   "tags",      "category", "feed",
				   "feed-url", "quality", "heat",     "published", NULL};

struct making {
	const struct draft_source *from;
	struct arena *arena;
	struct draft *d;
	struct template_value values[24];
	size_t count;
	struct span topics[DRAFT_TOPICS];
	size_t topic_count;
	struct feed_date date, updated;
};

static void put(struct making *m, const char *name, enum template_kind kind, struct span text)
{
	if (text.len)
		m->values[m->count++] = (struct template_value){name, kind, text, NULL, 0};
}

static void put_list(struct making *m, const char *name, const struct span *items, size_t count)
{
	if (count)
		m->values[m->count++] = (struct template_value){name, TEMPLATE_LIST, SPAN_NONE, items, count};
}

static const struct template_value *default_of(const struct making *m, const char *name)
{
	for (size_t i = 0; i < m->from->default_count; i++)
		if (strcmp(m->from->defaults[i].name, name) == 0)
			return &m->from->defaults[i];
	return NULL;
}

/* ---- parts ---- */

static struct feed_date bounded(const struct making *m, const struct feed_date *d)
{
	if (d->there && d->date.seconds > m->from->now + m->from->ahead)
		return (struct feed_date){.there = false};
	return *d;
}

static struct span date_text(const struct making *m, const struct feed_date *d)
{
	char buf[40];

	if (!d->there)
		return SPAN_NONE;
	(void)date_format(&d->date, buf);
	if (m->from->shape->date_style == DATE_STYLE_DAY) {
		buf[10] = 0;
	} else if (m->from->shape->date_style == DATE_STYLE_SPACED && d->date.has_time) {
		buf[10] = ' ';
		(void)snprintf(buf + 19, sizeof(buf) - 19, " +0000");
	}
	return arena_dup(m->arena, span_str(buf));
}

static struct span host_of(const struct making *m, struct span link)
{
	struct url u;

	if (!link.len || url_parse(link, NULL, m->arena, &u, NULL))
		return SPAN_NONE;
	return u.ip ? u.host : url_registrable(u.host);
}

static struct span title_of(const struct making *m)
{
	const struct feed_entry *e = m->from->entry;

	if (e->title.len)
		return text_cut(e->title, DRAFT_TITLE / 2, DRAFT_TITLE, m->arena);
	if (e->summary.len)
		return text_cut(e->summary, 20, 100, m->arena);
	if (e->link.len)
		return e->link;
	return SPAN("Untitled");
}

static struct span provider_of(const struct making *m)
{
	const struct draft_source *from = m->from;

	if (from->entry->source_title.len)
		return from->entry->source_title;
	return from->feed_name.len ? from->feed_name : from->feed->title;
}

static bool is_http(const struct making *m, struct span link)
{
	struct url u;

	return link.len && url_parse(link, NULL, m->arena, &u, NULL) == ERR_OK;
}

static const char *type_of(const struct feed_entry *e)
{
	for (size_t i = 0; i < e->enclosure_count; i++)
		if (span_starts_nocase(e->enclosures[i].type, SPAN("video/")))
			return "video";
	return "article";
}

static void add_topic(struct making *m, struct span topic)
{
	for (size_t i = 0; i < m->topic_count; i++)
		if (span_eq(m->topics[i], topic))
			return;
	if (m->topic_count < DRAFT_TOPICS && topic.len)
		m->topics[m->topic_count++] = topic;
}

static void gather_topics(struct making *m)
{
	const struct template_value *def = default_of(m, "topics");

	for (size_t i = 0; i < m->from->topic_count; i++)
		add_topic(m, span_str(m->from->topics[i]));
	for (size_t i = 0; def && i < def->count; i++)
		add_topic(m, def->items[i]);
	if (def && def->kind != TEMPLATE_LIST)
		add_topic(m, def->text);
	put_list(m, "topics", m->topics, m->topic_count);
}

/* ---- good in the text, else at hand ---- */

static void gather_excerpt(struct making *m)
{
	const struct draft_source *from = m->from;
	struct span whole = from->entry->summary, cut;

	if (!whole.len || from->excerpt_max == 0)
		return;
	cut = text_cut(whole, MIN(from->excerpt_min, from->excerpt_max), from->excerpt_max, m->arena);
	m->d->fallback[FIELD_EXCERPT] = cut;
	if (from->entry->has_own_summary && text_length(cut) >= from->excerpt_min && text_ends_closed(cut))
		put(m, "excerpt", TEMPLATE_TEXTUAL, cut);
}

static void gather_image(struct making *m)
{
	const struct feed_image *i = &m->from->entry->image;
	char buf[16];

	if (!is_http(m, i->url))
		return;
	m->d->fallback[FIELD_IMAGE] = i->url;
	m->d->width = i->width;
	m->d->height = i->height;
	if (i->width < GOOD_WIDTH || i->height < GOOD_HEIGHT)
		return;
	put(m, "image", TEMPLATE_TEXTUAL, i->url);
	(void)snprintf(buf, sizeof(buf), "%u", i->width);
	put(m, "width", TEMPLATE_PLAIN, arena_dup(m->arena, span_str(buf)));
	(void)snprintf(buf, sizeof(buf), "%u", i->height);
	put(m, "height", TEMPLATE_PLAIN, arena_dup(m->arena, span_str(buf)));
}

void draft_mark(int64_t mark, bool heat, char buf[DRAFT_MARK])
{
	(void)snprintf(buf, DRAFT_MARK, "-%018" PRId64, mark + heat);
}

/* The article may have more to give than the entry, and time goes on: marks, until the document is whole. */
static void gather_score(struct making *m)
{
	const struct feed_entry *e = m->from->entry;
	struct draft *d = m->d;
	char buf[DRAFT_MARK];

	d->length = (unsigned)MIN(text_length(e->content.len ? e->content : e->summary), (size_t)UINT_MAX);
	d->author = e->author.len > 0;
	d->dated = m->date.there;
	if (!m->from->score)
		return;
	d->mark = (int64_t)(hash64(d->name.identity) % UINT64_C(100000000000000000) * 2 + 2);
	draft_mark(d->mark, false, buf);
	put(m, "quality", TEMPLATE_PLAIN, arena_dup(m->arena, span_str(buf)));
	draft_mark(d->mark, true, buf);
	put(m, "heat", TEMPLATE_PLAIN, arena_dup(m->arena, span_str(buf)));
}

static void gather(struct making *m)
{
	const struct draft_source *from = m->from;
	const struct feed_entry *e = from->entry;
	struct draft *d = m->d;
	enum template_kind dates = from->shape->date_quoted ? TEMPLATE_TEXTUAL : TEMPLATE_PLAIN;
	struct span title = title_of(m), provider = provider_of(m), domain = host_of(m, e->link);

	m->updated = bounded(m, &e->updated);
	m->date = bounded(m, &e->published);
	if (!m->date.there)
		m->date = m->updated;
	put(m, "title", TEMPLATE_TEXTUAL, title);
	put(m, "date", dates, date_text(m, &m->date));
	put(m, "updated", dates, date_text(m, &m->updated));
	if (is_http(m, e->link)) {
		d->url = e->link;
		put(m, "link", TEMPLATE_TEXTUAL, e->link);
	}
	put(m, "id", TEMPLATE_TEXTUAL, e->id);
	put(m, "author", TEMPLATE_TEXTUAL, e->author);
	put(m, "language", TEMPLATE_TEXTUAL, e->language);
	put(m, "provider", TEMPLATE_TEXTUAL, provider);
	put(m, "domain", TEMPLATE_TEXTUAL, domain);
	put(m, "category", TEMPLATE_TEXTUAL, from->category);
	put(m, "feed", TEMPLATE_TEXTUAL, from->feed_name.len ? from->feed_name : from->feed->title);
	put(m, "feed-url", TEMPLATE_TEXTUAL, from->feed_url);
	put_list(m, "tags", e->tags, MIN(e->tag_count, (size_t)DRAFT_TOPICS));
	gather_topics(m);
	gather_excerpt(m);
	gather_image(m);
	d->fallback[FIELD_PROVIDER_NAME] = text_cut(provider, 1, 100, m->arena);
	d->fallback[FIELD_PROVIDER_DOMAIN] = domain;
	d->fallback[FIELD_TYPE] = span_str(type_of(e));
	d->name = (struct file_name){.date = m->date.there ? m->date.date.seconds : from->now,
				     .title = title,
				     .identity = e->id.len     ? e->id
						 : e->link.len ? e->link
							       : title,
				     .feed = from->feed_name.len ? from->feed_name : from->feed->title,
				     .domain = domain};
	gather_score(m);
}

/* Defaults where the entry has nothing of that name; those without a place are lines of their own. */
static enum err expand(struct making *m, struct strbuf *out)
{
	const struct draft_source *from = m->from;
	size_t n = m->count + from->default_count, more_count = 0;
	struct template_value *all = ARENA_NEW_ARRAY(m->arena, struct template_value, n + 1);
	struct template_value *more = ARENA_NEW_ARRAY(m->arena, struct template_value, n + 1);

	if (!all || !more)
		return arena_failed(m->arena);
	memcpy(all, m->values, m->count * sizeof(*all));
	if (from->default_count)
		memcpy(all + m->count, from->defaults, from->default_count * sizeof(*all));
	for (size_t i = 0; i < from->default_count; i++) {
		bool own = false;

		for (size_t k = 0; k < m->count; k++)
			own |= strcmp(m->values[k].name, from->defaults[i].name) == 0;
		if (!own)
			more[more_count++] = from->defaults[i];
	}
	return template_expand(from->template, all, n, more, more_count, out);
}

enum err draft_make(const struct draft_source *from, struct arena *arena, struct draft *ret)
{
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(TEMPLATE_TEXT);
	struct making *m = ARENA_NEW(arena, struct making);
	struct draft d = {.source = from->feed_url,
			  .folder = from->folder,
			  .pattern = from->pattern,
			  .spaced = from->spaced,
			  .attach = from->attach};
	enum err r;

	if (!m)
		return arena_failed(arena);
	m->from = from;
	m->arena = arena;
	m->d = &d;
	gather(m);
	r = arena_failed(arena);
	if (!r)
		r = expand(m, &text);
	if (!r)
		d.text = arena_dup(arena, strbuf_span(&text));
	if (!r)
		r = arena_failed(arena);
	if (!r)
		*ret = d;
	return r;
}

/* ---- JSON ---- */

/* Every text of a draft, so that writing and reading cannot differ. */
static const struct text_row {
	const char *name;
	size_t offset;
} texts[] = {
#define AT(member) offsetof(struct draft, member)
	{"url", AT(url)},
	{"source", AT(source)},
	{"folder", AT(folder)},
	{"pattern", AT(pattern)},
	{"title", AT(name.title)},
	{"identity", AT(name.identity)},
	{"feed", AT(name.feed)},
	{"domain", AT(name.domain)},
	{"text", AT(text)},
	{"excerpt", AT(fallback[FIELD_EXCERPT])},
	{"image", AT(fallback[FIELD_IMAGE])},
	{"provider", AT(fallback[FIELD_PROVIDER_NAME])},
	{"provider.domain", AT(fallback[FIELD_PROVIDER_DOMAIN])},
	{"type", AT(fallback[FIELD_TYPE])},
#undef AT
};

/* What a feed gives may have a NUL, or bytes that are no UTF-8, in an id. */
static json_t *json_text(struct span s)
{
	json_t *j = json_stringn(s.ptr, s.len);
	CLEANUP(strbuf_release) struct strbuf valid = STRBUF_INIT(4 * FEED_ID_MAX);

	if (!j && !text_utf8_repair(span_sub(s, 0, FEED_ID_MAX), &valid))
		j = json_stringn(strbuf_cstr(&valid), valid.len);
	return j;
}

enum err draft_encode(const struct draft *d, struct strbuf *out)
{
	json_t *root = json_object();
	char *dumped;
	bool ok = root != NULL;
	enum err r = ERR_NOMEM;

	for (size_t i = 0; i < ARRAY_SIZE(texts) && ok; i++) {
		const struct span *s = (const void *)((const char *)d + texts[i].offset);

		if (s->ptr)
			ok = json_object_set_new(root, texts[i].name, json_text(*s)) == 0;
	}
	ok = ok && json_object_set_new(root, "date", json_integer(d->name.date)) == 0 &&
	     json_object_set_new(root, "width", json_integer(d->width)) == 0 &&
	     json_object_set_new(root, "height", json_integer(d->height)) == 0 &&
	     json_object_set_new(root, "spaced", json_boolean(d->spaced)) == 0 &&
	     json_object_set_new(root, "attach", json_boolean(d->attach)) == 0 &&
	     json_object_set_new(root, "mark", json_integer(d->mark)) == 0 &&
	     json_object_set_new(root, "length", json_integer(d->length)) == 0 &&
	     json_object_set_new(root, "author", json_boolean(d->author)) == 0 &&
	     json_object_set_new(root, "dated", json_boolean(d->dated)) == 0;
	dumped = ok ? json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	if (dumped)
		r = strbuf_add_str(out, dumped);
	free(dumped);
	json_decref(root);
	return r;
}

enum err draft_decode(struct span json, struct arena *arena, struct draft *ret)
{
	json_error_t why;
	json_t *root = json_loadb(json.ptr ? json.ptr : "", json.len, JSON_ALLOW_NUL, &why);
	struct draft d = {.spaced = json_is_true(json_object_get(root, "spaced")),
			  .attach = json_is_true(json_object_get(root, "attach")),
			  .author = json_is_true(json_object_get(root, "author")),
			  .dated = json_is_true(json_object_get(root, "dated"))};
	enum err r;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const json_t *j = json_object_get(root, texts[i].name);
		struct span *s = (void *)((char *)&d + texts[i].offset);

		if (json_is_string(j))
			*s = arena_dup(arena, span_of(json_string_value(j), json_string_length(j)));
	}
	d.name.date = json_integer_value(json_object_get(root, "date"));
	d.mark = json_integer_value(json_object_get(root, "mark"));
	d.length = (unsigned)json_integer_value(json_object_get(root, "length"));
	d.width = (unsigned)json_integer_value(json_object_get(root, "width"));
	d.height = (unsigned)json_integer_value(json_object_get(root, "height"));
	json_decref(root);
	r = arena_failed(arena);
	if (!r && (!d.text.len || !d.folder.ptr || file_pattern_check(d.pattern, NULL)))
		r = ERR_DAMAGED;
	if (!r)
		*ret = d;
	return r;
}
