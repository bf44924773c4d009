/* SPDX-License-Identifier: MIT */
#include "status/view_text.h"

#include <jansson.h>

#include "base/text.h"

/* jansson's functions take NULL and hand it on: what failed shows at the end. */

static json_t *text(struct span s)
{
	struct strbuf good = STRBUF_INIT(VIEW_TEXT_MAX);
	json_t *j = NULL;

	if (!s.ptr)
		return json_null();
	if (text_utf8_valid(s) == s.len)
		return json_stringn(s.ptr, s.len);
	if (!text_utf8_repair(s, &good))
		j = json_stringn(strbuf_span(&good).ptr, good.len);
	strbuf_release(&good);
	return j;
}

static json_t *time_of(int64_t at)
{
	return at && at != INT64_MAX ? json_integer(at) : json_null();
}

static json_t *flight(const struct view_flight *f)
{
	return json_pack("{so ss so si si}", "url", text(f->url), "what", f->what, "since", time_of(f->since),
			 "tries", (int)f->tries, "hops", (int)f->hops);
}

static json_t *queue(const struct view_queue *q)
{
	return json_pack("{so sI si so so}", "site", text(q->site), "waiting", (json_int_t)q->waiting,
			 "running", (int)q->running, "next", time_of(q->next_at), "why",
			 *q->why ? json_string(q->why) : json_null());
}

/* false: a row is missing, so that all is. */
static bool append(json_t *list, json_t *row)
{
	return !json_array_append_new(list, row);
}

static json_t *live(const struct view_live *l)
{
	json_t *flights = json_array(), *queues = json_array();
	bool good = true;

	if (!l) {
		json_decref(flights);
		json_decref(queues);
		return json_null();
	}
	for (size_t i = 0; i < l->flight_count; i++)
		good &= append(flights, flight(&l->flights[i]));
	for (size_t i = 0; i < l->queue_count; i++)
		good &= append(queues, queue(&l->queues[i]));
	json_t *j = json_pack("{sI sb sb sb sI si si si so sI so sI}", "pid", (json_int_t)l->pid, "idle",
			      l->idle, "network_down", l->network_down, "dry_run", l->dry_run, "in_hand",
			      (json_int_t)l->in_hand, "running", (int)l->running, "queued", (int)l->queued,
			      "asking_rules", (int)l->asking_rules, "flights", flights, "flights_more",
			      (json_int_t)l->flights_more, "queues", queues, "queues_more",
			      (json_int_t)l->queues_more);
	if (good)
		return j;
	json_decref(j);
	return NULL;
}

static json_t *counts(const struct view_counts *c)
{
	json_t *states = json_object(), *missing = json_object();

	for (enum store_state s = 0; s < STORE_STATE_COUNT; s++)
		(void)json_object_set_new(states, store_state_name(s), json_integer(c->states[s]));
	for (enum field f = 0; f < FIELD_LINK_COUNT; f++)
		(void)json_object_set_new(missing, field_name(f), json_integer(c->missing[f]));
	return json_pack("{sI so so}", "all", (json_int_t)c->all, "states", states, "missing", missing);
}

static json_t *change(const struct view_change *c)
{
	return json_pack("{ss si so so so so si so sI}", "field", field_name(c->row.field), "related",
			 c->row.related, "url", text(c->row.url), "before", text(c->before), "after",
			 text(c->after), "source", text(c->row.source), "score", c->row.score, "from",
			 text(c->row.from), "time", (json_int_t)c->row.time);
}

static json_t *card(const struct view_card *c)
{
	json_t *changes = json_array();
	bool good = true;

	for (size_t i = 0; i < c->change_count; i++)
		good &= append(changes, change(&c->changes[i]));
	json_t *j = json_pack("{so so so so so si si sI sI ss so}", "root", text(c->root), "path",
			      text(c->path), "title", text(c->title), "excerpt", text(c->excerpt), "image",
			      text(c->image.url), "width", (int)c->image.width, "height",
			      (int)c->image.height, "time", (json_int_t)c->time, "run", (json_int_t)c->run,
			      "state", store_state_name(c->state), "changes", changes);
	if (good)
		return j;
	json_decref(j);
	return NULL;
}

static json_t *stuck(const struct view_stuck *s)
{
	const struct store_status *t = &s->document.status;
	json_t *evidence = json_array(), *missing = json_array();

	for (size_t i = 0; i < s->evidence_count; i++)
		(void)append(evidence, text(s->evidence[i]));
	for (enum field f = 0; f < FIELD_LINK_COUNT; f++)
		if (t->missing & 1u << f)
			(void)append(missing, json_string(field_name(f)));
	return json_pack("{so so so ss so so so so si si so so}", "root", text(s->document.root), "path",
			 text(s->document.document.path), "title", text(t->title), "state",
			 store_state_name(t->state), "missing", missing, "reason", text(t->reason), "url",
			 text(t->url), "verdict", text(t->verdict), "line", (int)t->line, "column",
			 (int)t->col, "evidence", evidence, "due", time_of(s->document.document.due_at));
}

static json_t *host(const struct view_host *h)
{
	return json_pack("{so si si so so so so}", "host", text(h->host), "urls", (int)h->urls, "failures",
			 (int)h->failures, "failed", time_of(h->failed_at), "next", time_of(h->next_at),
			 "url", text(h->url), "why", text(h->why));
}

static json_t *feed(const struct store_poll *p)
{
	return json_pack("{so so so so so si so so}", "url", text(p->url), "title", text(p->title), "polled",
			 time_of(p->polled_at), "next", time_of(p->next_at), "reason", text(p->reason),
			 "failures", (int)p->failures, "failing_since", time_of(p->failing_at), "error",
			 text(p->error));
}

enum err view_as_json(const struct view *v, struct strbuf *out)
{
	json_t *cards = json_array(), *stucks = json_array(), *hosts = json_array(), *feeds = json_array();
	bool good = true;
	enum err r;

	for (size_t i = 0; i < v->card_count; i++)
		good &= append(cards, card(&v->cards[i]));
	for (size_t i = 0; i < v->stuck_count; i++)
		good &= append(stucks, stuck(&v->stuck[i]));
	for (size_t i = 0; i < v->host_count; i++)
		good &= append(hosts, host(&v->hosts[i]));
	for (size_t i = 0; i < v->feed_count; i++)
		good &= append(feeds, feed(&v->feeds[i]));
	json_t *j = json_pack("{ss sI so so so so so so so sb}", "version", INGESTD_VERSION, "now",
			      (json_int_t)v->now, "service", live(v->live), "documents", counts(&v->counts),
			      "completed", cards, "incomplete", stucks, "hosts", hosts, "feeds", feeds, "run",
			      v->last.id ? json_pack("{sI so so}", "id", (json_int_t)v->last.id, "begun",
						     time_of(v->last.begun_at), "ended",
						     time_of(v->last.ended_at))
					 : json_null(),
			      "cut_short", v->cut_short);
	char *dumped = good && j ? json_dumps(j, JSON_COMPACT) : NULL;

	json_decref(j);
	if (!dumped)
		return ERR_NOMEM;
	r = strbuf_add_str(out, dumped);
	free(dumped);
	return r ? r : strbuf_add_byte(out, '\n');
}
