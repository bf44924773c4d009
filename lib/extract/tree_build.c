/* SPDX-License-Identifier: MIT */
#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

#include "extract/repair.h"
#include "extract/tree.h"
#include "extract/xml_memory.h"

enum {
	PARSER_MAX = 160 * 1024 * 1024, /* bytes that libxml2 may take for one page */
	CHUNK = 32 * 1024,              /* of strings */
	NAMES = 256,                    /* slots of the cache of names; a power of two */
};

/* libxml2's names are unique strings within one parse: a name is looked up once, then known by address. */
struct known {
	const xmlChar *key;
	struct span name;
	unsigned id;
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
	char *text, *text_end;  /* room for strings */
	struct node *open_text; /* the newest node, when it is text that may go on */
	size_t script;          /* the next of tree->parse->scripts */
	unsigned depth, open_p;
	bool space; /* white space was met that belongs to no text */
	struct known tags[NAMES], attrs[NAMES];
	struct entry stack[TREE_DEPTH_MAX + 2];
};

static void stop(struct builder *b)
{
	b->tree->cut = true;
	xmlStopParser(b->ctxt);
}

/* Room for n bytes of string; not aligned. */
static char *room(struct builder *b, size_t n)
{
	if (n > (size_t)(b->text_end - b->text)) {
		size_t chunk = MAX(n, CHUNK);

		b->text = arena_alloc(b->arena, chunk);
		b->text_end = b->text ? b->text + chunk : NULL;
		if (!b->text) {
			stop(b);
			return NULL;
		}
	}
	return b->text;
}

static const char *copy(struct builder *b, const char *p, size_t n)
{
	char *to = room(b, n);

	if (!to)
		return NULL;
	memcpy(to, p, n);
	b->text += n;
	return to;
}

static const struct known *known(struct builder *b, struct known *cache, const xmlChar *key, bool tag)
{
	struct known *k = &cache[((uintptr_t)key >> 2 ^ (uintptr_t)key >> 9) & (NAMES - 1)];

	if (k->key != key) {
		struct span name = span_str((const char *)key);

		k->key = key;
		name.len = MIN(name.len, 256);
		k->id = tag ? (unsigned)tag_by_name(name) : (unsigned)attr_by_name(name);
		k->name = k->id == (tag ? (unsigned)TAG_OTHER : (unsigned)ATTR_OTHER)
				  ? span_of(copy(b, name.ptr, name.len), name.len)
			  : tag ? tag_name((enum tag)k->id)
				: name;
		if (!tag && k->id != ATTR_OTHER)
			k->name.ptr = attr_name((enum attr_id)k->id).ptr;
	}
	return k;
}

/* Numeric references 128 to 159 mean windows-1252, which libxml2 does not know. */
static void repair_c1(char *p, size_t *n)
{
	static const char *const to[32] = {
		"\xe2\x82\xac", NULL,           "\xe2\x80\x9a", "\xc6\x92",     "\xe2\x80\x9e",
		"\xe2\x80\xa6", "\xe2\x80\xa0", "\xe2\x80\xa1", "\xcb\x86",     "\xe2\x80\xb0",
		"\xc5\xa0",     "\xe2\x80\xb9", "\xc5\x92",     NULL,           "\xc5\xbd",
		NULL,           NULL,           "\xe2\x80\x98", "\xe2\x80\x99", "\xe2\x80\x9c",
		"\xe2\x80\x9d", "\xe2\x80\xa2", "\xe2\x80\x93", "\xe2\x80\x94", "\xcb\x9c",
		"\xe2\x84\xa2", "\xc5\xa1",     "\xe2\x80\xba", "\xc5\x93",     NULL,
		"\xc5\xbe",     "\xc5\xb8",
	};
	const char *with = to[(unsigned char)p[1] & 31];

	if (with) {
		*n = strlen(with);
		memcpy(p, with, *n);
	}
}

static bool is_c1(const char *p, size_t n)
{
	return n >= 2 && p[0] == '\xc2' && (unsigned char)p[1] >= 0x80 && (unsigned char)p[1] < 0xa0;
}

static const char *attr_text(struct builder *b, const char *value, size_t *len)
{
	const char *c1 = memchr(value, 0xc2, *len);
	char *to;
	size_t n = 0;

	while (c1 && !is_c1(c1, *len - (size_t)(c1 - value)))
		c1 = memchr(c1 + 1, 0xc2, *len - (size_t)(c1 + 1 - value));
	if (!c1)
		return copy(b, value, *len);
	to = room(b, *len * 2);
	if (!to)
		return NULL;
	for (size_t i = 0; i < *len;) {
		if (is_c1(value + i, *len - i)) {
			char three[4] = {value[i], value[i + 1]};
			size_t size = 2;

			repair_c1(three, &size);
			memcpy(to + n, three, size);
			n += size;
			i += 2;
		} else {
			to[n++] = value[i++];
		}
	}
	*len = n;
	b->text += n;
	return to;
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
		.offset = (uint32_t)(b->ctxt->input->consumed +
				     (size_t)(b->ctxt->input->cur - b->ctxt->input->base)),
	};
	b->space = false;
	if (parent->last)
		parent->last->next = n;
	else
		parent->child = n;
	parent->last = n;
	return n;
}

