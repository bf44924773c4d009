/* SPDX-License-Identifier: MIT */
#include "feed/template.h"

#include "base/text.h"

/* ---- the default ---- */

static const char native[] = "category: {category}\n"
			     "title: {title}\n"
			     "excerpt: {excerpt}\n"
			     "publishedDateTime: {date}\n"
			     "originalUrl: {link}\n"
			     "type: {type}\n"
			     "quality: {quality}\n"
			     "heat: {heat}\n"
			     "published: {published}\n"
			     "\n"
			     "topics: {topics}\n"
			     "\n"
			     "images:\n"
			     "  - url: {image}\n"
			     "    width: {width}\n"
			     "    height: {height}\n";

static enum err add_key(const struct key_paths *paths, const char *place, struct strbuf *out)
{
	const struct key_path *p = &paths->paths[0];
	enum err r = ERR_OK;

	if (!paths->count || paths->local)
		return ERR_OK;
	for (size_t i = 0; i < p->count && !r; i++)
		r = strbuf_addf(out, "%*s%.*s:%s", (int)(2 * i), "", SPAN_ARG(p->steps[i]),
				i + 1 < p->count || p->list ? "\n" : " ");
	if (r)
		return r;
	if (p->list && p->item.ptr)
		return strbuf_addf(out, "%*s- %.*s: {%s}\n", (int)(2 * p->count), "", SPAN_ARG(p->item),
				   place);
	if (p->list)
		return strbuf_addf(out, "%*s- {%s}\n", (int)(2 * p->count), "", place);
	return strbuf_addf(out, "{%s}\n", place);
}

enum err template_default(const struct shape *shape, struct strbuf *out)
{
	enum err r;

	if (strcmp(shape->preset, "native") == 0)
		return strbuf_add_str(out, native);
	r = add_key(&shape->fields[FIELD_TITLE], "title", out);
	if (!r)
		r = add_key(&shape->fields[FIELD_DATE], "date", out);
	if (!r)
		r = add_key(&shape->fields[FIELD_EXCERPT], "excerpt", out);
	if (!r)
		r = add_key(&shape->link, "link", out);
	if (!r)
		r = add_key(&shape->fields[FIELD_IMAGE], "image", out);
	return r ? r : strbuf_add_str(out, "published: {published}\ntags: {topics}\n");
}

/* ---- places ---- */

/* The next place in line from *at: *before is the text up to it, *name what it is called; *at moves behind
 * it. False: the rest of the line is *before. A doubled brace stays in *before as it is. */
static bool next_place(struct span line, size_t *at, struct span *before, struct span *name)
{
	size_t begin = *at;

	for (size_t i = begin; i < line.len; i++) {
		ptrdiff_t end;

		if (line.ptr[i] != '{' && line.ptr[i] != '}')
			continue;
		if (i + 1 < line.len && line.ptr[i + 1] == line.ptr[i]) {
			i++;
			continue;
		}
		end = span_find_byte(span_sub(line, i, line.len), '}');
		if (line.ptr[i] == '}' || end < 0)
			continue;
		*before = span_sub(line, begin, i);
		*name = span_sub(line, i + 1, i + (size_t)end);
		*at = i + (size_t)end + 1;
		return true;
	}
	*before = span_sub(line, begin, line.len);
	*at = line.len;
	return false;
}

bool template_has(struct span text, const char *name)
{
	size_t at = 0;
	struct span before, found;

	while (next_place(text, &at, &before, &found))
		if (span_eq_str(found, name))
			return true;
	return false;
}

static bool lone_brace(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] != '{' && s.ptr[i] != '}')
			continue;
		if (i + 1 == s.len || s.ptr[i + 1] != s.ptr[i])
			return true;
		i++;
	}
	return false;
}

static bool is_allowed(struct span name, const char *const *names)
{
	for (; *names; names++)
		if (span_eq_str(name, *names))
			return true;
	return false;
}

enum err template_check(struct span text, const char *const *names, struct error *e)
{
	struct span rest = text, line;

