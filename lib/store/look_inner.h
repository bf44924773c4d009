/* SPDX-License-Identifier: MIT */
/* look_inner.h - what the files of look.h share. */
#ifndef INGESTD_STORE_LOOK_INNER_H
#define INGESTD_STORE_LOOK_INNER_H

#include "store/internal.h"
#include "store/look.h"

struct look {
	char *folder;
	struct database files[FILE_COUNT];
	struct look_file {
		bool tried;
		dev_t dev;
		ino_t ino;
	} seen[FILE_COUNT];
	int64_t until; /* ms of CLOCK_MONOTONIC; 0: no end */
	unsigned rows; /* since look_at() */
};

/* The file's database, opened when it is there and of this version; NULL: it says nothing. */
struct database *look_at(struct look *l, enum file f);
/* The time is over. */
bool look_is_over(const struct look *l);
/* One step. ERR_CANCELLED: the time was over; the statement is reset then, as on every failure. */
CHECKED enum err look_row(struct look *l, struct database *d, sqlite3_stmt *st, bool *row, struct error *e);

/* Of a call's end: to be over the time is an end like another one; a full arena is not. */
enum err look_forgive(struct arena *a, enum err r, struct error *e);

/* An array in an arena that doubles: what is left behind goes with it. */
struct look_array {
	void *rows;
	size_t count, room, size, max;
};
/* The next one, zeroed; NULL: no memory, or max is reached. */
void *look_add(struct look_array *array, struct arena *a);

#endif
