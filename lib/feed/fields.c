/* SPDX-License-Identifier: MIT */
#include "feed/fields.h"

#include "base/text.h"

/* By the row, and lower where an element of Atom stands in a feed of another format. */
static unsigned rank_of(const struct parser *p, const struct row *row)
{
	return row->rank + (p->x.ns == XML_NS_ATOM && p->feed->format != FEED_ATOM ? RANK_FOREIGN : 0u);
}

/* ---- constructs ---- */

void field_title(struct parser *p, const struct row *row)
{
	enum construct how = construct_of(p);
	unsigned rank = rank_of(p, row);
	struct span raw = parse_inner(p), text;

	if (rank >= p->t->rank[SLOT_TITLE])
		return;
	text = construct_read(p, raw, how).text;
	if (text.ptr && target_takes(p->t, SLOT_TITLE, rank, false))
		p->t->title = text;
}

static void construct(struct parser *p, struct markup *to, enum slot slot, unsigned rank)
{
	enum construct how = construct_of(p);
	struct span raw = parse_inner(p);
	struct markup m;

	if (rank >= p->t->rank[slot])
		return;
	m = construct_read(p, raw, how);
	if (m.text.ptr || (m.html.ptr && !to->html.ptr)) {
		(void)target_takes(p->t, slot, m.text.ptr ? rank : RANK_NONE - 1, true);
		*to = m;
	}
}

enum { RANK_DESCRIPTION_AS_CONTENT = 9 };

/* Beside a description it is the summary, and the description the content. */
void field_summary(struct parser *p, const struct row *row)
{
	struct target *t = p->t;
	unsigned rank = rank_of(p, row);

	if (t->rank[SLOT_SUMMARY] == 1 && rank < 1 && p->in_entry && !p->atom && t->summary.text.ptr &&
	    t->rank[SLOT_CONTENT] > RANK_DESCRIPTION_AS_CONTENT) {
		t->content = t->summary;
		t->rank[SLOT_CONTENT] = RANK_DESCRIPTION_AS_CONTENT;
	}
	construct(p, &t->summary, SLOT_SUMMARY, rank);
}

void field_description(struct parser *p, const struct row *row)
{
	struct target *t = p->t;
	unsigned rank = rank_of(p, row);

	if (p->in_entry && !p->atom && rank == 1 && t->rank[SLOT_SUMMARY] == 0)
		construct(p, &t->content, SLOT_CONTENT, RANK_DESCRIPTION_AS_CONTENT);
	else
		construct(p, &t->summary, SLOT_SUMMARY, rank);
}

void field_content(struct parser *p, const struct row *row)
{
	construct(p, &p->t->content, SLOT_CONTENT, rank_of(p, row));
}

/* ---- dates ---- */

void field_date(struct parser *p, const struct row *row)
{
	unsigned rank = rank_of(p, row);

	set_date(p, row->slot, value_text(p, parse_inner(p)), rank);
}

/* dc:date does not say which. */
void field_dc_date(struct parser *p, const struct row *row)
{
	unsigned rank = rank_of(p, row);
	struct span text = value_text(p, parse_inner(p));

	set_date(p, SLOT_PUBLISHED, text, rank);
	set_date(p, SLOT_UPDATED, text, rank);
}

/* ---- links and ids ---- */

struct relation {
	const char *name;
	struct span *to; /* NULL: nothing is kept */
};

static void set_relation(struct span *to, struct span link)
{
	if (link.ptr && !to->ptr)
		*to = link;
}

