/* SPDX-License-Identifier: MIT */
#include "extract/head.h"

#include "base/text.h"
#include "extract/charset.h"
#include "extract/choose_inner.h"
#include "extract/page_inner.h"
#include "extract/sources.h"

enum {
	/* What the body of a page without JSON-LD can bring, see the tables of sources_props.c,
	 * sources_visible.c and sources_standfirst.c: microdata, h-entry; headings are looked at one by one.
	 * Supported by another family of the body, so much more. */
	BODY_TITLE = 80,
	BODY_EXCERPT = 64,
	BODY_IMAGE = 66,
	SUPPORT_TITLE = 7,
	SUPPORT_EXCERPT = 5,
	SUPPORT_IMAGE = 5,
	BODY_FAMILIES = 2, /* microdata, and what is visible */
	STATED = 86,  /* a title of so much that no heading alike takes its place but in the same words */
	HEADINGS = 4, /* h1 of a page that are read */
	HEADING_BYTES = 4096,
	JSONLD_SCRIPTS = 8,
	NAME_MIN = 5, /* bytes of a picture's name that are looked for */
};

static const char *const part_names[PART_COUNT] = {
#define X(name, text) [PART_##name] = text,
	PART_MAP(X)
#undef X
};

enum err parts_parse(struct span list, unsigned *ret, struct error *e)
{
	unsigned parts = 0;

	while (list.ptr) {
		struct span word = span_trim(span_split(&list, ','));
		size_t i = 0;

		while (i < PART_COUNT && !span_eq_str(word, part_names[i]))
			i++;
		if (i == PART_COUNT)
			return err_set(
				e, ERR_INVALID,
				"found '%.*s'; allowed are title, excerpt, images, date, webUrl, type, lang, "
				"authors, provider, lead, text and verdict",
				SPAN_ARG(span_sub(word, 0, 40)));
		parts |= PART_BIT(i);
	}
	*ret = parts;
	return ERR_OK;
}

/* ---- what follows the head ---- */

static bool holds(struct span s, const char *what)
{
	return memmem(s.ptr, s.len, what, strlen(what)) != NULL;
}

/* What the body has that could state something. */
struct body {
	struct span rest;
	struct span headings[HEADINGS]; /* from <h1 on */
	unsigned heading_count;
	struct span scripts[JSONLD_SCRIPTS]; /* whole elements */
	unsigned script_count;
	bool states_more; /* or more than is kept here */
};

static bool is_tag(const char *p, const char *end, const char *name, size_t n)
{
	return (size_t)(end - p) > n && span_eq_nocase(span_of(p, n), span_of(name, n)) &&
	       !byte_is_alnum(p[n]);
}
#define IS_TAG(p, end, name) is_tag((p), (end), (name), sizeof(name) - 1)

static void look_at_link(struct body *b, struct span tag)
{
	static const char *const rels[] = {"image_src", "icon", "alternate", "thumbnail"};

	for (size_t i = 0; i < ARRAY_SIZE(rels); i++)
		b->states_more |= span_find_nocase(tag, span_str(rels[i])) >= 0;
}

/* Microdata is what a body may bring, see above. */
static void look_at_meta(struct body *b, struct span tag)
{
	b->states_more |= span_find_nocase(tag, SPAN("itemprop")) < 0 ||
			  span_find_nocase(tag, SPAN("property=")) >= 0 ||
			  span_find_nocase(tag, SPAN("name=")) >= 0;
}

/* At "<script". Where to go on. */
static const char *look_at_script(struct body *b, const char *lt, struct span tag, const char *end)
{
	const char *p = tag.ptr + tag.len;

	while (p && (p = memmem(p, (size_t)(end - p), "</", 2)) && !IS_TAG(p + 2, end, "script"))
		p += 2;
	if (span_find_nocase(tag, SPAN("ld+json")) < 0)
		return p ? p : end;
	if (!p || end - p < 9 || b->script_count == JSONLD_SCRIPTS) {
		b->states_more = true;
		return end;
	}
	b->scripts[b->script_count++] = span_of(lt, (size_t)(p + 9 - lt));
	return p;
}

