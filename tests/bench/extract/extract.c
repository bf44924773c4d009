/* SPDX-License-Identifier: MIT */
/* bench_extract LIST [ROUNDS]: CPU per page of our extraction and of libxml2's bare DOM parse, side by side.
 *
 * LIST names one HTML file a line. Each round runs every stage over every page, page by page in turn, so that
 * a busy machine slows all stages alike; printed is each stage's best round. */
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include <libxml/HTMLparser.h>

#include "base/strbuf.h"
#include "extract/extract.h"
#include "extract/head.h"
#include "extract/repair.h"
#include "extract/tree.h"

enum { PAGES_MAX = 100000, FILE_MAX = 64 * 1024 * 1024 };

static const char *const stages[] = {"bare DOM parse", "repair", "tree", "extract", "three fields"};
enum { DOM, REPAIR, TREE, EXTRACT, FIELDS, STAGES };

static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
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

/* Whether the head sufficed: for title, excerpt and images alone */
static bool run(unsigned stage, struct span body, struct arena *arena)
{
	const struct choose_options choose = {.excerpt_min = 120, .excerpt_max = 5000, .now = 1800000000};
	bool suffices = false;
	struct metadata md;
	const struct page_response response = {.body = body};
	struct repaired repaired;
	struct tree *tree;
	struct page *page;
	enum err err = ERR_OK;

	switch (stage) {
	case DOM:
		xmlFreeDoc(htmlReadMemory(body.ptr, (int)body.len, NULL, "UTF-8",
					  HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
						  HTML_PARSE_NONET | HTML_PARSE_COMPACT));
		break;
	case REPAIR: err = repair_html(body, arena, &repaired); break;
	case TREE: err = tree_parse(body, arena, &tree, NULL); break;
	default:
		err = extract_parts(&response,
				    stage == FIELDS ? PART_BIT(PART_TITLE) | PART_BIT(PART_EXCERPT) |
							      PART_BIT(PART_IMAGES)
						    : PARTS_ALL,
				    &choose, arena, &page, &md, NULL);
		suffices = !err && !page;
		break;
	}
	if (err)
		fprintf(stderr, "%s: %s\n", stages[stage], err_text(err));
	arena_reset(arena);
	return suffices;
}

int main(int argc, char **argv)
{
	static struct span pages[PAGES_MAX];
	static double worst[STAGES];
	size_t count = 0, bytes = 0;
	double best[STAGES] = {0}, headed[2] = {0};
	size_t sufficient = 0;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(PAGE_ARENA_MAX);
	char path[4096];
	FILE *list = argc > 1 ? fopen(argv[1], "r") : NULL;
	int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 3;

	if (!list) {
		fprintf(stderr, "usage: bench_extract LIST [ROUNDS]\n");
		return 64;
	}
	extract_init();
	while (count < PAGES_MAX && fgets(path, sizeof(path), list)) {
		struct strbuf b = STRBUF_INIT(FILE_MAX);

		path[strcspn(path, "\n")] = 0;
		if (read_file(path, &b)) {
			bytes += b.len;
			pages[count++] = strbuf_span(&b);
		}
	}
	fclose(list);
	for (int round = 0; round < rounds; round++) {
		double sum[STAGES] = {0};

		for (size_t i = 0; i < count; i++) {
			double dom = 0;

			for (unsigned s = 0; s < STAGES; s++) {
				double before = cpu(), took;
				bool suffices = run(s, pages[i], &arena);

				took = cpu() - before;
				dom = s == DOM ? took : dom;
				if (suffices) {
					sufficient += !round;
					headed[0] += dom;
					headed[1] += took;
				}
				sum[s] += took;
				worst[s] = MAX(worst[s], took);
			}
		}
		for (unsigned s = 0; s < STAGES; s++)
			best[s] = round && best[s] < sum[s] ? best[s] : sum[s];
	}
	printf("%zu pages, %.1f MB, best of %d rounds\n", count, (double)bytes / 1e6, rounds);
	for (unsigned s = 0; s < STAGES; s++)
		printf("%-16s %8.3f ms CPU a page  %6.3f of the DOM parse  worst page %.1f ms\n", stages[s],
		       best[s] / (double)MAX(count, 1), best[s] / best[DOM], worst[s]);
	if (sufficient)
		printf("the head suffices on %zu pages: %.3f ms a page, %.3f of their DOM parse\n",
		       sufficient, headed[1] / (double)(sufficient * (size_t)rounds), headed[1] / headed[0]);
	for (size_t i = 0; i < count; i++)
		free((void *)(uintptr_t)pages[i].ptr);
	return 0;
}
