/* SPDX-License-Identifier: MIT */
/* database.h - one SQLite file of the state: opened with distrust, checked, upgraded, and spoken to through
 * kept statements.
 *
 * The file may have been damaged or made by somebody else: its schema is not trusted, cells are checked, and
 * PRAGMA quick_check runs when the caller asks. WAL; one connection, used by one thread at a time. */
#ifndef INGESTD_STORE_DATABASE_H
#define INGESTD_STORE_DATABASE_H

#include "base/error.h"
#include "base/span.h"

#include <sqlite3.h>

/* What a file holds. PRAGMA user_version is the number of steps that were carried out: a new version of the
 * schema is one more step, and an old file gets those that it lacks, each in a transaction of its own. */
struct schema {
	const char *file;        /* its name in the folder */
	uint32_t application_id; /* PRAGMA application_id */
	bool full_sync;          /* each commit reaches the disk; else only the order of writes is kept */
	int cache_kib;
	const char *const *steps;
	size_t step_count;
};
extern const struct schema schema_cache, schema_memory;

/* The kept statements, both files' together. */
enum statement {
	SQL_BEGIN,
	SQL_COMMIT,
	SQL_ROOT_FIND,
	SQL_ROOT_ADD,
	SQL_RESULT_GET,
	SQL_RESULT_PUT,
	SQL_RESULT_RENEW,
	SQL_PAGE_PUT,
	SQL_PAGE_DROP,
	SQL_DOCUMENT_COUNT,
	SQL_DOCUMENT_GET,
	SQL_DOCUMENT_PUT,
	SQL_DOCUMENT_DROP,
	SQL_DOCUMENT_ONE,
	SQL_TALLY_OF,
	SQL_TALLY_LESS,
	SQL_TALLY_MORE,
	SQL_DOCUMENT_PAGE,
	SQL_DOCUMENT_DUE,
	SQL_CORRECT, /* two */
	SQL_CORRECT_URLS,
	SQL_COMPLAINT_COUNT,
	SQL_COMPLAINT_GET,
	SQL_COMPLAINT_PUT,
	SQL_COMPLAINT_CLEAR,
	SQL_PROVENANCE_COUNT, /* two each: of a root, of a document */
	SQL_PROVENANCE_GET = SQL_PROVENANCE_COUNT + 2,
	SQL_PROVENANCE_GET_LAST = SQL_PROVENANCE_GET + 1,
	SQL_PROVENANCE_PUT,
	SQL_PROVENANCE_DROP,
	SQL_MOVED_FIND,
	SQL_MOVED_WRITTEN,
	SQL_MOVED_MADE,
	SQL_ROOT_LIST,
	SQL_IMAGE_GET,
	SQL_IMAGE_PUT,
	SQL_IMAGE_COUNT,
	SQL_IMAGE_LIST,
	SQL_IMAGE_USE,
	SQL_IMAGE_FORGET,
	SQL_RUN_BEGIN,
	SQL_RUN_END,
	SQL_SITE_GET,
	SQL_SITE_PUT,
	SQL_SITE_FORGET,
	SQL_SITE_OLDEST,
	SQL_SITE_BEAR,
	SQL_SITE_UNBEAR,
	SQL_SITE_COUNT,
	SQL_SITE_SHARE,
	SQL_SITE_UNSHARE,
	SQL_SITE_SHARED,
	SQL_SITE_DOCUMENTS,
	SQL_FEED_POLLS,
	SQL_FEED_POLL_PUT,
	SQL_FEED_UNREAD_GET,
	SQL_FEED_UNREAD_PUT,
	SQL_FEED_UNREAD_DROP,
	SQL_FEED_LIST,
	SQL_FEED_FIND,
	SQL_FEED_PUT,
	SQL_FEED_ITEM_COUNT,
	SQL_FEED_ITEMS,
	SQL_FEED_ITEM_ADD,
	SQL_FEED_ITEM_CHANGE,
	SQL_FEED_ITEM_SEEN,
	SQL_FEED_DOCUMENT_ADD,
	SQL_FEED_DOCUMENT_FIND,
	SQL_FEED_DRAFT_COUNT,
	SQL_FEED_DRAFTS,
	SQL_FEED_DOCUMENT_MADE,
	SQL_FEED_SIMILAR,
	SQL_SITE_CHANGE,
	SQL_SITE_CHANGED,
	SQL_SITE_CLEAR,
	SQL_LOOK_ROOTS,
	SQL_LOOK_TALLY,
	SQL_LOOK_DOCUMENTS, /* six */
	SQL_LOOK_DOCUMENT = SQL_LOOK_DOCUMENTS + 6,
	SQL_LOOK_WRITTEN,
	SQL_LOOK_WRITTEN_DOCUMENT,
	SQL_LOOK_FAILING,
	SQL_LOOK_POLLS,
	SQL_LOOK_RUNS,
	SQL_COUNT
};

struct database {
	const struct schema *schema;
	sqlite3 *db; /* NULL while closed */
	sqlite3_stmt *statements[SQL_COUNT];
	bool begun;    /* a transaction is open */
	bool unsynced; /* committed since the last sync; full_sync files never are */
};

/* Makes the file (0600) when missing. check: run quick_check. ERR_DAMAGED: not a database, not ours, or
 * damaged; ERR_UNSUPPORTED: of a newer version; both leave the file as it is. On failure *d is closed. */
CHECKED enum err database_open(struct database *d, const struct schema *schema, const char *folder,
			       bool check, struct error *e);
/* Moves the WAL into the file. Accepts a closed one. */
void database_close(struct database *d);

/* Opens a transaction unless one is open. */
CHECKED enum err database_begin(struct database *d, struct error *e);
/* ERR_OK without one. On failure all of it is undone. */
CHECKED enum err database_commit(struct database *d, struct error *e);
void database_rollback(struct database *d);
/* What was committed is on the disk. */
CHECKED enum err database_sync(struct database *d, struct error *e);

/* The kept statement, prepared at its first use from sql (always the same for a slot). */
CHECKED enum err database_statement(struct database *d, enum statement slot, const char *sql,
				    sqlite3_stmt **ret, struct error *e);
/* One step. *row tells whether there is a row; without one, and on failure, the statement is reset. */
CHECKED enum err database_row(struct database *d, sqlite3_stmt *st, bool *row, struct error *e);
/* Runs a statement that gives no rows. */
CHECKED enum err database_run(struct database *d, sqlite3_stmt *st, struct error *e);
/* One text without parameters. */
CHECKED enum err database_exec(struct database *d, const char *sql, struct error *e);

/* What SQLite's last failure on d means: a full disk is ERR_FULL, whoever reports it. */
enum err database_error(struct database *d, int rc, struct error *e);

/* Binding cannot fail but for memory, which the step then reports. Borrowed until the statement is reset. */
void bind_text(sqlite3_stmt *st, int at, struct span s);  /* SPAN_NONE is NULL */
void bind_bytes(sqlite3_stmt *st, int at, struct span s); /* as a blob */
/* Of text or blob; SPAN_NONE for NULL, a span that is there for an empty one; borrowed until the next step.
 */
struct span column_span(sqlite3_stmt *st, int at);

#endif
