/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "base/text.h"

#include <unictype.h>
#include <uninorm.h>

static const struct row {
	const char *name, *in, *want;
} normal_rows[] = {
	{"plain", "a b", "a b"},
	{"empty", "", ""},
	{"only spaces", " \t\n", ""},
	{"folds", " a \t\r\n b  ", "a b"},
	{"Unicode spaces", "a\u00a0\u2003\u3000b\u2028c", "a b c"},
	{"no width", "a\u200bb\ufeff\u00adc\u2060", "abc"},
	{"joiners stay inside", "\u0645\u06cc\u200c\u062e \u200cx\u200d", "\u0645\u06cc\u200c\u062e x"},
	{"emoji sequence", "\U0001f468\u200d\U0001f469\ufe0f", "\U0001f468\u200d\U0001f469\ufe0f"},
	{"controls", "a\x01\x7f\x1b[b", "a[b"},
	{"bidi overrides", "a\u202eb\u202c\u2066c\u2069", "abc"},
	{"C1 is windows-1252",
	 "a\xc2\x93"
	 "b\xc2\x94\xc2\x81\xc2\x85",
	 "a\u201cb\u201d\u2026"},
	{"NFC", "e\u0301", "\u00e9"},
	{"NFC, Hangul", "\u1100\u1161\u11a8", "\uac01"},
	{"NFC, order of marks", "a\u0315\u0300", "\u00e0\u0315"},
	{"invalid UTF-8", "a\xff\xe2\x82", "a\ufffd\ufffd"},
	{"doubly encoded", "Q&amp;A: it&#8217;s &quot;new&quot;", "Q&A: it\u2019s \"new\""},
	{"trebly encoded", "a &amp;amp; b", "a & b"},
	{"ampersand alone", "AT&T & Co", "AT&T & Co"},
	{"no semicolon, no reference", "a&copy=1&lt", "a&copy=1&lt"},
	{"encoded nbsp", "a&nbsp;b", "a b"},
	{"encoded tags", "&lt;p class=&quot;a>b&quot;&gt;a&lt;br/&gt;b &lt;b&gt;c&lt;/b&gt;d&lt;/p&gt;",
	 "a b cd"},
	{"encoded less-than", "1 &lt; 2 &amp;&amp; 3 > 2", "1 < 2 && 3 > 2"},
	{"tag never closed", "&lt;b a &lt;i", "<b a <i"},
	{"raw tags are text", "The <b> element", "The <b> element"},
	{"about references, quoted", "What '&amp;' means", "What '&amp;' means"},
	{"about references, by the word", "The &lt; entity", "The &lt; entity"},
};

static void normal(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	struct span got = text_normal(span_str(row->in), &arena);

	assert_non_null(got.ptr);
	assert_string_equal(got.ptr, row->want);
	assert_int_equal(got.len, strlen(row->want));
	got = text_normal(got, &arena);
	assert_string_equal(got.ptr, row->want);
}

static const struct row entity_rows[] = {
	{"none", "a & b; &", "a & b; &"},
	{"named", "&lt;&AElig;&CounterClockwiseContourIntegral;", "<\u00c6\u2233"},
	{"longest bare name", "&notit; &notin; &not", "\u00acit; \u2209 \u00ac"},
	{"bare", "&copy2020 &AMP &frac12x", "\u00a92020 & \u00bdx"},
	{"unknown", "&nosuchname; &x", "&nosuchname; &x"},
	{"two code points", "&nLt;&ngE;", "\u226a\u20d2\u2267\u0338"},
	{"case counts", "&Dagger;&dagger;&LT;&lT;", "\u2021\u2020<&lT;"},
	{"decimal", "&#65;&#66 &#x43;&#X44;", "AB CD"},
	{"not numbers", "&#; &#x; &#xg; &#a", "&#; &#x; &#xg; &#a"},
	{"windows-1252", "&#128;&#x99;&#129;", "\u20ac\u2122\xc2\x81"},
	{"out of range", "&#0;&#xd800;&#x110000;&#99999999999999999999;", "\ufffd\ufffd\ufffd\ufffd"},
	{"one pass", "&amp;lt;", "&lt;"},
	{"at the end", "a&amp", "a&"},
};

static void entities(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	struct span in = span_str(row->in), got = text_decode_entities(in, &arena);

	assert_true(span_eq_str(got, row->want));
	assert_int_equal(got.ptr == in.ptr, strcmp(row->in, row->want) == 0);
}

