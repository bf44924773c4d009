/* SPDX-License-Identifier: MIT */
#include "extract/page_look.h"

#include "base/strbuf.h"
#include "base/text.h"
#include "base/url.h"
#include "extract/squash.h"
#include "extract/words.h"

static void add_title(struct page_look *l, struct span s, bool heading, struct arena *arena)
{
	struct span key = squash(span_sub(s, 0, 300), arena);

	if (!key.len || l->title_count == LOOK_TITLES_MAX)
		return;
	l->heading_from[l->title_count] = heading;
	l->titles[l->title_count++] = key;
}

/* The whole and its parts: "404 | Example" is "404" too. */
static void add_titles(struct page_look *l, struct span s, bool heading, struct arena *arena)
{
	static const char *const seps[] = {"|", " - ", " – ", " — ", "·", "•", ":", "»", "_", ". "};
	size_t from = 0;

	add_title(l, s, heading, arena);
	for (size_t i = 1; i < s.len; i++)
		for (size_t k = 0; k < ARRAY_SIZE(seps); k++)
			if (span_starts(span_sub(s, i, s.len), span_str(seps[k]))) {
				add_title(l, span_sub(s, from, i), heading, arena);
				from = i + strlen(seps[k]);
				i = from;
				break;
			}
	if (from && from < s.len)
		add_title(l, span_sub(s, from, s.len), heading, arena);
}

static bool hides(const struct node *n)
{
	switch (n->tag) {
	case TAG_SCRIPT:
	case TAG_STYLE:
	case TAG_TEMPLATE:
	case TAG_NOSCRIPT:
	case TAG_SELECT:
	case TAG_DATALIST:
	case TAG_HEAD:
	case TAG_TITLE: return true;
	default: return false;
	}
}

enum { LAYERS_MAX = 8, FORMS_MAX = 32 };

/* Forms for a name and password that open when a reader asks for them: they are on every page of their site.
 */
struct layers {
	const struct node *at[LAYERS_MAX];
	size_t count;
};

static bool is_closed(const struct node *n)
{
	struct span style = span_sub(node_attr(n, ATTR_STYLE), 0, 200);

	for (uint32_t i = 0; i < n->size; i++)
		if (n->attrs[i].id == ATTR_HIDDEN)
			return true;
	return span_eq(node_attr(n, ATTR_ARIA_HIDDEN), SPAN("true")) ||
	       span_find(style, SPAN("display:none")) >= 0 || span_find(style, SPAN("display: none")) >= 0;
}

static bool is_layer(const struct layers *layers, const struct node *n)
{
	for (size_t i = 0; i < layers->count; i++)
		if (layers->at[i] == n)
			return true;
	return false;
}

static void find_layers(const struct tree *tree, const struct node *top, struct layers *ret)
{
	unsigned forms = 0;

	for (const struct node *n = tree->first[TAG_INPUT]; n && forms < FORMS_MAX; n = n->same) {
		const struct node *layer = NULL;

		if (!span_eq_nocase(node_attr(n, ATTR_TYPE), SPAN("password")))
			continue;
		forms++;
		for (const struct node *up = n->parent; up && up != top; up = up->parent)
			if (is_closed(up))
				layer = up;
		if (layer && ret->count < LAYERS_MAX && !is_layer(ret, layer))
			ret->at[ret->count++] = layer;
	}
}

