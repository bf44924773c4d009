/* SPDX-License-Identifier: MIT */
/* wrap: malloc calloc realloc strdup */
/* Feeds cut and spoilt at every few bytes, feeds made to take time or memory, and memory that runs out. At
 * full size: tests/bench/feed/hostile.py. */
#include "unit/fault.h"

#include <dirent.h>
#include <stdio.h>
#include <time.h>

#include "base/text.h"
#include "extract/extract.h"
#include "feed/feed_json.h"

enum { MANGLE_STEP = 7, MADE_BYTES = 2 << 20, MADE_SECONDS = 8 };

static void check(struct span s)
{
	assert_true(!s.ptr || (s.len && text_utf8_valid(s) == s.len));
}

static void check_feed(const struct feed *f)
{
	check(f->title);
	check(f->link);
	for (size_t i = 0; i < f->entry_count; i++) {
		const struct feed_entry *e = &f->entries[i];

		check(e->title);
		check(e->link);
		check(e->id);
		check(e->summary);
		check(e->content);
		check(e->author);
		for (size_t k = 0; k < e->tag_count; k++)
			check(e->tags[k]);
	}
}

static enum err parse(struct span body, struct arena *arena, struct feed **ret)
{
	const struct feed_input in = {.body = body, .base = SPAN("https://x.example/feed")};

	return feed_parse(&in, arena, ret, NULL);
}

/* A copy of exactly that size, so that a read past its end is seen. */
static void parse_and_check(const char *bytes, size_t n, struct arena *arena)
{
	char *copy = malloc(n ? n : 1);
	struct feed *f;

	memcpy(copy, bytes, n);
	if (!parse(span_of(copy, n), arena, &f))
		check_feed(f);
	free(copy);
	arena_reset(arena);
}

static void read_file(const char *path, struct strbuf *out)
{
	char piece[65536];
	FILE *f = fopen(path, "rb");

	if (!f)
		return;
	for (size_t n; (n = fread(piece, 1, sizeof(piece), f)) > 0;)
		assert_int_equal(strbuf_add(out, piece, n), ERR_OK);
	fclose(f);
}

static void cut_and_spoilt(void **state)
{
	static const char spoilers[] = "<>&\"'/!]\0\xff";
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(FEED_ARENA_MAX);
	struct dirent **names;
	int n = scandir(TESTS_DIR "/feeds", &names, NULL, alphasort);

	(void)state;
	assert_true(n > 2);
	for (int i = 0; i < n; i++) {
		CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(1 << 20);
		char path[1024];

		snprintf(path, sizeof(path), "%s/feeds/%s/feed.xml", TESTS_DIR, names[i]->d_name);
		read_file(path, &b);
		snprintf(path, sizeof(path), "%s/feeds/%s/feed.json", TESTS_DIR, names[i]->d_name);
		read_file(path, &b);
		for (size_t at = 0; at < b.len; at += MANGLE_STEP) {
			char was = b.ptr[at];

			parse_and_check(b.ptr, at, &arena);
			parse_and_check(b.ptr + at, b.len - at, &arena);
			for (size_t k = 0; k < sizeof(spoilers) - 1; k++) {
				b.ptr[at] = spoilers[k];
				parse_and_check(b.ptr, b.len, &arena);
			}
			b.ptr[at] = was;
		}
		free(names[i]);
	}
	free(names);
}

/* ---- made to take time ---- */

