/* SPDX-License-Identifier: MIT */
/* "Prescan a byte stream to determine its encoding", https://html.spec.whatwg.org/#prescan-a-byte-stream...,
 * with all of the page at hand: a declaration after the first 1024 bytes counts, unless it stands in a
 * script. */
#include "extract/charset_inner.h"

enum { HEAD = 1024, VALUE_MAX = 256 };

/* One attribute in lower case, as the standard's "get an attribute"; longer texts are cut. */
struct attribute {
	char name[64], value[VALUE_MAX];
	size_t name_len, value_len;
};

struct walk {
	const char *p, *end, *begin;
};

static bool space_or_slash(char c)
{
	return byte_is_space(c) || c == '/';
}

static void add_byte(char *to, size_t *len, size_t max, char c)
{
	if (*len < max)
		to[(*len)++] = byte_lower(c);
}

/* False at the end of the tag or of the bytes. */
static bool get_attribute(struct walk *w, struct attribute *a)
{
	char quote;

	a->name_len = a->value_len = 0;
	while (w->p < w->end && space_or_slash(*w->p))
		w->p++;
	if (w->p == w->end || *w->p == '>')
		return false;
	while (w->p < w->end && !(*w->p == '=' && a->name_len) && !space_or_slash(*w->p) && *w->p != '>')
		add_byte(a->name, &a->name_len, sizeof(a->name), *w->p++);
	if (w->p < w->end && byte_is_space(*w->p))
		while (w->p < w->end && byte_is_space(*w->p))
			w->p++;
	if (w->p == w->end || *w->p != '=')
		return w->p < w->end;
	for (w->p++; w->p < w->end && byte_is_space(*w->p);)
		w->p++;
	if (w->p == w->end)
		return false;
	quote = *w->p == '"' || *w->p == '\'' ? *w->p++ : 0;
	while (w->p < w->end && (quote ? *w->p != quote : !byte_is_space(*w->p) && *w->p != '>'))
		add_byte(a->value, &a->value_len, sizeof(a->value), *w->p++);
	if (w->p == w->end)
		return false;
	w->p += quote != 0;
	return true;
}

struct span charset_in_content(struct span content)
{
	for (;;) {
		ptrdiff_t at = span_find_nocase(content, SPAN("charset"));
		ptrdiff_t end;

		if (at < 0)
			return SPAN_NONE;
		content = span_sub(content, (size_t)at + 7, content.len);
		while (content.len && byte_is_space(content.ptr[0]))
			content = span_sub(content, 1, content.len);
		if (!content.len || content.ptr[0] != '=')
			continue;
		content = span_sub(content, 1, content.len);
		while (content.len && byte_is_space(content.ptr[0]))
			content = span_sub(content, 1, content.len);
		if (!content.len)
			return SPAN_NONE;
		if (content.ptr[0] == '"' || content.ptr[0] == '\'') {
			end = span_find_byte(span_sub(content, 1, content.len), content.ptr[0]);
			return end < 0 ? SPAN_NONE : span_sub(content, 1, (size_t)end + 1);
		}
		for (size_t i = 0; i < content.len; i++)
			if (byte_is_space(content.ptr[i]) || content.ptr[i] == ';')
				return span_sub(content, 0, i);
		return content;
	}
}

/* At a <meta>'s attributes. CHARSET_NONE: it says nothing. */
static enum charset meta(struct walk *w)
{
	struct attribute a;
	bool pragma = false, got_http_equiv = false, got_content = false, got_charset = false;
	int need_pragma = -1;
	enum charset found = CHARSET_NONE;

	while (get_attribute(w, &a)) {
		struct span name = span_of(a.name, a.name_len), value = span_of(a.value, a.value_len);

		if (span_eq(name, SPAN("http-equiv")) && !got_http_equiv) {
			got_http_equiv = true;
			pragma = span_eq(value, SPAN("content-type"));
		} else if (span_eq(name, SPAN("content")) && !got_content) {
			enum charset c = charset_by_label(charset_in_content(value));

			got_content = true;
			if (c != CHARSET_NONE && found == CHARSET_NONE) {
				found = c;
				need_pragma = 1;
			}
		} else if (span_eq(name, SPAN("charset")) && !got_charset) {
			got_charset = true;
			found = charset_by_label(value);
			need_pragma = 0;
		}
	}
	/* an unfinished tag at the end of the page says nothing */
	if (w->p == w->end || need_pragma < 0 || (need_pragma && !pragma))
		return CHARSET_NONE;
	if (found == CHARSET_UTF_16BE || found == CHARSET_UTF_16LE)
		return CHARSET_UTF_8;
	return found == CHARSET_X_USER_DEFINED ? CHARSET_WINDOWS_1252 : found;
}

/* At '<' or "</" and a letter. */
static void skip_tag(struct walk *w)
{
	const char *name = w->p + (w->p[1] == '/' ? 2 : 1);
	bool script = w->p[1] != '/' && w->p - w->begin >= HEAD && w->end - name > 6 &&
		      span_eq_nocase(span_of(name, 6), SPAN("script"));
	struct attribute a;

	while (w->p < w->end && !byte_is_space(*w->p) && *w->p != '>')
		w->p++;
	while (get_attribute(w, &a))
		;
	if (!script)
		return;
	for (; w->p < w->end && (w->p = memchr(w->p, '<', (size_t)(w->end - w->p))); w->p++)
		if (span_starts_nocase(span_of(w->p, (size_t)(w->end - w->p)), SPAN("</script")))
			return;
	if (!w->p)
		w->p = w->end;
}

enum charset charset_prescan(struct span bytes)
{
	struct walk w;

	if (!bytes.len)
		return CHARSET_NONE;
	w = (struct walk){bytes.ptr, bytes.ptr + bytes.len, bytes.ptr};
	while (w.p < w.end && (w.p = memchr(w.p, '<', (size_t)(w.end - w.p)))) {
		struct span rest = span_of(w.p, (size_t)(w.end - w.p));
		char c = rest.len > 1 ? rest.ptr[1] : 0;

		if (span_starts(rest, SPAN("<!--"))) {
			w.p = memmem(w.p + 2, rest.len - 2, "-->", 3);
			if (!w.p)
				break;
			w.p += 3;
		} else if (span_starts_nocase(rest, SPAN("<meta")) && rest.len > 5 &&
			   space_or_slash(rest.ptr[5])) {
			enum charset found;

			w.p += 5;
			found = meta(&w);
			if (found != CHARSET_NONE)
				return found;
		} else if (byte_is_alpha(c) || (c == '/' && rest.len > 2 && byte_is_alpha(rest.ptr[2]))) {
			skip_tag(&w);
		} else if (c == '!' || c == '/' || c == '?') {
			w.p = memchr(w.p, '>', rest.len);
			if (!w.p)
				break;
		} else {
			w.p++;
		}
	}
	return CHARSET_NONE;
}