static void look_at_element(struct page_look *l, const struct node *n)
{
	switch (n->tag) {
	case TAG_INPUT: {
		struct span type = node_attr(n, ATTR_TYPE);

		l->passwords += span_eq_nocase(type, SPAN("password"));
		l->boxes += span_eq_nocase(type, SPAN("checkbox"));
		l->buttons += span_eq_nocase(type, SPAN("submit")) || span_eq_nocase(type, SPAN("button"));
		break;
	}
	case TAG_BUTTON: l->buttons++; break;
	case TAG_IMG:
	case TAG_VIDEO:
	case TAG_PICTURE: l->pictures++; break;
	case TAG_ARTICLE: l->articles++; break;
	case TAG_H2:
	case TAG_H3:
	case TAG_H4: {
		bool linked = node_up(n, TAG_A) != NULL;

		for (const struct node *k = n->child; k && !linked; k = k->next)
			linked = k->tag == TAG_A || (k->child && k->child->tag == TAG_A);
		l->headlines += linked;
		break;
	}
	case TAG_A: {
		struct span t = n->child && node_is_text(n->child) ? node_text_raw(n->child) : SPAN_NONE;

		l->links++;
		/* "../" and names that end in a slash or a type, href and text alike */
		if (t.len && t.len < 80 && span_starts(node_attr(n, ATTR_HREF), t) &&
		    (span_ends(t, SPAN("/")) || span_find_byte(t, '.') > 0) && span_find(t, SPAN("//")) < 0)
			l->dir_rows++;
		break;
	}
	case TAG_DIV: {
		struct span id = node_attr(n, ATTR_ID);
		static const char *const roots[] = {"app",         "root",       "__next",   "__nuxt",
						    "application", "react-root", "app-root", "main-app",
						    "___gatsby",   "svelte",     "q-app"};

		for (size_t i = 0; i < ARRAY_SIZE(roots) && id.len; i++)
			l->app_root |= span_eq_nocase(id, span_str(roots[i]));
		break;
	}
	case TAG_OTHER:
		l->app_root |=
			span_ends(node_name(n), SPAN("-root")) || span_ends(node_name(n), SPAN("-app"));
		break;
	default: break;
	}
}

static void end_link(struct page_look *l, size_t bytes)
{
	l->link_bytes += bytes;
	if (bytes >= 28) {
		l->teasers++;
		l->teaser_bytes += MIN(bytes, (size_t)300);
	}
}

/* Sums by parent. A full table forgets the smaller of two that meet: what is looked for is the largest. */
struct masses {
	const struct node *of[128];
	size_t bytes[128];
};

static void end_block(struct page_look *l, struct masses *m, const struct node *block, size_t bytes)
{
	const struct node *parent = block ? block->parent : NULL;
	size_t at = ((uintptr_t)parent >> 6) % ARRAY_SIZE(m->of);

	if (bytes < 80 || !parent)
		return;
	l->prose += bytes;
	/* text parted by <br> alone is a parent of its own */
	if (bytes > 1200)
		l->mass = MAX(l->mass, bytes);
	if (m->of[at] != parent) {
		l->spread++;
		if (m->of[at] && m->bytes[at] > 2 * bytes)
			return;
		m->of[at] = parent;
		m->bytes[at] = 0;
	}
	m->bytes[at] += bytes;
	l->mass = MAX(l->mass, m->bytes[at]);
}

