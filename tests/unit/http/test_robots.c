/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "base/strbuf.h"
#include "base/url.h"
#include "http/robots.h"

/* agent NULL: "ingestd" */
static const struct row {
	const char *name, *text, *target;
	bool want;
	const char *agent;
} rows[] = {
	{"no rules", "", "/x", true},
	{"prefix", "User-agent: *\nDisallow: /a", "/ab", false},
	{"other path", "User-agent: *\nDisallow: /a", "/b", true},
	{"case counts in paths", "User-agent: *\nDisallow: /a", "/A", true},
	{"empty disallow", "User-agent: *\nDisallow:\n", "/x", true},
	{"the file itself", "User-agent: *\nDisallow: /", "/robots.txt", true},
	{"query is matched", "User-agent: *\nDisallow: /*?", "/x?", false},
	{"rules before any group", "Disallow: /\n", "/x", true},
	{"CR, CRLF, BOM, case, spaces", "\xef\xbb\xbf uSER-agent : *\r\n\r\n  DISALLOW\t:\t/a \r", "/a",
	 false},
	{"comment", "User-agent: * # all\nDisallow: /a#b\n", "/ab", false},
	{"no colon", "User-agent *\nDisallow /a\n", "/a", false},
	{"three words are none", "User-agent: *\nDisallow /a b\n", "/a", true},
	{"misspelt", "User-agent: *\nDissallow: /a\n", "/a", false},

	{"our group", "User-agent: *\nDisallow: /\nUser-agent: IngestD\nDisallow: /b", "/a", true},
	{"our group, version", "User-agent: ingestd/9 (x)\nDisallow: /a", "/a", false, "ingestd/1.2"},
	{"longer name is another", "User-agent: ingestdx\nDisallow: /", "/a", true},
	{"shorter name is another", "User-agent: ingest\nDisallow: /", "/a", true},
	{"groups merge",
	 "User-agent: ingestd\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: ingestd\n"
	 "Disallow: /b",
	 "/b", false},
	{"several names", "User-agent: x\nUser-agent: ingestd\nDisallow: /a", "/a", false},
	{"a sitemap ends no group", "User-agent: ingestd\nSitemap: /s\nUser-agent: x\nDisallow: /a", "/a",
	 false},
	{"a rule ends the names", "User-agent: ingestd\nDisallow: /a\nUser-agent: x\nDisallow: /b", "/b",
	 true},
	{"named without rules", "User-agent: *\nDisallow: /\nUser-agent: ingestd\nCrawl-delay: 1", "/a",
	 true},
	{"agent that is no token", "User-agent: *\nDisallow: /a", "/a", false, "*"},
	{"star with a tail is no star", "User-agent: *x\nDisallow: /a", "/a", true},

	{"longest wins", "User-agent: *\nAllow: /a/b\nDisallow: /a", "/a/bc", true},
	{"longest wins, reversed", "User-agent: *\nDisallow: /a/b\nAllow: /a", "/a/bc", false},
	{"allow wins ties", "User-agent: *\nDisallow: /a\nAllow: /a", "/a", true},
	{"allow wins ties, reversed", "User-agent: *\nAllow: /a\nDisallow: /a", "/a", true},
	{"star", "User-agent: *\nDisallow: /*.gif", "/a/b.gif?x", false},
	{"star matches nothing too", "User-agent: *\nDisallow: /a*b", "/ab", false},
	{"stars", "User-agent: *\nDisallow: /a**b*c", "/axxbc", false},
	{"pieces do not overlap", "User-agent: *\nDisallow: /*aba*ba", "/ababa", false},
	{"pieces do not overlap, too short", "User-agent: *\nDisallow: /*aba*ba", "/aba", true},
	{"end", "User-agent: *\nDisallow: /a$", "/ab", true},
	{"end, met", "User-agent: *\nDisallow: /a$", "/a", false},
	{"star and end", "User-agent: *\nDisallow: /*.gif$", "/a.gif.gif", false},
	{"star and end, not met", "User-agent: *\nDisallow: /*.gif$", "/a.gifs", true},
	{"star, end, first is last", "User-agent: *\nDisallow: /a*a$", "/a", true},
	{"star before end", "User-agent: *\nDisallow: /a*$", "/abc", false},
	{"dollar inside", "User-agent: *\nDisallow: /a$b", "/a$bc", false},
	{"relative never matches", "User-agent: *\nDisallow: a", "/a", true},
	{"star first", "User-agent: *\nDisallow: *a", "/xa", false},

	{"encoded letter", "User-agent: *\nDisallow: /%61b", "/ab", false},
	{"encoded letter in the URL", "User-agent: *\nDisallow: /ab", "/%61b", false},
	{"reserved is not its encoding", "User-agent: *\nDisallow: /a%2Fb", "/a/b", true},
	{"case of the encoding", "User-agent: *\nDisallow: /a%2fb", "/a%2Fb", false},
	{"bytes", "User-agent: *\nDisallow: /\xc3\xa9", "/%c3%A9", false},
	{"encoded star", "User-agent: *\nDisallow: /a%2Ab", "/a*b", false},
	{"encoded star is no star", "User-agent: *\nDisallow: /a%2Ab", "/axb", true},
	{"encoded dollar", "User-agent: *\nDisallow: /a%24", "/a$b", false},
	{"a lone percent", "User-agent: *\nDisallow: /a%zz", "/a%zz", false},
	{"a folder's index", "User-agent: *\nDisallow: /\nAllow: /a/index.html", "/a/", true},
	{"a folder's index, not more", "User-agent: *\nDisallow: /\nAllow: /a/index.html", "/a/b", false},
};