/* One pass over tags, as repair.c goes, but that attributes end at the first '>'. */
static void look_at_body(struct body *b)
{
	const char *end = b->rest.ptr + b->rest.len;

	for (const char *p = b->rest.ptr; !b->states_more && (p = memchr(p, '<', (size_t)(end - p)));) {
		const char *lt = p++, *close;
		struct span tag;

		if (end - lt < 4)
			break;
		if (!memcmp(lt, "<!--", 4)) {
			p = memmem(lt + 2, (size_t)(end - lt - 2), "-->", 3);
			if (!p)
				break;
			continue;
		}
		switch (*p | 32) {
		case 'b':
		case 'h':
		case 'l':
		case 'm':
		case 's':
		case 't': break;
		default: continue;
		}
		close = memchr(p, '>', (size_t)(end - p));
		tag = span_of(p, (size_t)((close ? close : end) - p));
		if (IS_TAG(p, end, "script")) {
			p = look_at_script(b, lt, tag, end);
		} else if (IS_TAG(p, end, "h1")) {
			b->states_more |= b->heading_count == HEADINGS;
			if (!b->states_more)
				b->headings[b->heading_count++] =
					span_of(lt, MIN((size_t)(end - lt), (size_t)HEADING_BYTES));
		} else if (IS_TAG(p, end, "meta")) {
			look_at_meta(b, tag);
		} else if (IS_TAG(p, end, "link")) {
			look_at_link(b, tag);
		} else {
			b->states_more |= IS_TAG(p, end, "base") || IS_TAG(p, end, "title");
		}
	}
}

/* Appends the tree of each JSON-LD script of the body to the head's, as if it stood there. */
static bool add_jsonld(const struct body *b, struct tree *tree, struct arena *arena)
{
	for (unsigned i = 0; i < b->script_count; i++) {
		struct tree *script;
		struct node *n;

		if (tree_parse(b->scripts[i], arena, &script, NULL) || !script->first[TAG_SCRIPT])
			return false;
		n = script->first[TAG_SCRIPT];
		n->offset += (uint32_t)(b->scripts[i].ptr - tree->source.ptr);
		if (tree->final[TAG_SCRIPT])
			tree->final[TAG_SCRIPT]->same = n;
		else
			tree->first[TAG_SCRIPT] = n;
		tree->final[TAG_SCRIPT] = n;
	}
	return true;
}

/* Whether each h1 says exactly that; without one it holds too. */
static bool headings_say(const struct body *b, struct span title, struct arena *arena)
{
	for (unsigned i = 0; i < b->heading_count; i++) {
		struct span piece = b->headings[i], said;
		ptrdiff_t close = span_find_nocase(piece, SPAN("</h1"));
		struct tree *tree;

		if (close < 0)
			return false;
		piece.len = (size_t)close;
		if (tree_parse(piece, arena, &tree, NULL) || !tree->first[TAG_H1])
			return false;
		said = text_normal(node_text(tree->first[TAG_H1], 500, arena), arena);
		if (!span_eq(said, title))
			return false;
	}
	return true;
}

/* A picture's file name, without its size and kind: what another address of it would hold too. */
static struct span picture_name(struct span url)
{
	struct span name = url;
	ptrdiff_t query = span_find_byte(name, '?');
	size_t i;

	if (query >= 0)
		name = span_sub(name, 0, (size_t)query);
	for (i = name.len; i && name.ptr[i - 1] != '/';)
		i--;
	name = span_sub(name, i, name.len);
	for (i = 0; i < name.len && name.ptr[i] != '.' && name.ptr[i] != '%';)
		i++;
	return span_sub(name, 0, i);
}

/* ---- whether that can change anything ---- */

/* The most that a value other than the chosen one can weigh: of those in the balance, with what the body's
 * families may add, or of a new one. */
