/* SPDX-License-Identifier: MIT */
#include "extract/repair.h"

/* Elements whose content is no markup. */
enum raw {
	RAW_NOT,
	RAW_SCRIPT,
	RAW_STYLE,
	RAW_TITLE,
	RAW_TEXTAREA,
	RAW_IFRAME,
	RAW_NOEMBED,
	RAW_NOFRAMES,
	RAW_XMP,
	RAW_COUNT
};

static const struct span raw_names[RAW_COUNT] = {
	[RAW_NOT] = {NULL, 0},          [RAW_SCRIPT] = {"script", 6},     [RAW_STYLE] = {"style", 5},
	[RAW_TITLE] = {"title", 5},     [RAW_TEXTAREA] = {"textarea", 8}, [RAW_IFRAME] = {"iframe", 6},
	[RAW_NOEMBED] = {"noembed", 7}, [RAW_NOFRAMES] = {"noframes", 8}, [RAW_XMP] = {"xmp", 3},
};

enum { UNCLOSED_TITLES_MAX = 64 };

/* Bytes by what they mean inside a tag. */
enum { C_SPACE = 1, C_SLASH = 2, C_GT = 4, C_EQ = 8, C_QUOTE = 16 };
static const unsigned char classes[256] = {
	['\t'] = C_SPACE, ['\n'] = C_SPACE, ['\f'] = C_SPACE, ['\r'] = C_SPACE, [' '] = C_SPACE,
	['/'] = C_SLASH,  ['>'] = C_GT,     ['='] = C_EQ,     ['"'] = C_QUOTE,  ['\''] = C_QUOTE,
};
#define IS(p, mask) (classes[(unsigned char)*(p)] & (mask))

struct scan {
	const char *begin, *end; /* the source */
	const char *pending;     /* source from here on waits to be copied */
	char *out, *next;
	unsigned escapes;
	bool skewed; /* something was left out since the last note of a cut */
	bool failed;
	unsigned unclosed;  /* BIT(raw): it is known that no such end tag follows */
	const char *arrow;  /* the first "-->" at or after where one was last looked for */
	unsigned titles;    /* unclosed ones that were closed */
	unsigned svg;       /* depth of svg elements that are being left out */
	unsigned open[256]; /* elements opened and not closed, by hash of their name */
	struct arena *arena;
	struct repaired *r;
	size_t cut_room, script_room;
};

static void *more(struct scan *s, void *old, size_t count, size_t *room, size_t size)
{
	void *p = old;

	if (count < *room)
		return old;
	*room = *room ? *room * 2 : 64;
	p = arena_alloc(s->arena, *room * size);
	if (!p) {
		s->failed = true;
		return NULL;
	}
	if (count)
		memcpy(p, old, count * size);
	return p;
}

/* Copies what waits, up to `to`. */
static void flush(struct scan *s, const char *to)
{
	size_t n = (size_t)(to - s->pending);

	if (!n)
		return;
	if (s->skewed) {
		struct repaired *r = s->r;
		struct repair_cut *cuts = more(s, r->cuts, r->cut_count, &s->cut_room, sizeof(*cuts));

		if (!cuts)
			return;
		r->cuts = cuts;
		cuts[r->cut_count++] =
			(struct repair_cut){(uint32_t)(s->next - s->out), (uint32_t)(s->pending - s->begin)};
		s->skewed = false;
	}
	memcpy(s->next, s->pending, n);
	s->next += n;
	s->pending = to;
}

/* Leaves [from, to) out. */
static void leave_out(struct scan *s, const char *from, const char *to)
{
	flush(s, from);
	s->pending = to;
	s->skewed = true;
}

static void put(struct scan *s, struct span text)
{
	memcpy(s->next, text.ptr, text.len);
	s->next += text.len;
	s->skewed = true;
}

static unsigned name_hash(const char *p, size_t n)
{
	unsigned h = (unsigned)n * 37;

	for (size_t i = 0; i < MIN(n, 10); i++)
		h = h * 31 + (unsigned char)(p[i] | 32);
	return (h ^ h >> 8) & 255;
}

static const char *name_end(const char *p, const char *end)
{
	while (p < end && !IS(p, C_SPACE | C_SLASH | C_GT))
		p++;
	return p;
}

static bool name_is(const char *p, const char *end, struct span name)
{
	return span_eq_nocase(span_of(p, (size_t)(end - p)), name);
}

