/* SPDX-License-Identifier: MIT */
#include "store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum {
	PATH_BYTES = 4096,
	BUSY_MS = 10000,          /* somebody looks at the file with the sqlite3 shell */
	CHECKPOINT_PAGES = 4000,  /* 16 MB of WAL: each page goes into the file once for many commits */
	WAL_BYTES = 64 * 1000000, /* what a WAL keeps of its size after a checkpoint */
};

static bool is_full(int errnum)
{
	return errnum == ENOSPC || errnum == EDQUOT || errnum == EFBIG;
}

/* A quota is no ENOSPC to SQLite, and errno is another's by the time that the failure comes out here: the
 * files remember their own. */
static bool out_of_space(struct database *d)
{
	static const int files[] = {SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER};

	if (is_full(sqlite3_system_errno(d->db)))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		sqlite3_file *file = NULL;
		int errnum = 0;

		if (!sqlite3_file_control(d->db, "main", files[i], &file) && file && file->pMethods &&
		    !file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &errnum) && is_full(errnum))
			return true;
	}
	return false;
}

static enum err code_of(struct database *d, int rc)
{
	int errnum = d->db ? sqlite3_system_errno(d->db) : 0;

	switch (rc & 0xff) {
	case SQLITE_FULL: return ERR_FULL;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return ERR_DAMAGED;
	case SQLITE_NOMEM: return ERR_NOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return ERR_BUSY;
	case SQLITE_READONLY: return ERR_READONLY;
	case SQLITE_PERM:
	case SQLITE_AUTH: return ERR_ACCESS;
	case SQLITE_TOOBIG: return ERR_TOOBIG;
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
		if (d->db && out_of_space(d))
			return ERR_FULL;
		if (errnum == EACCES || errnum == EPERM)
			return ERR_ACCESS;
		return (rc == SQLITE_IOERR_NOMEM) ? ERR_NOMEM : ERR_IO;
	default: return ERR_BUG;
	}
}

enum err database_error(struct database *d, int rc, struct error *e)
{
	return err_set(e, code_of(d, rc), "'%s': %s", d->schema->file,
		       d->db ? sqlite3_errmsg(d->db) : sqlite3_errstr(rc));
}

enum err database_exec(struct database *d, const char *sql, struct error *e)
{
	int rc = sqlite3_exec(d->db, sql, NULL, NULL, NULL);

	return rc ? database_error(d, rc, e) : ERR_OK;
}

/* The first column of the first row; absent is 0. */
static enum err ask_int(struct database *d, const char *sql, int64_t *ret, struct error *e)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(d->db, sql, -1, &st, NULL);

	*ret = 0;
	if (!rc)
		rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*ret = sqlite3_column_int64(st, 0);
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		rc = SQLITE_OK;
	else
		rc = database_error(d, rc, e) ? rc : SQLITE_ERROR;
	(void)sqlite3_finalize(st);
	return rc ? code_of(d, rc) : ERR_OK;
}

/* The same for a text, which is compared. */
static enum err ask_is(struct database *d, const char *sql, const char *want, enum err otherwise,
		       struct error *e)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(d->db, sql, -1, &st, NULL);
	enum err r = ERR_OK;

	if (!rc)
		rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		const unsigned char *text = sqlite3_column_text(st, 0);

		if (!text || strcmp((const char *)text, want) != 0)
			r = err_set(e, otherwise, "'%s': %s", d->schema->file,
				    text ? (const char *)text : "no answer");
	} else {
		r = database_error(d, rc, e);
	}
	(void)sqlite3_finalize(st);
	return r;
}

static enum err connect(struct database *d, const char *folder, struct error *e)
{
	char path[PATH_BYTES];
	int fd, rc;

