/* SPDX-License-Identifier: MIT */
/* forget.c - what a person wants forgotten. Rare, so its statements are not kept. */
#include "store/internal.h"

/* Of url: what stands between "://" and a port or a path is the host ?1. */
#define AFTER_SCHEME "substr(url, instr(url, '://') + 3)"
#define IS_HOST \
	"instr(" AFTER_SCHEME ", ?1) = 1 AND substr(" AFTER_SCHEME ", length(?1) + 1, 1) IN ('/', ':')"
/* Documents that were complete with it are looked at again. */
#define LOOK_AGAIN "UPDATE document SET due_at = 0 WHERE ?1 IS NOT NULL"
#define IS_DOCUMENT "(SELECT path FROM root WHERE id = root) || '/' || path = ?1 OR path = ?1"

/* The first statement of each says how many there were. */
static const struct {
	enum file file;
	const char *sql[7];
} kinds[] = {
	[STORE_FORGET_URL] = {FILE_CACHE,
			      {"DELETE FROM url WHERE url = ?1",
			       "DELETE FROM page WHERE id NOT IN (SELECT id FROM url) AND ?1 IS NOT NULL",
			       "UPDATE image SET expires_at = 0, copied_at = 0 WHERE url = ?1", LOOK_AGAIN}},
	[STORE_FORGET_HOST] = {FILE_CACHE,
			       {"DELETE FROM url WHERE " IS_HOST,
				/* what its pages share (sites.c) */
				"DELETE FROM site_page WHERE host = ?2",
				"DELETE FROM site_mark WHERE host = ?2",
				"DELETE FROM site_shared WHERE host = ?2",
				"DELETE FROM page WHERE id NOT IN (SELECT id FROM url) AND ?1 IS NOT NULL",
				"UPDATE image SET expires_at = 0, copied_at = 0 WHERE " IS_HOST, LOOK_AGAIN}},
	[STORE_FORGET_DOCUMENT] = {FILE_CACHE,
				   {"DELETE FROM document WHERE " IS_DOCUMENT,
				    "DELETE FROM tally WHERE ?1 IS NOT NULL",
				    "INSERT INTO tally SELECT root, state, missing, count(*) FROM document"
				    " WHERE ?1 IS NOT NULL GROUP BY 1, 2, 3"}},
	[STORE_FORGET_WRITTEN] = {FILE_MEMORY, {"DELETE FROM provenance WHERE " IS_DOCUMENT}},
};

struct forget {
	struct request r;
	size_t kind;
	struct span what;
	int64_t count;
	store_forget_fn *fn;
	void *arg;
};

/* As sites.c has it: extract/site.h gives hosts without "www.". */
static int64_t site_of(struct span host)
{
	if (span_starts(host, SPAN("www.")))
		host = span_sub(host, 4, host.len);
	return (int64_t)(hash64(host) >> 1);
}

static enum err run_one(struct database *d, const char *sql, struct span what, struct error *e)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(d->db, sql, -1, &st, NULL);

	if (!rc) {
		if (sqlite3_bind_parameter_index(st, "?2"))
			(void)sqlite3_bind_int64(st, 2, site_of(what));
		else
			bind_text(st, 1, what);
		rc = sqlite3_step(st);
		rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
	}
	enum err r = rc ? database_error(d, rc, e) : ERR_OK;
	(void)sqlite3_finalize(st);
	return r;
}

static enum err forget(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	struct forget *f = CONTAINER_OF(r, struct forget, r);
	enum err result = ERR_OK;

	(void)answers;
	f->count = 0;
	for (size_t i = 0; i < ARRAY_SIZE(kinds[0].sql) && kinds[f->kind].sql[i] && !result; i++) {
		result = run_one(d, kinds[f->kind].sql[i], f->what, e);
		if (!i && !result)
			f->count = sqlite3_changes64(d->db);
		if (!i && !f->count && f->kind != STORE_FORGET_HOST)
			break;
	}
	return result;
}

static void forget_done(struct request *r)
{
	const struct forget *f = CONTAINER_OF(r, struct forget, r);

	f->fn(f->arg, r->result ? -1 : f->count);
}

enum err store_forget(struct store *s, enum store_forget_kind kind, struct span what, store_forget_fn *fn,
		      void *arg)
{
	static const struct request_kind cache = {FILE_CACHE, true, false, forget, forget_done};
	static const struct request_kind memory = {FILE_MEMORY, true, false, forget, forget_done};
	struct forget *f;
	struct request *r;
	enum err result;

	if (!what.len)
		return ERR_INVALID;
	result = request_new(kinds[kind].file == FILE_MEMORY ? &memory : &cache, sizeof(*f), what.len, &r);
	if (result)
		return result;
	f = CONTAINER_OF(r, struct forget, r);
	f->kind = kind;
	f->what = request_text(r, what);
	f->fn = fn;
	f->arg = arg;
	return request_send(s, r);
}
