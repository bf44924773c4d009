/* SPDX-License-Identifier: MIT */
#include "extract/page_json.h"

#include <jansson.h>

#include "base/text.h"

enum { KEPT_MAX = 4096, JSON_MAX = 8 * 1024 * 1024 }; /* evidence and candidates of a stored page */

static json_t *text(struct span s)
{
	return s.ptr ? json_stringn(s.ptr, s.len) : json_null();
}

/* Takes the value, as jansson's _new functions do; a member that is not there says the same as null. */
static bool set(json_t *o, const char *key, json_t *v)
{
	if (json_is_null(v))
		return true;
	return json_object_set_new(o, key, v) == 0;
}

/* A list, not an object: there are dozens on a page, and names would cost more than what they name. */
static json_t *candidate_json(const struct candidate *k)
{
	return json_pack("[s s% s% i I I I I]", field_name(k->field), k->value.ptr, k->value.len,
			 k->source.ptr, k->source.len, k->score, (json_int_t)k->line, (json_int_t)k->width,
			 (json_int_t)k->height, (json_int_t)k->group);
}

static int add_bytes(const char *p, size_t n, void *out)
{
	return strbuf_add(out, p, n) ? -1 : 0;
}

enum err page_to_json(const struct page *page, struct strbuf *out)
{
	json_t *o = json_object(), *evidence = json_array(), *candidates = json_array();
	struct span kept = span_sub(page->text, 0, PAGE_TEXT_KEPT);
	size_t before = out->len;
	enum err r = ERR_NOMEM;
	bool ok = o && evidence && candidates;

	if (page->text.len > kept.len)
		kept.len = text_utf8_valid(kept); /* no half character */
	for (size_t i = 0; ok && i < page->evidence_count; i++)
		ok = !json_array_append_new(evidence, text(page->evidence[i]));
	for (size_t i = 0; ok && i < page->candidate_count; i++)
		ok = !json_array_append_new(candidates, candidate_json(&page->candidates[i]));
	ok = ok && set(o, "version", json_integer(EXTRACT_VERSION)) &&
	     set(o, "verdict", json_string(verdict_name(page->verdict))) && set(o, "url", text(page->url)) &&
	     set(o, "lead", text(page->lead)) && set(o, "text", page->text.ptr ? text(kept) : json_null()) &&
	     !json_object_set(o, "evidence", evidence) && !json_object_set(o, "candidates", candidates);
	if (ok)
		r = json_dump_callback(o, add_bytes, out, JSON_COMPACT) ? ERR_TOOBIG : ERR_OK;
	if (r)
		strbuf_truncate(out, before);
	json_decref(evidence);
	json_decref(candidates);
	json_decref(o);
	return r;
}

static struct span kept_value(const json_t *v, struct arena *arena)
{
	return json_is_string(v) ? arena_dup(arena, span_of(json_string_value(v), json_string_length(v)))
				 : SPAN_NONE;
}

static struct span kept_text(const json_t *o, const char *key, struct arena *arena)
{
	return kept_value(json_object_get(o, key), arena);
}

static unsigned number(const json_t *v)
{
	json_int_t n = json_integer_value(v);

	return n > 0 && n < 1000000000 ? (unsigned)n : 0;
}

static bool read_candidate(const json_t *list, struct arena *arena, struct candidate *k)
{
	const json_t *name = json_array_get(list, 0), *score = json_array_get(list, 3);

	*k = (struct candidate){0};
	if (!json_is_string(name) || !json_is_integer(score) ||
	    !field_by_name(span_str(json_string_value(name)), &k->field))
		return false;
	k->value = kept_value(json_array_get(list, 1), arena);
	k->source = kept_value(json_array_get(list, 2), arena);
	k->score = (int)MAX(MIN(json_integer_value(score), 1000), -1000);
	k->line = number(json_array_get(list, 4));
	k->width = number(json_array_get(list, 5));
	k->height = number(json_array_get(list, 6));
	k->group = number(json_array_get(list, 7));
	return k->value.ptr && k->source.ptr;
}

static enum err read_page(const json_t *o, struct arena *arena, struct page *p, struct error *e)
{
	const json_t *evidence = json_object_get(o, "evidence"),
		     *candidates = json_object_get(o, "candidates");
	const json_t *verdict = json_object_get(o, "verdict");

	if (json_integer_value(json_object_get(o, "version")) != EXTRACT_VERSION)
		return err_set(e, ERR_DAMAGED, "the stored page is of another version");
	if (!json_is_string(verdict) || !verdict_by_name(span_str(json_string_value(verdict)), &p->verdict) ||
	    json_array_size(evidence) > KEPT_MAX || json_array_size(candidates) > KEPT_MAX)
		return err_set(e, ERR_DAMAGED, "the stored page is not in its form");
	p->url = kept_text(o, "url", arena);
	p->lead = kept_text(o, "lead", arena);
	p->text = kept_text(o, "text", arena);
	p->evidence = ARENA_NEW_ARRAY(arena, struct span, json_array_size(evidence) + 1);
	p->candidates = ARENA_NEW_ARRAY(arena, struct candidate, json_array_size(candidates) + 1);
	if (!p->evidence || !p->candidates)
		return arena_failed(arena);
	for (size_t i = 0; i < json_array_size(evidence); i++) {
		const json_t *v = json_array_get(evidence, i);

		if (!json_is_string(v))
			return err_set(e, ERR_DAMAGED, "the stored page's evidence is not in its form");
		p->evidence[p->evidence_count++] =
			arena_dup(arena, span_of(json_string_value(v), json_string_length(v)));
	}
	for (size_t i = 0; i < json_array_size(candidates); i++)
		if (!read_candidate(json_array_get(candidates, i), arena,
				    &p->candidates[p->candidate_count++]))
			return arena_failed(arena)
				       ? arena_failed(arena)
				       : err_set(e, ERR_DAMAGED, "a stored candidate is not in its form");
	return arena_failed(arena);
}

enum err page_from_json(struct span json, struct arena *arena, struct page **ret, struct error *e)
{
	struct page *p = ARENA_NEW(arena, struct page);
	json_error_t said;
	json_t *o;
	enum err r;

	if (!p)
		return err_set(e, arena_failed(arena), "out of memory");
	if (!json.len || json.len > JSON_MAX)
		return err_set(e, ERR_DAMAGED, "the stored page is empty or too large");
	o = json_loadb(json.ptr, json.len, 0, &said);
	if (!o)
		return err_set(e, ERR_DAMAGED, "the stored page is no JSON: %s", said.text);
	r = json_is_object(o) ? read_page(o, arena, p, e)
			      : err_set(e, ERR_DAMAGED, "the stored page is no object");
	json_decref(o);
	if (!r)
		*ret = p;
	return r;
}
