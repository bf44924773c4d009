/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "status/request.h"

/* A target; the path, then name=value of each pair, all in one line; NULL: refused. */
static const struct target_row {
	const char *name, *in, *want;
} targets[] = {
	{"a path", "/healthz", "/healthz"},
	{"escaped", "/document/a%20b%2Fc", "/document/a b/c"},
	{"a plus of a path is a plus", "/a+b", "/a+b"},
	{"and a space of a query", "/s?q=a+b", "/s q=a b"},
	{"several", "/s?q=x&from=20&q=y", "/s q=x from=20 q=y"},
	{"without a value", "/s?q&r=", "/s q= r="},
	{"nothing between", "/s?&&a=1&", "/s a=1"},
	{"an equals sign in a value", "/s?u=http://e.example/?a=b", "/s u=http://e.example/?a=b"},
	{"UTF-8", "/%C3%BC", "/\xc3\xbc"},
	{"not UTF-8", "/%FF", NULL},
	{"a NUL", "/a%00b", NULL},
	{"an escape character", "/s?q=%1b[2J", NULL},
	{"a line end in a query", "/s?q=a%0d%0ab", "/s q=a\r\nb"},
	{"half an escape", "/%2", NULL},
	{"no escape", "/%zz", NULL},
	{"an absolute address: this is no proxy", "http://127.0.0.1/healthz", NULL},
	{"of OPTIONS", "*", NULL},
	{"empty", "", NULL},
};

static void target(void **state)
{
	const struct target_row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(REQUEST_ARENA_MAX);
	struct form query;
	const char *path;
	char got[200];
	int n;

	if (request_target(span_str(row->in), &arena, &path, &query)) {
		assert_null(row->want);
		return;
	}
	n = snprintf(got, sizeof(got), "%s", path);
	for (size_t i = 0; i < query.count; i++)
		n += snprintf(got + n, sizeof(got) - (size_t)n, " %s=%s", query.at[i].name,
			      query.at[i].value);
	assert_non_null(row->want);
	assert_string_equal(got, row->want);
}

static const struct host_row {
	const char *name, *host;
	bool own;
} hosts[] = {
	{"an address", "127.0.0.1", true},
	{"with a port", "127.0.0.1:9469", true},
	{"another port: a tunnel", "localhost:1", true},
	{"upper case", "LocalHost", true},
	{"another of the loopback network", "127.3.2.1:80", true},
	{"IPv6", "[::1]:9469", true},
	{"a stranger's name", "rebind.example", false},
	{"with the right port", "rebind.example:9469", false},
	{"that begins well", "localhost.rebind.example", false},
	{"or with the address", "127.0.0.1.rebind.example", false},
	{"one part too many", "127.0.0.1.1", false},
	{"one too few", "127.0.1", false},
	{"octal", "127.0.0.01", false},
	{"one number", "2130706433", false},
	{"another address", "192.0.2.1", false},
	{"any", "0.0.0.0", false},
	{"a final dot", "localhost.", false},
	{"a port that is none", "localhost:99999", false},
	{"only a port", ":80", false},
	{"a user before it", "localhost@rebind.example", false},
	{"empty", "", false},
};

static void host(void **state)
{
	const struct host_row *row = *state;

	assert_int_equal(request_host_is_own(span_str(row->host)), row->own);
}

static const struct site_row {
	const char *name, *site, *origin, *host;
	bool same;
} sites[] = {
	{"a program", NULL, NULL, "127.0.0.1:9469", true},
	{"the page itself", "same-origin", "http://127.0.0.1:9469", "127.0.0.1:9469", true},
	{"typed by a person", "none", NULL, "127.0.0.1:9469", true},
	{"another site", "cross-site", "http://evil.example", "127.0.0.1:9469", false},
	{"another port of this machine", "same-site", "http://127.0.0.1:8000", "127.0.0.1:9469", false},
	{"a word that is not known", "sideways", NULL, "127.0.0.1:9469", false},
	{"an empty one", "", NULL, "127.0.0.1:9469", false},
	{"an older browser, the page itself", NULL, "http://127.0.0.1:9469", "127.0.0.1:9469", true},
	{"an older browser, another site", NULL, "http://evil.example", "127.0.0.1:9469", false},
	{"another port", NULL, "http://127.0.0.1:8000", "127.0.0.1:9469", false},
	{"a sandbox, a file, data:", NULL, "null", "127.0.0.1:9469", false},
	{"a name that begins so", NULL, "http://127.0.0.1:9469.evil.example", "127.0.0.1:9469", false},
	{"behind a proxy with TLS", NULL, "https://status.example", "status.example", true},
	{"an extension", NULL, "moz-extension://127.0.0.1:9469", "127.0.0.1:9469", false},
	{"no host", NULL, "http://", "", false},
};

static void site(void **state)
{
	const struct site_row *row = *state;

	assert_int_equal(
		request_is_same_site(span_str(row->site), span_str(row->origin), span_str(row->host)),
		row->same);
}

