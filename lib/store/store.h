/* SPDX-License-Identifier: MIT */
/* store.h - the state: what servers answered, what documents were, what ingestd wrote.
 *
 * Two SQLite files in one folder: cache.db, which can be rebuilt (results, documents, complaints), and
 * memory.db, which cannot (provenance, runs): synced fully, copied daily. One thread owns both; the
 * caller's thread only queues requests and, when woken, runs their callbacks. What was queued together is
 * one transaction. Requests are carried out in the order in which they were made, so a get sees every
 * earlier put. Paths are relative to a named root (the absolute path of a content folder).
 *
 * Strings given to a request are copied; those given to a callback are borrowed until it returns.
 *
 * No function here but store_open() and store_close() waits. The queue has a ceiling (65,536 requests or as
 * many callbacks due, 128 MiB): past it a request is refused with ERR_BUSY, nothing of it is kept, and
 * options.room is called once half of the queue is free. Every request can further give ERR_NOMEM,
 * ERR_TOOBIG (over 64 MiB on its own), ERR_INVALID (an empty URL, path or root; a word out of its enum) and
 * ERR_CANCELLED (made by a callback that store_close() runs).
 *
 * A request that fails later (ERR_FULL: no space; then all writes of its batch to that file fail, and none of
 * them is half done) answers its callback with "nothing known" (OUTCOME_NONE, no rows, run 0) and is counted:
 * the next store_flush() tells it, once; without one, a complaint at store_close() does. Only the callback of
 * store_put_provenance() is told itself. Reading goes on. A file that turns out to be damaged while in use is
 * treated as at store_open(), and the batch is carried out on what takes its place. */
#ifndef INGESTD_STORE_STORE_H
#define INGESTD_STORE_STORE_H

#include "base/error.h"
#include "base/field.h"
#include "base/file_key.h"
#include "base/hash.h"
#include "base/outcome.h"

struct store;

struct store_options {
	const char *folder;   /* made (0700) when missing */
	void (*wake)(void *); /* called on the database thread: callbacks wait for store_dispatch() */
	void *wake_arg;
	void (*complain)(void *,
			 const char *text); /* on the opening thread: a file was set aside, restored */
	void *complain_arg;                 /* from store_open(), store_dispatch() and store_close() */
	void (*room)(void *); /* by store_dispatch(): what ERR_BUSY refused may be tried again */
	void *room_arg;
	void (*took)(void *, uint64_t us); /* by store_dispatch(): transactions that answered took so long */
	void *took_arg;
};

/* The first step of store_open(), for who needs the folder to be there before there are threads. */
CHECKED enum err store_make_folder(const char *folder, struct error *e);
/* Opens, takes the lock, upgrades the schema. ERR_BUSY: another process holds the lock (the text names its
 * pid). ERR_UNSUPPORTED: locks do not work in that folder, or memory.db is of a newer version: then nothing
 * is touched. A damaged or newer cache.db is set aside as cache.db.damaged-TIME (the last two are kept) and
 * begun anew; a damaged or lost memory.db is set aside (all are kept) and restored from its daily copy,
 * memory.db.copy, or begun anew when there is no good one. Unless the files are as the last store_close()
 * left them, they are checked whole (0.2 s for 600 MB in memory). */
CHECKED enum err store_open(const struct store_options *options, struct store **ret, struct error *e);
/* Finishes what is queued, syncs, copies memory.db when the copy is older than a day, unlocks. Callbacks that
 * are still due are run. wake() may be called until it returns. Accepts NULL, returns NULL. */
struct store *store_close(struct store *s);
/* On the caller's thread, after wake(): runs the callbacks that are due. */
void store_dispatch(struct store *s);
/* Requests whose callbacks have not run yet; those without a callback do not count. Caller's thread. */
size_t store_pending(const struct store *s);

/* ---- results by URL ---- */

/* "page", "http-status" and so on (base/outcome.h); static. */
const char *outcome_name(enum outcome o);

