/* SPDX-License-Identifier: MIT */
/* What a feed says about when to ask for it, and where. */
#include "feed/fields.h"

enum { TTL_MAX = 366 * 24 * 60, DAY = 24 * 60 * 60 };

void field_ttl(struct parser *p, const struct row *row)
{
	struct span text = value_text(p, parse_inner(p));
	uint64_t n;

	(void)row;
	if (text.len && span_to_uint(text, UINT32_MAX, &n))
		p->feed->ttl_minutes = (unsigned)MIN(n, (uint64_t)TTL_MAX);
}

void field_period(struct parser *p, const struct row *row)
{
	static const struct {
		const char *name;
		unsigned seconds;
	} periods[] = {{"hourly", 60 * 60},
		       {"daily", DAY},
		       {"weekly", 7 * DAY},
		       {"monthly", 30 * DAY},
		       {"yearly", 365 * DAY}};
	struct span text = value_text(p, parse_inner(p));

	(void)row;
	for (size_t i = 0; i < ARRAY_SIZE(periods); i++)
		if (span_eq_nocase(text, span_str(periods[i].name)))
			p->sy_period = periods[i].seconds;
}

void field_frequency(struct parser *p, const struct row *row)
{
	struct span text = value_text(p, parse_inner(p));
	uint64_t n;

	(void)row;
	if (text.len && span_to_uint(text, DAY, &n))
		p->sy_frequency = n ? (unsigned)n : SY_NEVER;
}

void field_hours(struct parser *p, const struct row *row)
{
	(void)row;
	parse_frame(p, FRAME_HOURS);
}

void field_hour(struct parser *p, const struct row *row)
{
	struct span text = value_text(p, parse_inner(p));
	uint64_t n;

	(void)row;
	/* 0.91 counts from 1 to 24, 2.0 from 0 to 23 */
	if (text.len && span_to_uint(text, 24, &n))
		p->feed->skip_hours |= 1u << n % 24;
}

void field_days(struct parser *p, const struct row *row)
{
	(void)row;
	parse_frame(p, FRAME_DAYS);
}

void field_day(struct parser *p, const struct row *row)
{
	static const char *const days[] = {"sunday",   "monday", "tuesday", "wednesday",
					   "thursday", "friday", "saturday"};
	struct span text = value_text(p, parse_inner(p));

	(void)row;
	for (size_t i = 0; i < ARRAY_SIZE(days); i++)
		if (span_eq_nocase(text, span_str(days[i])))
			p->feed->skip_days |= (uint8_t)(1u << i);
}

void field_complete(struct parser *p, const struct row *row)
{
	(void)row;
	p->feed->complete = true;
	(void)parse_inner(p);
}

void field_archive(struct parser *p, const struct row *row)
{
	(void)row;
	p->feed->archive = true;
	(void)parse_inner(p);
}

void field_finished(struct parser *p, const struct row *row)
{
	(void)row;
	p->feed->expired = span_eq_nocase(value_text(p, parse_inner(p)), SPAN("yes"));
}

void field_new_url(struct parser *p, const struct row *row)
{
	(void)row;
	p->feed->new_url = value_link(p, value_text(p, parse_inner(p)));
}
