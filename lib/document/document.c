/* SPDX-License-Identifier: MIT */
#include "document/document.h"

#include "document/place.h"
#include "document/view.h"

enum { IMAGE_SIDE_MAX = 1000000, LINKS_MAX = 1000 };

static const struct node *anchored(const struct node *alias)
{
	const struct node *root = alias;

	/* a name may be given again: the last before the alias counts */
	const struct node *found = NULL;

	while (root->parent)
		root = root->parent;
	for (const struct node *n = root; n && n->begin < alias->begin;) {
		if (n->anchor.ptr && span_eq(n->anchor, alias->value))
			found = n;
		if (n->first) {
			n = n->first;
			continue;
		}
		while (n && !n->next)
			n = n->parent;
		n = n ? n->next : NULL;
	}
	return found;
}

struct span view_text(const struct node *n)
{
	if (n && n->kind == NODE_ALIAS)
		n = anchored(n);
	return n && n->kind == NODE_SCALAR ? n->value : SPAN_NONE;
}

static bool has_content(const struct node *n)
{
	if (n->kind == NODE_ALIAS)
		return true;
	if (n->kind == NODE_SCALAR)
		return !node_is_null(n) && span_trim(n->value).len;
	for (const struct node *c = n->first; c; c = c->next)
		if (has_content(c))
			return true;
	return false;
}

enum presence view_presence(const struct node *n, const struct key_path *path)
{
	if (!n)
		return FIELD_ABSENT;
	if (node_is_null(n))
		return FIELD_NULL;
	/* a template's "- url:" with nothing behind it is a gap too */
	if (n->kind == NODE_SCALAR || path->list)
		return has_content(n) ? FIELD_PRESENT : FIELD_EMPTY;
	return n->kind == NODE_ALIAS || n->count ? FIELD_PRESENT : FIELD_EMPTY;
}

const struct node *view_base(const struct view *v, int related)
{
	const struct node *list = v->fm->root;

	if (related < 0)
		return list;
	if (!v->shape->related.count)
		return NULL;
	for (size_t i = 0; list && i < v->shape->related.paths[0].count; i++)
		list = node_get(list, v->shape->related.paths[0].steps[i]);
	if (!list || list->kind != NODE_SEQUENCE)
		return NULL;
	return node_item(list, (size_t)related);
}

static bool anchors_around(const struct node *n)
{
	for (; n; n = n->parent)
		if (n->anchor.ptr)
			return true;
	return false;
}

/* One alternative: its node, how many of its steps are there, whether it could be written to. */
struct
try {
	const struct node *node;
	size_t there;
	bool editable, fits;
};

/* "{a: 1,b: 2}": keys between which nothing but a comma stands. Several new ones beside them could not be
 * taken away again without a trace. */
static bool is_tight(const struct node *map)
{
	for (const struct node *c = map->style == NODE_FLOW ? map->first : NULL; c && c->next; c = c->next)
		if (c->next->key->begin <= c->end + 1)
			return true;
	return false;
}

static struct try look(const struct node *base, const struct key_path *path, bool image)
{
	struct try t = {.editable = true, .fits = true};
	const struct node *n = base, *c = NULL;

	for (; t.there < path->count; t.there++) {
		c = node_get(n, path->steps[t.there]);
		if (!c)
			break;
		n = c;
	}
	if (t.there == path->count) {
		t.node = n;
		t.editable = !node_shared(n) && !n->nowhere;
		/* a mapping where a text belongs, or the reverse, is somebody's own idea */
		t.fits = n->kind == NODE_SCALAR || n->kind == NODE_ALIAS || !n->count ||
			 (image && path->list && n->kind == NODE_SEQUENCE);
		t.editable &= t.fits && (!path->list || n->kind != NODE_SCALAR || !has_content(n));
		return t;
	}
	t.fits = n->kind == NODE_MAPPING ||
		 (n->kind == NODE_SCALAR && node_is_null(n) && n->key && !n->nowhere && !place_in_flow(n));
	/* a merged mapping may hold the key already */
	t.editable = t.fits && !anchors_around(n) && !node_get(n, SPAN("<<")) && !is_tight(n);
	return t;
}

struct spot view_spot(const struct node *base, const struct key_paths *paths, bool image)
{
	struct spot best = {NULL, NULL, false};
	int best_rank = -1;

	for (size_t i = 0; i < paths->count; i++) {
		const struct key_path *path = &paths->paths[i];
		struct try t = look(base, path, image);
		int rank = 0;

		/* what has a value, then what is there, then what has the mapping for it, then the first */
		if (t.node && t.fits)
			rank = view_presence(t.node, path) == FIELD_PRESENT ? 4 : 3;
		else if (t.fits)
			rank = t.there ? 2 : 1;
		if (rank <= best_rank)
			continue;
		best_rank = rank;
		best = (struct spot){path, t.node, t.editable && !paths->local};
	}
	return best;
}

static unsigned side(const struct node *item, struct span key)
{
	uint64_t n = 0;
	struct span text = key.len ? view_text(node_get(item, key)) : SPAN_NONE;

	return span_to_uint(text, IMAGE_SIDE_MAX, &n) ? (unsigned)n : 0;
}

static enum err read_images(const struct view *v, const struct spot *spot, struct arena *arena,
			    struct link *link)
{
	const struct node *n = spot->node;
	size_t count = !n ? 0 : n->kind == NODE_SEQUENCE ? n->count : 1, i = 0;