static int strongest_other(const struct chooser *c, const struct weighed *best, int body, int support)
{
	int most = body + support * (BODY_FAMILIES - 1);

	for (size_t i = 0; i < c->n; i++)
		if (!span_eq(c->w[i].key, best->key) && c->w[i].score > 0)
			most = MAX(most, c->w[i].score + support * BODY_FAMILIES);
	return most;
}

/* The chosen one of the field that is in the balance; NULL when it was made up. */
static const struct weighed *winner(const struct chooser *c, enum field field)
{
	const struct candidate *chosen = c->ret->chosen[field];

	for (size_t i = 0; i < c->n && chosen; i++)
		if (c->w[i].from->line == chosen->line && span_eq(c->w[i].from->source, chosen->source))
			return &c->w[i];
	return NULL;
}

static bool said_by_title_element(const struct chooser *c, struct span key)
{
	for (size_t i = 0; i < c->n; i++)
		if (span_eq(c->w[i].from->source, SPAN("<title>")) && span_eq(c->w[i].key, key))
			return true;
	return false;
}

/* Has nothing that a name could be taken off from, once somebody says more of names. */
static bool is_whole(struct span title)
{
	struct span head, tail;

	return !title_part(title, true, &head, &tail) && span_find_byte(title, ':') < 0 &&
	       span_find_byte(title, '-') < 0 && span_find_byte(title, '_') < 0 &&
	       span_find_byte(title, ' ') > 0;
}

/* The site's name is stated where nobody says it better, and the body has no title but in headings: what was
 * taken off the title, and what was not, stays so. */
static bool name_is_sure(const struct chooser *c, const struct body *b)
{
	static const char *const marks[] = {"itemprop", "entry-title", "p-name", "hentry"};
	const struct candidate *name = c->ret->chosen[FIELD_PROVIDER_NAME];

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (holds(b->rest, marks[i]))
			return false;
	return name && name->score >= 80;
}

static bool title_is_sure(const struct chooser *c, const struct body *b)
{
	const struct weighed *w = winner(c, FIELD_TITLE);

	if (!w || w->from->score < STATED ||
	    w->score <= strongest_other(c, w, BODY_TITLE + SUPPORT_ADDRESS, SUPPORT_TITLE) ||
	    (!(is_whole(w->value) && span_eq(w->value, w->from->value)) && !name_is_sure(c, b)) ||
	    !headings_say(b, w->value, c->arena))
		return false;
	/* nor is it an attribute that ended at a stray quotation mark */
	return b->heading_count || said_by_title_element(c, w->key);
}

static bool excerpt_is_sure(const struct chooser *c)
{
	const struct weighed *w = winner(c, FIELD_EXCERPT);

	/* one that was cut is completed from the text */
	return w && w->from->score > BODY_EXCERPT && text_ends_closed(w->from->value) &&
	       text_length(w->from->value) >= 40 &&
	       /* the text may turn out to be where it was copied from */
	       w->score - COPY_LESS > strongest_other(c, w, BODY_EXCERPT, SUPPORT_EXCERPT);
}

/* Whether it is chosen beside the best picture that a body could show, too: what its name tells against it
 * has been weighed then. */
static bool image_withstands(const struct chooser *c, const struct candidate *chosen)
{
	struct metadata md = {.image_count = 0};
	struct page page = *c->page;
	struct chooser with = *c;

	page.candidates = ARENA_NEW_ARRAY(c->arena, struct candidate, page.candidate_count + 1);
	if (!page.candidates)
		return false;
	memcpy(page.candidates, c->page->candidates, page.candidate_count * sizeof(*page.candidates));
	page.candidates[page.candidate_count++] =
		(struct candidate){.field = FIELD_IMAGE,
				   .value = SPAN("https://body.invalid/what-the-page-is-about.jpg"),
				   .source = SPAN("itemprop image"),
				   .score = BODY_IMAGE + SUPPORT_IMAGE * BODY_FAMILIES,
				   .width = 1600,
				   .height = 1000};
	with.page = &page;
	with.ret = &md;
	choose_images(&with);
	return md.chosen[FIELD_IMAGE] && span_eq(md.chosen[FIELD_IMAGE]->value, chosen->value);
}

