/* SPDX-License-Identifier: MIT */
#include "document/create.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/hash.h"
#include "document/beneath.h"
#include "document/document.h"
#include "document/exchange.h"

/* Each part of path's folders, made where it is missing; *made: some were. */
static enum err make_folders(int root, const char *path, struct error *e)
{
	struct span rest = span_str(path), part;
	unsigned depth = 0;
	int folder = fcntl(root, F_DUPFD_CLOEXEC, 3), next;
	enum err r = folder < 0 ? err_set_errno(e, errno, "'%s'", path) : ERR_OK;

	while (!r && (part = span_split(&rest, '/')).ptr && rest.ptr) {
		char name[256];

		if (!part.len || part.len > 255 || span_eq(part, SPAN(".")) || span_eq(part, SPAN("..")) ||
		    ++depth > BENEATH_DEPTH_MAX) {
			r = err_set(e, ERR_OUTSIDE, "'%s' is no path inside its folder", path);
			break;
		}
		(void)snprintf(name, sizeof(name), "%.*s", SPAN_ARG(part));
		if (mkdirat(folder, name, 0777) == 0)
			(void)fsync(folder); /* a name that is lost again is made again */
		next = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			r = errno == ENOTDIR || errno == ELOOP
				    ? err_set(e, ERR_KIND, "'%s': '%s' is no folder", path, name)
				    : err_set_errno(e, errno, "'%s'", path);
		(void)close(folder);
		folder = next;
	}
	if (folder >= 0)
		(void)close(folder);
	return r;
}

/* One step: the temp is gone and name is there, or name was taken. File systems that cannot rename so can
 * link. */
static enum err give_name(int folder, const char *temp, const char *name, const char *path, struct error *e)
{
	if (renameat2(folder, temp, folder, name, RENAME_NOREPLACE) == 0)
		return ERR_OK;
	if (errno == EINVAL || errno == ENOSYS) {
		if (linkat(folder, temp, folder, name, 0) == 0) {
			(void)unlinkat(folder, temp, 0);
			return ERR_OK;
		}
	}
	if (errno == EEXIST)
		return err_set(e, ERR_CHANGED, "'%s' is there already", path);
	return err_set_errno(e, errno, "'%s': cannot be made", path);
}

static enum err write_temp(int folder, const char *name, struct span text, const char *path,
			   char temp[LEFTOVER_NAME_MAX + 1], struct file_key *key, struct error *e)
{
	struct stat st;
	enum err r = ERR_OK;
	int fd;

	do {
		leftover_name(name, LEFTOVER_WRITING, 0, hash64(text), temp);
		fd = openat(folder, temp, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	} while (fd < 0 && errno == EEXIST);
	if (fd < 0) {
		temp[0] = 0;
		return err_set_errno(e, errno, "'%s': cannot write beside it", path);
	}
	if (!write_all(fd, text) || fsync(fd) || fstat(fd, &st))
		r = err_set_errno(e, errno, "'%s': cannot be written", path);
	else if (key)
		*key = file_key_of(&st);
	(void)close(fd);
	return r;
}

enum err create_document(int root, const char *path, struct span text, struct file_key *key, struct error *e)
{
	char temp[LEFTOVER_NAME_MAX + 1] = "";
	const char *name = NULL;
	struct stat st;
	int folder = -1;
	enum err r = ERR_OK;

	if (text.len > DOCUMENT_MAX)
		return err_set(e, ERR_TOOBIG, "'%s': its text is over %d bytes", path, DOCUMENT_MAX);
	if (strlen(path) > BENEATH_PATH_MAX)
		return err_set(e, ERR_TOOBIG, "a path of more than %d bytes", BENEATH_PATH_MAX);
	r = make_folders(root, path, e);
	if (!r)
		r = beneath_folder(root, path, &folder, &name, e);
	if (!r)
		r = write_temp(folder, name, text, path, temp, key, e);
	if (!r)
		r = give_name(folder, temp, name, path, e);
	if (r && temp[0])
		(void)unlinkat(folder, temp, 0);
	/* renaming changes the ctime that the key has */
	if (!r && key && fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		*key = file_key_of(&st);
	if (!r && fsync(folder))
		r = err_set_errno(e, errno, "'%s': its folder", path);
	if (folder >= 0)
		(void)close(folder);
	return r;
}