struct store_result {
	struct span url;       /* as wanted, in normal form: the key */
	struct span final_url; /* what answered; SPAN_NONE when nothing did */
	enum outcome outcome;
	unsigned status;                 /* HTTP, 0 without an answer */
	int64_t fetched_at;              /* seconds since 1970 */
	int64_t expires_at;              /* not asked again before */
	unsigned failures;               /* in a row, this one included */
	struct span error;               /* text for people, SPAN_NONE on success */
	struct span etag, last_modified; /* byte for byte */
	struct span page;                /* page_json.h; SPAN_NONE unless outcome is PAGE */
	unsigned unchanged;              /* times in a row that the page was what it had been */
	int64_t published_at;            /* as the page says; 0 unknown */
	uint64_t move_target; /* evidence that it has moved for good (feed/move.h), 63 bits; 0: none */
	unsigned move_times;
	int64_t move_first, move_last;
};

typedef void store_results_fn(void *arg, const struct store_result *results, size_t count);
/* One result per URL, in order; outcome OUTCOME_NONE where there is none (then only `url` is set). */
CHECKED enum err store_get_results(struct store *s, const struct span *urls, size_t count,
				   store_results_fn *fn, void *arg);
/* Replaces what was known of the URL, its page too. Rows are found by 63 bits of the URL's hash and the URL
 * is compared: two URLs of one hash push each other out, which costs a fetch and never gives a wrong answer.
 */
CHECKED enum err store_put_result(struct store *s, const struct store_result *result);
/* The same where the page that is known still holds (a 304), or may (an outcome that says nothing of it, such
 * as 503): it stays, and result->page is not looked at. Does nothing where nothing is known of the URL. */
CHECKED enum err store_renew_result(struct store *s, const struct store_result *result);

/* What stands before a site (a registrable domain) in the key of a result that is of all of it: that nothing
 * is asked of it until it expires. */
#define STORE_SITE_PREFIX "site:"

/* ---- what pages of a host share ---- */

enum {
	STORE_MARKS_MAX = 32, /* of one page */
	STORE_NEED_MAX = 4,
	STORE_SITE_PAGES_MAX = 4096, /* of one host; of more the oldest are forgotten */
};

/* Something that a page says and that may turn out to be its host's (extract/site.h). */
struct store_mark {
	uint64_t value; /* 63 bits */
	unsigned need;  /* 1 to STORE_NEED_MAX */
};

struct store_site_page {
	struct span host;
	uint64_t page, title; /* hashes, 63 bits: pages are told apart by `page` */
	const struct store_mark *marks;
	size_t count;
};

/* changed: what the pages of the host share is another set now. */
typedef void store_site_fn(void *arg, struct span host, bool changed);
/* Replaces what the page said before. A mark is shared when at least `need` pages (the greatest that one of
 * them names) of as many titles bear it, or twice as many pages whatever their titles. fn may be NULL. */
CHECKED enum err store_put_site_page(struct store *s, const struct store_site_page *page, store_site_fn *fn,
				     void *arg);

struct store_site {
	struct span host;
	uint64_t *values; /* shared marks, ascending; the 512 least */
	size_t count;
};
typedef void store_sites_fn(void *arg, const struct store_site *sites, size_t count);
/* One per host, in order. */
CHECKED enum err store_get_sites(struct store *s, const struct span *hosts, size_t count, store_sites_fn *fn,
				 void *arg);

/* Hosts whose pages share another set than at the last store_clear_changed_sites(), 4,096 of them; values are
 * not filled. */
CHECKED enum err store_get_changed_sites(struct store *s, store_sites_fn *fn, void *arg);
CHECKED enum err store_clear_changed_sites(struct store *s);

/* A host whose pages share another set than before. */
struct store_changed_site {
	struct span host;
	bool late; /* documents were written from its pages in this very run before that was known */
};
typedef void store_site_documents_fn(void *arg, const struct span *roots, const struct span *paths,
				     size_t count);
/* Documents that a title, an excerpt or an image was written into from a page of these hosts: in another run
 * than `run`, or where `late` in any. Each once, ordered by root. Reads all of the provenance. */
CHECKED enum err store_find_site_documents(struct store *s, const struct store_changed_site *sites,
					   size_t count, int64_t run, store_site_documents_fn *fn, void *arg);

/* ---- documents ---- */

struct store_document {
	struct span path; /* relative to the root */
	struct file_key key;
	struct hash128 content;
	uint64_t
		fingerprint; /* of all that decides what a pass does with the file: configuration, versions */
	int64_t due_at;      /* nothing to do before, while key and fingerprint are the same */
};

