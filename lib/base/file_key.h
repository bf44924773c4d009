/* SPDX-License-Identifier: MIT */
/* file_key.h - what stat(2) tells of a file, kept to see later whether it is still the same. */
#ifndef INGESTD_BASE_FILE_KEY_H
#define INGESTD_BASE_FILE_KEY_H

#include <sys/stat.h>

#include "base/base.h"

/* Equal keys mean an unchanged file, once the key had settled (below). What decides about writing is the
 * content all the same. */
struct file_key {
	uint64_t dev, ino, size;
	int64_t mtime_ns, ctime_ns;
};

static inline struct file_key file_key_of(const struct stat *st)
{
	return (struct file_key){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = (uint64_t)st->st_size,
		.mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
		.ctime_ns = (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec,
	};
}

static inline bool file_key_eq(struct file_key a, struct file_key b)
{
	return a.dev == b.dev && a.ino == b.ino && a.size == b.size && a.mtime_ns == b.mtime_ns &&
	       a.ctime_ns == b.ctime_ns;
}

/* False while a further write could leave the key as it is: file systems stamp times by a clock that ticks
 * every few milliseconds (some by whole seconds: then mtime has no fraction). Remember only settled keys.
 * now_ns: CLOCK_REALTIME when the key was taken, in nanoseconds. */
static inline bool file_key_settled(struct file_key k, int64_t now_ns)
{
	int64_t tick = k.mtime_ns % 1000000000 ? 20000000 : 2000000000;

	return now_ns - k.mtime_ns > tick && now_ns - k.ctime_ns > tick;
}

#endif
