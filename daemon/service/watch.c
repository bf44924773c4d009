/* SPDX-License-Identifier: MIT */
#include "watch_inner.h"

#include <errno.h>
#include <stddef.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { LOST_MS = 1000, SLACK_MS = 20, READ_BYTES = 64 * 1024, READS_MAX = 8 };

/* File systems whose changes may be made by another machine, of which the kernel here does not tell. */
static bool is_remote(const struct root *root)
{
	static const uint32_t types[] = {
		0x6969,     /* nfs */
		0xff534d42, /* cifs */
		0xfe534d42, /* smb2 */
		0x01021997, /* 9p */
		0x65735546, /* fuse: sshfs, virtiofs, cloud drives */
		0x00c36400, /* ceph */
		0x5346414f, /* afs */
	};
	struct statfs fs;

	if (fstatfs(root->fd, &fs))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if ((uint32_t)fs.f_type == types[i])
			return true;
	return false;
}

/* ---- paths that settle ---- */

static void on_timer(uv_timer_t *h);

static void wake_at(struct watch *w, uint64_t due)
{
	uint64_t now = uv_now(w->loop), wait = (due > now ? due - now : 0) + SLACK_MS;

	if (!uv_is_active((uv_handle_t *)&w->timer) || uv_timer_get_due_in(&w->timer) > wait + SLACK_MS)
		uv_timer_start(&w->timer, on_timer, wait, 0);
}

static void forget_pending(struct watch *w)
{
	struct pending *p, *next;

	HASH_ITER(hh, w->pending, p, next)
	{
		HASH_DEL(w->pending, p);
		free(p);
	}
}

/* Everything has to be looked at, when the storm is over: what is pending is part of it. */
static void lose(struct watch *w)
{
	forget_pending(w);
	if (w->lost)
		return;
	w->lost = true;
	w->lost_due = uv_now(w->loop) + LOST_MS;
	wake_at(w, w->lost_due);
}

void watch_note(struct watch *w, const struct root *root, const char *path, bool fresh, unsigned wait_ms)
{
	size_t n = strlen(path), key_len = sizeof(uint32_t) + n;
	struct pending *p, *found;

	if (w->lost)
		return;
	p = calloc(1, sizeof(*p) + n + 1);
	if (!p || HASH_COUNT(w->pending) >= WATCH_PENDING_MAX) {
		free(p);
		lose(w);
		return;
	}
	p->root = root;
	p->key_root = (uint32_t)(root - w->roots->at);
	memcpy(p->path, path, n + 1);
	HASH_FIND(hh, w->pending, &p->key_root, key_len, found);
	if (found) {
		free(p);
		p = found;
	} else {
		p->began = uv_now(w->loop);
		HASH_ADD_KEYPTR(hh, w->pending, &p->key_root, key_len, p);
	}
	p->fresh |= fresh;
	p->due = MIN(uv_now(w->loop) + wait_ms, p->began + WATCH_BUSY_MS);
	wake_at(w, p->due);
}

static void on_timer(uv_timer_t *h)
{
	struct watch *w = CONTAINER_OF(h, struct watch, timer);
	uint64_t now = uv_now(w->loop), next_due = UINT64_MAX;
	struct pending *p, *next;

	if (w->lost && w->lost_due > now) {
		next_due = w->lost_due;
	} else if (w->lost && !w->walk.running) {
		w->lost = false;
		watch_refresh(w);
	}
	HASH_ITER(hh, w->pending, p, next)
	{
		if (p->due > now) {
			next_due = MIN(next_due, p->due);
			continue;
		}
		HASH_DEL(w->pending, p);
		w->calls->changed(w->arg, p->root, span_str(p->path), p->fresh);
		free(p);
	}
	if (next_due != UINT64_MAX)
		wake_at(w, next_due);
}

/* ---- events ---- */

static void on_folder_event(struct watch *w, struct folder *f, const struct inotify_event *e)
{
	char path[SCAN_PATH_MAX + 1];

	if (e->mask & (IN_DELETE | IN_MOVED_FROM))
		tree_drop_child(w, f, e->name);
	if (!tree_path(f, e->name, path) || !scan_filter_enters(w->filter, path))
		return;
	if (e->mask & (IN_CREATE | IN_MOVED_TO)) {
		if (!tree_add(w, f->root, f->wd, path, true))
			lose(w);
	} else {
		watch_note(w, f->root, path, false, WATCH_GONE_MS);
	}
}

static void on_file_event(struct watch *w, struct folder *f, const struct inotify_event *e)
{
	char path[SCAN_PATH_MAX + 1];
	bool fresh = e->mask & (IN_CREATE | IN_MOVED_TO);
	/* what was only made is being written, unless it is a link */
	unsigned wait = e->mask & (IN_CLOSE_WRITE | IN_MOVED_TO) ? WATCH_SETTLE_MS : WATCH_GONE_MS;

	if (tree_path(f, e->name, path) && scan_filter_wants(w->filter, path))
		watch_note(w, f->root, path, fresh, wait);
}

