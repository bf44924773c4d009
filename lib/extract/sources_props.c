/* SPDX-License-Identifier: MIT */
/* Microdata (https://html.spec.whatwg.org/multipage/microdata.html), RDFa Lite with schema.org, Dublin Core
 * and rNews terms, and h-entry/hAtom classes (https://microformats.org/wiki/h-entry), read at the element
 * that carries the value: of the scopes around it only the nearest one's type is asked for. */
#include "base/text.h"
#include "extract/sources_inner.h"

enum scope { SCOPE_ANY, SCOPE_MAIN }; /* MAIN: not inside a thing of another type */

struct prop_row {
	const char *name;
	enum field field;
	enum normal normal;
	int score;
	enum scope scope;
	const char *source;
};

/* itemprop, and property on elements that are no <meta> of the head. */
static const struct prop_row props[] = {
	{"headline", FIELD_TITLE, NORMAL_TEXT, 80, SCOPE_ANY, "itemprop headline"},
	{"name", FIELD_TITLE, NORMAL_TEXT, 60, SCOPE_MAIN, "itemprop name"},
	{"datepublished", FIELD_DATE, NORMAL_DATE, 90, SCOPE_ANY, "itemprop datePublished"},
	{"uploaddate", FIELD_DATE, NORMAL_DATE, 48, SCOPE_ANY, "itemprop uploadDate"},
	{"datecreated", FIELD_DATE, NORMAL_DATE, 74, SCOPE_ANY, "itemprop dateCreated"},
	{"datemodified", FIELD_DATE, NORMAL_DATE, 28, SCOPE_ANY, "itemprop dateModified"},
	{"date", FIELD_DATE, NORMAL_DATE, 62, SCOPE_ANY, "property date"},
	{"issued", FIELD_DATE, NORMAL_DATE, 78, SCOPE_ANY, "property issued"},
	{"created", FIELD_DATE, NORMAL_DATE, 70, SCOPE_ANY, "property created"},
	{"description", FIELD_EXCERPT, NORMAL_TEXT, 60, SCOPE_MAIN, "itemprop description"},
	{"image", FIELD_IMAGE, NORMAL_IMAGE, 66, SCOPE_MAIN, "itemprop image"},
	{"thumbnailurl", FIELD_IMAGE, NORMAL_IMAGE, 58, SCOPE_ANY, "itemprop thumbnailUrl"},
	{"author", FIELD_AUTHOR, NORMAL_BYLINE, 84, SCOPE_ANY, "itemprop author"},
	{"creator", FIELD_AUTHOR, NORMAL_BYLINE, 70, SCOPE_ANY, "itemprop creator"},
	{"publisher", FIELD_PROVIDER_NAME, NORMAL_TEXT, 70, SCOPE_ANY, "itemprop publisher"},
	{"inlanguage", FIELD_LANG, NORMAL_LANG, 60, SCOPE_ANY, "itemprop inLanguage"},
};

/* Classes. hAtom's entry-title and the like are kept by thousands of themes. */
static const struct prop_row classes[] = {
	{"p-name", FIELD_TITLE, NORMAL_TEXT, 62, SCOPE_MAIN, "h-entry p-name"},
	{"entry-title", FIELD_TITLE, NORMAL_TEXT, 70, SCOPE_ANY, "hatom entry-title"},
	{"dt-published", FIELD_DATE, NORMAL_DATE, 80, SCOPE_ANY, "h-entry dt-published"},
	{"entry-date", FIELD_DATE, NORMAL_DATE, 66, SCOPE_ANY, "hatom entry-date"},
	{"published", FIELD_DATE, NORMAL_DATE, 64, SCOPE_ANY, "hatom published"},
	{"dt-updated", FIELD_DATE, NORMAL_DATE, 24, SCOPE_ANY, "h-entry dt-updated"},
	{"p-summary", FIELD_EXCERPT, NORMAL_TEXT, 50, SCOPE_ANY, "h-entry p-summary"},
	{"p-author", FIELD_AUTHOR, NORMAL_BYLINE, 72, SCOPE_ANY, "h-entry p-author"},
	{"u-photo", FIELD_IMAGE, NORMAL_IMAGE, 46, SCOPE_MAIN, "h-entry u-photo"},
	{"u-featured", FIELD_IMAGE, NORMAL_IMAGE, 58, SCOPE_ANY, "h-entry u-featured"},
};

/* What lies inside a scope of such a type describes that thing, not the page. */
static bool is_other_thing(struct span type)
{
	static const char *const mains[] = {"Article",
					    "Posting",
					    "WebPage",
					    "Report",
					    "Review",
					    "Recipe",
					    "CreativeWork",
					    "VideoObject",
					    "SoftwareSourceCode",
					    "SoftwareApplication",
					    "Product",
					    "Course",
					    "Book",
					    "Event",
					    "Dataset",
					    "Question",
					    "ItemPage",
					    "HowTo"};

	for (size_t i = 0; i < ARRAY_SIZE(mains); i++)
		if (span_ends_nocase(type, span_str(mains[i])))
			return false;
	return true;
}

