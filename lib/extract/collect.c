/* SPDX-License-Identifier: MIT */
#include "extract/collect.h"

#include "base/text.h"
#include "extract/find_date.h"

struct candidate *collect_ready(struct collector *c, enum field field, struct span value, const char *source,
				int score, unsigned line)
{
	if (!value.len || c->taken[field] >= COLLECT_FIELD_MAX)
		return NULL;
	if (c->count == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 64;
		struct candidate *list = ARENA_NEW_ARRAY(c->arena, struct candidate, cap);

		if (!list)
			return NULL;
		if (c->count)
			memcpy(list, c->list, c->count * sizeof(*list));
		c->list = list;
		c->cap = cap;
	}

	struct candidate *k = &c->list[c->count++];

	c->taken[field]++;
	*k = (struct candidate){
		.field = field, .value = value, .source = span_str(source), .score = score, .line = line};
	return k;
}

static struct candidate *collect_date(struct collector *c, enum field field, struct span raw,
				      const char *source, int score, unsigned line)
{
	struct date d;
	char buf[32];
	struct candidate *k;

	raw = span_trim(raw);
	if (!raw.len)
		return NULL;
	if (!date_parse(raw, &d)) {
		/* words around it, or a form that only people write */
		if (raw.len > 120 || !find_date(raw, SPAN_NONE, &d))
			return NULL;
		score -= 4;
	}
	if (d.has_time && !d.has_zone)
		score -= 2;
	if (!d.has_time)
		score -= 3;
	k = collect_ready(c, field, arena_dup(c->arena, span_str(date_format_stated(&d, buf))), source, score,
			  line);
	return k;
}

static struct candidate *collect_url(struct collector *c, enum field field, bool image, struct span raw,
				     const char *source, int score, unsigned line)
{
	struct url u;

	raw = span_trim(raw);
	if (!raw.len || raw.len > URL_MAX)
		return NULL;
	if (image && (raw.ptr[0] == '#' || span_starts_nocase(raw, SPAN("data:"))))
		return NULL;
	if (image) {
		/* a srcset where one address belongs: its first */
		size_t end = 0;

		while (end < raw.len && !byte_is_space(raw.ptr[end]))
			end++;
		if (end + 2 < raw.len && byte_is_digit(raw.ptr[end + 1]) && span_find_byte(raw, ',') >= 0)
			raw = span_sub(raw, 0, end);
	}
	if (span_find(raw, SPAN("&amp;")) >= 0)
		raw = text_decode_entities(raw, c->arena);
	/* what is no reference at all: a template that nobody filled, words */
	if (span_find_byte(raw, '{') >= 0 || span_eq(raw, SPAN("null")) || span_eq(raw, SPAN("undefined")) ||
	    span_eq(raw, SPAN("false")))
		return NULL;
	if (url_parse(raw, c->base.href.len ? &c->base : NULL, c->arena, &u, NULL))
		return NULL;
	if (image && span_eq(u.href, c->base.href))
		return NULL; /* an empty reference is the page */
	return collect_ready(c, field, u.href, source, score, line);
}

static struct candidate *collect_lang(struct collector *c, struct span raw, const char *source, int score,
				      unsigned line)
{
	char tag[16];
	size_t n = 0, part = 0, primary = 0;

	raw = span_trim(raw);
	for (size_t i = 0; i < raw.len && n < sizeof(tag) - 1; i++) {
		char b = raw.ptr[i] == '_' ? '-' : raw.ptr[i];

		if (b == ',' || b == ';' || b == ' ')
			break; /* several languages: the first */
		if (b == '-') {
			if (!primary)
				primary = n;
			part = n + 1;
		} else if (!byte_is_alnum(b) || (!primary && byte_is_digit(b))) {
			return NULL;
		}
		b = byte_lower(b);
		tag[n++] = b;
	}
	while (n && tag[n - 1] == '-')
		n--;
	if (!primary || primary > n)
		primary = n;
	if (primary < 2 || primary > 3 || span_eq(span_of(tag, primary), SPAN("utf")))
		return NULL;
	/* BCP 47's habit: regions in upper case */
	if (part > primary && n - part == 2)
		for (size_t i = part; i < n; i++)
			tag[i] = (char)(byte_is_alpha(tag[i]) ? tag[i] - 32 : tag[i]);
	return collect_ready(c, FIELD_LANG, arena_dup(c->arena, span_of(tag, n)), source, score, line);
}