static void on_event(struct watch *w, const struct inotify_event *e)
{
	struct folder *f;

	if (e->mask & IN_Q_OVERFLOW) {
		lose(w);
		return;
	}
	f = tree_find(w, e->wd);
	if (!f)
		return;
	if (e->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) {
		const struct root *root = f->parent ? NULL : f->root;

		/* the parent tells of the others, unless a file system goes */
		if (!root && e->mask & (IN_DELETE_SELF | IN_MOVE_SELF))
			return;
		tree_drop(w, f);
		if (root)
			w->calls->moved(w->arg, root);
		return;
	}
	if (!e->len || e->name[0] == '.')
		return;
	(e->mask & IN_ISDIR ? on_folder_event : on_file_event)(w, f, e);
}

static void on_readable(uv_poll_t *h, int status, int events)
{
	struct watch *w = CONTAINER_OF(h, struct watch, poll);
	_Alignas(struct inotify_event) char buf[READ_BYTES];

	(void)status;
	(void)events;
	/* the rest comes in the loop's next turn */
	for (int i = 0; i < READS_MAX && !w->walk.running && !w->stopped; i++) {
		ssize_t n = read(w->fd, buf, sizeof(buf));

		if (n <= 0)
			break;
		for (ssize_t at = 0; at < n && !w->stopped;) {
			const struct inotify_event *e =
				(const struct inotify_event *)(const void *)(buf + at);

			on_event(w, e);
			at += (ssize_t)(sizeof(*e) + e->len);
		}
	}
	if (!w->stopped)
		tree_go(w);
}

/* ---- all of it ---- */

static void why_partly(const struct watch *w, int error, char text[400])
{
	char limit[32] = "?";
	const char *name = error == EMFILE ? "max_user_instances" : "max_user_watches";
	char file[80];
	FILE *f;

	if (error != ENOSPC && error != EMFILE) {
		(void)snprintf(text, 400, "changes are seen by walking the folders only: inotify: %s",
			       strerror(error));
		return;
	}
	(void)snprintf(file, sizeof(file), "/proc/sys/fs/inotify/%s", name);
	f = fopen(file, "re");
	if (f && fgets(limit, sizeof(limit), f))
		limit[strcspn(limit, "\n")] = 0;
	if (f)
		(void)fclose(f);
	(void)snprintf(text, 400,
		       "%s folders can be watched (%zu are): the system allows %s; until 'sysctl "
		       "fs.inotify.%s=...' is raised, changes are seen by walking all folders now and then",
		       w->folders ? "not all" : "no", (size_t)HASH_COUNT(w->folders), limit, name);
}

void watch_walked(struct watch *w, int error)
{
	char text[400];

	if (w->stopped)
		return;
	if (w->starts) {
		tree_go(w);
		return;
	}
	if (w->fd >= 0)
		uv_poll_start(&w->poll, UV_READABLE, on_readable);
	if (w->lost) {
		w->lost_due = MAX(w->lost_due, uv_now(w->loop) + LOST_MS);
		wake_at(w, w->lost_due);
	}
	if (!w->refreshing && !error)
		return;
	w->refreshing = false;
	if (error)
		why_partly(w, error, text);
	else if (w->remote)
		(void)snprintf(text, sizeof(text),
			       "a content folder is on a network file system: what other machines change "
			       "there is seen by walking it now and then");
	w->calls->ready(w->arg, error || w->remote ? text : NULL);
}

/* Nothing to watch with: told as after a walk, from the loop. */
static void on_nothing(uv_timer_t *h)
{
	struct watch *w = CONTAINER_OF(h, struct watch, timer);

	watch_walked(w, w->fd_error);
}

void watch_refresh(struct watch *w)
{
	if (w->stopped || w->refreshing)
		return;
	w->refreshing = true;
	if (w->fd < 0) {
		uv_timer_start(&w->timer, on_nothing, 0, 0);
		return;
	}
	tree_add_roots(w);
	tree_go(w);
}

enum err watch_new(uv_loop_t *loop, const struct config *config, const struct roots *roots,
		   const struct watch_calls *calls, void *arg, struct watch **ret, struct error *e)
{
	const struct scan_options options = {(const char *const *)config->include,
					     (const char *const *)config->exclude, !config->exclude_usual};
	struct watch *w = calloc(1, sizeof(*w));
	enum err r;

	if (!w)
		return err_set(e, ERR_NOMEM, "out of memory");
	r = scan_filter_new(&options, &w->filter, e);
	if (r) {
		free(w);
		return r;
	}
	w->loop = loop;
	w->roots = roots;
	w->calls = calls;
	w->arg = arg;
	w->starts_last = &w->starts;
	for (size_t i = 0; i < roots->count; i++)
		w->remote |= is_remote(&roots->at[i]);
	uv_timer_init(loop, &w->timer);
	uv_unref((uv_handle_t *)&w->timer);
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	w->fd_error = errno;
	if (w->fd >= 0) {
		uv_poll_init(loop, &w->poll, w->fd);
		uv_unref((uv_handle_t *)&w->poll);
	}
	*ret = w;
	watch_refresh(w);
	return ERR_OK;
}

void watch_stop(struct watch *w)
{
	if (w->stopped)
		return;
	w->stopped = true;
	uv_close((uv_handle_t *)&w->timer, NULL);
	if (w->fd >= 0)
		uv_close((uv_handle_t *)&w->poll, NULL);
}

bool watch_is_quiet(const struct watch *w)
{
	return !w->walk.running;
}

struct watch *watch_free(struct watch *w)
{
	if (!w)
		return NULL;
	forget_pending(w);
	tree_free(w);
	scan_filter_free(w->filter);
	if (w->fd >= 0)
		(void)close(w->fd);
	free(w);
	return NULL;
}
