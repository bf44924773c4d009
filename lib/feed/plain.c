/* SPDX-License-Identifier: MIT */
#include "feed/plain.h"

#include "base/text.h"
#include "base/text_entities.h"
#include "extract/tree.h"

struct plain {
	struct span in;
	size_t i;
	char *out; /* room for all that can come of `in` */
	size_t n;
	bool space; /* one is due before the next character */
	enum plain_from from;
	bool no_comment_end, no_cdata_end; /* from here on */
};

enum { C_PLAIN, C_SPACE, C_MARK, C_CONTROL, C_LEAD };

/* By first byte: what may go over in a run, and what needs a look. 0xc2, 0xe1, 0xe2, 0xe3, 0xef lead to
 * spaces and controls beyond ASCII. */
/* clang-format off */
static const unsigned char classes[256] = {
	3, 3, 3, 3, 3, 3, 3, 3, 3, 1, 1, 1, 1, 1, 3, 3, /* 00 */
	3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, /* 10 */
	1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 20 */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, /* 30 */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 40 */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 50 */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 60 */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, /* 70 */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 80 */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 90 */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* a0 */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* b0 */
	0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* c0 */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* d0 */
	0, 4, 4, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, /* e0 */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* f0 */
};
/* clang-format on */

static void put(struct plain *p, const char *bytes, size_t n)
{
	if (p->space && p->n)
		p->out[p->n++] = ' ';
	p->space = false;
	memcpy(p->out + p->n, bytes, n);
	p->n += n;
}

/* One character beyond ASCII. */
static void put_character(struct plain *p, const char *bytes, unsigned size, uint32_t c)
{
	char repaired[4];

	if (c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
	    c == 0x202f || c == 0x205f || c == 0x3000 || c == 0x85) {
		p->space = true;
	} else if (c < 0xa0) {
		c = text_windows_1252(c);
		if (c)
			put(p, repaired, text_utf8_put(c, repaired));
	} else if (c != 0xfeff && c != 0x200b && (c & 0xfffe) != 0xfffe) {
		put(p, bytes, size);
	}
}

/* Any bytes, as text: runs go over whole. `marks`: '<' and '&' too. */
static void put_text(struct plain *p, struct span s, bool marks)
{
	size_t i = 0;

	while (i < s.len) {
		size_t from = i;
		unsigned size;
		uint32_t c;

		while (i < s.len && (classes[(unsigned char)s.ptr[i]] == C_PLAIN ||
				     (marks && classes[(unsigned char)s.ptr[i]] == C_MARK)))
			i++;
		if (i > from)
			put(p, s.ptr + from, i - from);
		if (i == s.len)
			break;
		switch (classes[(unsigned char)s.ptr[i]]) {
		case C_SPACE:
			p->space = true;
			i++;
			break;
		case C_LEAD:
			c = text_utf8_get(span_sub(s, i, s.len), &size);
			put_character(p, s.ptr + i, size, c);
			i += size;
			break;
		default: i++; break;
		}
	}
}

static size_t find(const struct plain *p, size_t i, struct span mark, bool *none)
{
	const char *at = NULL;

	if (!*none && i < p->in.len)
		at = memmem(p->in.ptr + i, p->in.len - i, mark.ptr, mark.len);
	*none = !at;
	return at ? (size_t)(at - p->in.ptr) : p->in.len;
}

static size_t find_byte(const struct plain *p, size_t i, char c)
{
	const char *at = i < p->in.len ? memchr(p->in.ptr + i, c, p->in.len - i) : NULL;

	return at ? (size_t)(at - p->in.ptr) : p->in.len;
}

/* Where "</name" stands from i on. */
static size_t find_end_tag(const struct plain *p, size_t i, struct span name)
{
	while ((i = find_byte(p, i, '<')) < p->in.len) {
		if (p->in.ptr[i + 1 < p->in.len ? i + 1 : i] == '/' &&
		    span_starts_nocase(span_sub(p->in, i + 2, p->in.len), name))
			return i;
		i++;
	}
	return p->in.len;
}

/* Of the tag that begins at i: where it ends. Quotes count where a value begins, as in HTML. */
static size_t tag_end(const struct plain *p, size_t i, bool *closed)
{
	size_t begin = i;
	char before = 0;

	for (; i < p->in.len; i++) {
		char c = p->in.ptr[i];

		if (c == '>') {
			*closed = i > begin && p->in.ptr[i - 1] == '/';
			return i + 1;
		}
		if ((c == '"' || c == '\'') && before == '=') {
			/* nowhere: then no tag further on has this quote either, so this happens once */
			size_t end = find_byte(p, i + 1, c);

			if (end < p->in.len)
				i = end;
		}
		if (!byte_is_space(c))
			before = c;
	}
	return p->in.len;
}

