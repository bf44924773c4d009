/* SPDX-License-Identifier: MIT */
#include "base/date.h"
#include "extract/choose_inner.h"

static const char lost_future[] = "lies in the future", lost_list[] = "one of a list's days",
		  lost_old[] = "before there was a web",
		  lost_modified[] = "the day of a modification, an earlier one is declared",
		  lost_stamp[] = "set at the last change: it comes after the modification",
		  lost_utc[] = "the time in UTC, with the site's zone behind it";

enum {
	DAY = 86400,
	BASE_SURE = 40,
	MODIFIED_MAX = 33,
	DECLARED = 80,
	VAGUE = 76 /* "date" */,
	SHOWN = 50,
	CLOCK_MAX = 14 * 3600,
	PROMINENT = 60,
	STAMP_SECONDS = 60,
	LISTED = 50,
	LESS = 14,
	VISIBLE = 16
};

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

static int64_t apart(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

/* The zone that the page's clock runs by, where best is an instant in UTC or of a clock without a zone:
 * another candidate says the same instant with its zone, or the same minute (and second) by a clock that is
 * whole half hours off. Readers are shown the day of that clock. */
static void find_clock(const struct chooser *c, const struct date *d, size_t b, struct date *ret)
{
	const struct weighed *from = NULL;
	struct date best = *ret;

	if (!best.has_time || (best.has_zone && best.offset_minutes))
		return;
	for (size_t i = 0; i < c->n; i++) {
		const struct date *k = &d[i];
		int64_t off;
		bool seconds;

		if (i == b || c->w[i].score <= 0 || c->w[i].from->score <= MODIFIED_MAX ||
		    (from && from->score >= c->w[i].score))
			continue;
		if (!k->has_time) {
			/* midnight of a day that the page shows, said in UTC */
			off = k->seconds - best.seconds;
			if (best.has_zone && off > 0 && off <= CLOCK_MAX && off % 3600 == 0) {
				ret->offset_minutes = (int)(off / 60);
				from = &c->w[i];
			}
			continue;
		}
		seconds = k->seconds % 60 && best.seconds % 60;
		if (best.has_zone && k->has_zone && k->offset_minutes &&
		    k->seconds / 60 == best.seconds / 60) {
			ret->offset_minutes = k->offset_minutes;
			from = &c->w[i];
			continue;
		}
		/* one of them knows its zone */
		if (best.has_zone == k->has_zone || k->offset_minutes)
			continue;
		off = best.has_zone ? k->seconds - best.seconds : best.seconds - k->seconds;
		if (!seconds)
			off = best.has_zone ? (k->seconds / 60 - best.seconds / 60) * 60
					    : (best.seconds / 60 - k->seconds / 60) * 60;
		if (!off || off % 1800 || apart(off, 0) > CLOCK_MAX)
			continue;
		*ret = (struct date){.seconds = best.has_zone ? best.seconds : k->seconds,
				     .has_time = true,
				     .has_zone = true,
				     .offset_minutes = (int)(off / 60)};
		from = &c->w[i];
	}
}

/* Systems that keep both clocks write "19:11-04:00" for what they show as 15:11: the clock of UTC with the
 * site's zone behind it. A candidate that has the site's clock for it tells. */
static void lower_utc_clocks(struct chooser *c, const struct date *d)
{
	for (size_t i = 0; i < c->n; i++) {
		for (size_t k = 0; k < c->n; k++) {
			if (c->w[k].score <= 0 || c->w[k].from->score <= MODIFIED_MAX || !d[i].has_time ||
			    !d[k].has_time || !d[i].offset_minutes ||
			    d[i].offset_minutes != d[k].offset_minutes ||
			    d[k].seconds != d[i].seconds + d[i].offset_minutes * 60 ||
			    c->w[i].score < c->w[k].score)
				continue;
			c->w[i].score = c->w[k].score - 1;
			c->w[i].from->lost = lost_utc;
		}
	}
}

/* A publication that comes after its own modification, by less than a minute, is the system's: set anew at
 * each change. The day that readers are shown, where it is an earlier one, is the article's. */
static void lower_stamps(struct chooser *c, const struct date *d)
{
	for (size_t i = 0; i < c->n; i++) {
		bool stamp = false;
		int shown = 0;

		if (c->w[i].from->score <= MODIFIED_MAX || !d[i].has_time || c->w[i].family == VISIBLE)
			continue;
		for (size_t k = 0; k < c->n; k++) {
			int64_t after = d[i].seconds - d[k].seconds;

			if (c->w[k].score <= 0 || k == i)
				continue;
			if (c->w[k].from->score <= MODIFIED_MAX)
				stamp |= d[k].has_time && after > 0 && after < STAMP_SECONDS;
			else if (c->w[k].family == VISIBLE && c->w[k].from->score >= PROMINENT &&
				 day_of(&d[k]) < floor_day(d[i].seconds - CLOCK_MAX))
				shown = MAX(shown, c->w[k].score);
		}
		if (stamp && shown && c->w[i].score >= shown) {
			c->w[i].score = shown - 1;
			c->w[i].from->lost = lost_stamp;
		}
	}
}

/* Whether a modification is dated so, to the second. */
static bool is_modification(const struct chooser *c, const struct date *d, int64_t seconds)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->w[i].score > 0 && c->w[i].from->score <= MODIFIED_MAX && d[i].has_time &&
		    d[i].seconds == seconds)
			return true;
	return false;
}

