/* SPDX-License-Identifier: MIT */
/* Every folder of tests/pages is a case: page.html, want.json, and request.json where the response matters.
 *
 * request.json: {"url", "requested_url", "status", "known_title", "headers": [[name, value]]}, all optional.
 * want.json: members as `ingestd extract` prints them; each one named must be equal, null means absent. A
 * member that wants more than equality is an object: {"begins": text}. Adding a case touches no C. */
#include "unit/rows.h"

#include <dirent.h>
#include <jansson.h>

#include "base/date.h"
#include "extract/answer.h"

enum { HEADERS_MAX = 16, PATH_LEN = 1024 };

static struct span text_of(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_string(v) ? span_of(json_string_value(v), json_string_length(v)) : SPAN_NONE;
}

static bool read_page(const char *path, struct strbuf *out)
{
	char piece[65536];
	FILE *f = fopen(path, "rb");
	bool ok = f;

	for (size_t n; ok && (n = fread(piece, 1, sizeof(piece), f)) > 0;)
		ok = strbuf_add(out, piece, n) == ERR_OK;
	if (f)
		fclose(f);
	return ok;
}

static void same_text(const struct metadata *a, const struct metadata *b, enum field f)
{
	assert_int_equal(a->chosen[f] != NULL, b->chosen[f] != NULL);
	if (a->chosen[f])
		assert_true(span_eq(a->chosen[f]->value, b->chosen[f]->value));
}

/* Whatever parts are asked for, and whether or not the head suffices, they are what the whole page gives. */
static void parts_agree(const struct page_response *r, const struct choose_options *options,
			const struct metadata *whole)
{
	for (unsigned parts = 1; parts < 8; parts++) {
		CLEANUP(arena_release) struct arena arena = ARENA_INIT(PAGE_ARENA_MAX);
		struct metadata some;
		struct page *page;
		struct error e;

		assert_int_equal(extract_parts(r, parts, options, &arena, &page, &some, &e), ERR_OK);
		for (int f = 0; f < FIELD_COUNT; f++)
			if (page || (f == FIELD_TITLE && parts & PART_BIT(PART_TITLE)) ||
			    (f == FIELD_EXCERPT && parts & PART_BIT(PART_EXCERPT)))
				same_text(&some, whole, (enum field)f);
		if (!(parts & PART_BIT(PART_IMAGES)))
			continue;
		assert_int_equal(!some.image_count, !whole->image_count);
		if (!some.image_count)
			continue;
		assert_true(span_eq(some.images[0].url, whole->images[0].url));
		assert_int_equal(some.images[0].width, whole->images[0].width);
		assert_int_equal(some.images[0].height, whole->images[0].height);
	}
}

/* The answer that the daemon would print; a new reference. */
static json_t *answer(struct span body, const json_t *request)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(PAGE_ARENA_MAX);
	CLEANUP(strbuf_release) struct strbuf out = STRBUF_INIT(8 << 20);
	struct page_header headers[HEADERS_MAX];
	struct page_response r = {.body = body, .headers = headers};
	struct choose_options options = {120, 300, date_from_civil(2030, 1, 1) * 86400};
	const json_t *list = json_object_get(request, "headers"), *one;
	struct page *page;
	struct metadata m;
	struct error e;
	size_t i;

	r.final_url = text_of(request, "url");
	r.requested_url = text_of(request, "requested_url");
	if (!r.requested_url.len)
		r.requested_url = r.final_url;
	r.known_title = text_of(request, "known_title");
	r.status = (unsigned)json_integer_value(json_object_get(request, "status"));
	r.content_type = SPAN("text/html; charset=utf-8");
	json_array_foreach(list, i, one) if (r.header_count < HEADERS_MAX) headers[r.header_count++] =
		(struct page_header){span_str(json_string_value(json_array_get(one, 0))),
				     span_str(json_string_value(json_array_get(one, 1)))};
	assert_int_equal(extract_page(&r, &arena, &page, &e), ERR_OK);
	assert_int_equal(extract_choose(page, &options, true, &arena, &m), ERR_OK);
	parts_agree(&r, &options, &m);
	assert_int_equal(page_answer_json(SPAN_NONE, page, &m, &out), ERR_OK);
	return json_loadb(strbuf_cstr(&out), out.len, 0, NULL);
}

static bool agrees(const json_t *want, const json_t *got)
{
	const json_t *begins = json_is_object(want) ? json_object_get(want, "begins") : NULL;

	if (json_is_null(want))
		return !got;
	if (begins)
		return json_is_string(got) && !strncmp(json_string_value(got), json_string_value(begins),
						       json_string_length(begins));
	return got && json_equal(want, got);
}

static void page_is_understood(void **state)
{
	const char *name = *state, *key;
	CLEANUP(strbuf_release) struct strbuf body = STRBUF_INIT(PAGE_BODY_MAX);
	char path[PATH_LEN];
	json_t *request, *want, *got, *value;
	unsigned wrong = 0;

	snprintf(path, sizeof(path), TESTS_DIR "/pages/%s/page.html", name);
	assert_true(read_page(path, &body));
	snprintf(path, sizeof(path), TESTS_DIR "/pages/%s/request.json", name);
	request = json_load_file(path, 0, NULL);
	snprintf(path, sizeof(path), TESTS_DIR "/pages/%s/want.json", name);
	want = json_load_file(path, 0, NULL);
	assert_non_null(want);
	got = answer(strbuf_span(&body), request);
	json_object_foreach(want, key, value)
	{
		if (agrees(value, json_object_get(got, key)))
			continue;
		char *is = json_dumps(json_object_get(got, key), JSON_ENCODE_ANY),
		     *should = json_dumps(value, JSON_ENCODE_ANY);

		print_error("%s: %s is %s, should be %s\n", name, key, is ? is : "absent", should);
		free(is);
		free(should);
		wrong++;
	}
	json_decref(request);
	json_decref(want);
	json_decref(got);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	static struct CMUnitTest tests[ROWS_MAX];
	static char names[ROWS_MAX][128];
	DIR *d = opendir(TESTS_DIR "/pages");
	size_t n = 0;

	extract_init();
	for (const struct dirent *e; d && (e = readdir(d));)
		if (e->d_name[0] != '.' && n < ROWS_MAX && strlen(e->d_name) < sizeof(names[0])) {
			strcpy(names[n], e->d_name);
			tests[n] = (struct CMUnitTest){names[n], page_is_understood, NULL, NULL, names[n]};
			n++;
		}
	if (d)
		closedir(d);
	assert(n);
	return _cmocka_run_group_tests("extract/pages", tests, n, NULL, NULL);
}
