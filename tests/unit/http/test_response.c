/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "base/hash.h"
#include "http/response.h"

enum { NOW = 1700000000, DAY = 86400 }; /* 2023-11-14T22:13:20Z */

static const char *const action_names[] = {"done", "redirect", "retry", "give-up"};

/* want: ACTION, then for redirects the URL, else the outcome */
static const struct row {
	const char *name;
	unsigned status;
	const char *from, *location, *retry_after, *type, *body;
	unsigned tries;
	const char *want;
	int64_t site_free_in;
} rows[] = {
	{"page", 200, NULL, NULL, NULL, "text/html", "", 0, "done page", 0},
	{"page with charset", 200, NULL, NULL, NULL, "Text/HTML ; charset=x", "", 0, "done page", 0},
	{"xhtml", 203, NULL, NULL, NULL, "application/xhtml+xml", "", 0, "done page", 0},
	{"pdf", 200, NULL, NULL, NULL, "application/pdf", "<html>", 0, "done not-html", 0},
	{"plain text", 200, NULL, NULL, NULL, "text/plain", "<html>", 0, "done not-html", 0},
	{"longer type", 200, NULL, NULL, NULL, "text/htmlx", "", 0, "done not-html", 0},
	{"no type, html", 200, NULL, NULL, NULL, NULL, "\xef\xbb\xbf \n<!-- x --><!DocType HTML>", 0,
	 "done page", 0},
	{"no type, bytes", 200, NULL, NULL, NULL, NULL, "\x89PNG", 0, "done not-html", 0},
	{"no type, empty", 200, NULL, NULL, NULL, NULL, "", 0, "done not-html", 0},
	{"206 unasked", 206, NULL, NULL, NULL, "text/html", "", 0, "give-up protocol", 0},
	{"304 unasked", 304, NULL, "/x", NULL, "text/html", "", 0, "give-up protocol", 0},
	{"retry-after on 200 means nothing", 200, NULL, NULL, "60", "text/html", "", 0, "done page", 0},

	{"moved", 301, NULL, "/b", NULL, NULL, "", 0, "redirect http://a.example/b", 0},
	{"303 relative", 303, NULL, "b?c", NULL, NULL, "", 0, "redirect http://a.example/x/b?c", 0},
	{"308 to https", 308, NULL, "https://b.example/", NULL, NULL, "", 0, "redirect https://b.example/",
	 0},
	{"scheme-relative", 302, "https://a.example/x/y", "//b.example/z", NULL, NULL, "", 0,
	 "redirect https://b.example/z", 0},
	{"300 with a place", 300, NULL, "/b", NULL, NULL, "", 0, "redirect http://a.example/b", 0},
	{"300 without", 300, NULL, NULL, NULL, NULL, "", 0, "give-up http-status", 0},
	{"305", 305, NULL, "/b", NULL, NULL, "", 0, "give-up http-status", 0},
	{"no place", 302, NULL, NULL, NULL, NULL, "", 0, "give-up redirect", 0},
	{"to itself", 302, NULL, "", NULL, NULL, "", 0, "give-up redirect", 0},
	{"to itself by fragment", 302, NULL, "#x", NULL, NULL, "", 0, "give-up redirect", 0},
	{"to an earlier hop", 302, NULL, "/first", NULL, NULL, "", 0, "give-up redirect", 0},
	{"to nonsense", 302, NULL, "http://a b/", NULL, NULL, "", 0, "give-up redirect", 0},
	{"to file", 302, NULL, "file:///etc/passwd", NULL, NULL, "", 0, "give-up refused-by-policy", 0},
	{"to gopher", 302, NULL, "gopher://a.example/", NULL, NULL, "", 0, "give-up refused-by-policy", 0},
	{"to ssh's port", 302, NULL, "http://a.example:22/", NULL, NULL, "", 0, "give-up refused-by-policy",
	 0},
	{"with user-info", 302, NULL, "http://u:p@a.example/", NULL, NULL, "", 0, "give-up refused-by-policy",
	 0},
	{"downgrade", 302, "https://a.example/x/y", "http://a.example/", NULL, NULL, "", 0,
	 "give-up refused-by-policy", 0},
	{"redirect with a wait", 302, NULL, "/b", "30", NULL, "", 0, "redirect http://a.example/b", 30},

	{"not found", 404, NULL, NULL, NULL, "text/html", "", 0, "give-up http-status", 0},
	{"gone", 410, NULL, NULL, NULL, NULL, "", 0, "give-up http-status", 0},
	{"999", 999, NULL, NULL, NULL, NULL, "", 0, "give-up http-status", 0},
	{"429 with seconds", 429, NULL, NULL, "120", NULL, "", 0, "retry http-status", 120},
	{"503 with a date", 503, NULL, NULL, "Tue, 14 Nov 2023 22:15:20 GMT", NULL, "", 0,
	 "retry http-status", 120},
	{"429 with an RFC 850 date", 429, NULL, NULL, "Tuesday, 14-Nov-23 22:15:20 GMT", NULL, "", 0,
	 "retry http-status", 120},
	{"429 without", 429, NULL, NULL, NULL, NULL, "", 0, "give-up http-status", 4 * 3600},
	{"429 with a past date", 429, NULL, NULL, "Tue, 14 Nov 2023 22:13:20 GMT", NULL, "", 0,
	 "give-up http-status", 4 * 3600},
	{"429 with zero", 429, NULL, NULL, "0", NULL, "", 0, "give-up http-status", 4 * 3600},
	{"429 with nonsense", 429, NULL, NULL, "soon", NULL, "", 0, "give-up http-status", 4 * 3600},
	{"429 with a sign", 429, NULL, NULL, "-5", NULL, "", 0, "give-up http-status", 4 * 3600},
	{"429 for ever", 429, NULL, NULL, "99999999999999999999999", NULL, "", 0, "retry http-status",
	 RESPONSE_RETRY_AFTER_MAX},
	{"429 far off", 429, NULL, NULL, "Fri, 14 Nov 2098 22:15:20 GMT", NULL, "", 0, "retry http-status",
	 RESPONSE_RETRY_AFTER_MAX},
	{"429 for the third time", 429, NULL, NULL, "120", NULL, "", RESPONSE_TRIES, "give-up http-status",
	 120},
	{"503 without", 503, NULL, NULL, NULL, NULL, "", 0, "give-up http-status", 0},
	{"retry-after on 500 means nothing", 500, NULL, NULL, "120", NULL, "", 0, "give-up http-status", 0},
};

