/* SPDX-License-Identifier: MIT */
#include "extract/head.h"

#include "base/text.h"
#include "extract/choose_inner.h"
#include "extract/head_inner.h"
#include "extract/page_inner.h"
#include "extract/sources.h"

enum {
	/* What the body of a page without JSON-LD can bring, see the tables of sources_props.c,
	 * sources_visible.c and sources_standfirst.c: microdata, h-entry; headings are looked at one by one.
	 * Supported by another family of the body, so much more. */
	BODY_TITLE = 80,
	BODY_HEADING = 40, /* of it a lesser heading, where there is no h1 */
	BODY_EXCERPT = 64,
	BODY_IMAGE = 66,
	SUPPORT_TITLE = 7,
	SUPPORT_EXCERPT = 5,
	SUPPORT_IMAGE = 5,
	BODY_FAMILIES = 2, /* microdata, and what is visible */
	STATED = 86, /* a title of so much that no heading alike takes its place but in the same words */
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

/* ---- whether what follows can change anything ---- */

/* Whether each h1 says exactly that; without one it holds too. */
static bool headings_say(const struct head_body *b, struct span title)
{
	for (unsigned i = 0; i < b->heading_count; i++)
		if (!b->headings[i].ptr || !span_eq(b->headings[i], title))
			return false;
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
	return picture_stem(span_sub(name, 0, i));
}

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
static bool name_is_sure(const struct chooser *c, const struct head_body *b)
{
	const struct candidate *name = c->ret->chosen[FIELD_PROVIDER_NAME];

	return name && name->score >= 80 && !head_body_names(b);
}

/* All that say so use the same words and signs, so that it does not matter which of them is chosen. */
static bool is_said_alike(const struct chooser *c, const struct weighed *best)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->w[i].score > 0 && span_eq(c->w[i].key, best->key) &&
		    !span_eq(c->w[i].value, best->value))
			return false;
	return true;
}

static bool title_is_sure(const struct chooser *c, const struct head_body *b)
{
	const struct weighed *w = winner(c, FIELD_TITLE);
	int body;

	/* a heading that says it too may be chosen before it */
	if (!w || !headings_say(b, w->value) ||
	    (w->from->score < STATED && !(b->heading_count && is_said_alike(c, w))))
		return false;
	body = w->score <= BODY_TITLE + SUPPORT_ADDRESS + SUPPORT_TITLE && !head_body_names(b) ? BODY_HEADING
											       : BODY_TITLE;
	if (w->score <= strongest_other(c, w, body + SUPPORT_ADDRESS, SUPPORT_TITLE) ||
	    (!(is_whole(w->value) && span_eq(w->value, w->from->value)) && !name_is_sure(c, b)))
		return false;
	/* nor is it an attribute that ended at a stray quotation mark */
	return b->heading_count || said_by_title_element(c, w->key);
}

/* One that was cut is completed from the text. */
static bool is_whole_excerpt(const struct candidate *k)
{
	return k->score > BODY_EXCERPT && text_ends_closed(k->value) && text_length(k->value) >= 40;
}

static bool excerpt_is_sure(const struct chooser *c)
{
	const struct weighed *w = winner(c, FIELD_EXCERPT);

	return w && is_whole_excerpt(w->from) &&
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

static bool image_is_sure(const struct chooser *c, const struct head_body *b)
{
	const struct candidate *chosen = c->ret->chosen[FIELD_IMAGE];
	bool sized = c->ret->image_count && c->ret->images[0].width && c->ret->images[0].height;
	struct span name;

	if (!chosen || !c->ret->image_count || !image_withstands(c, chosen))
		return false;
	name = picture_name(chosen->value);
	/* nobody else says its size */
	if (!sized && (name.len < HEAD_NAME_MIN || head_body_sizes(b, name)))
		return false;
	/* nor bears out another one that is as good */
	for (size_t i = 0; i < c->page->candidate_count; i++) {
		const struct candidate *k = &c->page->candidates[i];
		struct span other = picture_name(k->value);

		if (k->field != FIELD_IMAGE || span_eq(k->value, chosen->value) ||
		    k->score + SUPPORT_IMAGE * (BODY_FAMILIES + 2) < chosen->score)
			continue;
		if (other.len < HEAD_NAME_MIN || span_eq(other, name) || span_find(b->rest, other) >= 0)
			return false;
	}
	return true;
}

static bool is_sure(struct page *page, unsigned parts, const struct choose_options *options,
		    const struct head_body *b, struct arena *arena, struct metadata *md)
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
		if (!image_is_sure(&c, b))
			return false;
		md->image_count = 1;
	}
	return true;
}

