/* SPDX-License-Identifier: MIT */
/* What stands in <head>: <meta>, <link> and <title>. */
#include <jansson.h>

#include "base/text.h"
#include "extract/jsonld.h"
#include "extract/sources_inner.h"

/* <meta>, by property, name or itemprop, whichever the page used; without regard to case. The name is the
 * source that is shown. Scores compare within one field. */
/* clang-format off */
static const struct meta_row metas[] = {
	/* https://ogp.me, https://developer.x.com/en/docs/x-for-websites/cards, Dublin Core (DCMI, RFC 5013),
	 * Highwire Press tags as Google Scholar reads them, Parsely, Sailthru */
	{"og:title", FIELD_TITLE, NORMAL_TEXT, 88},
	{"twitter:title", FIELD_TITLE, NORMAL_TEXT, 80},
	{"citation_title", FIELD_TITLE, NORMAL_TEXT, 86},
	{"bepress_citation_title", FIELD_TITLE, NORMAL_TEXT, 80},
	{"eprints.title", FIELD_TITLE, NORMAL_TEXT, 78},
	{"parsely-title", FIELD_TITLE, NORMAL_TEXT, 82},
	{"sailthru.title", FIELD_TITLE, NORMAL_TEXT, 80},
	{"dc.title", FIELD_TITLE, NORMAL_TEXT, 74},
	{"dcterms.title", FIELD_TITLE, NORMAL_TEXT, 74},
	{"headline", FIELD_TITLE, NORMAL_TEXT, 76},
	{"title", FIELD_TITLE, NORMAL_TEXT, 64},

	{"description", FIELD_EXCERPT, NORMAL_TEXT, 80},
	{"og:description", FIELD_EXCERPT, NORMAL_TEXT, 84},
	{"twitter:description", FIELD_EXCERPT, NORMAL_TEXT, 72},
	{"sailthru.description", FIELD_EXCERPT, NORMAL_TEXT, 62},
	{"dc.description", FIELD_EXCERPT, NORMAL_TEXT, 66},
	{"dcterms.description", FIELD_EXCERPT, NORMAL_TEXT, 66},
	{"dcterms.abstract", FIELD_EXCERPT, NORMAL_TEXT, 60},
	{"citation_abstract", FIELD_EXCERPT, NORMAL_TEXT, 50},
	{"abstract", FIELD_EXCERPT, NORMAL_TEXT, 50},

	{"article:published_time", FIELD_DATE, NORMAL_DATE, 94},
	{"article:published", FIELD_DATE, NORMAL_DATE, 88},
	{"og:article:published_time", FIELD_DATE, NORMAL_DATE, 90},
	{"og:published_time", FIELD_DATE, NORMAL_DATE, 86},
	{"og:datepublished", FIELD_DATE, NORMAL_DATE, 84},
	{"dc.created", FIELD_DATE, NORMAL_DATE, 72},
	{"og:pubdate", FIELD_DATE, NORMAL_DATE, 84},
	{"parsely-pub-date", FIELD_DATE, NORMAL_DATE, 88},
	{"sailthru.date", FIELD_DATE, NORMAL_DATE, 82},
	{"cxenseparse:recs:publishtime", FIELD_DATE, NORMAL_DATE, 82},
	{"cxenseparse:publishtime", FIELD_DATE, NORMAL_DATE, 82},
	{"citation_publication_date", FIELD_DATE, NORMAL_DATE, 82},
	{"bepress_citation_date", FIELD_DATE, NORMAL_DATE, 76},
	{"prism.publicationdate", FIELD_DATE, NORMAL_DATE, 80},
	{"citation_online_date", FIELD_DATE, NORMAL_DATE, 80},
	{"citation_date", FIELD_DATE, NORMAL_DATE, 80},
	{"dc.date.issued", FIELD_DATE, NORMAL_DATE, 84},
	{"dcterms.issued", FIELD_DATE, NORMAL_DATE, 84},
	{"dcterms.available", FIELD_DATE, NORMAL_DATE, 74},
	{"dc.date.created", FIELD_DATE, NORMAL_DATE, 76},
	{"dcterms.created", FIELD_DATE, NORMAL_DATE, 76},
	{"dcterms.created.date", FIELD_DATE, NORMAL_DATE, 76},
	{"dcterms.date", FIELD_DATE, NORMAL_DATE, 72},
	{"dc.date", FIELD_DATE, NORMAL_DATE, 72},
	{"dcsext.articlefirstpublished", FIELD_DATE, NORMAL_DATE, 80},
	{"datepublished", FIELD_DATE, NORMAL_DATE, 84},
	{"date_published", FIELD_DATE, NORMAL_DATE, 82},
	{"published_date", FIELD_DATE, NORMAL_DATE, 82},
	{"published-date", FIELD_DATE, NORMAL_DATE, 82},
	{"publish-date", FIELD_DATE, NORMAL_DATE, 82},
	{"publish_date", FIELD_DATE, NORMAL_DATE, 82},
	{"publishdate", FIELD_DATE, NORMAL_DATE, 82},
	{"pubdate", FIELD_DATE, NORMAL_DATE, 82},
	{"pub_date", FIELD_DATE, NORMAL_DATE, 82},
	{"publication_date", FIELD_DATE, NORMAL_DATE, 82},
	{"publication-date", FIELD_DATE, NORMAL_DATE, 82},
	{"publicationdate", FIELD_DATE, NORMAL_DATE, 82},
	{"published_time", FIELD_DATE, NORMAL_DATE, 82},
	{"published_at", FIELD_DATE, NORMAL_DATE, 82},
	{"published_on", FIELD_DATE, NORMAL_DATE, 82},
	{"published-on", FIELD_DATE, NORMAL_DATE, 82},
	{"date.published", FIELD_DATE, NORMAL_DATE, 82},
	{"publishtime", FIELD_DATE, NORMAL_DATE, 80},
	{"published", FIELD_DATE, NORMAL_DATE, 78},
	{"originalpublicationdate", FIELD_DATE, NORMAL_DATE, 84},
	{"article_date_original", FIELD_DATE, NORMAL_DATE, 82},
	{"article.published", FIELD_DATE, NORMAL_DATE, 82},
	{"article.created", FIELD_DATE, NORMAL_DATE, 72},
	{"article-date", FIELD_DATE, NORMAL_DATE, 76},
	{"article_date", FIELD_DATE, NORMAL_DATE, 76},
	{"bt:pubdate", FIELD_DATE, NORMAL_DATE, 82},
	{"shareaholic:article_published_time", FIELD_DATE, NORMAL_DATE, 82},
	{"rnews:datepublished", FIELD_DATE, NORMAL_DATE, 82},
	{"displaydate", FIELD_DATE, NORMAL_DATE, 70},
	{"release_date", FIELD_DATE, NORMAL_DATE, 66},
	{"video:release_date", FIELD_DATE, NORMAL_DATE, 74},
	{"og:video:release_date", FIELD_DATE, NORMAL_DATE, 74},
	{"datecreated", FIELD_DATE, NORMAL_DATE, 70},
	{"date", FIELD_DATE, NORMAL_DATE, 70},
	{"date.created", FIELD_DATE, NORMAL_DATE, 70},
	{"created", FIELD_DATE, NORMAL_DATE, 62},
	{"creation_date", FIELD_DATE, NORMAL_DATE, 62},
	{"uploaddate", FIELD_DATE, NORMAL_DATE, 70},
	{"timestamp", FIELD_DATE, NORMAL_DATE, 40},
	{"article:modified_time", FIELD_DATE, NORMAL_DATE, 32},
	{"og:updated_time", FIELD_DATE, NORMAL_DATE, 30},
	{"og:article:modified_time", FIELD_DATE, NORMAL_DATE, 30},
	{"datemodified", FIELD_DATE, NORMAL_DATE, 28},
	{"dcterms.modified", FIELD_DATE, NORMAL_DATE, 26},
	{"dc.date.modified", FIELD_DATE, NORMAL_DATE, 26},
	{"lastmodified", FIELD_DATE, NORMAL_DATE, 24},
	{"lastmod", FIELD_DATE, NORMAL_DATE, 24},
	{"last-modified", FIELD_DATE, NORMAL_DATE, 24},
	{"last_modified", FIELD_DATE, NORMAL_DATE, 24},
	{"modified_time", FIELD_DATE, NORMAL_DATE, 24},
	{"revised", FIELD_DATE, NORMAL_DATE, 22},

	{"og:url", FIELD_WEBURL, NORMAL_URL, 70},
	{"parsely-link", FIELD_WEBURL, NORMAL_URL, 56},
	{"twitter:url", FIELD_WEBURL, NORMAL_URL, 50},
	{"citation_public_url", FIELD_WEBURL, NORMAL_URL, 40},

	{"og:image", FIELD_IMAGE, NORMAL_IMAGE, 90},
	{"og:image:url", FIELD_IMAGE, NORMAL_IMAGE, 89},
	{"og:image:secure_url", FIELD_IMAGE, NORMAL_IMAGE, 88},
	{"twitter:image", FIELD_IMAGE, NORMAL_IMAGE, 82},
	{"twitter:image:src", FIELD_IMAGE, NORMAL_IMAGE, 82},
	{"twitter:image0", FIELD_IMAGE, NORMAL_IMAGE, 74},
	{"sailthru.image.full", FIELD_IMAGE, NORMAL_IMAGE, 70},
	{"parsely-image-url", FIELD_IMAGE, NORMAL_IMAGE, 68},
	{"thumbnailurl", FIELD_IMAGE, NORMAL_IMAGE, 62},
	{"thumbnail", FIELD_IMAGE, NORMAL_IMAGE, 60},
	{"image", FIELD_IMAGE, NORMAL_IMAGE, 60},
	{"sailthru.image.thumb", FIELD_IMAGE, NORMAL_IMAGE, 44},

	{"citation_author", FIELD_AUTHOR, NORMAL_NAMES, 88},
	{"bepress_citation_author", FIELD_AUTHOR, NORMAL_NAMES, 80},
	{"eprints.creators_name", FIELD_AUTHOR, NORMAL_NAMES, 78},
	{"citation_authors", FIELD_AUTHOR, NORMAL_NAMES, 86},
	{"author", FIELD_AUTHOR, NORMAL_NAMES, 80},
	{"authors", FIELD_AUTHOR, NORMAL_NAMES, 78},
	{"article:author_name", FIELD_AUTHOR, NORMAL_NAMES, 80},
	{"article:author", FIELD_AUTHOR, NORMAL_NAMES, 76},
	{"og:article:author", FIELD_AUTHOR, NORMAL_NAMES, 74},
	{"article.author", FIELD_AUTHOR, NORMAL_NAMES, 74},
	{"og:author", FIELD_AUTHOR, NORMAL_NAMES, 70},
	{"parsely-author", FIELD_AUTHOR, NORMAL_NAMES, 82},
	{"sailthru.author", FIELD_AUTHOR, NORMAL_NAMES, 80},
	{"cxenseparse:author", FIELD_AUTHOR, NORMAL_NAMES, 76},
	{"shareaholic:article_author_name", FIELD_AUTHOR, NORMAL_NAMES, 76},
	{"dc.creator", FIELD_AUTHOR, NORMAL_NAMES, 78},
	{"dcterms.creator", FIELD_AUTHOR, NORMAL_NAMES, 78},
	{"dc.contributor", FIELD_AUTHOR, NORMAL_NAMES, 40},
	{"byl", FIELD_AUTHOR, NORMAL_NAMES, 78},
	{"byline", FIELD_AUTHOR, NORMAL_NAMES, 72},
	{"creator", FIELD_AUTHOR, NORMAL_NAMES, 60},

	{"og:site_name", FIELD_PROVIDER_NAME, NORMAL_TEXT, 90},
	{"og:site", FIELD_PROVIDER_NAME, NORMAL_TEXT, 60},
	{"application-name", FIELD_PROVIDER_NAME, NORMAL_TEXT, 64},
	{"apple-mobile-web-app-title", FIELD_PROVIDER_NAME, NORMAL_TEXT, 56},
	{"dc.publisher", FIELD_PROVIDER_NAME, NORMAL_TEXT, 62},
	{"dcterms.publisher", FIELD_PROVIDER_NAME, NORMAL_TEXT, 62},
	{"prism.publicationname", FIELD_PROVIDER_NAME, NORMAL_TEXT, 58},
	{"citation_journal_title", FIELD_PROVIDER_NAME, NORMAL_TEXT, 60},
	{"publisher", FIELD_PROVIDER_NAME, NORMAL_TEXT, 52},
	{"twitter:app:name:iphone", FIELD_PROVIDER_NAME, NORMAL_TEXT, 30},
	{"al:ios:app_name", FIELD_PROVIDER_NAME, NORMAL_TEXT, 30},
	{"al:android:app_name", FIELD_PROVIDER_NAME, NORMAL_TEXT, 29},

	{"og:locale", FIELD_LANG, NORMAL_LANG, 58},
	{"content-language", FIELD_LANG, NORMAL_LANG, 62},
	{"dc.language", FIELD_LANG, NORMAL_LANG, 60},
	{"dcterms.language", FIELD_LANG, NORMAL_LANG, 60},
	{"inlanguage", FIELD_LANG, NORMAL_LANG, 60},
	{"language", FIELD_LANG, NORMAL_LANG, 56},

	{"og:type", FIELD_TYPE, NORMAL_TYPE, 80},
	{"dc.type", FIELD_TYPE, NORMAL_TYPE, 40},
	{"dcterms.type", FIELD_TYPE, NORMAL_TYPE, 40},
	{"parsely-type", FIELD_TYPE, NORMAL_TYPE, 40},
};

