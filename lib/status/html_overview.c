/* SPDX-License-Identifier: MIT */
#include "status/html.h"

#include <inttypes.h>

/* A section that replaces itself: page.js finds it by its id. */
static void begin(struct out *o, const char *id, const char *title, int64_t count)
{
	out_f(o, "<section id=\"%s\" class=\"panel\" data-live aria-labelledby=\"%s-h\"><h2 id=\"%s-h\">%s",
	      id, id, id, title);
	if (count >= 0) {
		out_text(o, " <span class=\"n\">");
		html_count(o, count);
		out_text(o, "</span>");
	}
	out_text(o, "</h2>");
}

static void end(struct out *o)
{
	out_text(o, "</section>\n");
}

static void nothing(struct out *o, const char *text)
{
	out_f(o, "<p class=\"nothing\">%s</p>", text);
}

static void and_more(struct out *o, size_t more)
{
	if (!more)
		return;
	out_text(o, "<p class=\"more\">and ");
	html_count(o, (int64_t)more);
	out_text(o, " more</p>");
}

/* ---- at a glance ---- */

static void status_line(struct out *o, const struct view *v)
{
	const struct view_live *l = v->live;

	out_text(o, "<p class=\"now\">");
	if (!l) {
		out_text(o, "<span class=\"dot off\"></span>No service runs.");
	} else if (l->network_down) {
		out_text(o, "<span class=\"dot bad\"></span><strong>The network seems to be down:</strong> "
			    "no host "
			    "answers. What waits is asked for when one does.");
	} else if (l->idle) {
		out_text(o, "<span class=\"dot good\"></span>Nothing is due: watching for changes.");
	} else {
		out_text(o, "<span class=\"dot work\"></span>At work on <strong>");
		html_count(o, (int64_t)l->in_hand);
		out_text(o, l->in_hand == 1 ? " document</strong>: " : " documents</strong>: ");
		html_count(o, l->running);
		out_text(o, l->running == 1 ? " fetch under way, " : " fetches under way, ");
		html_count(o, l->queued);
		out_text(o, " waiting");
		if (l->asking_rules)
			out_f(o, ", %u behind a robots.txt", l->asking_rules);
		out_text(o, ".");
	}
	if (l && l->dry_run)
		out_text(o, " Dry run: no document is changed.");
	if (v->last.id) {
		out_text(o, " <span class=\"dim\">Last run ");
		html_time(o, v->last.ended_at, v->now);
		out_text(o, ".</span>");
	}
	out_text(o, "</p>");
}

/* One bar of all documents; widths are attributes of SVG, since there is no inline style. */
static void bar(struct out *o, const struct view_counts *c)
{
	static const enum store_state order[] = {STORE_STATE_COMPLETE, STORE_STATE_WAITING,
						 STORE_STATE_OPEN,     STORE_STATE_REFUSED,
						 STORE_STATE_IGNORED,  STORE_STATE_UNKNOWN};
	double at = 0;

	if (!c->all)
		return;
	out_text(o, "<svg class=\"bar\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" "
		    "aria-hidden=\"true\" "
		    "focusable=\"false\">");
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		double width = 1000.0 * (double)c->states[order[i]] / (double)c->all;

		if (width <= 0)
			continue;
		out_f(o, "<rect class=\"%s\" x=\"%.1f\" width=\"%.1f\" height=\"10\"/>",
		      store_state_name(order[i]), at, MAX(width, 2.0));
		at += width;
	}
	out_text(o, "</svg>");
}

static void tiles(struct out *o, const struct view_counts *c)
{
	static const enum store_state order[] = {STORE_STATE_COMPLETE, STORE_STATE_OPEN,
						 STORE_STATE_WAITING,  STORE_STATE_REFUSED,
						 STORE_STATE_IGNORED,  STORE_STATE_UNKNOWN};

	out_text(o, "<ul class=\"tiles\">");
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		enum store_state s = order[i];

		if (!c->states[s] && (s == STORE_STATE_UNKNOWN || s == STORE_STATE_WAITING))
			continue;
		out_f(o, "<li id=\"tile-%s\"><a class=\"tile %s\" href=\"/documents?state=%s\"><b>",
		      store_state_name(s), store_state_name(s), store_state_name(s));
		html_count(o, c->states[s]);
		out_f(o, "</b> <span>%s</span></a></li>", html_state(s));
	}
	out_text(o, "</ul>");
}

