/* SPDX-License-Identifier: MIT */
/* replay.c - main() of a fuzz target in builds without libFuzzer: runs every file of the folder
 * named in argv[1] once. An empty folder fails: it would check nothing. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
	static uint8_t data[8 << 20];
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f) {
		perror(path);
		return 1;
	}
	n = fread(data, 1, sizeof(data), f);
	fclose(f);
	/* an exact copy, so that ASan sees a read past the end */
	uint8_t *copy = malloc(n ? n : 1);
	for (size_t i = 0; i < n; i++)
		copy[i] = data[i];
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
	return 0;
}

int main(int argc, char **argv)
{
	struct dirent **names;
	int n = argc == 2 ? scandir(argv[1], &names, NULL, alphasort) : -1, ran = 0, bad = 0;

	for (int i = 0; i < n; i++) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s", argv[1], names[i]->d_name);
		if (names[i]->d_name[0] != '.') {
			bad |= replay(path);
			ran++;
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	printf("%d inputs\n", ran);
	return bad || !ran;
}