struct made {
	const char *name, *head, *piece, *tail;
};
#define HEAD "<rss version='2.0'><channel><title>t</title>"
static const struct made made[] = {
	{"comments without end", HEAD, "<!-- >", ""},
	{"comments without end in a text", HEAD "<item><title>", "<!-- >", "</title>"},
	{"comments without end in markup", HEAD "<item><description><![CDATA[", "<!-- >", "]]>"},
	{"comments between authors", HEAD, "<author><!-- ></author>", ""},
	{"declarations without end", HEAD, "<!D[ >", ""},
	{"instructions without end", HEAD, "<?x >", ""},
	{"CDATA without end", HEAD "<item><title>", "<![CDATA[", ""},
	{"titles not closed", HEAD "<item>", "<title>x", ""},
	{"authors not closed", HEAD, "<author>x", ""},
	{"people not closed", HEAD "<item>", "<author><name>", ""},
	{"items not closed", HEAD, "<item>", ""},
	{"depth", HEAD "<item><title>", "<a>", ""},
	{"depth that nobody knows", HEAD, "<a>", ""},
	{"end tags of nothing", HEAD "<a><b><c>", "</d>", ""},
	{"end tags without end", HEAD, "</d", ""},
	{"attributes", HEAD "<item ", "a='b' ", ""},
	{"values without end", HEAD "<item>", "<a b=\"<a b='", ""},
	{"quotes in markup", HEAD "<item><description><![CDATA[", "<a b='><a b=\"", "]]>"},
	{"scripts without end", HEAD "<item><description><![CDATA[", "<script>x<style>", "]]>"},
	{"bare ampersands", HEAD "<item><title>", "&", "</title>"},
	{"references", HEAD "<item><title>", "&amp;#38;", "</title>"},
	{"categories", HEAD "<item>", "<category>x</category>", ""},
	{"namespaces, deep", HEAD, "<a xmlns:a='b' xmlns:c='d'>", ""},
	{"namespaces", HEAD "<item", " xmlns:a='b'", ">"},
};

static void is_linear(void **state)
{
	const struct made *m = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(FEED_ARENA_MAX);
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(MADE_BYTES + 4096);
	struct feed *f;
	clock_t start;

	assert_int_equal(strbuf_add_str(&b, m->head), ERR_OK);
	while (b.len < MADE_BYTES)
		assert_int_equal(strbuf_add_str(&b, m->piece), ERR_OK);
	assert_int_equal(strbuf_add_str(&b, m->tail), ERR_OK);
	start = clock();
	if (!parse(strbuf_span(&b), &arena, &f))
		check_feed(f);
	/* what is quadratic takes minutes; what is linear, 0.1 s, some more under ASan */
	assert_true(clock() - start < (clock_t)MADE_SECONDS * CLOCKS_PER_SEC);
	assert_true(arena.used < 40 * (size_t)MADE_BYTES);
}

/* ---- ceilings ---- */

static void laughs_are_few(void **state)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(FEED_ARENA_MAX);
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(1 << 20);
	struct feed *f;

	(void)state;
	assert_int_equal(strbuf_add_str(&b, "<!DOCTYPE rss [<!ENTITY a0 'hahahahahahahahahaha'>"), ERR_OK);
	for (int i = 1; i < 12; i++)
		assert_int_equal(strbuf_addf(&b, "<!ENTITY a%d '&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;'>",
					     i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1),
				 ERR_OK);
	assert_int_equal(strbuf_add_str(&b, "]>" HEAD "<item><title>&a11; after"), ERR_OK);
	for (int i = 0; i < 20000; i++)
		assert_int_equal(strbuf_add_str(&b, "&a3;"), ERR_OK);
	assert_int_equal(parse(strbuf_span(&b), &arena, &f), ERR_OK);
	assert_int_equal(f->entry_count, 1);
	assert_true(f->entries[0].title.len > 1000 && f->entries[0].title.len < 3 << 20);
	assert_true(f->trouble_count > 0);
}