static void add_attrs(struct builder *b, struct node *n, const struct known *tag, const xmlChar **atts)
{
	bool named = n->tag == TAG_OTHER;
	size_t count = 0;
	struct attr *a;

	while (atts && atts[2 * count])
		count++;
	if (!count && !named)
		return;
	a = arena_alloc(b->arena, (count + named) * sizeof(*a));
	if (!a) {
		stop(b);
		return;
	}
	if (named) {
		*a++ = (struct attr){.name_ptr = tag->name.ptr, .name_len = (uint16_t)tag->name.len};
		if (!tag->name.ptr)
			a[-1].name_len = 0;
	}
	n->attrs = a;
	for (size_t i = 0; i < count; i++) {
		const struct known *k = known(b, b->attrs, atts[2 * i], false);
		const char *value = (const char *)atts[2 * i + 1];
		size_t len = value ? strlen(value) : 0;

		len = MIN(len, TREE_ATTR_VALUE_MAX);
		if (len == TREE_ATTR_VALUE_MAX)
			while (len && ((unsigned char)value[len] & 0xc0) == 0x80)
				len--;
		if (value)
			value = attr_text(b, value, &len);
		if (!k->name.ptr || (len && !value))
			return;
		a[i] = (struct attr){k->name.ptr, value, (uint32_t)len, (uint16_t)k->name.len,
				     (uint16_t)k->id};
		n->size = (uint32_t)i + 1;
	}
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

static void add_script(struct builder *b, struct node *n)
{
	const struct repaired *r = b->tree->parse;

	while (b->script < r->script_count && r->scripts[b->script].at < n->offset)
		b->script++;
	/* libxml2 stands at the '>', perhaps with a '/' before it */
	if (b->script < r->script_count && r->scripts[b->script].at <= n->offset + 2) {
		struct span text = r->scripts[b->script++].text;
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
	const struct known *k = known(b, b->tags, name, true);
	enum tag tag = (enum tag)k->id;
	struct tree *t = b->tree;
	struct node *n, *parent;

	b->open_text = NULL;
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
	add_attrs(b, n, k, atts);
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
	if (tag == TAG_SCRIPT)
		add_script(b, n);
}

static void end_element(void *user, const xmlChar *name)
{
	struct builder *b = user;

	(void)name;
	b->open_text = NULL;
	if (b->ctxt->nameNr > 0)
		pop(b, (unsigned)b->ctxt->nameNr);
}

static void characters(void *user, const xmlChar *chars, int length)
{
	struct builder *b = user;
	const char *p = (const char *)chars;
	size_t n = length > 0 ? (size_t)length : 0, i = 0;
	struct node *t = b->open_text;
	char c1[4];

	if (n == 2 && is_c1(p, n)) {
		memcpy(c1, p, 2);
		repair_c1(c1, &n);
		p = c1;
	}
	if (!t) {
		while (i < n && byte_is_space(p[i]))
			i++;
		if (i == n) {
			b->space = true;
			return;
		}
		t = add(b, TAG_TEXT, b->stack[b->depth - 1].parent);
		if (!t)
			return;
		b->open_text = t;
		t->text = room(b, n);
	} else if (t->text + t->size != b->text || n > (size_t)(b->text_end - b->text)) {
		/* goes on elsewhere: room grows with the text, so that all copying stays linear */
		const char *old = t->text;
		char *to;

		b->text_end = b->text;
		to = room(b, ((size_t)t->size + n) * 2);
		if (!to)
			return;
		memcpy(to, old, t->size);
		t->text = to;
		b->text += t->size;
	}
	if (!b->text || t->size > UINT32_MAX / 4)
		return;
	memcpy(b->text, p, n);
	b->text += n;
	t->size += (uint32_t)n;
	b->tree->text_bytes += n;
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
	const struct repaired *r = b->tree->parse;
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
	buffer = xmlParserInputBufferCreateStatic(r->text.ptr, (int)r->text.len, XML_CHAR_ENCODING_NONE);
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

enum err tree_parse(struct span text, struct arena *arena, struct tree **ret, struct error *e)
{
	struct tree *t = ARENA_NEW(arena, struct tree);
	struct builder *b = ARENA_NEW(arena, struct builder);
	struct node *root = ARENA_NEW(arena, struct node);
	enum err err = ERR_OK;

	if (!t || !b || !root)
		return err_set(e, arena_failed(arena), "a page's tree: %s", err_text(arena_failed(arena)));
	t->parse = ARENA_NEW(arena, struct repaired);
	t->root = root;
	root->tag = TAG_OTHER;
	b->tree = t;
	b->arena = arena;
	b->stack[b->depth++] = (struct entry){root, root};
	err = t->parse ? repair_html(text, arena, t->parse) : arena_failed(arena);
	if (!err && t->parse->text.len)
		err = parse(b);
	if (err)
		return err_set(e, err, "a page's tree: %s", err_text(err));
	*ret = t;
	return ERR_OK;
}