/* rel is trimmed, not empty. */
static void relation(struct parser *p, struct span rel, struct span href, struct span type)
{
	struct feed *f = p->feed;
	const struct relation of_feed[] = {
		{"self", &f->self}, {"hub", &f->hub}, {"next", &f->next}, {"prev-archive", &f->prev_archive}};

	if (p->in_entry && span_eq_nocase(rel, SPAN("enclosure"))) {
		add_enclosure(p, href, type, value_attr(p, "length"), false);
		if (type.len && type_is_image(type, href))
			add_image(p, href, SPAN_NONE, SPAN_NONE, 4);
	} else if (p->in_entry && span_eq_nocase(rel, SPAN("replies")) &&
		   span_find_nocase(type, SPAN("html")) >= 0) {
		href = value_link(p, href);
		if (href.ptr && target_takes(p->t, SLOT_COMMENTS, 2, false))
			p->t->comments = href;
	}
	for (size_t i = 0; i < ARRAY_SIZE(of_feed) && !p->in_entry; i++)
		if (span_eq_nocase(rel, span_str(of_feed[i].name)))
			set_relation(of_feed[i].to, value_link(p, href));
}

void field_link(struct parser *p, const struct row *row)
{
	struct span href = value_attr(p, "href"), rel = value_attr(p, "rel"), type = value_attr(p, "type"),
		    raw;
	const struct span iana = SPAN("http://www.iana.org/assignments/relation/");
	unsigned rank = rank_of(p, row);
	bool atom = p->atom, last = !atom && p->feed->format != FEED_ATOM;

	if (span_starts_nocase(rel, iana))
		rel = span_sub(rel, iana.len, rel.len);
	if (!rel.len || span_eq_nocase(rel, SPAN("alternate"))) {
		raw = parse_inner(p);
		if (type.len && span_find_nocase(type, SPAN("html")) < 0)
			rank += 2;
		set_link(p, href.len ? href : value_text(p, raw), rank, last);
		return;
	}
	if (href.len) {
		for (struct span one; rel.ptr && (one = span_split(&rel, ' ')).ptr;)
			relation(p, one, href, type);
		(void)parse_inner(p);
	} else if (p->in_entry && span_eq_nocase(rel, SPAN("enclosure"))) {
		add_enclosure(p, value_text(p, parse_inner(p)), type, SPAN_NONE, false);
	} else {
		(void)parse_inner(p);
	}
}

void field_href_link(struct parser *p, const struct row *row)
{
	set_link(p, value_attr(p, "href"), row->rank, false);
	(void)parse_inner(p);
}

void field_origin_link(struct parser *p, const struct row *row)
{
	set_link(p, value_text(p, parse_inner(p)), row->rank, false);
}

void field_origin_enclosure(struct parser *p, const struct row *row)
{
	(void)row;
	p->t->enclosure_origin = value_link(p, value_text(p, parse_inner(p)));
}

static bool is_web(struct span s)
{
	return span_starts_nocase(s, SPAN("http://")) || span_starts_nocase(s, SPAN("https://"));
}

enum { RANK_GUID_AS_LINK = 30, RANK_ID_AS_LINK = 45 };

void field_guid(struct parser *p, const struct row *row)
{
	struct span said = value_attr(p, "ispermalink"), text = value_text(p, parse_inner(p));
	bool permalink = !span_eq_nocase(said, SPAN("false"));

	set_id(p, text, row->rank);
	if (!permalink || !text.len)
		return;
	if (is_web(text))
		p->t->id_is_link = span_eq(p->t->id, text);
	if (is_web(text) || span_eq_nocase(said, SPAN("true")))
		set_link(p, text, RANK_GUID_AS_LINK, false);
}

void field_id(struct parser *p, const struct row *row)
{
	unsigned rank = rank_of(p, row);
	struct span text = value_text(p, parse_inner(p));

	/* an id is compared as it stands; but "/path" is no one's own before it has a host */
	if (text.len > 1 && text.ptr[0] == '/' && text.ptr[1] != '/')
		text = value_link(p, text);
	if (p->parent == FRAME_SOURCE)
		return;
	set_id(p, text, rank);
	/* an id is no link, but where there is none it is the best there is */
	if (p->atom && is_web(text))
		set_link(p, text, RANK_ID_AS_LINK, false);
}