static void too_much_is_cut(void **state)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(FEED_ARENA_MAX);
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(FEED_BODY_MAX + 1);
	struct feed *f;

	(void)state;
	assert_int_equal(strbuf_add_str(&b, HEAD), ERR_OK);
	for (int i = 0; i < FEED_ENTRY_MAX + 10; i++)
		assert_int_equal(strbuf_add_str(&b, "<item><guid>x</guid></item>"), ERR_OK);
	assert_int_equal(parse(strbuf_span(&b), &arena, &f), ERR_OK);
	assert_int_equal(f->entry_count, FEED_ENTRY_MAX);
	assert_true(f->cut);

	strbuf_truncate(&b, 0);
	arena_reset(&arena);
	assert_int_equal(strbuf_add_str(&b, HEAD "<item><guid>a"), ERR_OK);
	for (int i = 0; i < FEED_ID_MAX; i++)
		assert_int_equal(strbuf_add_str(&b, "\xc3\xa9"), ERR_OK);
	assert_int_equal(strbuf_add_str(&b, "</guid>"), ERR_OK);
	for (int i = 0; i < 2 * FEED_LIST_MAX; i++)
		assert_int_equal(strbuf_addf(&b,
					     "<category>c%d</category><author>a%d</author><enclosure "
					     "url='http://x.example/%d'/>",
					     i, i, i),
				 ERR_OK);
	assert_int_equal(parse(strbuf_span(&b), &arena, &f), ERR_OK);
	check(f->entries[0].id);
	assert_true(f->entries[0].id.len <= FEED_ID_MAX && f->entries[0].id.len > FEED_ID_MAX - 2);
	assert_int_equal(f->entries[0].tag_count, FEED_LIST_MAX);
	assert_int_equal(f->entries[0].author_count, FEED_LIST_MAX);
	assert_int_equal(f->entries[0].enclosure_count, FEED_LIST_MAX);

	assert_int_equal(parse(span_of(b.ptr, (size_t)FEED_BODY_MAX + 1), &arena, &f), ERR_TOOBIG);
	strbuf_truncate(&b, 0);
	assert_int_equal(strbuf_add_str(&b, "{\"items\":[1"), ERR_OK);
	for (int i = 0; i < 2000 * 1000; i++)
		assert_int_equal(strbuf_add_str(&b, ",1"), ERR_OK);
	assert_int_equal(parse(strbuf_span(&b), &arena, &f), ERR_TOOBIG);
}

static void arena_ceiling(void **state)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(300 * 1024);
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(1 << 20);
	struct feed *f;

	(void)state;
	assert_int_equal(strbuf_add_str(&b, HEAD), ERR_OK);
	while (b.len < 900000)
		assert_int_equal(strbuf_add_str(&b, "<item><title>a &amp; b</title></item>"), ERR_OK);
	assert_int_equal(parse(strbuf_span(&b), &arena, &f), ERR_TOOBIG);
}

/* ---- memory that runs out ---- */

static void every_allocation_fails(void **state)
{
	static const char feed[] = HEAD
		"<image><url>a</url></image><item xml:base='b/'><title>x &amp;amp; <b>y</b></title><link>a "
		"b</link><category>c &amp; d</category><description>&lt;p>e&amp;nbsp;f</description>"
		"<author>m@x.y (N &amp; M)</author><enclosure url='u&amp;v'/><pubDate>odd</pubDate></item>";
	unsigned nth = 0;

	(void)state;
	for (;; nth++) {
		CLEANUP(arena_release) struct arena arena = ARENA_INIT(FEED_ARENA_MAX);
		struct feed *f = NULL;
		enum err r;

		fault_arm(nth);
		r = parse(span_str(feed), &arena, &f);
		if (!fault_disarm()) {
			assert_int_equal(r, ERR_OK);
			break;
		}
		/* a warning may lose its detail */
		assert_true(r == ERR_NOMEM || (r == ERR_OK && f->entry_count == 1 &&
					       f->entries[0].summary.len && f->entries[0].tag_count));
	}
	assert_true(nth > 3);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(made) + 8] = {
		cmocka_unit_test(cut_and_spoilt),         cmocka_unit_test(laughs_are_few),
		cmocka_unit_test(too_much_is_cut),        cmocka_unit_test(arena_ceiling),
		cmocka_unit_test(every_allocation_fails),
	};
	size_t n = 5;

	extract_init();
	for (size_t i = 0; i < ARRAY_SIZE(made); i++)
		tests[n++] =
			(struct CMUnitTest){made[i].name, is_linear, NULL, NULL, (void *)(uintptr_t)&made[i]};
	return _cmocka_run_group_tests("hostile", tests, n, NULL, NULL);
}