static void lacking(struct out *o, const struct view_counts *c)
{
	bool any = false;

	for (enum field f = 0; f < FIELD_LINK_COUNT; f++)
		any |= c->missing[f] > 0;
	if (!any)
		return;
	out_text(o, "<p class=\"lacks\"><span class=\"dim\">What is missing:</span> ");
	for (enum field f = 0; f < FIELD_LINK_COUNT; f++) {
		if (!c->missing[f])
			continue;
		out_f(o, "<a id=\"lack-%s\" class=\"lack\" href=\"/documents?missing=%s\">%s <b>",
		      field_name(f), field_name(f), field_name(f));
		html_count(o, c->missing[f]);
		out_text(o, "</b></a> ");
	}
	out_text(o, "</p>");
}

static void summary(struct out *o, const struct view *v)
{
	out_text(o, "<section id=\"summary\" class=\"panel\" data-live aria-labelledby=\"summary-h\"><h1 "
		    "id=\"summary-h\">");
	html_count(o, v->counts.all);
	out_text(o, v->counts.all == 1 ? " document" : " documents");
	/* the first run of all: there are more */
	out_text(o, v->live && !v->live->idle && !v->last.id ? " so far</h1>" : "</h1>");
	status_line(o, v);
	bar(o, &v->counts);
	if (v->counts.all)
		tiles(o, &v->counts);
	else
		nothing(o,
			"None is known yet. Documents of the content folders appear here when they have been "
			"looked at.");
	lacking(o, &v->counts);
	if (v->cut_short)
		out_text(o, "<p class=\"warn\">Not all could be read in time; what is shown is right, and "
			    "not all "
			    "there is.</p>");
	end(o);
}

/* ---- under way ---- */

static void flights(struct out *o, const struct view *v)
{
	const struct view_live *l = v->live;

	begin(o, "flight", "In flight", l ? (int64_t)l->running : -1);
	if (!l)
		nothing(o, "Only a running service has anything in flight.");
	else if (!l->flight_count)
		nothing(o, "Nothing is being fetched.");
	else
		out_text(o, "<ul class=\"lines\">");
	for (size_t i = 0; l && i < l->flight_count; i++) {
		const struct view_flight *f = &l->flights[i];

		out_text(o, "<li");
		html_id(o, "flight", f->url, SPAN_NONE);
		out_f(o, "><span class=\"age\">%" PRId64 " s</span><span class=\"kind\">%s</span> ",
		      MAX(v->now - f->since, (int64_t)0), f->what);
		html_url_link(o, f->url, true);
		if (f->hops)
			out_f(o, " <span class=\"dim\">redirect %u</span>", f->hops);
		if (f->tries)
			out_f(o, " <span class=\"dim\">try %u</span>", f->tries + 1);
		out_text(o, "</li>");
	}
	if (l && l->flight_count)
		out_text(o, "</ul>");
	if (l)
		and_more(o, l->flights_more);
	end(o);
}

static void queue_row(struct out *o, const struct view *v, const struct view_queue *q)
{
	out_text(o, "<tr><th scope=\"row\">");
	html_bdi(o, q->site);
	if (*q->why)
		out_f(o, "<div class=\"why\">%s</div>", q->why);
	out_text(o, "</th><td class=\"num\">");
	html_count(o, (int64_t)q->waiting);
	out_f(o, "</td><td class=\"num wide\">%u</td><td>", q->running);
	html_time(o, q->next_at, v->now);
	out_text(o, "</td></tr>");
}

static void queue_rows(struct out *o, const struct view *v, size_t from, size_t to)
{
	out_text(
		o,
		"<table class=\"rows\"><thead><tr><th scope=\"col\">Host</th><th scope=\"col\" class=\"num\">"
		"Waiting</th><th scope=\"col\" class=\"num wide\">Running</th><th "
		"scope=\"col\">Next</th></tr></thead><tbody>");
	for (size_t i = from; i < to; i++)
		queue_row(o, v, &v->live->queues[i]);
	out_text(o, "</tbody></table>");
}

static void queues(struct out *o, const struct view *v)
{
	enum { SHOWN = 8 };
	const struct view_live *l = v->live;

	begin(o, "queue", "Queue by host", l ? (int64_t)l->queued : -1);
	if (!l || !l->queue_count) {
		nothing(o, l ? "Nothing waits." : "Only a running service has a queue.");
		end(o);
		return;
	}
	queue_rows(o, v, 0, MIN(l->queue_count, (size_t)SHOWN));
	if (l->queue_count > SHOWN) {
		out_f(o, "<details id=\"queue-more\"><summary>%zu more hosts</summary>",
		      l->queue_count - SHOWN + l->queues_more);
		queue_rows(o, v, SHOWN, l->queue_count);
		and_more(o, l->queues_more);
		out_text(o, "</details>");
	}
	end(o);
}

/* ---- what was completed ---- */

