/* SPDX-License-Identifier: MIT */
#include "feed/feed.h"

#include <uchardet/uchardet.h>

#include "base/text.h"
#include "extract/charset.h"
#include "feed/parse.h"

enum { HEAD = 1024, GUESS_MAX = 256 * 1024, DETAIL_MAX = 60 };

#define X(name, text) [FEED_##name] = text,
static const char *const names[] = {FEED_FORMAT_MAP(X)};
#undef X

const char *feed_format_name(enum feed_format f)
{
	return names[f];
}

/* ---- into UTF-8 ---- */

/* More of the bytes beyond ASCII are UTF-8 than are not: other encodings look like it here and there. */
static bool is_mostly_utf8(struct span s)
{
	size_t good = 0, bad = 0;

	while (s.len) {
		size_t valid = text_utf8_valid(s);

		for (size_t i = 0; i < valid; i++)
			good += (unsigned char)s.ptr[i] >= 0xc0;
		bad += valid < s.len;
		s = span_sub(s, valid + 1, s.len);
	}
	return good > bad;
}

static enum charset guess(struct span bytes)
{
	uchardet_t detector;
	const char *name;
	enum charset found;
	size_t first = 0;

	/* it learns nothing from ASCII */
	while (first < bytes.len && (unsigned char)bytes.ptr[first] < 0x80)
		first++;
	detector = uchardet_new();
	uchardet_handle_data(detector, bytes.ptr + first, MIN(bytes.len - first, (size_t)GUESS_MAX));
	uchardet_data_end(detector);
	name = uchardet_get_charset(detector);
	/* what it calls otherwise than the standard does */
	found = strcmp(name, "UHC") == 0            ? CHARSET_EUC_KR
		: strcmp(name, "MAC-CYRILLIC") == 0 ? CHARSET_X_MAC_CYRILLIC
						    : charset_by_label(span_str(name));
	uchardet_delete(detector);
	/* its tags are ASCII */
	return found == CHARSET_NONE || found == CHARSET_REPLACEMENT || found == CHARSET_UTF_16BE ||
			       found == CHARSET_UTF_16LE
		       ? CHARSET_WINDOWS_1252
		       : found;
}

/* UTF-16 without a mark, by its first '<'. */
static enum charset by_zeros(struct span bytes)
{
	if (bytes.len < 4)
		return CHARSET_NONE;
	if (memcmp(bytes.ptr, "<\0", 2) == 0 && bytes.ptr[3] == 0)
		return CHARSET_UTF_16LE;
	return memcmp(bytes.ptr, "\0<\0", 3) == 0 ? CHARSET_UTF_16BE : CHARSET_NONE;
}

/* *doubt: it says UTF-8 and is not. */
static enum charset sniff(const struct feed_input *in, size_t *bom, bool *doubt)
{
	ptrdiff_t declaration = span_find(span_sub(in->body, 0, HEAD), SPAN("<?xml"));
	enum charset found = by_zeros(in->body);
	struct span from = in->body;
	bool named;

	*bom = 0;
	*doubt = false;
	/* junk before the declaration hides it from the standard's rules, not from a reader */
	if (declaration > 0 && (unsigned char)from.ptr[0] < 0xef)
		from = span_sub(from, (size_t)declaration, from.len);
	if (found == CHARSET_NONE)
		found = charset_sniff(from, in->content_type, CHARSET_XML, bom);
	if (text_utf8_valid(in->body) == in->body.len) {
		/* the declaration of one byte a character is then always a slip */
		bool told = span_find_nocase(in->content_type, SPAN("charset")) >= 0;

		return found < CHARSET_UTF_8 && !told && is_mostly_utf8(in->body) ? CHARSET_UTF_8 : found;
	}
	if (found != CHARSET_UTF_8)
		return found;
	*doubt = true;
	named = *bom > 0;
	return named || is_mostly_utf8(in->body) ? CHARSET_UTF_8 : guess(in->body);
}

/* ---- warnings ---- */

static int by_place(const void *a, const void *b)
{
	size_t x = ((const struct xml_note *)a)->at, y = ((const struct xml_note *)b)->at;

	return x < y ? -1 : x > y;
}

struct place {
	size_t at, line_start;
	unsigned line;
};

/* Goes on to `to`. */
static void advance(struct place *place, struct span text, size_t to)
{
	while (place->at < to) {
		const char *lf = memchr(text.ptr + place->at, '\n', to - place->at);

		place->at = lf ? (size_t)(lf - text.ptr) + 1 : to;
		if (lf) {
			place->line++;
			place->line_start = place->at;
		}
	}
}

static unsigned column(const struct place *place, struct span text)
{
	return (unsigned)text_length(span_sub(text, place->line_start, place->at)) + 1;
}

