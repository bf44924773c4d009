/* SPDX-License-Identifier: MIT */
#include "watch_inner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MASK                                                                                 \
	(IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR | \
	 IN_DONT_FOLLOW | IN_EXCL_UNLINK)
#define MASK_ROOT (MASK | IN_DELETE_SELF | IN_MOVE_SELF)

enum { WALK_BYTES = 512 * 1024 * 1024, WALK_DEPTH_MAX = SCAN_DEPTH_MAX };

/* What a walk found, in the order in which it did: a folder comes after the one that it is in. */
struct walked {
	struct walked *next;
	const struct walked *up; /* NULL: it is a start */
	const struct start *start;
	unsigned depth;
	int wd;
	char name[];
};

/* ---- the table ---- */

struct folder *tree_find(struct watch *w, int wd)
{
	struct folder *f;

	HASH_FIND_INT(w->folders, &wd, f);
	return f;
}

bool tree_path(const struct folder *f, const char *name, char *path)
{
	const char *parts[SCAN_DEPTH_MAX + 2] = {name};
	size_t n = *name ? 1 : 0, len = 0;

	for (; f->parent; f = f->parent) {
		if (n == ARRAY_SIZE(parts))
			return false;
		parts[n++] = f->name;
	}
	*path = 0;
	while (n--) {
		size_t more = strlen(parts[n]);

		if (len + more + 1 > SCAN_PATH_MAX)
			return false;
		if (len)
			path[len++] = '/';
		memcpy(path + len, parts[n], more + 1);
		len += more;
	}
	return true;
}

static void unlink_child(struct folder *f)
{
	if (f->prev)
		f->prev->next = f->next;
	else if (f->parent)
		f->parent->first = f->next;
	if (f->next)
		f->next->prev = f->prev;
	f->prev = f->next = f->parent = NULL;
}

static void link_child(struct folder *f, struct folder *parent)
{
	f->parent = parent;
	if (!parent)
		return;
	f->next = parent->first;
	if (f->next)
		f->next->prev = f;
	parent->first = f;
}

void tree_drop(struct watch *w, struct folder *top)
{
	struct folder *f = top;

	unlink_child(top);
	/* depth first, without recursion: a leaf goes, then its parent is looked at again */
	for (;;) {
		struct folder *up = f->parent;

		if (f->first) {
			f = f->first;
			continue;
		}
		unlink_child(f);
		assert(w->folders);
		HASH_DEL(w->folders, f);
		(void)inotify_rm_watch(w->fd, f->wd); /* it may be gone already */
		bool last = f == top;
		free(f);
		if (last)
			return;
		assert(up); /* below top all have one */
		f = up;
	}
}

void tree_drop_child(struct watch *w, struct folder *parent, const char *name)
{
	for (struct folder *f = parent->first; f; f = f->next) {
		if (strcmp(f->name, name) != 0)
			continue;
		tree_drop(w, f);
		return;
	}
}

/* Two walks over what moves meanwhile may disagree on who is in whom. */
static bool is_above(const struct folder *f, const struct folder *below)
{
	while (below && below != f)
		below = below->parent;
	return below == f;
}

static bool put(struct watch *w, const struct root *root, struct folder *parent, int wd, const char *name)
{
	struct folder *old = tree_find(w, wd), *f;

	if (old && old->root == root && old->parent == parent && strcmp(old->name, name) == 0)
		return true;
	f = old && is_above(old, parent) ? NULL : calloc(1, sizeof(*f) + strlen(name) + 1);
	if (!f)
		return false;
	f->wd = wd;
	f->root = root;
	memcpy(f->name, name, strlen(name) + 1);
	if (old) { /* it was moved */
		f->first = old->first;
		for (struct folder *child = f->first; child; child = child->next)
			child->parent = f;
		unlink_child(old);
		HASH_DEL(w->folders, old);
		free(old);
	}
	link_child(f, parent);
	HASH_ADD_INT(w->folders, wd, f);
	return true;
}

/* ---- walking, on the pool ---- */

static const char *full_name(const struct walked *d, const char *root, char *path, const char **relative)
{
	const struct walked *up[WALK_DEPTH_MAX + 2];
	size_t n = 0, len = strlen(root);
	const struct start *start = d->start;
	size_t more = strlen(start->path);

	for (; d->up; d = d->up)
		up[n++] = d;
	if (len + 1 + more > PATH_MAX - 1)
		return NULL;
	memcpy(path, root, len);
	if (len > 1)
		path[len++] = '/';
	*relative = path + len;
	memcpy(path + len, start->path, more);
	len += more;
	while (n--) {
		more = strlen(up[n]->name);
		if (len + more + 2 > PATH_MAX)
			return NULL;
		if (path + len > *relative)
			path[len++] = '/';
		memcpy(path + len, up[n]->name, more);
		len += more;
	}
	path[len] = 0;
	return path;
}