/* Where two long values part: shortly before their first difference, at a word. 0: they are shown whole. */
static size_t parting(struct span a, struct span b)
{
	enum { SAME = 60, LEAD = 30 };
	size_t n = 0;

	while (n < a.len && n < b.len && a.ptr[n] == b.ptr[n])
		n++;
	if (n < SAME)
		return 0;
	for (n -= LEAD; n && a.ptr[n - 1] != ' '; n--)
		;
	return n;
}

static void value(struct out *o, struct span s, size_t from)
{
	if (from)
		out_text(o, "<span aria-hidden=\"true\">\xe2\x80\xa6 </span>");
	html_bdi(o, span_sub(s, from, s.len));
}

void html_change(struct out *o, const struct view_change *c, bool with_time, int64_t now)
{
	size_t same = parting(c->before, c->after);

	out_text(o, "<li class=\"change\"><div class=\"what\"><span class=\"field\">");
	html_field(o, c->row.field, c->row.related);
	out_text(o, "</span> <span class=\"source\">");
	html_bdi(o, c->row.source);
	if (c->row.score)
		out_f(o, " <span class=\"score\" title=\"score\">%d</span>", c->row.score);
	if (with_time) {
		out_text(o, " \xc2\xb7 ");
		html_time(o, c->row.time, now);
		out_f(o, " \xc2\xb7 run %" PRId64, c->row.run);
	}
	out_text(o, "</span></div>");
	if (c->before.len) {
		out_text(o, "<del><span class=\"hid\">before: </span>");
		value(o, c->before, same);
		out_text(o, "</del> ");
	}
	out_text(o, "<ins><span class=\"hid\">after: </span>");
	value(o, c->after, same);
	out_text(o, "</ins>");
	if (with_time && c->row.from.len) {
		out_text(o, "<div class=\"from\">from ");
		html_url_link(o, c->row.from, true);
		out_text(o, "</div>");
	}
	out_text(o, "</li>");
}

static void card(struct out *o, const struct html_page *p, const struct view *v, const struct view_card *c)
{
	enum { SHOWN = 3 };

	out_text(o, "<li class=\"card\"");
	html_id(o, "card", c->root, c->path);
	out_text(o, "><article>");
	if (c->image.url.len)
		html_image(o, p, &c->image);
	out_text(o, "<h3><a href=\"");
	html_document_href(o, c->root, c->path);
	out_text(o, "\">");
	html_bdi(o, c->title.len ? c->title : c->path);
	out_text(o, "</a></h3><p class=\"meta\">");
	html_time(o, c->time, v->now);
	if (c->state != STORE_STATE_COMPLETE) {
		out_text(o, " ");
		html_badge(o, c->state);
	}
	out_text(o, " <span class=\"path\">");
	html_bdi(o, c->path);
	out_text(o, "</span></p>");
	if (c->excerpt.len) {
		out_text(o, "<p class=\"excerpt\">");
		html_bdi(o, c->excerpt);
		out_text(o, "</p>");
	}
	out_text(o, "<ul class=\"changes\">");
	for (size_t n = 0; n < c->change_count && n < SHOWN; n++)
		html_change(o, &c->changes[n], false, v->now);
	out_text(o, "</ul>");
	if (c->change_count > SHOWN) {
		out_f(o,
		      "<details id=\"more-%" PRId64
		      "\"><summary>%zu more fields</summary><ul class=\"changes\">",
		      c->changes[0].row.id, c->change_count - SHOWN + c->changes_more);
		for (size_t n = SHOWN; n < c->change_count; n++)
			html_change(o, &c->changes[n], false, v->now);
		out_text(o, "</ul></details>");
	}
	out_text(o, "</article></li>");
}

static void cards(struct out *o, const struct html_page *p, const struct view *v)
{
	begin(o, "completed", "Completed last", -1);
	if (!v->card_count)
		nothing(o, "Nothing was written yet.");
	else
		out_text(o, "<ul class=\"cards\">");
	for (size_t i = 0; i < v->card_count; i++)
		card(o, p, v, &v->cards[i]);
	if (v->card_count)
		out_text(o, "</ul>");
	end(o);
}

/* ---- what is wrong ---- */