	if (!count || link->fields[FIELD_IMAGE].presence != FIELD_PRESENT)
		return ERR_OK;
	link->images = ARENA_NEW_ARRAY(arena, struct image, count);
	if (!link->images)
		return arena_failed(arena);
	link->image_count = count;
	if (n->kind != NODE_SEQUENCE) {
		link->images[0].url = view_text(n);
		return ERR_OK;
	}
	for (const struct node *c = n->first; c; c = c->next, i++) {
		link->images[i].url = view_text(
			spot->path->item.ptr && c->kind == NODE_MAPPING ? node_get(c, spot->path->item) : c);
		link->images[i].width = side(c, v->shape->width);
		link->images[i].height = side(c, v->shape->height);
		if (v->shape->cached.len && spot->path->item.ptr && c->kind == NODE_MAPPING) {
			const struct node *mark = node_get(c, v->shape->cached);

			link->images[i].unmarked = !mark || node_is_null(mark);
		}
	}
	return ERR_OK;
}

static struct span first_url(const struct spot *spot)
{
	const struct node *n = spot->node;

	if (n && n->kind == NODE_SEQUENCE)
		n = n->first;
	return view_text(n && n->kind == NODE_MAPPING ? node_get(n, spot->path->item) : n);
}

static struct span find_url(const struct node *base, const struct key_paths *paths, const struct node **at)
{
	for (size_t i = 0; i < paths->count; i++) {
		struct key_paths one = {.paths = {paths->paths[i]}, .count = 1};
		const struct node *n = view_spot(base, &one, false).node;
		struct span url = span_trim(view_text(n));

		if (!n || node_is_null(n) || !url.len)
			continue;
		*at = n;
		return url;
	}
	return SPAN_NONE;
}

static enum err read_link(const struct view *v, const struct node *base, int related, struct arena *arena,
			  struct link *link)
{
	const struct node *at = NULL;
	const struct key_paths *link_paths = related < 0 ? &v->shape->link : &v->shape->related_link;
	struct spot image = {0};

	*link = (struct link){.related = related, .bare = true};
	link->url = find_url(base, link_paths, &at);
	if (!link->url.ptr)
		return ERR_OK;
	link->line = related < 0 ? at->line : base->line;
	for (int f = 0; f < FIELD_LINK_COUNT; f++) {
		struct field_state *state = &link->fields[f];
		struct spot spot = view_spot(base, &v->shape->fields[f], field_is_images((enum field)f));

		if (f == FIELD_IMAGE)
			image = spot;
		state->editable = spot.editable;
		state->line = spot.node ? spot.node->line : link->line;
		if (!spot.path)
			continue;
		state->presence = view_presence(spot.node, spot.path);
		if (spot.node) {
			state->raw = node_raw(v->fm, spot.node);
			state->value = f == FIELD_PROVIDER_IMAGE ? first_url(&spot) : view_text(spot.node);
		}
		if (state->presence == FIELD_PRESENT && f != FIELD_WEBURL)
			link->bare = false;
	}
	if (read_images(v, &image, arena, link))
		return arena_failed(arena);
	if (image.path)
		link->fields[FIELD_IMAGE].value = link->image_count ? link->images[0].url : SPAN_NONE;
	return ERR_OK;
}

static bool says_no(const struct node *n)
{
	struct span s = n && n->kind == NODE_SCALAR ? n->value : SPAN("");

	return span_eq_nocase(s, SPAN("false")) || span_eq_nocase(s, SPAN("no")) ||
	       span_eq_nocase(s, SPAN("off"));
}

static enum err read_links(const struct view *v, struct arena *arena, struct document *doc)
{
	const struct node *item = v->fm->root ? view_base(v, 0) : NULL;
	size_t max = 1 + (item ? item->parent->count : 0);
	enum err r;

	if (!v->fm->root)
		return ERR_OK;
	doc->opted_out = says_no(node_get(v->fm->root, SPAN("ingestd")));
	if (max > LINKS_MAX)
		return ERR_TOOBIG;
	doc->links = ARENA_NEW_ARRAY(arena, struct link, max);
	if (!doc->links)
		return arena_failed(arena);
	r = read_link(v, v->fm->root, -1, arena, doc->links);
	doc->link_count = doc->links[0].url.ptr != NULL;
	for (int i = 0; item && !r; i++, item = item->next) {
		struct link *link = &doc->links[doc->link_count];

		if (item->kind != NODE_MAPPING)
			continue;
		r = read_link(v, item, i, arena, link);
		doc->link_count += link->url.ptr != NULL;
	}
	return r;
}

enum err document_parse(struct span text, const struct shape *shape, struct arena *arena,
			struct document **ret, struct error *e)
{
	struct document *doc = ARENA_NEW(arena, struct document);
	struct view *v = ARENA_NEW(arena, struct view);
	enum err r;

	if (!doc || !v)
		return err_set(e, arena_failed(arena), "%s", err_text(arena_failed(arena)));
	if (text.len > DOCUMENT_MAX)
		return err_set(e, ERR_TOOBIG, "over %d MiB", DOCUMENT_MAX >> 20);
	r = frontmatter_parse(text, arena, &v->fm, e);
	if (r)
		return r;
	if (v->fm->duplicate)
		return err_set_at(e, ERR_UNSAFE, v->fm->duplicate->line, v->fm->duplicate->col,
				  "key '%.*s' appears twice",
				  SPAN_ARG(span_sub(v->fm->duplicate->value, 0, 100)));
	v->shape = shape;
	v->head = v->fm->end + (size_t)MAX(span_find_byte(span_sub(text, v->fm->end, text.len), '\n') + 1, 0);
	if (v->fm->present && v->head == v->fm->end)
		v->head = text.len;
	doc->impl = v;
	r = read_links(v, arena, doc);
	if (r)
		return err_set(e, r, "%s", err_text(r));
	*ret = doc;
	return ERR_OK;
}
