/* SPDX-License-Identifier: MIT */
/* bench_store [ROWS [FOLDER]]: URL updates a second, loading a root's documents, opening and closing.
 *
 * ROWS (1,000,000) results of a typical length are put, then put again in another order; the thread that
 * queues plays the loop and measures how long a call ever held it. */
#include "store/store.h"
#include "base/arena.h"

#include <semaphore.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { DOCUMENTS = 20000, PAGE = 2000 };

static sem_t woken;
static unsigned long long worst_ns, flushed, loaded;
static bool room;

static unsigned long long now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned long long)t.tv_sec * 1000000000 + (unsigned long long)t.tv_nsec;
}

static void wake(void *arg)
{
	(void)sem_post(arg);
}

static void complain(void *arg, const char *text)
{
	(void)arg;
	(void)fprintf(stderr, "complaint: %s\n", text);
}

static void has_room(void *arg)
{
	(void)arg;
	room = true;
}

static void on_flush(void *arg, enum err result, const char *text)
{
	(void)arg;
	if (result)
		(void)fprintf(stderr, "flush: %s\n", text);
	flushed++;
}

static void on_documents(void *arg, const struct store_document *documents, size_t count)
{
	(void)arg;
	for (size_t i = 0; i < count; i++)
		loaded += documents[i].path.len != 0;
}

static void on_ids(void *arg, enum err result, int64_t first_id, size_t count)
{
	(void)arg;
	(void)first_id;
	loaded += !result ? count : 0;
}

static struct store *open_store(const char *folder)
{
	const struct store_options options = {
		.folder = folder, .wake = wake, .wake_arg = &woken, .complain = complain, .room = has_room};
	struct store *s;
	struct error e;

	if (store_open(&options, &s, &e)) {
		(void)fprintf(stderr, "%s\n", e.text);
		exit(1);
	}
	return s;
}

static void wait_all(struct store *s)
{
	while (store_pending(s)) {
		(void)sem_wait(&woken);
		store_dispatch(s);
	}
}

static void flush(struct store *s)
{
	if (store_flush(s, on_flush, NULL))
		exit(1);
	wait_all(s);
}

static void put(struct store *s, unsigned n, int64_t at, struct span page)
{
	char url[128];
	struct store_result r = {
		.outcome = OUTCOME_PAGE,
		.status = 200,
		.fetched_at = at,
		.expires_at = at + 86400,
		.etag = SPAN("\"5f3b8c1d-2a7e4\""),
		.last_modified = SPAN("Sun, 22 Nov 2026 10:00:00 GMT"),
		.page = page,
	};

	(void)snprintf(url, sizeof(url),
		       "https://www%u.news.example/2026/11/an-article-about-something-%u.html", n % 5000, n);
	r.url = r.final_url = span_str(url);
	for (;;) {
		unsigned long long begin = now_ns(), took;
		enum err err = store_put_result(s, &r);

		took = now_ns() - begin;
		worst_ns = took > worst_ns ? took : worst_ns;
		if (!err)
			return;
		if (err != ERR_BUSY)
			exit(1);
		for (room = false; !room;) {
			(void)sem_wait(&woken);
			store_dispatch(s);
		}
	}
}

/* step is prime to rows: every row once, in no order of its own */
static void round_of(struct store *s, const char *what, unsigned rows, unsigned puts, int64_t at,
		     struct span page)
{
	unsigned long long begin = now_ns(), ns;

	worst_ns = 0;
	for (unsigned i = 0; i < puts; i++)
		put(s, (unsigned)((i * 7919ULL) % rows), at, page);
	flush(s);
	ns = now_ns() - begin;
	(void)printf("%-44s %8.0f /s  (%.1f s; a call took at most %.2f ms)\n", what, puts * 1e9 / (double)ns,
		     (double)ns / 1e9, (double)worst_ns / 1e6);
	(void)fflush(stdout);
}

static void put_documents(struct store *s)
{
	char path[64];

	for (unsigned i = 0; i < DOCUMENTS; i++) {
		struct store_document d = {.key = {1, i, 4096, 1, 1}, .due_at = i};

		(void)snprintf(path, sizeof(path), "content/2026/11/a-document-of-%u.md", i);
		d.path = span_str(path);
		if (store_put_document(s, SPAN("/srv/site"), &d, NULL))
			exit(1);
	}
	flush(s);
}

static void memory(const char *what)
{
	char line[128];
	FILE *f = fopen("/proc/self/status", "re");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "VmRSS:", 6))
			(void)printf("%-44s %s", what, line + 6);
	if (f)
		(void)fclose(f);
}

static void timed(const char *what, unsigned long long begin)
{
	(void)printf("%-44s %8.1f ms\n", what, (double)(now_ns() - begin) / 1e6);
	(void)fflush(stdout);
}

int main(int argc, char **argv)
{
	unsigned rows = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000000;
	char made[] = "/var/tmp/bench-store-XXXXXX", page[PAGE];
	const char *folder = argc > 2 ? argv[2] : mkdtemp(made);
	unsigned long long begin;
	struct store *s;

	if (!folder || !rows || sem_init(&woken, 0, 0))
		return 1;
	(void)memset(page, 'x', sizeof(page));
	s = open_store(folder);
	round_of(s, "new URLs", rows, rows, 1700000000, SPAN_NONE);
	round_of(s, "updates of all, scattered", rows, rows, 1700000001, SPAN_NONE);
	round_of(s, "updates of a tenth, a new page of 2 kB each", rows, MAX(rows / 10, 1), 1700000002,
		 span_of(page, sizeof(page)));
	round_of(s, "the same again: pages unchanged", rows, MAX(rows / 10, 1), 1700000003,
		 span_of(page, sizeof(page)));
	put_documents(s);
	memory("memory, caches warm");
	(void)sleep(3);
	memory("memory, idle");

	begin = now_ns();
	for (unsigned i = 0; i < 5000; i++) {
		struct store_provenance p = {.path = SPAN("a.md"),
					     .url = SPAN("https://www.news.example/"),
					     .after = SPAN("\"a text that came from a page\"")};

		if (store_put_provenance(s, SPAN("/srv/site"), &p, 1, on_ids, NULL))
			return 1;
	}
	wait_all(s);
	timed("5,000 rows of provenance, together", begin);
	begin = now_ns();
	for (unsigned i = 0; i < 200; i++) {
		struct store_provenance p = {.path = SPAN("a.md")};

		if (store_put_provenance(s, SPAN("/srv/site"), &p, 1, on_ids, NULL))
			return 1;
		wait_all(s);
	}
	timed("200 rows of provenance, one by one, synced", begin);

	begin = now_ns();
	(void)store_close(s);
	timed("close", begin);
	begin = now_ns();
	s = open_store(folder);
	timed("open, as left", begin);
	for (int i = 0; i < 3; i++) {
		begin = now_ns();
		if (store_get_documents(s, SPAN("/srv/site"), on_documents, NULL))
			return 1;
		wait_all(s);
		timed("load of 20,000 documents", begin);
	}
	begin = now_ns();
	(void)store_close(s);
	timed("close, nothing written", begin);
	if (argc < 3) {
		(void)printf("(left in %s)\n", folder);
		(void)snprintf(page, sizeof(page), "%s/clean", folder);
		(void)unlink(page);
	}
	begin = now_ns();
	s = open_store(folder);
	timed("open with every check, as after a kill", begin);
	(void)store_close(s);
	return 0;
}
