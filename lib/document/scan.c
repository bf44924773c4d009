/* SPDX-License-Identifier: MIT */
#include "document/scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "document/beneath.h"
#include "document/glob.h"
#include "document/leftover.h"

#define DATE8 "[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]"
#define HOST7 "[A-Z0-9][A-Z0-9][A-Z0-9][A-Z0-9][A-Z0-9][A-Z0-9][A-Z0-9]"

/* Narrow, since "israel-conflict.md" is news. */
const char *const scan_usual_excludes[] = {
	"node_modules/",
	"_site/",
	"public/",
	"themes/",
	"vendor/",
	"*.sync-conflict-*",            /* Syncthing: x.sync-conflict-20240102-030405-ABCDEFG.md */
	"*(*conflicted copy*)*",        /* Dropbox: x (Ann's conflicted copy 2024-01-02).md; Nextcloud */
	"*(SFConflict *)*",             /* Seafile */
	"*_conflict-" DATE8 "-*",       /* ownCloud: x_conflict-20240102-030405.md */
	"*-DESKTOP-" HOST7 ".*",        /* OneDrive: x-DESKTOP-AB12CD3.md, */
	"*-DESKTOP-" HOST7 "-[0-9]*.*", /* x-DESKTOP-AB12CD3-2.md */
	"*-LAPTOP-" HOST7 ".*",
	"*-LAPTOP-" HOST7 "-[0-9]*.*",
	"*~",
	"#*#",
	"4913",
	NULL,
};

static const char *const usual_includes[] = {"*.md", "*.markdown", NULL};

/* A folder that is being walked. */
struct level {
	DIR *dir;
	char **names; /* sorted; first byte: 1 for a folder, 2 for anything else */
	size_t count, next;
	size_t path_len; /* of the path up to and with this folder, with its "/"; 0 for the root */
};

struct walk {
	int root;
	struct glob *include, *exclude;
	scan_fn *fn;
	void *arg;
	struct level levels[SCAN_DEPTH_MAX + 1];
	size_t depth; /* levels in use */
	char path[SCAN_PATH_MAX + 1 + 256];
	struct file_seen {
		uint64_t dev, ino;
	} * linked; /* targets told of by their links */
	size_t linked_count;
};

enum { TYPE_FOLDER = 1, TYPE_OTHER = 2, LINKED_MAX = 100000 };

static enum err tell(struct walk *w, enum scan_kind kind, const char *path, const struct stat *st,
		     bool linked, const struct error *error)
{
	struct scan_entry entry = {.kind = kind, .path = span_str(path), .linked = linked, .error = error};

	if (st)
		entry.key = file_key_of(st);
	return w->fn(w->arg, &entry) ? ERR_OK : ERR_CANCELLED;
}

static enum err complain(struct walk *w, const char *path, const struct error *error)
{
	return tell(w, SCAN_COMPLAINT, path, NULL, false, error);
}

static const char *kind_text(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR: return "a folder";
	case S_IFIFO: return "a FIFO";
	case S_IFSOCK: return "a socket";
	case S_IFBLK:
	case S_IFCHR: return "a device";
	default: return "no regular file";
	}
}

static enum err complain_kind(struct walk *w, const char *path, mode_t mode)
{
	struct error e;

	(void)err_set(&e, ERR_KIND, "'%s' is %s", path, kind_text(mode));
	return complain(w, path, &e);
}

/* Whether the walk finds path by itself: nothing on the way to it is left out. Folders', and `whole` the last
 * part's, a file. */
static bool path_excluded(const struct glob *exclude, const char *path, bool whole)
{
	char part[SCAN_PATH_MAX + 1];

	if (strlen(path) > SCAN_PATH_MAX)
		return true;
	for (const char *at = path;;) {
		const char *slash = strchr(at, '/');
		size_t len = slash ? (size_t)(slash - path) : strlen(path);

		if (!slash && !whole)
			return false;
		memcpy(part, path, len);
		part[len] = 0;
		if (*at == '.' || glob_matches(exclude, part, slash != NULL))
			return true;
		if (!slash)
			return false;
		at = slash + 1;
	}
}

static enum err linked_once(struct walk *w, const struct stat *st, bool *first)
{
	struct file_seen *more;

