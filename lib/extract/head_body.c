/* SPDX-License-Identifier: MIT */
#include "base/text.h"
#include "extract/head_inner.h"
#include "extract/sources.h"

static struct span value_of(const struct attr *a)
{
	return span_of(a->value_ptr ? a->value_ptr : "", a->value_len);
}

static struct span attr_of(const struct repair_tag *t, enum attr_id id)
{
	for (unsigned i = 0; i < t->count; i++)
		if (t->attrs[i].id == id)
			return value_of(&t->attrs[i]);
	return SPAN_NONE;
}

/* The text from the tag to its "</h1>", with what the tree would make of the elements within; of those that
 * begin lines, or whose text counts for nothing, only <br> is understood. */
static struct span heading_text(const struct repaired *r, size_t tag, size_t text, struct arena *arena)
{
	const struct repair_tag *t = &r->tags[tag];
	struct span rest = span_sub(r->skeleton, t->at, r->skeleton.len);
	ptrdiff_t close = span_find(span_sub(rest, 0, HEAD_H1_MAX), SPAN("</h1>"));
	size_t end = t->at + (size_t)MAX(close, 0), len = 0;
	char *buf = close < 0 ? NULL : arena_alloc(arena, HEAD_H1_MAX);

	if (!buf)
		return SPAN_NONE;
	for (tag++; text < r->text_count && r->texts[text].at < end; text++) {
		struct span s = r->texts[text].text;

		if (r->texts[text].at < t->at)
			continue;
		for (; tag < r->tag_count && r->tags[tag].at <= r->texts[text].at && len < HEAD_H1_MAX; tag++)
			if (r->tags[tag].tag == TAG_BR)
				buf[len++] = ' ';
		if (r->texts[text].kind != REPAIR_TEXT || s.len > HEAD_H1_MAX - len)
			return SPAN_NONE;
		memcpy(buf + len, s.ptr, s.len);
		len += s.len;
	}
	for (size_t i = (size_t)(t - r->tags) + 1; i < r->tag_count && r->tags[i].at <= end; i++)
		switch (r->tags[i].tag) {
		case TAG_BR: break;
		case TAG_RT:
		case TAG_RP:
		case TAG_SCRIPT:
		case TAG_TEMPLATE:
		case TAG_TITLE: return SPAN_NONE;
		default:
			if (tag_is_block((enum tag)r->tags[i].tag))
				return SPAN_NONE;
		}
	return text_normal(text_decode_entities(span_of(buf, len), arena), arena);
}

static void look_at_script(struct head_body *b, const struct repair_tag *t, size_t *text)
{
	const struct repaired *r = b->r;

	while (*text < r->text_count && r->texts[*text].at < t->at)
		++*text;
	if (*text == r->text_count || r->texts[*text].kind != REPAIR_SCRIPT || r->texts[*text].at != t->at ||
	    span_find_nocase(attr_of(t, ATTR_TYPE), SPAN("ld+json")) < 0)
		return;
	b->states_more |= b->block_count == HEAD_SCRIPTS;
	if (!b->states_more)
		b->blocks[b->block_count++] =
			(struct jsonld_block){r->texts[*text].text, (unsigned)(t->name - r->source.ptr) + 1};
}

void head_body_look(const struct repaired *r, struct arena *arena, struct head_body *ret)
{
	size_t text = r->head.texts;

	*ret = (struct head_body){.r = r, .rest = span_sub(r->source, r->head.end, r->source.len)};
	for (size_t i = r->head.tags; i < r->tag_count && !ret->states_more; i++) {
		const struct repair_tag *t = &r->tags[i];

		switch (t->tag) {
		case TAG_SCRIPT: look_at_script(ret, t, &text); break;
		case TAG_META: ret->states_more = sources_heed_meta(t->attrs, t->count); break;
		case TAG_LINK: ret->states_more = sources_heed_link(attr_of(t, ATTR_REL)); break;
		case TAG_BASE:
		case TAG_TITLE:
		case TAG_HEAD: ret->states_more = true; break;
		case TAG_H1:
			ret->states_more = ret->heading_count == HEAD_HEADINGS;
			if (!ret->states_more)
				ret->headings[ret->heading_count++] = heading_text(r, i, text, arena);
			break;
		default: break;
		}
	}
}

static bool has_word(struct span list, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (span_find_nocase(list, span_str(words[i])) >= 0)
			return true;
	return false;
}

bool head_body_names(const struct head_body *b)
{
	static const char *const props[] = {"headline", "name", "publisher"};
	static const char *const classes[] = {"entry-title", "p-name", "hentry"};

	for (size_t i = b->r->head.tags; i < b->r->tag_count; i++) {
		const struct repair_tag *t = &b->r->tags[i];

		for (unsigned k = 0; k < t->count; k++) {
			const struct attr *a = &t->attrs[k];

			if ((a->id == ATTR_ITEMPROP || a->id == ATTR_PROPERTY)
				    ? has_word(value_of(a), props, ARRAY_SIZE(props))
				    : a->id == ATTR_CLASS &&
					      has_word(value_of(a), classes, ARRAY_SIZE(classes)))
				return true;
		}
	}
	return false;
}

bool head_body_sizes(const struct head_body *b, struct span picture)
{
	for (size_t i = b->r->head.tags; i < b->r->tag_count; i++) {
		const struct repair_tag *t = &b->r->tags[i];
		bool named = false, sized = false;

		for (unsigned k = 0; k < t->count; k++) {
			sized |= t->attrs[k].id == ATTR_WIDTH || t->attrs[k].id == ATTR_HEIGHT;
			named |= span_find(value_of(&t->attrs[k]), picture) >= 0;
		}
		if (named && sized)
			return true;
	}
	return false;
}
