/* SPDX-License-Identifier: MIT */
/* tree.h - a page as our own compact tree, in an arena.
 *
 * Built in one pass over libxml2's SAX events; no libxml2 node exists, and none leaves this room. Strings are
 * UTF-8, valid, with character references decoded once (by HTML5's table), borrowed from the arena and the
 * page's text: both must outlive the tree. None is NUL-terminated.
 *
 * What is not in it: comments, declarations, the text of style and of every script but JSON-LD, what stands
 * inside svg, iframe and textarea. White space alone makes no node: it sets space_before on what follows it.
 * Old habits of libxml2 that HTML5 cured are cured here: sections close an open <p>, <source> is void.
 *
 * Metadata may stand anywhere (an early <div> closes <head>): search the whole tree, best by
 * tree->first[TAG_META] and node->same. Depth is bounded, yet walk with node_next(), not by recursion. */
#ifndef INGESTD_EXTRACT_TREE_H
#define INGESTD_EXTRACT_TREE_H

#include "base/arena.h"

enum {
	TREE_DEPTH_MAX = 512,       /* deeper elements become siblings */
	TREE_NODE_MAX = 500 * 1000, /* past it the rest of the page is dropped: tree->cut */
};

/* Sorted by name: found by binary search. */
/* clang-format off */
#define TAG_MAP(X) \
	X(A, "a") X(ABBR, "abbr") X(ADDRESS, "address") X(AMP_IMG, "amp-img") X(AREA, "area") \
	X(ARTICLE, "article") X(ASIDE, "aside") X(AUDIO, "audio") X(B, "b") X(BASE, "base") \
	X(BDI, "bdi") X(BDO, "bdo") X(BIG, "big") X(BLOCKQUOTE, "blockquote") X(BODY, "body") \
	X(BR, "br") X(BUTTON, "button") X(CANVAS, "canvas") X(CAPTION, "caption") X(CENTER, "center") \
	X(CITE, "cite") X(CODE, "code") X(COL, "col") X(COLGROUP, "colgroup") X(DATA, "data") \
	X(DATALIST, "datalist") X(DD, "dd") X(DEL, "del") X(DETAILS, "details") X(DFN, "dfn") \
	X(DIALOG, "dialog") X(DIR, "dir") X(DIV, "div") X(DL, "dl") X(DT, "dt") X(EM, "em") \
	X(EMBED, "embed") X(FIELDSET, "fieldset") X(FIGCAPTION, "figcaption") X(FIGURE, "figure") \
	X(FONT, "font") X(FOOTER, "footer") X(FORM, "form") X(FRAME, "frame") X(FRAMESET, "frameset") \
	X(H1, "h1") X(H2, "h2") X(H3, "h3") X(H4, "h4") X(H5, "h5") X(H6, "h6") X(HEAD, "head") \
	X(HEADER, "header") X(HGROUP, "hgroup") X(HR, "hr") X(HTML, "html") X(I, "i") \
	X(IFRAME, "iframe") X(IMG, "img") X(INPUT, "input") X(INS, "ins") X(KBD, "kbd") \
	X(LABEL, "label") X(LEGEND, "legend") X(LI, "li") X(LINK, "link") X(MAIN, "main") \
	X(MAP, "map") X(MARK, "mark") X(MENU, "menu") X(META, "meta") X(METER, "meter") X(NAV, "nav") \
	X(NOBR, "nobr") X(NOEMBED, "noembed") X(NOFRAMES, "noframes") X(NOSCRIPT, "noscript") \
	X(OBJECT, "object") X(OL, "ol") X(OPTGROUP, "optgroup") X(OPTION, "option") \
	X(OUTPUT, "output") X(P, "p") X(PARAM, "param") X(PICTURE, "picture") X(PRE, "pre") \
	X(PROGRESS, "progress") X(Q, "q") X(RP, "rp") X(RT, "rt") X(RUBY, "ruby") X(S, "s") \
	X(SAMP, "samp") X(SCRIPT, "script") X(SEARCH, "search") X(SECTION, "section") \
	X(SELECT, "select") X(SLOT, "slot") X(SMALL, "small") X(SOURCE, "source") X(SPAN, "span") \
	X(STRIKE, "strike") X(STRONG, "strong") X(STYLE, "style") X(SUB, "sub") X(SUMMARY, "summary") \
	X(SUP, "sup") X(SVG, "svg") X(TABLE, "table") X(TBODY, "tbody") X(TD, "td") \
	X(TEMPLATE, "template") X(TEXTAREA, "textarea") X(TFOOT, "tfoot") X(TH, "th") \
	X(THEAD, "thead") X(TIME, "time") X(TITLE, "title") X(TR, "tr") X(TRACK, "track") X(TT, "tt") \
	X(U, "u") X(UL, "ul") X(VAR, "var") X(VIDEO, "video") X(WBR, "wbr")