	*first = false;
	for (size_t i = 0; i < w->linked_count; i++) {
		if (w->linked[i].dev == st->st_dev && w->linked[i].ino == st->st_ino)
			return ERR_OK;
	}
	if (w->linked_count == LINKED_MAX)
		return ERR_OK;
	if ((w->linked_count & (w->linked_count - 1)) == 0) {
		more = realloc(w->linked, MAX(w->linked_count * 2, 16) * sizeof(*more));
		if (!more)
			return ERR_NOMEM;
		w->linked = more;
	}
	w->linked[w->linked_count++] = (struct file_seen){st->st_dev, st->st_ino};
	*first = true;
	return ERR_OK;
}

/* A link that is named like a document. */
static enum err visit_link(struct walk *w, const char *path)
{
	char target[BENEATH_PATH_MAX + 1];
	const char *name = "";
	struct error e;
	struct stat st;
	bool first;
	int folder = -1;
	enum err r;

	if (beneath_resolve(w->root, path, target, &e) || beneath_folder(w->root, target, &folder, &name, &e))
		return complain(w, path, &e);
	r = fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) ? err_set_errno(&e, errno, "'%s'", path) : ERR_OK;
	(void)close(folder);
	if (r)
		return complain(w, path, &e);
	if (!S_ISREG(st.st_mode))
		return complain_kind(w, path, st.st_mode);
	if (path_excluded(w->exclude, target, true) || glob_matches(w->include, target, false))
		return ERR_OK; /* not wanted, or told of where it lies */
	r = linked_once(w, &st, &first);
	if (r || !first)
		return r;
	return tell(w, SCAN_DOCUMENT, target, &st, true, NULL);
}

static int compare(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;
	const char *s = x + 1, *t = y + 1;

	while (*s && *s == *t) {
		s++;
		t++;
	}
	/* a folder sorts by its name with the "/", so that whole paths come in order */
	unsigned char c = (unsigned char)(*s ? *s : *x == TYPE_FOLDER ? '/' : 0);
	unsigned char d = (unsigned char)(*t ? *t : *y == TYPE_FOLDER ? '/' : 0);

	return c - d;
}

static void leave(struct walk *w)
{
	struct level *l = &w->levels[--w->depth];

	for (size_t i = 0; i < l->count; i++)
		free(l->names[i]); /* NOLINT(clang-analyzer-core.CallAndMessage): filled as far as count */
	free(l->names);
	if (l->dir)
		(void)closedir(l->dir);
	*l = (struct level){.dir = NULL};
}

static bool is_folder(int at, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(at, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* Whether the walk has any business with a name; keeps the lists short. */
static bool name_wanted(const struct dirent *entry)
{
	struct leftover unused;

	return entry->d_name[0] != '.' || leftover_parse(entry->d_name, &unused);
}

static enum err list(struct level *l, struct error *e)
{
	size_t cap = 0;
	struct dirent *entry;

	for (;;) {
		size_t len;
		char *copy;

		errno = 0;
		entry = readdir(l->dir);
		if (!entry)
			break;
		if (!name_wanted(entry))
			continue;
		if (l->count == SCAN_FOLDER_MAX)
			return err_set(e, ERR_TOOBIG, "more than %d names", SCAN_FOLDER_MAX);
		if (l->count == cap) {
			char **more = realloc(l->names, MAX(cap * 2, 64) * sizeof(*more));

			if (!more)
				return err_set(e, ERR_NOMEM, "out of memory");
			l->names = more;
			cap = MAX(cap * 2, 64);
		}
		len = strlen(entry->d_name);
		copy = malloc(len + 2);
		if (!copy)
			return err_set(e, ERR_NOMEM, "out of memory");
		copy[0] = is_folder(dirfd(l->dir), entry) ? TYPE_FOLDER : TYPE_OTHER;
		memcpy(copy + 1, entry->d_name, len + 1);
		l->names[l->count++] = copy;
	}
	if (errno)
		return err_set_errno(e, errno, "cannot be listed");
	if (l->count > 1)
		qsort(l->names, l->count, sizeof(*l->names), compare);
	return ERR_OK;
}

/* Takes fd. What goes wrong with one folder is a complaint about it. w->path is its path, len bytes. */
static enum err enter(struct walk *w, int fd, size_t len)
{
	struct level *l = &w->levels[w->depth];
	struct error why, e;
	enum err r;

	*l = (struct level){.dir = fdopendir(fd)};
	if (!l->dir) {
		(void)close(fd);
		return ERR_NOMEM;
	}
	w->depth++;
	r = list(l, &why);
	if (r) {
		leave(w);
		if (r == ERR_NOMEM)
			return r;
		(void)err_set(&e, r, "'%s': %s", w->path, why.text);
		return complain(w, w->path, &e);
	}
	if (len)
		w->path[len++] = '/';
	l->path_len = len;
	w->path[len] = 0;
	return ERR_OK;
}

static enum err visit_folder(struct walk *w, int at, const char *name, size_t len)
{
	struct error e;
	enum err r;
	int fd;

	if (glob_matches(w->exclude, w->path, true))
		return ERR_OK;
	if (glob_matches(w->include, w->path, false)) {
		r = complain_kind(w, w->path, S_IFDIR);
		if (r)
			return r;
	}
	if (w->depth > SCAN_DEPTH_MAX) {
		(void)err_set(&e, ERR_TOODEEP, "'%s': folders nested too deeply", w->path);
		return complain(w, w->path, &e);
	}
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		/* gone, or become something else since it was listed: nothing to say */
		if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
			return ERR_OK;
		(void)err_set_errno(&e, errno, "'%s'", w->path);
		return complain(w, w->path, &e);
	}
	return enter(w, fd, len);
}

static enum err visit_file(struct walk *w, int at, const char *name)
{
	struct leftover unused;
	struct error e;
	struct stat st;

	if (*name == '.')
		return leftover_parse(name, &unused) ? tell(w, SCAN_LEFTOVER, w->path, NULL, false, NULL)
						     : ERR_OK;
	if (!glob_matches(w->include, w->path, false) || glob_matches(w->exclude, w->path, false))
		return ERR_OK;
	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		if (errno == ENOENT)
			return ERR_OK;
		(void)err_set_errno(&e, errno, "'%s'", w->path);
		return complain(w, w->path, &e);
	}
	if (S_ISLNK(st.st_mode))
		return visit_link(w, w->path);
	if (!S_ISREG(st.st_mode))
		return complain_kind(w, w->path, st.st_mode);
	return tell(w, SCAN_DOCUMENT, w->path, &st, false, NULL);
}

