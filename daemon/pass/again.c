/* SPDX-License-Identifier: MIT */
/* again.c - documents that are being worked on, each once; and those that could not be finished, tried again.
 */
#include "pass_inner.h"

#include "base/hash.h"

enum { RETRY_MAX = 10000, RETRY_MS = 250, RETRY_DOUBLINGS = 13 };

/* A document that somebody else had open, or changed, or that there was no space for. It stays here, between
 * its tries too, until one succeeds. */
struct retry {
	uint64_t id;
	const struct root *root;
	uint64_t due; /* uv_now() */
	unsigned tries;
	bool waiting;
	UT_hash_handle hh;
	char path[];
};

uint64_t document_id(const struct root *root, const char *path)
{
	uint64_t h = hash64(span_str(path));

	return hash64(span_str(root->path)) ^ (h << 32 | h >> 32);
}

/* ---- one at a time ---- */

/* Who only asks what would be stands in nobody's way. */
static uint64_t task_id(const struct task *t)
{
	return document_id(t->root, t->path) ^ (t->options->dry_run ? 1 : 0);
}

/* The one that is on its way with the same document; two of one id are a coincidence that costs a look. */
static struct task *twin(struct pass *p, const struct task *t)
{
	struct task *other;

	HASH_FIND(hh, p->by_id, &t->id, sizeof(t->id), other);
	return other && other->root == t->root && strcmp(other->path, t->path) == 0 &&
			       other->options->dry_run == t->options->dry_run
		       ? other
		       : NULL;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* What `from` was to do is done by t: where one of them is about all links, so is t now. */
static void join(struct task *t, const struct task *from)
{
	const struct errand *a = t->errand, *b = from->errand;

	t->since = MAX(t->since, from->since);
	t->whole |= from->whole;
	if (!a || (b && same_text(a->host, b->host) && same_text(a->url, b->url)))
		return;
	if (!a->dry_run) {
		errand_release(t->errand);
		t->errand = NULL;
	}
}

static void put_into_table(struct pass *p, struct task *t)
{
	struct task *other;

	HASH_FIND(hh, p->by_id, &t->id, sizeof(t->id), other);
	if (other)
		HASH_DEL(p->by_id, other);
	HASH_ADD(hh, p->by_id, id, sizeof(t->id), t);
}

enum again again_enter(struct pass *p, struct task *t)
{
	struct task *other;

	t->id = task_id(t);
	other = twin(p, t);
	if (other && other->state == TASK_FOUND) {
		tickets_move(&other->tickets, &t->tickets);
		join(other, t);
		return AGAIN_KNOWN;
	}
	if (other && other->state != TASK_WAITING) {
		if (t->errand) { /* which the other knows nothing of */
			t->next = other->followers;
			other->followers = t;
			return AGAIN_LATER;
		}
		tickets_move(&other->tickets, &t->tickets);
		other->again = true;
		return AGAIN_KNOWN;
	}
	if (other) {
		tickets_move(&t->tickets, &other->tickets);
		join(t, other);
		other->superseded = true; /* what it waits for may not be wanted any more */
	}
	put_into_table(p, t);
	return AGAIN_ENTERED;
}

static void tell_tickets(struct task *t)
{
	struct ticket_document d = {
		.root = t->root,
		.path = t->path,
		.fields = t->written_fields,
		.open = t->open,
		.asked = t->url_count,
		.put_off = t->put_off || t->again,
		.next = t->due,
		.changes = t->changes,
		.diff = strbuf_span(&t->diff),
		.error = t->result ? t->error.text : NULL,
	};

	for (size_t i = 0; i < t->url_count && !d.url; i++) {
		if (!t->urls[i] || !t->urls[i]->error)
			continue;
		d.url = t->urls[i]->key;
		d.url_error = t->urls[i]->error;
	}
	tickets_tell(&t->tickets, &d);
}

static void leave_table(struct task *t)
{
	struct task *there;

	HASH_FIND(hh, t->pass->by_id, &t->id, sizeof(t->id), there);
	if (there == t)
		HASH_DEL(t->pass->by_id, t);
}

/* ---- in the hands of others ---- */

/* Its document goes to the first that waits for it; the others wait for that one. */
static void grant(struct task *t)
{
	struct pass_claim *c = t->claims;
	struct task *theirs = c->task;

	t->claims = NULL;
	theirs->claims = c->next;
	theirs->again |= t->again;
	t->again = false;
	put_into_table(t->pass, theirs);
	c->fn(c->arg);
}

static void follow(struct task *t)
{
	struct pass *p = t->pass;
	struct task *list = t->followers;

	t->followers = NULL;
	for (struct task *f = list, *next; f; f = next) {
		next = f->next;
		p->tasks--; /* counted anew */
		if (!p->stopped) {
			pass_take(p, f, f->priority);
			continue;
		}
		f->put_off = true;
		tell_tickets(f);
		task_free(f);
	}
}

void again_leave(struct task *t)
{
	leave_table(t);
	if (!t->claimed)
		tell_tickets(t);
	if (t->claims)
		grant(t);
	follow(t);
	if (t->again && pass_add(t->pass, t->root, span_str(t->path), PASS_CHANGED))
		pass_out_of_memory(t->pass);
}

bool again_give_way(struct task *t)
{
	if (!t->claims)
		return false;
	t->again = true;
	return true;
}

/* Whether the task that has the document can be passed over: nothing has been done, or is being done. */
static bool only_waits(const struct task *t)
{
	return t->state == TASK_FOUND || t->state == TASK_WAITING;
}

enum err pass_claim(struct pass *p, const struct root *root, const char *path, struct pass_claim *c)
{
	struct task *t = task_new(p, &p->task_options, root, span_str(path), &(struct file_key){0}), *other;