	if (text.len > TEMPLATE_BYTES)
		return err_set(e, ERR_INVALID, "a template has at most %d bytes", TEMPLATE_BYTES);
	for (unsigned n = 1; (line = span_split(&rest, '\n')).ptr; n++) {
		struct span before, name;
		size_t at = 0;
		bool more = true;

		if (span_eq(span_trim(line), SPAN("---")) || span_eq(span_trim(line), SPAN("...")))
			return err_set(e, ERR_INVALID, "line %u: the lines --- are added, not written", n);
		while (more) {
			more = next_place(line, &at, &before, &name);
			if (lone_brace(before))
				return err_set(e, ERR_INVALID, "line %u: a brace alone; {{ is a brace", n);
			if (more && !is_allowed(name, names))
				return err_set(e, ERR_INVALID, "line %u: there is no value '%.*s'", n,
					       (int)MIN(name.len, 60), name.ptr);
		}
	}
	return ERR_OK;
}

/* ---- values ---- */

static bool is_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff ||
	       (c & 0xfffe) == 0xfffe || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

enum err template_quote(struct span s, struct strbuf *out)
{
	CLEANUP(strbuf_release) struct strbuf valid = STRBUF_INIT(TEMPLATE_TEXT);
	enum err r = ERR_OK;

	if (text_utf8_valid(s) != s.len) {
		r = text_utf8_repair(s, &valid);
		s = strbuf_span(&valid);
	}
	while (s.len && !r) {
		unsigned size;
		uint32_t c = text_utf8_get(s, &size);

		if (c == '"' || c == '\\')
			r = strbuf_addf(out, "\\%c", (char)c);
		else if (is_unsafe(c))
			r = strbuf_addf(out, c > 0xffff ? "\\U%08x" : "\\u%04x", (unsigned)c);
		else
			r = strbuf_add_span(out, span_sub(s, 0, size));
		s = span_sub(s, size, s.len);
	}
	return r;
}

static enum err quoted(struct span s, struct strbuf *out)
{
	enum err r = strbuf_add_byte(out, '"');

	if (!r)
		r = template_quote(s, out);
	return r ? r : strbuf_add_byte(out, '"');
}

/* Letters, digits, blanks and a few signs, beginning with a letter: the same text by every reading of YAML.
 */
static bool is_plain(struct span s)
{
	if (!s.len || !byte_is_alpha(s.ptr[0]) || s.ptr[s.len - 1] == ' ' || yaml_looks_typed(s))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!byte_is_alnum(s.ptr[i]) && !strchr(" _-./+&", s.ptr[i]))
			return false;
	return span_find(s, SPAN(" #")) < 0;
}

static enum err item(struct span s, struct strbuf *out)
{
	return is_plain(s) ? strbuf_add_span(out, s) : quoted(s, out);
}

static const struct template_value *value_of(struct span name, const struct template_value *values,
					     size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_eq_str(name, values[i].name))
			return values[i].kind == TEMPLATE_LIST ? values[i].count ? &values[i] : NULL
			       : values[i].text.ptr            ? &values[i]
							       : NULL;
	return NULL;
}

static size_t indent_of(struct span line)
{
	size_t n = 0;

	while (n < line.len && line.ptr[n] == ' ')
		n++;
	return n;
}

/* The template's own words: doubled braces are one. */
static enum err literal(struct span s, struct strbuf *out)
{
	enum err r = ERR_OK;

	for (size_t i = 0; i < s.len && !r; i++) {
		r = strbuf_add_byte(out, s.ptr[i]);
		i += (s.ptr[i] == '{' || s.ptr[i] == '}') && i + 1 < s.len;
	}
	return r;
}

static enum err list(const struct template_value *v, size_t indent, struct strbuf *out)
{
	enum err r = ERR_OK;

	while (out->len && out->ptr[out->len - 1] == ' ')
		strbuf_truncate(out, out->len - 1);
	for (size_t i = 0; i < v->count && !r; i++) {
		r = strbuf_addf(out, "\n%*s- ", (int)indent + 2, "");
		if (!r)
			r = item(v->items[i], out);
	}
	return r;
}

