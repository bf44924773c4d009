/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "base/strbuf.h"
#include "feed/identity.h"

/* Documents of one feed, one after the other. An entry is "id link title date", - for none; link a stands for
 * https://site.example/a. want: for each entry of each document N (new), K (known), S (the same as an earlier
 * one of it), documents apart by '/'. */
static const struct row {
	const char *name, *documents[6], *want;
	const char *policy; /* part of its text in the end */
} rows[] = {
	{"by id", {"1 a A 1;2 b B 2", "3 c C 3;1 a A 1;2 b B 2"}, "NN/NKK", "by id, link"},
	{"by link where there is no id", {"- a A 1;- b B 2", "- c C 3;- a A 1"}, "NN/NK", NULL},
	{"by title and date", {"- - A 1;- - B 2", "- - C 3;- - A 1"}, "NN/NK", NULL},
	{"the same title another day", {"- - A 1", "- - A 2;- - A 1"}, "N/NK", NULL},
	{"an edited title", {"1 a A 1", "1 a Aa 1"}, "N/K", NULL},
	{"an edited title and date, by link", {"- a A 1", "- a Aa 2"}, "N/K", NULL},
	{"an edited title and link", {"tag:x,1 a A 1", "tag:x,1 aa Aa 1"}, "N/K", NULL},
	{"http to https in the id",
	 {"http://site.example/?p=1 a A 1", "https://site.example/?p=1 aa Aa 2"},
	 "N/K",
	 NULL},
	{"http to https in the link",
	 {"- http://site.example/x A 1", "- https://www.site.example/x/ B 2"},
	 "N/K",
	 NULL},
	{"tracking in the link", {"- a?utm_source=rss A 1", "- a?utm_source=atom B 2"}, "N/K", NULL},
	{"another query is another article", {"- i?id=1 A 1", "- i?id=2 B 2"}, "N/N", NULL},
	{"a new id with each request",
	 {"x1 a A 1;x2 b B 2", "x3 a A 1;x4 b B 2", "x5 a A 1;x6 c C 3;x7 b B 2"},
	 "NN/KK/KNK",
	 "ids are not stable"},
	{"a new id with each request, and an edit",
	 {"x1 a A 1;x2 b B 2", "x3 a A 1;x4 b B 2", "x5 a Aaa 7;x6 b B 2"},
	 "NN/KK/KK",
	 "ids are not stable"},
	{"an id that changes with the title",
	 {"t-A a A 1;t-B b B 2", "t-AA a AA 1;t-B b B 2"},
	 "NN/KK",
	 "by id, link"},
	{"one id for all",
	 {"1 a A 1;1 b B 2;1 c C 3", "1 d D 4;1 a A 1;1 b B 2"},
	 "NNN/NKK",
	 "ids are not stable"},
	{"two of one id", {"1 a A 1;1 b B 2", "1 c C 3;1 a A 1"}, "NN/NK", NULL},
	{"a short id used again", {"today a A 1", "today b B 2"}, "N/N", NULL},
	{"the site as id, used again",
	 {"http://site.example/ a A 1", "http://site.example/ b B 2"},
	 "N/N",
	 NULL},
	{"a token in the link, no id",
	 {"- a?t=1 A 1;- b?t=2 B 2", "- a?t=3 A 1;- b?t=4 B 2", "- a?t=5 A 1;- b?t=6 B 2",
	  "- a?t=7 Aaa 9;- b?t=8 B 2"},
	 "NN/KK/KK/KK",
	 "links are not stable"},
	{"a token in the link, no id, an edit before the second look",
	 {"- a?t=1 A 1;- b?t=2 B 2;- c?t=3 C 3;- d?t=4 D 4",
	  "- a?t=5 A 1;- b?t=6 B 2;- c?t=7 C 3;- d?t=8 Ddd 4"},
	 "NNNN/KKKK",
	 "links are not stable"},
	{"a token in the link and new ids",
	 {"x1 a?t=1 A 1;x2 b?t=2 B 2", "x3 a?t=3 A 1;x4 b?t=4 B 2;x5 c?t=9 C 3", "x6 a?t=5 A 1;x7 b?t=6 B 2"},
	 "NN/KKN/KK",
	 "neither"},
	{"all links to the front page", {"1 / A 1;2 / B 2", "3 / C 3;2 / B 2"}, "NN/NK", NULL},
	{"all links to the front page, no ids, one by one", {"- / A 1", "- / B 2"}, "N/N", NULL},
	{"one link for all entries", {"1 x A 1;2 x B 2", "3 x C 3;1 x A 1"}, "NN/NK", NULL},
	{"fragments name entries", {"- log#a A 1;- log#b B 2", "- log#c C 3;- log#a A 1"}, "NN/NK", NULL},
	{"the same entry twice in a document", {"1 a A 1;1 a A 1;2 a A 1", "1 a A 1"}, "NSS/K", NULL},
	{"nothing but a title", {"- - A -", "- - A -;- - B -"}, "N/KN", NULL},
	{"gone for a while", {"1 a A 1", "2 b B 2", "1 a A 1"}, "N/N/K", NULL},
};

static struct span word(struct span *rest)
{
	struct span s = span_split(rest, ' ');

	return span_eq(s, SPAN("-")) ? SPAN_NONE : s;
}

static void read_entry(struct span text, struct arena *arena, struct feed_entry *ret)
{
	CLEANUP(strbuf_release) struct strbuf link = STRBUF_INIT(1000);
	struct span id = word(&text), to = word(&text), title = word(&text), date = word(&text);
	uint64_t n;

	*ret = (struct feed_entry){.id = id, .title = title};
	if (to.len) {
		bool whole = span_starts(to, SPAN("http"));

		assert_int_equal(
			strbuf_addf(&link, "%s%.*s", whole ? "" : "https://site.example/", SPAN_ARG(to)), 0);
		ret->link = arena_dup(arena, strbuf_span(&link));
	}
	if (date.len && span_to_uint(date, 1000, &n))
		ret->published = (struct feed_date){true, {.seconds = 1700000000 + (int64_t)n * 86400}};
}

enum { KNOWN_MAX = 64 };

static void follows(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	struct identity_keys known[KNOWN_MAX], keys[16];
	struct identity_match match[16];
	struct identity_policy policy = {0};
	const struct feed feed = {.link = SPAN("https://site.example/")};
	size_t known_count = 0, n;
	char got[128] = "", *to = got;

	for (size_t d = 0; d < 6 && row->documents[d]; d++) {
		struct span rest = span_str(row->documents[d]), one;

		n = 0;
		while ((one = span_split(&rest, ';')).ptr) {
			struct feed_entry entry;

			read_entry(one, &arena, &entry);
			assert_int_equal(identity_keys(&feed, &entry, &arena, &keys[n++]), ERR_OK);
		}
		assert_int_equal(identity_match(&policy, known, known_count, keys, n, match), ERR_OK);
		if (d)
			*to++ = '/';
		for (size_t i = 0; i < n; i++) {
			*to++ = "NKS"[match[i].answer];
			if (match[i].answer == IDENTITY_NEW)
				known[known_count++] = keys[i];
			if (match[i].answer == IDENTITY_KNOWN && match[i].changed)
				known[match[i].index] = keys[i];
		}
	}
	*to = 0;
	assert_string_equal(got, row->want);
	if (row->policy)
		assert_non_null(strstr(identity_policy_text(&policy), row->policy));
}

int main(void)
{
	return RUN_ROWS("identity", rows, follows);
}