static enum raw raw_by_name(const char *p, size_t n)
{
	if (n < 3 || n > 8)
		return RAW_NOT;
	switch (p[0] | 32) {
	case 's':
	case 't':
	case 'i':
	case 'n':
	case 'x':
		for (unsigned i = RAW_NOT + 1; i < RAW_COUNT; i++)
			if (name_is(p, p + n, raw_names[i]))
				return (enum raw)i;
	}
	return RAW_NOT;
}

/* Long values that nobody reads; on* is code. */
static bool attr_useless(const char *name, size_t name_len, const char *value, size_t value_len)
{
	if (name_len > 2 && (name[0] | 32) == 'o' && (name[1] | 32) == 'n')
		return true;
	if (value_len <= REPAIR_DATA_MAX)
		return false;
	return span_starts_nocase(span_of(name, name_len), SPAN("data-"))
		       ? span_find_nocase(span_of(name, name_len), SPAN("src")) < 0 ||
				 span_starts_nocase(span_of(value, value_len), SPAN("data:"))
		       : span_starts_nocase(span_of(value, value_len), SPAN("data:")) ||
				 span_eq_nocase(span_of(name, name_len), SPAN("style"));
}

/* From behind a tag's name to behind its '>'; NULL when the page ends first. `keep`: attributes stay. */
static const char *scan_attrs(struct scan *s, const char *p, bool keep)
{
	const char *end = s->end, *bomb = NULL;
	size_t count = 0, unquoted = 0;

	for (;;) {
		const char *name, *name_stop, *value, *stop;

		while (p < end && IS(p, C_SPACE | C_SLASH))
			p++;
		if (p >= end)
			return NULL;
		if (*p == '>')
			break;
		name = p++; /* an '=' here belongs to the name */
		while (p < end && !IS(p, C_SPACE | C_SLASH | C_GT | C_EQ))
			p++;
		name_stop = stop = p;
		while (p < end && IS(p, C_SPACE))
			p++;
		value = NULL;
		if (p < end && *p == '=') {
			for (p++; p < end && IS(p, C_SPACE);)
				p++;
			if (p >= end)
				return NULL;
			if (IS(p, C_QUOTE)) {
				value = p + 1;
				p = memchr(value, *p, (size_t)(end - value));
				if (!p)
					return NULL;
				stop = p++;
				unquoted += (size_t)(value - name);
			} else {
				for (value = p; p < end && !IS(p, C_SPACE | C_GT);)
					p++;
				stop = p;
				unquoted += (size_t)(p - name);
			}
		} else {
			p = name_stop;
			unquoted += (size_t)(p - name);
		}
		if (!keep || bomb)
			continue;
		if (++count > REPAIR_ATTRS_MAX || unquoted > REPAIR_UNQUOTED_MAX)
			bomb = name;
		else if (value &&
			 attr_useless(name, (size_t)(name_stop - name), value, (size_t)(stop - value)))
			leave_out(s, name, p);
	}
	if (bomb)
		leave_out(s, bomb, p);
	return p + 1;
}

/* The "</NAME" that ends raw text, or NULL. Script: the standard's escaped states, in which a <script> in a
 * comment hides its own end tag. */
static const char *raw_end(struct scan *s, const char *p, enum raw raw)
{
	struct span name = raw_names[raw];
	const char *escaped = NULL; /* inside <!-- up to here */
	bool twice = false;

	if (s->unclosed & 1u << raw)
		return NULL;
	while (p < s->end && (p = memchr(p, '<', (size_t)(s->end - p)))) {
		size_t left = (size_t)(s->end - p);

		if (escaped && p >= escaped) {
			escaped = NULL;
			twice = false;
		}
		if (left > name.len + 2 && p[1] == '/' && name_is(p + 2, p + 2 + name.len, name) &&
		    IS(p + 2 + name.len, C_SPACE | C_SLASH | C_GT)) {
			if (!twice)
				return p;
			twice = false;
		} else if (raw == RAW_SCRIPT && !escaped && left >= 4 && !memcmp(p, "<!--", 4)) {
			/* remembered, or many scripts would each search the whole page */
			if (!s->arrow || s->arrow < p + 2)
				s->arrow = memmem(p + 2, left - 2, "-->", 3);
			if (!s->arrow)
				s->arrow = s->end;
			escaped = s->arrow;
		} else if (escaped && left > name.len + 1 && name_is(p + 1, p + 1 + name.len, name) &&
			   IS(p + 1 + name.len, C_SPACE | C_SLASH | C_GT)) {
			twice = true;
		}
		p++;
	}
	s->unclosed |= 1u << raw;
	return NULL;
}

