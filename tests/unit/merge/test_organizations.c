/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "base/strbuf.h"
#include "merge/organizations.h"

static const struct row {
	const char *name, *file, *text;
	enum err err;
	const char *host, *want; /* NULL: has no name */
} rows[] = {
	{"the host", "example.org.md", "---\nname: Example\n---\n", ERR_OK, "example.org", "Example"},
	{"a host of the domain", "example.org.md", "---\nname: Example\n---\n", ERR_OK, "www.a.example.org",
	 "Example"},
	{"another domain", "example.org.md", "---\nname: Example\n---\n", ERR_OK, "example.com", NULL},
	{"a domain is no end of a word", "example.org.md", "---\nname: Example\n---\n", ERR_OK,
	 "anexample.org", NULL},
	{"its domain's file is not the host's", "news.example.org.md", "---\nname: News\n---\n", ERR_OK,
	 "example.org", NULL},
	{"a public suffix names nobody below it", "co.uk.md", "---\nname: All\n---\n", ERR_OK,
	 "example.co.uk", NULL},
	{"title where there is no name", "example.org.markdown", "---\nname: ~\ntitle: Example\n---\n",
	 ERR_OK, "example.org", "Example"},
	{"capitals", "Example.ORG.md", "---\nname: Example\n---\n", ERR_OK, "example.org", "Example"},
	{"other letters",
	 "b\xc3\xbc"
	 "cher.example.md",
	 "---\nname: B\n---\n", ERR_OK, "xn--bcher-kva.example", "B"},
	{"an address", "127.0.0.2.md", "---\nname: Here\n---\n", ERR_OK, "127.0.0.2", "Here"},
	{"blanks", "example.org.md", "---\nname: |\n  The \n  Example\n---\n", ERR_OK, "example.org",
	 "The Example"},
	{"images beside it", "example.org.md",
	 "---\nname: Example\nimages:\n  - url: /a.jpg\n    width: 50\n---\n", ERR_OK, "example.org",
	 "Example"},
	{"a list", "example.org.md", "---\nname: [a, b]\n---\n", ERR_INVALID, "example.org", NULL},
	{"no name", "example.org.md", "---\nurl: x\n---\n", ERR_INVALID, "example.org", NULL},
	{"empty", "example.org.md", "", ERR_INVALID, "example.org", NULL},
	{"twice", "example.org.md", "---\nname: a\nname: b\n---\n", ERR_INVALID, "example.org", NULL},
	{"not YAML", "example.org.md", "---\nname: [\n---\n", ERR_SYNTAX, "example.org", NULL},
	{"not UTF-8", "example.org.md", "---\nname: \xff\n---\n", ERR_SYNTAX, "example.org", NULL},
	{"no host", "not a host.example.md", "---\nname: a\n---\n", ERR_INVALID, "example.org", NULL},
	{"a port is no host", "example.org:80.md", "---\nname: a\n---\n", ERR_INVALID, "example.org", NULL},
	{"a user is no host", "me@example.org.md", "---\nname: a\n---\n", ERR_INVALID, "example.org", NULL},
	{"a name of many characters", "example.org.md",
	 "---\nname: "
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	 "aaaaaaaaaaaaaaaaaaaaaaa\n---\n",
	 ERR_INVALID, "example.org", NULL},
};

static void reads(void **state)
{
	const struct row *row = *state;
	struct organizations *o = organizations_new();
	struct span got;
	struct error e;

	assert_non_null(o);
	assert_true(organizations_is_file(span_str(row->file)));
	assert_int_equal(organizations_add(o, span_str(row->file), span_str(row->text), &e), row->err);
	organizations_end(o);
	got = organizations_name(o, span_str(row->host));
	assert_int_equal(got.ptr != NULL, row->want != NULL);
	if (row->want)
		assert_true(span_eq_str(got, row->want));
	assert_null(organizations_free(o));
}

static void host_before_domain(void **state)
{
	static const char *const files[] = {"example.org.md", "a.org.md", "news.example.org.md",
					    "z.example.md", "EXAMPLE.org.md"};
	static const char *const texts[] = {"---\nname: Example\n---\n", "---\nname: A\n---\n",
					    "---\nname: News\n---\n", "---\nname: Z\n---\n",
					    "---\nname: Other\n---\n"};
	uint64_t hashes[2];

	(void)state;
	for (int back = 0; back < 2; back++) {
		struct organizations *o = organizations_new();
		struct error e;

		assert_non_null(o);
		for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
			size_t k = back ? ARRAY_SIZE(files) - 1 - i : i;

			assert_int_equal(organizations_add(o, span_str(files[k]), span_str(texts[k]), &e),
					 ERR_OK);
		}
		organizations_end(o);
		assert_int_equal(organizations_count(o), 4);
		hashes[back] = organizations_hash(o);
		assert_true(span_eq_str(organizations_name(o, SPAN("news.example.org")), "News"));
		assert_true(span_eq_str(organizations_name(o, SPAN("old.example.org")), "Example"));
		assert_true(span_eq_str(organizations_name(o, SPAN("z.example")), "Z"));
		organizations_free(o);
	}
	assert_true(hashes[0] == hashes[1]);
}