/* What a document was found to be when it was last looked at: for people who look (look.h), not for a pass.
 */
#define STORE_STATE_MAP(X)                                                                   \
	X(UNKNOWN, "unknown")   /* not looked at since this is kept */                       \
	X(COMPLETE, "complete") /* nothing (more) is missing */                              \
	X(OPEN, "open")         /* something is, and cannot be had from what is known now */ \
	X(WAITING, "waiting")   /* the same, of URLs that were put off */                    \
	X(REFUSED, "refused")   /* cannot be edited or written safely */                     \
	X(IGNORED, "ignored")   /* it has no link, or says that it wants to be left alone */
#define X(name, text) STORE_STATE_##name,
enum store_state { STORE_STATE_MAP(X) STORE_STATE_COUNT };
#undef X

/* "complete" and so on; static. */
const char *store_state_name(enum store_state state);
/* False when no state has that name. */
CHECKED bool store_state_by_name(struct span name, enum store_state *ret);

enum { STORE_TITLE_MAX = 300, STORE_REASON_MAX = 500, STORE_BLAMED_MAX = 2048 }; /* bytes; more is cut off */

struct store_status {
	enum store_state state;
	unsigned missing;    /* bits of enum field, of all links together */
	unsigned gaps;       /* fields that are missing, of all links */
	struct span title;   /* of the article; SPAN_NONE */
	struct span reason;  /* why it is not complete, for people; SPAN_NONE */
	struct span url;     /* of the link that this is about (as store_result.url); SPAN_NONE */
	struct span verdict; /* what came in the place of its article (extract.h); SPAN_NONE */
	unsigned line, col;  /* in the document, of what it is refused for; 0: unknown */
	int64_t looked_at;
};

typedef void store_documents_fn(void *arg, const struct store_document *documents, size_t count);
/* All of a root, ordered by path (bytes). */
CHECKED enum err store_get_documents(struct store *s, struct span root, store_documents_fn *fn, void *arg);
/* The next `limit` of them, behind the path `after` (SPAN_NONE: from the first). */
CHECKED enum err store_get_documents_after(struct store *s, struct span root, struct span after, size_t limit,
					   store_documents_fn *fn, void *arg);
/* Of these paths those that are known, in the same order. */
CHECKED enum err store_get_some_documents(struct store *s, struct span root, const char *const *paths,
					  size_t count, store_documents_fn *fn, void *arg);

struct store_due {
	int64_t due_at;
	struct span path;
};
/* next: due_at of the first that was not given; INT64_MAX: none ever will be. */
typedef void store_due_fn(void *arg, const struct store_due *rows, size_t count, int64_t next);
/* Of a root, up to limit that are due at `until`, by due_at; after: only what comes behind it in this order
 * ({0} to begin with), so that one that stays due does not come again at once. Documents with due_at
 * INT64_MAX are never due. */
CHECKED enum err store_get_due(struct store *s, struct span root, const struct store_due *after,
			       int64_t until, size_t limit, store_due_fn *fn, void *arg);

/* The clock was wrong and is right now: what would be due, or asked again, later than `horizon` seconds from
 * now comes within it, spread. Looks at all rows; fn may be NULL. */
typedef void store_corrected_fn(void *arg, uint64_t changed);
CHECKED enum err store_correct_times(struct store *s, int64_t now, int64_t horizon, store_corrected_fn *fn,
				     void *arg);
/* status: NULL when nothing is known. */
CHECKED enum err store_put_document(struct store *s, struct span root, const struct store_document *document,
				    const struct store_status *status);
CHECKED enum err store_forget_document(struct store *s, struct span root, struct span path);

/* ---- provenance ---- */

struct store_provenance {
	int64_t id;       /* given by the store */
	int64_t run;      /* which run wrote it */
	struct span path; /* relative to the root */
	int related;      /* as struct link */
	struct span url;  /* of the link then: entries of `related` can move */
	enum field field;
	bool was_absent;    /* there was no key; `before` is SPAN_NONE */
	struct span before; /* raw bytes of the value before */
	struct span after;  /* raw bytes of the value as ingestd wrote it */
	struct span source; /* "og:description" */
	struct span from;   /* URL of the page */
	int64_t time;
	int score; /* of the candidate that was written; 0: not known */
};