static enum err walk_all(struct walk *w)
{
	enum err r = ERR_OK;

	while (!r && w->depth) {
		struct level *l = &w->levels[w->depth - 1];
		const char *name = "";
		size_t len;
		char type;

		if (l->next == l->count) {
			leave(w);
			continue;
		}
		type = l->names[l->next][0];
		name = l->names[l->next++] + 1;
		len = strlen(name);
		memcpy(w->path + l->path_len, name, MIN(len, 255) + 1);
		w->path[l->path_len + MIN(len, 255)] = 0;
		if (l->path_len + len > SCAN_PATH_MAX) {
			struct error e;

			(void)err_set(&e, ERR_TOOBIG, "'%.100s...': path too long", w->path);
			r = complain(w, w->path, &e);
		} else if (type == TYPE_FOLDER) {
			r = visit_folder(w, dirfd(l->dir), name, l->path_len + len);
		} else {
			r = visit_file(w, dirfd(l->dir), name);
		}
	}
	while (w->depth)
		leave(w);
	return r;
}

static enum err globs(const struct scan_options *o, struct glob **include, struct glob **exclude,
		      struct error *e)
{
	static const struct scan_options none = {.include = NULL};
	enum err r;

	if (!o)
		o = &none;
	r = glob_new(o->include && o->include[0] ? o->include : usual_includes, NULL, include, e);
	if (!r)
		r = glob_new(o->exclude, o->all ? NULL : scan_usual_excludes, exclude, e);
	if (r)
		*include = glob_free(*include);
	return r;
}

static enum err walk_new(int root, const struct scan_options *o, scan_fn *fn, void *arg, struct walk **ret,
			 struct error *e)
{
	struct walk *w = calloc(1, sizeof(*w));
	enum err r;

	if (!w)
		return err_set(e, ERR_NOMEM, "out of memory");
	w->root = root;
	w->fn = fn;
	w->arg = arg;
	r = globs(o, &w->include, &w->exclude, e);
	if (r) {
		free(w);
		return r;
	}
	*ret = w;
	return ERR_OK;
}

static enum err walk_end(struct walk *w, enum err r, struct error *e)
{
	glob_free(w->include);
	glob_free(w->exclude);
	free(w->linked);
	free(w);
	/* the rest has its text already */
	if (r == ERR_NOMEM || r == ERR_CANCELLED)
		(void)err_set(e, r, "%s", err_text(r));
	return r;
}

