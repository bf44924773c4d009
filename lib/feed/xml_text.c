/* SPDX-License-Identifier: MIT */
#include "feed/xml_text.h"

#include "base/text.h"
#include "base/text_entities.h"

enum { ENTITY_DEPTH = 4, NAME_SHOWN = 40 };

struct decode {
	struct xml *x;
	struct strbuf *out;
	enum xml_take take;
	bool no_comment_end;
	enum err err;
};

static void put(struct decode *d, const char *p, size_t n)
{
	if (!d->err && n)
		d->err = strbuf_add(d->out, p, n);
}

static inline bool is_control(unsigned char c)
{
	return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
}

/* '<', '&' and controls. */
static const bool special[256] = {
	1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 1,         1,         1,          1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, ['&'] = 1, ['<'] = 1, [0x7f] = 1,
};

/* Bytes at the start of s that stand for themselves. */
static size_t plain_length(struct span s)
{
	size_t i = 0;

	while (i < s.len && !special[(unsigned char)s.ptr[i]])
		i++;
	return i;
}

static void put_clean(struct decode *d, struct span s)
{
	size_t from = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (!is_control((unsigned char)s.ptr[i]))
			continue;
		put(d, s.ptr + from, i - from);
		from = i + 1;
		xml_note(d->x, s.ptr + i, "control character", SPAN_NONE);
	}
	put(d, s.ptr + from, s.len - from);
}

static const struct span *entity(const struct xml *x, struct span name)
{
	for (unsigned i = 0; i < x->entity_count; i++)
		if (span_eq(x->entities[i].name, name))
			return &x->entities[i].value;
	return NULL;
}

static size_t reference(struct decode *d, struct span s, unsigned depth);

/* A declared value: its own references are decoded, tags in it are text. */
static void expand(struct decode *d, struct span value, unsigned depth)
{
	while (value.len && !d->err) {
		size_t n = plain_length(value);

		if (n == 0)
			n = value.ptr[0] == '&' ? reference(d, value, depth + 1) : 1;
		else if (n <= d->x->entity_budget) {
			d->x->entity_budget -= n;
			put(d, value.ptr, n);
		} else {
			d->x->entity_budget = 0;
			return;
		}
		if (value.ptr[0] == '<')
			put(d, "<", 1);
		value = span_sub(value, n, value.len);
	}
}

/* At '&'; returns the bytes that were dealt with. */
static size_t reference(struct decode *d, struct span s, unsigned depth)
{
	struct text_reference found;
	const struct span *own = NULL;
	size_t n = 1;

	if (d->x->entity_count) {
		while (n < s.len && n < 256 &&
		       (byte_is_alnum(s.ptr[n]) || strchr("_-.:", s.ptr[n]) ||
			(unsigned char)s.ptr[n] >= 0x80))
			n++;
		if (n < s.len && s.ptr[n] == ';')
			own = entity(d->x, span_sub(s, 1, n));
	}
	if (own) {
		if (depth >= ENTITY_DEPTH || !d->x->entity_budget)
			xml_note(d->x, s.ptr, "entity of too many others", span_sub(s, 1, n));
		else
			expand(d, *own, depth);
		return n + 1;
	}
	if (text_reference_read(s, &found) && found.semicolon) {
		if (found.size > 1 || !is_control((unsigned char)found.value[0]))
			put(d, found.value, found.size);
		return found.len;
	}
	for (n = 1; n < s.len && n < NAME_SHOWN && byte_is_alnum(s.ptr[n]);)
		n++;
	if (n > 1 && n < s.len && s.ptr[n] == ';')
		xml_note(d->x, s.ptr, "entity that nobody declared", span_sub(s, 1, n));
	else
		xml_note(d->x, s.ptr, "bare '&'", SPAN_NONE);
	put(d, s.ptr, 1);
	return 1;
}

