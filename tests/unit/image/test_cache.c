/* SPDX-License-Identifier: MIT */
/* Copies in a folder: whole or not there, by what they hold, never over or through something else. */
#include "unit/folder.h"

#include <dirent.h>
#include <sys/resource.h>
#include <utime.h>

#include "image/cache.h"

/* A whole GIF; `n` tells it from others. */
static struct span picture(char n, char buf[64])
{
	static const char gif[] = "GIF89a\x1e\0\x14\0\0\0\0\x2c\0\0\0\0\x1e\0\x14\0\0\1\3abc\0\x3b";

	memcpy(buf, gif, sizeof(gif) - 1);
	buf[27] = n;
	return span_of(buf, sizeof(gif) - 1);
}

struct room {
	struct folder folder;
	struct image_cache *cache;
	char path[96];
};

static void setup(struct room *r)
{
	struct error e;

	folder_open(&r->folder);
	(void)snprintf(r->path, sizeof(r->path), "%s/cache", r->folder.path);
	assert_int_equal(image_cache_open(r->path, &r->cache, &e), ERR_OK);
}

static void teardown(struct room *r)
{
	r->cache = image_cache_close(r->cache);
	folder_close(&r->folder);
}

static enum err keep(struct room *r, struct span bytes, enum image_type type, char name[IMAGE_COPY_NAME],
		     bool *shared)
{
	struct image_copy copy;
	struct error e;

	assert_int_equal(image_copy_begin(r->cache, &copy, &e), ERR_OK);
	assert_int_equal(image_copy_add(&copy, SPAN("of another answer"), &e), ERR_OK);
	assert_int_equal(image_copy_restart(&copy, &e), ERR_OK);
	for (size_t i = 0; i < bytes.len; i += 7)
		assert_int_equal(image_copy_add(&copy, span_sub(bytes, i, i + 7), &e), ERR_OK);
	return image_copy_keep(&copy, type, name, shared, &e);
}

static bool count_one(void *arg, const char *name, uint64_t bytes, int64_t mtime)
{
	(void)name, (void)mtime;
	*(uint64_t *)arg += bytes;
	return true;
}

static uint64_t bytes_there(struct room *r)
{
	uint64_t bytes = 0;
	struct error e;

	assert_int_equal(image_cache_list(r->cache, count_one, &bytes, &e), ERR_OK);
	return bytes;
}

/* Everything in the folder, whatever it is called. */
static unsigned files_there(const struct room *r)
{
	DIR *dir = opendir(r->path);
	unsigned n = 0;

	assert_non_null(dir);
	for (const struct dirent *d; (d = readdir(dir));)
		n += strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
	(void)closedir(dir);
	return n;
}

static void shares_by_content(void **state)
{
	(void)state;
	struct room r;
	char buf[64], first[IMAGE_COPY_NAME], second[IMAGE_COPY_NAME];
	struct error e;
	bool shared;

	setup(&r);
	assert_int_equal(keep(&r, picture('a', buf), IMAGE_GIF, first, &shared), ERR_OK);
	assert_false(shared);
	assert_int_equal(keep(&r, picture('a', buf), IMAGE_GIF, second, &shared), ERR_OK);
	assert_true(shared);
	assert_string_equal(first, second);
	assert_int_equal(keep(&r, picture('b', buf), IMAGE_GIF, second, &shared), ERR_OK);
	assert_string_not_equal(first, second);
	assert_true(image_copy_is_name(span_str(first)));
	assert_true(image_cache_has(r.cache, first));
	assert_int_equal(image_cache_verify(r.cache, first, &e), ERR_OK);
	assert_int_equal(files_there(&r), 2);
	assert_int_equal(bytes_there(&r), 2 * picture('a', buf).len);
	assert_int_equal(image_cache_remove(r.cache, first, &e), ERR_OK);
	assert_int_equal(image_cache_remove(r.cache, first, &e), ERR_NOTFOUND);
	assert_int_equal(image_cache_verify(r.cache, first, &e), ERR_NOTFOUND);
	assert_int_equal(image_cache_remove(r.cache, "../x", &e), ERR_INVALID);
	assert_int_equal(image_cache_verify(r.cache, "images.json", &e), ERR_INVALID);
	teardown(&r);
}

