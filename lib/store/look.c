/* SPDX-License-Identifier: MIT */
#include "store/look_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, STEPS = 1000, CACHE_KIB = 2048, BUSY_MS = 20, CLOCK_ROWS = 64 };

static const struct schema *const schemas[FILE_COUNT] = {
	[FILE_CACHE] = &schema_cache,
	[FILE_MEMORY] = &schema_memory,
};

static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool look_is_over(const struct look *l)
{
	return l->until && now_ms() >= l->until;
}

/* Every STEPS instructions of a statement. */
static int on_progress(void *arg)
{
	return look_is_over(arg);
}

static bool path_of(const struct look *l, enum file f, char path[PATH_BYTES])
{
	return snprintf(path, PATH_BYTES, "%s/%s", l->folder, schemas[f]->file) < PATH_BYTES;
}

/* Whether the file is ours and of the version that these statements are for. */
static bool is_known(struct database *d)
{
	sqlite3_stmt *st = NULL;
	bool good = !sqlite3_prepare_v2(d->db,
					"SELECT (SELECT application_id FROM pragma_application_id),"
					" (SELECT user_version FROM pragma_user_version)",
					-1, &st, NULL) &&
		    sqlite3_step(st) == SQLITE_ROW &&
		    (uint32_t)sqlite3_column_int64(st, 0) == d->schema->application_id &&
		    sqlite3_column_int64(st, 1) == (int64_t)d->schema->step_count;

	(void)sqlite3_finalize(st);
	return good;
}

static void open_file(struct look *l, enum file f)
{
	struct database *d = &l->files[f];
	char path[PATH_BYTES];
	struct stat st;

	l->seen[f] = (struct look_file){.tried = true};
	*d = (struct database){.schema = schemas[f]};
	if (!path_of(l, f, path) || lstat(path, &st) || !S_ISREG(st.st_mode))
		return;
	if (sqlite3_open_v2(path, &d->db,
			    SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW |
				    SQLITE_OPEN_EXRESCODE,
			    NULL)) {
		database_close(d);
		return;
	}
	(void)sqlite3_busy_timeout(d->db, BUSY_MS);
	(void)sqlite3_db_config(d->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(d->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_db_config(d->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	(void)sqlite3_db_config(d->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	if (sqlite3_exec(d->db, "PRAGMA cell_size_check=1; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY",
			 NULL, NULL, NULL) ||
	    !is_known(d)) {
		database_close(d);
		return;
	}
	(void)sqlite3_exec(d->db, "PRAGMA cache_size=-2048", NULL, NULL, NULL);
	sqlite3_progress_handler(d->db, STEPS, on_progress, l);
	l->seen[f].dev = st.st_dev;
	l->seen[f].ino = st.st_ino;
}

struct database *look_at(struct look *l, enum file f)
{
	if (!l->seen[f].tried)
		open_file(l, f);
	l->rows = 0;
	return l->files[f].db ? &l->files[f] : NULL;
}

/* One that was set aside, begun anew or upgraded since is opened again. */
static void check(struct look *l, enum file f)
{
	char path[PATH_BYTES];
	struct stat st;
	bool same = l->files[f].db && path_of(l, f, path) && !lstat(path, &st) &&
		    st.st_dev == l->seen[f].dev && st.st_ino == l->seen[f].ino && is_known(&l->files[f]);

	if (same)
		return;
	database_close(&l->files[f]);
	l->seen[f].tried = false;
}

enum err look_open(const char *folder, struct look **ret, struct error *e)
{
	struct look *l = calloc(1, sizeof(*l));
	struct stat st;

	if (l)
		l->folder = strdup(folder);
	if (!l || !l->folder) {
		free(l);
		return err_set(e, ERR_NOMEM, "out of memory");
	}
	if (stat(folder, &st) || !S_ISDIR(st.st_mode)) {
		int errnum = errno ? errno : ENOTDIR;

		look_close(l);
		return err_set_errno(e, errnum, "cannot open the state in '%s'", folder);
	}
	*ret = l;
	return ERR_OK;
}

struct look *look_close(struct look *l)
{
	if (!l)
		return NULL;
	for (enum file f = 0; f < FILE_COUNT; f++)
		database_close(&l->files[f]);
	free(l->folder);
	free(l);
	return NULL;
}

void look_within(struct look *l, unsigned ms)
{
	l->until = 0; /* for the checks */
	for (enum file f = 0; f < FILE_COUNT; f++)
		check(l, f);
	l->until = ms ? now_ms() + (int64_t)ms : 0;
}

enum err look_row(struct look *l, struct database *d, sqlite3_stmt *st, bool *row, struct error *e)
{
	enum err r;

	*row = false;
	/* a look at the clock costs as much as a row; a statement that takes long looks for itself */
	if (l->rows++ % CLOCK_ROWS == 0 && look_is_over(l)) {
		(void)sqlite3_reset(st);
		return err_set(e, ERR_CANCELLED, "it took too long");
	}
	r = database_row(d, st, row, e);
	if (r && look_is_over(l))
		r = err_set(e, ERR_CANCELLED, "it took too long");
	return r;
}

enum err look_forgive(struct arena *a, enum err r, struct error *e)
{
	if (arena_failed(a))
		return err_set(e, arena_failed(a), "%s", err_text(arena_failed(a)));
	return r == ERR_CANCELLED ? ERR_OK : r;
}

void *look_add(struct look_array *array, struct arena *a)
{
	if (array->count == array->max)
		return NULL;
	if (array->count == array->room) {
		size_t room = MIN(MAX(2 * array->room, (size_t)16), array->max);
		void *more = arena_alloc(a, room * array->size);

		if (!more)
			return NULL;
		if (array->count)
			memcpy(more, array->rows, array->count * array->size);
		array->rows = more;
		array->room = room;
	}
	return memset((char *)array->rows + array->size * array->count++, 0, array->size);
}