/* "entity that nobody declared: 'foo'", the detail cut and harmless on a terminal. */
static const char *note_text(const struct xml_note *note, struct arena *arena)
{
	CLEANUP(strbuf_release) struct strbuf s = STRBUF_INIT(512);
	struct span detail = span_sub(note->detail, 0, DETAIL_MAX);

	if (!detail.len)
		return note->what;
	detail.len = text_utf8_valid(detail);
	detail = text_normal(detail, arena);
	if (strbuf_addf(&s, "%s: '%.*s'", note->what, SPAN_ARG(detail)))
		return note->what;
	return arena_strdup(arena, strbuf_span(&s));
}

static enum err warn(struct parser *p, bool doubt, const char *charset)
{
	struct feed *f = p->feed;
	struct xml *x = &p->x;
	struct place place = {0, 0, 1};
	size_t n = 0;

	qsort(x->notes, x->note_count, sizeof(x->notes[0]), by_place);
	f->trouble_count = x->trouble_count + doubt;
	f->warnings = ARENA_NEW_ARRAY(p->arena, struct feed_warning, FEED_WARNING_MAX + 1);
	if (!f->warnings)
		return arena_failed(p->arena);
	if (doubt) {
		CLEANUP(strbuf_release) struct strbuf s = STRBUF_INIT(512);

		if (strbuf_addf(&s, "bytes that are not UTF-8: read as %s", charset))
			return ERR_NOMEM;
		f->warnings[n++] = (struct feed_warning){1, 1, arena_strdup(p->arena, strbuf_span(&s))};
	}
	for (unsigned i = 0; i < x->note_count && n < FEED_WARNING_MAX; i++) {
		advance(&place, x->text, x->notes[i].at);
		f->warnings[n++] = (struct feed_warning){place.line, column(&place, x->text),
							 note_text(&x->notes[i], p->arena)};
	}
	f->warning_count = n;
	return arena_failed(p->arena);
}

/* ---- the whole ---- */

static void parser_init(struct parser *p, const struct feed_input *in, struct arena *arena)
{
	struct url *base = NULL;

	memset(p, 0, offsetof(struct parser, x));
	memset(&p->contexts[0], 0, sizeof(p->contexts[0]));
	p->arena = arena;
	p->scratch = STRBUF_INIT(2 * (size_t)FEED_BODY_MAX + 4096);
	p->entries = STRBUF_INIT(FEED_ENTRY_MAX * sizeof(struct feed_entry));
	p->brief = ARENA_INIT(FEED_ARENA_MAX);
	p->text_only = in->text_only;
	p->line = 1;
	target_clear(&p->of_feed);
	p->t = &p->of_feed;
	if (in->base.len)
		base = ARENA_NEW(arena, struct url);
	if (base && !url_parse(in->base, NULL, arena, base, NULL))
		p->contexts[0].base = base;
}

static enum err parse(struct parser *p, const struct feed_input *in, struct error *e)
{
	size_t bom, first = 0;
	bool doubt;
	enum charset charset = sniff(in, &bom, &doubt);
	struct span text;
	enum err r = charset_decode(span_sub(in->body, bom, in->body.len), charset, p->arena, &text);

	if (r)
		return err_set(e, r, "a feed that takes too much memory");
	xml_init(&p->x, text);
	while (first < text.len && (byte_is_space(text.ptr[first]) || text.ptr[first] == 0))
		first++;
	if (first < text.len && text.ptr[first] != '<' && text.ptr[first] != '{')
		xml_note(&p->x, text.ptr + first, "text before the feed begins", SPAN_NONE);
	if (first < text.len && text.ptr[first] == '{') {
		r = parse_json(p, span_sub(text, first, text.len), e);
	} else {
		r = parse_xml(p, e);
		if (r == ERR_SYNTAX && e) {
			struct place place = {0, 0, 1};

			advance(&place, text, p->root.ptr ? p->root_at : first);
			e->line = place.line;
			e->col = column(&place, text);
		}
	}
	if (!r) {
		parse_finish(p);
		r = p->err ? p->err : warn(p, doubt, charset_name(charset));
		if (r)
			return err_set(e, r, "a feed that takes too much memory");
	}
	return r;
}

enum err feed_parse(const struct feed_input *in, struct arena *arena, struct feed **ret, struct error *e)
{
	struct parser *p;
	enum err r;

	if (in->body.len > FEED_BODY_MAX)
		return err_set(e, ERR_TOOBIG, "a feed of more than %d bytes", FEED_BODY_MAX);
	p = malloc(sizeof(*p));
	if (!p)
		return err_set(e, ERR_NOMEM, "out of memory");
	parser_init(p, in, arena);
	p->feed = ARENA_NEW(arena, struct feed);
	r = p->feed ? parse(p, in, e) : err_set(e, arena_failed(arena), "no room for a feed");
	if (!r)
		*ret = p->feed;
	arena_release(&p->brief);
	strbuf_release(&p->scratch);
	strbuf_release(&p->entries);
	free(p);
	return r;
}
