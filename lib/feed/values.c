/* SPDX-License-Identifier: MIT */
#include "feed/parse.h"

#include "base/text.h"
#include "feed/plain.h"

bool target_takes(struct target *t, enum slot slot, unsigned rank, bool last)
{
	if (rank > t->rank[slot] || (rank == t->rank[slot] && !last))
		return false;
	t->rank[slot] = (uint8_t)rank;
	return true;
}

struct span value_copy(struct parser *p, struct span s)
{
	struct span copy = arena_dup(p->arena, s);

	if (s.ptr && !copy.ptr)
		p->err = arena_failed(p->arena);
	return copy;
}

static struct span solid(struct span s)
{
	s = span_trim(s);
	return s.len ? s : SPAN_NONE;
}

struct span value_text(struct parser *p, struct span raw)
{
	return solid(xml_text(&p->x, raw, XML_PLAIN, &p->scratch, p->arena));
}

struct span value_attr(struct parser *p, const char *local)
{
	return solid(xml_attr_text(&p->x, xml_attr(&p->x, local), &p->scratch, p->arena));
}

/* ---- constructs ---- */

static bool has_elements(struct span raw)
{
	for (size_t i = 0; i + 1 < raw.len; i++) {
		const char *at = memchr(raw.ptr + i, '<', raw.len - i - 1);

		if (!at)
			return false;
		i = (size_t)(at - raw.ptr);
		if (byte_is_alpha(at[1]))
			return true;
		if (at[1] == '!') {
			const char *end = memmem(at, raw.len - i, "]]>", 3);

			if (!end || raw.len - i < 9 || memcmp(at, "<![CDATA[", 9) != 0)
				return end == NULL ? false : true;
			i = (size_t)(end - raw.ptr) + 2;
		}
	}
	return false;
}

enum construct construct_of(const struct parser *p)
{
	struct span type = span_trim(xml_attr(&p->x, "type")), mode = span_trim(xml_attr(&p->x, "mode"));
	ptrdiff_t parameters = span_find_byte(type, ';');

	if (parameters >= 0)
		type = span_trim(span_sub(type, 0, (size_t)parameters));
	if (!p->atom)
		return p->x.ns == XML_NS_MEDIA && span_eq_nocase(type, SPAN("plain")) ? CONSTRUCT_TEXT
										      : CONSTRUCT_HTML;
	if (span_eq_nocase(mode, SPAN("base64")))
		return CONSTRUCT_BASE64;
	if (!type.len || span_eq_nocase(type, SPAN("text")) || span_eq_nocase(type, SPAN("text/plain")))
		return CONSTRUCT_TEXT;
	if (span_eq_nocase(type, SPAN("html")) || span_eq_nocase(type, SPAN("text/html")))
		return span_eq_nocase(mode, SPAN("xml")) ? CONSTRUCT_XHTML : CONSTRUCT_HTML;
	if (span_eq_nocase(type, SPAN("xhtml")) || span_ends_nocase(type, SPAN("+xml")) ||
	    span_ends_nocase(type, SPAN("/xml")))
		return span_eq_nocase(mode, SPAN("escaped")) ? CONSTRUCT_HTML : CONSTRUCT_XHTML;
	if (span_starts_nocase(type, SPAN("text/")) || span_find_byte(type, '/') < 0)
		return CONSTRUCT_TEXT;
	return CONSTRUCT_BASE64;
}

static int base64_digit(char c)
{
	if (byte_is_alpha(c))
		return c >= 'a' ? c - 'a' + 26 : c - 'A';
	if (byte_is_digit(c))
		return c - '0' + 52;
	return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* RFC 4648, white space anywhere. SPAN_NONE when s is something else, or what it holds is no text. */
static struct span base64(struct parser *p, struct span s)
{
	uint32_t bits = 0;
	unsigned have = 0;
	char *out;
	size_t n = 0;

	s = span_trim(s);
	while (s.len && s.ptr[s.len - 1] == '=')
		s.len--;
	out = s.len ? arena_alloc(p->arena, s.len) : NULL;
	for (size_t i = 0; out && i < s.len; i++) {
		int digit = base64_digit(s.ptr[i]);

		if (byte_is_space(s.ptr[i]))
			continue;
		if (digit < 0)
			return SPAN_NONE;
		bits = bits << 6 | (uint32_t)digit;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (char)(bits >> have & 0xff);
		}
	}
	if (!out || !n || text_utf8_valid(span_of(out, n)) != n || memchr(out, 0, n))
		return SPAN_NONE;
	return span_of(out, n);
}

static bool within(struct span part, struct span whole)
{
	return part.ptr >= whole.ptr && part.ptr < whole.ptr + whole.len;
}

/* plain_text() of what will be gone soon: its result may be borrowed. */
static struct span lasting_text(struct parser *p, struct span s, enum plain_from from)
{
	struct span text = plain_text(s, from, &p->scratch, p->arena);

	return text.ptr && within(text, s) ? value_copy(p, text) : text;
}