/* want: "url WxH" of each, what follows has a space before it. */
static const struct images_row {
	const char *name, *images, *want;
} images_rows[] = {
	{"paths and addresses",
	 "[{url: /a.jpg, width: 50, height: 40}, {url: \"https://b.example/b.png\"}, //c.example/c.png]",
	 "/a.jpg 50x40 https://b.example/b.png 0x0 //c.example/c.png 0x0 "},
	{"what is no picture is left out",
	 "[{url: a.jpg}, {width: 5}, [], {url: \"/a b\"}, {url: \"javascript:x\"}, {url: "
	 "\"data:image/png,x\"}, "
	 "{url: /last}]",
	 "/last 0x0 "},
	{"sides that are none", "[{url: /a, width: wide, height: 1000001}]", "/a 0x0 "},
	{"four at most", "[/1, /2, /3, /4, /5]", "/1 0x0 /2 0x0 /3 0x0 /4 0x0 "},
	{"no list", "/a.jpg", ""},
};

static void pictures(void **state)
{
	const struct images_row *row = *state;
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(4096), got = STRBUF_INIT(4096);
	struct organizations *o = organizations_new();
	uint64_t named;
	const struct image *images;
	struct error e;
	size_t n;

	assert_non_null(o);
	assert_false(organizations_have_images(o));
	assert_int_equal(organizations_add(o, SPAN("a.example.md"), SPAN("---\nname: a\n---\n"), &e), ERR_OK);
	named = organizations_hash(o);
	assert_null(organizations_free(o));
	o = organizations_new();
	assert_non_null(o);
	assert_int_equal(strbuf_addf(&text, "---\nname: a\nimages: %s\n---\n", row->images), ERR_OK);
	assert_int_equal(organizations_add(o, SPAN("a.example.md"), strbuf_span(&text), &e), ERR_OK);
	organizations_end(o);
	assert_int_equal(organizations_have_images(o), *row->want != 0);
	assert_int_equal(organizations_hash(o) != named, *row->want != 0);
	n = organizations_images(o, SPAN("www.a.example"), &images);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(strbuf_addf(&got, "%.*s %ux%u ", SPAN_ARG(images[i].url), images[i].width,
					     images[i].height),
				 ERR_OK);
	assert_string_equal(strbuf_cstr(&got), row->want);
	assert_int_equal(organizations_images(o, SPAN("b.example"), &images), 0);
	assert_int_equal(organizations_images(NULL, SPAN("a.example"), &images), 0);
	organizations_free(o);
}

static void ceilings(void **state)
{
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(1 << 20);
	struct organizations *o = organizations_new();
	struct error e;

	(void)state;
	assert_non_null(o);
	assert_int_equal(strbuf_add_str(&text, "---\nname: a\n---\n"), ERR_OK);
	while (text.len < ORGANIZATION_BYTES)
		assert_int_equal(strbuf_add_byte(&text, '\n'), ERR_OK);
	assert_int_equal(organizations_add(o, SPAN("a.example.md"), strbuf_span(&text), &e), ERR_OK);
	assert_int_equal(strbuf_add_byte(&text, '\n'), ERR_OK);
	assert_int_equal(organizations_add(o, SPAN("b.example.md"), strbuf_span(&text), &e), ERR_TOOBIG);
	for (int i = 1; i < ORGANIZATIONS_MAX; i++) {
		char file[32];

		(void)snprintf(file, sizeof(file), "h%d.example.md", i);
		assert_int_equal(organizations_add(o, span_str(file), SPAN("---\nname: a\n---\n"), &e),
				 ERR_OK);
	}
	assert_int_equal(organizations_add(o, SPAN("b.example.md"), SPAN("---\nname: a\n---\n"), &e),
			 ERR_TOOBIG);
	organizations_end(o);
	assert_int_equal(organizations_count(o), ORGANIZATIONS_MAX);
	assert_true(organizations_name(NULL, SPAN("a.example")).ptr == NULL);
	organizations_free(o);
}

static void other_files(void **state)
{
	static const char *const none[] = {"README.md",       ".md", ".hidden.org.md", "example.org",
					   "example.org.txt", "",    ".markdown",      "a.yaml"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		assert_false(organizations_is_file(span_str(none[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(host_before_domain),
		cmocka_unit_test(ceilings),
		cmocka_unit_test(other_files),
	};
	int failed = RUN_ROWS("organizations", rows, reads);

	failed += RUN_ROWS("organizations/pictures", images_rows, pictures);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