static void keep_script(struct scan *s, const char *from, const char *to)
{
	struct repaired *r = s->r;
	struct repair_script *scripts =
		more(s, r->scripts, r->script_count, &s->script_room, sizeof(*scripts));

	if (!scripts)
		return;
	r->scripts = scripts;
	/* `from` lies behind the '>' that was copied last */
	scripts[r->script_count++] =
		(struct repair_script){(uint32_t)(s->next - s->out), span_of(from, (size_t)(to - from))};
}

/* Between the start tag, which ends at p, and the end tag. Gives where to go on. */
static const char *raw_text(struct scan *s, const char *tag, const char *p, enum raw raw)
{
	const char *stop = raw_end(s, p, raw);

	if (!stop) {
		if (raw == RAW_SCRIPT || raw == RAW_STYLE) {
			leave_out(s, p, s->end);
			return s->end;
		}
		if (raw == RAW_TITLE && s->titles++ < UNCLOSED_TITLES_MAX) {
			stop = memchr(p, '<', (size_t)(s->end - p));
			p = stop ? stop : s->end;
			flush(s, p);
			put(s, SPAN("</title>"));
		}
		return p;
	}
	if (raw == RAW_TITLE || raw == RAW_XMP) {
		for (const char *lt = p; lt < stop && (lt = memchr(lt, '<', (size_t)(stop - lt))); lt++) {
			leave_out(s, lt, lt + 1);
			put(s, s->escapes++ < REPAIR_ESCAPES_MAX ? SPAN("&lt;") : SPAN(" "));
		}
		return stop;
	}
	if (raw == RAW_SCRIPT && span_find_nocase(span_of(tag, (size_t)(p - tag)), SPAN("ld+json")) >= 0) {
		flush(s, p);
		keep_script(s, p, stop);
	}
	if (stop > p)
		leave_out(s, p, stop);
	return stop;
}

/* Start tags of HTML that end foreign content, by the standard; the common ones. */
static bool breaks_out_of_svg(const char *p, size_t n)
{
	static const struct span names[] = {
		{"div", 3},  {"p", 1},       {"span", 4},    {"img", 3},    {"ul", 2},
		{"ol", 2},   {"li", 2},      {"h1", 2},      {"h2", 2},     {"h3", 2},
		{"h4", 2},   {"meta", 4},    {"head", 4},    {"body", 4},   {"table", 5},
		{"br", 2},   {"b", 1},       {"i", 1},       {"em", 2},     {"strong", 6},
		{"hr", 2},   {"dl", 2},      {"pre", 3},     {"center", 6}, {"foreignobject", 13},
		{"main", 4}, {"article", 7}, {"section", 7}, {"footer", 6}, {"header", 6},
		{"nav", 3},  {"link", 4},    {"button", 6},  {"form", 4},
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].len == n && name_is(p, p + n, names[i]))
			return true;
	return false;
}

/* At "<" and a letter. Gives where to go on; NULL: nothing more is to be had. */
static const char *start_tag(struct scan *s, const char *lt)
{
	const char *name = lt + 1, *stop = name_end(name, s->end), *p;
	size_t n = (size_t)(stop - name);
	enum raw raw = raw_by_name(name, n);
	bool svg = n == 3 && name_is(name, stop, SPAN("svg"));
	char *at;

	if (s->svg) {
		if (svg) {
			s->svg++;
		} else if (breaks_out_of_svg(name, n)) {
			s->svg = 0;
			leave_out(s, s->pending, lt);
		}
		if (s->svg) {
			p = scan_attrs(s, stop, false);
			if (p && raw)
				p = raw_end(s, p, raw);
			return p;
		}
	}
	if (raw == RAW_STYLE) {
		p = scan_attrs(s, stop, false);
		p = p ? raw_end(s, p, raw) : NULL;
		p = p ? memchr(p, '>', (size_t)(s->end - p)) : NULL;
		leave_out(s, lt, p ? p + 1 : s->end);
		return p ? p + 1 : NULL;
	}
	at = s->next + (lt - s->pending);
	p = scan_attrs(s, stop, true);
	if (!p) {
		/* the page ends within the tag: what of it was copied is taken back */
		if (s->pending <= lt)
			flush(s, lt);
		else
			s->next = at;
		s->pending = s->end;
		return NULL;
	}
	s->open[name_hash(name, n)]++;
	if (raw)
		return raw_text(s, lt, p, raw);
	if (svg && p[-2] != '/') {
		flush(s, p);
		s->svg = 1;
	}
	return p;
}

