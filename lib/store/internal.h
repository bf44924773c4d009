/* SPDX-License-Identifier: MIT */
/* internal.h - how a request travels.
 *
 *     caller's thread            database thread               caller's thread
 *     store_put_x()  -> queue -> taken as one batch -> done -> store_dispatch(): callbacks, free
 *
 * A batch is one transaction of each file that it writes. Answers lie in the batch's arena. When a file
 * turns out to be damaged, it is replaced and the batch's requests of that file run again, so run() must
 * begin by forgetting what an earlier run left. */
#ifndef INGESTD_STORE_INTERNAL_H
#define INGESTD_STORE_INTERNAL_H

#include "base/arena.h"
#include "store/database.h"
#include "store/place.h"
#include "store/rescue.h"
#include "store/store.h"

#include <pthread.h>

enum {
	QUEUE_MAX = 65536,                /* requests that wait for the thread, or callbacks for the caller */
	QUEUE_BYTES = 128 * 1024 * 1024,  /* and their texts */
	REQUEST_BYTES = 64 * 1024 * 1024, /* of one request */
	BATCH_MAX = 4096,                 /* requests of one transaction */
	BATCH_BYTES = 32 * 1024 * 1024,   /* answers after which a batch ends early */
	ANSWER_BYTES = 1024 * 1024 * 1024, /* answers of one batch at the most: all documents of a root */
	COPY_SECONDS = 24 * 3600,
	COPY_FIRST_SECONDS = 3600,
	IDLE_SECONDS = 2,
	DAMAGED_KEPT = 2,
};

enum file { FILE_CACHE, FILE_MEMORY, FILE_COUNT, FILE_NONE = FILE_COUNT };

struct request;
struct request_kind {
	enum file file;
	bool writes;
	bool tells; /* its callback is told of a failure, which is then not counted as lost */
	/* On the database thread; NULL: nothing to do. */
	enum err (*run)(struct database *d, struct request *r, struct arena *answers, struct error *e);
	/* On the caller's thread; NULL: nobody waits. */
	void (*done)(struct request *r);
};

/* First member of each request; its arrays and texts lie behind it in one allocation. */
struct request {
	const struct request_kind *kind;
	struct request *next;
	size_t size;
	enum err result;
	struct error *why; /* of the batch; borrowed by flushes */
	char *free;        /* where request_text() puts the next one */
};

struct batch {
	struct batch *next;
	struct request *first;
	struct arena answers;
	struct error lost; /* what a flush of this batch tells */
	uint64_t us;       /* that it took */
};

struct source {
	struct database d;
	enum err failed;     /* this batch's writes are lost */
	bool recovered;      /* replaced during this batch */
	struct error reason; /* why they are lost */
};

struct store {
	struct store_options options; /* folder is not kept */
	struct place place;
	struct source files[FILE_COUNT]; /* the database thread's own */
	/* requests that could not be written and that no flush has told yet; the database thread's own */
	size_t lost;
	struct error lost_why;
	/* of the copy of memory.db; the database thread's own */
	bool uncopied;   /* it holds what its copy lacks */
	bool copied;     /* there is a copy */
	int64_t copy_at; /* the next one, seconds since 1970; 0 unknown */
	bool copy_failed;

	bool warm;               /* caches hold something; the database thread's own */
	struct request *backlog; /* taken, not begun; the database thread's own */

	size_t pending; /* the caller's thread's own */

	pthread_t thread;
	pthread_mutex_t mutex; /* for all below */
	pthread_cond_t work;
	struct request *queue, **queue_end;
	size_t queued, queued_bytes; /* those taken included, until they are carried out */
	struct batch *done, **done_end;
	bool starved; /* ERR_BUSY was given: tell when there is room */
	bool room;    /* there is, tell at the next dispatch */
	bool stopping;
};

/* A zeroed request of `size` bytes (struct request first) with room for arrays and texts of `extra` bytes.
 * ERR_NOMEM; ERR_TOOBIG past REQUEST_BYTES. */
CHECKED enum err request_new(const struct request_kind *kind, size_t size, size_t extra,
			     struct request **ret);
/* Arrays first, texts after. The room must have been counted in. */
void *request_array(struct request *r, size_t size, size_t count);
struct span request_text(struct request *r, struct span s); /* SPAN_NONE stays so */
/* Takes r over, whatever comes of it. ERR_BUSY, ERR_CANCELLED. */
CHECKED enum err request_send(struct store *s, struct request *r);

/* The number of a URL's row: 63 bits of its hash. */
static inline int64_t url_id(struct span url)
{
	return (int64_t)(hash64(url) >> 1);
}

/* thread.c */
void *thread_main(void *store);
/* Opens one file; replaces what is damaged and says so. On either thread. */
CHECKED enum err source_open(struct store *s, enum file f, struct error *e);
/* A complaint, passed on by the next store_dispatch(). */
void store_say(struct store *s, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* root's number, made when missing and `make`; 0 when there is none. */
CHECKED enum err root_id(struct database *d, struct span root, bool make, int64_t *ret, struct error *e);

/* What document_row() reads. */
#define DOCUMENT_COLUMNS \
	"path, dev, ino, size, mtime_ns, ctime_ns, content_hi, content_lo, fingerprint, due_at"
void document_row(sqlite3_stmt *st, struct store_document *ret, struct arena *a);

/* ---- rows, for those who look (look.c) too ---- */

/* "page" and so on; NONE for any other word. */
enum outcome outcome_by_name(struct span name);
/* url is the question; what is not known stays zero. */
CHECKED enum err result_read(struct database *d, struct store_result *ret, struct arena *a, struct error *e);
/* url is the question; what is not known stays zero. */
struct store_image;
CHECKED enum err image_read(struct database *d, struct store_image *image, struct arena *a, struct error *e);
/* host is the question. */
CHECKED enum err site_read(struct database *d, struct store_site *site, struct arena *a, struct error *e);

/* What provenance_row() reads, of provenance joined with root. */
#define PROVENANCE_COLUMNS                                                                      \
	"provenance.id, run, provenance.path, related, url, field, was_absent, before, after, " \
	"source, origin, time, root.path, score"
/* False: a field of a later version, which this one knows nothing of. */
CHECKED bool provenance_row(sqlite3_stmt *st, struct arena *a, struct store_provenance *p);

/* What poll_row() reads, of feed_poll as p. */
#define POLL_COLUMNS                                                                             \
	"url, final_url, etag, last_modified, polled_at, next_at, failing_at, failures, status," \
	" reason, error, title, gap, newest_at, ttl, period, skip_hours, skip_days,"             \
	" EXISTS (SELECT 1 FROM feed_unread u WHERE u.url = p.url)"
struct store_poll;
void poll_row(sqlite3_stmt *st, struct arena *a, struct store_poll *p);

#endif
