/* SPDX-License-Identifier: MIT */
#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

#include "base/text.h"
#include "extract/repair.h"
#include "extract/tree.h"
#include "extract/xml_memory.h"

enum {
	PARSER_MAX = 160 * 1024 * 1024, /* bytes that libxml2 may take for one page */
};

/* Mirrors libxml2's stack. What libxml2 puts into `node` goes to `parent`, which is another one where HTML5
 * would have closed the node. */
struct entry {
	struct node *node, *parent;
};

struct builder {
	struct tree *tree;
	struct arena *arena;
	htmlParserCtxtPtr ctxt;
	char *text, *text_end;      /* room for strings */
	struct node *open_text;     /* the newest node, when it is text that may go on */
	size_t next_tag, next_text; /* of repaired */
	unsigned depth, open_p;
	char *join;    /* the newest text's room, when it was put together from several runs */
	size_t joined; /* its size */
	bool ended;    /* the watch wants no more */
	bool space;    /* white space was met that belongs to no text */
	struct repaired repaired;
	const struct tree_watch *watch; /* still to be told; NULL */
	uint32_t offset;                /* of the newest node, in the source */
	struct entry stack[TREE_DEPTH_MAX + 2];
};

static void stop(struct builder *b)
{
	b->tree->cut = true;
	xmlStopParser(b->ctxt);
}

static struct node *add(struct builder *b, enum tag tag, struct node *parent)
{
	struct node *n;

	if (b->tree->count >= TREE_NODE_MAX) {
		stop(b);
		return NULL;
	}
	n = arena_alloc(b->arena, sizeof(*n));
	if (!n) {
		stop(b);
		return NULL;
	}
	b->tree->count++;
	*n = (struct node){
		.parent = parent,
		.tag = (uint16_t)tag,
		.depth = (uint16_t)(parent->depth + 1),
		.space_before = b->space,
		.offset = b->offset,
	};
	b->space = false;
	if (parent->last)
		parent->last->next = n;
	else
		parent->child = n;
	parent->last = n;
	return n;
}

/* Where libxml2 stands in the skeleton. */
static size_t here(const struct builder *b)
{
	const struct _xmlParserInput *in = b->ctxt->input;

	return in->consumed + (size_t)(in->cur - in->base);
}

/* Tags that libxml2 passed without a word. A second <html> or <body> lends its attributes to the first. */
static void tag_passed(struct builder *b, const struct repair_tag *tag)
{
	struct span name = span_of(tag->name, tag->name_len);
	struct node *n = NULL;

	if (span_eq_nocase(name, SPAN("html")))
		n = b->tree->html;
	else if (span_eq_nocase(name, SPAN("body")))
		n = b->tree->body;
	if (n && !n->size && tag->count) {
		n->attrs = tag->attrs;
		n->size = tag->count;
	}
}

/* The tag that libxml2 has just read, NULL for an element that it implied. */
static const struct repair_tag *tag_of(struct builder *b, const xmlChar *name)
{
	const struct repaired *r = &b->repaired;
	size_t at = here(b);

	for (; b->next_tag < r->tag_count && r->tags[b->next_tag].at <= at; b->next_tag++)
		tag_passed(b, &r->tags[b->next_tag]);
	if (b->next_tag < r->tag_count) {
		const struct repair_tag *tag = &r->tags[b->next_tag];

		/* It stands at the '>', perhaps at a '/' before it; so it does when it implies <html> before
		 * that tag, hence the comparison of the names. */
		if (tag->at <= at + 2 &&
		    (tag->tag == TAG_OTHER ? name[0] == 'z'
					   : !strcmp(tag_name((enum tag)tag->tag).ptr, (const char *)name))) {
			b->next_tag++;
			return tag;
		}
	}
	return NULL;
}

static void set_attrs(struct builder *b, struct node *n, const struct repair_tag *tag)
{
	struct attr *a;
	char *lower;

	if (!tag)
		return;
	n->size = tag->count;
	n->attrs = tag->attrs;
	if (n->tag != TAG_OTHER)
		return;
	/* its name goes before its attributes */
	n->size = 0;
	n->attrs = NULL;
	a = arena_alloc(b->arena, (tag->count + (size_t)1) * sizeof(*a));
	lower = arena_alloc(b->arena, tag->name_len);
	if (!a || !lower) {
		stop(b);
		return;
	}
	for (size_t i = 0; i < tag->name_len; i++)
		lower[i] = byte_lower(tag->name[i]);
	*a++ = (struct attr){.name_ptr = lower, .name_len = tag->name_len};
	if (tag->count)
		memcpy(a, tag->attrs, tag->count * sizeof(*a));
	n->attrs = a;
	n->size = tag->count;
}

/* HTML5: the start of a block closes an open <p>. libxml2 knows that of HTML4's blocks only, and only where
 * the p is innermost. */