/* At "</" and a letter. */
static const char *end_tag(struct scan *s, const char *lt)
{
	const char *name = lt + 2, *stop = name_end(name, s->end), *p;
	size_t n = (size_t)(stop - name);
	unsigned *open = &s->open[name_hash(name, n)];

	p = stop < s->end && *stop == '>' ? stop + 1 : scan_attrs(s, stop, false);
	if (!p) {
		if (!s->svg)
			leave_out(s, lt, s->end);
		return NULL;
	}
	if (s->svg) {
		if (n == 3 && name_is(name, stop, SPAN("svg")) && !--s->svg)
			leave_out(s, s->pending, lt);
		return p;
	}
	if (n == 4 && (name_is(name, stop, SPAN("body")) || name_is(name, stop, SPAN("html")))) {
		leave_out(s, lt, p);
	} else if (*open) {
		--*open;
		/* attributes of an end tag are nobody's */
		if (stop + 1 != p)
			leave_out(s, stop, p - 1);
	} else if (!(n == 1 && (*name | 32) == 'p')) {
		leave_out(s, lt, p);
	}
	return p;
}

/* At "<!", "<?" or "</" that is no tag. */
static const char *not_a_tag(struct scan *s, const char *lt)
{
	size_t left = (size_t)(s->end - lt);
	const char *p;

	if (left >= 4 && !memcmp(lt, "<!--", 4)) {
		/* "<!-->" and "<!--->" end at once; "--!>" ends too */
		if (left >= 5 && lt[4] == '>') {
			p = lt + 5;
		} else if (left >= 6 && lt[4] == '-' && lt[5] == '>') {
			p = lt + 6;
		} else {
			for (p = lt + 4; (p = memmem(p, (size_t)(s->end - p), "--", 2)); p++)
				if (p + 2 < s->end &&
				    (p[2] == '>' || (p[2] == '!' && p + 3 < s->end && p[3] == '>')))
					break;
			if (p)
				p += p[2] == '>' ? 3 : 4;
		}
	} else {
		p = memchr(lt, '>', left);
		if (p)
			p++;
	}
	if (!s->svg)
		leave_out(s, lt, p ? p : s->end);
	return p;
}

static void scan(struct scan *s)
{
	for (const char *p = s->begin; p && p < s->end && !s->failed;) {
		const char *lt = memchr(p, '<', (size_t)(s->end - p));

		if (!lt || lt + 1 >= s->end)
			break;
		if (byte_is_alpha(lt[1]))
			p = start_tag(s, lt);
		else if (lt[1] == '/' && lt + 2 < s->end && byte_is_alpha(lt[2]))
			p = end_tag(s, lt);
		else if (lt[1] == '!' || lt[1] == '?' || lt[1] == '/')
			p = not_a_tag(s, lt);
		else
			p = lt + 1;
	}
	if (!s->svg)
		flush(s, s->end);
}

enum err repair_html(struct span source, struct arena *arena, struct repaired *ret)
{
	struct repaired r = {.source = source};
	struct scan s = {.arena = arena, .r = &r};

	source.len = MIN(source.len, REPAIR_SOURCE_MAX);
	/* nothing grows but by the escapes and the ends of unclosed titles, both counted */
	s.out = s.next =
		arena_alloc(arena, source.len + REPAIR_ESCAPES_MAX * 4 + UNCLOSED_TITLES_MAX * 8 + 1);
	if (!s.out)
		return arena_failed(arena);
	s.begin = s.pending = source.ptr ? source.ptr : "";
	s.end = s.begin + source.len;
	scan(&s);
	if (s.failed)
		return arena_failed(arena);
	*s.next = 0;
	for (char *p = s.out; (p = memchr(p, 0, (size_t)(s.next - p))); p++)
		*p = ' ';
	r.text = span_of(s.out, (size_t)(s.next - s.out));
	*ret = r;
	return ERR_OK;
}

size_t repair_source_offset(const struct repaired *r, size_t at)
{
	size_t low = 0, high = r->cut_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (r->cuts[mid].at > at)
			high = mid;
		else
			low = mid + 1;
	}
	if (low)
		at = at - r->cuts[low - 1].at + r->cuts[low - 1].source;
	return MIN(at, r->source.len);
}
