/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "feed/rules.h"

static const struct span tags[] = {{"AI", 2}, {"Machine Learning", 16}};
static const struct span authors[] = {{"Ann Example", 11}};
static const struct feed_entry entry = {
	.title = {"Facial recognition in town", 26},
	.summary = {"A short word on \xc3\x84pfel.", 24},
	.content = {"The whole text.", 15},
	.link = {"https://a.example/news/1", 24},
	.authors = authors,
	.author_count = 1,
	.tags = tags,
	.tag_count = 2,
};

static const struct row {
	const char *name;
	struct rule_condition conditions[2];
	bool holds;
	const char *refused;
} rows[] = {
	{"title", {{"title", "^Facial"}}, true, NULL},
	{"case counts unless it is told not to", {{"title", "facial"}}, false, NULL},
	{"without case", {{"title", "(?i)facial"}}, true, NULL},
	{"without case beyond ASCII", {{"summary", "(?i)\xc3\xa4PFEL"}}, true, NULL},
	{"a word of Unicode", {{"summary", "\\b\xc3\x84\\w+"}}, true, NULL},
	{"one tag as a whole", {{"tag", "^AI$"}}, true, NULL},
	{"text is title and summary", {{"text", "short"}}, true, NULL},
	{"text is not content", {{"text", "whole"}}, false, NULL},
	{"any", {{"any", "whole"}}, true, NULL},
	{"author", {{"author", "Ann"}}, true, NULL},
	{"link", {{"link", "/news/"}}, true, NULL},
	{"both conditions", {{"tag", "AI"}, {"title", "town"}}, true, NULL},
	{"one of two", {{"tag", "AI"}, {"title", "country"}}, false, NULL},
	{"no such field", {{"colour", "x"}}, false, "there is no field 'colour'"},
	{"not a pattern", {{"title", "(i?"}}, false, "missing closing parenthesis"},
	{"a byte of a character", {{"title", "\\C"}}, false, "\\C"},
};

static void first(void **state)
{
	const struct row *row = *state;
	const struct rule rule = {NULL, row->conditions, row->conditions[1].field ? 2 : 1};
	struct rules *rules;
	struct rule_hit hit;
	struct error e = {.text = ""};
	enum err r = rules_make(&rule, 1, &rules, &e);

	if (row->refused) {
		assert_int_equal(r, ERR_INVALID);
		assert_non_null(strstr(e.text, row->refused));
		return;
	}
	assert_int_equal(r, ERR_OK);
	assert_int_equal(rules_first(rules, &entry, &hit), row->holds);
	assert_false(hit.exhausted);
	rules_free(rules);
}

/* A pattern that would take for ever ends, and says so. */
static void bounded(void **state)
{
	static const struct rule_condition slow = {"title", "^(a+)+$"};
	const struct rule rule = {NULL, &slow, 1};
	static char text[5000];
	struct feed_entry long_one = {.title = {text, sizeof(text)}};
	struct rules *rules;
	struct rule_hit hit;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '!';
	assert_int_equal(rules_make(&rule, 1, &rules, NULL), ERR_OK);
	assert_false(rules_first(rules, &long_one, &hit));
	assert_true(hit.exhausted);
	rules_free(rules);
}

static void topics(void **state)
{
	static const struct rule_condition ai = {"tag", "^AI$"}, face = {"title", "(?i)face|facial"},
					   no = {"tag", "Sport"};
	static const struct rule list[] = {
		{"AI", &ai, 1}, {"Sport", &no, 1}, {"Vision", &face, 1}, {"AI", &face, 1}};
	const char *got[4];
	struct rules *rules;

	(void)state;
	assert_int_equal(rules_make(list, ARRAY_SIZE(list), &rules, NULL), ERR_OK);
	assert_int_equal(rules_topics(rules, &entry, got, 4), 2);
	assert_string_equal(got[0], "AI");
	assert_string_equal(got[1], "Vision");
	assert_int_equal(rules_topics(rules, &entry, got, 1), 1);
	rules_free(rules);
}

int main(void)
{
	static const struct {
		const char *name;
	} one[] = {{"bounded"}}, two[] = {{"topics"}};

	return RUN_ROWS("rules", rows, first) + RUN_ROWS("rules/bounded", one, bounded) +
	       RUN_ROWS("rules/topics", two, topics);
}