/* <link>, by rel. */
static const struct meta_row links[] = {
	{"canonical", FIELD_WEBURL, NORMAL_URL, 80},
	{"shortlink", FIELD_WEBURL, NORMAL_URL, 10},
	{"image_src", FIELD_IMAGE, NORMAL_IMAGE, 66},
	{"thumbnail", FIELD_IMAGE, NORMAL_IMAGE, 50},
	/* what the site shows for itself is no picture of the article */
	{"icon", FIELD_IMAGE, NORMAL_IMAGE, 0},
	{"apple-touch-icon", FIELD_IMAGE, NORMAL_IMAGE, 0},
};
/* clang-format on */

const struct meta_row *gather_row(const struct meta_row *rows, size_t n, struct span name)
{
	char dotted[40];

	/* "dc:created" and "dcterms:created": the prefix as RDFa writes it */
	if (name.len < sizeof(dotted) &&
	    (span_starts_nocase(name, SPAN("dc:")) || span_starts_nocase(name, SPAN("dcterms:")))) {
		memcpy(dotted, name.ptr, name.len);
		dotted[span_find_byte(name, ':')] = '.';
		name.ptr = dotted;
	}
	for (size_t i = 0; i < n; i++)
		if (byte_lower(name.ptr[0]) == rows[i].name[0] &&
		    span_eq_nocase(name, span_str(rows[i].name)))
			return &rows[i];
	return NULL;
}

