/* SPDX-License-Identifier: MIT */
#include "feed/fields.h"

static enum frame frame_above(const struct xml *x)
{
	return x->depth > 1 ? (enum frame)x->open[x->depth - 2].frame : FRAME_TOP;
}

/* xml:base and xml:lang of the element at hand. */
static void enter_context(struct parser *p)
{
	struct xml *x = &p->x;
	unsigned above = x->depth > 1 ? x->open[x->depth - 2].context : 0;
	struct span base = SPAN_NONE, language = SPAN_NONE;

	p->context = above;
	if (x->attr_count) {
		base = xml_attr(x, "base");
		language = xml_attr(x, "lang");
	}
	if (base.ptr || language.ptr) {
		struct context *c = &p->contexts[x->depth], *from = &p->contexts[above];
		struct url *url = NULL;

		*c = *from;
		base = xml_attr_text(x, base, &p->scratch, p->arena);
		if (base.len)
			url = ARENA_NEW(p->arena, struct url);
		if (url && !url_parse(base, from->base, p->arena, url, NULL))
			c->base = url;
		if (language.len)
			c->language = clean_language(p, language);
		p->context = x->depth;
	}
	x->open[x->depth - 1].context = (uint16_t)p->context;
}

static void count_lines(struct parser *p)
{
	const char *text = p->x.text.ptr;

	while (p->line_at < p->x.tag_at) {
		const char *lf = memchr(text + p->line_at, '\n', p->x.tag_at - p->line_at);

		p->line += lf != NULL;
		p->line_at = lf ? (size_t)(lf - text) + 1 : p->x.tag_at;
	}
}

/* ---- what handlers use ---- */

/* A title that is not closed takes in what follows. The first known element in it is where it should have
 * ended. */
static size_t known_child(const struct parser *p, struct span raw)
{
	for (size_t i = 0; i < raw.len; i++) {
		const char *at = memchr(raw.ptr + i, '<', raw.len - i);
		struct span rest, name;
		enum xml_ns ns;

		if (!at)
			break;
		i = (size_t)(at - raw.ptr);
		rest = span_sub(raw, i, raw.len);
		if (span_starts(rest, SPAN("<![CDATA["))) {
			ptrdiff_t end = span_find(rest, SPAN("]]>"));

			if (end < 0)
				break;
			i += (size_t)end;
			continue;
		}
		name = xml_tag_name(rest);
		ns = xml_ns_of(&p->x, name);
		name = xml_local(name);
		if (name.len > 1 && table_find(ns, name, p->parent))
			return i;
	}
	return raw.len;
}

struct span parse_inner(struct parser *p)
{
	bool broken;
	struct span raw = xml_inner(&p->x, p->in_entry ? p->entry_name : SPAN_NONE, &broken);

	if (broken && !p->x.overflow) {
		size_t end = known_child(p, raw);

		if (end < raw.len && xml_rewind(&p->x, (size_t)(raw.ptr - p->x.text.ptr) + end))
			raw = span_sub(raw, 0, end);
	}
	return raw;
}

struct span parse_peek(struct parser *p)
{
	return xml_peek(&p->x, p->in_entry ? p->entry_name : SPAN_NONE);
}

void parse_frame(struct parser *p, enum frame frame)
{
	p->x.open[p->x.depth - 1].frame = (uint8_t)frame;
}

/* ---- frames that are not fields ---- */

static void set_format(struct parser *p, enum feed_format format)
{
	if (!p->known)
		p->feed->format = format;
	p->known = true;
}

void field_root(struct parser *p, const struct row *row)
{
	set_format(p, row->ns == XML_NS_RDF ? FEED_RDF : FEED_RSS);
	if (!p->feed->version.ptr)
		p->feed->version = value_attr(p, "version");
	parse_frame(p, FRAME_ROOT);
}

void field_feed(struct parser *p, const struct row *row)
{
	struct xml *x = &p->x;
	bool channel = row->name[0] == 'c';
	struct span href = value_attr(p, "href"), changed = value_attr(p, "lastmod");

	if (p->in_entry)
		return;
	/* CDF has no element around its channel, and shouts */
	set_format(p, !channel                                                       ? FEED_ATOM
		      : href.ptr || changed.ptr || span_eq(x->name, SPAN("CHANNEL")) ? FEED_CDF
										     : FEED_RSS);
	if (!p->feed->version.ptr)
		p->feed->version = value_attr(p, "version");
	if (p->feed->format == FEED_CDF) {
		set_link(p, href, 0, false);
		set_date(p, SLOT_UPDATED, changed, 0);
	}
	if (p->contexts[p->context].language.ptr && target_takes(p->t, SLOT_LANGUAGE, 2, false))
		p->t->language = p->contexts[p->context].language;
	parse_frame(p, FRAME_FEED);
}