static struct walked *add(struct watch_walk *walk, const struct start *start, const struct walked *up,
			  const char *name)
{
	size_t n = strlen(name) + 1;
	struct walked *d = arena_alloc(&walk->arena, sizeof(*d) + n);

	if (!d)
		return NULL;
	*d = (struct walked){.up = up, .start = start, .depth = up ? up->depth + 1 : 0, .wd = -1};
	memcpy(d->name, name, n);
	*walk->last = d;
	walk->last = &d->next;
	return d;
}

static bool is_folder(int at, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(at, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static void list(struct watch *w, struct walked *d, const char *path, const char *relative)
{
	char child[PATH_MAX];
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	while ((entry = readdir(dir))) {
		int n;

		if (entry->d_name[0] == '.' || !is_folder(fd, entry))
			continue;
		n = snprintf(child, sizeof(child), "%s%s%s", relative, *relative ? "/" : "", entry->d_name);
		if (n < 0 || n > SCAN_PATH_MAX || d->depth >= WALK_DEPTH_MAX ||
		    !scan_filter_enters(w->filter, child))
			continue;
		if (!add(&w->walk, d->start, d, entry->d_name))
			w->walk.error = w->walk.error ? w->walk.error : ENOMEM;
	}
	(void)closedir(dir);
}

/* Watched first and listed after, so that what is made in between is seen twice rather than never. */
static void run(uv_work_t *work)
{
	struct watch *w = CONTAINER_OF(CONTAINER_OF(work, struct watch_walk, work), struct watch, walk);
	struct watch_walk *walk = &w->walk;
	char path[PATH_MAX];
	const char *relative = path;

	for (const struct start *s = walk->starts; s; s = s->next) {
		const char *slash = strrchr(s->path, '/');

		if (!add(walk, s, NULL, slash ? slash + 1 : s->path))
			walk->error = ENOMEM;
	}
	for (struct walked *d = walk->first; d; d = d->next) {
		const struct root *root = d->start->root;

		if ((d->up && d->up->wd < 0) || !full_name(d, root->path, path, &relative))
			continue;
		d->wd = inotify_add_watch(w->fd, path, *relative ? MASK : MASK_ROOT);
		if (d->wd < 0 && errno != ENOENT && errno != ENOTDIR && !walk->error)
			walk->error = errno;
		if (d->wd >= 0)
			list(w, d, path, relative);
	}
}

static void free_starts(struct start *s)
{
	for (struct start *next; s; s = next) {
		next = s->next;
		free(s);
	}
}

static void take_walked(struct watch *w)
{
	for (struct walked *d = w->walk.first; d; d = d->next) {
		int up = d->up ? d->up->wd : d->start->parent;
		struct folder *parent = up >= 0 ? tree_find(w, up) : NULL;

		if (d->wd < 0)
			continue;
		/* what it is in went away meanwhile, or there is no memory: walked again */
		if ((up >= 0 && !parent) || !put(w, d->start->root, parent, d->wd, parent ? d->name : ""))
			w->lost = true;
	}
}

static void done(uv_work_t *work, int status)
{
	struct watch *w = CONTAINER_OF(CONTAINER_OF(work, struct watch_walk, work), struct watch, walk);
	struct watch_walk *walk = &w->walk;
	struct start *starts = walk->starts;
	int error = walk->error;

	(void)status;
	if (!w->stopped)
		take_walked(w);
	arena_release(&walk->arena);
	*walk = (struct watch_walk){.running = false};
	for (const struct start *s = starts; s && !w->stopped; s = s->next)
		if (s->tell)
			watch_note(w, s->root, s->path, true, WATCH_SETTLE_MS);
	free_starts(starts);
	watch_walked(w, error);
}

bool tree_add(struct watch *w, const struct root *root, int parent, const char *path, bool tell)
{
	size_t n = strlen(path) + 1;
	struct start *s = calloc(1, sizeof(*s) + n);

	if (!s)
		return false;
	s->root = root;
	s->parent = parent;
	s->tell = tell;
	memcpy(s->path, path, n);
	*w->starts_last = s;
	w->starts_last = &s->next;
	return true;
}

void tree_add_roots(struct watch *w)
{
	for (size_t i = 0; i < w->roots->count; i++)
		if (w->roots->at[i].whole && !tree_add(w, &w->roots->at[i], -1, "", false))
			w->lost = true;
}

void tree_go(struct watch *w)
{
	struct watch_walk *walk = &w->walk;

	if (walk->running || !w->starts)
		return;
	*walk = (struct watch_walk){.running = true, .starts = w->starts, .arena = ARENA_INIT(WALK_BYTES)};
	walk->last = &walk->first;
	w->starts = NULL;
	w->starts_last = &w->starts;
	uv_poll_stop(&w->poll);
	uv_queue_work(w->loop, &walk->work, run, done);
}

void tree_free(struct watch *w)
{
	struct folder *f, *next;

	HASH_ITER(hh, w->folders, f, next)
	{
		HASH_DEL(w->folders, f);
		free(f);
	}
	free_starts(w->starts);
}
