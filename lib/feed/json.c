/* SPDX-License-Identifier: MIT */
/* JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), by the setters of XML feeds. */
#include <jansson.h>

#include "extract/jsonld.h"
#include "feed/parse.h"
#include "feed/plain.h"

/* A value takes some 80 bytes of jansson's, whatever it took in the feed. */
enum { JSON_VALUES_MAX = 2 * 1000 * 1000, REPAIR_MAX = 2 };

/* The member, as long as p->arena is there; SPAN_NONE when it is absent, empty or something else. Numbers as
 * they are written: ids are. */
static struct span text_of(struct parser *p, const json_t *in, const char *key)
{
	const json_t *v = json_object_get(in, key);
	char number[32];
	struct span s;

	if (json_is_integer(v)) {
		int n = snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(v));

		return value_copy(p, span_of(number, (size_t)n));
	}
	if (!json_is_string(v))
		return SPAN_NONE;
	s = span_trim(span_of(json_string_value(v), json_string_length(v)));
	return s.len ? value_copy(p, s) : SPAN_NONE;
}

static struct span plain_of(struct parser *p, const json_t *in, const char *key)
{
	return plain_text(text_of(p, in, key), PLAIN_TEXT, &p->scratch, p->arena);
}

static void authors(struct parser *p, const json_t *in)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(in, "authors"), i, one)
	{
		add_author(p, plain_of(p, one, "name"), 0);
	}
	one = json_object_get(in, "author");
	add_author(p, json_is_string(one) ? plain_of(p, in, "author") : plain_of(p, one, "name"), 0);
}

static void tags(struct parser *p, const json_t *in)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(in, "tags"), i, one)
	{
		if (json_is_string(one))
			add_tag(p, value_copy(p, span_of(json_string_value(one), json_string_length(one))));
	}
}

static void attachments(struct parser *p, const json_t *in)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(in, "attachments"), i, one)
	{
		struct span url = text_of(p, one, "url"), type = text_of(p, one, "mime_type");

		add_enclosure(p, url, type, text_of(p, one, "size_in_bytes"), false);
		if (url.ptr && type_is_image(type, url))
			add_image(p, url, SPAN_NONE, SPAN_NONE, 4);
	}
}

static void item(struct parser *p, const json_t *in)
{
	struct target *t;
	const json_t *html;
	struct span link;

	parse_entry_begin(p);
	t = p->t;
	t->line = 0;
	t->title = plain_of(p, in, "title");
	set_id(p, text_of(p, in, "id"), 0);
	set_link(p, text_of(p, in, "url"), 0, false);
	set_link(p, text_of(p, in, "external_url"), 1, false);
	link = t->id;
	if (span_starts(link, SPAN("http://")) || span_starts(link, SPAN("https://"))) {
		t->id_is_link = true;
		set_link(p, link, 30, false);
	}
	html = json_object_get(in, "content_html");
	if (json_string_length(html))
		t->content = markup_of(p, span_of(json_string_value(html), json_string_length(html)), true);
	else
		t->content.text = plain_of(p, in, "content_text");
	t->summary.text = plain_of(p, in, "summary");
	set_date(p, SLOT_PUBLISHED, text_of(p, in, "date_published"), 0);
	set_date(p, SLOT_UPDATED, text_of(p, in, "date_modified"), 0);
	add_image(p, text_of(p, in, "image"), SPAN_NONE, SPAN_NONE, 0);
	add_image(p, text_of(p, in, "banner_image"), SPAN_NONE, SPAN_NONE, 1);
	t->language = clean_language(p, text_of(p, in, "language"));
	authors(p, in);
	tags(p, in);
	attachments(p, in);
	parse_entry_end(p);
}

static void whole(struct parser *p, const json_t *in)
{
	struct feed *f = p->feed;
	struct target *t = p->t;
	struct span version = text_of(p, in, "version");
	const json_t *one;
	ptrdiff_t at = span_find(version, SPAN("/version/"));
	size_t i;

	f->format = FEED_JSON;
	f->version = at < 0 ? version : span_sub(version, (size_t)at + 9, version.len);
	t->title = plain_of(p, in, "title");
	t->summary.text = plain_of(p, in, "description");
	set_link(p, text_of(p, in, "home_page_url"), 0, false);
	f->self = value_link(p, text_of(p, in, "feed_url"));
	f->next = value_link(p, text_of(p, in, "next_url"));
	f->expired = json_is_true(json_object_get(in, "expired"));
	add_image(p, text_of(p, in, "icon"), SPAN_NONE, SPAN_NONE, 0);
	add_image(p, text_of(p, in, "favicon"), SPAN_NONE, SPAN_NONE, 1);
	t->language = clean_language(p, text_of(p, in, "language"));
	authors(p, in);
	json_array_foreach(json_object_get(in, "hubs"), i, one)
	{
		if (!f->hub.ptr)
			f->hub = value_link(p, text_of(p, one, "url"));
	}
	json_array_foreach(json_object_get(in, "items"), i, one)
	{
		if (p->err || f->cut)
			break;
		if (json_is_object(one))
			item(p, one);
	}
}

static bool too_many_values(struct span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] == ',' || s.ptr[i] == '[' || s.ptr[i] == '{';
	return n > JSON_VALUES_MAX;
}

/* Strictly, then with repair. NULL: neither, or p->err. */
static json_t *load(struct parser *p, struct span text)
{
	CLEANUP(strbuf_release) struct strbuf repaired = STRBUF_INIT(text.len * REPAIR_MAX + 4096);
	json_error_t at;
	json_t *in = json_loadb(text.ptr, text.len, JSON_ALLOW_NUL, &at);
	enum err r;

	if (!in && json_error_code(&at) != json_error_out_of_memory) {
		xml_note(&p->x, text.ptr + MIN((size_t)MAX(at.position, 0), text.len - 1),
			 "JSON that is not well formed", SPAN_NONE);
		if (jsonld_depth(text) >= JSONLD_DEPTH_MAX)
			return NULL;
		r = jsonld_repair(text, &repaired);
		if (r == ERR_NOMEM)
			p->err = r;
		if (r)
			return NULL;
		in = json_loadb(repaired.ptr, repaired.len, JSON_ALLOW_NUL, &at);
	}
	if (!in && json_error_code(&at) == json_error_out_of_memory)
		p->err = ERR_NOMEM;
	return in;
}

static bool is_feed(const json_t *in)
{
	return json_is_object(in) && (json_is_array(json_object_get(in, "items")) ||
				      json_is_string(json_object_get(in, "version")));
}

enum err parse_json(struct parser *p, struct span text, struct error *e)
{
	json_t *in;
	bool feed;

	if (too_many_values(text))
		return err_set(e, ERR_TOOBIG, "JSON of more than %d values", JSON_VALUES_MAX);
	in = load(p, text);
	feed = is_feed(in);
	if (feed)
		whole(p, in);
	json_decref(in);
	if (!p->err)
		p->err = arena_failed(p->arena);
	if (p->err)
		return err_set(e, p->err, "a feed that takes too much memory");
	return feed ? ERR_OK : err_set(e, ERR_SYNTAX, "JSON of another kind, not a feed");
}
