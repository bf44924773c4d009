/* SPDX-License-Identifier: MIT */
/* labels: threads */
/* One process at a time, and what was called back survives kill -9. */
#include "harness.h"

#include <signal.h>
#include <sys/wait.h>

struct row {
	const char *name;
	void (*run)(struct harness *h);
};

enum { KILLS = 40 };

/* A child that opens the store, says so through the pipe, and goes on with fn. */
static pid_t child(struct harness *h, int *pipe_end, void (*fn)(struct harness *h, int out))
{
	int ends[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		(void)close(ends[0]);
		if (harness_open(h))
			_exit(2);
		if (write(ends[1], "!", 1) != 1)
			_exit(3);
		fn(h, ends[1]);
		_exit(0);
	}
	(void)close(ends[1]);
	assert_int_equal(read(ends[0], &c, 1), 1);
	*pipe_end = ends[0];
	return pid;
}

static void end(pid_t pid, int pipe_end)
{
	(void)kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	if (pipe_end >= 0)
		(void)close(pipe_end);
}

static void idle(struct harness *h, int out)
{
	(void)h;
	(void)out;
	for (;;)
		(void)pause();
}

static void two_processes(struct harness *h)
{
	char want[32];
	int pipe_end;
	pid_t pid = child(h, &pipe_end, idle);

	assert_int_equal(harness_open(h), ERR_BUSY);
	(void)snprintf(want, sizeof(want), "process %d", (int)pid);
	if (!strstr(h->e.text, want))
		fail_msg("'%s' does not say '%s'", h->e.text, want);
	end(pid, pipe_end);
	/* dies with its holder */
	assert_int_equal(harness_open(h), ERR_OK);
}

/* The same process opening twice is no better. */
static void twice(struct harness *h)
{
	struct store *first;

	assert_int_equal(harness_open(h), ERR_OK);
	first = h->s;
	assert_int_equal(harness_open(h), ERR_BUSY);
	assert_true(h->s == first);
	/* and has not let go of the lock */
	assert_int_equal(harness_open(h), ERR_BUSY);
}

static void no_folder(struct harness *h)
{
	char path[256];
	size_t n;
	int fd;

	harness_path(h, "file", path);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	n = strlen(h->folder);
	(void)snprintf(h->folder + n, sizeof(h->folder) - n, "/file/state");
	assert_int_not_equal(harness_open(h), ERR_OK);
	assert_null(h->s);
	h->folder[n] = 0;
}

struct told {
	int out;
	unsigned next;
};

/* On the child's main thread: one record for each answer. */
static void tell(void *arg, enum err result, int64_t first_id, size_t count)
{
	struct told *t = arg;

	(void)count;
	if (result || write(t->out, &first_id, sizeof(first_id)) != sizeof(first_id))
		_exit(4);
}

static void write_loop(struct harness *h, int out)
{
	struct told t = {out, 0};

	for (unsigned n = 0;; n++) {
		struct store_provenance p = {.run = n, .path = SPAN("a.md"), .field = FIELD_TITLE};

		if (store_put_provenance(h->s, ROOT, &p, 1, tell, &t))
			_exit(5);
		harness_put_document(h, n);
		harness_put_url(h, n, 2000);
		while (store_pending(h->s) > n % 32) {
			while (sem_wait(&h->woken))
				;
			store_dispatch(h->s);
		}
	}
}

static void killed(struct harness *h)
{
	int64_t told[100000];
	size_t n = 0;

	srand(7);
	for (unsigned i = 0; i < KILLS; i++) {
		const struct timespec instant = {.tv_nsec = (long)(rand() % 40) * 1000 * 1000 +
							    rand() % 1000000};
		int pipe_end;
		pid_t pid = child(h, &pipe_end, write_loop);

		(void)nanosleep(&instant, NULL);
		end(pid, -1);
		while (n < ARRAY_SIZE(told) && read(pipe_end, &told[n], sizeof(told[n])) == sizeof(told[n]))
			n++;
		(void)close(pipe_end);
		assert_int_equal(harness_open(h), ERR_OK);
		assert_int_equal(h->complaints, 0);
		harness_get_provenance(h, SPAN_NONE);
		for (size_t t = 0, r = h->count; t < n; t++) {
			while (r && h->rows[r - 1].id < told[t])
				r--;
			if (!r || h->rows[r - 1].id != told[t])
				fail_msg("row %lld was called back and is gone", (long long)told[t]);
		}
		arena_reset(&h->memory);
		harness_close(h);
	}
	assert_true(n > KILLS);
}

static const struct row rows[] = {
	{"two processes", two_processes},
	{"twice in one process", twice},
	{"no folder can be made", no_folder},
	{"kill -9 at any instant", killed},
};

static void test(void **state)
{
	const struct row *row = *state;
	struct harness *h = harness_new();

	row->run(h);
	harness_free(h);
}

int main(void)
{
	return RUN_ROWS("store/lock", rows, test);
}
