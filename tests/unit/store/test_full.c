/* SPDX-License-Identifier: MIT */
/* labels: threads */
/* A disk that is full, writes that fail, and a queue that is. SQLite's own system calls are replaced. */
#include "harness.h"

#include <semaphore.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/types.h>

struct row {
	const char *name;
	void (*run)(struct harness *h);
};

static atomic_int full;  /* the errno of every write */
static atomic_long left; /* bytes that still fit */

static atomic_bool held; /* a write waits for `go` */
static sem_t go;

static bool fits(size_t n)
{
	if (atomic_exchange(&held, false))
		while (sem_wait(&go))
			;
	if (!atomic_load(&full) || atomic_fetch_sub(&left, (long)n) >= (long)n)
		return true;
	errno = atomic_load(&full);
	return false;
}

static ssize_t bad_pwrite(int fd, const void *p, size_t n, off_t at)
{
	return fits(n) ? pwrite(fd, p, n, at) : -1;
}

static ssize_t bad_write(int fd, const void *p, size_t n)
{
	return fits(n) ? write(fd, p, n) : -1;
}

static void install(void)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

	assert_non_null(vfs);
	(void)vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)bad_pwrite);
	(void)vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)bad_pwrite);
	(void)vfs->xSetSystemCall(vfs, "write", (sqlite3_syscall_ptr)bad_write);
}

static void no_room(int errnum, long bytes)
{
	atomic_store(&left, bytes);
	atomic_store(&full, errnum);
}

static void disk_full(struct harness *h)
{
	harness_put_url(h, 1, 100);
	harness_put_provenance(h, 1);
	assert_int_equal(harness_flush(h), ERR_OK);
	no_room(ENOSPC, 0);
	harness_put_url(h, 2, 100);
	harness_put_url(h, 3, 100);
	assert_int_equal(harness_flush(h), ERR_FULL);
	assert_non_null(strstr(h->text, "2 requests"));
	assert_non_null(strstr(h->text, "full"));
	assert_int_equal(harness_flush(h), ERR_OK); /* told once */
	/* told by its own callback, and by nothing else */
	harness_put_provenance(h, 2);
	harness_wait(h);
	assert_int_equal(h->result, ERR_FULL);
	assert_int_equal(h->id, 0);
	assert_int_equal(harness_flush(h), ERR_OK);
	assert_int_equal(harness_begin_run(h), 0);
	assert_int_equal(harness_flush(h), ERR_FULL);
	/* reading goes on */
	assert_int_equal(harness_result(h, SPAN("https://news.example/articles/1"))->outcome, OUTCOME_PAGE);
	assert_int_equal(harness_result(h, SPAN("https://news.example/articles/2"))->outcome, OUTCOME_NONE);
	harness_get_provenance(h, SPAN_NONE);
	assert_int_equal(h->count, 1);
	/* lost at the end, with no flush after it: a complaint */
	harness_put_url(h, 2, 100);
	harness_close(h);
	assert_int_equal(h->complaints, 2);
	assert_non_null(strstr(h->complaint, "full"));
	no_room(0, 0);
	assert_int_equal(harness_open(h), ERR_OK);
	harness_get_provenance(h, SPAN_NONE);
	assert_int_equal(h->count, 1);
	harness_put_url(h, 2, 100);
	assert_int_equal(harness_flush(h), ERR_OK);
	assert_int_equal(h->complaints, 2);
}

static void quota(struct harness *h)
{
	no_room(EIO, 0);
	harness_put_url(h, 2, 100);
	assert_int_equal(harness_flush(h), ERR_IO);
	no_room(EDQUOT, 0);
	harness_put_url(h, 2, 100);
	assert_int_equal(harness_flush(h), ERR_FULL);
	no_room(0, 0);
}

/* Full after any number of bytes: all of a batch or nothing, and never damage. */
static void full_anywhere(struct harness *h)
{
	unsigned stored = 0;

	for (long bytes = 0; bytes < 200000; bytes += 1499) {
		struct span urls[3];
		char text[3][64];
		unsigned found = 0;

		no_room(ENOSPC, bytes);
		for (unsigned i = 0; i < 3; i++) {
			unsigned n = (unsigned)bytes * 10 + i;

			(void)snprintf(text[i], sizeof(text[i]), "https://news.example/articles/%u", n);
			urls[i] = span_str(text[i]);
			harness_put_url(h, n, 20000);
		}
		(void)harness_flush(h);
		no_room(0, 0);
		harness_reopen(h);
		assert_int_equal(store_get_results(h->s, urls, 3, harness_got_results, h), ERR_OK);
		harness_wait(h);
		for (unsigned i = 0; i < 3; i++)
			found += h->results[i].outcome == OUTCOME_PAGE;
		stored += found;
		arena_reset(&h->memory);
	}
	assert_true(stored > 100);
	assert_int_equal(harness_files(h, "cache.db.damaged"), 0);
}

static void queue_full(struct harness *h)
{
	struct store_result r = {.url = SPAN("https://a.example/"), .outcome = OUTCOME_DNS};
	unsigned sent = 0, answered = 0;
	enum err err;

	/* the thread stands in its first batch, which counts until it is answered */
	atomic_store(&held, true);
	while (!(err = store_put_result(h->s, &r)))
		sent++;
	assert_int_equal(err, ERR_BUSY);
	assert_int_equal(sent, 65536);
	assert_int_equal(h->rooms, 0);
	assert_int_equal(sem_post(&go), 0);
	while (!h->rooms && ++answered < 100000) {
		while (sem_wait(&h->woken))
			;
		store_dispatch(h->s);
	}
	assert_int_equal(h->rooms, 1);
	assert_int_equal(store_put_result(h->s, &r), ERR_OK);
	assert_int_equal(harness_flush(h), ERR_OK);
	/* callbacks that nobody runs are a queue too */
	for (sent = 0; !(err = store_flush(h->s, harness_flushed, h));)
		sent++;
	assert_int_equal(err, ERR_BUSY);
	assert_int_equal(sent, 65536);
	harness_wait(h);
	assert_int_equal(harness_flush(h), ERR_OK);
}

static void queue_bytes(struct harness *h)
{
	static char page[50 << 20];
	struct store_result r = {
		.url = SPAN("https://a.example/"), .outcome = OUTCOME_PAGE, .page = {page, sizeof(page)}};
	unsigned sent = 0;

	atomic_store(&held, true);
	while (!store_put_result(h->s, &r))
		sent++;
	assert_int_equal(sent, 2);
	assert_int_equal(sem_post(&go), 0);
	while (!h->rooms) {
		while (sem_wait(&h->woken))
			;
		store_dispatch(h->s);
	}
	assert_int_equal(harness_flush(h), ERR_OK);
}

static const struct row rows[] = {
	{"a full disk", disk_full},
	{"a quota, and a broken disk", quota},
	{"full after any byte", full_anywhere},
	{"the queue is full", queue_full},
	{"the queue holds too many bytes", queue_bytes},
};

static void test(void **state)
{
	const struct row *row = *state;
	struct harness *h;

	no_room(0, 0);
	h = harness_opened();
	row->run(h);
	harness_free(h);
}

int main(void)
{
	if (sem_init(&go, 0, 0))
		return 1;
	install();
	return RUN_ROWS("store/full", rows, test);
}
