/* SPDX-License-Identifier: MIT */
#include "extract/page_look.h"

#include "base/text.h"
#include "base/url.h"
#include "extract/page_rows.h"
#include "extract/slug.h"
#include "extract/squash.h"
#include "extract/words.h"

static bool add_title(struct page_look *l, struct span s, bool heading, struct arena *arena)
{
	struct span key = squash(span_sub(s, 0, 300), arena);

	if (!key.len || l->title_count == LOOK_TITLES_MAX)
		return false;
	l->heading_from[l->title_count] = heading;
	l->rest_from[l->title_count] = 0;
	l->titles[l->title_count++] = key;
	return true;
}

/* Of three words and more, or as long in a script without spaces. */
static bool is_sentence(struct span s)
{
	unsigned spaces = 0, others = 0;

	s = span_trim(s);
	for (size_t i = 0; i < s.len; i++) {
		spaces += s.ptr[i] == ' ';
		others += (unsigned char)s.ptr[i] >= 0xe3;
	}
	return spaces >= 2 || others >= 8 || span_ends(s, SPAN("?"));
}

/* The whole and its parts: "404 | Example" is "404" too. A part before a colon is told what comes behind it:
 * so do headlines go on, "Page not found: a short history"; in a heading they do so behind any mark. */
static void add_titles(struct page_look *l, struct span s, bool heading, struct arena *arena)
{
	static const char *const seps[] = {":", "|", " - ", " – ", " — ", "·", "•", "»", "_", ". "};
	size_t from = 0, before = LOOK_TITLES_MAX;
	bool added;

	add_title(l, s, heading, arena);
	for (size_t i = 1; i <= s.len; i++) {
		size_t k = 0;

		while (k < ARRAY_SIZE(seps) && !span_starts(span_sub(s, i, s.len), span_str(seps[k])))
			k++;
		if (i < s.len ? k == ARRAY_SIZE(seps) : !from)
			continue;
		added = from < s.len && add_title(l, span_sub(s, from, i), heading, arena);
		if (added && before < LOOK_TITLES_MAX && is_sentence(span_sub(s, from, i)))
			l->rest_from[before] = (uint8_t)(l->title_count - 1);
		before = added && (k == 0 || heading) ? l->title_count - 1 : LOOK_TITLES_MAX;
		if (i < s.len)
			from = i += strlen(seps[k]);
	}
}

/* Known words that the title has too, by Dice's measure of the longer words. */
static unsigned overlap(struct span a, struct span b, struct arena *arena)
{
	unsigned words = 0, hits = 0;
	struct span key = squash(b, arena);

	for (struct span rest = a, w; (w = span_split(&rest, ' ')).ptr;) {
		struct span k = squash(w, arena);

		if (k.len < 4)
			continue;
		words++;
		hits += span_find(key, k) >= 0;
	}
	return words ? hits * 100 / words : 0;
}

static void look_at_known(const struct verdict_input *in, struct page_look *l, struct arena *arena)
{
	struct span known = in->response->known_title;
	struct span key;
	unsigned best = 0;
	bool any = false;

	if (!span_trim(known).len)
		return;
	known = text_normal(known, arena);
	key = squash(known, arena);
	if (key.len < 6)
		return;
	l->known = KNOWN_OTHER;
	for (size_t i = 0; i < in->candidate_count; i++) {
		const struct candidate *k = &in->candidates[i];
		struct span other;

		if (k->field != FIELD_TITLE)
			continue;
		any = true;
		other = squash(span_sub(k->value, 0, 400), arena);
		if (span_eq(other, key) || (key.len > 20 && span_find(other, key) >= 0) ||
		    (other.len > 24 && span_find(key, other) >= 0)) {
			l->known = KNOWN_SAME;
			return;
		}
		best = MAX(best, overlap(known, k->value, arena));
	}
	if (best >= 55)
		l->known = KNOWN_LIKE;
	else if (!any)
		l->known = KNOWN_NOTHING;
}

enum { BOLD_MIN = 16 }; /* squashed bytes of a title that is found again in the text */

/* A heading, or what is marked as one: not said by the head. */
static bool is_shown(const struct candidate *k)
{
	return span_starts(k->source, SPAN("<h")) || span_starts(k->source, SPAN("h-entry")) ||
	       span_starts(k->source, SPAN("hatom")) || span_starts(k->source, SPAN("itemprop"));
}

