/* SPDX-License-Identifier: MIT */
#include "extract/jsonld.h"

unsigned jsonld_depth(struct span s)
{
	unsigned depth = 0, most = 0;
	bool string = false;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				string = false;
		} else if (c == '"') {
			string = true;
		} else if (c == '{' || c == '[') {
			depth++;
			most = MAX(most, depth);
		} else if ((c == '}' || c == ']') && depth) {
			depth--;
		}
	}
	return most;
}

struct repair {
	struct span in;
	size_t i;
	struct strbuf *out;
	char open[JSONLD_DEPTH_MAX]; /* brackets not yet closed */
	unsigned depth;
	bool comma; /* one is due before the next value */
	bool value; /* the last thing written was a whole value */
	bool colon; /* the last thing written was a member's name or its colon */
	enum err err;
};

static void put(struct repair *r, const char *p, size_t n)
{
	if (!r->err)
		r->err = strbuf_add(r->out, p, n);
}

static bool at(const struct repair *r, const char *what)
{
	return span_starts(span_sub(r->in, r->i, r->in.len), span_str(what));
}

static char next_solid(const struct repair *r, size_t i, bool *line)
{
	*line = false;
	for (; i < r->in.len; i++) {
		if (r->in.ptr[i] == '\n')
			*line = true;
		if (!byte_is_space(r->in.ptr[i]))
			return r->in.ptr[i];
	}
	return '\0';
}

/* Whether the quote at i ends its string: what follows could not stand inside a value. */
static bool quote_ends(const struct repair *r, size_t i)
{
	bool line;
	char next = next_solid(r, i + 1, &line);

	return next == ',' || next == ':' || next == '}' || next == ']' || next == '\0' || next == ';' ||
	       (line && (next == '"' || next == '/' || next == '{' || next == '<'));
}

/* The four hexadecimal digits at i, or -1. */
static int hex4(struct span s, size_t i)
{
	int v = 0;

	if (i + 4 > s.len)
		return -1;
	for (size_t k = 0; k < 4; k++) {
		int d = byte_hex(s.ptr[i + k]);

		if (d < 0)
			return -1;
		v = v * 16 + d;
	}
	return v;
}

static void put_escape(struct repair *r)
{
	char c = r->i + 1 < r->in.len ? r->in.ptr[r->i + 1] : '\0';
	int unit = c == 'u' ? hex4(r->in, r->i + 2) : -1;

	if (c && strchr("\"\\/bfnrt", c)) {
		put(r, r->in.ptr + r->i, 2);
		r->i += 2;
	} else if (unit >= 0xd800 && unit < 0xdc00 && r->i + 12 <= r->in.len && r->in.ptr[r->i + 6] == '\\' &&
		   r->in.ptr[r->i + 7] == 'u' && hex4(r->in, r->i + 8) >= 0xdc00 &&
		   hex4(r->in, r->i + 8) < 0xe000) {
		put(r, r->in.ptr + r->i, 12);
		r->i += 12;
	} else if (unit == 0 || (unit >= 0xd800 && unit < 0xe000)) {
		put(r, "\\ufffd", 6); /* half a character, or a NUL, which the parser refuses */
		r->i += 6;
	} else if (unit > 0) {
		put(r, r->in.ptr + r->i, 6);
		r->i += 6;
	} else {
		r->i++; /* a backslash that escapes nothing */
	}
}

static void string(struct repair *r)
{
	put(r, "\"", 1);
	r->i++;
	while (r->i < r->in.len && !r->err) {
		unsigned char c = (unsigned char)r->in.ptr[r->i];

		if (c == '\\') {
			put_escape(r);
		} else if (c == '"') {
			r->i++;
			if (quote_ends(r, r->i - 1))
				break;
			put(r, "\\\"", 2);
		} else if (c < 0x20) {
			put(r, c == '\n' ? "\\n" : " ", c == '\n' ? 2 : 1);
			r->i++;
		} else {
			size_t from = r->i;

			while (r->i < r->in.len && (unsigned char)r->in.ptr[r->i] >= 0x20 &&
			       r->in.ptr[r->i] != '\\' && r->in.ptr[r->i] != '"')
				r->i++;
			put(r, r->in.ptr + from, r->i - from);
		}
	}
	put(r, "\"", 1);
}

