/* SPDX-License-Identifier: MIT */
#include "base/tracking.h"
#include "unit/rows.h"

/* An operator's rules, perhaps none; a URL, and what is left of it (NULL: all). */
static const struct row {
	const char *name, *scope, *names, *in, *want;
} rows[] = {
	{"one of several", NULL, NULL, "http://h/?utm_source=a&b=1#utm_source=c",
	 "http://h/?b=1#utm_source=c"},
	{"letters of any case", NULL, NULL, "http://h/?a=1&&b=%7e&FBCLID=x&c", "http://h/?a=1&&b=%7e&c"},
	{"an empty parameter stays", NULL, NULL, "http://h/?&gclid=1&a", "http://h/?&a"},
	{"nothing left", NULL, NULL, "http://h/?gclid=1", "http://h/"},
	{"nothing left but a fragment", NULL, NULL, "http://h/?gclid=1#f", "http://h/#f"},
	{"twice", NULL, NULL, "http://h/?mc_cid=1&a=1&mc_cid", "http://h/?a=1"},
	{"a bare mark", NULL, NULL, "http://h/?", NULL},
	{"a value", NULL, NULL, "http://h/?q=utm_source", NULL},
	{"a path", NULL, NULL, "http://h/utm_source=1", NULL},
	{"a longer name", NULL, NULL, "http://h/?gclids=1", NULL},
	{"an empty name", NULL, NULL, "http://h/?=1", NULL},
	{"no scheme", NULL, NULL, "h/?gclid=1", "h/"},
	{"a site's own", NULL, NULL, "https://www.youtube.com/watch?v=1&si=2",
	 "https://www.youtube.com/watch?v=1"},
	{"not another site's", NULL, NULL, "https://notyoutube.com/watch?v=1&si=2", NULL},
	{"under any ending", NULL, NULL, "https://www.amazon.co.uk:443/dp/1?qid=1",
	 "https://www.amazon.co.uk:443/dp/1"},
	{"an ending alone is no site", NULL, NULL, "https://amazon/dp/1?qid=1", NULL},
	{"a site left alone", NULL, NULL, "https://gist.github.com/a?utm_source=1", NULL},
	{"its own names go all the same", NULL, NULL, "https://github.com/a?email_token=1&utm_source=1",
	 "https://github.com/a?utm_source=1"},
	{"a path left alone", NULL, NULL, "https://www.facebook.com/photo.php?fbid=1&eid=2", NULL},
	{"which others are not", NULL, NULL, "https://www.facebook.com/photo?fbid=1&eid=2",
	 "https://www.facebook.com/photo?fbid=1"},

	{"operator's, everywhere", "*", "promo", "https://a.example/?promo=1&b", "https://a.example/?b"},
	{"operator's pattern", "*", "x from_*", "https://a.example/?from_mail=1&from=2",
	 "https://a.example/?from=2"},
	{"operator's single byte", "*", "p?", "https://a.example/?p=1&p1=2&p12=3",
	 "https://a.example/?p=1&p12=3"},
	{"operator's, below a host", "a.example", "id", "https://www.a.example/?id=1",
	 "https://www.a.example/"},
	{"operator's, not elsewhere", "a.example", "id", "https://b.example/?id=1", NULL},
	{"operator keeps one", "*", "-utm_id", "https://a.example/?utm_id=1&utm_source=2",
	 "https://a.example/?utm_id=1"},
	{"operator keeps all of a host", "a.example", "-*", "https://a.example/?utm_id=1", NULL},
	{"the longer scope decides", "www.a.example", "-utm_*", "https://www.a.example/?utm_id=1", NULL},
	{"operator against what is known", "github.com", "utm_source", "https://github.com/?utm_source=1",
	 "https://github.com/"},
	{"a path", "a.example/shop*", "id", "https://a.example/shop/1?id=2", "https://a.example/shop/1"},
	{"a path, not another", "a.example/shop*", "id", "https://a.example/news/1?id=2", NULL},
	{"a query", "a.example/*kind=ad*", "id", "https://a.example/news?id=2&kind=ad",
	 "https://a.example/news?kind=ad"},
	{"a port", "a.example", "id", "https://a.example:8443/?id=2", "https://a.example:8443/"},
	{"a dot behind the host", "a.example", "id", "https://a.example./?id=2", "https://a.example./"},
};

static void cleans(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 16);
	const struct tracking_rule rule = {row->scope, row->names};
	const struct tracking more = {&rule, 1};
	struct span in = span_str(row->in), out = url_clean(in, row->scope ? &more : NULL, &arena);

	assert_string_equal(out.ptr, row->want ? row->want : row->in);
	if (!row->want)
		assert_ptr_equal(in.ptr, out.ptr);
}

/* A full arena changes nothing. */
static void runs_out(void **state)
{
	(void)state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(0);
	struct span in = SPAN("http://h/?gclid=1");

	assert_ptr_equal(url_clean(in, NULL, &arena).ptr, in.ptr);
}

/* Many stars against a long name: no time of note. */
static void is_patient(void **state)
{
	(void)state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 16);
	const struct tracking_rule rule = {"*", "a*a*a*a*a*a*a*a*a*a*a*a*b"};
	const struct tracking more = {&rule, 1};
	char url[8000];

	memset(url, 'a', sizeof(url));
	memcpy(url, "http://h/?", 10);
	assert_ptr_equal(url_clean(span_of(url, sizeof(url)), &more, &arena).ptr, url);
}

static void knows_words(void **state)
{
	(void)state;
	static const char *const scopes[] = {"*",   "a.example", "shop.*", "*/x*", "a.example/b?c=*", "[::1]",
					     NULL,  "",          "a b",    ".*",   "*.a.example",     "a*b",
					     "/x*", "http://a/", NULL};
	static const char *const names[] = {"a", "-a", "-*",  "a[]", "%24a", NULL,
					    "",  "-",  "a b", "a=b", "a&b",  NULL};
	bool want = true;

	for (size_t i = 0; i < ARRAY_SIZE(scopes) - 1; i++)
		if (!scopes[i])
			want = false;
		else if (tracking_is_scope(span_str(scopes[i])) != want)
			fail_msg("scope '%s'", scopes[i]);
	want = true;
	for (size_t i = 0; i < ARRAY_SIZE(names) - 1; i++)
		if (!names[i])
			want = false;
		else if (tracking_is_name(span_str(names[i])) != want)
			fail_msg("name '%s'", names[i]);
}

int main(void)
{
	static const struct CMUnitTest more[] = {cmocka_unit_test(runs_out), cmocka_unit_test(is_patient),
						 cmocka_unit_test(knows_words)};

	return RUN_ROWS("tracking/clean", rows, cleans) +
	       cmocka_run_group_tests_name("tracking", more, NULL, NULL);
}