typedef void store_provenance_fn(void *arg, const struct store_provenance *rows, size_t count);
/* Newest first. path SPAN_NONE: the whole root. */
CHECKED enum err store_get_provenance(struct store *s, struct span root, struct span path,
				      store_provenance_fn *fn, void *arg);
/* A document that was written. */
struct store_written {
	int64_t root_id; /* where it stands in the order */
	struct span root, path;
};
typedef void store_written_fn(void *arg, enum err result, const struct store_written *rows, size_t count);
/* Of one run (0: every run), of links whose host is `host` (as struct url has it; SPAN_NONE: every host): the
 * next `limit` documents behind `after` ({0} to begin with), each once. Its root is not looked at. */
CHECKED enum err store_find_written(struct store *s, int64_t run, struct span host,
				    const struct store_written *after, size_t limit, store_written_fn *fn,
				    void *arg);

enum { STORE_MOVED_MAX = 4 };
/* Other documents whose article had this URL (the link's, as the provenance has it) when they were written,
 * the last written first: one of them may have got this name since. STORE_MOVED_MAX of them at the most. */
CHECKED enum err store_find_moved(struct store *s, struct span root, struct span path, struct span url,
				  store_written_fn *fn, void *arg);
/* It has: what was written into it, and that a feed began it, is that document's from now on. */
CHECKED enum err store_move_document(struct store *s, const struct store_written *from, struct span root,
				     struct span path, void (*fn)(void *arg, enum err result), void *arg);

typedef void store_ids_fn(void *arg, enum err result, int64_t first_id, size_t count);
/* Called back when the rows are on disk; ids are consecutive. Written before the document is exchanged: a
 * row whose `after` the document does not hold has no effect. */
CHECKED enum err store_put_provenance(struct store *s, struct span root, const struct store_provenance *rows,
				      size_t count, store_ids_fn *fn, void *arg);
/* The document was not written after all, or was undone. */
CHECKED enum err store_drop_provenance(struct store *s, int64_t first_id, size_t count);

/* ---- runs and complaints ---- */

typedef void store_run_fn(void *arg, int64_t run);
/* A row for this run; its number rises by one each time. */
CHECKED enum err store_begin_run(struct store *s, int64_t now, store_run_fn *fn, void *arg);
CHECKED enum err store_end_run(struct store *s, int64_t run, int64_t now, struct span summary_json);

/* The run of the newest provenance whose source is not `but`; 0: there is none. */
CHECKED enum err store_last_run(struct store *s, struct span but, store_run_fn *fn, void *arg);

/* Complaints that were told before, so that cron mails each once. key: a hash of subject and reason. */
typedef void store_complaints_fn(void *arg, const uint64_t *keys, size_t count);
CHECKED enum err store_get_complaints(struct store *s, store_complaints_fn *fn, void *arg);
/* Replaces the whole set with what still holds after this run. */
CHECKED enum err store_put_complaints(struct store *s, const uint64_t *keys, size_t count);

/* Called back when all that was queued before is on disk; result ERR_FULL and so on where it is not. */
typedef void store_flush_fn(void *arg, enum err result, const char *text);
CHECKED enum err store_flush(struct store *s, store_flush_fn *fn, void *arg);

/* ---- forgetting on request ---- */

enum store_forget_kind {
	STORE_FORGET_URL,      /* what it answered; the documents that want it are looked at again */
	STORE_FORGET_HOST,     /* the same of all its URLs, robots.txt too, and what its pages share */
	STORE_FORGET_DOCUMENT, /* that it is known; it is read again */
	STORE_FORGET_WRITTEN,  /* what ingestd wrote into it: from now on a person's, beyond undo and refresh
				*/
};
/* count: rows, -1 on failure. */
typedef void store_forget_fn(void *arg, int64_t count);
/* what: a URL as store_result.url, a host as struct url has it, a document's absolute path or that inside its
 * root. Reads the whole table: for a person who asks, not for a pass. */
CHECKED enum err store_forget(struct store *s, enum store_forget_kind kind, struct span what,
			      store_forget_fn *fn, void *arg);

/* Called back when the database thread has come to it: a sign of life, which writes and syncs nothing. */
CHECKED enum err store_ping(struct store *s, void (*fn)(void *arg), void *arg);

#endif