/* Of a form of at most 100 bytes. */
static const struct length_row {
	const char *name, *length, *coding;
	enum err r;
	size_t want;
} lengths[] = {
	{"nothing follows", NULL, NULL, ERR_OK, 0},
	{"none", "0", NULL, ERR_OK, 0},
	{"as many as may", "100", NULL, ERR_OK, 100},
	{"one more", "101", NULL, ERR_TOOBIG, 0},
	{"past 64 bits", "18446744073709551617", NULL, ERR_TOOBIG, 0},
	{"less than nothing", "-1", NULL, ERR_TOOBIG, 0},
	{"no number", "1x", NULL, ERR_TOOBIG, 0},
	{"empty", "", NULL, ERR_TOOBIG, 0},
	{"in chunks", NULL, "chunked", ERR_INVALID, 0},
	{"both", "5", "chunked", ERR_INVALID, 0},
};

static void length(void **state)
{
	const struct length_row *row = *state;
	size_t n = 0;

	assert_int_equal(request_length(span_str(row->length), span_str(row->coding), 100, &n), row->r);
	assert_int_equal(n, row->want);
}

static const struct type_row {
	const char *name, *type;
	bool form;
} types[] = {
	{"a form", "application/x-www-form-urlencoded", true},
	{"with a charset", "Application/X-WWW-Form-Urlencoded ; charset=UTF-8", true},
	{"JSON", "application/json", false},
	{"text, which any page may send anywhere", "text/plain", false},
	{"the other kind of form", "multipart/form-data; boundary=x", false},
	{"named behind", "text/plain; application/x-www-form-urlencoded", false},
	{"what begins so", "application/x-www-form-urlencoded2", false},
	{"none", NULL, false},
};

static void type(void **state)
{
	const struct type_row *row = *state;

	assert_int_equal(request_is_form(span_str(row->type)), row->form);
}

static const struct accept_row {
	const char *name, *accept;
	bool page;
} accepts[] = {
	{"a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", true},
	{"later, in upper case", "application/xml; q=0.9 , Text/HTML ;level=1", true},
	{"a program", "*/*", false},
	{"an image", "image/avif,image/webp,image/*,*/*;q=0.8", false},
	{"what begins so", "text/html5, text/htm", false},
	{"nothing between", ",,", false},
	{"none", NULL, false},
};

static void accept(void **state)
{
	const struct accept_row *row = *state;

	assert_int_equal(request_wants_html(span_str(row->accept)), row->page);
}

static const struct token_row {
	const char *name, *authorization, *secret;
	bool may;
} tokens[] = {
	{"the token", "Bearer 0123456789abcdef", "0123456789abcdef", true},
	{"lower case", "bearer 0123456789abcdef", "0123456789abcdef", true},
	{"another", "Bearer 0123456789abcdeg", "0123456789abcdef", false},
	{"its beginning", "Bearer 0123456789", "0123456789abcdef", false},
	{"more than it", "Bearer 0123456789abcdef0123456789abcdef", "0123456789abcdef", false},
	{"nothing", "Bearer ", "0123456789abcdef", false},
	{"another scheme", "Basic 0123456789abcdef", "0123456789abcdef", false},
	{"no header", NULL, "0123456789abcdef", false},
	{"none is configured", "Bearer ", NULL, false},
	{"nor given", NULL, NULL, false},
};

static void token(void **state)
{
	const struct token_row *row = *state;

	assert_int_equal(
		request_token_is(request_bearer(span_str(row->authorization)), span_str(row->secret)),
		row->may);
}

static void ceilings(void **state)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(REQUEST_ARENA_MAX);
	static char long_target[REQUEST_TARGET_MAX + 2], many[2 * REQUEST_PAIRS_MAX + 2];
	struct form f;
	const char *path;

	(void)state;
	memset(long_target, '/', sizeof(long_target));
	assert_int_equal(request_target(span_of(long_target, REQUEST_TARGET_MAX), &arena, &path, &f), ERR_OK);
	assert_int_equal(request_target(span_of(long_target, sizeof(long_target)), &arena, &path, &f),
			 ERR_TOOBIG);
	for (size_t i = 0; i < sizeof(many); i++)
		many[i] = i % 2 ? '&' : 'a';
	assert_int_equal(form_parse(span_of(many, 2 * REQUEST_PAIRS_MAX - 1), &arena, &f), ERR_OK);
	assert_int_equal(f.count, REQUEST_PAIRS_MAX);
	assert_int_equal(form_parse(span_of(many, 2 * REQUEST_PAIRS_MAX), &arena, &f), ERR_TOOBIG);
	assert_string_equal(form_get(&f, "a"), "");
	assert_null(form_get(&f, "b"));
}

int main(void)
{
	const struct CMUnitTest more[] = {cmocka_unit_test(ceilings)};

	return RUN_ROWS("request/target", targets, target) | RUN_ROWS("request/host", hosts, host) |
	       RUN_ROWS("request/site", sites, site) | RUN_ROWS("request/token", tokens, token) |
	       RUN_ROWS("request/length", lengths, length) | RUN_ROWS("request/type", types, type) |
	       RUN_ROWS("request/accept", accepts, accept) |
	       cmocka_run_group_tests_name("request", more, NULL, NULL);
}
