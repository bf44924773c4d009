/* SPDX-License-Identifier: MIT */
#include "feed/opml.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "base/hash.h"
#include "base/text.h"
#include "base/url.h"

enum { FOLDER_BYTES = 400, TITLE_CHARACTERS = 300 };

static bool name_is(const xmlChar *name, const char *want)
{
	return name && span_eq_nocase(span_str((const char *)name), span_str(want));
}

/* Attribute names are met in every case. SPAN_NONE when it is not there; freed by the caller: *own. */
static struct span attribute(const xmlNode *n, const char *name, xmlChar **own)
{
	*own = NULL;
	for (xmlAttr *a = n->properties; a; a = a->next)
		if (name_is(a->name, name)) {
			*own = xmlNodeListGetString(n->doc, a->children, 1);
			return span_str((const char *)*own);
		}
	return SPAN_NONE;
}

/* As plain text in the arena; SPAN_NONE for what is empty. */
static struct span text_attribute(const xmlNode *n, const char *name, struct arena *arena)
{
	xmlChar *own;
	struct span s = attribute(n, name, &own), ret = SPAN_NONE;

	if (s.ptr)
		ret = text_cut(text_normal(span_sub(s, 0, 4096), arena), 1, TITLE_CHARACTERS, arena);
	xmlFree(own);
	return ret.len ? arena_dup(arena, ret) : SPAN_NONE;
}

struct reading {
	struct arena *arena;
	struct opml *opml;
	size_t room;
	struct seen {
		uint64_t key;
	} * seen; /* open addressing; 0 is free */
	size_t seen_room;
};

/* False: it was there. */
static bool note(struct reading *rd, struct span url)
{
	uint64_t key = hash64(url) | 1;
	size_t at = key % rd->seen_room;

	while (rd->seen[at].key && rd->seen[at].key != key)
		at = (at + 1) % rd->seen_room;
	if (rd->seen[at].key)
		return false;
	rd->seen[at].key = key;
	return true;
}

static struct span folder_of(const xmlNode *n, struct arena *arena)
{
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(FOLDER_BYTES);
	const xmlNode *chain[OPML_DEPTH];
	size_t depth = 0;

	for (const xmlNode *p = n->parent; p && depth < OPML_DEPTH; p = p->parent)
		if (name_is(p->name, "outline"))
			chain[depth++] = p;
	while (depth) {
		const xmlNode *p = chain[--depth];
		struct span name = text_attribute(p, "text", arena);

		if (!name.ptr)
			name = text_attribute(p, "title", arena);
		if (!name.len || b.len + name.len + 1 > FOLDER_BYTES)
			continue;
		if ((b.len && strbuf_add_byte(&b, '/')) || strbuf_add_span(&b, name))
			return SPAN_NONE;
	}
	return b.len ? arena_dup(arena, strbuf_span(&b)) : SPAN_NONE;
}

/* "/News/Technology,/Other": the first, without its slash. */
static struct span category_of(const xmlNode *n, struct arena *arena)
{
	struct span all = text_attribute(n, "category", arena), first = span_trim(span_split(&all, ','));

	while (first.len && first.ptr[0] == '/')
		first = span_sub(first, 1, first.len);
	return first.len ? first : SPAN_NONE;
}

static enum err add_outline(struct reading *rd, const xmlNode *n)
{
	struct arena *arena = rd->arena;
	struct opml_feed *feed;
	xmlChar *own;
	struct span address = span_trim(attribute(n, "xmlUrl", &own));
	struct url url;
	enum err r;