static unsigned declared_size(struct span v)
{
	uint64_t n;

	return span_to_uint(span_trim(v), 99999, &n) ? (unsigned)n : 0;
}

/* One JSON object in an attribute: Parsely's older form. */
static void gather_parsely(struct gather *g, struct span value, unsigned at)
{
	static const struct {
		const char *key;
		struct meta_row row;
	} keys[] = {
		{"title", {"parsely-page title", FIELD_TITLE, NORMAL_TEXT, 78}},
		{"pub_date", {"parsely-page pub_date", FIELD_DATE, NORMAL_DATE, 84}},
		{"image_url", {"parsely-page image_url", FIELD_IMAGE, NORMAL_IMAGE, 64}},
		{"author", {"parsely-page author", FIELD_AUTHOR, NORMAL_NAMES, 76}},
		{"link", {"parsely-page link", FIELD_WEBURL, NORMAL_URL, 50}},
	};
	json_t *v;

	if (value.len > COLLECT_TEXT_MAX || jsonld_depth(value) > JSONLD_DEPTH_MAX)
		return;
	v = json_loadb(value.ptr, value.len, 0, NULL);
	for (size_t i = 0; v && i < ARRAY_SIZE(keys); i++) {
		const json_t *s = json_object_get(v, keys[i].key);

		if (json_is_array(s))
			s = json_array_get(s, 0);
		if (json_is_string(s))
			collect(g->c, keys[i].row.field, keys[i].row.normal,
				span_of(json_string_value(s), json_string_length(s)), keys[i].row.name,
				keys[i].row.score, at);
	}
	json_decref(v);
}

