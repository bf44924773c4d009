/* SPDX-License-Identifier: MIT */
/* inspect.h - the state's files looked at from outside: read only, without the lock, also beside a service
 * that writes them. Waits for the disk: for a command, not for a loop. */
#ifndef INGESTD_STORE_INSPECT_H
#define INGESTD_STORE_INSPECT_H

#include "store/database.h"

struct inspect;

/* Which of the two files; both in the order cache.db, memory.db. */
enum { INSPECT_FILES = 2 };

struct inspect_file {
	const char *name; /* "cache.db" */
	bool there;
	bool usable;              /* opened, ours, of a version that is known */
	char trouble[256];        /* why not; empty when it is not there */
	int64_t bytes;            /* with its WAL */
	unsigned version, newest; /* of the schema, in the file and known here */
	int64_t copied_at;        /* of its daily copy, seconds since 1970; 0: none */
};

/* ERR_NOTFOUND: no such folder. A file that cannot be read is told in *file, not as a failure. */
CHECKED enum err inspect_open(const char *folder, struct inspect **ret, struct error *e);
const struct inspect_file *inspect_file(const struct inspect *i, size_t which);
/* The pid of who holds the lock; 0: nobody, or it did not say. */
int inspect_holder(const struct inspect *i);

/* A value of a row: `text` for SQLite's TEXT and BLOB, SPAN_NONE for NULL. */
struct inspect_value {
	const char *column;
	bool is_number;
	int64_t number;
	struct span text;
};
/* Borrowed until it returns; false ends the reading. */
typedef bool inspect_row_fn(void *arg, const char *table, const struct inspect_value *values, size_t count);
/* Every row of every table of a file, tables by name, rows in the order of their keys. */
CHECKED enum err inspect_rows(struct inspect *i, size_t which, inspect_row_fn *fn, void *arg,
			      struct error *e);
/* The same of one table; no rows where there is none. */
CHECKED enum err inspect_table(struct inspect *i, size_t which, const char *table, inspect_row_fn *fn,
			       void *arg, struct error *e);
/* How many rows each table has: one column, "rows". */
CHECKED enum err inspect_counts(struct inspect *i, size_t which, inspect_row_fn *fn, void *arg,
				struct error *e);
/* The newest runs, newest first. */
CHECKED enum err inspect_runs(struct inspect *i, unsigned count, inspect_row_fn *fn, void *arg,
			      struct error *e);
/* PRAGMA integrity_check, indexes included: table is the file's name, one column "problem"; no row when it is
 * sound. */
CHECKED enum err inspect_check(struct inspect *i, size_t which, inspect_row_fn *fn, void *arg,
			       struct error *e);
/* Accepts NULL, returns NULL. */
struct inspect *inspect_close(struct inspect *i);

#endif
