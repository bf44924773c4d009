/* SPDX-License-Identifier: MIT */
/* drive.c - documents replaced and recovered from the command line, for replace_faults.py to interrupt.
 *
 *     drive fill FOLDER [THREADS [BATCH]]   texts that begin with "old" get a new one, in batches
 *     drive loop FOLDER                     replaces the first line of every document until killed
 *     drive recover FOLDER                  puts leftovers in order; a line for each
 *     drive scan FOLDER                     counts documents
 *
 * Prints how long it took; exit 74 where space ran out, 73 where another document failed. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "document/document.h"
#include "document/read.h"
#include "document/recover.h"
#include "document/replace.h"
#include "document/scan.h"

enum { BATCH_MAX = 256, THREADS_MAX = 64, GROWTH = 20000 };

struct job {
	struct strbuf old, new;
	struct replace *replace;
	char *path;
	enum err err;
	struct error e;
};

struct paths {
	char **path;
	size_t count;
	enum scan_kind kind;
};

static int root, threads = 8, status;
static size_t batch_max = 64;
static struct job jobs[BATCH_MAX];
static size_t job_count;
static atomic_size_t next_job;

static bool collect(void *arg, const struct scan_entry *entry)
{
	struct paths *p = arg;

	if (entry->kind != p->kind)
		return true;
	if ((p->count & (p->count - 1)) == 0)
		p->path = realloc(p->path, MAX(p->count * 2, 1) * sizeof(char *));
	p->path[p->count++] = strdup(entry->path.ptr);
	return true;
}

static struct paths scan(enum scan_kind kind)
{
	struct paths p = {.kind = kind};
	struct error e;

	if (scan_folder(root, NULL, collect, &p, &e)) {
		(void)fprintf(stderr, "%s\n", e.text);
		exit(2);
	}
	return p;
}

static void paths_release(struct paths *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->path[i]);
	free(p->path);
}

static void *sync_some(void *arg)
{
	(void)arg;
	for (size_t i; (i = atomic_fetch_add(&next_job, 1)) < job_count;) {
		if (!jobs[i].err)
			jobs[i].err = replace_sync(jobs[i].replace, &jobs[i].e);
	}
	return NULL;
}

static void sync_all(void)
{
	pthread_t t[THREADS_MAX];
	int n = threads > 1 ? threads : 0;

	atomic_store(&next_job, 0);
	for (int i = 0; i < n; i++) {
		if (pthread_create(&t[i], NULL, sync_some, NULL))
			exit(2);
	}
	if (n == 0)
		sync_some(NULL);
	for (int i = 0; i < n; i++)
		(void)pthread_join(t[i], NULL);
}

static void run_batch(void)
{
	struct replace *committed[BATCH_MAX];
	struct error e;
	size_t n = 0;

	sync_all();
	for (size_t i = 0; i < job_count; i++) {
		if (!jobs[i].err)
			jobs[i].err = replace_commit(jobs[i].replace, &jobs[i].e);
		if (!jobs[i].err)
			committed[n++] = jobs[i].replace;
	}
	if (n && replace_sync_folders(committed, n, &e)) {
		(void)fprintf(stderr, "%s: %s\n", err_name(e.code), e.text);
		status = 73;
	}
	for (size_t i = 0; i < job_count; i++) {
		if (!jobs[i].err)
			jobs[i].err = replace_finish(jobs[i].replace, &jobs[i].e);
		replace_free(jobs[i].replace);
		if (jobs[i].err) {
			(void)fprintf(stderr, "%s: %s\n", err_name(jobs[i].err), jobs[i].e.text);
			if (jobs[i].err == ERR_FULL)
				status = 74;
			else if (status != 74 && jobs[i].err != ERR_CHANGED && jobs[i].err != ERR_BUSY)
				status = 73;
		}
		strbuf_release(&jobs[i].old);
		strbuf_release(&jobs[i].new);
	}
	job_count = 0;
}

/* 'o' becomes 'n' and the text grows; with a number, the first line is the number. */
static enum err make_new(struct job *j, long number)
{
	enum err r;

	if (number >= 0) {
		ptrdiff_t lf = span_find_byte(strbuf_span(&j->old), '\n');

		if (lf < 0)
			return ERR_SYNTAX;
		r = strbuf_addf(&j->new, "patch: %ld", number);
		return r ? r : strbuf_add(&j->new, j->old.ptr + lf, j->old.len - (size_t)lf);
	}
	if (!span_starts(strbuf_span(&j->old), SPAN("old")))
		return ERR_SYNTAX;
	r = strbuf_addf(&j->new, "new%s", j->old.ptr + 3);
	for (int i = 0; !r && i < GROWTH / 20; i++)
		r = strbuf_add_str(&j->new, "twenty bytes a line\n");
	return r;
}

static void add_job(char *path, long number)
{
	struct job *j = &jobs[job_count];

	*j = (struct job){.path = path, .old = STRBUF_INIT(DOCUMENT_MAX), .new = STRBUF_INIT(DOCUMENT_MAX)};
	j->err = document_read(root, path, &j->old, NULL, &j->e);
	if (!j->err && make_new(j, number) == ERR_SYNTAX) {
		strbuf_release(&j->old);
		return;
	}
	if (!j->err)
		j->err = replace_prepare(root, path, strbuf_span(&j->old), strbuf_span(&j->new), NULL,
					 &j->replace, &j->e);
	if (++job_count == batch_max)
		run_batch();
}

static void recover_all(void)
{
	static const char *const words[] = {"removed", "restored", "kept", "left"};
	CLEANUP(paths_release) struct paths p = scan(SCAN_LEFTOVER);

	for (size_t i = 0; i < p.count; i++) {
		struct recovery ret;
		struct error e;
		enum err r = recover_leftover(root, p.path[i], &ret, &e);

		if (r) {
			(void)printf("failed %s: %s\n", p.path[i], e.text);
			status = 73;
		} else {
			(void)printf("%s %s\n", words[ret.what], ret.path);
		}
	}
}

int main(int argc, char **argv)
{
	struct timespec a, b;
	CLEANUP(paths_release) struct paths p = {.count = 0};
	double seconds;

	root = argc > 2 ? open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (root < 0)
		return 64;
	if (argc > 3)
		threads = (int)MIN(strtol(argv[3], NULL, 10), THREADS_MAX);
	if (argc > 4)
		batch_max = MIN(strtoul(argv[4], NULL, 10), BATCH_MAX);
	(void)clock_gettime(CLOCK_MONOTONIC, &a);
	if (strcmp(argv[1], "recover") == 0)
		recover_all();
	else
		p = scan(SCAN_DOCUMENT);
	if (strcmp(argv[1], "fill") == 0 || strcmp(argv[1], "loop") == 0) {
		bool loop = argv[1][0] == 'l';

		for (long round = 0; round == 0 || loop; round++) {
			for (size_t i = 0; i < p.count; i++)
				add_job(p.path[i], loop ? round : -1);
			run_batch();
		}
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &b);
	seconds = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
	(void)printf("%zu documents, %.3f s, %.0f/s\n", p.count, seconds, (double)p.count / seconds);
	return status;
}
