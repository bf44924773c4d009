/* SPDX-License-Identifier: MIT */
/* labels: threads */
/* Files that are cut, overwritten, foreign, newer, lost: what can be had is had, nothing is deleted unseen.
 */
#include "harness.h"

#include "store/database.h"

struct row {
	const char *name;
	void (*run)(struct harness *h);
};

enum { DOCUMENTS = 300, PROVENANCE = 200, PAGE = 4096 };

static off_t size_of(struct harness *h, const char *file)
{
	struct stat st;
	char path[256];

	harness_path(h, file, path);
	return stat(path, &st) ? -1 : st.st_size;
}

/* One file with known rows, closed. memory.db gets its first copy by that. */
static void fill(struct harness *h)
{
	for (unsigned i = 0; i < DOCUMENTS; i++)
		harness_put_document(h, i);
	for (unsigned i = 0; i < PROVENANCE; i++)
		harness_put_provenance(h, i);
	assert_int_equal(harness_flush(h), ERR_OK);
	harness_close(h);
}

static void overwrite(struct harness *h, const char *file, off_t begin, off_t end, const char *with)
{
	char path[256];
	int fd;

	harness_path(h, file, path);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	assert_true(fd >= 0);
	for (off_t at = begin; at < end; at += (off_t)strlen(with))
		assert_int_equal(pwrite(fd, with, strlen(with), at), strlen(with));
	(void)close(fd);
}

static void cut(struct harness *h, const char *file, off_t size)
{
	char path[256];

	harness_path(h, file, path);
	assert_int_equal(truncate(path, size), 0);
}

static void copy(struct harness *h, const char *from, const char *to)
{
	char a[256], b[256], command[600];

	harness_path(h, from, a);
	harness_path(h, to, b);
	(void)snprintf(command, sizeof(command), "cp -p '%s' '%s'", a, b);
	assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
}

static void remove_file(struct harness *h, const char *file)
{
	char path[256];

	harness_path(h, file, path);
	assert_int_equal(unlink(path), 0);
}

static void sql(struct harness *h, const char *file, const char *text)
{
	char path[256];
	sqlite3 *db;

	harness_path(h, file, path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* The newest. */
static void set_version(struct harness *h, const struct schema *schema)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "PRAGMA user_version=%zu", schema->step_count);
	sql(h, schema->file, text);
}

static size_t documents(struct harness *h)
{
	harness_get_documents(h);
	return h->count;
}

static size_t provenance(struct harness *h)
{
	harness_get_provenance(h, SPAN_NONE);
	return h->count;
}

/* After whatever happened the store must work. */
static void works(struct harness *h)
{
	size_t rows = provenance(h), docs;

	harness_put_document(h, 1000000);
	docs = documents(h);
	assert_true(docs >= 1);
	harness_put_provenance(h, 1000000);
	assert_int_equal(harness_flush(h), ERR_OK);
	harness_reopen(h);
	assert_int_equal(documents(h), docs);
	assert_int_equal(provenance(h), rows + 1);
}

static void begun_anew(struct harness *h, const char *why)
{
	assert_int_equal(harness_open(h), ERR_OK);
	assert_int_equal(h->complaints, 1);
	if (!strstr(h->complaint, why))
		fail_msg("'%s' does not say '%s'", h->complaint, why);
	assert_non_null(strstr(h->complaint, "cache.db.damaged-"));
	assert_int_equal(harness_files(h, "cache.db.damaged-"), 1);
	assert_int_equal(documents(h), 0);
	assert_int_equal(provenance(h), PROVENANCE);
	works(h);
	assert_int_equal(h->complaints, 1);
}

