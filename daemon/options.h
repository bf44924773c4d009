/* SPDX-License-Identifier: MIT */
/* options.h - the command line.
 *
 * One table of options is what getopt reads and what --help prints. */
#ifndef INGESTD_DAEMON_OPTIONS_H
#define INGESTD_DAEMON_OPTIONS_H

#include <stdio.h>

#include "base/error.h"

/* sysexits(3), as systemd knows them by name, and what a shell expects. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_PENDING = 1, /* --dry-run --check: changes are pending */
	EXIT_USAGE = 64,
	EXIT_DATA = 65, /* what was read is no feed */
	EXIT_NO_FOLDER = 66,
	EXIT_BUG = 70,
	EXIT_NO_CREATE = 73,
	EXIT_NO_WRITE = 74,
	EXIT_TRY_AGAIN = 75,
	EXIT_BAD_CONFIG = 78,
};

enum command {
	COMMAND_NONE,
	COMMAND_ONCE,
	COMMAND_SERVE,
	COMMAND_EXTRACT,
	COMMAND_EXPLAIN,
	COMMAND_FEED,
	COMMAND_FEEDS,
	COMMAND_UNDO,
	COMMAND_STATE,
	COMMAND_IMAGES,
	COMMAND_STATUS,
	COMMAND_CHECK_CONFIG,
	COMMAND_PRINT_CONFIG,
	COMMAND_VERSION,
	COMMAND_HELP,
};

struct options {
	enum command command;
	bool dry_run, check, json, quiet, verbose, force, no_wait, batch, explain, why;
	const char *config, *report, *only, *url, *content_type, *base, *host, *state, *fields;
	int64_t run;       /* 0: not named */
	unsigned jobs;     /* 0: as many as there are cores */
	uint64_t max_time; /* seconds; 0: no bound */
	char **args;       /* what is left: PATH..., NULL-terminated; borrowed from argv */
	size_t arg_count;
};

/* argv is reordered. ERR_INVALID with a text for people (the caller adds where help is). */
CHECKED enum err options_read(int argc, char **argv, struct options *ret, struct error *e);
/* Fits a screen. */
void options_help(FILE *out);
/* For texts made from the table (config/completions.c): argument NULL where an option takes none, letter 0
 * where it has none. */
struct option_info {
	const char *name;
	char letter;
	const char *argument, *help;
};
void options_each(void (*fn)(void *arg, const struct option_info *option), void *arg);
void options_each_command(void (*fn)(void *arg, const char *word), void *arg);
/* Versions of ingestd and of the libraries it runs with. */
void options_version(FILE *out);

#endif
