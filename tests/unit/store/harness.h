/* SPDX-License-Identifier: MIT */
/* harness.h - a store in a folder of its own, and requests that wait for their answers. */
#ifndef INGESTD_TESTS_STORE_HARNESS_H
#define INGESTD_TESTS_STORE_HARNESS_H

#include "unit/rows.h"

#include "base/arena.h"
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ROOT SPAN("/srv/content")

struct harness {
	char folder[64];
	struct store *s;
	struct error e;
	sem_t woken;
	unsigned complaints, rooms;
	char complaint[512]; /* the last */
	/* answers, copied */
	struct arena memory;
	struct store_result *results;
	struct store_document *documents;
	struct store_provenance *rows;
	struct span *roots;
	uint64_t keys[64];
	size_t count;
	enum err result;
	char text[256];
	int64_t id;
	unsigned answers; /* callbacks that ran */
};

static inline void harness_woken(void *arg)
{
	struct harness *h = arg;

	(void)sem_post(&h->woken);
}

static inline void harness_complain(void *arg, const char *text)
{
	struct harness *h = arg;

	h->complaints++;
	(void)snprintf(h->complaint, sizeof(h->complaint), "%s", text);
}

static inline void harness_room(void *arg)
{
	struct harness *h = arg;

	h->rooms++;
}

static inline enum err harness_open(struct harness *h)
{
	struct store_options options = {
		.folder = h->folder,
		.wake = harness_woken,
		.wake_arg = h,
		.complain = harness_complain,
		.complain_arg = h,
		.room = harness_room,
		.room_arg = h,
	};

	return store_open(&options, &h->s, &h->e);
}

static inline struct harness *harness_new(void)
{
	struct harness *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	(void)snprintf(h->folder, sizeof(h->folder), "/tmp/ingestd-store-XXXXXX");
	assert_non_null(mkdtemp(h->folder));
	assert_int_equal(sem_init(&h->woken, 0, 0), 0);
	h->memory = ARENA_INIT(1U << 30);
	return h;
}

static inline struct harness *harness_opened(void)
{
	struct harness *h = harness_new();

	assert_int_equal(harness_open(h), ERR_OK);
	return h;
}

static inline void harness_path(const struct harness *h, const char *name, char path[256])
{
	(void)snprintf(path, 256, "%s/%s", h->folder, name);
}

static inline void harness_close(struct harness *h)
{
	h->s = store_close(h->s);
}

static inline void harness_reopen(struct harness *h)
{
	harness_close(h);
	assert_int_equal(harness_open(h), ERR_OK);
}

/* Removes every file of the folder; the folder too when `all`. */
static inline void harness_empty(const struct harness *h, bool all)
{
	char path[512];
	DIR *dir = opendir(h->folder);

	assert_non_null(dir);
	for (const struct dirent *entry; (entry = readdir(dir));) {
		(void)snprintf(path, sizeof(path), "%s/%s", h->folder, entry->d_name);
		if (entry->d_name[0] != '.')
			(void)unlink(path);
	}
	(void)closedir(dir);
	if (all)
		(void)rmdir(h->folder);
}

static inline void harness_free(struct harness *h)
{
	harness_close(h);
	harness_empty(h, true);
	arena_release(&h->memory);
	(void)sem_destroy(&h->woken);
	free(h);
}

/* How many files have that beginning. */
static inline unsigned harness_files(const struct harness *h, const char *prefix)
{
	DIR *dir = opendir(h->folder);
	unsigned n = 0;

	assert_non_null(dir);
	for (const struct dirent *entry; (entry = readdir(dir));)
		n += strncmp(entry->d_name, prefix, strlen(prefix)) == 0 && !strstr(entry->d_name, "-wal");
	(void)closedir(dir);
	return n;
}

/* Runs callbacks until none is due. A store that hangs is the test's timeout. */
static inline void harness_wait(struct harness *h)
{
	while (store_pending(h->s)) {
		while (sem_wait(&h->woken) && errno == EINTR)
			;
		store_dispatch(h->s);
	}
}

/* ---- answers ---- */

static inline struct span harness_keep(struct harness *h, struct span s)
{
	return arena_dup(&h->memory, s);
}

static inline void harness_got_results(void *arg, const struct store_result *results, size_t count)
{
	struct harness *h = arg;

	h->answers++;
	h->count = count;
	h->results = ARENA_NEW_ARRAY(&h->memory, struct store_result, count + 1);
	for (size_t i = 0; i < count; i++) {
		struct store_result *r = &h->results[i];

		*r = results[i];
		r->url = harness_keep(h, r->url);
		r->final_url = harness_keep(h, r->final_url);
		r->error = harness_keep(h, r->error);
		r->etag = harness_keep(h, r->etag);
		r->last_modified = harness_keep(h, r->last_modified);
		r->page = harness_keep(h, r->page);
	}
}