static void cache_cut(struct harness *h)
{
	off_t size;

	fill(h);
	size = size_of(h, "cache.db");
	copy(h, "cache.db", "saved");
	assert_true(size / PAGE > 8);
	for (off_t at = 0; at < size; at += PAGE) {
		size_t n;

		copy(h, "saved", "cache.db");
		cut(h, "cache.db", at);
		h->complaints = 0;
		assert_int_equal(harness_open(h), ERR_OK);
		n = documents(h);
		/* an empty file is a new one */
		assert_int_equal(h->complaints, at != 0);
		assert_int_equal(n, 0);
		assert_int_equal(provenance(h), PROVENANCE);
		harness_put_document(h, 1);
		assert_int_equal(documents(h), 1);
		harness_close(h);
		assert_in_range(harness_files(h, "cache.db.damaged-"), 0, 2);
	}
	assert_int_equal(harness_files(h, "cache.db.damaged-"), 2);
}

static void memory_cut(struct harness *h)
{
	off_t size;

	fill(h);
	size = size_of(h, "memory.db");
	copy(h, "memory.db", "saved");
	assert_true(size / PAGE > 8);
	for (off_t at = 0; at < size; at += PAGE) {
		copy(h, "saved", "memory.db");
		cut(h, "memory.db", at);
		h->complaints = 0;
		assert_int_equal(harness_open(h), ERR_OK);
		assert_int_equal(h->complaints, 2);
		assert_non_null(strstr(h->complaint, "restored from its copy of 2"));
		assert_int_equal(provenance(h), PROVENANCE);
		assert_int_equal(documents(h), DOCUMENTS);
		harness_close(h);
	}
	assert_int_equal(harness_files(h, "memory.db.damaged-"), size / PAGE);
}

/* The WAL of a killed process, cut anywhere: what was committed before the cut is there. */
static void wal_cut(struct harness *h)
{
	char path[256];
	off_t size;

	for (unsigned i = 0; i < 50; i++) {
		harness_put_provenance(h, i);
		harness_wait(h);
	}
	copy(h, "memory.db", "saved");
	copy(h, "memory.db-wal", "saved.w");
	size = size_of(h, "saved.w");
	harness_close(h);
	for (off_t at = 0; at <= size; at += MAX(size / 37, 1)) {
		harness_path(h, "memory.db.copy", path);
		(void)unlink(path);
		copy(h, "saved", "memory.db");
		copy(h, "saved.w", "memory.db-wal");
		cut(h, "memory.db-wal", at);
		h->complaints = 0;
		assert_int_equal(harness_open(h), ERR_OK);
		assert_int_equal(h->complaints, 0);
		assert_in_range(provenance(h), 0, 50);
		for (size_t i = 0; i < h->count; i++)
			assert_int_equal(h->rows[i].id, h->count - i);
		harness_close(h);
	}
}

static void cache_foreign(struct harness *h)
{
	fill(h);
	remove_file(h, "cache.db");
	overwrite(h, "cache.db", 0, 10000, "Once upon a time there was no database. ");
	begun_anew(h, "not a database");
}

static void cache_of_others(struct harness *h)
{
	fill(h);
	sql(h, "cache.db", "PRAGMA application_id=12345");
	begun_anew(h, "not a state file");
}

static void cache_newer(struct harness *h)
{
	fill(h);
	sql(h, "cache.db", "PRAGMA user_version=99");
	begun_anew(h, "newer ingestd");
}

static void cache_overwritten(struct harness *h)
{
	fill(h);
	overwrite(h, "cache.db", PAGE * 5, PAGE * 7, "\xa5\x5a\xa5\x5a");
	begun_anew(h, "cache.db");
}

/* As left, by the note: not read whole, so that damage shows only when it is met. Here it is by a reader,
 * behind a write of the same batch, which must come about all the same: they wait together behind a lock. */