	if (!t)
		return ERR_NOMEM;
	t->id = task_id(t);
	t->state = TASK_WRITING; /* nobody passes over it */
	t->claimed = true;
	c->task = t;
	c->next = NULL;
	pass_keep(p);
	other = twin(p, t);
	if (other && !only_waits(other)) {
		struct pass_claim **at = &other->claims;

		while (*at)
			at = &(*at)->next;
		*at = c;
		return ERR_OK;
	}
	if (other) {
		tickets_move(&t->tickets, &other->tickets);
		other->superseded = true;
		t->again = true;
	}
	put_into_table(p, t);
	c->fn(c->arg);
	return ERR_OK;
}

void pass_unclaim(struct pass *p, struct pass_claim *c)
{
	struct task *t = c->task;

	t->put_off = true; /* who waits for what becomes of it hears that */
	tell_tickets(t);
	again_leave(t);
	task_free(t);
	pass_let(p);
}

void pass_keep(struct pass *p)
{
	p->claimed++;
}

void pass_let(struct pass *p)
{
	assert(p->claimed);
	if (!--p->claimed)
		uv_async_send(&p->wake);
}

/* ---- tried again ---- */

static void on_retry(uv_timer_t *h);

static void set_timer(struct pass *p)
{
	uint64_t due = UINT64_MAX, now = uv_now(p->o.loop);
	struct retry *r, *next;

	HASH_ITER(hh, p->retries, r, next)
	if (r->waiting)
		due = MIN(due, r->due);
	if (due != UINT64_MAX && !p->stopped)
		uv_timer_start(&p->retry, on_retry, due > now ? due - now : 0, 0);
}

static void on_retry(uv_timer_t *h)
{
	struct pass *p = CONTAINER_OF(h, struct pass, retry);
	uint64_t now = uv_now(p->o.loop);
	struct retry *r, *next;

	HASH_ITER(hh, p->retries, r, next)
	{
		if (!r->waiting || r->due > now)
			continue;
		r->waiting = false;
		if (pass_add(p, r->root, span_str(r->path), PASS_DUE))
			pass_out_of_memory(p);
	}
	set_timer(p);
}

void again_try(struct task *t)
{
	struct pass *p = t->pass;
	struct retry *r;

	t->put_off = true;
	if (!p->o.stays || p->stopped || t->options->dry_run)
		return;
	HASH_FIND(hh, p->retries, &t->id, sizeof(t->id), r);
	if (!r) {
		size_t n = strlen(t->path) + 1;

		/* so many are the disk's trouble, not theirs: the next sweep finds them */
		r = HASH_COUNT(p->retries) < RETRY_MAX ? calloc(1, sizeof(*r) + n) : NULL;
		if (!r)
			return;
		r->id = t->id;
		r->root = t->root;
		memcpy(r->path, t->path, n);
		HASH_ADD(hh, p->retries, id, sizeof(r->id), r);
	}
	r->due = uv_now(p->o.loop) + ((uint64_t)RETRY_MS << MIN(r->tries, (unsigned)RETRY_DOUBLINGS));
	r->tries++;
	r->waiting = true;
	set_timer(p);
}

void again_done(struct task *t)
{
	struct retry *r;

	HASH_FIND(hh, t->pass->retries, &t->id, sizeof(t->id), r);
	if (!r)
		return;
	HASH_DEL(t->pass->retries, r);
	free(r);
}

void again_free(struct pass *p)
{
	struct retry *r, *next;

	HASH_ITER(hh, p->retries, r, next)
	{
		HASH_DEL(p->retries, r);
		free(r);
	}
	HASH_CLEAR(hh, p->by_id);
}