/* Of the tag or declaration at s. At most two searches come to nothing: for each quote that is not in s. */
static size_t tag_length(struct span s)
{
	ptrdiff_t end;
	char quote = 0;

	for (size_t i = 1; i < s.len; i++) {
		if (quote)
			quote = s.ptr[i] == quote ? 0 : quote;
		else if ((s.ptr[i] == '"' || s.ptr[i] == '\'') && s.ptr[i - 1] == '=')
			quote = s.ptr[i];
		else if (s.ptr[i] == '>')
			return i + 1;
	}
	end = span_find_byte(s, '>');
	return end < 0 ? s.len : (size_t)end + 1;
}

/* At '<'; returns the bytes that were dealt with. The reader has been here before and found all ends. */
static size_t markup(struct decode *d, struct span s)
{
	struct span inside;
	ptrdiff_t end;
	size_t n;
	char c = s.len > 1 ? s.ptr[1] : 0;

	if (span_starts(s, SPAN("<![CDATA["))) {
		end = span_find(s, SPAN("]]>"));
		inside = span_sub(s, 9, end < 0 ? s.len : (size_t)end);
		if (inside.len)
			put_clean(d, inside);
		return end < 0 ? s.len : (size_t)end + 3;
	}
	if (span_starts(s, SPAN("<!--"))) {
		end = d->no_comment_end ? -1 : span_find(s, SPAN("-->"));
		if (end >= 0)
			return (size_t)end + 3;
		d->no_comment_end = true;
	}
	if (c != '!' && c != '?' && c != '/' && !byte_is_alpha(c) && c != '_' && c != ':' &&
	    (unsigned char)c < 0x80) {
		put(d, s.ptr, 1);
		return 1;
	}
	n = tag_length(s);
	if (d->take == XML_MARKUP && c != '?' && c != '!')
		put(d, s.ptr, n);
	return n;
}

/* The whole is one CDATA section, white space around it aside. */
static struct span sole_section(struct span raw)
{
	struct span s = span_trim(raw), inside;

	if (!span_starts(s, SPAN("<![CDATA[")) || !span_ends(s, SPAN("]]>")) || s.len < 12)
		return SPAN_NONE;
	inside = span_sub(s, 9, s.len - 3);
	return memmem(inside.ptr, inside.len, "]]>", 3) ? SPAN_NONE : inside;
}

static bool has_control(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (is_control((unsigned char)s.ptr[i]))
			return true;
	return false;
}

static struct span finish(struct decode *d, struct arena *arena)
{
	if (d->err && !arena->failed)
		arena->failed = d->err;
	return d->err ? SPAN_NONE : arena_dup(arena, strbuf_span(d->out));
}

struct span xml_text(struct xml *x, struct span raw, enum xml_take take, struct strbuf *scratch,
		     struct arena *arena)
{
	struct decode d = {.x = x, .out = scratch, .take = take};
	struct span sole = sole_section(raw);

	if (sole.ptr && !has_control(sole))
		return sole;
	if (plain_length(raw) == raw.len)
		return raw;
	strbuf_truncate(scratch, 0);
	while (raw.len && !d.err) {
		size_t n = plain_length(raw);

		put(&d, raw.ptr, n);
		raw = span_sub(raw, n, raw.len);
		if (!raw.len)
			break;
		if (raw.ptr[0] == '<') {
			n = markup(&d, raw);
		} else if (raw.ptr[0] == '&') {
			n = reference(&d, raw, 0);
		} else {
			xml_note(x, raw.ptr, "control character", SPAN_NONE);
			n = 1;
		}
		raw = span_sub(raw, n, raw.len);
	}
	return finish(&d, arena);
}

struct span xml_attr_text(struct xml *x, struct span raw, struct strbuf *scratch, struct arena *arena)
{
	struct decode d = {.x = x, .out = scratch};

	if (!raw.ptr || plain_length(raw) == raw.len)
		return raw;
	strbuf_truncate(scratch, 0);
	while (raw.len && !d.err) {
		size_t n = plain_length(raw);

		put(&d, raw.ptr, n);
		raw = span_sub(raw, n, raw.len);
		if (!raw.len)
			break;
		n = 1;
		if (raw.ptr[0] == '&')
			n = reference(&d, raw, 0);
		else if (raw.ptr[0] == '<')
			put(&d, raw.ptr, 1);
		raw = span_sub(raw, n, raw.len);
	}
	return finish(&d, arena);
}