static bool makes_space(struct span name)
{
	char lower[16];
	enum tag tag;

	if (name.len >= sizeof(lower))
		return false;
	for (size_t i = 0; i < name.len; i++)
		lower[i] = byte_lower(name.ptr[i]);
	tag = tag_by_name(span_of(lower, name.len));
	return tag_is_block(tag) || tag == TAG_TD || tag == TAG_TH || tag == TAG_IMG || tag == TAG_OPTION;
}

/* At '<'. */
static void markup(struct plain *p)
{
	struct span rest = span_sub(p->in, p->i, p->in.len), name;
	char c = rest.len > 1 ? rest.ptr[1] : 0;
	size_t end, begin = p->i + 1;
	bool closing = c == '/', closed = false;

	if (c == '!') {
		if (span_starts(rest, SPAN("<!--"))) {
			end = find(p, p->i + 4, SPAN("-->"), &p->no_comment_end);
			/* <!--> and <!---> are whole ones */
			if (span_starts(rest, SPAN("<!-->")) || span_starts(rest, SPAN("<!--->")))
				end = find_byte(p, p->i, '>') - 2;
			else if (p->no_comment_end)
				end = find_byte(p, p->i, '>') - 2;
			p->i = MIN(end + 3, p->in.len);
			return;
		}
		if (span_starts(rest, SPAN("<![CDATA["))) {
			end = find(p, p->i + 9, SPAN("]]>"), &p->no_cdata_end);
			put_text(p, span_sub(p->in, p->i + 9, end), true);
			p->i = MIN(end + 3, p->in.len);
			return;
		}
		if (rest.len > 2 && byte_is_alpha(rest.ptr[2])) {
			p->i = MIN(find_byte(p, p->i, '>') + 1, p->in.len);
			return;
		}
	} else if (c == '?') {
		p->i = MIN(find_byte(p, p->i, '>') + 1, p->in.len);
		return;
	}
	begin += closing;
	if (begin >= p->in.len || !byte_is_alpha(p->in.ptr[begin])) {
		put(p, "<", 1);
		p->i++;
		return;
	}
	for (end = begin; end < p->in.len &&
			  (byte_is_alnum(p->in.ptr[end]) || p->in.ptr[end] == ':' || p->in.ptr[end] == '-');)
		end++;
	name = span_sub(p->in, begin, end);
	if (span_find_byte(name, ':') >= 0)
		name = span_sub(name, (size_t)span_find_byte(name, ':') + 1, name.len);
	p->i = tag_end(p, end, &closed);
	if (makes_space(name))
		p->space = true;
	if (closing || (closed && p->from == PLAIN_XHTML))
		return;
	if (span_eq_nocase(name, SPAN("script")))
		p->i = find_end_tag(p, p->i, SPAN("script"));
	else if (span_eq_nocase(name, SPAN("style")))
		p->i = find_end_tag(p, p->i, SPAN("style"));
}

/* Single spaces between printable ASCII, and nothing to decode. */
static bool is_plain(struct span s)
{
	bool space = true;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c == ' ' ? space : classes[c] != C_PLAIN)
			return false;
		space = c == ' ';
	}
	return !space;
}

struct span plain_text(struct span s, enum plain_from from, struct strbuf *scratch, struct arena *arena)
{
	struct plain p = {.in = s, .from = from};
	struct text_reference found;

	s = span_trim(s);
	if (!s.ptr || !s.len)
		return SPAN_NONE;
	if (is_plain(s))
		return s;
	p.in = s;
	strbuf_truncate(scratch, 0);
	/* "&nLt;" gives six bytes for five, a control of two gives three, nothing grows more */
	if (strbuf_reserve(scratch, s.len + s.len / 2 + 8)) {
		arena->failed = arena->failed ? arena->failed : ERR_NOMEM;
		return SPAN_NONE;
	}
	p.out = scratch->ptr;
	if (from == PLAIN_TEXT) {
		put_text(&p, s, true);
		return p.n ? arena_dup(arena, span_of(p.out, p.n)) : SPAN_NONE;
	}
	while (p.i < s.len) {
		size_t run = p.i;

		while (run < s.len && classes[(unsigned char)s.ptr[run]] != C_MARK)
			run++;
		if (run > p.i) {
			put_text(&p, span_sub(s, p.i, run), false);
			p.i = run;
			if (run == s.len)
				break;
		}
		if (s.ptr[p.i] == '<') {
			markup(&p);
		} else if (text_reference_read(span_sub(s, p.i, s.len), &found)) {
			put_text(&p, span_of(found.value, found.size), true);
			p.i += found.len;
		} else {
			put(&p, "&", 1);
			p.i++;
		}
	}
	return p.n ? arena_dup(arena, span_of(p.out, p.n)) : SPAN_NONE;
}
