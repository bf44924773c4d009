/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "base/tracking.h"
#include "base/url.h"

#define SAME "http://h.example/a/b?q#f"
static const struct row {
	const char *name, *base, *in, *want; /* want NULL: ERR_INVALID, unless code says otherwise */
	enum err code;
} rows[] = {
	{"plain", NULL, "http://h.example", "http://h.example/", 0},
	{"case and default port", NULL, "HTTPS://H.Example:443/A", "https://h.example/A", 0},
	{"other port, leading zeros", NULL, "http://h:00000000000008080/", "http://h:8080/", 0},
	{"port too high", NULL, "http://h:65536/", NULL, 0},
	{"port no number", NULL, "http://h:8a/", NULL, 0},
	{"user-info goes", NULL, "http://me:secret@h/x", "http://h/x", 0},
	{"user-info without a host", NULL, "http://me@/x", NULL, 0},
	{"the last @ counts", NULL, "http://a@b@c/", "http://c/", 0},
	{"backslashes", NULL, "http:\\\\h\\a\\b", "http://h/a/b", 0},
	{"control characters inside", NULL, " ht\ntp://h/\ta \x01", "http://h/a", 0},
	{"dot segments", NULL, "http://h/a/./b/../../../c/%2E%2e/d/.", "http://h/d/", 0},
	{"final dots", NULL, "http://h/a/b/..", "http://h/a/", 0},
	{"path, query and fragment escape apart", NULL, "http://h/`{^}'\"?`{^}'\"#`{^}'\"",
	 "http://h/%60%7B%5E%7D'%22?`{^}%27%22#%60{^}'%22", 0},
	{"escapes stay as they are", NULL, "http://h/%7e%zz%", "http://h/%7e%zz%", 0},
	{"bytes that are no UTF-8", NULL, "http://h/\xe9", "http://h/%E9", 0},
	{"bytes that are no UTF-8 in the host", NULL, "http://\xe9/", NULL, 0},
	{"no scheme, no base", NULL, "/a", NULL, 0},
	{"another scheme", NULL, "mailto:a@b", NULL, ERR_UNSUPPORTED},
	{"another scheme against a base", SAME, "javascript:alert(1)", NULL, ERR_UNSUPPORTED},
	{"empty against a base", SAME, "", "http://h.example/a/b?q", 0},
	{"only a query", SAME, "?x", "http://h.example/a/b?x", 0},
	{"only a fragment", SAME, "#x", "http://h.example/a/b?q#x", 0},
	{"sibling", SAME, "c", "http://h.example/a/c", 0},
	{"parent", SAME, "../..", "http://h.example/", 0},
	{"absolute path", SAME, "/c", "http://h.example/c", 0},
	{"another host", SAME, "//i/c", "http://i/c", 0},
	{"same scheme, relative", SAME, "http:c", "http://h.example/a/c", 0},
	{"other scheme, absolute", SAME, "https:c", "https://c/", 0},
	{"base's port stays", "http://h:81/a", "b", "http://h:81/b", 0},
	{"base's user-info goes", "http://u@h/a", "b", "http://h/b", 0},
	{"short IPv4", NULL, "http://127.1/", "http://127.0.0.1/", 0},
	{"hexadecimal IPv4", NULL, "http://0x7f000001", "http://127.0.0.1/", 0},
	{"octal IPv4", NULL, "http://0177.0.0.01/", "http://127.0.0.1/", 0},
	{"decimal IPv4", NULL, "http://2130706433/", "http://127.0.0.1/", 0},
	{"IPv4 in wide digits", NULL, "http://\xef\xbc\x91.1/", "http://1.0.0.1/", 0},
	{"IPv4 over", NULL, "http://256.1.1.1/", NULL, 0},
	{"IPv4 with five parts", NULL, "http://1.2.3.4.5/", NULL, 0},
	{"ends in a number", NULL, "http://a.1/", NULL, 0},
	{"IPv6", NULL, "http://[1:0:0:2:0:0:0:3]:8080/", "http://[1:0:0:2::3]:8080/", 0},
	{"IPv6, last run", NULL, "http://[1:2:3:4:5:6:0:0]", "http://[1:2:3:4:5:6::]/", 0},
	{"IPv6, all nothing", NULL, "http://[::]", "http://[::]/", 0},
	{"IPv6, dotted tail", NULL, "http://[::ffff:1.2.3.4]", "http://[::ffff:102:304]/", 0},
	{"IPv6, dotted too late", NULL, "http://[1:2:3:4:5:6:7:1.2.3.4]", NULL, 0},
	{"IPv6, nine pieces", NULL, "http://[1:2:3:4:5:6:7:8:9]", NULL, 0},
	{"IPv6, two gaps", NULL, "http://[1::2::3]", NULL, 0},
	{"IPv6, a gap for one piece", NULL, "http://[1:2:3:4:5:6:7::]", "http://[1:2:3:4:5:6:7:0]/", 0},
	{"IPv6, a gap for none", NULL, "http://[::1:2:3:4:5:6:7:8]", NULL, 0},
	{"IPv6, zone", NULL, "http://[fe80::1%25eth0]/", NULL, 0},
	{"IPv6 open", NULL, "http://[::1", NULL, 0},
	{"non-ASCII host", NULL, "http://B\xc3\xbc\x63her.example/", "http://xn--bcher-kva.example/", 0},
	{"sharp s stays", NULL, "http://stra\xc3\x9f\x65.example/", "http://xn--strae-oqa.example/", 0},
	{"symbol host", NULL, "http://\xe2\x99\xa5.example/", "http://xn--g6h.example/", 0},
	{"escaped host", NULL, "http://%C3%BC.example/", "http://xn--tda.example/", 0},
	{"escaped slash in host", NULL, "http://a%2fb/", NULL, 0},
	{"wide slash in host", NULL, "http://a\xef\xbc\x8f\x62/", NULL, 0},
	{"soft hyphen alone", NULL, "http://%C2%AD/", NULL, 0},
	{"broken xn--", NULL, "http://\xc3\xbc.xn--a/", NULL, 0},
	{"joiner out of place", NULL, "http://a\u200d.example/", NULL, 0},
	{"two directions in a label", NULL, "http://\u05d0a\u00df/", NULL, 0},
	{"Unicode 15.1, capital sharp s", NULL, "http://\u1e9e/", "http://xn--zca/", 0},
	{"Unicode 16, once disallowed", NULL, "http://\u2183\u206a/", "http://xn--r5g/", 0},
	{"underscore", NULL, "http://a_b.example/", "http://a_b.example/", 0},
	{"empty host", NULL, "http:///", NULL, 0},
};

