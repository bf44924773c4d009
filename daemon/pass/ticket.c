/* SPDX-License-Identifier: MIT */
#include "ticket.h"

struct ticket {
	const struct ticket_calls *calls; /* NULL: nobody waits */
	void *arg;
	struct errand *errand;
	size_t holds;
	struct ticket_counts counts;
};

/* *to is NULL where from is. */
static bool copy(char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return *to || !from;
}

struct errand *errand_new(const struct errand *from)
{
	struct errand *e = calloc(1, sizeof(*e));
	bool good;

	if (!e)
		return NULL;
	*e = *from;
	e->refs = 1;
	good = copy(&e->glob, from->glob);
	good = copy(&e->host, from->host) && good;
	good = copy(&e->url, from->url) && good;
	if (good)
		return e;
	errand_release(e);
	return NULL;
}

struct errand *errand_hold(struct errand *e)
{
	if (e)
		e->refs++;
	return e;
}

void errand_release(struct errand *e)
{
	if (!e || --e->refs)
		return;
	free(e->glob);
	free(e->host);
	free(e->url);
	free(e);
}

struct ticket *ticket_new(const struct ticket_calls *calls, void *arg, struct errand *errand)
{
	struct ticket *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	*t = (struct ticket){.calls = calls, .arg = arg, .errand = errand_hold(errand), .holds = 1};
	return t;
}

struct errand *ticket_errand(const struct ticket *t)
{
	return t->errand;
}

void ticket_problem(const struct ticket *t, const struct ticket_problem *problem)
{
	if (t->calls && t->calls->problem)
		t->calls->problem(t->arg, problem);
}

void tickets_problem(const struct ticket_list *list, const struct ticket_problem *problem)
{
	for (; list; list = list->next)
		ticket_problem(list->ticket, problem);
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
	errand_release(t->errand);
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
	t->counts.asked += d->asked > 0;
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