/* ---- the parse ---- */

struct watch {
	struct page_watch page;
	unsigned parts;
	const struct choose_options *options;
	struct arena *arena;
	struct metadata *md;
};

/* Whether each h1 is at least part of what the head says. */
static bool headings_may_say(const struct head_body *b, const struct page *page)
{
	for (unsigned i = 0; i < b->heading_count; i++) {
		bool said = false;

		for (size_t k = 0; k < page->candidate_count && !said && b->headings[i].len; k++)
			said = page->candidates[k].field == FIELD_TITLE &&
			       span_find(page->candidates[k].value, b->headings[i]) >= 0;
		if (!said)
			return false;
	}
	return true;
}

/* A quick look for what is_sure() would ask for in vain. */
static bool may_suffice(const struct head_body *b, const struct page *page, unsigned parts)
{
	bool title = !(parts & (PART_BIT(PART_TITLE) | PART_BIT(PART_EXCERPT)));
	bool excerpt = !(parts & PART_BIT(PART_EXCERPT)), image = !(parts & PART_BIT(PART_IMAGES));

	if (!title && !headings_may_say(b, page))
		return false;
	for (size_t i = 0; i < page->candidate_count; i++) {
		const struct candidate *k = &page->candidates[i];

		title |= k->field == FIELD_TITLE;
		excerpt |= k->field == FIELD_EXCERPT && is_whole_excerpt(k);
		image |= k->field == FIELD_IMAGE && k->score > 0;
	}
	return title && excerpt && image;
}

static bool head_read(struct page_watch *page_watch, const struct page_response *response,
		      const struct tree *tree, const struct repaired *r)
{
	struct watch *w = CONTAINER_OF(page_watch, struct watch, page);
	struct page page = {.verdict = VERDICT_ARTICLE};
	struct head_body b;
	struct url base;
	bool known, sure;

	head_body_look(r, w->arena, &b);
	if (b.states_more || tree->first[TAG_H1])
		return false;
	known = page_base(response, tree, w->arena, &base);
	if (known)
		page.url = base.href;
	w->page.begun =
		sources_begin(tree, response, known ? &base : NULL, b.blocks, b.block_count, w->arena);
	if (!w->page.begun || !sources_so_far(w->page.begun, &page) || !may_suffice(&b, &page, w->parts))
		return false;
	*w->md = (struct metadata){.image_count = 0};
	sure = is_sure(&page, w->parts, w->options, &b, w->arena, w->md);
	return sure && !arena_failed(w->arena);
}

enum err extract_parts(const struct page_response *response, unsigned parts,
		       const struct choose_options *options, struct arena *arena, struct page **page,
		       struct metadata *md, struct error *e)
{
	static const unsigned known = PART_BIT(PART_TITLE) | PART_BIT(PART_EXCERPT) | PART_BIT(PART_IMAGES);
	struct watch w = {{head_read, NULL}, parts, options, arena, md};
	bool may = parts && !(parts & ~known) && !options->site;
	enum err r = page_read(response, may ? &w.page : NULL, arena, page, e);

	return r || !*page ? r : extract_choose(*page, options, true, arena, md);
}