void choose_date(struct chooser *c)
{
	struct date d[CHOOSE_MAX] = {{0}};
	struct weighed *best, *finest = NULL;
	size_t b;
	char buf[32];

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
			else if (c->w[k].from->score >=
					 (c->w[i].from->score <= VAGUE && c->w[i].family != VISIBLE
						  ? SHOWN
						  : DECLARED) &&
				 !is_other_clock(&d[i], &d[k]))
				earlier |= day_of(&d[k]) < day_of(&d[i]);
		}
		if (as_modified && earlier) {
			c->w[i].score -= 20;
			c->w[i].from->lost = lost_modified;
		}
	}
	lower_utc_clocks(c, d);
	lower_stamps(c, d);
	/* several days, all as prominent: a list's, not the page's */
	for (size_t i = 0; i < c->n; i++) {
		unsigned other = 0;

		for (size_t k = 0; k < c->n; k++)
			other += c->w[k].from->score == c->w[i].from->score &&
				 span_eq(c->w[k].from->source, c->w[i].from->source) && d[k].seconds &&
				 day_of(&d[k]) != day_of(&d[i]);
		if (c->w[i].family == VISIBLE && c->w[i].from->score < LISTED && other >= 2 &&
		    c->w[i].score > LESS) {
			c->w[i].score -= LESS;
			c->w[i].from->lost = lost_list;
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
	if (finest)
		best = finest;
	b = (size_t)(best - c->w);
	/* the same minute with its seconds */
	for (size_t i = 0; i < c->n; i++) {
		int64_t local = d[i].seconds + d[i].offset_minutes * 60;

		if (c->w[i].score > 0 && c->w[i].from->score > MODIFIED_MAX && d[b].has_time &&
		    d[i].has_time && d[b].seconds % 60 == 0 && local % 60 &&
		    (!d[i].has_zone || d[i].offset_minutes == d[b].offset_minutes) &&
		    local / 60 == (d[b].seconds + d[b].offset_minutes * 60) / 60 &&
		    !is_modification(c, d, d[i].seconds)) {
			d[b].seconds += local % 60;
			break;
		}
	}
	find_clock(c, d, b, &d[b]);
	best->value = arena_dup(c->arena, span_str(date_format_zoned(&d[b], buf)));
	choose(c, FIELD_DATE, best);
}