void field_entry(struct parser *p, const struct row *row)
{
	struct xml *x = &p->x;
	struct span about, own = p->contexts[p->context].language;

	if (p->parent == FRAME_ENTRY) {
		/* the one before is not closed */
		xml_note(x, x->text.ptr + x->tag_at, "entry inside an entry", SPAN_NONE);
		parse_entry_end(p);
		xml_adopt(x);
	}
	set_format(p, row->name[0] == 'e' ? FEED_ATOM : FEED_RSS);
	parse_entry_begin(p);
	p->entry_name = x->name;
	about = value_attr(p, "about");
	if (about.ptr) {
		set_id(p, about, 10);
		if (span_starts_nocase(about, SPAN("http")))
			set_link(p, about, 41, false);
	}
	if (p->feed->format == FEED_CDF) {
		set_link(p, value_attr(p, "href"), 0, false);
		set_date(p, SLOT_UPDATED, value_attr(p, "lastmod"), 0);
	}
	if (own.ptr && own.ptr != p->of_feed.language.ptr && target_takes(p->t, SLOT_LANGUAGE, 1, false))
		p->t->language = own;
	parse_frame(p, FRAME_ENTRY);
}

/* ---- targets ---- */

void target_clear(struct target *t)
{
	memset(t, 0, offsetof(struct target, authors));
	memset(t->rank, RANK_NONE, sizeof(t->rank));
}

void parse_entry_begin(struct parser *p)
{
	count_lines(p);
	p->t = &p->of_entry;
	target_clear(p->t);
	p->t->line = p->line;
	p->in_entry = true;
}

static const void *copy_list(struct parser *p, const void *list, size_t count, size_t size)
{
	void *copy = count ? arena_alloc(p->arena, count * size) : NULL;

	if (copy)
		memcpy(copy, list, count * size);
	else if (count)
		p->err = arena_failed(p->arena);
	return copy;
}

/* What media:content has beside the enclosures goes behind them. */
static void merge_enclosures(struct target *t)
{
	unsigned own = t->enclosure_count;

	if (t->enclosure_origin.ptr && own)
		t->enclosures[0].url = t->enclosure_origin;
	for (unsigned i = 0; i < t->media_count && t->enclosure_count < FEED_LIST_MAX; i++) {
		bool known = false;

		for (unsigned k = 0; k < own; k++)
			known = known || span_eq(t->enclosures[k].url, t->media[i].url);
		if (!known)
			t->enclosures[t->enclosure_count++] = t->media[i];
	}
}

void parse_entry_end(struct parser *p)
{
	struct target *t = &p->of_entry;
	struct feed_entry e = {
		.title = t->title,
		.link = t->link,
		.id = t->id,
		.id_is_link = t->id_is_link,
		.summary = t->summary.text.ptr ? t->summary.text : t->content.text,
		.has_own_summary = t->summary.text.ptr != NULL,
		.content = t->content.text,
		.html = t->content.html.ptr ? t->content.html : t->summary.html,
		.html_base = t->content.html.ptr ? t->content.base : t->summary.base,
		.author = t->author_count ? t->authors[0] : SPAN_NONE,
		.author_count = t->author_count,
		.language = t->language,
		.published = t->published,
		.updated = t->updated,
		.image = t->image,
		.image_count = t->image_count,
		.tag_count = t->tag_count,
		.comments = t->comments,
		.source_title = t->source_title,
		.source_url = t->source_url,
		.line = t->line,
	};
	enum err r;

	p->in_entry = false;
	p->t = &p->of_feed;
	merge_enclosures(t);
	e.enclosure_count = t->enclosure_count;
	e.authors = copy_list(p, t->authors, t->author_count, sizeof(t->authors[0]));
	e.images = copy_list(p, t->images, t->image_count, sizeof(t->images[0]));
	e.tags = copy_list(p, t->tags, t->tag_count, sizeof(t->tags[0]));
	e.enclosures = copy_list(p, t->enclosures, t->enclosure_count, sizeof(t->enclosures[0]));
	r = strbuf_add(&p->entries, &e, sizeof(e));
	if (r == ERR_TOOBIG)
		p->feed->cut = true;
	else if (r)
		p->err = r;
}

static void take_newer(struct feed_date *to, const struct feed_date *d)
{
	if (d->there && (!to->there || d->date.seconds > to->date.seconds))
		*to = *d;
}

