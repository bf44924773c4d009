/* SPDX-License-Identifier: MIT */
#include "base/text.h"
#include "base/tracking.h"
#include "extract/choose_inner.h"

const char lost_score[] = "another source is trusted more";
const char lost_same[] = "says the same as the chosen one";
static const char lost_crowd[] = "too many candidates before it";
static const char lost_verdict[] = "the page is no article";

/* Sources that copy from each other agree for nothing: one family, one voice. */
static unsigned family_of(struct span source)
{
	static const struct {
		const char *begins;
		unsigned family;
	} families[] = {
		{"og:", 1},         {"twitter:", 1},       {"json-ld", 2},       {"itemprop", 4},
		{"property", 4},    {"<title>", 8},        {"description", 8},   {"<h", 16},
		{"<time>", 16},     {"dated element", 16}, {"date in text", 16}, {"byline", 16},
		{"rel=author", 16}, {"h-entry", 16},       {"hatom", 16},        {"<img>", 16},
		{"address", 32},    {"article:", 1},       {"standfirst", 16},   {"citation_", 64},
		{"dc", 64},         {"parsely", 128},      {"sailthru", 128},
	};

	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (span_starts(source, span_str(families[i].begins)))
			return families[i].family;
	return 256;
}

void weigh(struct chooser *c, enum field field)
{
	c->n = 0;
	for (size_t i = 0; i < c->page->candidate_count; i++) {
		struct candidate *k = &c->page->candidates[i];

		if (k->field != field)
			continue;
		if (c->n == CHOOSE_MAX) {
			k->lost = lost_crowd;
			continue;
		}
		k->lost = lost_score;
		c->w[c->n++] = (struct weighed){.from = k,
						.value = k->value,
						.key = squash(span_sub(k->value, 0, 600), c->arena),
						.score = k->score,
						.family = family_of(k->source)};
	}
}

void weigh_support(struct chooser *c, int bonus)
{
	int add[CHOOSE_MAX];

	for (size_t i = 0; i < c->n; i++) {
		unsigned families = c->w[i].family;

		add[i] = 0;
		for (size_t k = 0; k < c->n && c->w[i].score > 0; k++)
			if (c->w[k].score > 0 && !(families & c->w[k].family) && c->w[k].key.len &&
			    span_eq(c->w[i].key, c->w[k].key)) {
				families |= c->w[k].family;
				add[i] += bonus;
			}
	}
	for (size_t i = 0; i < c->n; i++)
		c->w[i].score += add[i];
}

struct weighed *weigh_best(struct chooser *c)
{
	struct weighed *best = NULL;

	for (size_t i = 0; i < c->n; i++)
		if (c->w[i].score > 0 && c->w[i].value.len && (!best || c->w[i].score > best->score))
			best = &c->w[i];
	return best;
}

struct candidate *choose_made(struct chooser *c, enum field field, struct span value, const char *source,
			      int score)
{
	struct candidate *k = value.len ? ARENA_NEW(c->arena, struct candidate) : NULL;

	if (!k)
		return NULL;
	*k = (struct candidate){.field = field, .value = value, .source = span_str(source), .score = score};
	return k;
}

void choose(struct chooser *c, enum field field, const struct weighed *w)
{
	struct candidate *k;

	if (!w)
		return;
	for (size_t i = 0; i < c->n; i++)
		if (c->w[i].from->lost == lost_score && span_eq(c->w[i].key, w->key) &&
		    (w->key.len || span_eq(c->w[i].value, w->value)))
			c->w[i].from->lost = lost_same;
	w->from->lost = NULL;
	c->ret->chosen[field] = w->from;
	if (span_eq(w->value, w->from->value))
		return;
	k = ARENA_NEW(c->arena, struct candidate);
	if (!k)
		return;
	*k = *w->from;
	k->value = w->value;
	c->ret->chosen[field] = k;
}

struct span site_label(const struct chooser *c)
{
	struct span domain = url_registrable(c->address.host);

	return c->address.href.len ? span_split(&domain, '.') : SPAN_NONE;
}

enum { NAME_LOOKED_AT = 200 }; /* bytes: no name is longer, and a part of a text is none */

/* key: of name, squashed. "The Gazette", "Die Furche", "Le Monde" */
static struct span without_article(struct span name, struct span key)
{
	static const char *const articles[] = {"the ", "der ", "die ", "das ", "le ", "la ", "les ", "el ",
					       "los ", "las ", "il ",  "lo ",  "o ",  "a ",  "de ",  "het "};

	for (size_t i = 0; i < ARRAY_SIZE(articles); i++) {
		size_t len = strlen(articles[i]);

		if (span_starts_nocase(name, span_str(articles[i])) && key.len > len + 2)
			return span_sub(key, len - 1, key.len);
	}
	return span_starts(key, SPAN("the")) && key.len > 6 ? span_sub(key, 3, key.len) : key;
}

bool is_site_name(struct chooser *c, struct span s)
{
	struct span key, site, label;

	if (!c->names.known || c->names.of.ptr != c->site.ptr || c->names.of.len != c->site.len) {
		c->names.of = c->site;
		c->names.site = squash(c->site, c->arena);
		c->names.label = squash(site_label(c), c->arena);
		c->names.known = true;
	}
	key = squash(span_sub(s, 0, NAME_LOOKED_AT), c->arena);
	site = c->names.site;
	label = c->names.label;
	key = without_article(s, key);
	site = without_article(c->site, site);
	if (key.len < 2)
		return false;
	if (span_eq(key, site) || span_eq(key, label))
		return true;
	/* "examplenews" of example.org, "example.org", "Example - News" */
	if (label.len >= 4 && span_starts(key, label) && key.len <= label.len + 8)
		return true;
	if (site.len >= 4 && key.len >= 4 && (span_starts(key, site) || span_starts(site, key)) &&
	    key.len <= site.len + 10)
		return true;
	return label.len >= 5 && key.len >= 5 && span_find(label, key) >= 0 && key.len * 2 > label.len;
}