/* clang-format on */
#define X(name, text) TAG_##name,
enum tag { TAG_TEXT, TAG_OTHER, TAG_MAP(X) TAG_COUNT };
#undef X

/* Sorted by name. */
/* clang-format off */
#define ATTR_MAP(X) \
	X(ABOUT, "about") X(ACTION, "action") X(ALT, "alt") X(ARIA_HIDDEN, "aria-hidden") \
	X(ARIA_LABEL, "aria-label") X(ARIA_MODAL, "aria-modal") X(CHARSET, "charset") X(CITE, "cite") \
	X(CLASS, "class") X(COLSPAN, "colspan") X(CONTENT, "content") X(DATA, "data") \
	X(DATA_DATE, "data-date") X(DATA_DATETIME, "data-datetime") X(DATA_LAZY_SRC, "data-lazy-src") \
	X(DATA_LAZY_SRCSET, "data-lazy-srcset") X(DATA_ORIGINAL, "data-original") \
	X(DATA_SRC, "data-src") X(DATA_SRCSET, "data-srcset") X(DATA_TIME, "data-time") \
	X(DATA_TIMESTAMP, "data-timestamp") X(DATETIME, "datetime") X(DIR, "dir") X(FOR, "for") \
	X(HEIGHT, "height") X(HIDDEN, "hidden") X(HREF, "href") X(HREFLANG, "hreflang") \
	X(HTTP_EQUIV, "http-equiv") X(ID, "id") X(ITEMID, "itemid") X(ITEMPROP, "itemprop") \
	X(ITEMREF, "itemref") X(ITEMSCOPE, "itemscope") X(ITEMTYPE, "itemtype") X(LANG, "lang") \
	X(MEDIA, "media") X(METHOD, "method") X(NAME, "name") X(POSTER, "poster") X(PREFIX, "prefix") \
	X(PROPERTY, "property") X(PUBDATE, "pubdate") X(REL, "rel") X(RESOURCE, "resource") \
	X(REV, "rev") X(ROLE, "role") X(SIZES, "sizes") X(SRC, "src") X(SRCSET, "srcset") \
	X(STYLE, "style") X(TABINDEX, "tabindex") X(TARGET, "target") X(TITLE, "title") \
	X(TYPE, "type") X(TYPEOF, "typeof") X(VALUE, "value") X(VOCAB, "vocab") X(WIDTH, "width") \
	X(XML_LANG, "xml:lang")
/* clang-format on */
#define X(name, text) ATTR_##name,
enum attr_id { ATTR_OTHER, ATTR_MAP(X) ATTR_COUNT };
#undef X

struct attr {
	const char *name_ptr;  /* lower case */
	const char *value_ptr; /* NULL for an attribute without a value */
	uint32_t value_len;
	uint16_t name_len;
	uint16_t id; /* enum attr_id */
};

