/* SPDX-License-Identifier: MIT */
#include "feed/feed_json.h"

#include <stdio.h>

struct writer {
	struct strbuf *out;
	bool indent;
	bool comma; /* one is due before the next member */
	unsigned depth;
	enum err err;
};

static void put(struct writer *w, const char *p, size_t n)
{
	if (!w->err)
		w->err = strbuf_add(w->out, p, n);
}

static void put_str(struct writer *w, const char *s)
{
	put(w, s, strlen(s));
}

static void next(struct writer *w)
{
	static const char tabs[] = "\n                ";

	if (w->comma)
		put_str(w, w->indent ? "," : ", ");
	if (w->indent)
		put(w, tabs, MIN(1 + (size_t)w->depth * 2, sizeof(tabs) - 1));
	w->comma = true;
}

static void put_string(struct writer *w, struct span s)
{
	char escape[8];
	size_t from = 0;

	put_str(w, "\"");
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
			continue;
		put(w, s.ptr + from, i - from);
		from = i + 1;
		if (c == '"' || c == '\\')
			snprintf(escape, sizeof(escape), "\\%c", c);
		else
			snprintf(escape, sizeof(escape), "\\u%04x", c);
		put_str(w, escape);
	}
	put(w, s.ptr + from, s.len - from);
	put_str(w, "\"");
}

static void key(struct writer *w, const char *name)
{
	next(w);
	put_str(w, "\"");
	put_str(w, name);
	put_str(w, "\": ");
}

static void begin(struct writer *w, const char *name, const char *bracket)
{
	if (name)
		key(w, name);
	else
		next(w);
	put_str(w, bracket);
	w->depth++;
	w->comma = false;
}

static void finish(struct writer *w, const char *bracket)
{
	w->depth--;
	if (w->comma && w->indent) {
		w->comma = false;
		next(w);
	}
	put_str(w, bracket);
	w->comma = true;
}

static void text(struct writer *w, const char *name, struct span s)
{
	if (!s.ptr)
		return;
	key(w, name);
	put_string(w, s);
}

static void number(struct writer *w, const char *name, uint64_t n)
{
	char digits[32];

	if (!n)
		return;
	key(w, name);
	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	put_str(w, digits);
}

static void flag(struct writer *w, const char *name, bool set)
{
	if (!set)
		return;
	key(w, name);
	put_str(w, "true");
}

static void date(struct writer *w, const char *name, const struct feed_date *d)
{
	char buf[32];

	if (d->there)
		text(w, name, span_str(date_format(&d->date, buf)));
}

static void list(struct writer *w, const char *name, const struct span *spans, size_t n)
{
	if (!n)
		return;
	begin(w, name, "[");
	for (size_t i = 0; i < n; i++) {
		next(w);
		put_string(w, spans[i]);
	}
	finish(w, "]");
}

static void image(struct writer *w, const struct feed_image *i)
{
	text(w, "image", i->url);
	number(w, "image_width", i->width);
	number(w, "image_height", i->height);
}

static void head(struct writer *w, const struct feed *f)
{
	begin(w, "feed", "{");
	text(w, "title", f->title);
	text(w, "link", f->link);
	text(w, "id", f->id);
	text(w, "description", f->description);
	text(w, "language", f->language);
	text(w, "author", f->author);
	if (f->author_count > 1)
		list(w, "authors", f->authors, f->author_count);
	image(w, &f->image);
	date(w, "published", &f->published);
	date(w, "updated", &f->updated);
	list(w, "tags", f->tags, f->tag_count);
	text(w, "generator", f->generator);
	text(w, "self", f->self);
	text(w, "hub", f->hub);
	text(w, "next", f->next);
	text(w, "prev_archive", f->prev_archive);
	text(w, "new_url", f->new_url);
	number(w, "ttl_minutes", f->ttl_minutes);
	number(w, "period_seconds", f->period_seconds);
	if (f->skip_hours) {
		bool first = true;

		key(w, "skip_hours");
		for (unsigned i = 0; i < 24; i++) {
			char hour[8];

			if (!(f->skip_hours >> i & 1))
				continue;
			snprintf(hour, sizeof(hour), first ? "[%u" : ", %u", i);
			put_str(w, hour);
			first = false;
		}
		put_str(w, "]");
	}
	if (f->skip_days) {
		static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
						   "Thursday", "Friday", "Saturday"};
		struct span skipped[ARRAY_SIZE(days)];
		size_t n = 0;

		for (size_t i = 0; i < ARRAY_SIZE(days); i++)
			if (f->skip_days >> i & 1)
				skipped[n++] = span_str(days[i]);
		list(w, "skip_days", skipped, n);
	}
	flag(w, "complete", f->complete);
	flag(w, "archive", f->archive);
	flag(w, "expired", f->expired);
	finish(w, "}");
}

static void entry(struct writer *w, const struct feed_entry *e)
{
	begin(w, NULL, "{");
	text(w, "title", e->title);
	text(w, "link", e->link);
	text(w, "id", e->id);
	text(w, "summary", e->summary);
	text(w, "content", e->content);
	text(w, "author", e->author);
	if (e->author_count > 1)
		list(w, "authors", e->authors, e->author_count);
	text(w, "language", e->language);
	date(w, "published", &e->published);
	date(w, "updated", &e->updated);
	image(w, &e->image);
	list(w, "tags", e->tags, e->tag_count);
	if (e->enclosure_count) {
		begin(w, "enclosures", "[");
		for (size_t i = 0; i < e->enclosure_count; i++) {
			begin(w, NULL, "{");
			text(w, "url", e->enclosures[i].url);
			text(w, "type", e->enclosures[i].type);
			number(w, "length", e->enclosures[i].length);
			finish(w, "}");
		}
		finish(w, "]");
	}
	text(w, "comments", e->comments);
	text(w, "source_title", e->source_title);
	text(w, "source_url", e->source_url);
	number(w, "line", e->line);
	finish(w, "}");
}

enum err feed_to_json(const struct feed *f, struct span id, bool indent, struct strbuf *out,
		      enum err (*flush)(struct strbuf *out, void *arg), void *arg)
{
	struct writer w = {.out = out, .indent = indent, .depth = 1};

	put_str(&w, "{");
	text(&w, "id", id);
	text(&w, "format", span_str(feed_format_name(f->format)));
	text(&w, "version", f->version);
	head(&w, f);
	begin(&w, "entries", "[");
	for (size_t i = 0; i < f->entry_count && !w.err; i++) {
		entry(&w, &f->entries[i]);
		if (flush && !w.err)
			w.err = flush(out, arg);
	}
	finish(&w, "]");
	if (f->warning_count) {
		begin(&w, "warnings", "[");
		for (size_t i = 0; i < f->warning_count; i++) {
			begin(&w, NULL, "{");
			number(&w, "line", f->warnings[i].line);
			number(&w, "column", f->warnings[i].col);
			text(&w, "text", span_str(f->warnings[i].text));
			finish(&w, "}");
		}
		finish(&w, "]");
		number(&w, "troubles", f->trouble_count);
	}
	flag(&w, "cut", f->cut);
	finish(&w, "}");
	return w.err;
}