static void look_at_candidates(const struct verdict_input *in, struct page_look *l, struct arena *arena)
{
	struct span heading = SPAN_NONE;

	for (size_t i = 0; i < in->candidate_count; i++) {
		const struct candidate *k = &in->candidates[i];

		switch (k->field) {
		case FIELD_TITLE:
			if (k->score >= 40)
				add_titles(l, k->value, is_shown(k), arena);
			if (span_eq(k->source, SPAN("<h1>")) && !heading.len)
				heading = squash(k->value, arena);
			break;
		case FIELD_DATE:
			if (!span_ends(k->source, SPAN("address")))
				l->date_score = MAX(l->date_score, k->score);
			break;
		case FIELD_AUTHOR: l->has_author |= k->score >= 55; break;
		case FIELD_TYPE:
			if (k->score >= 60) {
				l->type_article |= span_eq(k->value, SPAN("article"));
				/* a profile is most often a list of what its owner wrote */
				l->thing |= !span_eq(k->value, SPAN("article")) &&
					    !span_eq(k->value, SPAN("profile"));
			}
			break;
		default: break;
		}
	}
	for (size_t i = 0; i < in->candidate_count && heading.len > 8; i++) {
		const struct candidate *k = &in->candidates[i];

		if (k->field == FIELD_TITLE && !is_shown(k))
			l->title_agrees |= span_find(squash(span_sub(k->value, 0, 400), arena), heading) >= 0;
	}
	/* old pages have no headings but bold lines */
	for (size_t i = 0; i < l->title_count && !heading.len; i++)
		l->title_agrees |= !l->heading_from[i] && l->titles[i].len >= BOLD_MIN &&
				   span_find(l->text, l->titles[i]) >= 0;
}

/* Whether the text is written in the letters that addresses have. */
static bool is_latin(struct span s)
{
	size_t letters = 0;

	for (size_t i = 0; i < s.len; i++)
		letters += byte_is_alpha(s.ptr[i]);
	return letters * 10 > s.len * 6;
}

enum { ECHO_MIN = 12, ECHO_TEXT_MAX = 3000 };

/* Errors show what was asked for, whole or its path, and say what befell it. A text's source stands at its
 * end. */
static bool is_echoed(const struct page_look *l, const struct tree *tree, struct span path)
{
	const struct node *top = tree->body ? tree->body : tree->root;
	size_t before = 0;

	if (path.len < ECHO_MIN || l->visible > ECHO_TEXT_MAX)
		return false;
	for (const struct node *n = top; n && before * 3 < l->visible * 2; n = node_next(n, top)) {
		struct span text = node_text_raw(n);

		if (n->parent && n->parent->tag == TAG_SCRIPT)
			continue;
		if (text.len >= path.len && span_find(text, path) >= 0)
			return true;
		before += text.len;
	}
	return false;
}

enum { BEGINNING = 2000 }; /* bytes of the main text that a title is made of */

/* What answers for many addresses says nothing of this one: of the words of its slug a page has none. */
static bool is_misnamed(const struct verdict_input *in, const struct page_look *l, struct span slug)
{
	unsigned words = 0, best = 0;
	struct span text = span_sub(in->text, 0, BEGINNING);

	if (!is_latin(text.len ? text : l->text))
		return false;
	for (size_t i = 0; i < l->title_count + 2; i++) {
		struct span where = i < l->title_count    ? l->titles[i]
				    : l->echoed           ? SPAN_NONE
				    : i == l->title_count ? l->text
							  : text;
		unsigned held = slug_stems_in(slug, where, &words);

		best = MAX(best, held);
	}
	return words >= 3 && best * 4 < words;
}

static struct span last_part(struct span path)
{
	struct span part, last = SPAN_NONE;

	while ((part = span_split(&path, '/')).ptr)
		if (part.len)
			last = span_sub(part, 0, SLUG_MAX);
	return last;
}

/* Whether a title or heading was made of the same words as the address that was asked for. */
static void look_at_slug(const struct verdict_input *in, struct page_look *l, struct span path)
{
	struct span slug = slug_of(path);
	unsigned words;

	for (size_t i = 0; i < in->candidate_count && slug.len && !l->named; i++) {
		const struct candidate *k = &in->candidates[i];

		if (k->field != FIELD_TITLE || k->score < 40)
			continue;
		unsigned held = slug_words_in(slug, k->value, &words);

		l->named = words >= 3 && held * 4 >= words * 3;
	}
	for (size_t i = 0; i < l->title_count; i++) {
		unsigned held = slug_stems_in(last_part(path), l->titles[i], &words);

		l->hinted |= words && held == words;
	}
	/* "gespraeche" is "Gespräche" */
	for (size_t i = 0; i < l->title_count && slug.len && !l->named; i++) {
		unsigned held = slug_stems_in(slug, l->titles[i], &words);

		l->named = words >= 3 && held * 4 >= words * 3;
	}
	l->misnamed = slug.len && !l->named && is_misnamed(in, l, slug);
}

/* The site's name is said by metadata; the headings are the page's own. */
static void look_at_site_name(const struct verdict_input *in, struct page_look *l, struct arena *arena)
{
	struct span site = SPAN_NONE;

	for (size_t i = 0; i < in->candidate_count && !site.len; i++)
		if (in->candidates[i].field == FIELD_PROVIDER_NAME && in->candidates[i].score >= 60)
			site = squash(span_sub(in->candidates[i].value, 0, 200), arena);
	l->site = site;
	for (size_t i = 0; i < in->candidate_count && site.len && !l->title_agrees; i++) {
		const struct candidate *k = &in->candidates[i];

		if (k->field == FIELD_TITLE && k->score >= 40 && !is_shown(k))
			l->site_titled |= span_eq(squash(span_sub(k->value, 0, 400), arena), site);
	}
}