/* Pairs of label and value that chats show under a link (twitter:label1, twitter:data1): many CMSes name the
 * author so, in the site's language. */
static void gather_label(struct gather *g, struct span name, struct span content, unsigned at)
{
	static const char *const labels[] = {"written by",
					     "author",
					     "by",
					     "verfasst von",
					     "geschrieben von",
					     "autor",
					     "écrit par",
					     "auteur",
					     "escrito por",
					     "autore",
					     "scritto da",
					     "geschreven door",
					     "skrevet av",
					     "skriven av",
					     "napisane przez",
					     "autor:",
					     "автор",
					     "написано автором",
					     "yazan",
					     "執筆者",
					     "投稿者",
					     "작성자",
					     "作者",
					     "kirjoittanut"};
	static const struct span label = {"twitter:label", 13}, data = {"twitter:data", 12};

	if (span_starts_nocase(name, label) && name.len == 14) {
		g->label = '\0';
		for (size_t i = 0; i < ARRAY_SIZE(labels); i++)
			if (span_eq_nocase(span_trim(content), span_str(labels[i])))
				g->label = name.ptr[13];
	} else if (span_starts_nocase(name, data) && name.len == 13 && g->label == name.ptr[12]) {
		collect(g->c, FIELD_AUTHOR, NORMAL_NAMES, content, "twitter:data", 78, at);
	}
}

