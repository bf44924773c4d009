/* SPDX-License-Identifier: MIT */
#include "extract/jsonld.h"

#include <jansson.h>

/* What a node is to the page. */
enum kind {
	KIND_OTHER,
	KIND_PAGE,       /* WebPage and its kin */
	KIND_ARTICLE,    /* what the page is about, if it is about one thing */
	KIND_MEDIA,      /* a video, image or audio object: the page's thing only where there is no article */
	KIND_SITE,       /* WebSite */
	KIND_ORG,        /* Organization */
	KIND_COLLECTION, /* CollectionPage, ItemList, ... */
};

static const struct {
	const char *type;
	enum kind kind;
	bool end; /* so that NewsArticle is found by Article, while a UserReview is no review */
} kinds[] = {
	{"article", KIND_ARTICLE, true},
	{"posting", KIND_ARTICLE, true},
	{"report", KIND_ARTICLE, true},
	{"review", KIND_ARTICLE, false},
	{"recipe", KIND_ARTICLE, false},
	{"howto", KIND_ARTICLE, false},
	{"course", KIND_ARTICLE, false},
	{"book", KIND_ARTICLE, false},
	{"event", KIND_ARTICLE, false},
	{"product", KIND_ARTICLE, false},
	{"dataset", KIND_ARTICLE, false},
	{"creativework", KIND_ARTICLE, false},
	{"softwareapplication", KIND_ARTICLE, false},
	{"mobileapplication", KIND_ARTICLE, false},
	{"webapplication", KIND_ARTICLE, false},
	{"softwaresourcecode", KIND_ARTICLE, false},
	{"podcastepisode", KIND_ARTICLE, false},
	{"question", KIND_ARTICLE, false},
	{"claimreview", KIND_ARTICLE, false},
	{"liveblogposting", KIND_ARTICLE, false},
	{"videoobject", KIND_MEDIA, false},
	{"audioobject", KIND_MEDIA, false},
	{"movie", KIND_ARTICLE, false},
	{"webpage", KIND_PAGE, false},
	{"itempage", KIND_PAGE, false},
	{"aboutpage", KIND_PAGE, false},
	{"faqpage", KIND_PAGE, false},
	{"qapage", KIND_PAGE, false},
	{"medicalwebpage", KIND_PAGE, false},
	{"collectionpage", KIND_COLLECTION, false},
	{"searchresultspage", KIND_COLLECTION, false},
	{"profilepage", KIND_PAGE, false},
	{"itemlist", KIND_COLLECTION, false},
	{"website", KIND_SITE, false},
	{"blog", KIND_SITE, false},
	{"organization", KIND_ORG, false},
	{"newsmediaorganization", KIND_ORG, false},
	{"corporation", KIND_ORG, false},
	{"localbusiness", KIND_ORG, false},
};

/* One row for each property that is a candidate: of which kinds, under which field. Scores are of an
 * article's node; pages and media have less. */