static bool is_home(const struct url *u)
{
	struct span path = u->path;

	/* "/", "/en", "/en-us/", "/index.html", "/home" */
	while (path.len > 1 && path.ptr[path.len - 1] == '/')
		path.len--;
	if (path.len <= 1)
		return true;
	path = span_sub(path, 1, path.len);
	if (span_find_byte(path, '/') >= 0)
		return false;
	if (path.len == 2 || (path.len == 5 && (path.ptr[2] == '-' || path.ptr[2] == '_')))
		return true;
	return span_starts_nocase(path, SPAN("index.")) || span_starts_nocase(path, SPAN("default.")) ||
	       span_eq_nocase(path, SPAN("home")) || span_starts_nocase(path, SPAN("home."));
}

static void look_at_address(const struct verdict_input *in, struct page_look *l, struct arena *arena)
{
	const struct page_response *r = in->response;
	struct url from, to;
	bool has_from, has_to;
	unsigned dashes = 0, digits = 0;

	has_from = r->requested_url.len && !url_parse(r->requested_url, NULL, arena, &from, NULL);
	has_to = r->final_url.len && !url_parse(r->final_url, NULL, arena, &to, NULL);
	if (!has_to && !has_from)
		return;
	if (!has_to)
		to = from;
	l->host = to.host;
	l->final_home = is_home(&to);
	l->site_address = l->final_home && !to.query.len;
	l->final_tail = to.href;
	for (size_t i = 0; i < to.path.len; i++) {
		dashes += to.path.ptr[i] == '-' || to.path.ptr[i] == '_';
		digits += byte_is_digit(to.path.ptr[i]);
	}
	static const char *const sections[] = {"topic",      "topics",    "tag",       "tags",     "category",
					       "categories", "cat",       "archive",   "archives", "section",
					       "sections",   "search",    "forum",     "forums",   "latest",
					       "page",       "thema",     "themen",    "rubrik",   "ressort",
					       "categoria",  "categorie", "kategorie", "tema",     "temas"};
	struct span path = to.path, part;
	size_t parts = 0;
	bool issues = false, numbered = false;

	while ((part = span_split(&path, '/')).ptr)
		if (part.len) {
			parts++;
			/* threads and issues have numbers */
			if (numbered && byte_is_digit(part.ptr[0]))
				l->section_address = false;
			issues = span_eq_nocase(part, SPAN("issues"));
			numbered = span_starts_nocase(part, SPAN("topic"));
			for (size_t i = 0; i < ARRAY_SIZE(sections) && parts < 4; i++)
				l->section_address |= span_eq_nocase(part, span_str(sections[i]));
		}
	l->section_address |= issues;
	l->deep_address = !l->final_home && (dashes >= 3 || digits >= 5);
	l->echoed = is_echoed(l, in->tree, to.path) || (has_from && is_echoed(l, in->tree, from.path));
	if (!l->section_address)
		/* a short link says nothing; where it led may */
		look_at_slug(in, l, has_from && slug_of(from.path).len ? from.path : to.path);
	if (!has_from)
		return;
	l->requested_home = is_home(&from);
	l->redirected = !span_eq(url_key(&from), url_key(&to));
	l->other_host = !span_eq(from.host, to.host);
	l->other_site = !url_same_site(from.host, to.host);
}

static bool leads_elsewhere(const struct node *meta)
{
	struct span content = node_attr(meta, ATTR_CONTENT);
	uint64_t seconds = 0;
	size_t i = 0;

	content = span_trim(content);
	while (i < content.len && byte_is_digit(content.ptr[i]))
		i++;
	if (!i || !span_to_uint(span_sub(content, 0, i), 100000, &seconds) || seconds > 15)
		return false;
	return span_find_nocase(content, SPAN("url")) >= 0;
}

static void look_at_posts(const struct verdict_input *in, struct page_look *l, struct arena *arena)
{
	struct span own[LOOK_TITLES_MAX];
	size_t n = 0;

	for (size_t i = 0; i < l->title_count; i++)
		if (!l->heading_from[i])
			own[n++] = l->titles[i];
	l->posts = page_posts(in->tree, l->host, own, n, arena);
}

void page_look(const struct verdict_input *in, struct arena *arena, struct page_look *l)
{
	*l = (struct page_look){0};
	page_look_text(l, in->tree, arena);
	for (const struct node *m = in->tree->first[TAG_META]; m; m = m->same)
		if (span_eq_nocase(node_attr(m, ATTR_HTTP_EQUIV), SPAN("refresh")))
			l->refresh |= leads_elsewhere(m);
	l->main_text = in->text.len;
	l->heading = squash(span_sub(in->lead, 0, 400), arena);
	look_at_candidates(in, l, arena);
	look_at_site_name(in, l, arena);
	look_at_known(in, l, arena);
	look_at_address(in, l, arena);
	if (l->headlines >= 3)
		look_at_posts(in, l, arena);
}