static void cache_while_used(struct harness *h)
{
	char path[256];
	sqlite3 *other;

	fill(h);
	assert_int_equal(harness_open(h), ERR_OK);
	harness_path(h, "cache.db", path);
	assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	harness_put_url(h, 0, 10);
	(void)usleep(100000); /* that is a batch now */
	harness_put_url(h, 1, 10);
	assert_int_equal(store_get_documents(h->s, ROOT, harness_got_documents, h), ERR_OK);
	harness_put_url(h, 2, 10);
	/* behind its back, past the tables of results, which lie first; and before the lock goes, or the
	 * batch may be over */
	overwrite(h, "cache.db", (off_t)PAGE * 7, size_of(h, "cache.db"), "\xa5\x5a\xa5\x5a");
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
	harness_wait(h);
	assert_int_equal(h->count, 0);
	assert_int_equal(h->complaints, 1);
	assert_int_equal(harness_files(h, "cache.db.damaged-"), 1);
	assert_int_equal(harness_result(h, SPAN("https://news.example/articles/1"))->outcome, OUTCOME_PAGE);
	assert_int_equal(harness_result(h, SPAN("https://news.example/articles/2"))->outcome, OUTCOME_PAGE);
	assert_int_equal(harness_flush(h), ERR_OK);
	works(h);
}

static void memory_while_used(struct harness *h)
{
	off_t size;
	int64_t id;

	fill(h);
	assert_int_equal(harness_open(h), ERR_OK);
	size = size_of(h, "memory.db");
	overwrite(h, "memory.db", PAGE, size, "\xa5\x5a\xa5\x5a");
	harness_put_provenance(h, 5000);
	harness_wait(h);
	assert_int_equal(h->result, ERR_OK);
	id = h->id;
	assert_true(id > PROVENANCE + 1000); /* numbers of the lost file are not given again */
	assert_int_equal(h->complaints, 2);
	assert_int_equal(provenance(h), PROVENANCE + 1);
	works(h);
}

static void memory_no_copy(struct harness *h)
{
	fill(h);
	remove_file(h, "memory.db.copy");
	overwrite(h, "memory.db", 0, 10000, "Once upon a time there was no database. ");
	assert_int_equal(harness_open(h), ERR_OK);
	assert_int_equal(h->complaints, 2);
	assert_non_null(strstr(h->complaint, "begun anew, there was no copy"));
	assert_int_equal(provenance(h), 0);
	works(h);
}

static void memory_lost(struct harness *h)
{
	fill(h);
	remove_file(h, "memory.db");
	assert_int_equal(harness_open(h), ERR_OK);
	assert_int_equal(h->complaints, 1);
	assert_int_equal(provenance(h), PROVENANCE);
	works(h);
}

static void copy_damaged(struct harness *h)
{
	fill(h);
	overwrite(h, "memory.db", PAGE * 3, PAGE * 5, "\xa5\x5a\xa5\x5a");
	overwrite(h, "memory.db.copy", PAGE * 3, PAGE * 5, "\xa5\x5a\xa5\x5a");
	assert_int_equal(harness_open(h), ERR_OK);
	assert_non_null(strstr(h->complaint, "begun anew"));
	assert_int_equal(harness_files(h, "memory.db.damaged-"), 1);
	assert_int_equal(harness_files(h, "memory.db.copy.damaged-"), 1);
	assert_int_equal(provenance(h), 0);
	works(h);
}

static void memory_newer(struct harness *h)
{
	off_t cache;

	fill(h);
	sql(h, "memory.db", "PRAGMA user_version=99");
	sql(h, "cache.db", "PRAGMA user_version=99");
	cache = size_of(h, "cache.db");
	assert_int_equal(harness_open(h), ERR_UNSUPPORTED);
	assert_non_null(strstr(h->e.text, "newer ingestd"));
	assert_null(h->s);
	assert_int_equal(h->complaints, 0);
	assert_int_equal(size_of(h, "cache.db"), cache); /* nothing else is touched */
	assert_int_equal(harness_files(h, "cache.db.damaged-"), 0);
	set_version(h, &schema_memory);
	set_version(h, &schema_cache);
	assert_int_equal(harness_open(h), ERR_OK);
	assert_int_equal(provenance(h), PROVENANCE);
}