static void keeps_the_whole_only(void **state)
{
	(void)state;
	struct room r;
	char buf[64], name[IMAGE_COPY_NAME];
	struct span gif = picture('a', buf);
	struct image_copy copy;
	struct error e;
	bool shared;

	setup(&r);
	for (size_t n = 0; n < gif.len; n++)
		assert_int_equal(keep(&r, span_sub(gif, 0, n), IMAGE_GIF, name, &shared), ERR_DAMAGED);
	assert_int_equal(keep(&r, gif, IMAGE_PNG, name, &shared), ERR_DAMAGED);
	assert_int_equal(keep(&r, SPAN("<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>"),
			      IMAGE_SVG, name, &shared),
			 ERR_UNSAFE);
	assert_int_equal(image_copy_begin(r.cache, &copy, &e), ERR_OK);
	assert_int_equal(files_there(&r), 1);
	image_copy_drop(&copy);
	assert_int_equal(files_there(&r), 0);
	teardown(&r);
}

static void never_over_another(void **state)
{
	(void)state;
	static const char *const how[] = {"other bytes", "link", "link to nothing", "folder"};
	struct room r;
	char buf[64], name[IMAGE_COPY_NAME], path[256], target[128], text[8] = "";
	struct error e;
	bool shared;
	FILE *f;

	setup(&r);
	(void)snprintf(target, sizeof(target), "%s/target", r.folder.path);
	for (size_t i = 0; i < ARRAY_SIZE(how); i++) {
		assert_int_equal(keep(&r, picture('a', buf), IMAGE_GIF, name, &shared), ERR_OK);
		assert_int_equal(image_cache_remove(r.cache, name, &e), ERR_OK);
		(void)snprintf(path, sizeof(path), "%s/%s", r.path, name);
		f = fopen(i == 0 ? path : target, "w");
		assert_non_null(f);
		fputs("mine", f);
		(void)fclose(f);
		if (i == 2)
			assert_int_equal(unlink(target), 0);
		if (i == 1 || i == 2)
			assert_int_equal(symlink(target, path), 0);
		if (i == 3)
			assert_int_equal(mkdir(path, 0700), 0);
		assert_int_equal(keep(&r, picture('a', buf), IMAGE_GIF, name, &shared), ERR_UNSAFE);
		assert_int_equal(files_there(&r), 1);
		assert_int_not_equal(image_cache_verify(r.cache, name, &e), ERR_OK);
		assert_int_equal(image_cache_has(r.cache, name), i == 0);
		if (i == 0 || i == 1) {
			f = fopen(i == 0 ? path : target, "r");
			assert_non_null(f);
			assert_non_null(fgets(text, sizeof(text), f));
			(void)fclose(f);
			assert_string_equal(text, "mine");
		} else if (i == 2) {
			assert_int_equal(access(target, F_OK), -1);
		}
		assert_int_equal(remove(path), 0);
	}
	teardown(&r);
}

static void a_link_with_the_same_bytes_is_no_copy(void **state)
{
	(void)state;
	struct room r;
	char buf[64], name[IMAGE_COPY_NAME], path[256], target[256];
	bool shared;

	setup(&r);
	assert_int_equal(keep(&r, picture('a', buf), IMAGE_GIF, name, &shared), ERR_OK);
	(void)snprintf(path, sizeof(path), "%s/%s", r.path, name);
	(void)snprintf(target, sizeof(target), "%s/same", r.folder.path);
	assert_int_equal(rename(path, target), 0);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(keep(&r, picture('a', buf), IMAGE_GIF, name, &shared), ERR_UNSAFE);
	assert_int_equal(bytes_there(&r), 0);
	teardown(&r);
}

