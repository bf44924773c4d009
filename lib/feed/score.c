/* SPDX-License-Identifier: MIT */
#include "feed/score.h"

#include <stdio.h>

#include "base/date.h"
#include "base/text.h"
#include "document/document.h"

enum {
	EXCERPT_POINTS = 30,
	EXCERPT_WHOLE = 200,
	TEXT_POINTS = 20,
	TEXT_WHOLE = 2000,
	IMAGE_POINTS = 10,
	SIZE_POINTS = 15,
	WIDTH = 400,
	HEIGHT = 200,
	DATE_POINTS = 15,
	AUTHOR_POINTS = 10,
	DAY = 86400,
	WEEK = 7 * DAY,
	COLD = 8, /* halved so often, nothing is left of 100 */
};

static unsigned share(unsigned points, size_t have, size_t whole)
{
	return (unsigned)(points * MIN(have, whole) / whole);
}

unsigned score_quality(const struct score_facts *f)
{
	unsigned sum =
		share(EXCERPT_POINTS, f->excerpt, EXCERPT_WHOLE) + share(TEXT_POINTS, f->text, TEXT_WHOLE);

	if (f->image)
		sum += IMAGE_POINTS;
	if (f->image && f->width >= WIDTH && f->height >= HEIGHT)
		sum += SIZE_POINTS;
	if (f->dated)
		sum += DATE_POINTS;
	if (f->author)
		sum += AUTHOR_POINTS;
	return sum;
}

unsigned score_heat(const struct score_facts *f)
{
	unsigned quality = score_quality(f);
	int64_t age = f->dated && f->age > DAY ? f->age - DAY : 0, weeks = age / WEEK;

	if (weeks >= COLD)
		return 0;
	/* between two weeks along a straight line */
	return (unsigned)(quality * (2 * WEEK - age % WEEK) / (2 * WEEK) >> weeks);
}

static void look(const struct link *l, int64_t now, struct score_facts *f)
{
	const struct field_state *date = &l->fields[FIELD_DATE];
	struct date d;

	f->excerpt = text_length(l->fields[FIELD_EXCERPT].value);
	if (date->presence == FIELD_PRESENT && date_parse(date->value, &d)) {
		f->dated = true;
		f->age = now - d.seconds;
	}
	for (size_t i = 0; i < l->image_count && !f->image; i++) {
		f->image = l->images[i].url.len > 0;
		f->width = l->images[i].width;
		f->height = l->images[i].height;
	}
}

enum err score_fill(const struct draft *d, struct span text, const struct shape *shape, int64_t now,
		    struct strbuf *out, struct error *e)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(64 << 20);
	struct score_facts facts = {
		.text = d->length, .author = d->author, .dated = d->dated, .age = now - d->name.date};
	char quality[DRAFT_MARK], heat[DRAFT_MARK];
	struct document *doc;
	size_t done = 0, len;
	enum err r;

	if (!d->mark)
		return strbuf_add_span(out, text);
	r = document_parse(text, shape, &arena, &doc, e);
	if (r)
		return r;
	if (doc->link_count && doc->links[0].related < 0)
		look(&doc->links[0], now, &facts);
	draft_mark(d->mark, false, quality);
	draft_mark(d->mark, true, heat);
	len = strlen(quality);
	for (size_t i = 0; i + len <= text.len && !r;) {
		bool is_heat = memcmp(text.ptr + i, heat, len) == 0;

		if (!is_heat && memcmp(text.ptr + i, quality, len) != 0) {
			i++;
			continue;
		}
		r = strbuf_add_span(out, span_sub(text, done, i));
		if (!r)
			r = strbuf_addf(out, "%u", is_heat ? score_heat(&facts) : score_quality(&facts));
		done = i += len;
	}
	return r ? r : strbuf_add_span(out, span_sub(text, done, text.len));
}
