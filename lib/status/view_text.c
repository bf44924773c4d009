/* SPDX-License-Identifier: MIT */
#include "status/view_text.h"

#include <inttypes.h>

/* At most so many bytes of a value on a line, and not half a character. */
enum { LINE_BYTES = 110 };

static void cut(struct out *o, struct span s)
{
	size_t n = MIN(s.len, (size_t)LINE_BYTES);

	while (n < s.len && n && ((unsigned char)s.ptr[n] & 0xc0) == 0x80)
		n--;
	out_visible(o, span_sub(s, 0, n));
	if (n < s.len)
		out_text(o, " [...]");
}

static void head(struct out *o, const char *text, size_t more)
{
	char buf[32];

	out_f(o, "\n%s", text);
	if (more)
		out_f(o, " (and %s more)", out_count((int64_t)more, buf));
	out_text(o, "\n");
}

static void service(struct out *o, const struct view *v)
{
	char a[32], b[32], c[32];

	out_text(o, "ingestd " INGESTD_VERSION ": ");
	if (!v->live) {
		out_text(o, "no service runs with this state\n");
		return;
	}
	out_f(o, "the service runs, process %ld%s%s\n", v->live->pid, v->live->dry_run ? ", dry run" : "",
	      v->live->network_down ? "; the network seems to be down" : "");
	if (v->live->idle)
		out_text(o, "at work     nothing is due\n");
	else
		out_f(o,
		      "at work     %s documents; %s fetches under way, %s waiting, %u behind a robots.txt\n",
		      out_count((int64_t)v->live->in_hand, a), out_count(v->live->running, b),
		      out_count(v->live->queued, c), v->live->asking_rules);
}

static void counts(struct out *o, const struct view *v)
{
	const char *before = ": ";
	char buf[32];

	out_f(o, "documents   %s", out_count(v->counts.all, buf));
	for (enum store_state s = 0; s < STORE_STATE_COUNT; s++) {
		if (!v->counts.states[s])
			continue;
		out_f(o, "%s%s %s", before, out_count(v->counts.states[s], buf), store_state_name(s));
		before = ", ";
	}
	out_text(o, "\n");
	before = "missing     ";
	for (enum field f = 0; f < FIELD_LINK_COUNT; f++) {
		if (!v->counts.missing[f])
			continue;
		out_f(o, "%s%s %s", before, out_count(v->counts.missing[f], buf), field_name(f));
		before = ", ";
	}
	if (before[0] == ',')
		out_text(o, "\n");
	if (v->last.id)
		out_f(o, "last run    %" PRId64 ", ended %s (UTC)\n", v->last.id,
		      out_time(v->last.ended_at, buf));
}

static void flights(struct out *o, const struct view *v)
{
	if (!v->live->flight_count)
		return;
	head(o, "In flight", v->live->flights_more);
	for (size_t i = 0; i < v->live->flight_count; i++) {
		const struct view_flight *f = &v->live->flights[i];

		out_f(o, "  %3" PRId64 " s  %-10s  ", v->now - f->since, f->what);
		cut(o, f->url);
		out_text(o, "\n");
	}
}

static void queues(struct out *o, const struct view *v)
{
	char buf[32];

	if (!v->live->queue_count)
		return;
	head(o, "Queue by host", v->live->queues_more);
	for (size_t i = 0; i < v->live->queue_count; i++) {
		const struct view_queue *q = &v->live->queues[i];

		out_text(o, "  ");
		cut(o, q->site);
		out_f(o, "  %" PRIu64 " waiting, %u running", q->waiting, q->running);
		if (q->next_at)
			out_f(o, "; next %s", out_distance(q->next_at, v->now, buf));
		if (*q->why)
			out_f(o, ": %s", q->why);
		out_text(o, "\n");
	}
}

static void card(struct out *o, const struct view_card *c)
{
	char buf[32];

	out_f(o, "  %s  ", out_time(c->time, buf));
	cut(o, c->path);
	out_text(o, "\n      ");
	cut(o, c->title);
	out_text(o, "\n");
	for (size_t i = 0; i < c->change_count; i++) {
		const struct view_change *change = &c->changes[i];

		out_text(o, "      ");
		if (change->row.related >= 0)
			out_f(o, "related[%d].", change->row.related);
		out_f(o, "%-18s ", field_name(change->row.field));
		cut(o, change->after);
		out_text(o, "  (");
		cut(o, change->row.source);
		if (change->row.score)
			out_f(o, ", %d", change->row.score);
		out_text(o, ")\n");
	}
}

static void stuck(struct out *o, const struct view *v)
{
	if (!v->stuck_count)
		return;
	out_f(o, "\nCannot be completed%s\n", v->stuck_more ? " (some of them)" : "");
	for (size_t i = 0; i < v->stuck_count; i++) {
		const struct store_status *s = &v->stuck[i].document.status;

		out_text(o, "  ");
		cut(o, v->stuck[i].document.document.path);
		if (s->line)
			out_f(o, ":%u:%u", s->line, s->col);
		out_f(o, "  %s", store_state_name(s->state));
		out_text(o, s->reason.len ? ": " : "");
		cut(o, s->reason);
		out_text(o, "\n");
		if (s->url.len) {
			out_text(o, "      ");
			cut(o, s->url);
			out_text(o, "\n");
		}
	}
}

static void hosts(struct out *o, const struct view *v)
{
	char buf[32];

	if (!v->host_count)
		return;
	head(o, "Hosts that fail", v->hosts_more);
	for (size_t i = 0; i < v->host_count; i++) {
		const struct view_host *h = &v->hosts[i];

		out_text(o, "  ");
		cut(o, h->host);
		out_f(o, "  %u URL%s, %u times in a row, asked again %s: ", h->urls, h->urls == 1 ? "" : "s",
		      h->failures, out_distance(h->next_at, v->now, buf));
		cut(o, h->why);
		out_text(o, "\n");
	}
}

static void feeds(struct out *o, const struct view *v)
{
	char buf[32];

	if (!v->feed_count)
		return;
	out_f(o, "\nFeeds%s\n", v->feeds_more ? " (some of them)" : "");
	for (size_t i = 0; i < v->feed_count; i++) {
		const struct store_poll *p = &v->feeds[i];

		out_text(o, "  ");
		cut(o, p->title.len ? p->title : p->url);
		out_f(o, "  next %s", out_distance(p->next_at, v->now, buf));
		out_text(o, p->failures ? ", FAILS: " : p->reason.len ? ": " : "");
		cut(o, p->failures ? p->error : p->reason);
		out_text(o, "\n");
	}
}

enum err view_as_text(const struct view *v, struct strbuf *to)
{
	struct out o = {to, ERR_OK};

	service(&o, v);
	counts(&o, v);
	if (v->live) {
		flights(&o, v);
		queues(&o, v);
	}
	if (v->card_count)
		head(&o, "Completed last", 0);
	for (size_t i = 0; i < v->card_count; i++)
		card(&o, &v->cards[i]);
	stuck(&o, v);
	hosts(&o, v);
	feeds(&o, v);
	return o.failed;
}