static struct candidate *collect_names(struct collector *c, enum field field, struct span raw, bool strict,
				       const char *source, int score, unsigned line)
{
	struct candidate *last = NULL;
	struct span rest = text_normal(raw, c->arena);

	while (rest.len) {
		struct span name = collect_next_name(&rest, c->arena);

		bool only = !last && !rest.len;

		/* a text that is one name may be a pen name; after a first name a single word is a place or a
		 * button */
		if (name.len && (!strict || (collect_looks_like_name(name, only) &&
					     (!last || span_find_byte(name, ' ') > 0 ||
					      (unsigned char)name.ptr[0] > 0xd1))))
			last = collect_ready(c, field, name, source, score, line);
	}
	return last;
}

struct candidate *collect(struct collector *c, enum field field, enum normal normal, struct span raw,
			  const char *source, int score, unsigned line)
{
	struct span s;

	if (!raw.len)
		return NULL;
	if (raw.len > COLLECT_TEXT_MAX) {
		raw.len = COLLECT_TEXT_MAX;
		while (raw.len && ((unsigned char)raw.ptr[raw.len] & 0xc0) == 0x80)
			raw.len--;
	}
	switch (normal) {
	case NORMAL_DATE: return collect_date(c, field, raw, source, score, line);
	case NORMAL_URL: return collect_url(c, field, false, raw, source, score, line);
	case NORMAL_IMAGE: return collect_url(c, field, true, raw, source, score, line);
	case NORMAL_NAMES:
	case NORMAL_BYLINE: return collect_names(c, field, raw, normal == NORMAL_BYLINE, source, score, line);
	case NORMAL_LANG: return collect_lang(c, raw, source, score, line);
	case NORMAL_TYPE: s = collect_type(span_trim(raw)); break;
	case NORMAL_TEXT:
	default:
		s = text_normal(raw, c->arena);
		if (field == FIELD_EXCERPT) {
			struct span plain = text_without_tags(s, c->arena);

			s = plain.ptr == s.ptr ? s : text_fold(plain, c->arena);
		}
		break;
	}
	return collect_ready(c, field, s, source, score, line);
}

/* The words of the collections' `type`, for what others call the kinds of pages. Compared without case, at
 * the end of the type, so that "video.movie" and NewsArticle need no rows of their own. */
struct span collect_type(struct span raw)
{
	static const struct {
		const char *end, *type;
	} types[] = {
		{"article", "article"},
		{"posting", "article"},
		{"report", "article"},
		{"review", "article"},
		{"story", "article"},
		{"blog_post", "article"},
		{"post", "article"},
		{"recipe", "article"},
		{"howto", "article"},
		{"videoobject", "video"},
		{"video", "video"},
		{"video.other", "video"},
		{"video.movie", "video"},
		{"video.episode", "video"},
		{"movie", "video"},
		{"movingimage", "video"},
		{"profile", "profile"},
		{"profilepage", "profile"},
		{"person", "profile"},
		{"softwaresourcecode", "download"},
		{"softwareapplication", "download"},
		{"mobileapplication", "download"},
		{"webapplication", "download"},
		{"book", "book"},
		{"course", "course"},
		{"product", "product"},
		{"event", "event"},
		{"dataset", "download"},
		{"audioobject", "audio"},
		{"podcastepisode", "audio"},
		{"music.song", "audio"},
		{"question", "forum"},
		{"qapage", "forum"},
	};

	if (span_eq_nocase(raw, SPAN("DiscussionForumPosting")))
		return SPAN("forum");
	if (raw.len > 64)
		return SPAN_NONE;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (span_ends_nocase(raw, span_str(types[i].end)))
			return span_str(types[i].type);
	return SPAN_NONE;
}
