/* SPDX-License-Identifier: MIT */
#include "http/response.h"

#include <stdio.h>

#include "base/date.h"
#include "base/hash.h"

enum { HOUR = 3600, DAY = 24 * HOUR };

/* The first row that matches decides. status 0..0: any. */
static const struct lifetime {
	enum outcome outcome;
	unsigned status_from, status_to;
	int64_t floor, base, cap;
} lifetimes[] = {
	{OUTCOME_PAGE, 0, 0, 27 * DAY, 30 * DAY, 30 * DAY},
	{OUTCOME_NOT_HTML, 0, 0, 27 * DAY, 30 * DAY, 30 * DAY},
	{OUTCOME_STATUS, 410, 410, 365 * DAY, 400 * DAY, 400 * DAY},
	{OUTCOME_STATUS, 404, 404, 5 * DAY, 7 * DAY, 90 * DAY},
	{OUTCOME_STATUS, 401, 403, 1 * DAY, 3 * DAY, 30 * DAY},
	{OUTCOME_STATUS, 407, 407, 1 * DAY, 3 * DAY, 30 * DAY},
	{OUTCOME_STATUS, 451, 451, 1 * DAY, 3 * DAY, 30 * DAY},
	{OUTCOME_STATUS, 600, 999, 1 * DAY, 3 * DAY, 30 * DAY},
	{OUTCOME_STATUS, 429, 429, 4 * HOUR, 8 * HOUR, 7 * DAY},
	{OUTCOME_STATUS, 503, 503, 4 * HOUR, 8 * HOUR, 7 * DAY},
	{OUTCOME_STATUS, 408, 408, 1 * HOUR, 8 * HOUR, 14 * DAY},
	{OUTCOME_STATUS, 425, 425, 1 * HOUR, 8 * HOUR, 14 * DAY},
	{OUTCOME_STATUS, 500, 599, 1 * HOUR, 8 * HOUR, 14 * DAY},
	{OUTCOME_STATUS, 0, 0, 1 * DAY, 7 * DAY, 60 * DAY},
	{OUTCOME_PROTOCOL, 0, 0, 1 * HOUR, 8 * HOUR, 14 * DAY},
	{OUTCOME_REDIRECT, 0, 0, 1 * DAY, 7 * DAY, 60 * DAY},
	{OUTCOME_TOO_LARGE, 0, 0, 7 * DAY, 30 * DAY, 90 * DAY},
	{OUTCOME_REFUSED, 0, 0, 1 * DAY, 2 * DAY, 2 * DAY},
	/* DNS, CONNECT, TLS, TIMEOUT, and whatever comes to be */
	{OUTCOME_NONE, 0, 0, 1 * HOUR, 8 * HOUR, 14 * DAY},
};

int64_t response_retry_at(enum outcome outcome, unsigned status, unsigned failures, struct span url,
			  int64_t now)
{
	const struct lifetime *l = lifetimes;
	unsigned doublings = MIN(failures > 0 ? failures - 1 : 0, 20u);
	int64_t most;
	uint64_t r;

	for (; l->outcome != OUTCOME_NONE; l++)
		if (l->outcome == outcome &&
		    (!l->status_to || (status >= l->status_from && status <= l->status_to)))
			break;
	most = MIN(l->base << doublings, l->cap);
	/* a hash's high bits are as good as dice */
	r = (hash64(url) + failures * 0x9e3779b97f4a7c15u) * 0xff51afd7ed558ccdu;
	return now + l->floor + (int64_t)((r >> 33) % (uint64_t)(most - l->floor + 1));
}

bool response_retry_after(struct span value, int64_t now, int64_t *ret)
{
	uint64_t seconds;
	int64_t at;
	size_t digits = 0;

	value = span_trim(value);
	while (digits < value.len && byte_is_digit(value.ptr[digits]))
		digits++;
	if (digits > 0 && digits == value.len)
		at = now + (span_to_uint(value, RESPONSE_RETRY_AFTER_MAX, &seconds)
				    ? (int64_t)seconds
				    : RESPONSE_RETRY_AFTER_MAX);
	else if (!date_parse_http(value, &at))
		return false;
	if (at <= now)
		return false;
	*ret = MIN(at, now + RESPONSE_RETRY_AFTER_MAX);
	return true;
}

