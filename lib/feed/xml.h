/* SPDX-License-Identifier: MIT */
/* xml.h - XML the way feeds write it, as a stream of tags; inside lib/feed only.
 *
 * A strict parser stops where a feed's author slipped, and libxml2's recovery drops what stands beside the
 * slip (a bare '&' and what follows it, an attribute without quotes with its element) and reports no place
 * for it. So this reader never fails: every text is a sequence of tags and text, each oddity a note with its
 * place. It reads in one pass, copies nothing, expands nothing (entities: xml_text.h), and knows no DTD but
 * the entities that the feed itself declares.
 *
 * All work is linear in the text: a search for an end that is not there is made once. */
#ifndef INGESTD_FEED_XML_H
#define INGESTD_FEED_XML_H

#include "base/arena.h"

enum {
	XML_DEPTH_MAX = 256,    /* deeper elements are seen, but nobody asks for them by name */
	XML_ATTRS_MAX = 64,     /* of one tag; further ones are dropped */
	XML_BINDINGS_MAX = 128, /* xmlns declarations in scope */
	XML_ENTITIES_MAX = 256, /* declared by the feed */
	XML_ENTITY_MAX = 4096,  /* bytes of one's value; longer ones are not kept */
	XML_NOTES_MAX = 64,
	XML_NAME_KEYS = 64,
};

/* The namespaces that the table of table.c has rows for. CORE: none at all, those of RSS, and whatever the
 * root element is in. */
#define XML_NS_MAP(X) \
	X(CORE)       \
	X(ATOM)       \
	X(RDF)        \
	X(DC)         \
	X(DCTERMS)    \
	X(CONTENT)    \
	X(MEDIA)      \
	X(ITUNES)     \
	X(PODCAST)    \
	X(GOOGLEPLAY) \
	X(SLASH)      \
	X(SY)         \
	X(THR)        \
	X(FEEDBURNER) \
	X(FH)         \
	X(XHTML)      \
	X(XML)        \
	X(OTHER)
#define X(name) XML_NS_##name,
enum xml_ns { XML_NS_MAP(X) XML_NS_COUNT };
#undef X

struct xml_attr {
	struct span name;  /* as written */
	struct span value; /* raw: references are not decoded */
};

struct xml_open {
	struct span name;  /* as written; empty for what stands above the root */
	uint16_t bindings; /* in scope before it */
	uint8_t frame;     /* the reader's user's */
	uint16_t context;  /* the same: index of xml:base and xml:lang */
};

enum xml_event { XML_START, XML_END, XML_EOF };

struct xml_note {
	size_t at;          /* in text */
	const char *what;   /* static */
	struct span detail; /* in text; SPAN_NONE */
};

struct xml {
	struct span text;
	size_t at; /* what is read next */

	/* The tag that was read last. */
	size_t tag_at; /* its '<' */
	struct span name, local;
	enum xml_ns ns;
	unsigned attr_count;
	bool empty_tag;       /* <x/> */
	bool empty;           /* its END is due */
	uint8_t closed_frame; /* of END: of the element that ended */

	unsigned depth;                     /* elements open */
	uint16_t open_names[XML_NAME_KEYS]; /* how many of them, by xml.c's key of their names */
	unsigned overflow;                  /* further ones, nameless */
	unsigned binding_count;
	struct span core_uri; /* the root's own namespace */
	unsigned entity_count;
	size_t entity_budget; /* bytes that they may still put in */

	size_t no_comment_end, no_cdata_end, no_pi_end; /* there is none from there on */
	bool no_declaration_end;
	size_t reread; /* bytes read twice by xml_rewind() */

	unsigned note_count; /* kept */
	size_t trouble_count;
	bool cut; /* the text ends inside an element */

	/* what the counts above count; not set before */
	struct xml_attr attrs[XML_ATTRS_MAX];
	struct xml_open open[XML_DEPTH_MAX];
	struct {
		struct span prefix;
		enum xml_ns ns;
	} bindings[XML_BINDINGS_MAX];
	struct {
		struct span name, value;
	} entities[XML_ENTITIES_MAX];
	struct xml_note notes[XML_NOTES_MAX];
};

/* text is valid UTF-8. */
void xml_init(struct xml *x, struct span text);

/* The next tag. After XML_START the element is open, its frame 0; an END follows for each, be it <x/> or left
 * open by an end tag further out or by the end of the text. Elements that lie too deep are not seen. */
enum xml_event xml_next(struct xml *x);

/* From after XML_START: everything up to the end of that element, which is then closed; no END follows.
 * *broken: its own end tag is missing; it ends where an outer one does, before a tag named `fence`
 * (SPAN_NONE: none), or with the text. */
struct span xml_inner(struct xml *x, struct span fence, bool *broken);

/* The same, but everything stays as it is, save that the attributes are gone. */
struct span xml_peek(struct xml *x, struct span fence);

/* Of the tag that was read last, by local name ("href", "rdf:about" as "about"); the first that is not empty.
 * Raw. SPAN_NONE. */
struct span xml_attr(const struct xml *x, const char *local);

/* Reading goes on at `at`, before x->at. False when too much was read twice already. */
bool xml_rewind(struct xml *x, size_t at);

void xml_note(struct xml *x, const char *ptr, const char *what, struct span detail);

/* The top element takes the place of the one around it, which is forgotten. */
void xml_adopt(struct xml *x);

/* By the declarations in scope. */
enum xml_ns xml_ns_of(const struct xml *x, struct span name);
/* Of a tag at `s`: the name behind its '<'; empty when it is none. */
struct span xml_tag_name(struct span s);
/* The part behind the colon. */
struct span xml_local(struct span name);

#endif