	if (!address.len) {
		xmlFree(own);
		return ERR_OK;
	}
	/* "feed:https://..." and "feed://..." are how some programs wrote it */
	if (span_starts_nocase(address, SPAN("feed:http")))
		address = span_sub(address, 5, address.len);
	r = url_parse(address, NULL, arena, &url, NULL);
	xmlFree(own);
	if (r == ERR_NOMEM)
		return r;
	if (r || rd->opml->count == rd->room || !note(rd, url_key(&url))) {
		rd->opml->skipped++;
		return ERR_OK;
	}
	feed = &rd->opml->feeds[rd->opml->count++];
	feed->url = arena_dup(arena, url_key(&url));
	feed->title = text_attribute(n, "text", arena);
	if (!feed->title.ptr)
		feed->title = text_attribute(n, "title", arena);
	feed->site = text_attribute(n, "htmlUrl", arena);
	feed->folder = folder_of(n, arena);
	if (!feed->folder.ptr)
		feed->folder = category_of(n, arena);
	return arena_failed(arena);
}

/* In document order, without recursion. */
static const xmlNode *next_node(const xmlNode *n, const xmlNode *root, unsigned *depth)
{
	if (n->type == XML_ELEMENT_NODE && n->children && *depth < OPML_DEPTH) {
		++*depth;
		return n->children;
	}
	while (n != root && !n->next) {
		n = n->parent;
		--*depth;
	}
	return n == root ? NULL : n->next;
}

static enum err walk(xmlDoc *doc, struct reading *rd, struct error *e)
{
	const xmlNode *root = xmlDocGetRootElement(doc);
	unsigned depth = 0;
	enum err r = ERR_OK;

	if (!root || !name_is(root->name, "opml"))
		return err_set(e, ERR_SYNTAX, "not OPML but %s%.40s%s", root ? "<" : "an empty text",
			       root ? (const char *)root->name : "", root ? ">" : "");
	for (const xmlNode *n = root; n && !r; n = next_node(n, root, &depth))
		if (n->type == XML_ELEMENT_NODE && name_is(n->name, "outline"))
			r = add_outline(rd, n);
	return r ? err_set(e, r, "%s", err_text(r)) : ERR_OK;
}

static size_t count_of(struct span text, struct span word)
{
	size_t n = 0;

	for (ptrdiff_t at; (at = span_find_nocase(text, word)) >= 0 && n < OPML_FEEDS; n++)
		text = span_sub(text, (size_t)at + word.len, text.len);
	return n;
}

enum err opml_read(struct span text, struct arena *arena, struct opml **ret, struct error *e)
{
	struct reading rd = {.arena = arena, .opml = ARENA_NEW(arena, struct opml)};
	const xmlError *why;
	xmlDoc *doc;
	enum err r;

	if (text.len > OPML_BYTES)
		return err_set(e, ERR_TOOBIG, "a list of feeds of more than %d MiB", OPML_BYTES >> 20);
	/* another encoding hides the word: then what an outline takes at the least decides */
	rd.room = MAX(count_of(text, SPAN("xmlUrl")), MIN(text.len / 40, (size_t)10000)) + 1;
	rd.seen_room = 2 * rd.room + 1;
	rd.seen = ARENA_NEW_ARRAY(arena, struct seen, rd.seen_room);
	if (rd.opml)
		rd.opml->feeds = ARENA_NEW_ARRAY(arena, struct opml_feed, rd.room);
	if (!rd.opml || !rd.opml->feeds || !rd.seen)
		return err_set(e, err_sure(arena_failed(arena)), "%s",
			       err_text(err_sure(arena_failed(arena))));
	xmlResetLastError();
	doc = xmlReadMemory(text.ptr ? text.ptr : "", (int)text.len, NULL, NULL,
			    XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
				    XML_PARSE_NOCDATA);
	why = xmlGetLastError();
	if (!doc)
		return why && why->message
			       ? err_set_at(e, ERR_SYNTAX, (unsigned)MAX(why->line, 0), 0, "not OPML: %.*s",
					    (int)strcspn(why->message, "\n"), why->message)
			       : err_set(e, ERR_SYNTAX, "not OPML");
	rd.opml->damaged = why && why->level >= XML_ERR_ERROR;
	r = walk(doc, &rd, e);
	xmlFreeDoc(doc);
	if (!r)
		*ret = rd.opml;
	return r;
}

/* ---- writing ---- */

static enum err escaped(struct span s, struct strbuf *out)
{
	enum err r = ERR_OK;