static bool begins_as_html(struct span body)
{
	static const char *const starts[] = {"<!doctype html", "<html",  "<head", "<title", "<meta", "<body",
					     "<script",        "<style", "<div",  "<p",     "<h1",   "<link"};

	if (span_starts(body, SPAN("\xef\xbb\xbf")))
		body = span_sub(body, 3, body.len);
	for (;;) {
		ptrdiff_t end;

		body = span_trim(body);
		if (!span_starts(body, SPAN("<!--")))
			break;
		end = span_find(body, SPAN("-->"));
		if (end < 0)
			return true; /* a comment longer than what is looked at */
		body = span_sub(body, (size_t)end + 3, body.len);
	}
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (span_starts_nocase(body, span_str(starts[i])))
			return true;
	return false;
}

bool response_is_html(struct span content_type, struct span body)
{
	struct span type = span_trim(span_split(&content_type, ';'));

	if (!type.len)
		return begins_as_html(span_sub(body, 0, 1024));
	return span_eq_nocase(type, SPAN("text/html")) || span_eq_nocase(type, SPAN("application/xhtml+xml"));
}

bool response_is_redirect(unsigned status, struct span location)
{
	switch (status) {
	case 301:
	case 302:
	case 303:
	case 307:
	case 308: return true;
	case 300: return location.len > 0;
	default: return false;
	}
}

/* Names of the statuses that people meet. */
static const char *status_name(unsigned status)
{
	static const struct {
		unsigned status;
		const char *name;
	} names[] = {
		{400, "bad request"},
		{401, "asks for a login"},
		{402, "asks for payment"},
		{403, "forbidden"},
		{404, "not found"},
		{405, "method not allowed"},
		{406, "not acceptable"},
		{408, "request timeout"},
		{410, "gone for good"},
		{418, "a teapot"},
		{429, "too many requests"},
		{451, "unavailable for legal reasons"},
		{500, "internal server error"},
		{502, "bad gateway"},
		{503, "service unavailable"},
		{504, "gateway timeout"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].status == status)
			return names[i].name;
	return status < 100 || status > 599 ? "no status that HTTP knows" : NULL;
}

static enum err give_up(const struct response *r, const struct response_context *c, enum outcome outcome,
			struct response_decision *ret)
{
	ret->action = RESPONSE_GIVE_UP;
	ret->outcome = outcome;
	ret->retry_at = response_retry_at(outcome, r->status, c->failures + 1, c->wanted, c->now);
	return ERR_OK;
}

/* A stranger's bytes, short and printable, and without what may be user-info. */
static void printable(struct span s, char *buf, size_t size)
{
	size_t n = 0;

	if (span_find_byte(s, '@') >= 0)
		s = SPAN("...");
	for (; n < s.len && n + 4 < size; n++)
		buf[n] = s.ptr[n] >= 0x20 && s.ptr[n] <= 0x7e ? s.ptr[n] : '?';
	memcpy(buf + n, n < s.len ? "..." : "", n < s.len ? 4 : 1);
}

static enum err redirect(const struct response *r, const struct response_context *c, struct arena *arena,
			 struct response_decision *ret)
{
	struct error e = {0};
	enum err err;
	char shown[100];
	uint64_t key;
	unsigned slots = c->hop_slots ? c->hop_slots : RESPONSE_HOPS + 1;

