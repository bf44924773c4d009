/* SPDX-License-Identifier: MIT */
/* schema.c - the tables. A step that was released is never edited: add one after it. Words of enums are
 * stored by name, so that a file outlives a reordering of the code. */
#include "store/database.h"

/* site_*: see sites.c; host, value, page and title are 63 bits of hashes.
 *
 * url.id is 63 bits of the URL's hash. Two URLs of one hash take turns in the row: whoever asks for the other
 * is told that nothing is known of it, which costs a fetch and is never a wrong answer.
 * page lies apart, so that a new time or validator does not write kilobytes again. */
static const char *const cache_steps[] = {
	"CREATE TABLE url (id INTEGER PRIMARY KEY, url TEXT NOT NULL, final_url TEXT, outcome TEXT NOT NULL,"
	" status INTEGER NOT NULL, fetched_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,"
	" failures INTEGER NOT NULL, error TEXT, etag BLOB, last_modified BLOB) STRICT;"
	"CREATE TABLE page (id INTEGER PRIMARY KEY, text BLOB NOT NULL) STRICT;"
	"CREATE TABLE root (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE) STRICT;"
	"CREATE TABLE document (root INTEGER NOT NULL, path TEXT NOT NULL, dev INTEGER NOT NULL,"
	" ino INTEGER NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,"
	" content_hi INTEGER NOT NULL, content_lo INTEGER NOT NULL, fingerprint INTEGER NOT NULL,"
	" due_at INTEGER NOT NULL, PRIMARY KEY (root, path)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE complaint (key INTEGER PRIMARY KEY) STRICT;",

	"CREATE TABLE site_page (id INTEGER PRIMARY KEY AUTOINCREMENT, host INTEGER NOT NULL,"
	" page INTEGER NOT NULL, title INTEGER NOT NULL, marks BLOB NOT NULL, UNIQUE (host, page)) STRICT;"
	"CREATE INDEX site_page_host ON site_page (host);"
	"CREATE TABLE site_mark (host INTEGER NOT NULL, value INTEGER NOT NULL, page INTEGER NOT NULL,"
	" title INTEGER NOT NULL, need INTEGER NOT NULL, PRIMARY KEY (host, value, page)) STRICT, WITHOUT "
	"ROWID;"
	"CREATE TABLE site_shared (host INTEGER NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (host, value))"
	" STRICT, WITHOUT ROWID;",

	/* unchanged: how often in a row the page was what it had been */
	"CREATE INDEX document_due ON document (root, due_at, path) WHERE due_at < 9223372036854775807;"
	"ALTER TABLE url ADD COLUMN unchanged INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE url ADD COLUMN published_at INTEGER NOT NULL DEFAULT 0;",

	"CREATE TABLE feed_poll (url TEXT PRIMARY KEY, final_url TEXT, etag BLOB, last_modified BLOB,"
	" polled_at INTEGER NOT NULL, next_at INTEGER NOT NULL, failing_at INTEGER NOT NULL,"
	" failures INTEGER NOT NULL, status INTEGER NOT NULL, reason TEXT, error TEXT, title TEXT,"
	" gap INTEGER NOT NULL, newest_at INTEGER NOT NULL, ttl INTEGER NOT NULL, period INTEGER NOT NULL,"
	" skip_hours INTEGER NOT NULL, skip_days INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE feed_unread (url TEXT PRIMARY KEY, final_url TEXT, type TEXT, body BLOB NOT NULL) "
	"STRICT;",

	"CREATE TABLE site_changed (host TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;",
	"ALTER TABLE url ADD COLUMN move_target INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE url ADD COLUMN move_times INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE url ADD COLUMN move_first INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE url ADD COLUMN move_last INTEGER NOT NULL DEFAULT 0;",

	"CREATE TABLE image (id INTEGER PRIMARY KEY, url TEXT NOT NULL, final_url TEXT, outcome TEXT NOT "
	"NULL,"
	" status INTEGER NOT NULL, fetched_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,"
	" failures INTEGER NOT NULL, error TEXT, etag BLOB, last_modified BLOB, type TEXT, width INTEGER NOT "
	"NULL,"
	" height INTEGER NOT NULL, bytes INTEGER NOT NULL, forbidden INTEGER NOT NULL, referer INTEGER NOT "
	"NULL,"
	" file TEXT, copied_at INTEGER NOT NULL, copy_error TEXT, used_at INTEGER NOT NULL) STRICT;"
	"CREATE INDEX image_file ON image (file) WHERE file IS NOT NULL;",

	/* What documents were found to be, and how many are of a kind: kept up to date by each put and drop
	 * (documents.c, forget.c), so that nobody has to count. missing: bits of enum field. */
	"ALTER TABLE document ADD COLUMN state TEXT NOT NULL DEFAULT 'unknown';"
	"ALTER TABLE document ADD COLUMN missing INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE document ADD COLUMN gaps INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE document ADD COLUMN title TEXT;"
	"ALTER TABLE document ADD COLUMN reason TEXT;"
	"ALTER TABLE document ADD COLUMN blamed TEXT;"
	"ALTER TABLE document ADD COLUMN verdict TEXT;"
	"ALTER TABLE document ADD COLUMN line INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE document ADD COLUMN col INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE document ADD COLUMN looked_at INTEGER NOT NULL DEFAULT 0;"
	"CREATE INDEX document_state ON document (state, root, path) WHERE state <> 'complete';"
	"CREATE TABLE tally (root INTEGER NOT NULL, state TEXT NOT NULL, missing INTEGER NOT NULL,"
	" count INTEGER NOT NULL, PRIMARY KEY (root, state, missing)) STRICT, WITHOUT ROWID;"
	"INSERT INTO tally SELECT root, state, missing, count(*) FROM document GROUP BY 1, 2, 3;"
	"CREATE INDEX url_failing ON url (failures, id) WHERE failures > 0;",
};