static bool is_of_body(const struct node *n)
{
	return n->depth > 2 && node_up(n, TAG_BODY);
}

bool gather_skips_meta(const struct node *n)
{
	static const enum attr_id by[] = {ATTR_PROPERTY, ATTR_NAME, ATTR_HTTP_EQUIV, ATTR_PUBDATE};

	for (size_t i = 0; i < ARRAY_SIZE(by); i++)
		if (node_attr(n, by[i]).ptr)
			return false;
	return is_of_body(n);
}

void gather_meta(struct gather *g, const struct node *n)
{
	static const enum attr_id by[] = {ATTR_PROPERTY, ATTR_NAME, ATTR_ITEMPROP, ATTR_HTTP_EQUIV,
					  ATTR_PUBDATE};
	struct span content = node_attr(n, ATTR_CONTENT), names, name;
	struct collector *c = g->c;

	if (!content.ptr)
		content = node_attr(n, ATTR_VALUE);
	if (!span_trim(content).len)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(by); i++) {
		names = node_attr(n, by[i]);
		while ((name = span_split(&names, ' ')).ptr) {
			const struct meta_row *row;

			/* the microdata of a thing that the page only mentions is read with its scope */
			if (!name.len || (by[i] == ATTR_ITEMPROP && is_of_body(n)))
				continue;
			if (span_starts_nocase(name, SPAN("twitter:")))
				gather_label(g, name, content, gather_at(n));
			if (span_eq_nocase(name, SPAN("parsely-page")))
				gather_parsely(g, content, gather_at(n));
			if ((span_eq_nocase(name, SPAN("og:image:width")) ||
			     span_eq_nocase(name, SPAN("og:image:height"))) &&
			    c->count && c->list[c->count - 1].field == FIELD_IMAGE) {
				struct candidate *k = &c->list[c->count - 1];
				unsigned *size = byte_lower(name.ptr[9]) == 'w' ? &k->width : &k->height;

				if (!*size)
					*size = declared_size(content);
				continue;
			}
			row = gather_row(metas, ARRAY_SIZE(metas), name);
			if (!row)
				continue;

			struct candidate *k = collect(c, row->field, row->normal, content, row->name,
						      row->score, gather_at(n));

			/* several og:image are in order of merit */
			if (k && row->field == FIELD_IMAGE && c->taken[FIELD_IMAGE] > 1)
				k->score -= (int)MIN(c->taken[FIELD_IMAGE] / 2, 5u);
			if (k && row->field == FIELD_TITLE && row->score == 88)
				g->head_title = k->value;
			return;
		}
	}
}