enum err scan_folder(int root, const struct scan_options *options, scan_fn *fn, void *arg, struct error *e)
{
	struct walk *w = NULL;
	enum err r = walk_new(root, options, fn, arg, &w, e);
	int fd;

	if (r || !w)
		return r;
	fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		r = err_set_errno(e, errno, "cannot list the folder");
	} else {
		r = enter(w, fd, 0);
		if (!r)
			r = walk_all(w);
	}
	return walk_end(w, r, e);
}

enum err scan_path(int root, const char *typed, const struct scan_options *options, scan_fn *fn, void *arg,
		   struct error *e)
{
	char path[BENEATH_PATH_MAX + 1];
	struct leftover unused;
	const char *name = "";
	struct walk *w = NULL;
	struct stat st;
	int folder = -1;
	enum err r = beneath_locate(root, typed, path, e);

	if (r)
		return r;
	if (!path[0])
		return scan_folder(root, options, fn, arg, e);
	r = beneath_folder(root, path, &folder, &name, e);
	if (r)
		return r;
	r = walk_new(root, options, fn, arg, &w, e);
	if (r || !w) {
		(void)close(folder);
		return r;
	}
	memcpy(w->path, path, sizeof(path));
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		r = err_set_errno(e, errno, "'%s'", path);
	} else if (S_ISDIR(st.st_mode)) {
		int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

		r = fd < 0 ? err_set_errno(e, errno, "'%s'", path) : enter(w, fd, strlen(path));
		if (!r)
			r = walk_all(w);
	} else if (!S_ISREG(st.st_mode)) {
		r = complain_kind(w, path, st.st_mode);
	} else {
		r = tell(w, leftover_parse(name, &unused) ? SCAN_LEFTOVER : SCAN_DOCUMENT, path, &st, false,
			 NULL);
	}
	(void)close(folder);
	return walk_end(w, r, e);
}

static enum err visit_some(struct walk *w, const char *path)
{
	const char *name = "";
	struct error e;
	struct stat st;
	int folder = -1;
	enum err r = ERR_OK;
	size_t len = strlen(path);

	if (strcmp(path, ".") == 0) {
		folder = openat(w->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = folder < 0 ? ERR_OK : enter(w, folder, 0);
		return r ? r : walk_all(w);
	}
	if (!len || path_excluded(w->exclude, path, false))
		return ERR_OK;
	memcpy(w->path, path, len + 1);
	if (beneath_folder(w->root, path, &folder, &name, &e) ||
	    fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		r = tell(w, SCAN_GONE, path, NULL, false, NULL);
	} else if (name[0] == '.') {
		r = ERR_OK; /* also our own files while they are written */
	} else if (S_ISDIR(st.st_mode)) {
		r = visit_folder(w, folder, name, len);
		if (!r)
			r = walk_all(w);
	} else {
		r = visit_file(w, folder, name);
	}
	if (folder >= 0)
		(void)close(folder);
	return r;
}

enum err scan_some(int root, const char *const *paths, size_t count, const struct scan_options *options,
		   scan_fn *fn, void *arg, struct error *e)
{
	struct walk *w = NULL;
	enum err r = walk_new(root, options, fn, arg, &w, e);

	if (r || !w)
		return r;
	for (size_t i = 0; i < count && !r; i++)
		r = visit_some(w, paths[i]);
	return walk_end(w, r, e);
}

struct scan_filter {
	struct glob *include, *exclude;
};

enum err scan_filter_new(const struct scan_options *options, struct scan_filter **ret, struct error *e)
{
	struct scan_filter *f = calloc(1, sizeof(*f));
	enum err r = f ? globs(options, &f->include, &f->exclude, e) : err_set(e, ERR_NOMEM, "out of memory");

	if (r) {
		free(f);
		return r;
	}
	*ret = f;
	return ERR_OK;
}

static bool hidden(const char *path)
{
	const char *slash = strrchr(path, '/');

	return (slash ? slash[1] : *path) == '.';
}

bool scan_filter_enters(const struct scan_filter *f, const char *path)
{
	return !hidden(path) && !glob_matches(f->exclude, path, true);
}

bool scan_filter_wants(const struct scan_filter *f, const char *path)
{
	return !hidden(path) && glob_matches(f->include, path, false) &&
	       !glob_matches(f->exclude, path, false);
}

struct scan_filter *scan_filter_free(struct scan_filter *f)
{
	if (!f)
		return NULL;
	glob_free(f->include);
	glob_free(f->exclude);
	free(f);
	return NULL;
}
