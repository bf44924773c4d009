/* SPDX-License-Identifier: MIT */
#include "extract/answer.h"

#include <jansson.h>

/* Text of a page may hold anything; what is no UTF-8 gives null, which jansson then leaves out. */
static void set_text(json_t *o, const char *key, struct span s, bool *ok)
{
	if (s.ptr && s.len)
		*ok = !json_object_set_new(o, key, json_stringn(s.ptr, s.len)) && *ok;
}

static void set_field(json_t *o, const char *key, const struct metadata *m, enum field f, bool *ok)
{
	if (m->chosen[f])
		set_text(o, key, m->chosen[f]->value, ok);
}

static void add_list(json_t *o, const char *key, const struct span *list, size_t n, bool *ok)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++)
		*ok = !json_array_append_new(a, json_stringn(list[i].ptr, list[i].len)) && *ok;
	*ok = !json_object_set_new(o, key, a) && *ok;
}

static void add_images(json_t *o, const struct metadata *m, size_t count, bool *ok)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *image = json_object();

		set_text(image, "url", m->images[i].url, ok);
		if (m->images[i].width)
			*ok = !json_object_set_new(image, "width", json_integer(m->images[i].width)) && *ok;
		if (m->images[i].height)
			*ok = !json_object_set_new(image, "height", json_integer(m->images[i].height)) && *ok;
		*ok = !json_array_append_new(list, image) && *ok;
	}
	*ok = !json_object_set_new(o, "images", list) && *ok;
}

static int add_bytes(const char *p, size_t n, void *out)
{
	return strbuf_add(out, p, n) ? -1 : 0;
}

static void add_provider(json_t *o, const struct metadata *m, bool *ok)
{
	json_t *provider;

	if (!m->chosen[FIELD_PROVIDER_NAME] && !m->chosen[FIELD_PROVIDER_DOMAIN])
		return;
	provider = json_object();
	set_field(provider, "name", m, FIELD_PROVIDER_NAME, ok);
	set_field(provider, "domain", m, FIELD_PROVIDER_DOMAIN, ok);
	*ok = !json_object_set_new(o, "provider", provider) && *ok;
}

static bool fill(json_t *o, unsigned parts, const struct page *page, const struct metadata *m)
{
	bool ok = o != NULL;

	if (parts & PART_BIT(PART_VERDICT)) {
		ok = !json_object_set_new(o, "verdict", json_string(verdict_name(page->verdict))) && ok;
		add_list(o, "evidence", page->evidence, page->evidence_count, &ok);
	}
	if (parts & PART_BIT(PART_TITLE))
		set_field(o, "title", m, FIELD_TITLE, &ok);
	if (parts & PART_BIT(PART_EXCERPT))
		set_field(o, "excerpt", m, FIELD_EXCERPT, &ok);
	if (parts & PART_BIT(PART_IMAGES) && m->image_count)
		add_images(o, m, parts == PARTS_ALL ? m->image_count : 1, &ok);
	if (parts & PART_BIT(PART_DATE))
		set_field(o, "date", m, FIELD_DATE, &ok);
	if (parts & PART_BIT(PART_WEBURL))
		set_field(o, "webUrl", m, FIELD_WEBURL, &ok);
	if (parts & PART_BIT(PART_TYPE))
		set_field(o, "type", m, FIELD_TYPE, &ok);
	if (parts & PART_BIT(PART_LANG))
		set_field(o, "lang", m, FIELD_LANG, &ok);
	if (parts & PART_BIT(PART_AUTHORS) && m->author_count)
		add_list(o, "authors", m->authors, m->author_count, &ok);
	if (parts & PART_BIT(PART_PROVIDER))
		add_provider(o, m, &ok);
	if (parts & PART_BIT(PART_LEAD))
		set_text(o, "lead", page->lead, &ok);
	if (parts & PART_BIT(PART_TEXT))
		set_text(o, "text", page->text, &ok);
	return ok;
}

enum err page_answer_parts(struct span id, unsigned parts, const struct page *page, const struct metadata *m,
			   struct strbuf *out)
{
	size_t before = out->len;
	json_t *o = json_object();
	bool ok = o != NULL;
	enum err r = ERR_NOMEM;

	set_text(o, "id", id, &ok);
	if (ok && fill(o, parts, page, m))
		r = json_dump_callback(o, add_bytes, out, JSON_COMPACT) ? ERR_TOOBIG : ERR_OK;
	if (r)
		strbuf_truncate(out, before);
	json_decref(o);
	return r;
}

enum err page_answer_json(struct span id, const struct page *page, const struct metadata *m,
			  struct strbuf *out)
{
	return page_answer_parts(id, PARTS_ALL, page, m, out);
}