static bool closes_p(enum tag tag)
{
	switch (tag) {
	case TAG_BODY:
	case TAG_BR:
	case TAG_CAPTION:
	case TAG_HTML:
	case TAG_LEGEND:
	case TAG_LI:
	case TAG_OPTGROUP:
	case TAG_OPTION:
	case TAG_TBODY:
	case TAG_TD:
	case TAG_TFOOT:
	case TAG_TH:
	case TAG_THEAD:
	case TAG_TR: return false;
	default: return tag_is_block(tag);
	}
}

static void close_p(struct builder *b)
{
	for (unsigned i = b->depth; i-- > 1;) {
		struct node *n = b->stack[i].node;

		switch (n->tag) {
		case TAG_P:
			for (unsigned k = i; k < b->depth; k++)
				b->stack[k].parent = b->stack[i - 1].parent;
			b->stack[i].node = b->stack[i - 1].node; /* so that it is not found again */
			b->open_p--;
			return;
		case TAG_BUTTON:
		case TAG_CAPTION:
		case TAG_HTML:
		case TAG_OBJECT:
		case TAG_TABLE:
		case TAG_TD:
		case TAG_TEMPLATE:
		case TAG_TH: return;
		default: break;
		}
	}
}

static void pop(struct builder *b, unsigned depth)
{
	while (b->depth > MAX(depth, 1)) {
		b->depth--;
		b->open_p -= b->stack[b->depth].node->tag == TAG_P;
	}
}

static void add_script(struct builder *b, struct node *n, const struct repair_tag *tag)
{
	const struct repaired *r = &b->repaired;

	/* what stands before it and was not reported is blank */
	while (b->next_text < r->text_count && r->texts[b->next_text].at < tag->at)
		b->next_text++;
	if (b->next_text < r->text_count && r->texts[b->next_text].kind == REPAIR_SCRIPT &&
	    r->texts[b->next_text].at == tag->at) {
		struct span text = r->texts[b->next_text++].text;
		struct node *t = add(b, TAG_TEXT, n);

		if (t) {
			t->text = text.ptr;
			t->size = (uint32_t)text.len;
		}
	}
}

static void start_element(void *user, const xmlChar *name, const xmlChar **atts)
{
	struct builder *b = user;
	const struct repair_tag *found = tag_of(b, name);
	enum tag tag = found ? (enum tag)found->tag : tag_by_name(span_str((const char *)name));
	struct tree *t = b->tree;
	struct node *n, *parent;

	(void)atts;
	if (b->watch && b->next_tag > b->repaired.head.tags) {
		const struct tree_watch *w = b->watch;

		b->watch = NULL;
		b->ended = w->head_read(w->user, t, &b->repaired);
		if (b->ended)
			xmlStopParser(b->ctxt);
	}
	if (b->ended)
		return;
	b->open_text = NULL;
	if (found)
		b->offset = (uint32_t)(found->name - b->repaired.source.ptr);
	/* libxml2 has pushed the name already; where it popped one without a word, follow */
	pop(b, (unsigned)MAX(b->ctxt->nameNr, 1));
	if (b->open_p && closes_p(tag))
		close_p(b);
	if (b->depth > TREE_DEPTH_MAX) {
		/* Too deep: the element takes its parent's place on both stacks. */
		b->depth--;
		b->open_p -= b->stack[b->depth].node->tag == TAG_P;
		if (b->ctxt->nameNr >= 2) {
			b->ctxt->nameTab[b->ctxt->nameNr - 2] = b->ctxt->nameTab[b->ctxt->nameNr - 1];
			b->ctxt->nameNr--;
		}
	}
	parent = b->stack[b->depth - 1].parent;
	n = add(b, tag, parent);
	if (!n)
		return;
	set_attrs(b, n, found);
	if (t->final[tag])
		t->final[tag]->same = n;
	else
		t->first[tag] = n;
	t->final[tag] = n;
	if (tag == TAG_HTML && !t->html)
		t->html = n;
	else if (tag == TAG_BODY && !t->body)
		t->body = n;
	b->open_p += tag == TAG_P;
	switch (tag) {
	case TAG_SOURCE:
	case TAG_TRACK:
	case TAG_WBR:
	case TAG_EMBED:
		b->stack[b->depth++] = (struct entry){n, parent};
		break; /* void, unknown to libxml2 */
	default: b->stack[b->depth++] = (struct entry){n, n}; break;
	}
	if (tag == TAG_SCRIPT && found)
		add_script(b, n, found);
}

static void end_element(void *user, const xmlChar *name)
{
	struct builder *b = user;

	(void)name;
	b->open_text = NULL;
	if (b->ctxt->nameNr > 0)
		pop(b, (unsigned)b->ctxt->nameNr);
}

