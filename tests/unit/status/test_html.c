/* SPDX-License-Identifier: MIT */
/* What goes into a page: escaped where it stands, bounded, and never a link to anything but http and https.
 */
#include "unit/rows.h"

#include "status/html.h"

#include "base/url.h"

static const struct row {
	const char *name;
	void (*put)(struct out *o, struct span s);
	const char *in, *want;
} rows[] = {
	{"text", html_text, "a < b & c > \"d\" 'e'", "a &lt; b &amp; c &gt; &quot;d&quot; &#39;e&#39;"},
	{"a script", html_text, "</title><script>alert(1)</script>",
	 "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;"},
	{"a comment's end", html_text, "--><img src=x onerror=alert(1)>",
	 "--&gt;&lt;img src=x onerror=alert(1)&gt;"},
	{"a control", html_text, "a\x1b[0m", "a<span class=\"ctl\">U+001B</span>[0m"},
	{"an override", html_text, "x\xe2\x80\xaegnp", "x<span class=\"ctl\">U+202E</span>gnp"},
	{"lines stay", html_text, "a\nb", "a\nb"},
	{"malformed", html_text, "a\xff<", "a\xef\xbf\xbd&lt;"},
	{"a character cut at a quote", html_text, "\xe2\x80\"x", "\xef\xbf\xbd\xef\xbf\xbd&quot;x"},
	{"an attribute", html_attribute, "\" onmouseover=\"alert(1)", "&quot; onmouseover=&quot;alert(1)"},
	{"a control in an attribute", html_attribute, "a\xe2\x80\xae", "a(U+202E)"},
	{"a query", html_query, "a b&c=d\"<>/\xc3\xbc#?%", "a%20b%26c%3Dd%22%3C%3E/%C3%BC%23%3F%25"},
	{"isolated", html_bdi, "\xd8\xb3<b>", "<bdi>\xd8\xb3&lt;b&gt;</bdi>"},
	{"a web link", html_foreign, "https://a.example/?x=1&y=\"",
	 "<a class=\"out\" rel=\"noreferrer noopener nofollow\" href=\"https://a.example/?x=1&amp;y=&quot;\">"
	 "<bdi>https://a.example/?x=1&amp;y=&quot;</bdi></a>"},
	{"javascript", html_foreign, "javascript:alert(1)", "<bdi>javascript:alert(1)</bdi>"},
	{"javascript in disguise", html_foreign, " java\tscript:alert(1)",
	 "<bdi> java\tscript:alert(1)</bdi>"},
	{"data", html_foreign, "data:text/html,<script>", "<bdi>data:text/html,&lt;script&gt;</bdi>"},
	{"no scheme", html_foreign, "//a.example/", "<bdi>//a.example/</bdi>"},
	{"an empty one", html_foreign, "", "<bdi></bdi>"},
};

static void renders(void **state)
{
	const struct row *row = *state;
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(10000);
	struct out o = {&text, ERR_OK};

	row->put(&o, span_str(row->in));
	assert_int_equal(o.failed, ERR_OK);
	assert_string_equal(strbuf_cstr(&text), row->want);
}

/* ---- whole pages ---- */

#define EVIL "\"><script>alert(1)</script>\xe2\x80\xae\x1b]0;x\x07 javascript:alert(1)"

static const struct html_page page = {.now = 1700000000,
				      .may_act = true,
				      .asks_token = true,
				      .images = "all",
				      .said = {EVIL, sizeof(EVIL) - 1},
				      .here = {"/\">", 3},
				      .many_roots = true};

/* What a stranger wrote nowhere stands as markup, and every element that is opened is closed. */
static void is_sound(const char *html)
{
	static const char *const pairs[] = {"section", "ul",     "li",      "table", "tbody", "tr",  "td",
					    "dl",      "dd",     "a",       "bdi",   "span",  "div", "p",
					    "form",    "button", "article", "main",  "h1",    "h2",  "h3",
					    "details", "time",   "nav",     "ins",   "del"};

	assert_null(strstr(html, "<script>"));
	assert_null(strstr(html, "\x1b"));
	assert_null(strstr(html, "\xe2\x80\xae"));
	assert_null(strstr(html, "href=\"javascript"));
	assert_null(strstr(html, " style="));
	assert_null(strstr(html, " onclick"));
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		char open[16], close[16];
		int n = 0;

		(void)snprintf(open, sizeof(open), "<%s", pairs[i]);
		(void)snprintf(close, sizeof(close), "</%s>", pairs[i]);
		for (const char *p = html; (p = strstr(p, open)); p++)
			n += p[strlen(open)] == ' ' || p[strlen(open)] == '>';
		for (const char *p = html; (p = strstr(p, close)); p++)
			n--;
		if (n)
			fail_msg("%d of <%s> too many", n, pairs[i]);
	}
}