	if (snprintf(path, sizeof(path), "%s/%s", folder, d->schema->file) >= (int)sizeof(path))
		return err_set(e, ERR_TOOBIG, "the path of the state folder is too long");
	/* before SQLite: its own would be readable by all. And never after: closing any descriptor of the
	 * file drops the locks that SQLite holds on it. */
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd < 0)
		return err_set_errno(e, errno, "cannot open '%s'", path);
	(void)close(fd);
	rc = sqlite3_open_v2(path, &d->db,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (rc)
		return database_error(d, rc, e);
	(void)sqlite3_busy_timeout(d->db, BUSY_MS);
	(void)sqlite3_db_config(d->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(d->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_db_config(d->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	(void)sqlite3_db_config(d->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	(void)sqlite3_db_config(d->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	(void)sqlite3_db_config(d->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	return ERR_OK;
}

/* Ours, and not newer? Reads the first page, and with it finds out whether this is a database at all. */
static enum err recognise(struct database *d, int64_t *version, struct error *e)
{
	int64_t id, tables;
	enum err r =
		database_exec(d, "PRAGMA cell_size_check=1; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY", e);

	if (!r)
		r = ask_int(d, "PRAGMA application_id", &id, e);
	if (!r)
		r = ask_int(d, "PRAGMA user_version", version, e);
	if (!r)
		r = ask_int(d, "SELECT count(*) FROM sqlite_schema", &tables, e);
	if (r)
		return r;
	/* killed before its first transaction: as new */
	if (!id && !*version && !tables)
		return ERR_OK;
	if ((uint32_t)id != d->schema->application_id || *version < 1)
		return err_set(e, ERR_DAMAGED, "'%s': not a state file of ingestd", d->schema->file);
	if (*version > (int64_t)d->schema->step_count)
		return err_set(e, ERR_UNSUPPORTED,
			       "'%s': was written by a newer ingestd (version %lld, this one knows %zu)",
			       d->schema->file, (long long)*version, d->schema->step_count);
	return ERR_OK;
}

static enum err upgrade(struct database *d, size_t version, struct error *e)
{
	enum err r = ERR_OK;

	for (; !r && version < d->schema->step_count; version++) {
		char numbers[96];

		(void)snprintf(numbers, sizeof(numbers), "PRAGMA application_id=%u; PRAGMA user_version=%zu",
			       d->schema->application_id, version + 1);
		r = database_begin(d, e);
		if (!r)
			r = database_exec(d, d->schema->steps[version], e);
		if (!r)
			r = database_exec(d, numbers, e);
		if (!r)
			r = database_commit(d, e);
		else
			database_rollback(d);
	}
	return r;
}

static enum err settings(struct database *d, struct error *e)
{
	char text[256];
	enum err r = ask_is(d, "PRAGMA journal_mode=WAL", "wal", ERR_IO, e);

	(void)snprintf(text, sizeof(text),
		       "PRAGMA synchronous=%s; PRAGMA wal_autocheckpoint=%d; PRAGMA journal_size_limit=%d; "
		       "PRAGMA cache_size=-%d",
		       d->schema->full_sync ? "FULL" : "NORMAL", CHECKPOINT_PAGES, WAL_BYTES,
		       d->schema->cache_kib);
	return r ? r : database_exec(d, text, e);
}

enum err database_open(struct database *d, const struct schema *schema, const char *folder, bool check,
		       struct error *e)
{
	int64_t version = 0;
	enum err r;

	*d = (struct database){.schema = schema};
	r = connect(d, folder, e);
	if (!r)
		r = recognise(d, &version, e);
	if (!r && check && version)
		r = ask_is(d, "PRAGMA quick_check(1)", "ok", ERR_DAMAGED, e);
	if (!r)
		r = settings(d, e);
	if (!r)
		r = upgrade(d, (size_t)version, e);
	if (r)
		database_close(d);
	return r;
}

void database_close(struct database *d)
{
	if (!d->db)
		return;
	database_rollback(d);
	for (size_t i = 0; i < SQL_COUNT; i++) {
		(void)sqlite3_finalize(d->statements[i]);
		d->statements[i] = NULL;
	}
	/* the last connection to go moves the WAL into the file and removes it */
	(void)sqlite3_close(d->db);
	d->db = NULL;
}

enum err database_begin(struct database *d, struct error *e)
{
	sqlite3_stmt *st = NULL;
	enum err r;

	if (d->begun)
		return ERR_OK;
	r = database_statement(d, SQL_BEGIN, "BEGIN IMMEDIATE", &st, e);
	if (!r)
		r = database_run(d, st, e);
	d->begun = !r;
	return r;
}

enum err database_commit(struct database *d, struct error *e)
{
	sqlite3_stmt *st = NULL;
	enum err r;

	if (!d->begun)
		return ERR_OK;
	r = database_statement(d, SQL_COMMIT, "COMMIT", &st, e);
	if (!r)
		r = database_run(d, st, e);
	if (r) {
		database_rollback(d);
		return r;
	}
	d->begun = false;
	d->unsynced = !d->schema->full_sync;
	return ERR_OK;
}

void database_rollback(struct database *d)
{
	/* some failures have ended the transaction already */
	if (d->db && !sqlite3_get_autocommit(d->db))
		(void)sqlite3_exec(d->db, "ROLLBACK", NULL, NULL, NULL);
	d->begun = false;
}

enum err database_sync(struct database *d, struct error *e)
{
	sqlite3_file *wal = NULL;
	int rc;

	if (!d->unsynced)
		return ERR_OK;
	rc = sqlite3_file_control(d->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
	if (!rc && wal && wal->pMethods)
		rc = wal->pMethods->xSync(wal, SQLITE_SYNC_NORMAL);
	if (rc)
		return err_set(e, code_of(d, rc), "'%s': %s", d->schema->file, sqlite3_errstr(rc));
	d->unsynced = false;
	return ERR_OK;
}

enum err database_statement(struct database *d, enum statement slot, const char *sql, sqlite3_stmt **ret,
			    struct error *e)
{
	if (!d->statements[slot]) {
		int rc = sqlite3_prepare_v3(d->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &d->statements[slot],
					    NULL);

		if (rc)
			return database_error(d, rc, e);
	}
	*ret = d->statements[slot];
	return ERR_OK;
}

enum err database_row(struct database *d, sqlite3_stmt *st, bool *row, struct error *e)
{
	int rc = sqlite3_step(st);
	enum err r = ERR_OK;

	*row = rc == SQLITE_ROW;
	if (rc == SQLITE_ROW)
		return ERR_OK;
	if (rc != SQLITE_DONE)
		r = database_error(d, rc, e);
	(void)sqlite3_reset(st);
	return r;
}

enum err database_run(struct database *d, sqlite3_stmt *st, struct error *e)
{
	bool row;
	enum err r = database_row(d, st, &row, e);

	if (!r && row)
		(void)sqlite3_reset(st);
	return r;
}

void bind_text(sqlite3_stmt *st, int at, struct span s)
{
	if (s.ptr)
		(void)sqlite3_bind_text64(st, at, s.ptr, s.len, SQLITE_STATIC, SQLITE_UTF8);
	else
		(void)sqlite3_bind_null(st, at);
}

void bind_bytes(sqlite3_stmt *st, int at, struct span s)
{
	if (s.ptr)
		(void)sqlite3_bind_blob64(st, at, s.ptr, s.len, SQLITE_STATIC);
	else
		(void)sqlite3_bind_null(st, at);
}

struct span column_span(sqlite3_stmt *st, int at)
{
	const void *p;

	if (sqlite3_column_type(st, at) == SQLITE_NULL)
		return SPAN_NONE;
	p = sqlite3_column_blob(st, at); /* NULL for an empty one */
	return span_of(p ? p : "", (size_t)sqlite3_column_bytes(st, at));
}