/* AUTOINCREMENT: a number that was given is never given again, whatever was dropped. */
static const char *const memory_steps[] = {
	"CREATE TABLE root (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE) STRICT;"
	"CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT, begun_at INTEGER NOT NULL, ended_at INTEGER,"
	" summary TEXT) STRICT;"
	"CREATE TABLE provenance (id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL,"
	" root INTEGER NOT NULL, path TEXT NOT NULL, related INTEGER NOT NULL, url TEXT, host TEXT,"
	" field TEXT NOT NULL, was_absent INTEGER NOT NULL, before BLOB, after BLOB, source TEXT, origin "
	"TEXT,"
	" time INTEGER NOT NULL) STRICT;"
	"CREATE INDEX provenance_path ON provenance (root, path);",

	"CREATE TABLE feed (id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL UNIQUE,"
	" first_at INTEGER NOT NULL, address TEXT, gone_at INTEGER NOT NULL, ignore_ids INTEGER NOT NULL,"
	" ignore_links INTEGER NOT NULL, new_ids INTEGER NOT NULL, new_links INTEGER NOT NULL,"
	" move_target INTEGER NOT NULL, move_times INTEGER NOT NULL, move_first INTEGER NOT NULL,"
	" move_last INTEGER NOT NULL) STRICT;"
	"CREATE TABLE feed_item (row INTEGER PRIMARY KEY, feed INTEGER NOT NULL, id INTEGER NOT NULL,"
	" link INTEGER NOT NULL, bare INTEGER NOT NULL, title INTEGER NOT NULL, date INTEGER NOT NULL,"
	" shallow INTEGER NOT NULL, generic INTEGER NOT NULL, first_at INTEGER NOT NULL,"
	" seen_at INTEGER NOT NULL, fate TEXT NOT NULL, document INTEGER NOT NULL) STRICT;"
	"CREATE INDEX feed_item_feed ON feed_item (feed);"
	"CREATE TABLE feed_document (id INTEGER PRIMARY KEY AUTOINCREMENT, link INTEGER NOT NULL,"
	" root TEXT NOT NULL, path TEXT, made_at INTEGER NOT NULL, deadline INTEGER NOT NULL, draft TEXT)"
	" STRICT;"
	"CREATE INDEX feed_document_link ON feed_document (link);"
	"CREATE INDEX feed_document_draft ON feed_document (id) WHERE draft IS NOT NULL;",

	/* keys by which a near-duplicate is found: of the canonical address, of the excerpt; 0: none */
	"ALTER TABLE feed_document ADD COLUMN canonical INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE feed_document ADD COLUMN words INTEGER NOT NULL DEFAULT 0;"
	"CREATE INDEX feed_document_canonical ON feed_document (canonical) WHERE canonical <> 0;"
	"CREATE INDEX feed_document_words ON feed_document (words) WHERE words <> 0;",

	"ALTER TABLE provenance ADD COLUMN score INTEGER NOT NULL DEFAULT 0;",

	/* by the ends of the articles' URLs, which differ more than their beginnings: see moved.c */
	("CREATE INDEX provenance_link ON provenance (substr(url, -20)) WHERE related < 0;"
	 "CREATE INDEX feed_document_path ON feed_document (path) WHERE path IS NOT NULL;"),
};

/* "ingC" and "ingM" */
const struct schema schema_cache = {"cache.db", 0x696e6743,  false,
				    8 * 1024,   cache_steps, ARRAY_SIZE(cache_steps)};
const struct schema schema_memory = {"memory.db", 0x696e674d,   true,
				     2 * 1024,    memory_steps, ARRAY_SIZE(memory_steps)};
