/* SPDX-License-Identifier: MIT */
#include "store/inspect.h"

#include "store/rescue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 + 64, COLUMNS_MAX = 64, TABLES_MAX = 64, BUSY_MS = 5000 };

struct inspect {
	char folder[PATH_BYTES];
	struct place place; /* its directory alone: no lock is taken */
	struct inspect_file files[INSPECT_FILES];
	sqlite3 *db[INSPECT_FILES];
};

static const struct schema *const schemas[INSPECT_FILES] = {&schema_cache, &schema_memory};

static enum err failed(sqlite3 *db, const char *file, struct error *e)
{
	return err_set(e, ERR_DAMAGED, "'%s': %s", file, sqlite3_errmsg(db));
}

static bool ask(sqlite3 *db, const char *sql, int64_t *ret)
{
	sqlite3_stmt *st = NULL;
	bool good = !sqlite3_prepare_v2(db, sql, -1, &st, NULL) && sqlite3_step(st) == SQLITE_ROW;

	if (good)
		*ret = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	return good;
}

static bool size_of(const struct inspect *i, const char *file, const char *more, int64_t *bytes)
{
	char name[128];
	struct stat st;

	(void)snprintf(name, sizeof(name), "%s%s", file, more);
	if (fstatat(i->place.dir, name, &st, AT_SYMLINK_NOFOLLOW))
		return false;
	*bytes += st.st_size;
	return true;
}

static void look(struct inspect *i, size_t which)
{
	struct inspect_file *f = &i->files[which];
	const struct schema *schema = schemas[which];
	char path[2 * PATH_BYTES];
	int64_t id = 0, version = 0;
	sqlite3 *db;

	f->name = schema->file;
	f->newest = (unsigned)schema->step_count;
	f->there = size_of(i, schema->file, "", &f->bytes);
	(void)size_of(i, schema->file, "-wal", &f->bytes);
	if (schema->full_sync)
		(void)rescue_copied_at(&i->place, schema->file, &f->copied_at);
	if (!f->there)
		return;
	(void)snprintf(path, sizeof(path), "%s/%s", i->folder, schema->file);
	if (sqlite3_open_v2(path, &i->db[which],
			    SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL)) {
		(void)snprintf(f->trouble, sizeof(f->trouble), "%s", sqlite3_errmsg(i->db[which]));
		return;
	}
	db = i->db[which];
	(void)sqlite3_busy_timeout(db, BUSY_MS);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_exec(db, "PRAGMA cell_size_check=1", NULL, NULL, NULL);
	if (!ask(db, "PRAGMA application_id", &id) || !ask(db, "PRAGMA user_version", &version))
		(void)snprintf(f->trouble, sizeof(f->trouble), "%s", sqlite3_errmsg(db));
	else if ((uint32_t)id != schema->application_id)
		(void)snprintf(f->trouble, sizeof(f->trouble), "not a state file of ingestd");
	else if (version > (int64_t)schema->step_count)
		(void)snprintf(f->trouble, sizeof(f->trouble), "written by a newer ingestd");
	f->version = (unsigned)version;
	f->usable = !f->trouble[0];
}

enum err inspect_open(const char *folder, struct inspect **ret, struct error *e)
{
	struct inspect *i = calloc(1, sizeof(*i));

	if (!i)
		return err_set(e, ERR_NOMEM, "out of memory");
	i->place.dir = i->place.lock = -1;
	if (snprintf(i->folder, sizeof(i->folder), "%s", folder) >= (int)sizeof(i->folder)) {
		inspect_close(i);
		return err_set(e, ERR_TOOBIG, "the path of the state folder is too long");
	}
	i->place.path = i->folder;
	i->place.dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (i->place.dir < 0) {
		enum err r = err_set_errno(e, errno, "cannot open the state in '%s'", folder);

		inspect_close(i);
		return r;
	}
	for (size_t which = 0; which < INSPECT_FILES; which++)
		look(i, which);
	*ret = i;
	return ERR_OK;
}

const struct inspect_file *inspect_file(const struct inspect *i, size_t which)
{
	return &i->files[which];
}

int inspect_holder(const struct inspect *i)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = openat(i->place.dir, "lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	char text[24] = "";
	uint64_t pid;
	bool held;

	if (fd < 0)
		return 0;
	held = !fcntl(fd, F_OFD_GETLK, &lock) && lock.l_type != F_UNLCK;
	if (held && pread(fd, text, sizeof(text) - 1, 0) < 0)
		text[0] = 0;
	(void)close(fd);
	return held && span_to_uint(span_trim(span_str(text)), INT32_MAX, &pid) ? (int)pid : 0;
}