	if (!r->location.ptr) {
		snprintf(ret->text, sizeof(ret->text), "the server answers %u without saying where to go",
			 r->status);
		return give_up(r, c, OUTCOME_REDIRECT, ret);
	}
	printable(r->location, shown, sizeof(shown));
	if (c->seen_count >= slots) {
		snprintf(ret->text, sizeof(ret->text), "more than %u redirects", slots - 1);
		return give_up(r, c, OUTCOME_REDIRECT, ret);
	}
	err = url_parse(span_trim(r->location), c->url, arena, &ret->to, &e);
	if (err == ERR_NOMEM)
		return err;
	if (err) {
		const char *why = err == ERR_UNSUPPORTED ? "its scheme is not fetched"
				  : err == ERR_TOOBIG    ? "it is too long"
							 : "it is no valid URL";

		snprintf(ret->text, sizeof(ret->text), "redirect to '%s': %s", shown, why);
		return give_up(r, c, err == ERR_UNSUPPORTED ? OUTCOME_REFUSED : OUTCOME_REDIRECT, ret);
	}
	if (guard_url(c->guard, &ret->to, &e)) {
		snprintf(ret->text, sizeof(ret->text), "redirect to '%s': %.110s", shown, e.text);
		return give_up(r, c, OUTCOME_REFUSED, ret);
	}
	if (span_eq_str(c->url->scheme, "https") && !span_eq_str(ret->to.scheme, "https")) {
		snprintf(ret->text, sizeof(ret->text), "redirect to '%s': from https to http", shown);
		return give_up(r, c, OUTCOME_REFUSED, ret);
	}
	key = hash64(url_key(&ret->to)) + c->state;
	for (size_t i = 0; i < c->seen_count; i++)
		if (c->seen[i] == key) {
			snprintf(ret->text, sizeof(ret->text), "redirects go round in a circle, by '%s'",
				 shown);
			return give_up(r, c, OUTCOME_REDIRECT, ret);
		}
	ret->action = RESPONSE_REDIRECT;
	ret->permanent = r->status == 301 || r->status == 308;
	return ERR_OK;
}

static enum err failure(const struct response *r, const struct response_context *c, int64_t retry_after,
			struct response_decision *ret)
{
	const char *name = status_name(r->status);
	bool busy = r->status == 429 || r->status == 503;

	snprintf(ret->text, sizeof(ret->text), "the server answers %u%s%s%s", r->status, name ? " (" : "",
		 name ? name : "", name ? ")" : "");
	if (busy && retry_after && c->tries < RESPONSE_TRIES) {
		ret->action = RESPONSE_RETRY;
		ret->outcome = OUTCOME_STATUS;
		ret->retry_at = retry_after;
		return ERR_OK;
	}
	give_up(r, c, OUTCOME_STATUS, ret);
	ret->retry_at = MAX(ret->retry_at, retry_after);
	if (r->status == 429 && !retry_after)
		ret->site_free_at = c->now + 4 * HOUR;
	return ERR_OK;
}

enum err response_decide(const struct response *r, const struct response_context *c, struct arena *arena,
			 struct response_decision *ret)
{
	int64_t retry_after = 0;
	char shown[80];

	*ret = (struct response_decision){.outcome = OUTCOME_NONE};
	if (!response_retry_after(r->retry_after, c->now, &retry_after))
		retry_after = 0;
	/* on a success the field has no meaning */
	if (r->status == 429 || r->status == 503 || (r->status >= 300 && r->status < 400))
		ret->site_free_at = retry_after;
	if (r->status == 304 && c->conditional) {
		ret->action = RESPONSE_UNCHANGED;
		ret->outcome = OUTCOME_PAGE;
		ret->retry_at = response_retry_at(OUTCOME_PAGE, 200, 0, c->wanted, c->now);
		return ERR_OK;
	}
	if (r->status == 304 || (r->status == 206 && !c->ranged)) {
		snprintf(ret->text, sizeof(ret->text), "the server answers %u, which was not asked for",
			 r->status);
		return give_up(r, c, OUTCOME_PROTOCOL, ret);
	}
	if (response_is_redirect(r->status, r->location))
		return redirect(r, c, arena, ret);
	if (r->status != 206 && !response_is_success(r->status))
		return failure(r, c, retry_after, ret);
	ret->action = RESPONSE_DONE;
	ret->outcome =
		c->any_type || response_is_html(r->content_type, r->body) ? OUTCOME_PAGE : OUTCOME_NOT_HTML;
	if (ret->outcome == OUTCOME_NOT_HTML) {
		printable(r->content_type, shown, sizeof(shown));
		snprintf(ret->text, sizeof(ret->text),
			 r->content_type.len ? "not a page but '%s'" : "not a page%s", shown);
	}
	ret->retry_at = response_retry_at(ret->outcome, r->status, 0, c->wanted, c->now);
	return ERR_OK;
}
