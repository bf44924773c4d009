/* SPDX-License-Identifier: MIT */
#include "store/rescue.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ASIDE_TRIES = 100, SCAN_MAX = 100000 };

static enum err name_of(const char *file, const char *suffix, char name[RESCUE_NAME], struct error *e)
{
	if (snprintf(name, RESCUE_NAME, "%s%s", file, suffix) >= RESCUE_NAME)
		return err_set(e, ERR_TOOBIG, "the name of '%s' is too long", file);
	return ERR_OK;
}

/* Removes the oldest of FILE.damaged-* until `keep` are left: their names sort by time. */
static void prune(const struct place *p, const char *file, unsigned keep)
{
	char prefix[RESCUE_NAME], oldest[RESCUE_NAME], wal[RESCUE_NAME + 8];

	(void)snprintf(prefix, sizeof(prefix), "%s.damaged-", file);
	for (unsigned count = keep + 1; count > keep;) {
		int fd = openat(p->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
		const struct dirent *entry;

		if (!dir) {
			if (fd >= 0)
				(void)close(fd);
			return;
		}
		count = 0;
		oldest[0] = 0;
		for (unsigned i = 0; i < SCAN_MAX && (entry = readdir(dir)); i++) {
			struct span name = span_str(entry->d_name);

			if (!span_starts(name, span_str(prefix)) || span_ends(name, SPAN("-wal")) ||
			    name.len >= sizeof(oldest))
				continue;
			count++;
			if (!oldest[0] || strcmp(entry->d_name, oldest) < 0)
				memcpy(oldest, name.ptr, name.len + 1);
		}
		(void)closedir(dir);
		if (count <= keep)
			return;
		(void)snprintf(wal, sizeof(wal), "%s-wal", oldest);
		(void)unlinkat(p->dir, wal, 0);
		if (unlinkat(p->dir, oldest, 0))
			return;
	}
}

/* The WAL goes first: a file that is killed between the two is found damaged again, but new ones must never
 * meet an old WAL. */
static enum err move(const struct place *p, const char *file, const char *name, struct error *e)
{
	char from[RESCUE_NAME], to[RESCUE_NAME + 8];
	enum err r = name_of(file, "-wal", from, e);

	if (r)
		return r;
	(void)snprintf(to, sizeof(to), "%s-wal", name);
	if (renameat(p->dir, from, p->dir, to) && errno != ENOENT)
		return err_set_errno(e, errno, "cannot set aside '%s'", from);
	r = name_of(file, "-shm", from, e);
	if (r)
		return r;
	if (unlinkat(p->dir, from, 0) && errno != ENOENT)
		return err_set_errno(e, errno, "cannot remove '%s'", from);
	if (renameat(p->dir, file, p->dir, name) && errno != ENOENT)
		return err_set_errno(e, errno, "cannot set aside '%s'", file);
	return ERR_OK;
}

enum err rescue_set_aside(const struct place *p, const char *file, unsigned keep, char name[RESCUE_NAME],
			  struct error *e)
{
	time_t now = time(NULL);
	struct tm tm;
	char stamp[40] = "unknown-time";
	enum err r;

	if (gmtime_r(&now, &tm))
		(void)strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
	for (unsigned i = 0; i < ASIDE_TRIES; i++) {
		struct stat st;
		char number[8] = "";

		if (i)
			(void)snprintf(number, sizeof(number), ".%02u", i);
		if (snprintf(name, RESCUE_NAME, "%s.damaged-%s%s", file, stamp, number) >= RESCUE_NAME)
			return err_set(e, ERR_TOOBIG, "the name of '%s' is too long", file);
		if (!fstatat(p->dir, name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		r = move(p, file, name, e);
		if (r)
			return r;
		if (fstatat(p->dir, name, &st, AT_SYMLINK_NOFOLLOW))
			name[0] = 0;
		if (keep)
			prune(p, file, keep);
		return ERR_OK;
	}
	return err_set(e, ERR_IO, "cannot set aside '%s': no free name", file);
}

bool rescue_copied_at(const struct place *p, const char *file, int64_t *when)
{
	char copy[RESCUE_NAME];
	struct stat st;

	if (name_of(file, ".copy", copy, NULL) || fstatat(p->dir, copy, &st, AT_SYMLINK_NOFOLLOW))
		return false;
	*when = st.st_mtim.tv_sec;
	return S_ISREG(st.st_mode);
}

bool rescue_is_lost(const struct place *p, const char *file)
{
	struct stat st;
	int64_t when;

	if (!fstatat(p->dir, file, &st, AT_SYMLINK_NOFOLLOW) && st.st_size > 0)
		return false;
	return rescue_copied_at(p, file, &when);
}

/* One kernel copy after the other until the end of the file; synced. */
static enum err copy_bytes(int dir, const char *from, const char *to, struct error *e)
{
	int in = openat(dir, from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	int out = -1, errnum;
	char buf[64 * 1024];
	ssize_t n = -1;

	if (in < 0)
		return err_set_errno(e, errno, "cannot open '%s'", from);
	(void)unlinkat(dir, to, 0);
	out = openat(dir, to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (out >= 0)
		while ((n = read(in, buf, sizeof(buf))) > 0)
			if (write(out, buf, (size_t)n) != n) {
				errno = errno ? errno : ENOSPC;
				n = -1;
				break;
			}
	if (!n)
		n = fsync(out);
	errnum = errno;
	(void)close(in);
	if (out >= 0)
		(void)close(out);
	if (!n)
		return ERR_OK;
	(void)unlinkat(dir, to, 0);
	return err_set_errno(e, errnum, "cannot copy '%s'", from);
}

/* Opens NAME as the schema says, with every check, and closes it again. */
static enum err verify(const struct place *p, const struct schema *schema, const char *name, struct error *e)
{
	struct schema other = *schema;
	struct database d;
	enum err r;

	other.file = name;
	r = database_open(&d, &other, p->path, true, e);
	if (!r)
		database_close(&d);
	return r;
}

enum err rescue_restore(const struct place *p, const struct schema *schema, int64_t *when, struct error *e)
{
	char copy[RESCUE_NAME], fresh[RESCUE_NAME];
	enum err r = name_of(schema->file, ".copy", copy, e);

	if (!r)
		r = name_of(schema->file, ".restoring", fresh, e);
	if (r)
		return r;
	if (!rescue_copied_at(p, schema->file, when))
		return err_set(e, ERR_NOTFOUND, "there is no '%s'", copy);
	/* on a second copy: opening writes, and what is left of the last good state stays as it is */
	r = copy_bytes(p->dir, copy, fresh, e);
	if (!r)
		r = verify(p, schema, fresh, e);
	if (!r && renameat(p->dir, fresh, p->dir, schema->file))
		r = err_set_errno(e, errno, "cannot restore '%s'", schema->file);
	if (r)
		(void)unlinkat(p->dir, fresh, 0);
	else
		(void)fsync(p->dir);
	return r;
}

static enum err sync_file(int dir, const char *name, struct error *e)
{
	int fd = openat(dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	int failed, errnum;

	if (fd < 0)
		return err_set_errno(e, errno, "cannot open '%s'", name);
	failed = fchmod(fd, 0600) || fsync(fd);
	errnum = errno;
	(void)close(fd);
	return failed ? err_set_errno(e, errnum, "cannot write '%s'", name) : ERR_OK;
}

/* What was written is what can be read: by quick_check, and without making a WAL beside it. */
static enum err check_copy(const struct place *p, const char *name, struct error *e)
{
	char path[4096];
	sqlite3 *db = NULL;
	sqlite3_stmt *st = NULL;
	bool ok = false;

	if (snprintf(path, sizeof(path), "%s/%s", p->path, name) < (int)sizeof(path) &&
	    !sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) &&
	    !sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &st, NULL) &&
	    sqlite3_step(st) == SQLITE_ROW) {
		const unsigned char *text = sqlite3_column_text(st, 0);

		ok = text && !strcmp((const char *)text, "ok");
	}
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	return ok ? ERR_OK : err_set(e, ERR_DAMAGED, "'%s': the copy cannot be read back", name);
}

enum err rescue_copy(const struct place *p, struct database *d, struct error *e)
{
	char copy[RESCUE_NAME], fresh[RESCUE_NAME], path[4096];
	sqlite3_stmt *st = NULL;
	enum err r = name_of(d->schema->file, ".copy", copy, e);
	int rc;

	if (!r)
		r = name_of(d->schema->file, ".copying", fresh, e);
	if (!r && snprintf(path, sizeof(path), "%s/%s", p->path, fresh) >= (int)sizeof(path))
		r = err_set(e, ERR_TOOBIG, "the path of the state folder is too long");
	if (r)
		return r;
	(void)unlinkat(p->dir, fresh, 0);
	/* VACUUM INTO reads every row through the b-tree: damage is found here and not copied */
	rc = sqlite3_prepare_v2(d->db, "VACUUM INTO ?1", -1, &st, NULL);
	if (!rc)
		rc = sqlite3_bind_text(st, 1, path, -1, SQLITE_STATIC);
	if (!rc)
		rc = sqlite3_step(st);
	if (rc != SQLITE_DONE)
		r = database_error(d, rc, e);
	(void)sqlite3_finalize(st);
	if (!r)
		r = sync_file(p->dir, fresh, e);
	if (!r)
		r = check_copy(p, fresh, e);
	if (!r && renameat(p->dir, fresh, p->dir, copy))
		r = err_set_errno(e, errno, "cannot replace '%s'", copy);
	if (r)
		(void)unlinkat(p->dir, fresh, 0);
	else
		(void)fsync(p->dir);
	return r;
}