void choose_lang(struct chooser *c)
{
	weigh(c, FIELD_LANG);
	for (size_t i = 0; i < c->n; i++) {
		/* what is compared is the language, not the region */
		ptrdiff_t dash = span_find_byte(c->w[i].value, '-');

		c->w[i].key = dash < 0 ? c->w[i].value : span_sub(c->w[i].value, 0, (size_t)dash);
		if (span_eq(c->w[i].from->source, SPAN("og:locale")) && span_eq(c->w[i].value, SPAN("en-US")))
			c->w[i].score -= 12; /* what systems say when nobody set it */
	}
	weigh_support(c, 12);
	choose(c, FIELD_LANG, weigh_best(c));
}

void choose_type(struct chooser *c)
{
	weigh(c, FIELD_TYPE);
	weigh_support(c, 6);

	struct weighed *best = weigh_best(c);

	if (best)
		choose(c, FIELD_TYPE, best);
	else if (c->page->verdict == VERDICT_ARTICLE)
		c->ret->chosen[FIELD_TYPE] = choose_made(c, FIELD_TYPE, SPAN("article"), "verdict", 20);
}

/* A slash at the end aside. */
static bool same_path(struct span a, struct span b)
{
	while (a.len > 1 && a.ptr[a.len - 1] == '/')
		a.len--;
	while (b.len > 1 && b.ptr[b.len - 1] == '/')
		b.len--;
	return span_eq(a, b);
}

static bool is_home(const struct url *u)
{
	return u->path.len <= 1 && !u->query.len;
}

void choose_weburl(struct chooser *c)
{
	static const char other_site[] = "of another site", home[] = "the home page",
			  no_ground[] = "its path has nothing of the address's";
	struct weighed *best;

	weigh(c, FIELD_WEBURL);
	for (size_t i = 0; i < c->n; i++) {
		struct url u;

		c->w[i].key = c->w[i].value;
		if (url_parse(c->w[i].value, NULL, c->arena, &u, NULL)) {
			c->w[i].score = 0;
			continue;
		}
		/* a fragment names a part of a page */
		c->w[i].value = c->w[i].key = url_key(&u);
		if (!c->address.href.len)
			continue;
		bool moved = u.path.len >= 12 && same_path(u.path, c->address.path);

		/* the whole path again under another name: the site has moved, or has a name of its own at
		 * its host */
		if (!url_same_site(u.host, c->address.host) && moved) {
			c->w[i].score -= 20;
		} else if (!url_same_site(u.host, c->address.host)) {
			c->w[i].score = 0;
			c->w[i].from->lost = other_site;
		} else if (is_home(&u) && !is_home(&c->address)) {
			c->w[i].score = 0;
			c->w[i].from->lost = home;
		} else if (u.path.len <= 1 && c->address.path.len > 1) {
			c->w[i].score = 0;
			c->w[i].from->lost = no_ground;
		}
	}
	weigh_support(c, 8);
	best = weigh_best(c);
	if (!best)
		return;
	best->value = url_clean(best->value, c->options->tracking, c->arena);
	choose(c, FIELD_WEBURL, best);
}

void choose_address(struct chooser *c)
{
	const struct candidate *best = NULL;

	for (size_t i = 0; i < c->page->candidate_count; i++) {
		const struct candidate *k = &c->page->candidates[i];

		if (k->field != FIELD_WEBURL)
			continue;
		if (span_eq(k->source, SPAN("address"))) {
			best = k;
			break;
		}
	}
	if (best && !url_parse(best->value, NULL, c->arena, &c->address, NULL))
		return;
	c->address = (struct url){0};
	if (c->page->url.len && !url_parse(c->page->url, NULL, c->arena, &c->address, NULL))
		return;
	/* a page from disk: what it says of itself is the best that is known */
	for (size_t i = 0; i < c->page->candidate_count; i++)
		if (c->page->candidates[i].field == FIELD_WEBURL &&
		    (!best || c->page->candidates[i].score > best->score))
			best = &c->page->candidates[i];
	if (!best || url_parse(best->value, NULL, c->arena, &c->address, NULL))
		c->address = (struct url){0};
}

enum err extract_choose(struct page *page, const struct choose_options *options, bool even_if_not_article,
			struct arena *arena, struct metadata *ret)
{
	struct chooser c = {.page = page, .options = options, .arena = arena, .ret = ret};

	*ret = (struct metadata){0};
	for (size_t i = 0; i < page->candidate_count; i++)
		page->candidates[i].lost = lost_verdict;
	if (page->verdict != VERDICT_ARTICLE && !even_if_not_article)
		return ERR_OK;
	choose_address(&c);
	choose_weburl(&c);
	choose_provider(&c);
	choose_title(&c);
	choose_excerpt(&c);
	choose_date(&c);
	choose_lang(&c);
	choose_type(&c);
	choose_authors(&c);
	choose_images(&c);
	return arena_failed(arena);
}