static struct view_change evil_change(void)
{
	return (struct view_change){.row = {.id = 1,
					    .related = 2,
					    .field = FIELD_TITLE,
					    .source = SPAN(EVIL),
					    .from = SPAN(EVIL),
					    .score = 5,
					    .time = 1699999000},
				    .before = SPAN(EVIL),
				    .after = SPAN(EVIL)};
}

static void overview(struct strbuf *out)
{
	struct view_flight flight = {SPAN(EVIL), "page", 1699999990, 1, 2};
	struct view_queue queue = {SPAN(EVIL), 3, 1, 1700000005, "the pause between two requests"};
	struct view_live live = {.pid = 1,
				 .in_hand = 2,
				 .running = 1,
				 .queued = 3,
				 .flights = &flight,
				 .flight_count = 1,
				 .flights_more = 4,
				 .queues = &queue,
				 .queue_count = 1,
				 .queues_more = 9};
	struct view_change changes[6];
	struct view_card card = {.root = SPAN(EVIL),
				 .path = SPAN(EVIL),
				 .title = SPAN(EVIL),
				 .excerpt = SPAN(EVIL),
				 .image = {.url = SPAN("https://a.example/\"><script>"), .host = SPAN(EVIL)},
				 .time = 1699999999,
				 .changes = changes,
				 .change_count = 6};
	struct span evidence = SPAN(EVIL);
	struct view_stuck stuck = {.document = {SPAN(EVIL),
						{.path = SPAN(EVIL), .due_at = 1700009999},
						{.state = STORE_STATE_REFUSED,
						 .missing = 255,
						 .title = SPAN(EVIL),
						 .reason = SPAN(EVIL),
						 .url = SPAN(EVIL),
						 .line = 3}},
				   .evidence = &evidence,
				   .evidence_count = 1};
	struct view_host host = {.host = SPAN(EVIL),
				 .urls = 2,
				 .failures = 3,
				 .next_at = 1700000100,
				 .url = SPAN(EVIL),
				 .why = SPAN(EVIL)};
	struct store_poll feed = {.url = SPAN(EVIL),
				  .title = SPAN(EVIL),
				  .error = SPAN(EVIL),
				  .failures = 2,
				  .next_at = 1700000200};
	struct view v = {.now = 1700000000,
			 .live = &live,
			 .cards = &card,
			 .card_count = 1,
			 .stuck = &stuck,
			 .stuck_count = 1,
			 .hosts = &host,
			 .host_count = 1,
			 .feeds = &feed,
			 .feed_count = 1,
			 .stuck_more = true,
			 .feeds_more = true,
			 .cut_short = true,
			 .hosts_more = 2,
			 .counts = {.all = 5, .states = {1, 1, 1, 1, 1, 0}, .missing = {1, 2, 3}}};

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++)
		changes[i] = evil_change();
	assert_int_equal(html_overview(&page, &v, out), ERR_OK);
}

static void documents(struct strbuf *out)
{
	struct look_document row = {SPAN(EVIL),
				    {.path = SPAN(EVIL)},
				    {.state = STORE_STATE_OPEN,
				     .missing = 3,
				     .title = SPAN(EVIL),
				     .reason = SPAN(EVIL),
				     .looked_at = 1699990000}};
	struct html_list list = {
		.filter = {.state = STORE_STATE_OPEN,
			   .missing = 1,
			   .words = SPAN(EVIL),
			   .root = SPAN(EVIL),
			   .after_root = SPAN(EVIL),
			   .after = SPAN(EVIL)},
		.found = {.rows = &row, .count = 1, .more = true, .end_root = SPAN(EVIL), .end = SPAN(EVIL)},
		.counts = {.all = 9, .states = {1, 2, 3}, .missing = {1}}};

	assert_int_equal(html_documents(&page, &list, out), ERR_OK);
}