/* Skips what is no JSON; true when something was skipped. */
static bool skip_wrapping(struct repair *r)
{
	static const char *const words[] = {"<![CDATA[", "]]>", "<!--", "-->"};

	for (size_t k = 0; k < ARRAY_SIZE(words); k++)
		if (at(r, words[k])) {
			r->i += strlen(words[k]);
			return true;
		}
	if (at(r, "//")) {
		ptrdiff_t end = span_find_byte(span_sub(r->in, r->i, r->in.len), '\n');
		size_t stop = end < 0 ? r->in.len : r->i + (size_t)end;

		/* "//<![CDATA[ {" : the comment may hide the opening of a wrapper on the same line */
		for (r->i += 2; r->i < stop; r->i++)
			if (at(r, "<![CDATA[") || at(r, "]]>"))
				return true;
		return true;
	}
	if (at(r, "/*")) {
		ptrdiff_t end = span_find(span_sub(r->in, r->i + 2, r->in.len), SPAN("*/"));

		r->i = end < 0 ? r->in.len : r->i + 2 + (size_t)end + 2;
		return true;
	}
	return false;
}

static void before_value(struct repair *r)
{
	if (r->depth && (r->comma || r->value))
		put(r, ",", 1);
	r->comma = r->value = r->colon = false;
}

static void close_bracket(struct repair *r)
{
	if (r->colon)
		put(r, "null", 4); /* a member without a value */
	put(r, r->open[--r->depth] == '{' ? "}" : "]", 1);
	r->comma = r->colon = false;
	r->value = true;
}

static void scalar(struct repair *r)
{
	size_t from = r->i;

	while (r->i < r->in.len && r->in.ptr[r->i] &&
	       (byte_is_alnum(r->in.ptr[r->i]) || strchr("+-._", r->in.ptr[r->i])))
		r->i++;
	if (r->i == from) {
		r->i++; /* a stray byte */
		return;
	}
	before_value(r);
	put(r, r->in.ptr + from, r->i - from);
	r->value = true;
}

enum err jsonld_repair(struct span text, struct strbuf *out)
{
	struct repair r = {.in = text, .out = out};

	/* of a second document in one block nothing counts */
	while (r.i < text.len && !r.err && !(r.value && !r.depth)) {
		char c = text.ptr[r.i];

		if (byte_is_space(c) || c == '\0') {
			r.i++;
		} else if (skip_wrapping(&r)) {
			continue;
		} else if (!r.depth && c != '{' && c != '[') {
			r.i++; /* before it */
		} else if (c == '"') {
			before_value(&r);
			string(&r);
			r.value = true;
		} else if (c == '{' || c == '[') {
			if (r.depth == JSONLD_DEPTH_MAX)
				return ERR_TOODEEP;
			before_value(&r);
			put(&r, &c, 1);
			r.open[r.depth++] = c;
			r.i++;
		} else if (c == '}' || c == ']') {
			char want = c == '}' ? '{' : '[';

			if (r.depth && r.open[r.depth - 1] != want && r.depth > 1 &&
			    r.open[r.depth - 2] == want)
				close_bracket(&r); /* one was forgotten */
			if (r.depth && r.open[r.depth - 1] == want)
				close_bracket(&r);
			r.i++;
		} else if (c == ',') {
			if (r.colon)
				put(&r, "null", 4);
			r.comma |= r.value || r.colon; /* several are one */
			r.value = r.colon = false;
			r.i++;
		} else if (c == ':') {
			if (r.value) {
				put(&r, ":", 1);
				r.colon = true;
				r.value = r.comma = false;
			}
			r.i++;
		} else {
			scalar(&r);
		}
	}
	while (r.depth && !r.err)
		close_bracket(&r);
	return r.err;
}
