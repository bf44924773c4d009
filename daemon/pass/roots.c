/* SPDX-License-Identifier: MIT */
#include "roots.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/span.h"
#include "repository.h"

static bool within(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(path, folder, n) == 0 && (path[n] == '/' || !path[n] || (n && folder[n - 1] == '/'));
}

static enum err add_root(struct roots *roots, const char *path, struct root **ret, struct error *e)
{
	struct root *at;
	char *copy;
	int fd;

	for (size_t i = 0; i < roots->count; i++) {
		if (strcmp(roots->at[i].path, path) == 0) {
			*ret = &roots->at[i];
			return ERR_OK;
		}
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set_errno(e, errno, "content folder '%s'", path);
	at = realloc(roots->at, (roots->count + 1) * sizeof(*at));
	copy = strdup(path);
	if (at)
		roots->at = at;
	if (!at || !copy) {
		free(copy);
		close(fd);
		return err_set(e, ERR_NOMEM, "out of memory");
	}
	roots->at[roots->count] = (struct root){.path = copy, .fd = fd};
	*ret = &roots->at[roots->count++];
	return ERR_OK;
}

static enum err add_part(struct root *root, const char *typed, struct error *e)
{
	char **parts = realloc(root->parts, (root->part_count + 1) * sizeof(*parts));
	char *copy = strdup(typed);

	if (parts)
		root->parts = parts;
	if (!parts || !copy) {
		free(copy);
		return err_set(e, ERR_NOMEM, "out of memory");
	}
	root->parts[root->part_count++] = copy;
	return ERR_OK;
}

/* The real path of a content folder that holds `real`, the longest; "" when none does. */
static void holder(const struct config *config, const char *real, char ret[PATH_MAX])
{
	char folder[PATH_MAX];

	*ret = 0;
	for (char **c = config->content; c && *c; c++)
		if (realpath(*c, folder) && within(real, folder) && strlen(folder) > strlen(ret))
			memcpy(ret, folder, strlen(folder) + 1);
}

static enum err add_typed(struct roots *roots, const struct config *config, const char *typed,
			  struct error *e)
{
	char real[PATH_MAX], folder[PATH_MAX];
	struct root *root;
	struct stat st;
	enum err r;

	if (!realpath(typed, real) || stat(real, &st))
		return err_set_errno(e, errno, "'%s'", typed);
	holder(config, real, folder);
	if (!*folder) {
		memcpy(folder, real, strlen(real) + 1);
		if (!S_ISDIR(st.st_mode))
			*MAX(strrchr(folder, '/'), folder + 1) = 0;
	}
	r = add_root(roots, folder, &root, e);
	if (r)
		return r;
	if (strcmp(real, folder) != 0)
		return add_part(root, real, e);
	root->whole = true;
	return ERR_OK;
}

enum err roots_open(const struct config *config, char *const *args, size_t arg_count, struct roots *ret,
		    struct error *e)
{
	struct roots roots = {NULL, 0};
	struct root *root;
	char real[PATH_MAX];
	enum err r = ERR_OK;

	for (size_t i = 0; i < arg_count && !r; i++)
		r = add_typed(&roots, config, args[i], e);
	for (char **c = config->content; !arg_count && c && *c && !r; c++) {
		if (!realpath(*c, real))
			r = err_set_errno(e, errno, "content folder '%s'", *c);
		else
			r = add_root(&roots, real, &root, e);
		if (!r)
			root->whole = true;
	}
	if (!r && !roots.count)
		r = err_set(e, ERR_INVALID, "no folder: name one, or set 'content' in the configuration");
	if (r) {
		roots_release(&roots);
		return r;
	}
	for (size_t i = 0; i < roots.count; i++)
		repository_find(&roots.at[i]);
	*ret = roots;
	return ERR_OK;
}

bool root_in_place(const struct root *root)
{
	struct stat is, was;

	return !stat(root->path, &is) && !fstat(root->fd, &was) && is.st_dev == was.st_dev &&
	       is.st_ino == was.st_ino;
}

/* Where a file system was mounted, the empty folder beneath is not it. */
static bool is_bare(const struct root *root, int fd)
{
	struct stat was, is, above;

	return !fstat(root->fd, &was) && !fstat(fd, &is) && !fstatat(fd, "..", &above, 0) &&
	       was.st_dev != is.st_dev && is.st_dev == above.st_dev;
}

static int open_again(const struct root *root)
{
	int fd = open(root->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && is_bare(root, fd)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

bool root_is_back(const struct root *root)
{
	int fd = open_again(root);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

bool root_reopen(struct root *root)
{
	int fd = open_again(root);

	if (fd < 0)
		return false;
	close(root->fd);
	root->fd = fd;
	root->gone = false;
	repository_find(root);
	return true;
}

void roots_release(struct roots *roots)
{
	for (size_t i = 0; i < roots->count; i++) {
		for (size_t k = 0; k < roots->at[i].part_count; k++)
			free(roots->at[i].parts[k]);
		free(roots->at[i].parts);
		free(roots->at[i].path);
		free(roots->at[i].git);
		close(roots->at[i].fd);
	}
	free(roots->at);
	*roots = (struct roots){NULL, 0};
}
