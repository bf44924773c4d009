/* SPDX-License-Identifier: MIT */
#include "extract/repair.h"

#include "extract/repair_attrs.h"

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

enum { UNCLOSED_TITLES_MAX = 64, TAG_NAME_MAX = 64 };

struct scan {
	const char *begin, *end;   /* the source */
	const char *text;          /* where the run of text began that is under way */
	char *out, *next;          /* the skeleton */
	bool failed, cut, in_text; /* in_text: the skeleton's last byte stands for text */
	unsigned unclosed;         /* 1 << raw: it is known that no such end tag follows */
	const char *arrow;         /* the first "-->" at or after where one was last looked for */
	unsigned titles;           /* unclosed ones that were closed */
	unsigned svg;              /* depth of svg elements that are being left out */
	struct tag_slot {
		const char *name; /* as some tag of this page wrote it */
		size_t len;
		uint16_t tag;
	} slots[256];       /* by hash of the name */
	unsigned open[256]; /* elements opened and not closed, by hash of their name */
	struct arena *arena;
	struct repair_tag *tags;
	struct repair_text *texts;
	size_t tag_count, tag_room, text_count, text_room;
	struct attr_reader attrs;
	struct repaired_head head;
};

static void *more(struct scan *s, void *old, size_t count, size_t *room, size_t size)
{
	void *p = old;

	if (count < *room)
		return old;
	*room = *room ? *room * 2 : 1024;
	p = arena_alloc(s->arena, *room * size);
	if (!p) {
		s->failed = true;
		return NULL;
	}
	if (count)
		memcpy(p, old, count * size);
	return p;
}

static void add_text(struct scan *s, struct span text, size_t at, enum repair_kind kind)
{
	struct repair_text *texts;

	if (s->text_count >= REPAIR_TAGS_MAX) {
		s->cut = true;
		return;
	}
	texts = more(s, s->texts, s->text_count, &s->text_room, sizeof(*texts));

	if (!texts)
		return;
	s->texts = texts;
	texts[s->text_count++] = (struct repair_text){text, (uint32_t)at, kind};
}

static bool is_blank(const char *p, const char *end)
{
	while (p < end && IS(p, C_SPACE))
		p++;
	return p == end;
}

/* The run of text that is under way ends at `to`; the next one begins at `from`. */
static void text_until(struct scan *s, const char *to, const char *from, enum repair_kind kind)
{
	const char *begin = s->text;

	s->text = from;
	if (begin >= to || s->svg)
		return;
	/* libxml2 treats blanks in their own way, so they must show; more of one run need not */
	if (!s->in_text || s->next[-1] != 'x')
		*s->next++ = is_blank(begin, to) ? ' ' : 'x';
	s->in_text = true;
	add_text(s, span_of(begin, (size_t)(to - begin)), (size_t)(s->next - 1 - s->out), kind);
}

/* Leaves [from, to) out. */
static void leave_out(struct scan *s, const char *from, const char *to)
{
	text_until(s, from, to, REPAIR_TEXT);
}

static unsigned name_hash(const char *p, size_t n)
{
	unsigned h = (unsigned)n * 37;

	for (size_t i = 0; i < MIN(n, 10); i++)
		h = h * 31 + (unsigned char)(p[i] | 32);
	return (h ^ h >> 8) & 255;
}

/* The number of a name, which hashes to `hash`. */
static enum tag tag_of(struct scan *s, const char *p, size_t n, unsigned hash)
{
	struct tag_slot *slot = &s->slots[hash];
	char lower[TAG_NAME_MAX];

	if (slot->name && slot->len == n && !memcmp(slot->name, p, n))
		return (enum tag)slot->tag;
	if (n > sizeof(lower))
		return TAG_OTHER;
	for (size_t i = 0; i < n; i++)
		lower[i] = byte_lower(p[i]);
	*slot = (struct tag_slot){p, n, (uint16_t)tag_by_name(span_of(lower, n))};
	return (enum tag)slot->tag;
}