static void look_at_text(struct page_look *l, const struct tree *tree, struct arena *arena)
{
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(LOOK_TEXT_MAX + 4096);
	const struct node *top = tree->body ? tree->body : tree->root;
	const struct node *block = NULL, *link = NULL;
	size_t in_block = 0, in_link = 0;
	struct masses masses = {{NULL}, {0}};
	struct layers layers = {.count = 0};

	find_layers(tree, top, &layers);
	for (const struct node *n = top; n;) {
		if (link && n->depth <= link->depth) {
			end_link(l, in_link);
			link = NULL;
			in_link = 0;
		}
		if (!node_is_text(n)) {
			if (hides(n) || is_layer(&layers, n)) {
				n = node_next_skip(n, top);
				continue;
			}
			look_at_element(l, n);
			if (n->tag == TAG_A && !link)
				link = n;
			n = node_next(n, top);
			continue;
		}

		struct span s = node_text_raw(n);
		const struct node *p = n->parent;

		while (p && p != top && !tag_is_block((enum tag)p->tag))
			p = p->parent;
		l->visible += s.len;
		if (p != block) {
			end_block(l, &masses, block, in_block);
			block = p;
			in_block = 0;
		}
		if (link)
			in_link += s.len;
		else
			in_block += s.len;
		if (text.len < LOOK_TEXT_MAX && !strbuf_add(&text, s.ptr, MIN(s.len, (size_t)2048)))
			(void)!strbuf_add_byte(&text, ' ');
		n = node_next(n, top);
	}
	if (link)
		end_link(l, in_link);
	end_block(l, &masses, block, in_block);
	l->text = squash(span_sub(strbuf_span(&text), 0, l->visible < LOOK_TEXT_BARE ? text.len : 0), arena);
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

static void look_at_candidates(const struct verdict_input *in, struct page_look *l, struct arena *arena)
{
	struct span heading = SPAN_NONE;

	for (size_t i = 0; i < in->candidate_count; i++) {
		const struct candidate *k = &in->candidates[i];

		switch (k->field) {
		case FIELD_TITLE:
			if (k->score >= 40)
				add_titles(l, k->value, span_starts(k->source, SPAN("<h")), arena);
			if (span_eq(k->source, SPAN("<h1>")) && !heading.len)
				heading = squash(k->value, arena);
			break;
		case FIELD_DATE: l->date_score = MAX(l->date_score, k->score); break;
		case FIELD_AUTHOR: l->has_author |= k->score >= 55; break;
		case FIELD_TYPE:
			if (k->score >= 60) {
				l->type_article |= span_eq(k->value, SPAN("article"));
				l->thing |= !span_eq(k->value, SPAN("article"));
			}
			break;
		default: break;
		}
	}
	for (size_t i = 0; i < in->candidate_count && heading.len > 8; i++) {
		const struct candidate *k = &in->candidates[i];

		if (k->field == FIELD_TITLE && !span_starts(k->source, SPAN("<h")))
			l->title_agrees |= span_find(squash(span_sub(k->value, 0, 400), arena), heading) >= 0;
	}
}

/* The site's name is said by metadata; the headings are the page's own. */
static void look_at_site_name(const struct verdict_input *in, struct page_look *l, struct arena *arena)
{
	struct span site = SPAN_NONE;

	for (size_t i = 0; i < in->candidate_count && !site.len; i++)
		if (in->candidates[i].field == FIELD_PROVIDER_NAME && in->candidates[i].score >= 60)
			site = squash(span_sub(in->candidates[i].value, 0, 200), arena);
	for (size_t i = 0; i < in->candidate_count && site.len && !l->title_agrees; i++) {
		const struct candidate *k = &in->candidates[i];

		if (k->field == FIELD_TITLE && k->score >= 40 && !span_starts(k->source, SPAN("<h")))
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
	l->final_home = is_home(&to);
	l->site_address = l->final_home && !to.query.len;
	l->final_tail = to.href;
	for (size_t i = 0; i < to.path.len; i++) {
		dashes += to.path.ptr[i] == '-' || to.path.ptr[i] == '_';
		digits += byte_is_digit(to.path.ptr[i]);
	}
	static const char *const sections[] = {
		"topic",     "topics",    "tag",       "tags",     "category", "categories", "cat",
		"archive",   "archives",  "section",   "sections", "search",   "forum",      "forums",
		"latest",    "page",      "issues",    "thema",    "themen",   "rubrik",     "ressort",
		"categoria", "categorie", "kategorie", "tema",     "temas"};
	struct span path = to.path, part;
	size_t parts = 0;

	while ((part = span_split(&path, '/')).ptr)
		if (part.len) {
			parts++;
			for (size_t i = 0; i < ARRAY_SIZE(sections) && parts < 4; i++)
				l->section_address |= span_eq_nocase(part, span_str(sections[i]));
		}
	l->deep_address = !l->final_home && (dashes >= 3 || digits >= 5);
	if (!has_from)
		return;
	l->requested_home = is_home(&from);
	l->redirected = !span_eq(url_key(&from), url_key(&to));
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

void page_look(const struct verdict_input *in, struct arena *arena, struct page_look *l)
{
	*l = (struct page_look){0};
	look_at_text(l, in->tree, arena);
	for (const struct node *m = in->tree->first[TAG_META]; m; m = m->same)
		if (span_eq_nocase(node_attr(m, ATTR_HTTP_EQUIV), SPAN("refresh")))
			l->refresh |= leads_elsewhere(m);
	l->main_text = in->text.len;
	l->heading = squash(span_sub(in->lead, 0, 400), arena);
	look_at_candidates(in, l, arena);
	look_at_site_name(in, l, arena);
	look_at_known(in, l, arena);
	look_at_address(in, l, arena);
}