static inline const struct store_result *harness_result(struct harness *h, struct span url)
{
	assert_int_equal(store_get_results(h->s, &url, 1, harness_got_results, h), ERR_OK);
	harness_wait(h);
	assert_int_equal(h->count, 1);
	return h->results;
}

static inline void harness_got_documents(void *arg, const struct store_document *documents, size_t count)
{
	struct harness *h = arg;

	h->answers++;
	h->count = count;
	h->documents = ARENA_NEW_ARRAY(&h->memory, struct store_document, count + 1);
	for (size_t i = 0; i < count; i++) {
		h->documents[i] = documents[i];
		h->documents[i].path = harness_keep(h, documents[i].path);
	}
}

static inline void harness_get_documents(struct harness *h)
{
	assert_int_equal(store_get_documents(h->s, ROOT, harness_got_documents, h), ERR_OK);
	harness_wait(h);
}

static inline void harness_got_provenance(void *arg, const struct store_provenance *rows, size_t count)
{
	struct harness *h = arg;

	h->answers++;
	h->count = count;
	h->rows = ARENA_NEW_ARRAY(&h->memory, struct store_provenance, count + 1);
	for (size_t i = 0; i < count; i++) {
		struct store_provenance *r = &h->rows[i];

		*r = rows[i];
		r->path = harness_keep(h, r->path);
		r->url = harness_keep(h, r->url);
		r->before = harness_keep(h, r->before);
		r->after = harness_keep(h, r->after);
		r->source = harness_keep(h, r->source);
		r->from = harness_keep(h, r->from);
	}
}

static inline void harness_get_provenance(struct harness *h, struct span path)
{
	assert_int_equal(store_get_provenance(h->s, ROOT, path, harness_got_provenance, h), ERR_OK);
	harness_wait(h);
}

static inline void harness_got_ids(void *arg, enum err result, int64_t first_id, size_t count)
{
	struct harness *h = arg;

	h->answers++;
	h->result = result;
	h->id = first_id;
	h->count = count;
}

static inline void harness_got_run(void *arg, int64_t run)
{
	struct harness *h = arg;

	h->answers++;
	h->id = run;
}

static inline int64_t harness_begin_run(struct harness *h)
{
	assert_int_equal(store_begin_run(h->s, 1700000000, harness_got_run, h), ERR_OK);
	harness_wait(h);
	return h->id;
}

static inline void harness_got_complaints(void *arg, const uint64_t *keys, size_t count)
{
	struct harness *h = arg;

	h->answers++;
	h->count = count;
	assert_in_range(count, 0, ARRAY_SIZE(h->keys));
	if (count)
		memcpy(h->keys, keys, count * sizeof(*keys));
}

static inline void harness_flushed(void *arg, enum err result, const char *text)
{
	struct harness *h = arg;

	h->answers++;
	h->result = result;
	(void)snprintf(h->text, sizeof(h->text), "%s", text);
}

static inline enum err harness_flush(struct harness *h)
{
	assert_int_equal(store_flush(h->s, harness_flushed, h), ERR_OK);
	harness_wait(h);
	return h->result;
}

/* ---- rows to put ---- */

static inline void harness_put_url(struct harness *h, unsigned n, size_t page_bytes)
{
	static char page[1 << 20];
	char url[64];
	struct store_result r = {
		.outcome = OUTCOME_PAGE,
		.status = 200,
		.fetched_at = 1700000000 + n,
		.expires_at = 1700086400 + n,
		.etag = SPAN("\"v1\""),
	};

	(void)snprintf(url, sizeof(url), "https://news.example/articles/%u", n);
	(void)memset(page, 'a' + (int)(n % 26), page_bytes);
	r.url = r.final_url = span_str(url);
	r.page = span_of(page, page_bytes);
	assert_int_equal(store_put_result(h->s, &r), ERR_OK);
}

static inline void harness_put_document(struct harness *h, unsigned n)
{
	char path[64];
	struct store_document d = {
		.key = {1, n, 4096, 1700000000LL * 1000000000 + n, 5},
		.content = {n, UINT64_MAX - n},
		.fingerprint = UINT64_MAX,
		.due_at = n,
	};

	(void)snprintf(path, sizeof(path), "2026/%08u.md", n);
	d.path = span_str(path);
	assert_int_equal(store_put_document(h->s, ROOT, &d, NULL), ERR_OK);
}

static inline void harness_put_provenance(struct harness *h, unsigned n)
{
	char path[64];
	struct store_provenance p = {
		.run = 1,
		.related = -1,
		.url = SPAN("https://news.example/articles/1"),
		.field = FIELD_EXCERPT,
		.was_absent = true,
		.after = SPAN("\"what the page says\""),
		.source = SPAN("og:description"),
		.from = SPAN("https://news.example/articles/1"),
		.time = 1700000000,
	};

	(void)snprintf(path, sizeof(path), "2026/%08u.md", n);
	p.path = span_str(path);
	assert_int_equal(store_put_provenance(h->s, ROOT, &p, 1, harness_got_ids, h), ERR_OK);
}

#endif
