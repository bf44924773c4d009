/* SPDX-License-Identifier: MIT */
/* bench_images FILE...: the time that each file's header takes to read, and its verification to the end. */
#include <stdio.h>
#include <time.h>

#include "image/whole.h"

enum { TIMES = 2000, FILE_MAX = 64 << 20 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	double *each = calloc((size_t)argc, sizeof(*each)), bytes = 0, began, spent = 0;
	char *buf = malloc(FILE_MAX);
	unsigned known = 0, whole = 0;
	const char *slowest = "";
	size_t n = 0;

	if (!each || !buf)
		return 1;
	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		size_t len = f ? fread(buf, 1, FILE_MAX, f) : 0;
		struct image_size size;
		enum image_answer a = IMAGE_NOT;

		if (f)
			(void)fclose(f);
		began = now();
		for (int k = 0; k < TIMES; k++)
			a = image_measure(span_of(buf, len), true, &size);
		each[n] = (now() - began) / TIMES * 1e6;
		known += a == IMAGE_KNOWN;
		if (!n || each[n] > each[0])
			slowest = argv[i];
		if (n && each[n] > each[0]) { /* the slowest stands first */
			double t = each[0];

			each[0] = each[n];
			each[n] = t;
		}
		n++;
		began = now();
		whole += a == IMAGE_KNOWN && image_whole_span(span_of(buf, len), size.type, NULL) == ERR_OK;
		spent += now() - began;
		bytes += (double)len;
	}
	if (!n)
		return 1;
	qsort(each, n, sizeof(*each), by_value);
	printf("%zu files, %u of known size; header: median %.2f us, 99%% %.2f us, slowest %.2f us (%s)\n", n,
	       known, each[n / 2], each[n * 99 / 100], each[n - 1], slowest);
	printf("%u whole; verified at %.0f MB/s\n", whole, bytes / spent / 1e6);
	free(each);
	free(buf);
	return 0;
}