struct node {
	struct node *parent, *child, *next; /* child: the first; next: sibling */
	struct node *last;                  /* last child */
	struct node *same;                  /* next element with this tag, in document order */
	union {
		const struct attr
			*attrs;   /* elements: as written; of equal names the first counts. NULL when none */
		const char *text; /* TAG_TEXT; for JSON-LD scripts their text is a child like any */
	};
	uint32_t size;     /* attributes, or bytes of text */
	uint32_t offset;   /* of the tag's name or the text in the source: tree_line() */
	uint16_t tag;      /* enum tag */
	uint16_t depth;    /* the root has 0 */
	bool space_before; /* white space stood between this node and what came before */
	uint8_t mark;      /* free for one walk's use (main text); 0 at first */
};
_Static_assert(sizeof(struct node) <= 64, "a node is a cache line");

struct tree {
	struct node *root;        /* stands above <html>; TAG_OTHER with an empty name */
	struct node *html, *body; /* NULL where the page has none */
	/* of each tag, in document order: follow ->same; NULL at the end */
	struct node *first[TAG_COUNT], *final[TAG_COUNT];
	size_t count;       /* nodes */
	size_t text_bytes;  /* of all text nodes but scripts */
	bool cut;           /* a ceiling was met: the rest of the page is missing */
	struct span source; /* what was parsed */
};

/* `text` is valid UTF-8 of a whole page. Repairs (repair.h) and parses. The tree borrows from text, and
 * all else lies in the arena. Any text is a success; ERR_NOMEM and ERR_TOOBIG (the arena's ceiling) fail. */
CHECKED enum err tree_parse(struct span text, struct arena *arena, struct tree **ret, struct error *e);

struct repaired;
/* Told when the head has been read: tree holds what stands before </head> or <body>, and r what stands in all
 * of the page (repair.h). True: the parse may end there; what is then returned is the head's tree. Not told
 * where a page has neither or nothing follows. */
struct tree_watch {
	bool (*head_read)(void *user, const struct tree *tree, const struct repaired *r);
	void *user;
};
CHECKED enum err tree_parse_watched(struct span text, const struct tree_watch *watch, struct arena *arena,
				    struct tree **ret, struct error *e);

/* From 1. Counts from the start of the page: for what is shown, not for every node. */
unsigned tree_line(const struct tree *t, const struct node *n);

struct span tag_name(enum tag tag);
struct span attr_name(enum attr_id id);
enum tag tag_by_name(struct span name);      /* lower case; TAG_OTHER when not known */
enum attr_id attr_by_name(struct span name); /* lower case; ATTR_OTHER when not known */

/* Lower case; "#text" for text, empty for the root. */
struct span node_name(const struct node *n);
static inline bool node_is_text(const struct node *n)
{
	return n->tag == TAG_TEXT;
}
static inline struct span node_text_raw(const struct node *n)
{
	return n->tag == TAG_TEXT ? span_of(n->text, n->size) : SPAN_NONE;
}

/* SPAN_NONE when there is no such attribute; empty when it has no value. */
struct span node_attr(const struct node *n, enum attr_id id);
/* Any attribute, by its lower-case name. */
struct span node_attr_named(const struct node *n, struct span name);
/* One of the space-separated words of an attribute (rel, itemprop, class), without regard to case. */
bool node_attr_has_word(const struct node *n, enum attr_id id, struct span word);

/* The node after n in document order, staying inside root; NULL at the end. Begin with root itself:
 *     for (const struct node *n = root; n; n = node_next(n, root)) */
const struct node *node_next(const struct node *n, const struct node *root);
/* The same, but not into n's children. */
const struct node *node_next_skip(const struct node *n, const struct node *root);
/* n or the nearest element above it that has the tag; NULL. */
const struct node *node_up(const struct node *n, enum tag tag);

/* Elements that begin and end a line of their own. */
bool tag_is_block(enum tag tag);

/* All text below n (scripts and templates left out), white space folded, a space at block borders, at most
 * `max` bytes cut at a character. In the arena, or borrowed from n. Empty when there is none; SPAN_NONE
 * without memory. */
struct span node_text(const struct node *n, size_t max, struct arena *arena);

#endif