static void stuck_one(struct out *o, const struct view *v, const struct view_stuck *s)
{
	const struct look_document *d = &s->document;

	out_text(o, "<li");
	html_id(o, "stuck", d->root, d->document.path);
	out_text(o, "><div class=\"line\">");
	html_badge(o, d->status.state);
	out_text(o, " <a href=\"");
	html_document_href(o, d->root, d->document.path);
	out_text(o, "\">");
	html_bdi(o, d->status.title.len ? d->status.title : d->document.path);
	out_text(o, "</a> ");
	html_missing(o, d->status.missing);
	out_text(o, "</div><div class=\"reason\">");
	html_bdi(o, d->status.reason.len ? d->status.reason : SPAN("no reason is known"));
	if (d->status.line)
		html_place(o, d->status.line, d->status.col);
	if (s->evidence_count) {
		out_text(o, "<ul class=\"evidence\">");
		for (size_t i = 0; i < s->evidence_count; i++) {
			out_text(o, "<li>");
			html_bdi(o, s->evidence[i]);
			out_text(o, "</li>");
		}
		out_text(o, "</ul>");
	}
	out_text(o, "</div><div class=\"meta\">");
	if (d->status.url.len)
		html_url_link(o, d->status.url, true);
	if (d->document.due_at != INT64_MAX && d->document.due_at) {
		out_text(o, d->status.url.len ? " <span class=\"dim\">\xc2\xb7 looked at again "
					      : "<span class=\"dim\">looked at again ");
		html_time(o, d->document.due_at, v->now);
		out_text(o, "</span>");
	}
	out_text(o, "</div></li>");
}

static void stuck(struct out *o, const struct view *v)
{
	const int64_t *n = v->counts.states;

	begin(o, "stuck", "Cannot be completed",
	      n[STORE_STATE_OPEN] + n[STORE_STATE_WAITING] + n[STORE_STATE_REFUSED]);
	if (!v->stuck_count)
		nothing(o, "Every document that can be completed is.");
	else
		out_text(o, "<ul class=\"stuck\">");
	for (size_t i = 0; i < v->stuck_count; i++)
		stuck_one(o, v, &v->stuck[i]);
	if (v->stuck_count)
		out_text(o, "</ul>");
	if (v->stuck_more)
		out_text(o, "<p class=\"more\"><a href=\"/documents?state=open\">All that are "
			    "incomplete</a></p>");
	end(o);
}

static void hosts(struct out *o, const struct view *v)
{
	begin(o, "hosts", "Hosts that fail", (int64_t)(v->host_count + v->hosts_more));
	if (!v->host_count) {
		nothing(o, "None does.");
		end(o);
		return;
	}
	out_text(
		o,
		"<table class=\"rows\"><thead><tr><th scope=\"col\">Host</th><th scope=\"col\" class=\"num\">"
		"URLs</th><th scope=\"col\" class=\"num wide\">In a row</th><th scope=\"col\">Asked "
		"again</th></tr></thead><tbody>");
	for (size_t i = 0; i < v->host_count; i++) {
		const struct view_host *h = &v->hosts[i];

		out_text(o, "<tr><th scope=\"row\">");
		html_bdi(o, h->host);
		out_text(o, "<div class=\"why\">");
		html_bdi(o, h->why);
		out_f(o, "</div></th><td class=\"num\">%u</td><td class=\"num wide\">%u</td><td>", h->urls,
		      h->failures);
		html_time(o, h->next_at, v->now);
		out_text(o, "</td></tr>");
	}
	out_text(o, "</tbody></table>");
	and_more(o, v->hosts_more);
	end(o);
}

static void feeds(struct out *o, const struct view *v)
{
	if (!v->feed_count)
		return;
	begin(o, "feeds", "Feeds", (int64_t)v->feed_count);
	out_text(o, "<table class=\"rows\"><thead><tr><th scope=\"col\">Feed</th><th scope=\"col\">Next</th>"
		    "</tr></thead><tbody>");
	for (size_t i = 0; i < v->feed_count; i++) {
		const struct store_poll *f = &v->feeds[i];

		out_f(o, "<tr%s><th scope=\"row\">", f->failures ? " class=\"fails\"" : "");
		html_bdi(o, f->title.len ? f->title : f->url);
		out_text(o, "<div class=\"why\">");
		if (f->failures)
			out_f(o, "<strong>failed %u time%s:</strong> ", f->failures,
			      f->failures == 1 ? "" : "s");
		html_bdi(o, f->failures ? f->error : f->reason);
		out_text(o, "</div></th><td>");
		html_time(o, f->next_at, v->now);
		out_text(o, "</td></tr>");
	}
	out_text(o, "</tbody></table>");
	if (v->feeds_more)
		out_text(o, "<p class=\"more\">and more: <code>ingestd feeds</code> has all</p>");
	end(o);
}

enum err html_overview(const struct html_page *p, const struct view *v, struct strbuf *out)
{
	struct out o = {out, ERR_OK};

	html_begin(&o, p, SPAN("Overview"), "/", SPAN_NONE);
	summary(&o, v);
	out_text(&o, "<div class=\"two\">");
	flights(&o, v);
	queues(&o, v);
	out_text(&o, "</div>");
	cards(&o, p, v);
	stuck(&o, v);
	out_text(&o, "<div class=\"two\">");
	hosts(&o, v);
	feeds(&o, v);
	out_text(&o, "</div>");
	html_end(&o, p);
	return o.failed;
}