static void set_age(struct harness *h, const char *file, time_t age)
{
	const struct timespec times[2] = {{.tv_sec = time(NULL) - age}, {.tv_sec = time(NULL) - age}};
	char path[256];

	harness_path(h, file, path);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static int64_t rows_of_copy(struct harness *h)
{
	char path[256];
	sqlite3 *db;
	sqlite3_stmt *st;
	int64_t n;

	harness_path(h, "memory.db.copy", path);
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM provenance", -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	return n;
}

static void copied_daily(struct harness *h)
{
	fill(h);
	assert_int_equal(rows_of_copy(h), PROVENANCE);
	/* young: stays */
	assert_int_equal(harness_open(h), ERR_OK);
	harness_put_provenance(h, 9000);
	harness_close(h);
	assert_int_equal(rows_of_copy(h), PROVENANCE);
	/* old */
	set_age(h, "memory.db.copy", 25 * 3600);
	assert_int_equal(harness_open(h), ERR_OK);
	harness_put_provenance(h, 9001);
	harness_close(h);
	assert_int_equal(rows_of_copy(h), PROVENANCE + 2);
	/* of the future */
	set_age(h, "memory.db.copy", -1000000);
	assert_int_equal(harness_open(h), ERR_OK);
	harness_put_provenance(h, 9002);
	harness_wait(h);
	harness_close(h);
	assert_int_equal(rows_of_copy(h), PROVENANCE + 3);
	assert_int_equal(harness_files(h, "memory.db.cop"), 1);
}

/* ---- schema versions ---- */

static const char *const two_steps[] = {"CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1)",
					"ALTER TABLE a ADD COLUMN y INTEGER; UPDATE a SET y = x + 1"};
static const char *const bad_step[] = {"CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1)",
				       "ALTER TABLE a ADD COLUMN y INTEGER; UPDATE nothing SET z = 1"};

static void upgrades(struct harness *h)
{
	const struct schema one = {"x.db", 77, false, 100, two_steps, 1},
			    bad = {"x.db", 77, false, 100, bad_step, 2},
			    two = {"x.db", 77, false, 100, two_steps, 2};
	struct database d;
	struct error e;

	harness_close(h);
	assert_int_equal(database_open(&d, &one, h->folder, true, &e), ERR_OK);
	database_close(&d);
	/* a step that fails leaves the old version */
	assert_int_equal(database_open(&d, &bad, h->folder, true, &e), ERR_BUG);
	assert_null(d.db);
	assert_int_equal(database_open(&d, &one, h->folder, true, &e), ERR_OK);
	database_close(&d);
	assert_int_equal(database_open(&d, &two, h->folder, true, &e), ERR_OK);
	assert_int_equal(database_exec(&d, "CREATE TABLE ok AS SELECT 1 FROM a WHERE y = 2", &e), ERR_OK);
	database_close(&d);
	assert_int_equal(database_open(&d, &one, h->folder, true, &e), ERR_UNSUPPORTED);
}

static const struct row rows[] = {
	{"cache.db cut at every page", cache_cut},
	{"memory.db cut at every page", memory_cut},
	{"a WAL cut anywhere", wal_cut},
	{"cache.db is no database", cache_foreign},
	{"cache.db of another program", cache_of_others},
	{"cache.db of a newer version", cache_newer},
	{"cache.db overwritten", cache_overwritten},
	{"cache.db overwritten while used", cache_while_used},
	{"memory.db overwritten while used", memory_while_used},
	{"memory.db without a copy", memory_no_copy},
	{"memory.db lost", memory_lost},
	{"the copy damaged too", copy_damaged},
	{"memory.db of a newer version", memory_newer},
	{"copied daily", copied_daily},
	{"upgrades", upgrades},
};

static void test(void **state)
{
	const struct row *row = *state;
	struct harness *h = harness_opened();

	row->run(h);
	harness_free(h);
}

int main(void)
{
	return RUN_ROWS("store/damage", rows, test);
}
