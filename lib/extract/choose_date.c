/* SPDX-License-Identifier: MIT */
#include "base/date.h"
#include "extract/choose_inner.h"

static const char lost_future[] = "lies in the future", lost_old[] = "before there was a web",
		  lost_modified[] = "the day of a modification, an earlier one is declared";

enum { DAY = 86400, BASE_SURE = 40, MODIFIED_MAX = 33, DECLARED = 80 };

static int64_t floor_day(int64_t seconds)
{
	return (seconds >= 0 ? seconds : seconds - (DAY - 1)) / DAY;
}

/* The day as the page writes it. */
static int64_t day_of(const struct date *d)
{
	return floor_day(d->seconds + d->offset_minutes * 60);
}

/* The same instant by a clock of another zone, its zone left out or wrong: apart by quarters of an hour. */
static bool is_other_clock(const struct date *a, const struct date *b)
{
	int64_t apart = a->seconds > b->seconds ? a->seconds - b->seconds : b->seconds - a->seconds;

	return a->has_time && b->has_time && apart <= 15 * 3600 && apart % 900 == 0;
}

void choose_date(struct chooser *c)
{
	struct date d[CHOOSE_MAX] = {{0}};
	struct weighed *best, *finest = NULL;
	size_t b;

	weigh(c, FIELD_DATE);
	for (size_t i = 0; i < c->n; i++) {
		struct weighed *w = &c->w[i];

		if (!date_parse(w->value, &d[i])) {
			w->score = 0;
			d[i] = (struct date){0};
		} else if (d[i].seconds > c->options->now + DAY) {
			w->score = 0;
			w->from->lost = lost_future;
		} else if (d[i].seconds < date_from_civil(1995, 1, 1) * DAY) {
			w->score = 0;
			w->from->lost = lost_old;
		}
		w->key = SPAN_NONE; /* support is counted by day, below */
	}
	/* a publication said to be on the day of a modification, beside a declared earlier one, is the
	 * modification: systems set both anew at each change */
	for (size_t i = 0; i < c->n; i++) {
		bool as_modified = false, earlier = false;

		if (c->w[i].from->score <= MODIFIED_MAX || c->w[i].score <= 0)
			continue;
		for (size_t k = 0; k < c->n; k++) {
			if (c->w[k].score <= 0)
				continue;
			if (c->w[k].from->score <= MODIFIED_MAX)
				as_modified |= day_of(&d[i]) == day_of(&d[k]);
			else if (c->w[k].from->score >= DECLARED && !is_other_clock(&d[i], &d[k]))
				earlier |= day_of(&d[k]) < day_of(&d[i]);
		}
		if (as_modified && earlier) {
			c->w[i].score -= 20;
			c->w[i].from->lost = lost_modified;
		}
	}
	/* the same day by another family is support: a visible date bears out what the head says */
	int add[CHOOSE_MAX] = {0};

	for (size_t i = 0; i < c->n; i++) {
		unsigned families = c->w[i].family;

		for (size_t k = 0; k < c->n && c->w[i].score > 0; k++) {
			int64_t apart = day_of(&d[i]) - day_of(&d[k]);

			if (c->w[k].score > 0 && !(families & c->w[k].family) && apart == 0) {
				families |= c->w[k].family;
				add[i] += c->w[k].score > BASE_SURE ? 8 : 4;
			}
		}
	}
	for (size_t i = 0; i < c->n; i++)
		if (c->w[i].from->score > MODIFIED_MAX || c->w[i].score <= 0)
			c->w[i].score += add[i];
		else
			c->w[i].score += MIN(add[i], 4); /* a modification stays one, whoever says it */
	best = weigh_best(c);
	if (!best)
		return;
	b = (size_t)(best - c->w);
	/* the same day said with a time, or with a zone, is the better writing of it */
	for (size_t i = 0; i < c->n; i++) {
		if (i == b || c->w[i].score <= 0 || c->w[i].from->score <= MODIFIED_MAX || !d[i].has_time)
			continue;
		/* "Z" behind a local clock is the commonest slip of CMSes: a zone beside it says so */
		if (d[b].has_time && (!d[i].offset_minutes || d[b].offset_minutes) &&
		    (d[b].has_zone || !d[i].has_zone))
			continue;
		/* a bare day and an instant on it; or one clock with and without its zone */
		if (d[b].has_time ? d[i].seconds + d[i].offset_minutes * 60 != d[b].seconds
				  : day_of(&d[i]) != day_of(&d[b]))
			continue;
		if (!finest || c->w[i].score > finest->score)
			finest = &c->w[i];
	}
	/* the same minute with its seconds */
	for (size_t i = 0, at = finest ? (size_t)(finest - c->w) : b; i < c->n; i++)
		if (c->w[i].score > 0 && c->w[i].from->score > MODIFIED_MAX && d[at].has_time &&
		    d[i].has_time && d[i].has_zone == d[at].has_zone &&
		    d[i].offset_minutes == d[at].offset_minutes && d[at].seconds % 60 == 0 &&
		    d[i].seconds > d[at].seconds && d[i].seconds < d[at].seconds + 60) {
			finest = &c->w[i];
			break;
		}
	choose(c, FIELD_DATE, finest ? finest : best);
}
