/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "base/strbuf.h"
#include "document/shape.h"
#include "plan/plan.h"

#define HEAD "---\ntitle: \"t\"\n"
#define REST                                                                              \
	"publishedDateTime: 2024-05-07T18:30:00Z\noriginalUrl: \"https://a.example/x\"\n" \
	"webUrl: \"https://a.example/x\"\ntype: article\nprovider:\n  name: A\n  domain: a.example\n"
#define IMAGE "images:\n  - url: \"https://a.example/i.jpg\"\n    width: 1\n    height: 1\n"
#define END "---\n"

/* want: "LINK:URL field=gap field=gap;" for each want, "!LINE" for each problem. */
static const struct row {
	const char *name, *in, *want;
	const char *policy;  /* "field=policy" */
	const char *written; /* "field=raw bytes" (with the space before) that ingestd wrote into the article;
				"~" before: undone; "^": renew */
	enum logos_wanted logos;
} rows[] = {
	{"complete", HEAD "excerpt: \"Done.\"\n" REST IMAGE END, "", NULL, NULL},
	{"absent excerpt", HEAD REST IMAGE END, "-1:https://a.example/x excerpt=fill;", NULL, NULL},
	{"null excerpt", HEAD "excerpt:\n" REST IMAGE END, "-1:https://a.example/x excerpt=fill;", NULL,
	 NULL},
	{"empty excerpt", HEAD "excerpt: \"\"\n" REST IMAGE END, "-1:https://a.example/x excerpt=fill;", NULL,
	 NULL},
	{"empty list of images", HEAD "excerpt: \"Done.\"\n" REST "images: []\n" END,
	 "-1:https://a.example/x images=fill;", NULL, NULL},
	{"image without size",
	 HEAD "excerpt: \"Done.\"\n" REST "images:\n  - url: \"https://a.example/i.jpg\"\n" END,
	 "-1: images=size;", NULL, NULL},
	{"cut off", HEAD "excerpt: \"The use of police and private\"\n" REST IMAGE END,
	 "-1:https://a.example/x excerpt=cut-off;", NULL, NULL},
	{"what ingestd wrote is never cut off", HEAD "excerpt: \"The use of police\"\n" REST IMAGE END, "",
	 NULL, "excerpt= \"The use of police\""},
	{"changed since ingestd wrote", HEAD "excerpt: \"The use of police\"\n" REST IMAGE END,
	 "-1:https://a.example/x excerpt=cut-off;", NULL, "excerpt= \"The use\""},
	{"a video has no webUrl",
	 "---\ntitle: t\nexcerpt: Done.\noriginalUrl: \"https://a.example/x\"\ntype: video\n" IMAGE END, "",
	 NULL, NULL},
	{"a related entry with only its URL",
	 HEAD "excerpt: \"Done.\"\n" REST IMAGE "related:\n  - webUrl: \"https://b.example/y\"\n" END,
	 "0:https://b.example/y title=fill excerpt=fill publishedDateTime=fill type=fill provider.name=fill "
	 "provider.domain=fill images=fill;",
	 NULL, NULL},
	{"a fragment is not fetched", "---\ntitle: t\noriginalUrl: \"https://a.example/x#part\"\n" IMAGE END,
	 "-1:https://a.example/x excerpt=fill;", NULL, NULL},
	{"opted out", "---\ningestd: false\ntitle: t\n" REST END, "", NULL, NULL},
	{"no http URL", "---\ntitle: t\noriginalUrl: \"ftp://a.example/x\"\n" END, "!3", NULL, NULL},
	{"kept by policy", HEAD REST IMAGE END, "", "excerpt=keep", NULL},
	{"refresh what ingestd wrote", HEAD "excerpt: \"Old.\"\n" REST IMAGE END,
	 "-1:https://a.example/x excerpt=refresh;", "excerpt=refresh", "excerpt= \"Old.\""},
	{"refresh leaves what a person wrote", HEAD "excerpt: \"Mine.\"\n" REST IMAGE END, "",
	 "excerpt=refresh", "excerpt= \"Old.\""},
	{"tidy needs no page", HEAD "excerpt: \"Done.\"\n" REST IMAGE END, "-1: title=tidy;", "title=tidy",
	 NULL},
	{"what turned out to be the host's", HEAD "excerpt: \"Old.\"\n" REST IMAGE END,
	 "-1:https://a.example/x excerpt=renew;", NULL, "excerpt=^ \"Old.\""},
	{"the host's, and a person changed it", HEAD "excerpt: \"Mine.\"\n" REST IMAGE END, "", NULL,
	 "excerpt=^ \"Old.\""},
	{"the host's, and kept by policy", HEAD "excerpt: \"Old.\"\n" REST IMAGE END, "", "excerpt=keep",
	 "excerpt=^ \"Old.\""},
	{"undone is not a gap", HEAD REST IMAGE END, "", NULL, "excerpt=~"},
	{"a site's picture, where the folder has them", HEAD "excerpt: \"Done.\"\n" REST IMAGE END,
	 "-1: provider.images=logo;", NULL, NULL, LOGOS_USED},
	{"not where it has none", HEAD "excerpt: \"Done.\"\n" REST IMAGE END, "", NULL, NULL, LOGOS_EMPTY},
	{"an empty one", HEAD "excerpt: \"Done.\"\n" REST "  images:\n" IMAGE END,
	 "-1: provider.images=logo;", NULL, NULL, LOGOS_EMPTY},
	{"but there is no table", HEAD "excerpt: \"Done.\"\n" REST "  images:\n" IMAGE END, "", NULL, NULL,
	 LOGOS_NONE},
	{"without a provider there is no place for it",
	 HEAD "excerpt: \"Done.\"\noriginalUrl: \"https://a.example/x\"\n" IMAGE END, "", NULL, NULL,
	 LOGOS_USED},
	{"a person's stays", HEAD "excerpt: \"Done.\"\n" REST "  images: [{url: /a.jpg}]\n" IMAGE END, "",
	 "provider.images=refresh", NULL, LOGOS_USED},
	{"ingestd's stays too", HEAD "excerpt: \"Done.\"\n" REST "  images: [{url: /a.jpg}]\n" IMAGE END, "",
	 NULL, "provider.images= [{url: /a.jpg}]", LOGOS_USED},
	{"and is refreshed by policy",
	 HEAD "excerpt: \"Done.\"\n" REST "  images: [{url: /a.jpg}]\n" IMAGE END,
	 "-1: provider.images=logo;", "provider.images=refresh", "provider.images= [{url: /a.jpg}]",
	 LOGOS_USED},
	{"a picture kept away by policy", HEAD "excerpt: \"Done.\"\n" REST IMAGE END, "",
	 "provider.images=keep", NULL, LOGOS_USED},
	{"an undone picture", HEAD "excerpt: \"Done.\"\n" REST IMAGE END, "", NULL, "provider.images=~",
	 LOGOS_USED},
	{"related entries have none of their own",
	 HEAD "excerpt: \"Done.\"\n" REST IMAGE
	      "related:\n  - title: t\n    excerpt: Done.\n    webUrl: \"https://b.example/y\"\n"
	      "    provider: {domain: b.example}\n    images: [{url: /a.jpg, width: 1, height: 1}]\n" END,
	 "-1: provider.images=logo;", NULL, NULL, LOGOS_USED},
};