static void add_text(struct builder *b, const struct repair_text *run)
{
	struct span text = run->text;
	struct node *t = b->open_text;
	size_t i = 0;
	char *both;

	if (!t) {
		while (i < text.len && byte_is_space(text.ptr[i]))
			i++;
		if (i == text.len) {
			b->space = true;
			return;
		}
	}
	if (run->kind == REPAIR_TEXT && memchr(text.ptr, '&', text.len)) {
		text = text_decode_entities(text, b->arena);
		if (!text.ptr) {
			stop(b);
			return;
		}
	}
	b->tree->text_bytes += text.len;
	if (!t) {
		b->offset = (uint32_t)(run->text.ptr - b->repaired.source.ptr);
		b->open_text = t = add(b, TAG_TEXT, b->stack[b->depth - 1].parent);
		if (t) {
			t->text = text.ptr;
			t->size = (uint32_t)text.len;
			b->joined = 0;
		}
		return;
	}
	/* goes on behind a comment: the room doubles, so that all copying stays linear */
	if (b->joined < t->size + text.len) {
		b->joined = (t->size + text.len) * 2;
		both = arena_alloc(b->arena, b->joined);
		if (!both) {
			stop(b);
			return;
		}
		memcpy(both, t->text, t->size);
		b->join = both;
		t->text = both;
	}
	memcpy(b->join + t->size, text.ptr, text.len);
	t->size += (uint32_t)text.len;
}

static void characters(void *user, const xmlChar *chars, int length)
{
	struct builder *b = user;
	const struct repaired *r = &b->repaired;
	size_t at = here(b);

	(void)chars;
	(void)length;
	for (; b->next_text < r->text_count && r->texts[b->next_text].at < at; b->next_text++)
		if (r->texts[b->next_text].kind != REPAIR_SCRIPT)
			add_text(b, &r->texts[b->next_text]);
}

static void ignore_cdata(void *user, const xmlChar *p, int n)
{
	(void)user;
	(void)p;
	(void)n;
}

/* The parse proper; false when libxml2 itself was out of memory. */
static bool run(struct builder *b)
{
	const struct repaired *r = &b->repaired;
	xmlParserInputBufferPtr buffer;
	xmlParserInputPtr input;
	htmlParserCtxtPtr ctxt = htmlNewParserCtxt();

	if (!ctxt)
		return false;
	b->ctxt = ctxt;
	memset(ctxt->sax, 0, sizeof(*ctxt->sax));
	ctxt->sax->startElement = start_element;
	ctxt->sax->endElement = end_element;
	ctxt->sax->characters = characters;
	ctxt->sax->ignorableWhitespace = characters;
	ctxt->sax->cdataBlock = ignore_cdata;
	ctxt->userData = b;
	(void)htmlCtxtUseOptions(ctxt, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
					       HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
	ctxt->charset = XML_CHAR_ENCODING_UTF8;
	/* a copy: over a static buffer libxml2 2.9.14 starts anew shortly before its end */
	buffer = xmlParserInputBufferCreateMem(r->skeleton.ptr, (int)r->skeleton.len, XML_CHAR_ENCODING_NONE);
	if (!buffer)
		return false;
	input = xmlNewIOInputStream(ctxt, buffer, XML_CHAR_ENCODING_NONE);
	if (!input || inputPush(ctxt, input) < 0)
		return false;
	(void)htmlParseDocument(ctxt);
	return true;
}

static enum err parse(struct builder *b)
{
	struct xml_pool pool;
	volatile bool done = false;

	xml_memory_begin(&pool, PARSER_MAX);
	if (!setjmp(pool.failed))
		done = run(b);
	/* its strings lie in the pool */
	xmlResetLastError();
	xml_memory_end(&pool);
	return arena_failed(b->arena) ? arena_failed(b->arena) : done ? ERR_OK : ERR_NOMEM;
}

enum err tree_parse_watched(struct span text, const struct tree_watch *watch, struct arena *arena,
			    struct tree **ret, struct error *e)
{
	struct tree *t = ARENA_NEW(arena, struct tree);
	struct builder *b = ARENA_NEW(arena, struct builder);
	struct node *root = ARENA_NEW(arena, struct node);
	enum err err = ERR_OK;

	if (!t || !b || !root)
		return err_set(e, arena_failed(arena), "a page's tree: %s", err_text(arena_failed(arena)));
	t->root = root;
	root->tag = TAG_OTHER;
	b->tree = t;
	b->arena = arena;
	b->stack[b->depth++] = (struct entry){root, root};
	err = repair_html(text, arena, &b->repaired);
	t->source = b->repaired.source;
	b->watch = b->repaired.head.end && !b->repaired.cut ? watch : NULL;
	if (!err && b->repaired.skeleton.len)
		err = parse(b);
	if (err)
		return err_set(e, err, "a page's tree: %s", err_text(err));
	t->cut |= b->repaired.cut;
	*ret = t;
	return ERR_OK;
}

enum err tree_parse(struct span text, struct arena *arena, struct tree **ret, struct error *e)
{
	return tree_parse_watched(text, NULL, arena, ret, e);
}