static void parses(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	struct url base, url;
	enum err r;

	if (row->base)
		assert_int_equal(url_parse(span_str(row->base), NULL, &arena, &base, NULL), ERR_OK);
	r = url_parse(span_str(row->in), row->base ? &base : NULL, &arena, &url, NULL);
	assert_int_equal(r, row->want ? ERR_OK : row->code ? row->code : ERR_INVALID);
	if (!r)
		assert_string_equal(url.href.ptr, row->want);
}

static void takes_apart(void **state)
{
	(void)state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	struct url u;

	assert_int_equal(url_parse_whole(SPAN("https://u:p@h.example:81/p?q#f"), NULL, &arena, &u, NULL), 0);
	assert_string_equal(u.href.ptr, "https://u:p@h.example:81/p?q#f");
	assert_true(span_eq_str(u.scheme, "https"));
	assert_true(span_eq_str(u.host, "h.example"));
	assert_true(span_eq_str(u.port, "81"));
	assert_true(span_eq_str(u.path, "/p"));
	assert_true(span_eq_str(u.query, "q"));
	assert_true(span_eq_str(u.fragment, "f"));
	assert_true(span_eq_str(u.origin, "https://h.example:81"));
	assert_int_equal(u.port_number, 81);
	assert_true(u.had_userinfo);
	assert_true(span_eq_str(url_key(&u), "https://u:p@h.example:81/p?q"));

	assert_int_equal(url_parse(SPAN("http://[::1]/?#"), NULL, &arena, &u, NULL), 0);
	assert_true(u.ip);
	assert_null(u.port.ptr);
	assert_int_equal(u.port_number, 80);
	assert_non_null(u.query.ptr);
	assert_int_equal(u.query.len, 0);
	assert_non_null(u.fragment.ptr);
	assert_true(span_eq_str(u.origin, "http://[::1]"));
}

