/* SPDX-License-Identifier: MIT */
#include "document/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK };

static enum err part_failed(struct error *e, int at, const char *part, int errnum, const char *path)
{
	struct stat st;

	/* of a link, O_DIRECTORY with O_NOFOLLOW says no more than ENOTDIR */
	if (fstatat(at, part, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
		return err_set(e, ERR_OUTSIDE, "'%s': one of its folders is a link", path);
	return err_set_errno(e, errnum, "'%s'", path);
}

enum err beneath_folder(int root, const char *path, int *folder, const char **name, struct error *e)
{
	char part[BENEATH_PATH_MAX + 1];
	const char *rest = path;
	unsigned depth = 0;
	int at, next;

	if (strlen(path) > BENEATH_PATH_MAX)
		return err_set(e, ERR_TOOBIG, "'%.80s...': path too long", path);
	at = openat(root, ".", FOLDER_FLAGS);
	if (at < 0)
		return err_set_errno(e, errno, "'%s'", path);
	for (;;) {
		const char *slash = strchrnul(rest, '/');
		size_t len = (size_t)(slash - rest);

		memcpy(part, rest, len);
		part[len] = 0;
		if (!len || strcmp(part, ".") == 0 || strcmp(part, "..") == 0) {
			(void)close(at);
			return err_set(e, ERR_OUTSIDE, "'%s' is no path within a folder", path);
		}
		if (!*slash)
			break;
		if (++depth > BENEATH_DEPTH_MAX) {
			(void)close(at);
			return err_set(e, ERR_TOODEEP, "'%s': folders nested too deeply", path);
		}
		next = openat(at, part, FOLDER_FLAGS);
		if (next < 0) {
			enum err r = part_failed(e, at, part, errno, path);

			(void)close(at);
			return r;
		}
		(void)close(at);
		at = next;
		rest = slash + 1;
	}
	*folder = at;
	*name = rest;
	return ERR_OK;
}

/* The absolute path of an open descriptor; false where the kernel cannot tell. */
static bool path_of(int fd, char ret[BENEATH_PATH_MAX + 1])
{
	char proc[40];
	ssize_t n;

	(void)snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	n = readlink(proc, ret, BENEATH_PATH_MAX + 1);
	if (n <= 0 || n > BENEATH_PATH_MAX || ret[0] != '/')
		return false;
	ret[n] = 0;
	return true;
}

/* O_PATH opens nothing and so cannot wait, whatever the link leads to; the kernel's own name for what it
 * found is then cut down to the part below root. */
static enum err relative_of(int root, int fd, const char *shown, char ret[BENEATH_PATH_MAX + 1],
			    struct error *e)
{
	char base[BENEATH_PATH_MAX + 1], full[BENEATH_PATH_MAX + 1];
	size_t n;

	if (!path_of(root, base) || !path_of(fd, full))
		return err_set(e, ERR_OUTSIDE, "'%s': cannot tell where it lies", shown);
	n = strcmp(base, "/") == 0 ? 0 : strlen(base);
	if (strncmp(full, base, n) != 0 || (full[n] != '/' && full[n]))
		return err_set(e, ERR_OUTSIDE, "'%s' lies outside its folder", shown);
	n += full[n] == '/';
	memcpy(ret, full + n, strlen(full + n) + 1);
	return ERR_OK;
}

enum err beneath_resolve(int root, const char *path, char ret[BENEATH_PATH_MAX + 1], struct error *e)
{
	const char *name = "";
	struct stat st;
	int folder = -1, fd;
	enum err r;

	r = beneath_folder(root, path, &folder, &name, e);
	if (r)
		return r;
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		r = err_set_errno(e, errno, "'%s'", path);
	} else if (!S_ISLNK(st.st_mode)) {
		memcpy(ret, path, strlen(path) + 1); /* beneath_folder() looked at its length */
	} else {
		fd = openat(folder, name, O_PATH | O_CLOEXEC);
		if (fd < 0) {
			r = errno == ENOENT ? err_set(e, ERR_NOTFOUND, "'%s': link to nowhere", path)
					    : err_set_errno(e, errno, "'%s'", path);
		} else {
			r = relative_of(root, fd, path, ret, e);
			(void)close(fd);
		}
	}
	(void)close(folder);
	return r;
}

enum err beneath_locate(int root, const char *typed, char ret[BENEATH_PATH_MAX + 1], struct error *e)
{
	int fd = open(typed, O_PATH | O_CLOEXEC);
	enum err r;

	if (fd < 0)
		return err_set_errno(e, errno, "'%s'", typed);
	r = relative_of(root, fd, typed, ret, e);
	(void)close(fd);
	return r;
}