	for (size_t i = 0; i < s.len && !r; i++)
		switch (s.ptr[i]) {
		case '&': r = strbuf_add_str(out, "&amp;"); break;
		case '<': r = strbuf_add_str(out, "&lt;"); break;
		case '"': r = strbuf_add_str(out, "&quot;"); break;
		default:
			if ((unsigned char)s.ptr[i] >= 0x20)
				r = strbuf_add_byte(out, s.ptr[i]);
		}
	return r;
}

static enum err put(const char *name, struct span value, struct strbuf *out)
{
	enum err r;

	if (!value.ptr)
		return ERR_OK;
	r = strbuf_addf(out, " %s=\"", name);
	if (!r)
		r = escaped(value, out);
	return r ? r : strbuf_add_byte(out, '"');
}

/* Parts of a path, or less of them. */
static size_t split(struct span path, struct span parts[OPML_DEPTH])
{
	size_t n = 0;
	struct span one;

	while (path.ptr && n < OPML_DEPTH && (one = span_split(&path, '/')).ptr)
		if (one.len)
			parts[n++] = one;
	return n;
}

static int by_folder(const void *a, const void *b)
{
	const struct opml_feed *const *x = a, *const *y = b;
	int c = span_cmp((*x)->folder, (*y)->folder);

	/* their order in the list, so that the same list gives the same bytes */
	return c ? c : *x < *y ? -1 : *x > *y;
}

static enum err indent(size_t depth, struct strbuf *out)
{
	return strbuf_addf(out, "%*s", (int)(4 + 2 * depth), "");
}

static enum err write_feed(const struct opml_feed *f, size_t depth, struct strbuf *out)
{
	enum err r = indent(depth, out);

	if (!r)
		r = strbuf_add_str(out, "<outline type=\"rss\"");
	if (!r)
		r = put("text", f->title.ptr ? f->title : f->url, out);
	if (!r)
		r = put("xmlUrl", f->url, out);
	if (!r)
		r = put("htmlUrl", f->site, out);
	return r ? r : strbuf_add_str(out, "/>\n");
}

/* From the folder that is open to the one that is wanted. */
static enum err change_folder(struct span open[OPML_DEPTH], size_t *depth, struct span folder,
			      struct strbuf *out)
{
	struct span want[OPML_DEPTH];
	size_t n = split(folder, want), same = 0;
	enum err r = ERR_OK;

	while (same < n && same < *depth && span_eq(open[same], want[same]))
		same++;
	while (*depth > same && !r) {
		r = indent(--*depth, out);
		if (!r)
			r = strbuf_add_str(out, "</outline>\n");
	}
	while (*depth < n && !r) {
		open[*depth] = want[*depth];
		r = indent(*depth, out);
		if (!r)
			r = strbuf_add_str(out, "<outline");
		if (!r)
			r = put("text", want[*depth], out);
		if (!r)
			r = strbuf_add_str(out, ">\n");
		++*depth;
	}
	return r;
}

enum err opml_write(const struct opml_feed *feeds, size_t count, struct strbuf *out)
{
	CLEANUP_FREE const struct opml_feed **sorted = calloc(count + 1, sizeof(*sorted));
	struct span open[OPML_DEPTH];
	size_t depth = 0;
	enum err r;

	if (!sorted)
		return ERR_NOMEM;
	for (size_t i = 0; i < count; i++)
		sorted[i] = &feeds[i];
	qsort(sorted, count, sizeof(*sorted), by_folder);
	r = strbuf_add_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n"
				"  <head>\n    <title>Feeds</title>\n  </head>\n  <body>\n");
	for (size_t i = 0; i < count && !r; i++) {
		r = change_folder(open, &depth, sorted[i]->folder, out);
		if (!r)
			r = write_feed(sorted[i], depth, out);
	}
	if (!r)
		r = change_folder(open, &depth, SPAN_NONE, out);
	return r ? r : strbuf_add_str(out, "  </body>\n</opml>\n");
}
