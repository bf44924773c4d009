/* SPDX-License-Identifier: MIT */
/* An SVG as XML, by libxml2's push parser without a tree: nothing is loaded, no entity is replaced. */
#include "image/whole_inner.h"

#include <libxml/parser.h>

#include "base/strbuf.h"

enum { SVG_DEPTH = 200, SVG_PIECE = 4096, SVG_STYLE = 256 << 10 };

struct look {
	xmlParserCtxtPtr xml;
	const char *acts; /* what it does that it must not; NULL */
	unsigned depth, elements;
	unsigned style;    /* depth of the <style> that is open; 0: none */
	struct strbuf css; /* its text so far: it comes in pieces */
	bool root;         /* is <svg> */
};

static void stop(struct look *l, const char *why)
{
	if (!l->acts)
		l->acts = why;
	xmlStopParser(l->xml);
}

static struct span name_of(const xmlChar *s)
{
	return span_str((const char *)s);
}

/* What shows, moves or describes; all else could act. */
static bool is_harmless(struct span name)
{
	static const char *const acting[] = {"script", "foreignObject", "iframe",  "embed", "object",
					     "audio",  "video",         "canvas",  "link",  "meta",
					     "base",   "handler",       "listener"};

	for (size_t i = 0; i < ARRAY_SIZE(acting); i++)
		if (span_eq_nocase(name, span_str(acting[i])))
			return false;
	return true;
}

/* A fragment of itself, or a bitmap that it carries. */
static bool is_inside(struct span reference)
{
	static const char *const carried[] = {"data:image/png", "data:image/jpeg", "data:image/jpg",
					      "data:image/gif", "data:image/webp", "data:image/avif"};

	reference = span_trim(reference);
	if (!reference.len || reference.ptr[0] == '#')
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(carried); i++)
		if (span_starts_nocase(reference, span_str(carried[i])))
			return true;
	return false;
}

/* CSS: @import, and url() of what lies outside. Escapes could hide both. */
static bool style_is_harmless(struct span css)
{
	if (span_find_nocase(css, SPAN("@import")) >= 0 || span_find_byte(css, '\\') >= 0 ||
	    span_find_nocase(css, SPAN("javascript:")) >= 0 ||
	    span_find_nocase(css, SPAN("expression(")) >= 0 || span_find_nocase(css, SPAN("image-set")) >= 0)
		return false;
	for (ptrdiff_t at; (at = span_find_nocase(css, SPAN("url("))) >= 0;) {
		css = span_trim(span_sub(css, (size_t)at + 4, css.len));
		if (css.len && (css.ptr[0] == '"' || css.ptr[0] == '\''))
			css = span_sub(css, 1, css.len);
		if (!css.len || !is_inside(css))
			return false;
	}
	return true;
}

static void look_at_attribute(struct look *l, struct span name, struct span value)
{
	if (span_starts_nocase(name, SPAN("on")))
		stop(l, "it has an event handler");
	else if (span_eq_nocase(name, SPAN("href")) || span_eq_nocase(name, SPAN("src")) ||
		 span_eq_nocase(name, SPAN("base")))
		is_inside(value) ? (void)0 : stop(l, "it refers to what lies outside of it");
	else if (span_eq_nocase(name, SPAN("attributeName")) &&
		 (span_ends_nocase(value, SPAN("href")) || span_starts_nocase(span_trim(value), SPAN("on"))))
		stop(l, "it changes a reference");
	else if (!style_is_harmless(value))
		stop(l, "it refers to what lies outside of it");
}

static void on_start(void *arg, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri,
		     int namespace_count, const xmlChar **namespaces, int attribute_count, int defaulted,
		     const xmlChar **attributes)
{
	struct look *l = ((xmlParserCtxtPtr)arg)->_private;

	(void)prefix, (void)uri, (void)namespace_count, (void)namespaces, (void)defaulted;
	if (!l->elements++)
		l->root = span_eq_str(name_of(local), "svg");
	if (++l->depth > SVG_DEPTH || l->elements > IMAGE_WHOLE_PARTS_MAX)
		stop(l, "it is nested too deeply, or too large");
	if (!is_harmless(name_of(local)))
		stop(l, "it has a script, or what could hold one");
	if (!l->style && span_eq_str(name_of(local), "style"))
		l->style = l->depth;
	/* five each: local name, prefix, URI, value's begin and end */
	for (int i = 0; i < attribute_count && !l->acts; i++)
		look_at_attribute(l, name_of(attributes[5 * i]),
				  span_of((const char *)attributes[5 * i + 3],
					  (size_t)(attributes[5 * i + 4] - attributes[5 * i + 3])));
}