static bool image_is_sure(const struct chooser *c, struct span rest)
{
	const struct candidate *chosen = c->ret->chosen[FIELD_IMAGE];
	bool sized = c->ret->image_count && c->ret->images[0].width && c->ret->images[0].height;
	struct span name;

	if (!chosen || !c->ret->image_count || !image_withstands(c, chosen))
		return false;
	name = picture_name(chosen->value);
	/* nobody else says its size */
	if (!sized && (name.len < NAME_MIN || memmem(rest.ptr, rest.len, name.ptr, name.len)))
		return false;
	/* nor bears out another one that is as good */
	for (size_t i = 0; i < c->page->candidate_count; i++) {
		const struct candidate *k = &c->page->candidates[i];
		struct span other = picture_name(k->value);

		if (k->field != FIELD_IMAGE || span_eq(k->value, chosen->value) ||
		    k->score + SUPPORT_IMAGE * (BODY_FAMILIES + 2) < chosen->score)
			continue;
		if (other.len < NAME_MIN || span_eq(other, name) ||
		    memmem(rest.ptr, rest.len, other.ptr, other.len))
			return false;
	}
	return true;
}

static bool is_sure(struct page *page, unsigned parts, const struct choose_options *options,
		    const struct body *b, struct arena *arena, struct metadata *md)
{
	struct chooser c = {.page = page, .options = options, .arena = arena, .ret = md};

	choose_address(&c);
	choose_provider(&c);
	choose_title(&c);
	/* excerpts are held against the title */
	if ((parts & (PART_BIT(PART_TITLE) | PART_BIT(PART_EXCERPT))) && !title_is_sure(&c, b))
		return false;
	if (parts & PART_BIT(PART_EXCERPT)) {
		choose_excerpt(&c);
		if (!excerpt_is_sure(&c))
			return false;
	}
	if (parts & PART_BIT(PART_IMAGES)) {
		choose_images(&c);
		if (!image_is_sure(&c, b->rest))
			return false;
		md->image_count = 1;
	}
	return true;
}

enum err extract_head(const struct page_response *response, unsigned parts,
		      const struct choose_options *options, struct arena *arena, struct metadata *md,
		      bool *suffices, struct error *e)
{
	static const unsigned known = PART_BIT(PART_TITLE) | PART_BIT(PART_EXCERPT) | PART_BIT(PART_IMAGES);
	struct page_response cut = *response;
	struct page page = {.verdict = VERDICT_ARTICLE};
	struct collector c = {.arena = arena};
	struct jsonld_facts facts;
	struct tree *tree;
	struct body b = {.heading_count = 0};
	struct span text;
	struct url base;
	size_t end;
	enum err r;

	*md = (struct metadata){.image_count = 0};
	*suffices = false;
	cut.body = span_sub(cut.body, 0, PAGE_BODY_MAX);
	if (!parts || (parts & ~known) || options->site || !cut.body.len || !page_is_html(&cut))
		return ERR_OK;
	r = charset_to_utf8(cut.body, cut.content_type, arena, &text);
	if (!r)
		r = tree_parse_head(text, arena, &tree, &end, e);
	if (r)
		return err_set(e, r, "a page: %s", err_text(r));
	b.rest = span_sub(tree->source, end, tree->source.len);
	if (!end || tree->cut)
		return ERR_OK;
	look_at_body(&b);
	if (b.states_more || !add_jsonld(&b, tree, arena))
		return arena_failed(arena);
	if (page_base(&cut, tree, arena, &base)) {
		c.base = base;
		page.url = base.href;
	}
	sources_collect_head(&c, tree, &cut, &facts);
	page.candidates = c.list;
	page.candidate_count = c.count;
	*suffices = !arena_failed(arena) && is_sure(&page, parts, options, &b, arena, md);
	if (!*suffices)
		*md = (struct metadata){.image_count = 0};
	return arena_failed(arena);
}