static const struct cut_row {
	const char *name;
	unsigned min, max;
	const char *in, *want;
} cut_rows[] = {
	{"fits", 1, 5, "abcde", "abcde"},
	{"fits in characters", 1, 3, "\u00e4\u00f6\u00fc", "\u00e4\u00f6\u00fc"},
	{"sentence", 3, 15, "One two. Three four five.", "One two."},
	{"last sentence", 3, 16, "One. Two. Three. Four five.", "One. Two. Three."},
	{"sentence at the very end of the room", 3, 8, "One two. Three", "One two."},
	{"sentence too short", 9, 15, "One two. Three four five.", "One two. Three\u2026"},
	{"closing quote", 3, 14, "\u201cOne two.\u201d Three four", "\u201cOne two.\u201d"},
	{"closing quote does not fit", 3, 9, "\u201cOne two.\u201d Three four", "\u201cOne\u2026"},
	{"question and exclamation", 3, 12, "Is it?! So far", "Is it?!"},
	{"abbreviation", 3, 12, "He met Dr. Who at noon", "He met Dr\u2026"},
	{"initial", 3, 14, "So John F. Kennedy said", "So John F\u2026"},
	{"dots inside", 3, 14, "In the U.S. Army he served", "In the U.S\u2026"},
	{"decimal point", 3, 12, "It was 3.5 per cent", "It was 3.5\u2026"},
	{"German day", 3, 14, "Es ist der 1. September", "Es ist der 1\u2026"},
	{"year", 3, 14, "Came in 1999. Left", "Came in 1999."},
	{"name with a mark", 3, 16, "At Yahoo! is a place", "At Yahoo! is a\u2026"},
	{"ellipsis is no end", 3, 12, "Wait... and then", "Wait... and\u2026"},
	{"comma goes", 3, 9, "One two, three", "One two\u2026"},
	{"one long word", 1, 5, "abcdefgh", "abcd\u2026"},
	{"CJK sentence", 2, 6, "\u4eca\u65e5\u3002\u660e\u65e5\u306f\u6674\u308c", "\u4eca\u65e5\u3002"},
	{"CJK cut anywhere", 4, 6, "\u4eca\u65e5\u306f\u660e\u65e5\u306f\u6674\u308c",
	 "\u4eca\u65e5\u306f\u660e\u65e5\u2026"},
	{"cluster stays whole", 1, 4, "abe\u0301\u0302\u0303 def", "ab\u2026"},
	{"nothing but dots", 1, 3, "......", "\u2026"},
	{"no room", 0, 0, "abc", ""},
};

static void cuts(void **state)
{
	const struct cut_row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	struct span got = text_cut(span_str(row->in), row->min, row->max, &arena);
	char text[200];

	(void)snprintf(text, sizeof(text), "%.*s", SPAN_ARG(got));
	assert_string_equal(text, row->want);
	assert_true(text_length(got) <= row->max);
}

static void closed(void **state)
{
	(void)state;
	static const char *const yes[] = {
		"A.", "A!", "A?\u201d", "A.)", "(\u201cA.\u201d) ", "\u4eca\u3002\u300d", "A...?"};
	static const char *const no[] = {"",         "A",       "A,", "A\u2026", "A...",
					 "[\u2026]", "A [...]", "A:", "\"",      "..."};

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		assert_true(text_ends_closed(span_str(yes[i])));
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		assert_false(text_ends_closed(span_str(no[i])));
}

static void alike(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		bool want;
	} pairs[] = {{"A B", "a-b!", true},
		     {"\u201cStra\u00dfe\u201d", "STRASSE", true},
		     {"e\u0301t\u00e9", "\u00c9TE\u0301", true},
		     {"It\u2019s", "it's", true},
		     {"a\u00a0b", "ab", true},
		     {"ab", "abc", false},
		     {"1+1", "11", false},
		     {"", "", true}};
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		assert_int_equal(text_alike(span_str(pairs[i].a), span_str(pairs[i].b), &arena),
				 pairs[i].want);
	assert_false(text_alike(SPAN_NONE, SPAN(""), &arena));
}

static void utf8(void **state)
{
	(void)state;
	static const struct {
		const char *in, *want;
		size_t valid;
	} cases[] = {{"abcdefghi\u00e4", "abcdefghi\u00e4", 11},
		     {"a\x80z", "a\ufffdz", 1},
		     {"\xc0\xaf", "\ufffd\ufffd", 0},
		     {"\xed\xa0\x80", "\ufffd\ufffd\ufffd", 0},
		     {"\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd", 0},
		     {"\xe2\x82", "\ufffd", 0},
		     {"\xf0\x9f\x98"
		      "a",
		      "\ufffda", 0},
		     {"\xf0\x80", "\ufffd\ufffd", 0},
		     {"\U0010ffff", "\U0010ffff", 4}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(strbuf_release) struct strbuf out = STRBUF_INIT(100);

		assert_int_equal(text_utf8_valid(span_str(cases[i].in)), cases[i].valid);
		assert_int_equal(text_utf8_repair(span_str(cases[i].in), &out), ERR_OK);
		assert_string_equal(strbuf_cstr(&out), cases[i].want);
	}
	CLEANUP(strbuf_release) struct strbuf small = STRBUF_INIT(2);
	assert_int_equal(text_utf8_repair(SPAN("\xff"), &small), ERR_TOOBIG);
}

