/* SPDX-License-Identifier: MIT */
#include "http/freshness.h"

#include "base/date.h"

/* RFC 9111, section 1.2.2: what a cache may take a longer time for. */
enum { SECONDS_MAX = INT32_MAX };

static struct span field(const struct freshness_field *fields, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (span_eq_nocase(fields[i].name, span_str(name)))
			return span_trim(fields[i].value);
	return SPAN_NONE;
}

/* Digits alone. False: nothing that can be read. */
static bool seconds_of(struct span s, int64_t *ret)
{
	uint64_t n;

	for (size_t i = 0; i < s.len; i++)
		if (!byte_is_digit(s.ptr[i]))
			return false;
	if (!s.len)
		return false;
	*ret = span_to_uint(s, SECONDS_MAX, &n) ? (int64_t)n : SECONDS_MAX;
	return true;
}

/* ---- Cache-Control ---- */

struct control {
	bool max_age_said, no_store, no_cache, is_public;
	int64_t max_age;
};

/* Up to the next comma outside quotes. */
static struct span next_directive(struct span *rest)
{
	bool quoted = false;
	size_t n = 0;
	struct span one;

	for (; n < rest->len && (quoted || rest->ptr[n] != ','); n++) {
		if (rest->ptr[n] == '"')
			quoted = !quoted;
		else if (quoted && rest->ptr[n] == '\\')
			n++;
	}
	n = MIN(n, rest->len);
	one = span_trim(span_sub(*rest, 0, n));
	*rest = span_sub(*rest, n + 1, rest->len);
	return one;
}

static void read_directive(struct span one, struct control *c)
{
	struct span name = span_split(&one, '='), value = one;

	if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
		value = span_sub(value, 1, value.len - 1);
	if (span_eq_nocase(name, SPAN("no-store"))) {
		c->no_store = true;
	} else if (span_eq_nocase(name, SPAN("no-cache"))) {
		c->no_cache = true; /* with names of fields too: what is left of an answer is no page */
	} else if (span_eq_nocase(name, SPAN("public"))) {
		c->is_public = true;
	} else if (span_eq_nocase(name, SPAN("max-age")) && !c->max_age_said) {
		c->max_age_said = true;
		/* what cannot be read is taken as stale (RFC 9111, section 4.2.1) */
		if (!seconds_of(value, &c->max_age))
			c->max_age = 0;
	}
}

static struct control read_control(const struct freshness_field *fields, size_t count)
{
	struct control c = {0};

	for (size_t i = 0; i < count; i++) {
		struct span rest = fields[i].value;

		if (!span_eq_nocase(fields[i].name, SPAN("cache-control")))
			continue;
		while (rest.len)
			read_directive(next_directive(&rest), &c);
	}
	return c;
}

/* ---- times ---- */

/* RFC 9111, section 4.2.3, for an answer that came at once. */
static int64_t age_of(const struct freshness_field *fields, size_t count, int64_t date, int64_t received)
{
	struct span value = field(fields, count, "age");
	int64_t age = 0;

	value = span_trim(span_split(&value, ','));
	if (!seconds_of(value, &age))
		age = 0;
	return MAX(age, received - date);
}

/* RFC 9110, section 15.1. */
static bool has_heuristics(unsigned status)
{
	static const unsigned yes[] = {200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501};

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		if (yes[i] == status)
			return true;
	return false;
}

/* It goes into the header of a request. */
static struct span validator(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
			return SPAN_NONE;
	return s.len && s.len <= FRESHNESS_VALIDATOR_MAX ? s : SPAN_NONE;
}

void freshness_read(unsigned status, const struct freshness_field *fields, size_t count, int64_t received,
		    struct freshness *ret)
{
	struct control c = read_control(fields, count);
	struct span expires = field(fields, count, "expires");
	int64_t date, at, age;

	if (!date_parse_http(field(fields, count, "date"), &date))
		date = received;
	age = age_of(fields, count, date, received);
	*ret = (struct freshness){
		.etag = validator(field(fields, count, "etag")),
		.last_modified = validator(field(fields, count, "last-modified")),
		/* part of a page, and news of one, are no page */
		.no_store = c.no_store || status < 200 || status == 206 || status == 304,
		.no_cache = c.no_cache || span_eq_str(field(fields, count, "vary"), "*"),
	};
	if (c.max_age_said)
		ret->fresh_until = c.max_age ? received - age + c.max_age : 0;
	else if (expires.ptr)
		ret->fresh_until = date_parse_http(expires, &at)
					   ? received - age + MIN(at - date, (int64_t)SECONDS_MAX)
					   : 0;
	else if ((has_heuristics(status) || c.is_public) && date_parse_http(ret->last_modified, &at) &&
		 at < date)
		ret->heuristic_until =
			received - age + MIN((date - at) / 10, (int64_t)FRESHNESS_HEURISTIC_MAX);
}

enum freshness_action freshness_decide(const struct freshness *f, int64_t now)
{
	if (f->no_store)
		return FRESHNESS_FETCH;
	if (!f->no_cache && now < MAX(f->fresh_until, f->heuristic_until))
		return FRESHNESS_REUSE;
	return f->etag.ptr || f->last_modified.ptr ? FRESHNESS_VALIDATE : FRESHNESS_FETCH;
}
