/* SPDX-License-Identifier: MIT */
#include "folders.h"

#include <stdio.h>
#include <uthash.h>
#include <uv.h>

#include "document/order.h"

enum { FOLDERS_MEMORY = 64 * 1024 * 1024 };

struct folder {
	char *name; /* the root's path, a slash, the folder */
	struct shape shape;
	UT_hash_handle hh;
};

struct folders {
	const struct shape *shape;
	uv_mutex_t lock;
	struct arena arena;
	struct folder *table;
};

struct folders *folders_new(const struct shape *shape)
{
	struct folders *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->shape = shape;
	f->arena = ARENA_INIT(FOLDERS_MEMORY);
	if (uv_mutex_init(&f->lock)) {
		free(f);
		return NULL;
	}
	return f;
}

/* Under the lock: others who need the same folder would only do the same work. */
static const struct shape *learn(struct folders *f, const struct root *root, const char *path,
				 const char *name)
{
	struct folder *folder = ARENA_NEW(&f->arena, struct folder);

	if (folder)
		folder->name = arena_strdup(&f->arena, span_str(name));
	if (!folder || !folder->name)
		return f->shape;
	folder->shape = *f->shape;
	if (order_of_folder(root->fd, path, f->shape->order, &f->arena, &folder->shape.order))
		folder->shape.order = f->shape->order;
	HASH_ADD_KEYPTR(hh, f->table, folder->name, strlen(folder->name), folder);
	return &folder->shape;
}

const struct shape *folders_shape(struct folders *f, const struct root *root, const char *path)
{
	const char *slash = strrchr(path, '/');
	char name[8192];
	struct folder *folder;
	const struct shape *ret;
	int n = snprintf(name, sizeof(name), "%s//%.*s", root->path, slash ? (int)(slash - path) : 0, path);

	if (n < 0 || (size_t)n >= sizeof(name))
		return f->shape;
	uv_mutex_lock(&f->lock);
	HASH_FIND(hh, f->table, name, (size_t)n, folder);
	ret = folder ? &folder->shape : learn(f, root, path, name);
	uv_mutex_unlock(&f->lock);
	return ret;
}

struct folders *folders_free(struct folders *f)
{
	if (!f)
		return NULL;
	HASH_CLEAR(hh, f->table);
	arena_release(&f->arena);
	uv_mutex_destroy(&f->lock);
	free(f);
	return NULL;
}
