/* SPDX-License-Identifier: MIT */
#include "feed/discover.h"

#include "base/text.h"
#include "base/url.h"
#include "extract/charset.h"
#include "extract/tree.h"

static const char *const types[] = {
	"application/rss+xml",    "application/atom+xml",   "application/rdf+xml", "application/feed+json",
	"application/x.atom+xml", "application/x-atom+xml", "text/rss+xml",        "text/atom+xml",
};
/* Feeds are among what these may be: only with a name that says so. */
static const char *const vague_types[] = {"application/json", "application/xml", "text/xml"};

static bool is_one_of(struct span s, const char *const *list, size_t n)
{
	ptrdiff_t end = span_find_byte(s, ';');

	s = span_trim(end < 0 ? s : span_sub(s, 0, (size_t)end));
	for (size_t i = 0; i < n; i++)
		if (span_eq_nocase(s, span_str(list[i])))
			return true;
	return false;
}

/* A word between what is no letter: "/feed/", "rss.xml", "Our RSS". */
static bool has_word(struct span s, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i + len <= s.len; i++)
		if (span_eq_nocase(span_sub(s, i, i + len), span_of(word, len)) &&
		    (i == 0 || !byte_is_alpha(s.ptr[i - 1])) &&
		    (i + len == s.len || !byte_is_alpha(s.ptr[i + len])))
			return true;
	return false;
}

static bool looks_like_feed(struct span s)
{
	return has_word(s, "feed") || has_word(s, "feeds") || has_word(s, "rss") || has_word(s, "atom") ||
	       has_word(s, "rdf");
}

static struct span title_of(const struct node *n, struct arena *arena)
{
	struct span title = text_normal(node_attr(n, ATTR_TITLE), arena);

	return title.len ? title : SPAN_NONE;
}

struct discovery {
	struct feed_offer found[DISCOVER_MAX];
	size_t count;
	const struct url *base;
	struct arena *arena;
};

static void add(struct discovery *d, struct span href, struct feed_offer offer)
{
	struct url url;

	href = span_trim(href);
	if (!href.len || d->count == DISCOVER_MAX || url_parse(href, d->base, d->arena, &url, NULL))
		return;
	offer.url = url_key(&url);
	offer.comments = has_word(offer.url, "comments") || has_word(offer.title, "comments") ||
			 has_word(offer.title, "kommentare") || has_word(offer.title, "commentaires") ||
			 has_word(offer.title, "comentarios");
	for (size_t i = 0; i < d->count; i++)
		if (span_eq(d->found[i].url, offer.url))
			return;
	d->found[d->count++] = offer;
}

static void declared(struct discovery *d, const struct tree *t)
{
	for (const struct node *n = t->first[TAG_LINK]; n; n = n->same) {
		struct span type = node_attr(n, ATTR_TYPE), href = node_attr(n, ATTR_HREF);
		struct feed_offer offer = {.type = type.len ? type : SPAN_NONE};
		bool sure = is_one_of(type, types, ARRAY_SIZE(types));
		bool vague = is_one_of(type, vague_types, ARRAY_SIZE(vague_types));

		if (!node_attr_has_word(n, ATTR_REL, SPAN("feed")) &&
		    !(node_attr_has_word(n, ATTR_REL, SPAN("alternate")) &&
		      (sure ||
		       (vague && (looks_like_feed(href) || looks_like_feed(node_attr(n, ATTR_TITLE)))))))
			continue;
		offer.title = title_of(n, d->arena);
		add(d, href, offer);
	}
}

static void guessed(struct discovery *d, const struct tree *t)
{
	for (const struct node *n = t->first[TAG_A]; n && d->count < DISCOVER_MAX; n = n->same) {
		struct span href = node_attr(n, ATTR_HREF), type = node_attr(n, ATTR_TYPE);
		struct span text;
		struct feed_offer offer = {.type = type.len ? type : SPAN_NONE, .guessed = true};
		ptrdiff_t query = span_find_byte(href, '?');
		struct span path = query < 0 ? href : span_sub(href, 0, (size_t)query);
		bool file = span_ends_nocase(path, SPAN(".rss")) || span_ends_nocase(path, SPAN(".rdf")) ||
			    span_ends_nocase(path, SPAN(".atom")) || span_ends_nocase(path, SPAN(".xml"));

		if (!href.len ||
		    (!is_one_of(type, types, ARRAY_SIZE(types)) && !looks_like_feed(path) && !file))
			continue;
		text = node_text(n, 120, d->arena);
		offer.title = title_of(n, d->arena);
		if (!offer.title.ptr && text.len)
			offer.title = text;
		add(d, href, offer);
	}
}

static enum err finish(const struct discovery *d, struct feed_offers *ret)
{
	struct feed_offer *list = ARENA_NEW_ARRAY(d->arena, struct feed_offer, d->count + 1);
	size_t n = 0;

	if (!list || arena_failed(d->arena))
		return arena_failed(d->arena);
	for (int comments = 0; comments < 2; comments++)
		for (size_t i = 0; i < d->count; i++)
			if (d->found[i].comments == comments)
				list[n++] = d->found[i];
	*ret = (struct feed_offers){list, n};
	return ERR_OK;
}

enum err feed_discover(struct span html, struct span content_type, struct span base, struct arena *arena,
		       struct feed_offers *ret)
{
	struct discovery d = {.arena = arena};
	struct url page, own;
	struct span text;
	struct tree *t;
	enum err r = charset_to_utf8(html, content_type, arena, &text);

	if (!r)
		r = tree_parse(text, arena, &t, NULL);
	if (r)
		return r;
	if (!url_parse(base, NULL, arena, &page, NULL))
		d.base = &page;
	if (t->first[TAG_BASE] &&
	    !url_parse(node_attr(t->first[TAG_BASE], ATTR_HREF), d.base, arena, &own, NULL))
		d.base = &own;
	declared(&d, t);
	if (!d.count)
		guessed(&d, t);
	return finish(&d, ret);
}

enum err feed_usual_places(struct span url, struct arena *arena, struct feed_offers *ret)
{
	/* WordPress, Drupal, Hugo and Jekyll, Ghost, Blogger, Medium and the rest */
	static const char *const paths[] = {"/feed/",     "/rss.xml",   "/feed.xml",  "/atom.xml",
					    "/index.xml", "/rss",       "/feed.json", "/feeds/posts/default",
					    "/rss/",      "/index.rdf", "/blog/feed/"};
	struct discovery d = {.arena = arena};
	struct url page;
	enum err r = url_parse(url, NULL, arena, &page, NULL);

	_Static_assert(ARRAY_SIZE(paths) <= DISCOVER_USUAL_MAX, "as the header says");
	if (r)
		return r;
	d.base = &page;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		add(&d, span_str(paths[i]), (struct feed_offer){.guessed = true});
	return finish(&d, ret);
}