struct markup markup_of(struct parser *p, struct span html, bool passing)
{
	const struct url *base = p->contexts[p->context].base;
	struct markup m = {SPAN_NONE, SPAN_NONE, base ? base->href : SPAN_NONE};

	html = solid(html);
	m.text = passing ? lasting_text(p, html, PLAIN_HTML)
			 : plain_text(html, PLAIN_HTML, &p->scratch, p->arena);
	if (!p->text_only)
		m.html = passing ? value_copy(p, html) : html;
	return m;
}

struct markup construct_read(struct parser *p, struct span raw, enum construct how)
{
	struct markup m = {SPAN_NONE, SPAN_NONE, SPAN_NONE};
	struct arena *arena = p->text_only ? &p->brief : p->arena;
	struct span s;
	bool passing;

	if (how == CONSTRUCT_XHTML && has_elements(raw)) {
		m = markup_of(p, SPAN_NONE, false);
		m.html = p->text_only ? SPAN_NONE : raw;
		m.text = plain_text(raw, PLAIN_XHTML, &p->scratch, p->arena);
		return m;
	}
	if (how == CONSTRUCT_XHTML && span_starts(span_trim(raw), SPAN("<![CDATA[")))
		how = CONSTRUCT_HTML;
	s = xml_text(&p->x, raw, how == CONSTRUCT_HTML ? XML_MARKUP : XML_PLAIN, &p->scratch, arena);
	if (!s.ptr)
		p->err = arena_failed(arena);
	passing = p->text_only && !within(s, raw);
	if (how == CONSTRUCT_BASE64) {
		struct span decoded = base64(p, s);

		how = decoded.ptr ? CONSTRUCT_HTML : CONSTRUCT_TEXT;
		passing = passing && !decoded.ptr;
		s = decoded.ptr ? decoded : s;
	}
	if (how == CONSTRUCT_HTML)
		m = markup_of(p, s, passing);
	else
		m.text = passing ? lasting_text(p, s, PLAIN_TEXT)
				 : plain_text(s, PLAIN_TEXT, &p->scratch, p->arena);
	if (p->text_only)
		arena_reset(&p->brief);
	return m;
}

/* ---- links ---- */

static bool has_scheme(struct span s)
{
	size_t i = 0;

	while (i < s.len &&
	       (byte_is_alnum(s.ptr[i]) || s.ptr[i] == '+' || s.ptr[i] == '-' || s.ptr[i] == '.'))
		i++;
	return i > 1 && byte_is_alpha(s.ptr[0]) && i < s.len && s.ptr[i] == ':';
}

/* Line ends and tabs go, as the URL standard says; a second layer of "&amp;" too. */
static struct span tidy_link(struct parser *p, struct span s)
{
	char *out;
	size_t n = 0;

	s = span_trim(s);
	while (n < s.len && s.ptr[n] != '&' && (unsigned char)s.ptr[n] > ' ')
		n++;
	if (n == s.len)
		return s;
	n = 0;
	out = arena_alloc(p->arena, s.len + 1);
	for (size_t i = 0; out && i < s.len; i++) {
		if (s.ptr[i] >= '\t' && s.ptr[i] <= '\r')
			continue;
		out[n++] = s.ptr[i];
		if (span_starts(span_sub(s, i, s.len), SPAN("&amp;")))
			i += 4;
	}
	return out ? span_of(out, n) : SPAN_NONE;
}

struct span value_link(struct parser *p, struct span s)
{
	const struct url *base = p->contexts[p->context].base;
	struct url url;

	s = s.ptr ? tidy_link(p, s) : s;
	if (!s.ptr || !s.len || s.len > URL_MAX)
		return SPAN_NONE;
	if (has_scheme(s) || !base || url_parse(s, base, p->arena, &url, NULL))
		return s;
	return url.href;
}

