/* SPDX-License-Identifier: MIT */
/* bench_look [ROWS [SECONDS]]: how long a look takes while the store is busy.
 *
 * ROWS (1,000,000) documents and as many URLs are put; then one thread keeps the store's queue full of
 * further puts, as a pass at full speed does, while this one asks all that a page asks, SECONDS (20) long,
 * each question within 40 ms as the page asks it. Prints the 50th and 99th percentile and the worst of each;
 * exit 1 when a 99th percentile is over 100 ms. */
#include "store/look.h"
#include "base/arena.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WITHIN_MS = 40, WORST_MS = 100, SAMPLES = 100000, PAGE_ROWS = 50 };

#define ROOT SPAN("/srv/site")

static sem_t woken;
static bool room;
static atomic_bool stop;
static atomic_ulong puts_done;
static unsigned rows = 1000000;

static double now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void wake(void *arg)
{
	(void)sem_post(arg);
}

static void has_room(void *arg)
{
	(void)arg;
	room = true;
}

static void die(const char *what)
{
	(void)fprintf(stderr, "%s\n", what);
	exit(2);
}

/* Waits where the store has no room. */
static void must(struct store *s, enum err r)
{
	if (r && r != ERR_BUSY)
		die(err_text(r));
	if (r)
		for (room = false; !room;) {
			(void)sem_wait(&woken);
			store_dispatch(s);
		}
}

static void path_of(unsigned n, char path[64])
{
	(void)snprintf(path, 64, "news/%u/a-document-of-%u.md", n % 365, n);
}

static void put(struct store *s, unsigned n, unsigned round)
{
	enum store_state state = n % 10 == 0   ? STORE_STATE_OPEN
				 : n % 97 == 0 ? STORE_STATE_REFUSED
					       : STORE_STATE_COMPLETE;
	char path[64], url[96], title[96];
	struct store_document d = {.key = {1, n, 4096, 1, 1}, .due_at = n};
	struct store_status status = {.state = round % 3 ? state : STORE_STATE_OPEN,
				      .missing = state == STORE_STATE_OPEN ? 1u << n / 10 % 8 : 0,
				      .looked_at = 1700000000 + n};
	struct store_result r = {.outcome = n % 50 ? OUTCOME_PAGE : OUTCOME_TIMEOUT,
				 .failures = n % 50 ? 0 : n % 7 + 1,
				 .fetched_at = 1700000000 + n};
	enum err busy;

	path_of(n, path);
	(void)snprintf(url, sizeof(url), "https://www%u.news.example/2026/an-article-%u.html", n % 5000, n);
	(void)snprintf(title, sizeof(title), "What was said of matter %u at the meeting", n);
	d.path = span_str(path);
	status.title = span_str(title);
	if (state != STORE_STATE_COMPLETE) {
		status.reason = SPAN("not an article but challenge (asks to enable JavaScript)");
		status.url = span_str(url);
	}
	r.url = r.final_url = span_str(url);
	do {
		busy = store_put_document(s, ROOT, &d, &status);
		must(s, busy);
	} while (busy);
	do {
		busy = store_put_result(s, &r);
		must(s, busy);
	} while (busy);
	atomic_fetch_add(&puts_done, 1);
}

static void on_ids(void *arg, enum err result, int64_t first_id, size_t count)
{
	(void)arg;
	(void)result;
	(void)first_id;
	(void)count;
}

static void flushed(void *arg, enum err result, const char *text)
{
	(void)arg;
	if (result)
		die(text);
}

static void *keep_busy(void *arg)
{
	struct store *s = arg;

	for (unsigned i = 0; !atomic_load(&stop); i++) {
		put(s, (unsigned)((i * 7919ULL) % rows), 1 + i / rows);
		if (i % 100 == 0) {
			char path[64];
			struct store_provenance p = {.url = SPAN("https://www.news.example/"),
						     .after = SPAN("\"a text that came from a page\""),
						     .time = 1700000000};

			path_of(i % rows, path);
			p.path = span_str(path);
			if (store_put_provenance(s, ROOT, &p, 1, on_ids, NULL))
				store_dispatch(s);
		}
	}
	return NULL;
}

/* ---- the questions ---- */

static struct look *look;
static struct arena answers;
static struct error error;

static unsigned some(void)
{
	static unsigned n;

	return (n += 104729) % rows;
}

static enum err ask_tallies(void)
{
	struct look_tally *t;
	size_t count;

	return look_tallies(look, &answers, &t, &count, &error);
}

static enum err ask(struct look_filter filter)
{
	struct look_documents got;

	filter.limit = PAGE_ROWS;
	return look_documents(look, &filter, &answers, &got, &error);
}

static enum err ask_first(void)
{
	return ask((struct look_filter){.state = -1});
}

static enum err ask_middle(void)
{
	char path[64];

