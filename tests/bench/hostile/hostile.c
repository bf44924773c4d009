/* SPDX-License-Identifier: MIT */
/* bench_hostile [NAME]: each page of tests/unit/extract/hostile.h at the largest size that is read, extracted
 * and chosen from in a process of its own: CPU seconds and megabytes at the peak, the dearest first. Ends
 * with 1 when one of them takes over 2 s or 250 MB. Run by hand; the unit test holds the ceilings. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/extract/hostile.h"

enum { SECONDS_MAX = 2, MEGABYTES_MAX = 250 };

struct result {
	const char *name;
	double seconds, megabytes;
	int status;
};

static int work(const struct hostile *row)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(PAGE_ARENA_MAX);
	CLEANUP_FREE char *body = malloc(PAGE_BODY_MAX);
	const struct choose_options choose = {.excerpt_min = 120, .excerpt_max = 300, .now = 1800000000};
	struct page_response response = {.content_type = SPAN("text/html; charset=utf-8"),
					 .requested_url = SPAN("https://news.example/2024/05/07/pier"),
					 .final_url = SPAN("https://news.example/2024/05/07/pier")};
	struct metadata md;
	struct page *page;
	struct error e;
	enum err r;

	if (!body)
		return 2;
	response.body = span_of(body, hostile_make(row, body, PAGE_BODY_MAX));
	r = extract_page(&response, &arena, &page, &e);
	if (!r)
		r = extract_choose(page, &choose, true, &arena, &md);
	return r && r != ERR_TOOBIG ? 3 : r ? 4 : 0;
}

static struct result measure(const struct hostile *row)
{
	struct result ret = {.name = row->name};
	struct rusage used;
	pid_t pid = fork();

	if (pid == 0)
		_exit(work(row));
	if (pid < 0 || wait4(pid, &ret.status, 0, &used) < 0) {
		perror("bench_hostile");
		exit(2);
	}
	ret.seconds = (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec +
		      (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
	ret.megabytes = (double)used.ru_maxrss / 1024;
	return ret;
}

static int dearest(const void *a, const void *b)
{
	double x = ((const struct result *)a)->seconds, y = ((const struct result *)b)->seconds;

	return (x < y) - (x > y);
}

int main(int argc, char **argv)
{
	static struct result results[ARRAY_SIZE(hostile)];
	size_t n = 0, over = 0;

	extract_init();
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++)
		if (argc < 2 || strcmp(argv[1], hostile[i].name) == 0)
			results[n++] = measure(&hostile[i]);
	qsort(results, n, sizeof(results[0]), dearest);
	for (size_t i = 0; i < n; i++) {
		const struct result *r = &results[i];
		bool bad = r->seconds > SECONDS_MAX || r->megabytes > MEGABYTES_MAX ||
			   !WIFEXITED(r->status) || (WEXITSTATUS(r->status) && WEXITSTATUS(r->status) != 4);

		over += bad;
		printf("%s %6.3f s %6.1f MB  %s%s\n", bad ? "OVER" : "ok  ", r->seconds, r->megabytes,
		       r->name,
		       WIFEXITED(r->status) && WEXITSTATUS(r->status) == 4 ? " (refused: the arena's ceiling)"
									   : "");
	}
	printf("%zu pages of %d MiB, %zu over %d s or %d MB\n", n, PAGE_BODY_MAX >> 20, over, SECONDS_MAX,
	       MEGABYTES_MAX);
	return over > 0;
}