struct row {
	const char *key;
	enum field field;
	enum normal normal;
	int score;
	const char *source;
};
static const struct row rows[] = {
	{"headline", FIELD_TITLE, NORMAL_TEXT, 86, "json-ld headline"},
	{"name", FIELD_TITLE, NORMAL_TEXT, 78, "json-ld name"},
	{"alternativeHeadline", FIELD_TITLE, NORMAL_TEXT, 40, "json-ld alternativeHeadline"},
	{"description", FIELD_EXCERPT, NORMAL_TEXT, 74, "json-ld description"},
	{"abstract", FIELD_EXCERPT, NORMAL_TEXT, 60, "json-ld abstract"},
	{"articleBody", FIELD_EXCERPT, NORMAL_TEXT, 12, "json-ld articleBody"},
	{"datePublished", FIELD_DATE, NORMAL_DATE, 95, "json-ld datePublished"},
	{"uploadDate", FIELD_DATE, NORMAL_DATE, 66, "json-ld uploadDate"},
	{"dateCreated", FIELD_DATE, NORMAL_DATE, 76, "json-ld dateCreated"},
	{"startDate", FIELD_DATE, NORMAL_DATE, 20, "json-ld startDate"},
	{"dateModified", FIELD_DATE, NORMAL_DATE, 30, "json-ld dateModified"},
	{"inLanguage", FIELD_LANG, NORMAL_LANG, 70, "json-ld inLanguage"},
	{"url", FIELD_WEBURL, NORMAL_URL, 60, "json-ld url"},
	{"mainEntityOfPage", FIELD_WEBURL, NORMAL_URL, 58, "json-ld mainEntityOfPage"},
	{"image", FIELD_IMAGE, NORMAL_IMAGE, 80, "json-ld image"},
	{"primaryImageOfPage", FIELD_IMAGE, NORMAL_IMAGE, 78, "json-ld primaryImageOfPage"},
	{"thumbnailUrl", FIELD_IMAGE, NORMAL_IMAGE, 62, "json-ld thumbnailUrl"},
	{"thumbnail", FIELD_IMAGE, NORMAL_IMAGE, 60, "json-ld thumbnail"},
	{"author", FIELD_AUTHOR, NORMAL_NAMES, 90, "json-ld author"},
	{"creator", FIELD_AUTHOR, NORMAL_NAMES, 70, "json-ld creator"},
	{"publisher", FIELD_PROVIDER_NAME, NORMAL_TEXT, 80, "json-ld publisher"},
	{"sourceOrganization", FIELD_PROVIDER_NAME, NORMAL_TEXT, 50, "json-ld sourceOrganization"},
	{"provider", FIELD_PROVIDER_NAME, NORMAL_TEXT, 40, "json-ld provider"},
	{"isPartOf", FIELD_PROVIDER_NAME, NORMAL_TEXT, 45, "json-ld isPartOf"},
};

/* Under these the page's own thing is found; under all others only things that it mentions. */
static const char *const descends[] = {"@graph", "mainEntity", "mainEntityOfPage", "itemReviewed"};

struct walk {
	struct collector *c;
	struct jsonld_facts *facts;
	json_t *by_id;  /* "@id" -> node that says most; borrowed by the map */
	unsigned nodes; /* looked at, against JSONLD_NODES_MAX */
	unsigned line;  /* of the block at hand */
	unsigned mains; /* article nodes so far */
	bool any_article;
};

static struct span string_of(const json_t *v)
{
	return json_is_string(v) ? span_of(json_string_value(v), json_string_length(v)) : SPAN_NONE;
}

/* "http://schema.org/NewsArticle", "schema:NewsArticle" -> "NewsArticle" */
static struct span type_name(struct span s)
{
	for (size_t i = s.len; i > 0; i--)
		if (s.ptr[i - 1] == '/' || s.ptr[i - 1] == '#' || s.ptr[i - 1] == ':')
			return span_sub(s, i, s.len);
	return s;
}

static struct span type_at(const json_t *node, size_t i)
{
	json_t *type = json_object_get(node, "@type");

	if (!type)
		type = json_object_get(node, "type");
	if (json_is_array(type))
		type = json_array_get(type, i);
	else if (i)
		return SPAN_NONE;
	return type_name(string_of(type));
}

static enum kind kind_of(const json_t *node)
{
	enum kind best = KIND_OTHER;

	for (size_t i = 0; i < 8; i++) {
		struct span t = type_at(node, i);

		if (!t.len)
			break;
		if (span_eq_nocase(t, SPAN("AggregateRating")) ||
		    span_eq_nocase(t, SPAN("SpecialAnnouncement")))
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
			struct span name = span_str(kinds[k].type);

			if (kinds[k].end ? span_ends_nocase(t, name) : span_eq_nocase(t, name)) {
				if (best == KIND_OTHER || kinds[k].kind == KIND_ARTICLE)
					best = kinds[k].kind;
				break;
			}
		}
		if (best == KIND_OTHER && span_ends_nocase(t, SPAN("Organization")))
			best = KIND_ORG;
	}
	return best;
}