static void has_ceilings(void **state)
{
	(void)state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	static char long_url[2 * URL_MAX];
	struct span start = SPAN("http://h/");
	struct url u;

	memset(long_url, 'a', sizeof(long_url));
	memcpy(long_url, start.ptr, start.len);
	assert_int_equal(url_parse(span_of(long_url, URL_MAX), NULL, &arena, &u, NULL), ERR_OK);
	assert_int_equal(url_parse(span_of(long_url, URL_MAX + 1), NULL, &arena, &u, NULL), ERR_TOOBIG);
	for (size_t i = start.len; i < sizeof(long_url); i++) /* short once it is resolved */
		long_url[i] = "a/../"[(i - start.len) % 5];
	assert_int_equal(url_parse(span_of(long_url, URL_MAX + 1), NULL, &arena, &u, NULL), ERR_TOOBIG);
	assert_int_equal(url_parse(span_of(long_url, URL_MAX), NULL, &arena, &u, NULL), ERR_OK);
	memset(long_url + 7, '"', URL_MAX / 3 - 10); /* user-info that leaves no room for the host */
	long_url[URL_MAX / 3 - 3] = '@';
	memset(long_url + URL_MAX / 3 - 2, 'h', 1000);
	assert_int_equal(url_parse_whole(span_of(long_url, URL_MAX / 3 + 998), NULL, &arena, &u, NULL),
			 ERR_TOOBIG);
	assert_int_equal(url_parse(span_of(long_url, URL_MAX / 3 + 998), NULL, &arena, &u, NULL), ERR_OK);
	memcpy(long_url, start.ptr, start.len);
	memset(long_url + 9, ' ', URL_MAX / 2);
	assert_int_equal(url_parse(span_of(long_url, URL_MAX), NULL, &arena, &u, NULL), ERR_TOOBIG);
	memset(long_url + 7, 'a', URL_MAX / 2);
	assert_int_equal(url_parse(span_of(long_url, URL_MAX), NULL, &arena, &u, NULL), ERR_TOOBIG);
	assert_int_equal(url_registrable(span_of(long_url + 7, 1000)).len, 1000);
}

/* Little memory: an error or the whole answer, nothing between. */
static void runs_out(void **state)
{
	(void)state;
	int done = 0;

	for (size_t max = 0; max < 2048; max += 16) {
		CLEANUP(arena_release) struct arena arena = ARENA_INIT(max);
		struct url u = {.port_number = 7};
		enum err r = url_parse_whole(SPAN("http://u@h\t/a?utm_x=1&b"), NULL, &arena, &u, NULL);
		struct span clean;

		assert_true(r == ERR_OK || r == ERR_TOOBIG);
		if (r) {
			assert_int_equal(u.port_number, 7);
			continue;
		}
		assert_string_equal(u.href.ptr, "http://u@h/a?utm_x=1&b");
		clean = url_clean(u.href, NULL, &arena);
		assert_true(span_eq(clean, u.href) || span_eq_str(clean, "http://u@h/a?b"));
		done++;
	}
	assert_true(done > 0 && done < 2048 / 16);
}

static void knows_sites(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {{"www.a.example.com", "example.com"},
					       {"example.co.uk", "example.co.uk"},
					       {"x.example.co.uk", "example.co.uk"},
					       {"co.uk", "co.uk"},
					       {"localhost", "localhost"},
					       {"127.0.0.1", "127.0.0.1"},
					       {"[::1]", "[::1]"},
					       {"a.b.github.io", "b.github.io"},
					       {"a.example.com.", "example.com"},
					       {"", ""}};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		assert_true(span_eq_str(url_registrable(span_str(pairs[i][0])), pairs[i][1]));
	assert_true(url_same_site(SPAN("a.example.org"), SPAN("b.example.org")));
	assert_false(url_same_site(SPAN("a.github.io"), SPAN("b.github.io")));
	assert_false(url_same_site(SPAN("1.0.0.1"), SPAN("2.0.0.1")));
}

int main(void)
{
	static const struct CMUnitTest more[] = {cmocka_unit_test(takes_apart),
						 cmocka_unit_test(has_ceilings), cmocka_unit_test(runs_out),
						 cmocka_unit_test(knows_sites)};

	return RUN_ROWS("url/parse", rows, parses) + cmocka_run_group_tests_name("url", more, NULL, NULL);
}
