/* SPDX-License-Identifier: MIT */
#include "document/read.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "document/beneath.h"

enum { TRIES = 3 };

enum err read_open(int folder, const char *name, const char *shown, int *fd, struct stat *st, struct error *e)
{
	int f;

	/* looked at first: opening a device can have effects, opening a regular file non-blocking has none */
	if (fstatat(folder, name, st, AT_SYMLINK_NOFOLLOW) != 0)
		return err_set_errno(e, errno, "'%s'", shown);
	if (!S_ISREG(st->st_mode))
		return err_set(e, ERR_KIND, "'%s' is no regular file", shown);
	f = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (f < 0)
		return err_set_errno(e, errno, "'%s'", shown);
	if (fstat(f, st) != 0 || !S_ISREG(st->st_mode)) {
		(void)close(f);
		return err_set(e, ERR_KIND, "'%s' is no regular file", shown);
	}
	*fd = f;
	return ERR_OK;
}

/* size: what fstat said; a file that grew meanwhile is found out by its key. */
static enum err read_once(int fd, size_t size, struct strbuf *out, const char *shown, struct error *e)
{
	size_t got = 0;
	enum err r = size > out->max - out->len ? ERR_TOOBIG : strbuf_reserve(out, size);

	if (r == ERR_TOOBIG)
		return err_set(e, r, "'%s': over %zu bytes", shown, out->max);
	if (r)
		return err_set(e, r, "'%s': %s", shown, err_text(r));
	while (got < size) {
		ssize_t n = pread(fd, out->ptr + out->len + got, size - got, (off_t)got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set_errno(e, errno, "'%s'", shown);
		if (n == 0)
			break;
		got += (size_t)n;
	}
	out->len += got;
	out->ptr[out->len] = 0;
	return ERR_OK;
}

enum err document_read(int root, const char *path, struct strbuf *out, struct file_key *key, struct error *e)
{
	char real[BENEATH_PATH_MAX + 1];
	size_t before = out->len;
	const char *name = "";
	int folder = -1, fd = -1;
	enum err r = beneath_resolve(root, path, real, e);

	if (!r)
		r = beneath_folder(root, real, &folder, &name, e);
	if (r)
		return r;
	for (int i = 0; i < TRIES; i++) {
		struct stat st, after;

		r = read_open(folder, name, path, &fd, &st, e);
		if (r)
			break;
		r = read_once(fd, (size_t)st.st_size, out, path, e);
		if (!r && fstat(fd, &after) != 0)
			r = err_set_errno(e, errno, "'%s'", path);
		(void)close(fd);
		if (!r && file_key_eq(file_key_of(&st), file_key_of(&after)) &&
		    out->len - before == (size_t)st.st_size) {
			if (key)
				*key = file_key_of(&st);
			(void)close(folder);
			return ERR_OK;
		}
		strbuf_truncate(out, before);
		if (r)
			break;
		r = err_set(e, ERR_CHANGED, "'%s' changed while it was read", path);
	}
	(void)close(folder);
	return r;
}

enum err read_equals(int fd, struct span text, bool *equal)
{
	char buf[65536];
	size_t at = 0;

	*equal = false;
	for (;;) {
		ssize_t n = pread(fd, buf, sizeof(buf), (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ERR_IO;
		if (n == 0)
			break;
		if ((size_t)n > text.len - at || memcmp(buf, text.ptr + at, (size_t)n) != 0)
			return ERR_OK;
		at += (size_t)n;
	}
	*equal = at == text.len;
	return ERR_OK;
}