/* The node that a reference {"@id": x} stands for, else v itself. */
static const json_t *resolve(const struct walk *w, const json_t *v)
{
	struct span id;
	const json_t *node;

	if (!json_is_object(v) || json_object_size(v) > 2)
		return v;
	id = string_of(json_object_get(v, "@id"));
	node = id.len ? json_object_getn(w->by_id, id.ptr, id.len) : NULL;
	return node ? node : v;
}

static unsigned pixels(const json_t *v)
{
	uint64_t n;

	if (json_is_object(v))
		v = json_object_get(v, "value");
	if (json_is_integer(v) && json_integer_value(v) > 0 && json_integer_value(v) < 100000)
		return (unsigned)json_integer_value(v);
	if (json_is_real(v) && json_real_value(v) > 0 && json_real_value(v) < 100000)
		return (unsigned)json_real_value(v);
	if (json_is_string(v)) {
		struct span s = span_trim(string_of(v));

		if (span_ends_nocase(s, SPAN("px")))
			s = span_trim(span_sub(s, 0, s.len - 2));
		if (span_to_uint(s, 99999, &n))
			return (unsigned)n;
	}
	return 0;
}

static struct candidate *add(struct walk *w, const struct row *row, struct span value, int score)
{
	return value.len ? collect(w->c, row->field, row->normal, value, row->source, score, w->line) : NULL;
}

static void add_image(struct walk *w, const struct row *row, const json_t *v, int score)
{
	static const char *const keys[] = {"url", "contentUrl", "@id", "thumbnailUrl"};

	if (json_is_string(v)) {
		add(w, row, string_of(v), score);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const json_t *u = json_object_get(v, keys[i]);

		if (json_is_array(u))
			u = json_array_get(u, 0);
		struct candidate *k = add(w, row, string_of(u), score);

		if (k) {
			k->width = pixels(json_object_get(v, "width"));
			k->height = pixels(json_object_get(v, "height"));
			return;
		}
	}
}

static void add_name(struct walk *w, const struct row *row, const json_t *v, int score)
{
	const json_t *name = json_object_get(v, "name");

	if (json_is_string(v)) {
		add(w, row, string_of(v), score);
		return;
	}
	if (json_is_array(name))
		name = json_array_get(name, 0);
	if (json_is_object(name))
		name = json_object_get(name, "@value");
	/* an organisation as author is often the publisher's own name */
	if (row->field == FIELD_AUTHOR && kind_of(v) == KIND_ORG)
		score -= 30;
	if (row->field == FIELD_PROVIDER_NAME && !strcmp(row->key, "isPartOf") && kind_of(v) != KIND_SITE)
		return;
	add(w, row, string_of(name), score);
	if (row->field == FIELD_PROVIDER_NAME && json_object_get(v, "logo")) {
		static const struct row logo = {"logo", FIELD_IMAGE, NORMAL_IMAGE, 0, "json-ld logo"};

		add_image(w, &logo, resolve(w, json_object_get(v, "logo")), 0);
	}
}

static void add_value(struct walk *w, const struct row *row, const json_t *v, int score)
{
	v = resolve(w, v);
	if (row->field == FIELD_IMAGE) {
		add_image(w, row, v, score);
	} else if (row->field == FIELD_AUTHOR || row->field == FIELD_PROVIDER_NAME) {
		add_name(w, row, v, score);
	} else if (row->field == FIELD_WEBURL && json_is_object(v)) {
		const json_t *id = json_object_get(v, "@id");

		add(w, row, string_of(id ? id : json_object_get(v, "url")), score);
	} else if (json_is_object(v)) {
		const json_t *s = json_object_get(v, "@value");

		add(w, row, string_of(s ? s : json_object_get(v, "name")), score);
	} else {
		add(w, row, string_of(v), score);
	}
}