void gather_link(struct gather *g, const struct node *n)
{
	struct span rels = node_attr(n, ATTR_REL), rel, href = node_attr(n, ATTR_HREF);

	if (!span_trim(href).len)
		return;
	while ((rel = span_split(&rels, ' ')).ptr) {
		const struct meta_row *row = rel.len ? gather_row(links, ARRAY_SIZE(links), rel) : NULL;

		if (row)
			collect(g->c, row->field, row->normal, href, row->name, row->score, gather_at(n));
		if (!span_eq_nocase(rel, SPAN("alternate")) || !node_attr(n, ATTR_TITLE).len)
			continue;
		gather_feed_title(g, n);
		/* "oEmbed (JSON)" is what a system says of itself */
		if (span_ends_nocase(node_attr(n, ATTR_TYPE), SPAN("+oembed")) &&
		    !span_starts_nocase(node_attr(n, ATTR_TITLE), SPAN("oembed")))
			collect(g->c, FIELD_TITLE, NORMAL_TEXT, node_attr(n, ATTR_TITLE), "oembed title", 50,
				gather_at(n));
	}
}

/* Whether a title, an excerpt or a picture may come of it. */
static bool heeds_name(struct span name)
{
	const struct meta_row *row = gather_row(metas, ARRAY_SIZE(metas), name);

	switch (row ? (int)row->field : -1) {
	case FIELD_TITLE:
	case FIELD_EXCERPT:
	case FIELD_IMAGE:
	case FIELD_WEBURL:
	case FIELD_PROVIDER_NAME: return true;
	default:
		return span_starts_nocase(name, SPAN("og:image")) ||
		       span_eq_nocase(name, SPAN("parsely-page"));
	}
}

bool sources_heed_meta(const struct attr *attrs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct span names = span_of(attrs[i].value_ptr ? attrs[i].value_ptr : "", attrs[i].value_len);
		struct span name;

		if (attrs[i].id != ATTR_PROPERTY && attrs[i].id != ATTR_NAME &&
		    attrs[i].id != ATTR_HTTP_EQUIV && attrs[i].id != ATTR_PUBDATE)
			continue;
		while ((name = span_split(&names, ' ')).ptr)
			if (name.len && heeds_name(name))
				return true;
	}
	return false;
}

bool sources_heed_link(struct span rels)
{
	struct span rel;

	while ((rel = span_split(&rels, ' ')).ptr)
		if (rel.len &&
		    (gather_row(links, ARRAY_SIZE(links), rel) || span_eq_nocase(rel, SPAN("alternate"))))
			return true;
	return false;
}

void gather_title(struct gather *g)
{
	const struct node *best = NULL;

	/* the first one in head; the first at all where head was closed early */
	for (const struct node *n = g->tree->first[TAG_TITLE]; n; n = n->same) {
		if (!n->child || (best && !node_up(n, TAG_HEAD)))
			continue;
		if (!best || !node_up(best, TAG_HEAD))
			best = n;
	}
	if (!best)
		return;

	/* libxml2 parses what stands in <title>: a broken one swallows elements, its own text comes first */
	struct span text =
		node_is_text(best->child) ? node_text_raw(best->child) : node_text(best, 1024, g->c->arena);
	struct candidate *k = collect(g->c, FIELD_TITLE, NORMAL_TEXT, text, "<title>", 66, gather_at(best));

	if (k && g->head_title.len)
		g->page_title = k->value;
	else if (k)
		g->head_title = k->value;
}
