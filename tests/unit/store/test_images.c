/* SPDX-License-Identifier: MIT */
/* Images come back as they were put, their copies are let go of by name, and an older file gets the table. */
#include "harness.h"

#include "store/database.h"
#include "store/images.h"

struct row {
	const char *name;
	void (*run)(struct harness *h);
};

#define URL SPAN("https://i.example/a.jpg?w=1")
#define FILE_A SPAN("0123456789012345678901234567890123456789.jpg")

static const struct store_image whole = {
	.url = {"https://i.example/a.jpg?w=1", 27},
	.final_url = {"https://cdn.example/a.jpg", 25},
	.outcome = OUTCOME_PAGE,
	.status = 206,
	.fetched_at = 17,
	.expires_at = INT64_MAX,
	.failures = 3,
	.error = {NULL, 0},
	.etag = {"\"\xff\"", 3},
	.last_modified = {"", 0},
	.type = {"image/jpeg", 10},
	.width = 2147483647,
	.height = 1,
	.bytes = UINT64_C(1) << 40,
	.forbidden = true,
	.referer = true,
	.file = {"0123456789012345678901234567890123456789.jpg", 44},
	.copied_at = 18,
	.copy_error = {NULL, 0},
	.used_at = 19,
};

struct answer {
	struct harness *h;
	struct store_image images[8];
	size_t count;
};

static struct store_image copied(struct answer *a, const struct store_image *i)
{
	struct store_image c = *i;
	struct span *const texts[] = {&c.url,           &c.final_url, &c.error, &c.etag,
				      &c.last_modified, &c.type,      &c.file,  &c.copy_error};

	for (size_t k = 0; k < ARRAY_SIZE(texts); k++)
		*texts[k] = arena_dup(&a->h->memory, *texts[k]);
	return c;
}

static void got_one(void *arg, const struct store_image *image)
{
	struct answer *a = arg;

	a->images[0] = copied(a, image);
	a->count = 1;
}

static void got_all(void *arg, const struct store_image *images, size_t count)
{
	struct answer *a = arg;

	assert_in_range(count, 0, ARRAY_SIZE(a->images));
	for (size_t i = 0; i < count; i++)
		a->images[i] = copied(a, &images[i]);
	a->count = count;
}

static void got_roots(void *arg, const struct span *roots, size_t count)
{
	struct answer *a = arg;

	a->count = count;
	for (size_t i = 0; i < count; i++)
		a->images[i].url = arena_dup(&a->h->memory, roots[i]);
}

static const struct store_image *one(struct answer *a, struct span url)
{
	assert_int_equal(store_get_image(a->h->s, url, got_one, a), ERR_OK);
	harness_wait(a->h);
	return &a->images[0];
}

static void same(struct span a, struct span b)
{
	assert_int_equal(a.ptr != NULL, b.ptr != NULL);
	assert_true(span_eq(a, b));
}

static void comes_back(struct harness *h)
{
	struct answer a = {.h = h};
	const struct store_image *got;

	assert_int_equal(one(&a, URL)->outcome, OUTCOME_NONE);
	assert_int_equal(store_put_image(h->s, &whole), ERR_OK);
	harness_reopen(h);
	got = one(&a, URL);
	same(got->url, whole.url);
	same(got->final_url, whole.final_url);
	same(got->error, whole.error);
	same(got->etag, whole.etag);
	same(got->last_modified, whole.last_modified);
	same(got->type, whole.type);
	same(got->file, whole.file);
	same(got->copy_error, whole.copy_error);
	assert_int_equal(got->outcome, whole.outcome);
	assert_int_equal(got->status, whole.status);
	assert_int_equal(got->fetched_at, whole.fetched_at);
	assert_int_equal(got->expires_at, whole.expires_at);
	assert_int_equal(got->failures, whole.failures);
	assert_int_equal(got->width, whole.width);
	assert_int_equal(got->height, whole.height);
	assert_int_equal(got->bytes, whole.bytes);
	assert_int_equal(got->copied_at, whole.copied_at);
	assert_int_equal(got->used_at, whole.used_at);
	assert_true(got->forbidden && got->referer);
	assert_int_equal(one(&a, SPAN("https://i.example/b.jpg"))->outcome, OUTCOME_NONE);
}

