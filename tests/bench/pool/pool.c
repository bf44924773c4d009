/* SPDX-License-Identifier: MIT */
/* bench_pool LIST [ROUNDS]: pages through the service's pool of threads, one at once and two at once, by the
 * clock.
 *
 * LIST names one HTML file a line. Rounds of one and of two in turn, so that a busy machine slows both alike;
 * printed is the best round of each. */
#include <stdio.h>

#include "base/strbuf.h"
#include "extract/extract.h"
#include "extract/page_json.h"
#include "pass/lane.h"

enum { PAGES_MAX = 100000, FILE_MAX = 64 * 1024 * 1024, ROUNDS = 7, AT_ONCE = 2 };

struct page_job {
	struct job job;
	struct span body;
};

/* As urls_page.c does it. */
static void work_out(struct job *job)
{
	const struct page_job *p = CONTAINER_OF(job, struct page_job, job);
	const struct page_response response = {.body = p->body};
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(PAGE_ARENA_MAX);
	CLEANUP(strbuf_release) struct strbuf json = STRBUF_INIT(FILE_MAX);
	struct page *page;
	struct error e;

	if (extract_page(&response, &arena, &page, &e) || page_to_json(page, &json))
		fprintf(stderr, "a page could not be worked out\n");
}

static void done(struct job *job)
{
	(void)job;
}

static bool read_file(const char *path, struct strbuf *out)
{
	FILE *f = fopen(path, "rb");
	bool ok = f;
	char piece[65536];

	for (size_t n; ok && (n = fread(piece, 1, sizeof(piece), f)) > 0;)
		ok = strbuf_add(out, piece, n) == ERR_OK;
	if (f)
		fclose(f);
	return ok;
}

/* Seconds. */
static double run(struct page_job *pages, size_t count, unsigned at_once)
{
	struct lane lane;
	uint64_t begun = uv_hrtime();

	lane_init(&lane, uv_default_loop(), at_once);
	for (size_t i = 0; i < count; i++)
		lane_submit(&lane, &pages[i].job, work_out, done);
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
	return (double)(uv_hrtime() - begun) / 1e9;
}

int main(int argc, char **argv)
{
	static struct page_job pages[PAGES_MAX];
	int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : ROUNDS;
	FILE *list = argc > 1 ? fopen(argv[1], "r") : NULL;
	double best[AT_ONCE] = {0};
	size_t count = 0;
	char path[4096];

	if (!list) {
		fprintf(stderr, "usage: bench_pool LIST [ROUNDS]\n");
		return 64;
	}
	lane_pool();
	extract_init();
	while (count < PAGES_MAX && fgets(path, sizeof(path), list)) {
		struct strbuf b = STRBUF_INIT(FILE_MAX);

		path[strcspn(path, "\n")] = 0;
		if (read_file(path, &b))
			pages[count++].body = strbuf_span(&b);
	}
	fclose(list);
	for (int round = 0; round < rounds; round++)
		for (unsigned n = 0; n < AT_ONCE; n++) {
			double took = run(pages, count, n + 1);

			best[n] = round && best[n] < took ? best[n] : took;
		}
	printf("the pool: %zu pages; one at once %.2f s, two %.2f s: %.2f times as fast\n", count, best[0],
	       best[1], best[0] / best[1]);
	for (size_t i = 0; i < count; i++)
		free((void *)(uintptr_t)pages[i].body.ptr);
	return 0;
}