static const char *const outcome_words[] = {
#define X(name, text) [OUTCOME_##name] = text,
	OUTCOME_MAP(X)
#undef X
};

static void decides(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	struct guard g = {0};
	struct url url;
	struct response r = {row->status, span_str(row->location), span_str(row->retry_after),
			     span_str(row->type), span_str(row->body)};
	struct response_decision d;
	char got[256];

	assert_int_equal(
		url_parse(span_str(row->from ? row->from : "http://a.example/x/y"), NULL, &arena, &url, NULL),
		ERR_OK);
	uint64_t seen[] = {hash64(SPAN("http://a.example/first")), hash64(url_key(&url))};
	struct response_context c = {.guard = &g,
				     .url = &url,
				     .wanted = SPAN("http://a.example/first"),
				     .seen = seen,
				     .seen_count = 2,
				     .tries = row->tries,
				     .now = NOW};

	assert_int_equal(response_decide(&r, &c, &arena, &d), ERR_OK);
	if (d.action == RESPONSE_REDIRECT)
		snprintf(got, sizeof(got), "redirect %.*s", SPAN_ARG(d.to.href));
	else
		snprintf(got, sizeof(got), "%s %s", action_names[d.action], outcome_words[d.outcome]);
	assert_string_equal(got, row->want);
	assert_int_equal(d.site_free_at, row->site_free_in ? NOW + row->site_free_in : 0);
	assert_null(strstr(d.text, "u:p"));
	if (d.action == RESPONSE_RETRY)
		assert_int_equal(d.retry_at, NOW + row->site_free_in);
	else if (d.action != RESPONSE_REDIRECT)
		assert_true(d.retry_at >= MAX(NOW + 3600, d.site_free_at) || d.site_free_at == NOW + 14400);
	/* a failure says why, a success nothing */
	assert_int_equal(d.text[0] != '\0', d.action == RESPONSE_RETRY || d.action == RESPONSE_GIVE_UP ||
						    d.outcome == OUTCOME_NOT_HTML);
}

static void takes_304_that_was_asked_for(void **state)
{
	(void)state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	struct guard g = {0};
	struct url url;
	uint64_t seen = 1;
	struct response r = {.status = 304};
	struct response_context c = {.guard = &g,
				     .url = &url,
				     .wanted = SPAN("w"),
				     .seen = &seen,
				     .seen_count = 1,
				     .failures = 3,
				     .now = NOW,
				     .conditional = true};
	struct response_decision d;

	assert_int_equal(url_parse(SPAN("http://a.example/"), NULL, &arena, &url, NULL), ERR_OK);
	assert_int_equal(response_decide(&r, &c, &arena, &d), ERR_OK);
	assert_int_equal(d.action, RESPONSE_UNCHANGED);
	assert_int_equal(d.outcome, OUTCOME_PAGE);
	assert_true(d.retry_at >= NOW + 27 * DAY);
	assert_string_equal(d.text, "");
	/* freshness lengthens, never shortens, and has a ceiling */
	assert_int_equal(response_fresh(NOW + 30 * DAY, NOW + DAY, NOW), NOW + 30 * DAY);
	assert_int_equal(response_fresh(NOW + 30 * DAY, NOW + 40 * DAY, NOW), NOW + 40 * DAY);
	assert_int_equal(response_fresh(NOW + 30 * DAY, NOW + 4000 * (int64_t)DAY, NOW),
			 NOW + RESPONSE_FRESH_MAX);
}