static const char *const gaps[] = {"none", "fill", "cut-off", "size", "refresh", "tidy", "renew", "logo"};

static enum policy policy_named(struct span s)
{
	static const char *const names[] = {"fill", "refresh", "keep", "tidy"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (span_eq_str(s, names[i]))
			return (enum policy)i;
	fail_msg("no such policy");
	return POLICY_FILL;
}

static void describe(const struct document *doc, const struct plan *plan, struct strbuf *out)
{
	for (size_t i = 0; i < plan->want_count; i++) {
		const struct want *want = &plan->wants[i];

		assert_int_equal(
			strbuf_addf(out, "%d:%.*s", doc->links[want->link].related, SPAN_ARG(want->url)),
			ERR_OK);
		for (int f = 0; f < FIELD_LINK_COUNT; f++)
			if (want->gaps[f])
				assert_int_equal(strbuf_addf(out, " %s=%s", field_name((enum field)f),
							     gaps[want->gaps[f]]),
						 ERR_OK);
		assert_int_equal(strbuf_add_str(out, ";"), ERR_OK);
	}
	for (size_t i = 0; i < plan->problem_count; i++)
		assert_int_equal(strbuf_addf(out, "!%u", plan->problems[i].error.line), ERR_OK);
}

static void plans(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(16 * 1024 * 1024);
	CLEANUP(strbuf_release) struct strbuf got = STRBUF_INIT(4096);
	enum policy policy[FIELD_LINK_COUNT] = {POLICY_FILL};
	struct written written = {.article = true, .url = SPAN("https://a.example/x")};
	size_t written_count = 0;
	const struct shape *shape;
	struct document *doc;
	struct plan *plan;
	struct error e;
	enum field field;

	if (row->policy) {
		struct span rest = span_str(row->policy), name = span_split(&rest, '=');

		assert_true(field_by_name(name, &field));
		policy[field] = policy_named(rest);
	}
	if (row->written) {
		struct span rest = span_str(row->written), name = span_split(&rest, '=');

		assert_true(field_by_name(name, &written.field));
		written.undone = span_eq(rest, SPAN("~"));
		written.renew = span_starts(rest, SPAN("^"));
		rest = span_sub(rest, written.renew, rest.len);
		written.after = written.undone ? SPAN("") : rest;
		written_count = 1;
	}
	assert_int_equal(shape_make(NULL, NULL, 0, &arena, &shape, &e), ERR_OK);
	assert_int_equal(document_parse(span_str(row->in), shape, &arena, &doc, &e), ERR_OK);
	doc->logos = row->logos;
	assert_int_equal(plan_document(doc, policy, &written, written_count, &arena, &plan, &e), ERR_OK);
	describe(doc, plan, &got);
	assert_string_equal(strbuf_cstr(&got), row->want);
}

int main(void)
{
	return RUN_ROWS("plan", rows, plans);
}