void field_comments(struct parser *p, const struct row *row)
{
	struct span link = value_link(p, value_text(p, parse_inner(p)));

	if (link.ptr && target_takes(p->t, SLOT_COMMENTS, row->rank, false))
		p->t->comments = link;
}

/* ---- people ---- */

/* Is it <author><name>..., rather than a text? */
static bool is_person(const struct parser *p, struct span raw)
{
	static const char *const parts[] = {"name", "email", "uri", "url"};

	raw = span_trim(raw);
	if (!raw.len || raw.ptr[0] != '<' || span_starts(raw, SPAN("<![CDATA[")))
		return false;
	if (p->atom)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		struct span name = xml_local(span_sub(raw, 1, MIN(raw.len, 40)));

		if (span_starts_nocase(name, span_str(parts[i])))
			return true;
	}
	return false;
}

void field_author(struct parser *p, const struct row *row)
{
	enum construct how = construct_of(p) == CONSTRUCT_TEXT ? CONSTRUCT_TEXT : CONSTRUCT_HTML;
	unsigned rank = rank_of(p, row);

	if (is_person(p, parse_peek(p))) {
		p->person = SPAN_NONE;
		p->person_rank = rank;
		parse_frame(p, FRAME_PERSON);
		return;
	}
	add_author(p, construct_read(p, parse_inner(p), how).text, rank);
}

void field_person_name(struct parser *p, const struct row *row)
{
	struct span text = construct_read(p, parse_inner(p), CONSTRUCT_TEXT).text;

	(void)row;
	if (!p->person.ptr)
		p->person = text;
}

/* ---- categories ---- */

void field_category(struct parser *p, const struct row *row)
{
	struct span term = value_attr(p, "term"), label = value_attr(p, "label"),
		    text = value_attr(p, "text");

	(void)row;
	add_tag(p, term);
	if (p->x.ns != XML_NS_MEDIA)
		add_tag(p, label);
	add_tag(p, text);
	if (p->x.ns == XML_NS_ITUNES)
		parse_frame(p, FRAME_CATEGORY);
	else
		add_tag(p, xml_text(&p->x, parse_inner(p), XML_MARKUP, &p->scratch, p->arena));
}

void field_keywords(struct parser *p, const struct row *row)
{
	(void)row;
	add_tags_parted(p, value_text(p, parse_inner(p)), ',');
}

/* ---- media ---- */

enum { RANK_ENCLOSURE_IMAGE = 4, RANK_CORE_IMAGE = 6 };

void field_enclosure(struct parser *p, const struct row *row)
{
	struct span url = value_attr(p, "url"), type = value_attr(p, "type");

	(void)row;
	if (!url.len)
		url = value_attr(p, "href");
	add_enclosure(p, url, type, value_attr(p, "length"), false);
	if (url.len && type_is_image(type, url))
		add_image(p, url, SPAN_NONE, SPAN_NONE, RANK_ENCLOSURE_IMAGE);
	(void)parse_inner(p);
}

void field_podcast_enclosure(struct parser *p, const struct row *row)
{
	struct span type = value_attr(p, "type"), length = value_attr(p, "length");
	struct span raw = parse_peek(p);
	ptrdiff_t at = span_find(raw, SPAN("uri=\""));
	struct span uri = at < 0 ? SPAN_NONE : span_sub(raw, (size_t)at + 5, raw.len);

	(void)row;
	if (uri.ptr)
		add_enclosure(p, xml_attr_text(&p->x, span_split(&uri, '"'), &p->scratch, p->arena), type,
			      length, true);
	(void)parse_inner(p);
}

void field_media(struct parser *p, const struct row *row)
{
	(void)row;
	parse_frame(p, FRAME_MEDIA);
}

void field_media_content(struct parser *p, const struct row *row)
{
	struct span url = value_attr(p, "url"), type = value_attr(p, "type"),
		    medium = value_attr(p, "medium");

	if (url.len) {
		if (p->in_entry)
			add_enclosure(p, url, type, value_attr(p, "filesize"), true);
		if (span_eq_nocase(medium, SPAN("image")) || (!medium.len && type_is_image(type, url)))
			add_image(p, url, value_attr(p, "width"), value_attr(p, "height"),
				  row->rank + (p->in_entry ? 0u : 4u));
	}
	parse_frame(p, FRAME_MEDIA);
}