static struct explained evil_url(struct page *p, struct candidate *c, struct span *evidence)
{
	*c = (struct candidate){
		.field = FIELD_TITLE, .value = SPAN(EVIL), .source = SPAN(EVIL), .score = 9, .line = 4};
	*evidence = SPAN(EVIL);
	*p = (struct page){.verdict = VERDICT_CHALLENGE,
			   .evidence = evidence,
			   .evidence_count = 1,
			   .candidates = c,
			   .candidate_count = 1};
	return (struct explained){
		.url = SPAN(EVIL),
		.result = {.url = SPAN("https://b.example/"),
			   .final_url = SPAN(EVIL),
			   .outcome = OUTCOME_PAGE,
			   .status = 200,
			   .error = SPAN(EVIL),
			   .failures = 3,
			   .move_target = 1,
			   .move_times = 2,
			   .move_first = 1600000000},
		.block = {.outcome = OUTCOME_STATUS, .status = 429, .expires_at = 1700000900},
		.page = p};
}

static void one_url(struct strbuf *out)
{
	struct candidate c;
	struct span evidence;
	struct page p;
	struct explained e = evil_url(&p, &c, &evidence);

	assert_int_equal(html_url(&page, &e, out), ERR_OK);
}

static void one_document(struct strbuf *out)
{
	struct candidate c;
	struct span evidence;
	struct page p;
	struct explained e = evil_url(&p, &c, &evidence);
	struct view_change change = evil_change();
	struct view_link link = {.related = 1,
				 .line = 3,
				 .url = SPAN(EVIL),
				 .fields = {{SPAN(EVIL), 1, GAP_NONE}, {SPAN_NONE, 0, GAP_FILL}}};
	struct view_document d = {.known = {SPAN(EVIL),
					    {.path = SPAN(EVIL), .due_at = INT64_MAX},
					    {.state = STORE_STATE_OPEN,
					     .missing = 2,
					     .reason = SPAN(EVIL),
					     .url = SPAN(EVIL),
					     .looked_at = 1699999000}},
				  .root = SPAN(EVIL),
				  .path = SPAN(EVIL),
				  .title = SPAN(EVIL),
				  .excerpt = SPAN(EVIL),
				  .links = &link,
				  .link_count = 1,
				  .links_more = 3,
				  .urls = &e,
				  .url_count = 1,
				  .changes = &change,
				  .change_count = 1,
				  .changes_more = true,
				  .bytes = 4096,
				  .opted_out = true};

	assert_int_equal(html_document(&page, &d, out), ERR_OK);
}

static void message(struct strbuf *out)
{
	assert_int_equal(html_message(&page, "Not found", SPAN(EVIL), out), ERR_OK);
}

static const struct whole {
	const char *name;
	void (*make)(struct strbuf *out);
} wholes[] = {{"overview", overview},
	      {"documents", documents},
	      {"one URL", one_url},
	      {"one document", one_document},
	      {"message", message}};

static void holds_evil(void **state)
{
	const struct whole *row = *state;
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(1 << 20);

	row->make(&text);
	is_sound(strbuf_cstr(&text));
	assert_non_null(strstr(strbuf_cstr(&text), "&lt;script&gt;alert(1)"));
}

/* Past the buffer's ceiling: a failure, not half a page that looks whole. */
static void bounded(void **state)
{
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(1000);

	(void)state;
	assert_int_equal(html_message(&page, "Not found", SPAN(EVIL), &text), ERR_TOOBIG);
}

/* A value of a megabyte takes HTML_TEXT_MAX bytes of a page. */
static void long_values(void **state)
{
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(1 << 20);
	char *much = malloc(1 << 20);
	struct out o = {&text, ERR_OK};

	(void)state;
	assert_non_null(much);
	(void)memset(much, 'x', 1 << 20);
	html_bdi(&o, span_of(much, 1 << 20));
	assert_in_range(text.len, HTML_TEXT_MAX, HTML_TEXT_MAX + 20);
	free(much);
}

static void assets(void **state)
{
	(void)state;
	assert_non_null(html_asset("page.css"));
	assert_non_null(html_asset("page.js"));
	assert_null(html_asset("../page.css"));
	assert_null(html_asset(""));
}

int main(void)
{
	const struct CMUnitTest more[] = {cmocka_unit_test(bounded), cmocka_unit_test(long_values),
					  cmocka_unit_test(assets)};

	return RUN_ROWS("status/escape", rows, renders) + RUN_ROWS("status/pages", wholes, holds_evil) +
	       cmocka_run_group_tests_name("status/html", more, NULL, NULL);
}
