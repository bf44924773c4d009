/* SPDX-License-Identifier: MIT */
#include "folders.h"

#include <stdio.h>
#include <uthash.h>
#include <uv.h>

#include "document/order.h"

enum {
	FOLDERS_MEMORY = 64 * 1024 * 1024,
	DOCUMENT_MEMORY = 64 * 1024 * 1024, /* of one document that is learnt from, parsed */
};

struct folder {
	char *name; /* the root's path, a slash, the folder */
	struct shape shape;
	struct logos logos;
	UT_hash_handle hh;
};

struct folders {
	const struct shape *shape;
	const struct organizations *organizations;
	struct folder none; /* of what cannot be learnt */
	uv_mutex_t lock;
	struct arena arena;
	struct folder *table;
};

struct folders *folders_new(const struct shape *shape, const struct organizations *organizations)
{
	struct folders *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->shape = shape;
	f->organizations = organizations;
	f->none.shape = *shape;
	f->arena = ARENA_INIT(FOLDERS_MEMORY);
	if (uv_mutex_init(&f->lock)) {
		free(f);
		return NULL;
	}
	return f;
}

struct lesson {
	struct folders *folders;
	struct key_votes *keys;
	struct logo_votes logos;
};

static enum err each(void *arg, struct span text)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(DOCUMENT_MEMORY);
	struct lesson *l = arg;
	struct document *doc;
	enum err r = key_votes_add(l->keys, text);

	if (r || !organizations_have_images(l->folders->organizations))
		return r;
	r = document_parse(text, l->folders->shape, &arena, &doc, NULL);
	if (!r)
		r = logos_vote(l->folders->organizations, doc, &l->folders->arena, &l->logos);
	return r == ERR_NOMEM ? r : ERR_OK;
}

/* Under the lock: others who need the same folder would only do the same work. */
static const struct folder *learn(struct folders *f, const struct root *root, const char *path,
				  const char *name)
{
	struct folder *folder = ARENA_NEW(&f->arena, struct folder);
	struct lesson lesson = {.folders = f};
	enum err r;

	if (folder)
		folder->name = arena_strdup(&f->arena, span_str(name));
	if (!folder || !folder->name)
		return &f->none;
	*folder = (struct folder){.name = folder->name, .shape = *f->shape};
	r = key_votes_new(f->shape->order, &lesson.keys);
	if (!r)
		r = order_documents(root->fd, path, each, &lesson);
	if (!r)
		r = key_votes_count(lesson.keys, &f->arena, &folder->shape.order);
	if (r)
		folder->shape.order = f->shape->order;
	else
		folder->logos = logos_elected(&lesson.logos);
	key_votes_free(lesson.keys);
	HASH_ADD_KEYPTR(hh, f->table, folder->name, strlen(folder->name), folder);
	return folder;
}

static const struct folder *find(struct folders *f, const struct root *root, const char *path)
{
	const char *slash = strrchr(path, '/');
	char name[8192];
	struct folder *folder;
	const struct folder *ret;
	int n = snprintf(name, sizeof(name), "%s//%.*s", root->path, slash ? (int)(slash - path) : 0, path);

	if (n < 0 || (size_t)n >= sizeof(name))
		return &f->none;
	uv_mutex_lock(&f->lock);
	HASH_FIND(hh, f->table, name, (size_t)n, folder);
	ret = folder ? folder : learn(f, root, path, name);
	uv_mutex_unlock(&f->lock);
	return ret;
}

const struct shape *folders_shape(struct folders *f, const struct root *root, const char *path)
{
	return &find(f, root, path)->shape;
}

const struct logos *folders_logos(struct folders *f, const struct root *root, const char *path)
{
	return &find(f, root, path)->logos;
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
