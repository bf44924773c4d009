/* SPDX-License-Identifier: MIT */
/* generate.c - texts made from the table of keys: `generate example` is config/ingestd.yaml, `generate man
 * TEMPLATE` the man page, whose line "@KEYS@" becomes the list of keys. Runs at build time only. */
#include <stdio.h>

#include "config/config.h"

static int man(const char *path)
{
	CLEANUP(strbuf_release) struct strbuf mdoc = STRBUF_INIT(1 << 20);
	FILE *f = fopen(path, "r");
	char line[1024];

	if (!f || config_mdoc(&mdoc)) {
		perror(path);
		return 1;
	}
	while (fgets(line, sizeof(line), f))
		printf("%s", strcmp(line, "@KEYS@\n") == 0 ? strbuf_cstr(&mdoc) : line);
	fclose(f);
	return 0;
}

int main(int argc, char **argv)
{
	CLEANUP(strbuf_release) struct strbuf out = STRBUF_INIT(1 << 20);

	if (argc == 3 && strcmp(argv[1], "man") == 0)
		return man(argv[2]);
	if (argc != 2 || strcmp(argv[1], "example") != 0 || config_example(&out)) {
		fprintf(stderr, "usage: generate example | man TEMPLATE\n");
		return 64;
	}
	printf("%s", strbuf_cstr(&out));
	return 0;
}