/* The type of the nearest scope around n, n's own not counted; SPAN_NONE without a scope. */
static struct span scope_type(const struct node *n, const struct node **scope)
{
	for (n = n->parent; n && n->parent; n = n->parent) {
		struct span type = node_attr(n, ATTR_ITEMTYPE);

		if (!type.ptr)
			type = node_attr(n, ATTR_TYPEOF);
		if (type.ptr || node_attr(n, ATTR_ITEMSCOPE).ptr) {
			*scope = n;
			return type.ptr ? type : SPAN("");
		}
	}
	*scope = NULL;
	return SPAN_NONE;
}

struct span gather_value(struct gather *g, const struct node *n, size_t max)
{
	static const enum attr_id by[] = {ATTR_CONTENT, ATTR_DATETIME};

	for (size_t i = 0; i < ARRAY_SIZE(by); i++) {
		struct span v = span_trim(node_attr(n, by[i]));

		if (v.len)
			return v;
	}
	/* hAtom's value in an <abbr> */
	if (n->tag == TAG_ABBR && node_attr(n, ATTR_TITLE).len)
		return node_attr(n, ATTR_TITLE);
	return node_text(n, max, g->c->arena);
}

/* A person's or an organisation's name: itemprop=name inside, else the text. */
static struct span name_value(struct gather *g, const struct node *n)
{
	unsigned seen = 0;

	for (const struct node *k = n; k && seen < 40; k = node_next(k, n), seen++)
		if (!node_is_text(k) && k != n && node_attr_has_word(k, ATTR_ITEMPROP, SPAN("name")))
			return gather_value(g, k, 200);
	if (node_attr(n, ATTR_ITEMSCOPE).ptr && n->tag == TAG_META)
		return SPAN_NONE;
	return gather_value(g, n, 200);
}

static void gather_prop(struct gather *g, const struct node *n, const struct prop_row *row)
{
	const struct node *scope;
	struct span type = scope_type(n, &scope), value;
	int score = row->score;
	struct candidate *k;

	if (row->scope == SCOPE_MAIN && (!scope || is_other_thing(type)))
		return;
	/* a comment's date and author */
	if (scope &&
	    (span_ends_nocase(type, SPAN("Comment")) || span_ends_nocase(type, SPAN("UserComments")) ||
	     span_ends_nocase(type, SPAN("Rating")) || span_ends_nocase(type, SPAN("Offer"))))
		return;
	if (row->field == FIELD_IMAGE) {
		value = gather_image(n);
		for (const struct node *i = n; !value.len && i; i = node_next(i, n))
			if (i->tag == TAG_IMG ||
			    (i->tag == TAG_META && node_attr_has_word(i, ATTR_ITEMPROP, SPAN("url"))))
				value = gather_image(i);
	} else if (row->field == FIELD_AUTHOR || row->field == FIELD_PROVIDER_NAME) {
		value = name_value(g, n);
	} else {
		value = gather_value(g, n, row->field == FIELD_EXCERPT ? 2000 : 400);
	}
	if (!value.len)
		return;

	unsigned around = n->tag == TAG_META ? 0 : words_around(&g->words, n);

	if (around & (WORD_COMMENT | WORD_ASIDE))
		score -= 36;
	if (row->field == FIELD_AUTHOR && value.len > 120)
		return; /* a biography */
	/* many things of one kind on one page are a list */
	if (scope && row->field != FIELD_AUTHOR && g->title && n->offset < g->title->offset)
		score -= 1;
	k = collect(g->c, row->field, row->normal, value, row->source, score, gather_at(n));
	(void)k;
}

static struct span without_prefix(struct span s)
{
	ptrdiff_t colon = span_find_byte(s, ':');

	/* "schema:headline", "dc:date"; og: and article: are for <meta> */
	return colon < 0 ? s : span_sub(s, (size_t)colon + 1, s.len);
}

static void gather_names(struct gather *g, const struct node *n, struct span names,
			 const struct prop_row *rows, size_t count)
{
	struct span name;

	while ((name = span_split(&names, ' ')).ptr) {
		name = without_prefix(name);
		for (size_t i = 0; name.len && i < count; i++)
			if (byte_lower(name.ptr[0]) == rows[i].name[0] &&
			    span_eq_nocase(name, span_str(rows[i].name)))
				gather_prop(g, n, &rows[i]);
	}
}

void gather_props(struct gather *g, const struct node *n)
{
	for (uint32_t i = 0; i < n->size; i++) {
		struct span v =
			span_of(n->attrs[i].value_ptr ? n->attrs[i].value_ptr : "", n->attrs[i].value_len);

		switch (n->attrs[i].id) {
		case ATTR_ITEMPROP: gather_names(g, n, v, props, ARRAY_SIZE(props)); break;
		case ATTR_PROPERTY:
			if (n->tag != TAG_META || node_up(n, TAG_BODY))
				gather_names(g, n, v, props, ARRAY_SIZE(props));
			break;
		case ATTR_CLASS:
			if (span_find(v, SPAN("-")) >= 0 || span_find(v, SPAN("published")) >= 0)
				gather_names(g, n, span_sub(v, 0, 256), classes, ARRAY_SIZE(classes));
			break;
		default: break;
		}
	}
}
