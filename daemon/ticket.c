/* SPDX-License-Identifier: MIT */
#include "ticket.h"

struct ticket {
	const struct ticket_calls *calls; /* NULL: nobody waits */
	void *arg;
	size_t holds;
	struct ticket_counts counts;
};

struct ticket *ticket_new(const struct ticket_calls *calls, void *arg)
{
	struct ticket *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	*t = (struct ticket){.calls = calls, .arg = arg, .holds = 1};
	return t;
}

void ticket_leave(struct ticket *t)
{
	t->calls = NULL;
}

void ticket_hold(struct ticket *t)
{
	t->holds++;
}

void ticket_release(struct ticket *t)
{
	if (--t->holds)
		return;
	if (t->calls)
		t->calls->done(t->arg, &t->counts);
	free(t);
}

void ticket_unchanged(struct ticket *t, uint64_t count)
{
	t->counts.documents += count;
	t->counts.unchanged += count;
}

void tickets_add(struct ticket_list **list, struct ticket *t)
{
	struct ticket_list *item = malloc(sizeof(*item));

	if (!item)
		return;
	ticket_hold(t);
	*item = (struct ticket_list){*list, t};
	*list = item;
}

void tickets_move(struct ticket_list **to, struct ticket_list **from)
{
	while (*to)
		to = &(*to)->next;
	*to = *from;
	*from = NULL;
}

static void tell(struct ticket *t, const struct ticket_document *d)
{
	t->counts.documents++;
	t->counts.changed += d->fields > 0;
	t->counts.fields += d->fields;
	if (d->put_off)
		t->counts.put_off++;
	else if (d->error)
		t->counts.failed++;
	else if (d->open)
		t->counts.open++;
	else
		t->counts.complete++;
	if (t->calls)
		t->calls->tell(t->arg, d);
}

void tickets_tell(struct ticket_list **list, const struct ticket_document *document)
{
	for (struct ticket_list *at = *list, *next; at; at = next) {
		next = at->next;
		tell(at->ticket, document);
		ticket_release(at->ticket);
		free(at);
	}
	*list = NULL;
}
