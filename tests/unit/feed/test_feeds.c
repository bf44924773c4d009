/* SPDX-License-Identifier: MIT */
/* Every folder of tests/feeds is a case: feed.xml or feed.json, want.json, and request.json where base or
 * content_type matter.
 *
 * want.json: what `ingestd feed` prints, as far as it is named; null means absent, and of lists every member
 * is compared, so that one too many fails (warnings aside: those named must be there, in order). "error"
 * instead: no feed, and why. Adding a case touches no C. */
#include "unit/rows.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>

#include "extract/extract.h"
#include "feed/feed_json.h"

enum { PATH_LEN = 1024 };

static bool read_file(const char *folder, const char *name, struct strbuf *out)
{
	char path[PATH_LEN], piece[65536];
	bool ok;
	FILE *f;

	snprintf(path, sizeof(path), "%s/feeds/%s/%s", TESTS_DIR, folder, name);
	f = fopen(path, "rb");
	ok = f;
	for (size_t n; ok && (n = fread(piece, 1, sizeof(piece), f)) > 0;)
		ok = strbuf_add(out, piece, n) == ERR_OK;
	if (f)
		fclose(f);
	return ok;
}

static json_t *read_json(const char *folder, const char *name)
{
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(1 << 20);

	return read_file(folder, name, &text) ? json_loadb(text.ptr, text.len, 0, NULL) : NULL;
}

static struct span text_of(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_string(v) ? span_of(json_string_value(v), json_string_length(v)) : SPAN_NONE;
}

/* What the program would print; a new reference. */
static json_t *answer(struct span body, const json_t *request, bool text_only)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(FEED_ARENA_MAX);
	CLEANUP(strbuf_release) struct strbuf out = STRBUF_INIT(8 << 20);
	const struct feed_input in = {body, text_of(request, "content_type"), text_of(request, "base"),
				      text_only};
	struct feed *feed;
	struct error e;

	if (feed_parse(&in, &arena, &feed, &e))
		return json_pack("{ss si si}", "error", e.text, "line", (int)e.line, "column", (int)e.col);
	assert_int_equal(feed_to_json(feed, SPAN_NONE, false, &out, NULL, NULL), ERR_OK);
	return json_loadb(strbuf_cstr(&out), out.len, 0, NULL);
}

static bool agrees(const json_t *want, const json_t *got, bool whole)
{
	const char *key;
	json_t *one;
	size_t i;

	if (json_is_null(want))
		return !got;
	if (json_is_object(want) && json_is_object(got)) {
		json_object_foreach((json_t *)(uintptr_t)want, key, one)
		{
			if (!agrees(one, json_object_get(got, key), strcmp(key, "warnings") != 0))
				return false;
		}
		return true;
	}
	if (json_is_array(want) && json_is_array(got)) {
		if (whole && json_array_size(want) != json_array_size(got))
			return false;
		json_array_foreach(want, i, one)
		{
			if (!agrees(one, json_array_get(got, i), true))
				return false;
		}
		return true;
	}
	return got && json_equal(want, got);
}

static void feed_is_understood(void **state)
{
	const char *name = *state;
	CLEANUP(strbuf_release) struct strbuf body = STRBUF_INIT(FEED_BODY_MAX);
	json_t *want = read_json(name, "want.json"), *request = read_json(name, "request.json"), *got;
	struct span exact;
	char *copy, *shown;

	assert_true(read_file(name, "feed.xml", &body) || read_file(name, "feed.json", &body));
	assert_non_null(want);
	/* an exact copy, so that a read past its end is seen */
	copy = malloc(body.len ? body.len : 1);
	exact = span_of(memcpy(copy, strbuf_cstr(&body), body.len), body.len);
	for (int text_only = 0; text_only < 2; text_only++) {
		got = answer(exact, request, text_only);
		if (!agrees(want, got, true)) {
			shown = json_dumps(got, JSON_INDENT(1));
			fail_msg("%s: got %s", name, shown ? shown : "nothing");
		}
		json_decref(got);
	}
	free(copy);
	json_decref(want);
	json_decref(request);
}

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

int main(void)
{
	struct dirent **names;
	struct CMUnitTest *tests;
	int n = scandir(TESTS_DIR "/feeds", &names, visible, alphasort), bad;

	extract_init();
	assert(n > 0);
	tests = calloc((size_t)n, sizeof(*tests));
	assert(tests);
	for (int i = 0; i < n; i++)
		tests[i] = (struct CMUnitTest){names[i]->d_name, feed_is_understood, NULL, NULL,
					       names[i]->d_name};
	bad = _cmocka_run_group_tests("feeds", tests, (size_t)n, NULL, NULL);
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	free(tests);
	return bad;
}