static void allows(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(ROBOTS_ARENA_MAX);
	struct robots r;
	struct span rest = span_str(row->target), path = span_split(&rest, '?');

	assert_int_equal(
		robots_parse(span_str(row->text), span_str(row->agent ? row->agent : "ingestd"), &arena, &r),
		ERR_OK);
	assert_int_equal(robots_allow(&r, path,
				      strchr(row->target, '?') ? span_of(rest.ptr ? rest.ptr : "", rest.len)
							       : SPAN_NONE,
				      &arena),
			 row->want);
}

static const struct delay_row {
	const char *name, *text;
	uint32_t want;
} delays[] = {
	{"none", "User-agent: *\nDisallow: /", 0},
	{"seconds", "User-agent: *\nCrawl-delay: 5", 5000},
	{"fraction", "User-agent: *\nCrawl-delay: 0.25 # slow", 250},
	{"the longer of two", "User-agent: *\nCrawl-delay: 9\nCrawl-delay: 2", 9000},
	{"ours", "User-agent: *\nCrawl-delay: 9\nUser-agent: ingestd\nCrawl-delay: 2", 2000},
	{"cut", "User-agent: *\nCrawl-delay: 99999999999999999999999999", ROBOTS_DELAY_MAX_MS},
	{"does not wrap", "User-agent: *\nCrawl-delay: 18446744073709552", ROBOTS_DELAY_MAX_MS},
	{"nonsense", "User-agent: *\nCrawl-delay: soon", 0},
	{"a point alone", "User-agent: *\nCrawl-delay: .", 0},
};

static void tells_delay(void **state)
{
	const struct delay_row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(ROBOTS_ARENA_MAX);
	struct robots r;

	assert_int_equal(robots_parse(span_str(row->text), SPAN("ingestd"), &arena, &r), ERR_OK);
	assert_int_equal(r.delay_ms, row->want);
}

/* Files as large as they are read, made to be slow or big. */
static const struct large_row {
	const char *name, *unit;
	bool want;
} large[] = {
	{"rules", "Allow:/\n", true},
	{"short rules", "Allow:a\n", true},
	{"wild rules", "Disallow:*aaab\n", true},
	{"a long line", "a", true},
	{"stars", "*a", true},
	{"names", "User-agent:a\n", true},
	{"names and rules", "User-agent:*\nAllow:\xff\xff\xff\xff\xff\xff\xff\n", true},
};

static void bears_large_files(void **state)
{
	const struct large_row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(ROBOTS_ARENA_MAX);
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(2 * ROBOTS_BYTES);
	struct robots r;
	char target[URL_MAX];

	memset(target, 'a', sizeof(target));
	target[0] = '/';
	assert_int_equal(strbuf_add_str(&b, "User-agent: *\nUser-agent: ingestd\nDisallow: /b\nDisallow: /"),
			 ERR_OK);
	while (b.len < ROBOTS_BYTES + 100)
		assert_int_equal(strbuf_add_str(&b, row->unit), ERR_OK);
	/* behind the limit nothing is read */
	assert_int_equal(strbuf_add_str(&b, "\nUser-agent: ingestd\nDisallow: /a\n"), ERR_OK);
	assert_int_equal(robots_parse(strbuf_span(&b), SPAN("ingestd"), &arena, &r), ERR_OK);
	assert_int_equal(robots_allow(&r, span_of(target, sizeof(target)), SPAN_NONE, &arena), row->want);
	assert_false(robots_allow(&r, SPAN("/b"), SPAN_NONE, &arena));
}

int main(void)
{
	return RUN_ROWS("http/robots", rows, allows) || RUN_ROWS("http/robots-delay", delays, tells_delay) ||
	       RUN_ROWS("http/robots-large", large, bears_large_files);
}