static void copies(struct harness *h)
{
	struct answer a = {.h = h};
	struct store_image other = whole;

	assert_int_equal(store_put_image(h->s, &whole), ERR_OK);
	other.url = SPAN("https://i.example/same.jpg");
	assert_int_equal(store_put_image(h->s, &other), ERR_OK);
	other.url = SPAN("https://i.example/uncopied.jpg");
	other.file = SPAN_NONE;
	assert_int_equal(store_put_image(h->s, &other), ERR_OK);
	assert_int_equal(store_list_images(h->s, false, got_all, &a), ERR_OK);
	harness_wait(h);
	assert_int_equal(a.count, 3);
	assert_int_equal(store_use_copy(h->s, FILE_A, 77), ERR_OK);
	assert_int_equal(store_list_images(h->s, true, got_all, &a), ERR_OK);
	harness_wait(h);
	assert_int_equal(a.count, 2);
	assert_true(span_eq(a.images[0].url, URL));
	assert_int_equal(a.images[0].used_at, 77);
	assert_int_equal(a.images[1].used_at, 77);
	assert_int_equal(store_forget_copy(h->s, FILE_A), ERR_OK);
	assert_int_equal(store_list_images(h->s, true, got_all, &a), ERR_OK);
	harness_wait(h);
	assert_int_equal(a.count, 0);
	assert_int_equal(one(&a, URL)->copied_at, 0);
	assert_int_equal(a.images[0].width, whole.width);
}

static void refuses(struct harness *h)
{
	struct store_image image = whole;

	image.url = SPAN_NONE;
	assert_int_equal(store_put_image(h->s, &image), ERR_INVALID);
	image = whole;
	image.outcome = OUTCOME_COUNT;
	assert_int_equal(store_put_image(h->s, &image), ERR_INVALID);
	assert_int_equal(store_get_image(h->s, SPAN_NONE, got_one, NULL), ERR_INVALID);
	assert_int_equal(store_forget_copy(h->s, SPAN_NONE), ERR_INVALID);
}

static void roots(struct harness *h)
{
	struct answer a = {.h = h};
	const struct store_document d = {.path = SPAN("a.md")};

	assert_int_equal(store_get_roots(h->s, got_roots, &a), ERR_OK);
	harness_wait(h);
	assert_int_equal(a.count, 0);
	assert_int_equal(store_put_document(h->s, ROOT, &d, NULL), ERR_OK);
	assert_int_equal(store_get_roots(h->s, got_roots, &a), ERR_OK);
	harness_wait(h);
	assert_int_equal(a.count, 1);
	assert_true(span_eq(a.images[0].url, ROOT));
}

/* Of the version before there were images, whichever step brought them. */
static void upgraded(struct harness *h)
{
	struct schema before = schema_cache;
	struct answer a = {.h = h};
	struct database d = {0};
	struct error e;

	before.step_count = 0;
	while (!strstr(schema_cache.steps[before.step_count], "CREATE TABLE image "))
		before.step_count++;
	assert_in_range(before.step_count, 1, schema_cache.step_count - 1);
	harness_close(h);
	harness_empty(h, false);
	assert_int_equal(database_open(&d, &before, h->folder, true, &e), ERR_OK);
	assert_int_equal(database_exec(&d, "INSERT INTO complaint VALUES (12)", &e), ERR_OK);
	database_close(&d);
	assert_int_equal(harness_open(h), ERR_OK);
	assert_int_equal(store_put_image(h->s, &whole), ERR_OK);
	assert_int_equal(one(&a, URL)->width, whole.width);
	assert_int_equal(store_get_complaints(h->s, harness_got_complaints, h), ERR_OK);
	harness_wait(h);
	assert_int_equal(h->count, 1);
	assert_int_equal(h->keys[0], 12);
}

static const struct row rows[] = {
	{"comes back", comes_back}, {"copies", copies},     {"refuses", refuses},
	{"roots", roots},           {"upgraded", upgraded},
};

static void test(void **state)
{
	const struct row *row = *state;
	struct harness *h = harness_opened();

	row->run(h);
	harness_free(h);
}

int main(void)
{
	return RUN_ROWS("images", rows, test);
}