/* Whether the node names another page as its own: an article of a list, a related one. */
static bool is_elsewhere(const struct walk *w, const json_t *node)
{
	static const char *const keys[] = {"url", "mainEntityOfPage", "@id"};

	if (!w->c->base.href.len)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const json_t *v = json_object_get(node, keys[i]);
		struct span s;
		struct url u;

		if (json_is_object(v))
			v = json_object_get(v, "@id");
		s = string_of(v);
		if (s.len < 8 || s.len > 2048 || !span_starts_nocase(s, SPAN("http")))
			continue;
		if (url_parse(s, &w->c->base, w->c->arena, &u, NULL))
			continue;
		/* the home page and other hosts are slips of the pen, not another article */
		if (u.path.len < 2 || !url_same_site(u.host, w->c->base.host))
			return false;
		struct span a = u.path, b = w->c->base.path;

		while (a.len > 1 && a.ptr[a.len - 1] == '/')
			a.len--;
		while (b.len > 1 && b.ptr[b.len - 1] == '/')
			b.len--;
		return !span_eq(a, b);
	}
	return false;
}

static void facts_of(struct walk *w, const json_t *node)
{
	const json_t *free_ = json_object_get(node, "isAccessibleForFree");
	struct span body = string_of(json_object_get(node, "articleBody"));

	if (json_is_false(free_) || span_eq_nocase(string_of(free_), SPAN("false")))
		w->facts->not_free = true;
	w->facts->body_chars = MAX(w->facts->body_chars, body.len);
}

static void collect_node(struct walk *w, const json_t *node, enum kind kind)
{
	int less = kind == KIND_ARTICLE ? 0 : kind == KIND_PAGE ? 12 : 16;

	if (kind == KIND_ARTICLE || kind == KIND_MEDIA) {
		if (is_elsewhere(w, node))
			less += 35;
		if (kind == KIND_ARTICLE && w->mains++)
			less += (int)MIN(10 * (w->mains - 1), 50);
	}
	if (kind == KIND_ARTICLE)
		w->facts->articles++;
	facts_of(w, node);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const json_t *v = json_object_get(node, rows[i].key);
		int score = rows[i].score - less;

		/* a page's name is its <title>, with the site's name; its image may be the site's */
		if (kind == KIND_PAGE && (rows[i].field == FIELD_TITLE || rows[i].field == FIELD_AUTHOR))
			score -= 8;
		if (!v || score <= 0)
			continue;
		if (!json_is_array(v)) {
			add_value(w, &rows[i], v, score);
			continue;
		}
		for (size_t k = 0; k < MIN(json_array_size(v), 24u); k++)
			add_value(w, &rows[i], json_array_get(v, k),
				  score - (rows[i].field == FIELD_AUTHOR ? 0 : (int)MIN(k, 6u)));
	}
	for (size_t i = 0; i < 4 && kind != KIND_PAGE; i++) {
		struct span type = collect_type(type_at(node, i));

		if (type.len)
			collect_ready(w->c, FIELD_TYPE, type, "json-ld @type", 80 - less, w->line);
	}
}

static void collect_site(struct walk *w, const json_t *node, enum kind kind)
{
	static const struct row site = {"name", FIELD_PROVIDER_NAME, NORMAL_TEXT, 76, "json-ld WebSite name"};
	static const struct row org = {"name", FIELD_PROVIDER_NAME, NORMAL_TEXT, 60,
				       "json-ld Organization name"};
	static const struct row logo = {"logo", FIELD_IMAGE, NORMAL_IMAGE, 0, "json-ld logo"};
	const struct row *row = kind == KIND_SITE ? &site : &org;

	add_name(w, row, node, row->score);
	if (json_object_get(node, "logo"))
		add_image(w, &logo, resolve(w, json_object_get(node, "logo")), 0);
}

