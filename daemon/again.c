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

/* The one that is on its way with the same document; two of one id are a coincidence that costs a look. */
static struct task *twin(struct pass *p, const struct task *t)
{
	struct task *other;

	HASH_FIND(hh, p->by_id, &t->id, sizeof(t->id), other);
	return other && other->root == t->root && strcmp(other->path, t->path) == 0 ? other : NULL;
}

bool again_enter(struct pass *p, struct task *t)
{
	struct task *other;

	t->id = document_id(t->root, t->path);
	HASH_FIND(hh, p->by_id, &t->id, sizeof(t->id), other);
	if (other && other == twin(p, t)) {
		if (other->state != TASK_WAITING) {
			tickets_move(&other->tickets, &t->tickets);
			other->again |= other->state != TASK_FOUND;
			return false;
		}
		tickets_move(&t->tickets, &other->tickets);
		other->superseded = true; /* what it waits for may not be wanted any more */
	}
	if (other)
		HASH_DEL(p->by_id, other);
	HASH_ADD(hh, p->by_id, id, sizeof(t->id), t);
	return true;
}

static void tell_tickets(struct task *t)
{
	struct ticket_document d = {
		.root = t->root,
		.path = t->path,
		.fields = t->written_fields,
		.open = t->open,
		.put_off = t->put_off || t->again,
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

void again_leave(struct task *t)
{
	struct task *there;

	HASH_FIND(hh, t->pass->by_id, &t->id, sizeof(t->id), there);
	if (there == t)
		HASH_DEL(t->pass->by_id, t);
	tell_tickets(t);
	if (t->again && pass_add(t->pass, t->root, span_str(t->path), PASS_CHANGED))
		pass_out_of_memory(t->pass);
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
	if (!p->o.stays || p->stopped)
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