void parse_finish(struct parser *p)
{
	struct feed *f = p->feed;
	struct target *t = &p->of_feed;

	f->title = t->title;
	f->description = t->summary.text.ptr ? t->summary.text : t->content.text;
	f->link = t->link;
	f->id = t->id;
	f->author = t->author_count ? t->authors[0] : SPAN_NONE;
	f->author_count = t->author_count;
	f->authors = copy_list(p, t->authors, t->author_count, sizeof(t->authors[0]));
	f->language = t->language;
	f->image = t->image;
	f->published = t->published;
	f->updated = t->updated;
	f->tag_count = t->tag_count;
	f->tags = copy_list(p, t->tags, t->tag_count, sizeof(t->tags[0]));
	/* the module's defaults: daily, once; never (0 times) says nothing that could be kept to */
	if ((p->sy_period || p->sy_frequency) && p->sy_frequency != (unsigned)SY_NEVER)
		f->period_seconds = (p->sy_period ? p->sy_period : DAY_SECONDS) / MAX(p->sy_frequency, 1u);
	f->entry_count = p->entries.len / sizeof(struct feed_entry);
	f->entries = arena_alloc(p->arena, p->entries.len + 1);
	if (!f->entries) {
		p->err = arena_failed(p->arena);
		return;
	}
	if (p->entries.len)
		memcpy(f->entries, p->entries.ptr, p->entries.len);
	strbuf_release(&p->entries);
	for (size_t i = 0; i < f->entry_count; i++) {
		struct feed_entry *e = &f->entries[i];

		if (f->format == FEED_JSON) {
			/* it has no dates of its own: those of its newest entry */
			take_newer(&f->published, &e->published);
			take_newer(&f->updated, &e->updated);
		}
		if (!e->language.ptr)
			e->language = f->language;
		if (!e->author_count && (f->format == FEED_ATOM || f->format == FEED_JSON)) {
			e->author = f->author;
			e->authors = f->authors;
			e->author_count = f->author_count;
		}
	}
}

/* ---- the walk ---- */

static const struct row *find_row(struct parser *p)
{
	const struct xml *x = &p->x;
	unsigned key, first, last;

	if (!x->local.len)
		return NULL;
	first = (unsigned char)x->local.ptr[0];
	last = (unsigned char)x->local.ptr[x->local.len - 1];
	key = (first * 5 + last * 3 + (unsigned)x->local.len * 11 + (unsigned)x->ns * 17 +
	       (unsigned)p->parent * 7) %
	      ARRAY_SIZE(p->found);
	if (p->found[key].ns != x->ns || p->found[key].parent != p->parent ||
	    !span_eq(p->found[key].name, x->local)) {
		p->found[key].name = x->local;
		p->found[key].ns = (uint8_t)x->ns;
		p->found[key].parent = (uint8_t)p->parent;
		p->found[key].row = table_find(x->ns, x->local, p->parent);
	}
	return p->found[key].row;
}

static void start(struct parser *p)
{
	struct xml *x = &p->x;
	const struct row *row;

	p->parent = frame_above(x);
	if (!p->root.ptr) {
		p->root = x->name;
		p->root_at = x->tag_at;
		p->html = span_eq_nocase(x->local, SPAN("html")) || span_eq_nocase(x->local, SPAN("head")) ||
			  span_eq_nocase(x->local, SPAN("body")) || span_eq_nocase(x->local, SPAN("div"));
	}
	if (p->in_entry && p->parent != FRAME_ENTRY && span_eq(x->name, p->entry_name)) {
		/* nor is what stands open in the entry before */
		while (x->depth > 2 && frame_above(x) != FRAME_ENTRY) {
			if (frame_above(x) == FRAME_PERSON)
				add_author(p, p->person, p->person_rank);
			xml_adopt(x);
		}
		p->parent = frame_above(x);
	}
	enter_context(p);
	/* what nobody knows inside an entry stays there */
	if (p->parent == FRAME_NONE && p->in_entry)
		return;
	p->atom = x->ns == XML_NS_ATOM || (x->ns == XML_NS_CORE && p->known && p->feed->format == FEED_ATOM);
	row = find_row(p);
	if (row)
		row->handle(p, row);
}

static void end(struct parser *p)
{
	switch (p->x.closed_frame) {
	case FRAME_ENTRY: parse_entry_end(p); break;
	case FRAME_PERSON: add_author(p, p->person, p->person_rank); break;
	default: break;
	}
}

enum err parse_xml(struct parser *p, struct error *e)
{
	enum xml_event event;

	while (!p->err && !p->html && !p->feed->cut && (event = xml_next(&p->x)) != XML_EOF) {
		if (event == XML_START)
			start(p);
		else
			end(p);
	}
	if (!p->err)
		p->err = arena_failed(p->arena);
	if (p->err)
		return err_set(e, p->err, "a feed that takes too much memory");
	if (!p->known && p->html)
		return err_set(e, ERR_SYNTAX, "an HTML page, not a feed");
	if (!p->known && p->root.ptr)
		return err_set(e, ERR_SYNTAX, "XML of another kind ('%.*s'), not a feed",
			       (int)MIN(p->root.len, 40u), p->root.ptr);
	if (!p->known)
		return err_set(e, ERR_SYNTAX, "%s, not a feed",
			       span_trim(p->x.text).len ? "text without a single tag" : "empty");
	p->feed->cut = p->feed->cut || p->x.cut;
	return ERR_OK;
}