/* What stands in a line's place: the value, by its kind and whether the template has put quotes around it. */
static enum err fill(const struct template_value *v, bool inside, size_t indent, struct strbuf *out)
{
	if (v->kind == TEMPLATE_LIST)
		return list(v, indent, out);
	if (v->kind == TEMPLATE_PLAIN)
		return strbuf_add_span(out, v->text);
	return inside ? template_quote(v->text, out) : quoted(v->text, out);
}

/* *whole: no place was without a value. */
static enum err fill_line(struct span line, const struct template_value *values, size_t count, bool *whole,
			  struct strbuf *out)
{
	struct span before, name;
	size_t at = 0;
	bool more = true, inside = false;
	enum err r = ERR_OK;

	*whole = true;
	while (more && !r) {
		const struct template_value *v;

		more = next_place(line, &at, &before, &name);
		for (size_t i = 0; i < before.len; i++)
			inside ^= before.ptr[i] == '"';
		r = literal(before, out);
		if (!more || r)
			break;
		v = value_of(name, values, count);
		if (!v) {
			*whole = false;
			return ERR_OK;
		}
		r = fill(v, inside, indent_of(line), out);
	}
	return r ? r : strbuf_add_byte(out, '\n');
}

/* Only a key, or keys behind dashes: it lives on what stands below it. */
static bool is_heading(struct span line)
{
	line = span_trim(line);
	return line.len && line.ptr[line.len - 1] == ':';
}

/* Takes away headings at the end that have nothing below them, once a line of that indentation or less comes.
 */
static void drop_headings(struct strbuf *out, size_t begin, size_t indent)
{
	for (;;) {
		struct span all = span_sub(strbuf_span(out), begin, out->len), line;
		size_t at = all.len;

		if (!at)
			return;
		for (at--; at && all.ptr[at - 1] != '\n';)
			at--;
		line = span_sub(all, at, all.len);
		if (!is_heading(line) || indent_of(line) < indent)
			return;
		strbuf_truncate(out, begin + at);
	}
}

static bool ends_blank(const struct strbuf *out, size_t begin)
{
	return out->len == begin || (out->len >= 2 && out->ptr[out->len - 2] == '\n');
}

static enum err expand(struct span text, const struct template_value *values, size_t count,
		       struct strbuf *out)
{
	struct span rest = text, line;
	size_t begin = out->len;
	bool blank = false;
	enum err r = ERR_OK;

	while (!r && (line = span_split(&rest, '\n')).ptr) {
		size_t was = out->len;
		bool whole;

		if (!span_trim(line).len) {
			blank = true;
			continue;
		}
		r = fill_line(line, values, count, &whole, out);
		if (r || !whole) {
			strbuf_truncate(out, was);
			continue;
		}
		/* kept: now it is known what stood before it */
		CLEANUP(strbuf_release) struct strbuf kept = STRBUF_INIT(TEMPLATE_TEXT);

		r = strbuf_add_span(&kept, span_sub(strbuf_span(out), was, out->len));
		strbuf_truncate(out, was);
		drop_headings(out, begin, indent_of(line));
		if (!r && blank && !ends_blank(out, begin))
			r = strbuf_add_byte(out, '\n');
		blank = false;
		if (!r)
			r = strbuf_add_span(out, strbuf_span(&kept));
	}
	drop_headings(out, begin, 0);
	while (out->len > begin && ends_blank(out, begin))
		strbuf_truncate(out, out->len - 1);
	return r;
}

enum err template_expand(struct span text, const struct template_value *values, size_t count,
			 const struct template_value *more, size_t more_count, struct strbuf *out)
{
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(TEMPLATE_TEXT);
	enum err r = strbuf_add_str(&b, "---\n");

	if (!r)
		r = expand(text, values, count, &b);
	for (size_t i = 0; i < more_count && !r; i++) {
		const struct template_value *v = value_of(span_str(more[i].name), &more[i], 1);

		if (!v || template_has(text, v->name))
			continue;
		r = strbuf_addf(&b, "%s: ", v->name);
		if (!r)
			r = fill(v, false, 0, &b);
		if (!r)
			r = strbuf_add_byte(&b, '\n');
	}
	if (!r)
		r = strbuf_add_str(&b, "---\n");
	return r ? r : strbuf_add_span(out, strbuf_span(&b));
}