/* Writes a tag into the skeleton: "<NAME>", "</NAME>", "<NAME/>". */
static void put_tag(struct scan *s, const char *before, struct span name, enum tag tag, unsigned hash,
		    const char *after)
{
	while (*before)
		*s->next++ = *before++;
	if (tag == TAG_OTHER) {
		/* of two letters at least: "a" to "p", twice; a name of one letter is longer than it was */
		*s->next++ = 'z';
		if (name.len > 2) {
			*s->next++ = (char)('a' + (hash >> 4));
			*s->next++ = (char)('a' + (hash & 15));
		}
	} else {
		memcpy(s->next, tag_name(tag).ptr, name.len);
		s->next += name.len;
	}
	while (*after)
		*s->next++ = *after++;
	s->in_text = false;
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
			if (raw_names[i].len == n && name_is(p, p + n, raw_names[i]))
				return (enum raw)i;
	}
	return RAW_NOT;
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

/* Between the start tag, which ends at p, and the end tag. Gives where to go on. */
static const char *raw_text(struct scan *s, const char *tag, const char *p, enum raw raw)
{
	const char *stop = raw_end(s, p, raw);

	if (!stop && (raw == RAW_SCRIPT || raw == RAW_STYLE)) {
		s->text = s->end;
		return NULL;
	}
	if (!stop && raw == RAW_TITLE && s->titles++ < UNCLOSED_TITLES_MAX) {
		stop = memchr(p, '<', (size_t)(s->end - p));
		if (!stop)
			stop = s->end;
		text_until(s, stop, stop, REPAIR_TEXT);
		put_tag(s, "</", raw_names[raw], TAG_TITLE, 0, ">");
	}
	if (!stop)
		return p;
	if (raw == RAW_TITLE || raw == RAW_XMP)
		text_until(s, stop, stop, raw == RAW_XMP ? REPAIR_RAW : REPAIR_TEXT);
	else if (raw == RAW_SCRIPT && span_find_nocase(span_of(tag, (size_t)(p - tag)), SPAN("ld+json")) >= 0)
		add_text(s, span_of(p, (size_t)(stop - p)), (size_t)(s->next - s->out), REPAIR_SCRIPT);
	s->text = stop;
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

/* In svg: steps over what stands there. */
static const char *in_svg(struct scan *s, const char *stop, enum raw raw)
{
	const char *p = repair_attrs(&s->attrs, stop, s->end, NULL, NULL);

	/* "<title/>" ends itself here, and what has no end tag holds nothing */
	if (p && raw != RAW_NOT && p[-2] != '/') {
		const char *end = raw_end(s, p, raw);

		p = end ? end : p;
	}
	if (!p || !s->svg)
		s->text = p ? p : s->end;
	return p;
}

static void head_ends(struct scan *s, const char *at)
{
	if (!s->head.end)
		s->head = (struct repaired_head){(size_t)(at - s->begin), s->tag_count, s->text_count};
}

/* At "<" and a letter. Gives where to go on; NULL: nothing more is to be had. */
static const char *start_tag(struct scan *s, const char *lt)
{
	const char *name = lt + 1, *stop = name_end(name, s->end), *p;
	size_t n = (size_t)(stop - name);
	enum raw raw = raw_by_name(name, n);
	bool svg = n == 3 && name_is(name, stop, SPAN("svg")), empty;
	unsigned hash = name_hash(name, n);
	struct repair_tag tag = {.name = name, .name_len = (uint16_t)repair_name_len(name, n, TAG_NAME_MAX)},
			  *tags;

	if (s->svg && svg)
		s->svg++;
	else if (s->svg && breaks_out_of_svg(name, n)) {
		s->svg = 0;
		s->text = lt;
	}
	if (s->svg)
		return in_svg(s, stop, raw);
	if (n == 4 && name_is(name, stop, SPAN("body")))
		head_ends(s, lt);
	if (raw == RAW_STYLE) {
		p = repair_attrs(&s->attrs, stop, s->end, NULL, NULL);
		p = p ? raw_end(s, p, raw) : NULL;
		p = p ? memchr(p, '>', (size_t)(s->end - p)) : NULL;
		leave_out(s, lt, p ? p + 1 : s->end);
		return p ? p + 1 : NULL;
	}
	p = repair_attrs(&s->attrs, stop, s->end, &tag.attrs, &tag.count);
	if (!p) {
		leave_out(s, lt, s->end);
		return NULL;
	}
	leave_out(s, lt, p);
	/* "<a name='x'/>" of XHTML, but not "<a href=/x/>" */
	empty = raw == RAW_NOT && p[-2] == '/' && (!tag.count || IS(p - 3, C_SPACE | C_QUOTE));
	tag.tag = (uint16_t)tag_of(s, name, n, hash);
	put_tag(s, "<", span_of(name, n), (enum tag)tag.tag, hash, empty ? "/>" : ">");
	tag.at = (uint32_t)(s->next - s->out);
	if (s->tag_count >= REPAIR_TAGS_MAX) {
		s->cut = true;
		s->text = s->end;
		return NULL;
	}
	tags = more(s, s->tags, s->tag_count, &s->tag_room, sizeof(*tags));
	if (!tags)
		return NULL;
	s->tags = tags;
	tags[s->tag_count++] = tag;
	s->open[hash]++;
	if (raw != RAW_NOT)
		return raw_text(s, lt, p, raw);
	s->svg = svg && !empty;
	return p;
}

/* At "</" and a letter. */
static const char *end_tag(struct scan *s, const char *lt)
{
	const char *name = lt + 2, *stop = name_end(name, s->end), *p;
	size_t n = (size_t)(stop - name);
	unsigned hash = name_hash(name, n), *open = &s->open[hash];

	p = stop < s->end && *stop == '>' ? stop + 1 : repair_attrs(&s->attrs, stop, s->end, NULL, NULL);
	if (s->svg) {
		if (!(n == 3 && name_is(name, stop, SPAN("svg"))) || --s->svg)
			return p;
		s->text = lt;
	}
	leave_out(s, lt, p ? p : s->end);
	if (!p || (n == 4 && (name_is(name, stop, SPAN("body")) || name_is(name, stop, SPAN("html")))))
		return p;
	if (n == 4 && name_is(name, stop, SPAN("head")))
		head_ends(s, p);
	if (*open)
		--*open;
	else if (!(n == 1 && (*name | 32) == 'p'))
		return p;
	put_tag(s, "</", span_of(name, n), tag_of(s, name, n, hash), hash, ">");
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
	leave_out(s, lt, p ? p : s->end);
	return p;
}

static void scan(struct scan *s)
{
	for (const char *p = s->begin; p && p < s->end && !s->failed && !s->attrs.failed;) {
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
	leave_out(s, s->end, s->end);
}

/* HTML has no use for NUL; libxml2 would stop at one, and so would whoever takes a C string. */
static struct span without_nul(struct span s, struct arena *arena)
{
	char *p;

	if (!s.len || !memchr(s.ptr, 0, s.len))
		return s;
	p = arena_alloc(arena, s.len);
	if (!p)
		return SPAN_NONE;
	for (size_t i = 0; i < s.len; i++)
		p[i] = s.ptr[i] ? s.ptr[i] : ' ';
	return span_of(p, s.len);
}

enum err repair_html(struct span source, struct arena *arena, struct repaired *ret)
{
	struct scan *s = ARENA_NEW(arena, struct scan);

	source.len = MIN(source.len, REPAIR_SOURCE_MAX);
	if (!source.ptr)
		source = SPAN("");
	source = without_nul(source, arena);
	if (!s || !source.ptr)
		return arena_failed(arena);
	/* nothing grows but by the ends of unclosed titles, which are counted */
	s->out = s->next = arena_alloc(arena, source.len + UNCLOSED_TITLES_MAX * 8 + 1);
	if (!s->out)
		return arena_failed(arena);
	s->begin = s->text = source.ptr;
	s->end = s->begin + source.len;
	s->arena = s->attrs.arena = arena;
	scan(s);
	if (s->failed || s->attrs.failed)
		return arena_failed(arena);
	*s->next = 0;
	*ret = (struct repaired){
		.source = source,
		.skeleton = span_of(s->out, (size_t)(s->next - s->out)),
		.tags = s->tags,
		.tag_count = s->tag_count,
		.texts = s->texts,
		.text_count = s->text_count,
		.head = s->head,
		.cut = s->cut,
	};
	return ERR_OK;
}