void field_thumbnail(struct parser *p, const struct row *row)
{
	struct span url = value_attr(p, "url"), width = value_attr(p, "width"),
		    height = value_attr(p, "height");
	struct span raw = parse_inner(p);

	add_image(p, url.len ? url : value_text(p, raw), width, height, row->rank + (p->in_entry ? 0u : 4u));
}

/* <image><url>, <image rdf:resource>, or only a URL. */
void field_image(struct parser *p, const struct row *row)
{
	unsigned rank = p->in_entry ? RANK_CORE_IMAGE : row->rank;
	struct span url = value_attr(p, "resource"), raw;

	if (!url.len)
		url = value_attr(p, "href");
	if (url.len)
		add_image(p, url, SPAN_NONE, SPAN_NONE, rank + 6);
	raw = value_text(p, parse_peek(p));
	if (is_web(raw) && span_find_byte(raw, ' ') < 0 && span_find_byte(raw, '\n') < 0 &&
	    span_find_byte(parse_peek(p), '<') < 0)
		add_image(p, raw, SPAN_NONE, SPAN_NONE, rank);
	parse_frame(p, FRAME_IMAGE);
}

void field_image_url(struct parser *p, const struct row *row)
{
	add_image(p, value_text(p, parse_inner(p)), SPAN_NONE, SPAN_NONE,
		  p->in_entry ? RANK_CORE_IMAGE : row->rank);
}

void field_image_href(struct parser *p, const struct row *row)
{
	struct span href = value_attr(p, "href"), raw;

	if (!href.len)
		href = value_attr(p, "url");
	raw = parse_inner(p);
	add_image(p, href.len ? href : value_text(p, raw), SPAN_NONE, SPAN_NONE, row->rank);
}

/* itunes:link rel="image", as podcasts had it at first. */
void field_image_link(struct parser *p, const struct row *row)
{
	if (span_eq_nocase(value_attr(p, "rel"), SPAN("image")))
		field_image_href(p, row);
	else
		(void)parse_inner(p);
}

void field_image_text(struct parser *p, const struct row *row)
{
	field_image_href(p, row);
}

/* ---- where it was taken from ---- */

void field_source(struct parser *p, const struct row *row)
{
	struct span url = value_attr(p, "url");

	(void)row;
	if (url.len || !p->atom) {
		p->t->source_url = value_link(p, url);
		p->t->source_title = construct_read(p, parse_inner(p), CONSTRUCT_HTML).text;
		return;
	}
	parse_frame(p, FRAME_SOURCE);
}

void field_source_title(struct parser *p, const struct row *row)
{
	enum construct how = construct_of(p);

	(void)row;
	p->t->source_title = construct_read(p, parse_inner(p), how).text;
}

void field_source_link(struct parser *p, const struct row *row)
{
	struct span rel = value_attr(p, "rel"), href = value_attr(p, "href");

	(void)row;
	if (href.len && (span_eq_nocase(rel, SPAN("self")) || !p->t->source_url.ptr))
		p->t->source_url = value_link(p, href);
	(void)parse_inner(p);
}

/* ---- the rest ---- */

void field_language(struct parser *p, const struct row *row)
{
	unsigned rank = rank_of(p, row);
	struct span s = clean_language(p, value_text(p, parse_inner(p)));

	if (s.ptr && target_takes(p->t, SLOT_LANGUAGE, rank, false))
		p->t->language = s;
}

void field_generator(struct parser *p, const struct row *row)
{
	struct span text = construct_read(p, parse_inner(p), CONSTRUCT_TEXT).text;

	(void)row;
	if (!p->feed->generator.ptr)
		p->feed->generator = text;
}