static void clears_what_was_interrupted(void **state)
{
	(void)state;
	struct room r;
	struct image_copy copies[2];
	struct utimbuf old = {1, 1};
	struct error e;
	char path[256];

	setup(&r);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(image_copy_begin(r.cache, &copies[i], &e), ERR_OK);
	(void)snprintf(path, sizeof(path), "%s/%s", r.path, copies[0].name);
	assert_int_equal(utime(path, &old), 0);
	r.cache = image_cache_close(r.cache);
	assert_int_equal(image_cache_open(r.path, &r.cache, &e), ERR_OK);
	assert_int_equal(files_there(&r), 1); /* the young one may be somebody's */
	for (size_t i = 0; i < 2; i++) {
		copies[i].cache = r.cache;
		image_copy_drop(&copies[i]);
	}
	teardown(&r);
}

static void writes_the_index(void **state)
{
	(void)state;
	struct room r;
	char path[160];
	struct stat before, after;
	struct error e;

	setup(&r);
	assert_int_equal(image_cache_mtime(r.cache, "images.json"), -1);
	assert_int_equal(image_cache_write(r.cache, "images.json", SPAN("{}"), &e), ERR_OK);
	(void)snprintf(path, sizeof(path), "%s/images.json", r.path);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(image_cache_write(r.cache, "images.json", SPAN("{}"), &e), ERR_OK);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino); /* nothing new: left alone */
	assert_int_equal(image_cache_write(r.cache, "images.json", SPAN("[]"), &e), ERR_OK);
	assert_int_equal(stat(path, &after), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
	assert_int_equal(files_there(&r), 1);
	assert_true(image_cache_mtime(r.cache, "images.json") > 0);
	teardown(&r);
}

/* RLIMIT_FSIZE is a disk that is full at any byte (SIGXFSZ ignored). */
static void says_that_it_is_full(void **state)
{
	(void)state;
	struct room r;
	struct image_copy copy;
	struct rlimit old, small;
	char block[IMAGE_COPY_BUFFER] = {0};
	struct error e;
	enum err got = ERR_OK;

	setup(&r);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 100000;
	assert_int_equal(image_copy_begin(r.cache, &copy, &e), ERR_OK);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (int i = 0; i < 8 && !got; i++)
		got = image_copy_add(&copy, span_of(block, sizeof(block)), &e);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_not_equal(got, ERR_OK);
	image_copy_drop(&copy);
	assert_int_equal(files_there(&r), 0);
	teardown(&r);
}

static void opens_no_file(void **state)
{
	(void)state;
	struct room r;
	struct image_cache *c;
	struct error e;
	char path[160];

	setup(&r);
	assert_int_equal(image_cache_write(r.cache, "file", SPAN("x"), &e), ERR_OK);
	(void)snprintf(path, sizeof(path), "%s/file", r.path);
	assert_int_not_equal(image_cache_open(path, &c, &e), ERR_OK);
	(void)snprintf(path, sizeof(path), "%s/no/where", r.path);
	assert_int_equal(image_cache_open(path, &c, &e), ERR_NOTFOUND);
	teardown(&r);
}

static const struct name_row {
	const char *name, *text;
	bool want;
} name_rows[] = {
	{"a copy", "0123456789abcdef0123456789abcdef01234567.jpg", true},
	{"another type", "0123456789abcdef0123456789abcdef01234567.avif", true},
	{"no suffix", "0123456789abcdef0123456789abcdef01234567", false},
	{"no type", "0123456789abcdef0123456789abcdef01234567.exe", false},
	{"capitals", "0123456789ABCDEF0123456789abcdef01234567.jpg", false},
	{"short", "0123456789abcdef.jpg", false},
	{"a folder", "0123456789abcdef0123456789abcdef0123456/.jpg", false},
	{"nothing", "", false},
};

static void knows_names(void **state)
{
	const struct name_row *row = *state;

	assert_int_equal(image_copy_is_name(span_str(row->text)), row->want);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_by_content),
		cmocka_unit_test(keeps_the_whole_only),
		cmocka_unit_test(never_over_another),
		cmocka_unit_test(a_link_with_the_same_bytes_is_no_copy),
		cmocka_unit_test(clears_what_was_interrupted),
		cmocka_unit_test(writes_the_index),
		cmocka_unit_test(says_that_it_is_full),
		cmocka_unit_test(opens_no_file),
	};

	return cmocka_run_group_tests_name("cache", tests, NULL, NULL) +
	       RUN_ROWS("cache/names", name_rows, knows_names);
}
