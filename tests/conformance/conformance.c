/* SPDX-License-Identifier: MIT */
/* conformance AREA [--base URL] [--content-type TYPE] [FILE]
 *
 * Without a FILE a lines call: standard input holds one JSON value a line, standard output gets an answer to
 * each. With one a file call. */
#include "conformance/conformance.h"

#include <stdio.h>

#define AREA(name) extern const struct area areas_##name[];
#include "areas.inc"
#undef AREA

static const struct area *const tables[] = {
#define AREA(name) areas_##name,
#include "areas.inc"
#undef AREA
};

static int run_lines(const struct area *area)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, stdin)) >= 0) {
		json_error_t e;
		json_t *in = json_loadb(line, (size_t)n, JSON_ALLOW_NUL | JSON_DECODE_ANY, &e);
		json_t *out = in ? area->line(in) : json_null();

		if (json_dumpf(out, stdout, JSON_COMPACT | JSON_ENCODE_ANY)) {
			fprintf(stderr, "conformance: an answer that is no JSON value\n");
			exit(70);
		}
		putchar('\n');
		json_decref(out);
		json_decref(in);
	}
	free(line);
	return fflush(stdout) ? 74 : 0;
}

static const struct area *find_area(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct area *a = tables[i]; a->name; a++)
			if (strcmp(a->name, name) == 0)
				return a;
	return NULL;
}

static int usage(void)
{
	fprintf(stderr, "usage: conformance AREA [--base URL] [--content-type TYPE] [FILE]\nareas:");
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct area *a = tables[i]; a->name; a++)
			fprintf(stderr, " %s", a->name);
	fprintf(stderr, "\n");
	return 64;
}

int main(int argc, char **argv)
{
	const struct area *area = argc > 1 ? find_area(argv[1]) : NULL;
	struct file_call call = {.argc = argc - 2, .argv = argv + 2};

	if (!area)
		return usage();
	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--base") == 0 && i + 1 < argc)
			call.base = argv[++i];
		else if (strcmp(argv[i], "--content-type") == 0 && i + 1 < argc)
			call.content_type = argv[++i];
		else
			call.path = argv[i]; /* the last argument */
	}
	if (area->line && !call.path)
		return run_lines(area);
	return area->file && call.path ? area->file(&call) : usage();
}