bool type_is_image(struct span type, struct span url)
{
	static const char *const ends[] = {".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".svg"};
	ptrdiff_t query = span_find_byte(url, '?');

	if (type.len)
		return span_starts_nocase(type, SPAN("image/"));
	url = query < 0 ? url : span_sub(url, 0, (size_t)query);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (span_ends_nocase(url, span_str(ends[i])))
			return true;
	return false;
}

/* ---- what there are several of ---- */

void add_tag(struct parser *p, struct span text)
{
	struct target *t = p->t;

	text = plain_text(text, PLAIN_HTML, &p->scratch, p->arena);
	if (!text.ptr || t->tag_count == FEED_LIST_MAX)
		return;
	for (unsigned i = 0; i < t->tag_count; i++)
		if (span_eq(t->tags[i], text))
			return;
	t->tags[t->tag_count++] = text;
}

void add_tags_parted(struct parser *p, struct span text, char by)
{
	for (struct span part; text.ptr && (part = span_split(&text, by)).ptr;)
		add_tag(p, part);
}

static bool is_mail(struct span s)
{
	ptrdiff_t at = span_find_byte(s, '@');

	if (span_starts_nocase(s, SPAN("mailto:")))
		return true;
	return at > 0 && span_find_byte(s, ' ') < 0 &&
	       span_find_byte(span_sub(s, (size_t)at, s.len), '.') > 0;
}

/* "mail (Name)", "Name (mail)" and "Name <mail>" give Name; a mail address alone gives nothing. */
static struct span name_of(struct span s)
{
	static const char brackets[][2] = {{'(', ')'}, {'<', '>'}, {'[', ']'}};

	for (size_t i = 0; i < ARRAY_SIZE(brackets) && s.len; i++) {
		ptrdiff_t open = span_find_byte(s, brackets[i][0]);
		struct span before, inside;

		if (open < 0 || s.ptr[s.len - 1] != brackets[i][1])
			continue;
		before = span_trim(span_sub(s, 0, (size_t)open));
		inside = span_trim(span_sub(s, (size_t)open + 1, s.len - 1));
		if (is_mail(before))
			return name_of(inside);
		if (is_mail(inside) || !inside.len)
			return before;
	}
	return is_mail(s) ? SPAN("") : s;
}

void add_author(struct parser *p, struct span text, unsigned rank)
{
	struct target *t = p->t;

	text = text.ptr ? name_of(text) : text;
	if (!text.ptr || !text.len || rank > t->rank[SLOT_AUTHOR])
		return;
	if (rank < t->rank[SLOT_AUTHOR])
		t->author_count = 0;
	t->rank[SLOT_AUTHOR] = (uint8_t)rank;
	for (unsigned i = 0; i < t->author_count; i++)
		if (span_eq(t->authors[i], text))
			return;
	if (t->author_count < FEED_LIST_MAX)
		t->authors[t->author_count++] = text;
}

static unsigned number(struct span s)
{
	uint64_t n = 0;
	size_t digits = 0;

	s = span_trim(s);
	while (digits < s.len && byte_is_digit(s.ptr[digits])) /* "640px" */
		digits++;
	return span_to_uint(span_sub(s, 0, digits), 100000, &n) ? (unsigned)n : 0;
}

void add_enclosure(struct parser *p, struct span url, struct span type, struct span length, bool media)
{
	struct target *t = p->t;
	struct feed_enclosure *list = media ? t->media : t->enclosures;
	unsigned *count = media ? &t->media_count : &t->enclosure_count;
	uint64_t bytes;

	url = value_link(p, url);
	if (!url.ptr || *count == FEED_LIST_MAX)
		return;
	for (unsigned i = 0; i < *count; i++)
		if (span_eq(list[i].url, url))
			return;
	if (!span_to_uint(span_trim(length), UINT64_MAX / 16, &bytes))
		bytes = 0;
	list[(*count)++] = (struct feed_enclosure){.url = url, .type = type, .length = bytes};
}

void add_image(struct parser *p, struct span url, struct span width, struct span height, unsigned rank)
{
	struct target *t = p->t;
	struct feed_image image = {value_link(p, url), number(width), number(height)};
	bool wider = rank == t->rank[SLOT_IMAGE] && image.width > t->image.width && t->image.width;

	if (!image.url.ptr)
		return;
	if (target_takes(t, SLOT_IMAGE, rank, wider))
		t->image = image;
	for (unsigned i = 0; i < t->image_count; i++)
		if (span_eq(t->images[i].url, image.url))
			return;
	if (t->image_count < FEED_IMAGES_MAX)
		t->images[t->image_count++] = image;
}

/* ---- single values ---- */

void set_date(struct parser *p, enum slot slot, struct span text, unsigned rank)
{
	struct target *t = p->t;
	struct feed_date *date = slot == SLOT_PUBLISHED ? &t->published : &t->updated;
	struct date parsed;

	if (!text.len || rank >= t->rank[slot])
		return;
	if (!date_parse(text, &parsed)) {
		if (text.ptr >= p->x.text.ptr && text.ptr < p->x.text.ptr + p->x.text.len)
			xml_note(&p->x, text.ptr, "date that cannot be read", text);
		return;
	}
	t->rank[slot] = (uint8_t)rank;
	*date = (struct feed_date){true, parsed};
}

void set_id(struct parser *p, struct span id, unsigned rank)
{
	if (!id.len || !target_takes(p->t, SLOT_ID, rank, false))
		return;
	if (id.len > FEED_ID_MAX) {
		id.len = FEED_ID_MAX;
		id.len = text_utf8_valid(id);
	}
	p->t->id = id;
}

void set_link(struct parser *p, struct span link, unsigned rank, bool last)
{
	link = value_link(p, link);
	if (link.ptr && target_takes(p->t, SLOT_LINK, rank, last))
		p->t->link = link;
}

struct span clean_language(struct parser *p, struct span s)
{
	enum { LANGUAGE_MAX = 64 };
	char *out;

	s = span_trim(s);
	if (!s.len || s.len > LANGUAGE_MAX)
		return SPAN_NONE;
	if (span_find_byte(s, '_') < 0)
		return s;
	out = arena_strdup(p->arena, s);
	for (size_t i = 0; out && i < s.len; i++)
		if (out[i] == '_')
			out[i] = '-';
	return out ? span_of(out, s.len) : SPAN_NONE;
}
