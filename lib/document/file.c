/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/hash.h"
#include "document/exchange.h"
#include "document/replace.h"

static enum err write_as_it_is(const char *path, struct span text, struct error *e)
{
	int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	enum err r = ERR_OK;

	if (fd < 0)
		return err_set_errno(e, errno, "'%s'", path);
	if (!write_all(fd, text))
		r = err_set_errno(e, errno, "'%s'", path);
	(void)close(fd);
	return r;
}

/* An open descriptor on the folder and the name in it; links at path are followed. */
static enum err find(const char *path, int *folder, char name[LEFTOVER_NAME_MAX + 1], struct error *e)
{
	CLEANUP_FREE char *real = realpath(path, NULL);
	CLEANUP_FREE char *copy = strdup(real ? real : path);
	const char *base;
	char *slash;

	if (!copy)
		return err_set(e, ERR_NOMEM, "out of memory");
	slash = strrchr(copy, '/');
	base = slash ? slash + 1 : copy;
	if (!*base || strlen(base) > LEFTOVER_NAME_MAX)
		return err_set(e, ERR_INVALID, "'%s' is no file's name", path);
	memcpy(name, base, strlen(base) + 1);
	if (slash)
		slash[slash == copy] = 0; /* "/x" lies in "/" */
	*folder = open(slash ? copy : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*folder < 0)
		return err_set_errno(e, errno, "'%s'", path);
	return ERR_OK;
}

static enum err write_beside(int folder, const char *name, const struct stat *was, struct span text,
			     const char *path, struct error *e)
{
	char temp[LEFTOVER_NAME_MAX + 1];
	enum err r = ERR_OK;
	int fd;

	leftover_name(name, LEFTOVER_WRITING, 0, hash64(text), temp);
	fd = openat(folder, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0)
		return err_set_errno(e, errno, "'%s': cannot write beside it", path);
	if (was && fchmod(fd, was->st_mode & 0777) != 0)
		r = err_set_errno(e, errno, "'%s': mode", path);
	else if (!write_all(fd, text) || fsync(fd) != 0)
		r = err_set_errno(e, errno, "'%s'", path);
	else if (renameat(folder, temp, folder, name) != 0)
		r = err_set_errno(e, errno, "'%s'", path);
	else if (fsync(folder) != 0 && errno != EINVAL)
		r = err_set_errno(e, errno, "'%s'", path);
	(void)close(fd);
	if (r)
		(void)unlinkat(folder, temp, 0);
	return r;
}

enum err file_write_atomic(const char *path, struct span text, struct error *e)
{
	char name[LEFTOVER_NAME_MAX + 1];
	struct stat was;
	bool exists = stat(path, &was) == 0;
	int folder = -1;
	enum err r;

	if (exists && !S_ISREG(was.st_mode))
		return write_as_it_is(path, text, e);
	r = find(path, &folder, name, e);
	if (r)
		return r;
	r = write_beside(folder, name, exists ? &was : NULL, text, path, e);
	(void)close(folder);
	return r;
}