/* The page's own nodes. Depth is bounded by JSONLD_DEPTH_MAX, width by JSONLD_NODES_MAX. */
static void visit(struct walk *w, const json_t *v)
{
	if (w->nodes > JSONLD_NODES_MAX || arena_failed(w->c->arena))
		return;
	w->nodes++;
	if (json_is_array(v)) {
		for (size_t i = 0; i < json_array_size(v); i++)
			visit(w, json_array_get(v, i));
		return;
	}
	if (!json_is_object(v))
		return;

	enum kind kind = kind_of(v);

	if (kind == KIND_ARTICLE || kind == KIND_PAGE || kind == KIND_MEDIA)
		collect_node(w, v, kind);
	else if (kind == KIND_SITE || kind == KIND_ORG)
		collect_site(w, v, kind);
	if (kind == KIND_COLLECTION) {
		w->facts->collection |= !span_ends_nocase(type_at(v, 0), SPAN("List"));
		w->facts->list_items +=
			(unsigned)MIN(json_array_size(json_object_get(v, "itemListElement")), 1000u);
		return; /* its parts are other pages */
	}
	for (size_t i = 0; i < ARRAY_SIZE(descends); i++) {
		const json_t *part = json_object_get(v, descends[i]);

		if (json_is_object(part) || json_is_array(part))
			visit(w, part);
	}
}

static void index_ids(struct walk *w, json_t *v)
{
	if (w->nodes++ > JSONLD_NODES_MAX)
		return;
	if (json_is_array(v)) {
		for (size_t i = 0; i < json_array_size(v); i++)
			index_ids(w, json_array_get(v, i));
	} else if (json_is_object(v)) {
		struct span id = string_of(json_object_get(v, "@id"));
		const char *key;
		json_t *part;

		if (id.len && id.len < 1024) {
			json_t *known = json_object_getn(w->by_id, id.ptr, id.len);

			/* a node of one name said in several places: the fullest counts. No memory: no
			 * reference */
			if (json_object_size(v) > (known ? json_object_size(known) : 1))
				(void)!json_object_setn(w->by_id, id.ptr, id.len, v);
		}
		json_object_foreach(v, key, part) if (json_is_object(part) || json_is_array(part))
			index_ids(w, part);
	}
}

static json_t *load(struct span text, struct jsonld_facts *facts)
{
	json_error_t e;
	json_t *v;
	CLEANUP(strbuf_release) struct strbuf fixed = STRBUF_INIT(JSONLD_BLOCK_MAX * 2);

	text = span_trim(text);
	if (!text.len)
		return NULL;
	if (text.len > JSONLD_BLOCK_MAX || jsonld_depth(text) > JSONLD_DEPTH_MAX) {
		facts->broken++;
		return NULL;
	}
	v = json_loadb(text.ptr, text.len, 0, &e);
	if (!v && !jsonld_repair(text, &fixed))
		v = json_loadb(strbuf_cstr(&fixed), fixed.len, 0, &e);
	facts->broken += !v;
	return v;
}

void jsonld_collect(struct collector *c, const struct jsonld_block *blocks, size_t n,
		    struct jsonld_facts *facts)
{
	json_t *loaded[JSONLD_BLOCKS_MAX];
	struct walk w = {.c = c, .facts = facts, .by_id = json_object()};

	*facts = (struct jsonld_facts){0};
	n = MIN(n, (size_t)JSONLD_BLOCKS_MAX);
	for (size_t i = 0; i < n; i++) {
		loaded[i] = load(blocks[i].text, facts);
		if (loaded[i])
			index_ids(&w, loaded[i]);
	}
	w.nodes = 0;
	for (size_t i = 0; i < n; i++) {
		w.line = blocks[i].line;
		if (loaded[i])
			visit(&w, loaded[i]);
	}
	json_decref(w.by_id);
	for (size_t i = 0; i < n; i++)
		json_decref(loaded[i]);
}