static enum err read_rows(struct inspect *i, size_t which, const char *table, const char *sql,
			  inspect_row_fn *fn, void *arg, struct error *e)
{
	struct inspect_value values[COLUMNS_MAX] = {{NULL, false, 0, SPAN_NONE}};
	sqlite3_stmt *st = NULL;
	sqlite3 *db = i->db[which];
	int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);
	enum err r = ERR_OK;

	while (!rc && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		int n = MAX(MIN(sqlite3_column_count(st), COLUMNS_MAX), 0);

		for (int c = 0; c < n; c++)
			values[c] = (struct inspect_value){
				.column = sqlite3_column_name(st, c),
				.is_number = sqlite3_column_type(st, c) == SQLITE_INTEGER,
				.number = sqlite3_column_int64(st, c),
				.text = column_span(st, c),
			};
		rc = SQLITE_OK;
		if (!fn(arg, table, values, (size_t)n)) {
			rc = SQLITE_DONE;
			break;
		}
	}
	if (rc != SQLITE_DONE)
		r = failed(db, schemas[which]->file, e);
	(void)sqlite3_finalize(st);
	return r;
}

/* A table's name stands in quotes in SQL: the file may be anybody's. */
static enum err each_table(struct inspect *i, size_t which, const char *only, const char *before,
			   const char *after, inspect_row_fn *fn, void *arg, struct error *e)
{
	char *names[TABLES_MAX];
	size_t count = 0;
	sqlite3_stmt *st = NULL;
	enum err r = ERR_OK;

	if (!i->files[which].usable)
		return ERR_OK;
	if (sqlite3_prepare_v2(i->db[which],
			       "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE "
			       "'sqlite\\_%' ESCAPE '\\' ORDER BY name",
			       -1, &st, NULL))
		return failed(i->db[which], schemas[which]->file, e);
	while (count < TABLES_MAX && sqlite3_step(st) == SQLITE_ROW) {
		names[count] = strdup((const char *)sqlite3_column_text(st, 0));
		count += names[count] != NULL;
	}
	(void)sqlite3_finalize(st);
	for (size_t n = 0; n < count; n++) {
		bool wanted = !r && (!only || strcmp(only, names[n]) == 0);
		char *sql = !wanted ? NULL : sqlite3_mprintf("%s\"%w\"%s", before, names[n], after);

		if (sql)
			r = read_rows(i, which, names[n], sql, fn, arg, e);
		sqlite3_free(sql);
		free(names[n]);
	}
	return r;
}

enum err inspect_rows(struct inspect *i, size_t which, inspect_row_fn *fn, void *arg, struct error *e)
{
	return each_table(i, which, NULL, "SELECT * FROM ", " ORDER BY 1", fn, arg, e);
}

enum err inspect_table(struct inspect *i, size_t which, const char *table, inspect_row_fn *fn, void *arg,
		       struct error *e)
{
	return each_table(i, which, table, "SELECT * FROM ", " ORDER BY 2", fn, arg, e);
}

enum err inspect_counts(struct inspect *i, size_t which, inspect_row_fn *fn, void *arg, struct error *e)
{
	return each_table(i, which, NULL, "SELECT count(*) AS rows FROM ", "", fn, arg, e);
}

enum err inspect_runs(struct inspect *i, unsigned count, inspect_row_fn *fn, void *arg, struct error *e)
{
	char sql[128];

	if (!i->files[1].usable)
		return ERR_OK;
	(void)snprintf(sql, sizeof(sql), "SELECT * FROM run ORDER BY id DESC LIMIT %u", count);
	return read_rows(i, 1, "run", sql, fn, arg, e);
}

struct checking {
	inspect_row_fn *fn;
	void *arg;
};

static bool check_row(void *arg, const char *table, const struct inspect_value *values, size_t count)
{
	const struct checking *c = arg;

	if (!count || span_eq(values->text, SPAN("ok")))
		return true;
	return c->fn(c->arg, table, &(struct inspect_value){.column = "problem", .text = values->text}, 1);
}

enum err inspect_check(struct inspect *i, size_t which, inspect_row_fn *fn, void *arg, struct error *e)
{
	struct checking c = {fn, arg};
	const struct inspect_file *f = &i->files[which];

	if (!f->there)
		return ERR_OK;
	if (!f->usable) {
		(void)fn(arg, f->name,
			 &(struct inspect_value){.column = "problem", .text = span_str(f->trouble)}, 1);
		return ERR_OK;
	}
	return read_rows(i, which, f->name, "PRAGMA integrity_check", check_row, &c, e);
}

struct inspect *inspect_close(struct inspect *i)
{
	if (!i)
		return NULL;
	for (size_t which = 0; which < INSPECT_FILES; which++)
		(void)sqlite3_close(i->db[which]);
	if (i->place.dir >= 0)
		(void)close(i->place.dir);
	free(i);
	return NULL;
}