static void takes_whatever_an_image_is(void **state)
{
	(void)state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	struct guard g = {0};
	struct url url;
	uint64_t seen = 1;
	struct response r = {.status = 206, .content_type = SPAN("text/plain")};
	struct response_context c = {.guard = &g,
				     .url = &url,
				     .wanted = SPAN("w"),
				     .seen = &seen,
				     .seen_count = 1,
				     .now = NOW,
				     .any_type = true,
				     .ranged = true};
	struct response_decision d;

	assert_int_equal(url_parse(SPAN("http://a.example/"), NULL, &arena, &url, NULL), ERR_OK);
	assert_int_equal(response_decide(&r, &c, &arena, &d), ERR_OK);
	assert_int_equal(d.action, RESPONSE_DONE);
	assert_int_equal(d.outcome, OUTCOME_PAGE);
	assert_string_equal(d.text, "");
	c.ranged = false; /* a part that was not asked for is no image */
	assert_int_equal(response_decide(&r, &c, &arena, &d), ERR_OK);
	assert_int_equal(d.outcome, OUTCOME_PROTOCOL);
}

static void counts_hops(void **state)
{
	(void)state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	struct guard g = {0};
	struct url url;
	uint64_t seen[RESPONSE_HOPS + 1] = {0};
	struct response r = {.status = 302, .location = SPAN("/b")};
	struct response_context c = {.guard = &g, .url = &url, .wanted = SPAN("w"), .seen = seen, .now = NOW};
	struct response_decision d;

	assert_int_equal(url_parse(SPAN("http://a.example/"), NULL, &arena, &url, NULL), ERR_OK);
	c.seen_count = RESPONSE_HOPS;
	assert_int_equal(response_decide(&r, &c, &arena, &d), ERR_OK);
	assert_int_equal(d.action, RESPONSE_REDIRECT);
	c.seen_count++;
	assert_int_equal(response_decide(&r, &c, &arena, &d), ERR_OK);
	assert_int_equal(d.action, RESPONSE_GIVE_UP);
	assert_int_equal(d.outcome, OUTCOME_REDIRECT);
}

/* least and most, in days, of the delay after so many failures */
static const struct life_row {
	const char *name;
	enum outcome outcome;
	unsigned status, failures;
	double least, most;
} life_rows[] = {
	{"page", OUTCOME_PAGE, 200, 0, 27, 30},
	{"not html", OUTCOME_NOT_HTML, 200, 0, 27, 30},
	{"gone", OUTCOME_STATUS, 410, 1, 365, 400},
	{"missing once", OUTCOME_STATUS, 404, 1, 5, 7},
	{"missing thrice", OUTCOME_STATUS, 404, 3, 5, 28},
	{"missing for years", OUTCOME_STATUS, 404, 1000, 5, 90},
	{"forbidden", OUTCOME_STATUS, 403, 1, 1, 3},
	{"forbidden often", OUTCOME_STATUS, 403, 9, 1, 30},
	{"login", OUTCOME_STATUS, 401, 1, 1, 3},
	{"999", OUTCOME_STATUS, 999, 1, 1, 3},
	{"busy", OUTCOME_STATUS, 429, 1, 4. / 24, 8. / 24},
	{"busy often", OUTCOME_STATUS, 503, 20, 4. / 24, 7},
	{"broken", OUTCOME_STATUS, 500, 1, 1. / 24, 8. / 24},
	{"broken twice", OUTCOME_STATUS, 502, 2, 1. / 24, 16. / 24},
	{"bad request", OUTCOME_STATUS, 400, 1, 1, 7},
	{"no name", OUTCOME_DNS, 0, 1, 1. / 24, 8. / 24},
	{"no name for long", OUTCOME_DNS, 0, 4000000000u, 1. / 24, 14},
	{"tls", OUTCOME_TLS, 0, 1, 1. / 24, 8. / 24},
	{"too large", OUTCOME_TOO_LARGE, 200, 1, 7, 30},
	{"refused", OUTCOME_REFUSED, 0, 50, 1, 2},
};

static void lives(void **state)
{
	const struct life_row *row = *state;
	int64_t low = INT64_MAX, high = 0;
	char url[32];

	for (int i = 0; i < 2000; i++) {
		int64_t at;

		snprintf(url, sizeof(url), "http://a.example/%d", i);
		at = response_retry_at(row->outcome, row->status, row->failures, span_str(url), NOW) - NOW;
		assert_int_equal(
			at, response_retry_at(row->outcome, row->status, row->failures, span_str(url), NOW) -
				    NOW);
		low = MIN(low, at);
		high = MAX(high, at);
	}
	double span = (row->most - row->least) * DAY, least = row->least * DAY, most = row->most * DAY;

	assert_true((double)low >= least && (double)low < least + span / 50);
	assert_true((double)high <= most && (double)high > most - span / 50);
}

int main(void)
{
	static const struct CMUnitTest more[] = {cmocka_unit_test(counts_hops),
						 cmocka_unit_test(takes_304_that_was_asked_for),
						 cmocka_unit_test(takes_whatever_an_image_is)};

	return RUN_ROWS("response/decide", rows, decides) + RUN_ROWS("response/retry_at", life_rows, lives) +
	       cmocka_run_group_tests_name("response", more, NULL, NULL);
}