/* Each character, between a letter and an accent that could join it: after text_normal() NFC has nothing to
 * do. */
static void all_characters(void **state)
{
	(void)state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);

	for (uint32_t c = 0; c < 0x20000; c++) {
		CLEANUP(strbuf_release) struct strbuf in = STRBUF_INIT(100);
		struct span got;
		uint8_t *nfc;
		size_t n;

		assert_int_equal(strbuf_add_str(&in, "e"), 0);
		assert_int_equal(strbuf_add_utf8(&in, c), 0);
		assert_int_equal(strbuf_add_utf8(&in, c), 0);
		assert_int_equal(strbuf_add_str(&in, "\u0323x"), 0);
		arena_reset(&arena);
		got = text_normal(strbuf_span(&in), &arena);
		assert_int_equal(text_utf8_valid(got), got.len);
		nfc = u8_normalize(UNINORM_NFC, (const uint8_t *)got.ptr, got.len, NULL, &n);
		assert_int_equal(n, got.len);
		assert_memory_equal(nfc, got.ptr, n);
		free(nfc);
		/* and once more, without the accent: what the short way lets through */
		strbuf_truncate(&in, in.len - strlen("\u0323x"));
		got = text_normal(strbuf_span(&in), &arena);
		nfc = u8_normalize(UNINORM_NFC, (const uint8_t *)got.ptr, got.len, NULL, &n);
		assert_int_equal(n, got.len);
		assert_memory_equal(nfc, got.ptr, n);
		free(nfc);
	}
}

static void without_tags(void **state)
{
	(void)state;
	static const struct {
		const char *in, *want;
	} texts[] = {
		{"<p>The ferry runs.", " The ferry runs."},
		{"The <b>ferry</b> runs.", "The ferry runs."},
		{"Behind the wheel<a class=\"more\" href=\"/x\">Read More", "Behind the wheelRead More"},
		{"One<br/>two", "One two"},
		/* text about markup and signs that are none stay */
		{"How to use <p> well", "How to use <p> well"},
		{"a < b and c > d", "a < b and c > d"},
		{"<3 for ferries", "<3 for ferries"},
		{"no tag at all", "no tag at all"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CLEANUP(arena_release) struct arena arena = ARENA_INIT(4096);

		assert_true(span_eq_str(text_without_tags(span_str(texts[i].in), &arena), texts[i].want));
	}
}

/* Little memory: nothing or the whole answer. */
static void runs_out(void **state)
{
	(void)state;
	int done = 0;

	for (size_t max = 0; max < 2048; max += 16) {
		CLEANUP(arena_release) struct arena arena = ARENA_INIT(max), two = ARENA_INIT(max);
		struct span got = text_normal(SPAN("\xff &amp;lt;p&amp;gt; e\u0301"), &arena);
		struct span cut = text_cut(SPAN("One two three"), 1, 8, &two);

		assert_true(!got.ptr || span_eq_str(got, "\ufffd \u00e9"));
		assert_int_equal(!got.ptr, arena_failed(&arena) != ERR_OK);
		assert_true(!cut.ptr || span_eq_str(cut, "One two\u2026"));
		(void)text_alike(SPAN("\u00c9t\u00e9"), SPAN("\u00e9t\u00e9"), &arena);
		(void)text_fold(SPAN(" a\u3000b "), &arena);
		done += got.ptr != NULL;
	}
	assert_true(done > 0 && done < 2048 / 16);
}

/* What grows most, in a block of its own, so that ASan sees the end of it. */
static void grows(void **state)
{
	(void)state;
	static const struct {
		const char *in, *want;
	} units[] = {{"&nLt;", "\u226a\u20d2"}, {"\xc2\x85", "\u2026"}, {"\xff", "\ufffd"}};

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		CLEANUP(arena_release) struct arena arena = ARENA_INIT(8 << 20);
		CLEANUP(strbuf_release) struct strbuf in = STRBUF_INIT(1 << 20);
		size_t n = 200000 / strlen(units[i].in);

		for (size_t k = 0; k < n; k++)
			assert_int_equal(strbuf_add_str(&in, units[i].in), 0);
		assert_int_equal(text_normal(strbuf_span(&in), &arena).len, n * strlen(units[i].want));
	}
}

int main(void)
{
	static const struct CMUnitTest more[] = {cmocka_unit_test(closed),        cmocka_unit_test(alike),
						 cmocka_unit_test(utf8),          cmocka_unit_test(runs_out),
						 cmocka_unit_test(without_tags),  cmocka_unit_test(grows),
						 cmocka_unit_test(all_characters)};

	return RUN_ROWS("text/normal", normal_rows, normal) +
	       RUN_ROWS("text/entities", entity_rows, entities) + RUN_ROWS("text/cut", cut_rows, cuts) +
	       cmocka_run_group_tests_name("text", more, NULL, NULL);
}