static void on_end(void *arg, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	struct look *l = ((xmlParserCtxtPtr)arg)->_private;

	(void)local, (void)prefix, (void)uri;
	if (l->style == l->depth) {
		if (!style_is_harmless(strbuf_span(&l->css)))
			stop(l, "it refers to what lies outside of it");
		strbuf_truncate(&l->css, 0);
		l->style = 0;
	}
	l->depth--;
}

static void on_text(void *arg, const xmlChar *text, int len)
{
	struct look *l = ((xmlParserCtxtPtr)arg)->_private;

	if (l->style && strbuf_add(&l->css, text, (size_t)MAX(len, 0)))
		stop(l, "its style sheet is too long");
}

static void on_instruction(void *arg, const xmlChar *target, const xmlChar *data)
{
	(void)data;
	if (span_eq_nocase(name_of(target), SPAN("xml-stylesheet")))
		stop(((xmlParserCtxtPtr)arg)->_private, "it refers to what lies outside of it");
}

static void on_entity(void *arg, const xmlChar *name, int type, const xmlChar *public, const xmlChar *system,
		      xmlChar *content)
{
	(void)name, (void)type, (void)public, (void)system, (void)content;
	stop(((xmlParserCtxtPtr)arg)->_private, "it has entities of its own");
}

static enum err feed(struct window *w, struct look *l)
{
	for (uint64_t at = 0; at < w->source->len && !l->acts && !l->xml->errNo;) {
		size_t n;
		const uint8_t *p = window_some(w, at, &n);

		if (!p)
			return window_damaged(w, "cannot be read");
		n = MIN(n, (size_t)SVG_PIECE);
		(void)xmlParseChunk(l->xml, (const char *)p, (int)n, 0);
		at += n;
	}
	if (!l->acts && !l->xml->errNo)
		(void)xmlParseChunk(l->xml, NULL, 0, 1);
	return ERR_OK;
}

static void ignore(void *arg, const char *fmt, ...)
{
	(void)arg, (void)fmt;
}

enum err whole_svg(struct window *w)
{
	xmlSAXHandler sax = {
		.initialized = XML_SAX2_MAGIC,
		.startElementNs = on_start,
		.endElementNs = on_end,
		.characters = on_text,
		.cdataBlock = on_text,
		.processingInstruction = on_instruction,
		.entityDecl = on_entity,
		.error = ignore,
		.warning = ignore,
		.fatalError = ignore,
	};
	struct look l = {.css = STRBUF_INIT(SVG_STYLE)};
	enum err r;

	if (w->source->len > IMAGE_WHOLE_SVG_MAX)
		return err_set(w->e, ERR_TOOBIG, "an SVG of more than %d bytes", IMAGE_WHOLE_SVG_MAX);
	l.xml = xmlCreatePushParserCtxt(&sax, NULL, NULL, 0, NULL);
	if (!l.xml)
		return err_set(w->e, ERR_NOMEM, "out of memory");
	l.xml->_private = &l;
	(void)xmlCtxtUseOptions(l.xml, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	l.xml->_private = &l;
	r = feed(w, &l);
	if (!r && l.acts)
		r = err_set(w->e, ERR_UNSAFE, "not kept: %s", l.acts);
	else if (!r && l.xml->errNo == XML_ERR_NO_MEMORY)
		r = err_set(w->e, ERR_NOMEM, "out of memory");
	else if (!r && (!l.xml->wellFormed || !l.root))
		r = err_set(w->e, ERR_DAMAGED, l.root ? "not well-formed to its end" : "no <svg>");
	if (l.xml->myDoc)
		xmlFreeDoc(l.xml->myDoc);
	xmlFreeParserCtxt(l.xml);
	strbuf_release(&l.css);
	return r;
}