	path_of(some(), path);
	return ask((struct look_filter){.state = -1, .after_root = ROOT, .after = span_str(path)});
}

static enum err ask_open(void)
{
	char path[64];

	path_of(some(), path);
	return ask(
		(struct look_filter){.state = STORE_STATE_OPEN, .after_root = ROOT, .after = span_str(path)});
}

static enum err ask_field(void)
{
	return ask((struct look_filter){.state = STORE_STATE_OPEN, .missing = 1u << FIELD_IMAGE});
}

static enum err ask_words(void)
{
	return ask((struct look_filter){.state = -1, .words = SPAN("nowhere at all")});
}

static enum err ask_one(void)
{
	struct look_document d;
	char path[64];

	path_of(some(), path);
	return look_document(look, ROOT, span_str(path), &answers, &d, &error);
}

static enum err ask_written(void)
{
	struct look_written *w;
	size_t count;

	return look_written(look, SPAN_NONE, SPAN_NONE, 0, 200, &answers, &w, &count, &error);
}

static enum err ask_result(void)
{
	char url[96];
	unsigned n = some();
	struct store_result r;

	(void)snprintf(url, sizeof(url), "https://www%u.news.example/2026/an-article-%u.html", n % 5000, n);
	r.url = span_str(url);
	return look_result(look, &answers, &r, &error);
}

static enum err ask_failing(void)
{
	struct store_result *r;
	size_t count;

	return look_failing(look, 100, &answers, &r, &count, &error);
}

static struct question {
	const char *name;
	enum err (*ask)(void);
	double *ms;
	size_t count;
} questions[] = {
	{.name = "how many of each kind", .ask = ask_tallies},
	{.name = "the first documents", .ask = ask_first},
	{.name = "documents from the middle", .ask = ask_middle},
	{.name = "open documents from the middle", .ask = ask_open},
	{.name = "open ones that lack images", .ask = ask_field},
	{.name = "search for words that are nowhere", .ask = ask_words},
	{.name = "one document", .ask = ask_one},
	{.name = "what was written last", .ask = ask_written},
	{.name = "one URL", .ask = ask_result},
	{.name = "URLs that fail", .ask = ask_failing},
};

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int tell(struct question *q)
{
	double p99;

	qsort(q->ms, q->count, sizeof(*q->ms), by_value);
	p99 = q->ms[q->count * 99 / 100];
	(void)printf("%-36s %6zu times  p50 %6.2f  p99 %6.2f  worst %7.2f ms\n", q->name, q->count,
		     q->ms[q->count / 2], p99, q->ms[q->count - 1]);
	return p99 > WORST_MS;
}

static void ask_all(double until)
{
	while (now_ms() < until) {
		for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
			struct question *q = &questions[i];
			double begin = now_ms();

			look_within(look, WITHIN_MS);
			if (q->ask())
				die(error.text);
			arena_reset(&answers);
			if (q->count < SAMPLES)
				q->ms[q->count++] = now_ms() - begin;
		}
	}
}

int main(int argc, char **argv)
{
	unsigned seconds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 20;
	char folder[] = "/var/tmp/bench-look-XXXXXX", command[64];
	const struct store_options options = {
		.folder = folder, .wake = wake, .wake_arg = &woken, .room = has_room};
	struct store *s;
	pthread_t writer;
	double begin = now_ms();
	unsigned long before;
	int bad = 0;

	if (argc > 1)
		rows = (unsigned)MAX(strtoul(argv[1], NULL, 10), 1);
	if (!mkdtemp(folder) || sem_init(&woken, 0, 0) || store_open(&options, &s, &error))
		die("cannot begin");
	for (unsigned i = 0; i < rows; i++)
		put(s, i, 1);
	must(s, store_flush(s, flushed, NULL));
	while (store_pending(s)) {
		(void)sem_wait(&woken);
		store_dispatch(s);
	}
	(void)printf("%u documents and URLs put in %.1f s\n", rows, (now_ms() - begin) / 1e3);
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++)
		if (!(questions[i].ms = calloc(SAMPLES, sizeof(double))))
			die("no memory");
	answers = ARENA_INIT(64U << 20);
	if (look_open(folder, &look, &error))
		die(error.text);
	if (pthread_create(&writer, NULL, keep_busy, s))
		die("cannot begin");
	before = atomic_load(&puts_done);
	begin = now_ms();
	ask_all(begin + seconds * 1e3);
	(void)printf("beside a writer that put %.0f documents and URLs a second\n",
		     (double)(atomic_load(&puts_done) - before) / ((now_ms() - begin) / 1e3));
	atomic_store(&stop, true);
	(void)pthread_join(writer, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
		bad |= tell(&questions[i]);
		free(questions[i].ms);
	}
	look_close(look);
	arena_release(&answers);
	(void)store_close(s);
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command) || bad;
}
