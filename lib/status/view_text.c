/* SPDX-License-Identifier: MIT */
#include "status/view_text.h"
#include "status/html.h"

#include <inttypes.h>

/* A line fits into a terminal of 80 columns, but for what one may want to copy: paths and URLs are whole. */
enum { COLUMNS = 79, WHOLE_MAX = 2000, CARDS = 6, FIELD_COLUMNS = 17 };

static unsigned columns_of(uint32_t c)
{
	if (out_is_control(c))
		return 8;           /* its number */
	return c >= 0x1100 ? 2 : 1; /* too many for some: then less is shown */
}

/* As much of s as fits into so many columns. */
static void cut(struct out *o, struct span s, unsigned columns)
{
	unsigned used = 0, size;
	size_t at = 0, fits = 0;

	while (at < s.len && used <= columns) {
		used += columns_of(out_next(span_sub(s, at, s.len), &size));
		at += size;
		if (used + 3 <= columns)
			fits = at;
	}
	out_visible(o, span_sub(s, 0, used <= columns ? s.len : fits));
	if (used > columns)
		out_text(o, "...");
}

/* Into lines of its own, broken at spaces. */
static void fold(struct out *o, struct span s)
{
	enum { INDENT = 6 };
	unsigned used = COLUMNS;

	for (struct span word = span_split(&s, ' '); word.ptr; word = span_split(&s, ' ')) {
		unsigned columns = 0, size;

		for (size_t at = 0; at < word.len; at += size)
			columns += columns_of(out_next(span_sub(word, at, word.len), &size));
		if (used + 1 + columns > COLUMNS) {
			out_f(o, "\n%*s", INDENT, "");
			used = INDENT;
		} else {
			out_text(o, " ");
			used++;
		}
		out_visible(o, word);
		used += columns;
	}
}

static void whole(struct out *o, struct span s)
{
	cut(o, s, WHOLE_MAX);
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
		out_f(o, "at work     %s document%s; %s fetch%s under way, %s waiting\n",
		      out_count((int64_t)v->live->in_hand, a), v->live->in_hand == 1 ? "" : "s",
		      out_count(v->live->running, b), v->live->running == 1 ? "" : "es",
		      out_count(v->live->queued, c));
	if (v->live->asking_rules)
		out_f(o, "            %u wait for a robots.txt\n", v->live->asking_rules);
}

static void counts(struct out *o, const struct view *v)
{
	const char *before = ": ";
	char buf[32];

	out_f(o, "documents   %s", out_count(v->counts.all, buf));
	for (enum store_state s = 0; s < STORE_STATE_COUNT; s++) {
		if (!v->counts.states[s])
			continue;
		out_f(o, "%s%s %s", before, out_count(v->counts.states[s], buf), html_state(s));
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
		out_f(o, "last run    %" PRId64 ", ended %s UTC\n", v->last.id,
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
		whole(o, f->url);
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
		whole(o, q->site);
		out_f(o, "  %" PRIu64 " waiting", q->waiting);
		if (q->running)
			out_f(o, ", %u running", q->running);
		if (q->next_at)
			out_f(o, "; next %s", out_distance(q->next_at, v->now, buf));
		if (*q->why)
			out_f(o, ": %s", q->why);
		out_text(o, "\n");
	}
}

/* Of the article each value, of related entries what was written. */
static void change(struct out *o, const struct view_card *c, size_t i)
{
	const struct view_change *now = &c->changes[i];
	const char *name = field_name(now->row.field);
	const struct view_change *last = i ? &c->changes[i - 1] : NULL;

	if (now->row.related >= 0) {
		if (last && last->row.related == now->row.related)
			out_f(o, ", %s", name);
		else
			out_f(o, "%s      related %d: %s", i ? "\n" : "", now->row.related + 1, name);
		return;
	}
	out_f(o, "%s      %-*s ", i ? "\n" : "", FIELD_COLUMNS, name);
	cut(o, now->after, COLUMNS - 7 - (unsigned)MAX(strlen(name), (size_t)FIELD_COLUMNS));
}

static void card(struct out *o, const struct view *v, const struct view_card *c)
{
	char buf[32];

	out_f(o, "  %-10s  ", out_distance(c->time, v->now, buf));
	whole(o, c->path);
	if (c->state != STORE_STATE_COMPLETE)
		out_f(o, "  %s", html_state(c->state));
	out_text(o, "\n      ");
	cut(o, c->title, COLUMNS - 6);
	out_text(o, "\n");
	for (size_t i = 0; i < c->change_count; i++)
		change(o, c, i);
	if (c->changes_more)
		out_f(o, ", and %zu more", c->changes_more);
	if (c->change_count)
		out_text(o, "\n");
}

static void stuck(struct out *o, const struct view *v)
{
	if (!v->stuck_count)
		return;
	out_f(o, "\nCannot be completed%s\n", v->stuck_more ? " (some of them)" : "");
	for (size_t i = 0; i < v->stuck_count; i++) {
		const struct store_status *s = &v->stuck[i].document.status;

		out_text(o, "  ");
		whole(o, v->stuck[i].document.document.path);
		if (s->line)
			out_f(o, ":%u:%u", s->line, s->col);
		out_f(o, "  %s", html_state(s->state));
		fold(o, s->reason);
		out_text(o, "\n");
		if (s->url.len) {
			out_text(o, "      ");
			whole(o, s->url);
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
		whole(o, h->host);
		out_f(o, "  %u URL%s, %u time%s in a row, asked again %s", h->urls, h->urls == 1 ? "" : "s",
		      h->failures, h->failures == 1 ? "" : "s", out_distance(h->next_at, v->now, buf));
		fold(o, h->why);
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
		whole(o, p->title.len ? p->title : p->url);
		out_f(o, "  next %s", out_distance(p->next_at, v->now, buf));
		out_text(o, p->failures ? "; FAILS:" : "");
		fold(o, p->failures ? p->error : p->reason);
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
	for (size_t i = 0; i < MIN(v->card_count, (size_t)CARDS); i++)
		card(&o, v, &v->cards[i]);
	stuck(&o, v);
	hosts(&o, v);
	feeds(&o, v);
	return o.failed;
}
