/* SPDX-License-Identifier: MIT */
/* folder.h - a temporary folder for a test, and words to fill it and look into it. */
#ifndef INGESTD_TESTS_FOLDER_H
#define INGESTD_TESTS_FOLDER_H

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/span.h"
#include "unit/rows.h"

struct folder {
	char path[64];
	int fd;
};

static inline int folder_unlink(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static inline void folder_open(struct folder *f)
{
	strcpy(f->path, "/tmp/ingestd-test-XXXXXX");
	assert_non_null(mkdtemp(f->path));
	f->fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(f->fd >= 0);
}

static inline void folder_close(struct folder *f)
{
	(void)close(f->fd);
	(void)nftw(f->path, folder_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

/* Makes the folders on the way. "x/" makes a folder. */
static inline void folder_put(const struct folder *f, const char *path, struct span text)
{
	char part[4096];
	int fd;

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		memcpy(part, path, (size_t)(slash - path));
		part[slash - path] = 0;
		if (mkdirat(f->fd, part, 0777) != 0)
			assert_int_equal(errno, EEXIST);
	}
	if (path[strlen(path) - 1] == '/')
		return;
	fd = openat(f->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text.ptr, text.len), text.len);
	(void)close(fd);
}

/* Borrowed until the next call; SPAN_NONE when it is not there. */
static inline struct span folder_get(const struct folder *f, const char *path)
{
	static char buf[1 << 20];
	int fd = openat(f->fd, path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return SPAN_NONE;
	n = read(fd, buf, sizeof(buf));
	(void)close(fd);
	assert_true(n >= 0);
	return span_of(buf, (size_t)n);
}

#endif
