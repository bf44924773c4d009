/* SPDX-License-Identifier: MIT */
/* html_explained.c - a URL: what it answered, and every candidate for every field. */
#include "status/html.h"

#include <inttypes.h>

enum { CANDIDATES_MAX = 60 }; /* of one field; a page may have hundreds of pictures */

static void candidate(struct out *o, const struct candidate *c)
{
	out_f(o, "<tr class=\"%s\"><td class=\"num\">%d</td><td class=\"value\">", c->lost ? "lost" : "won",
	      c->score);
	if (!c->lost)
		out_text(o, "<span class=\"hid\">chosen: </span>");
	html_bdi(o, c->value);
	if (c->width || c->height)
		out_f(o, " <span class=\"dim\">%u \xc3\x97 %u</span>", c->width, c->height);
	out_text(o, "</td><td class=\"source\">");
	html_bdi(o, c->source);
	if (c->line)
		out_f(o, " <span class=\"dim\">line %u</span>", c->line);
	out_f(o, "</td><td class=\"why\">%s</td></tr>", c->lost ? c->lost : "chosen");
}

static void field(struct out *o, const struct page *page, enum field f, bool *any)
{
	const struct candidate *c;
	size_t at = 0, n = 0;

	while ((c = explain_next(page, f, &at))) {
		if (!*any)
			out_text(o, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
				    "aria-label=\"Candidates\">"
				    "<table class=\"rows candidates\"><thead><tr><th scope=\"col\" "
				    "class=\"num\">Score</th>"
				    "<th scope=\"col\">Value</th><th scope=\"col\">Source</th>"
				    "<th scope=\"col\">Why</th></tr></thead>");
		*any = true;
		if (!n)
			out_f(o,
			      "<tbody><tr class=\"group\"><th scope=\"rowgroup\" colspan=\"4\">%s</th></tr>",
			      field_name(f));
		if (++n <= CANDIDATES_MAX)
			candidate(o, c);
	}
	if (n > CANDIDATES_MAX)
		out_f(o, "<tr><td colspan=\"4\" class=\"dim\">and %zu more</td></tr>", n - CANDIDATES_MAX);
	if (n)
		out_text(o, "</tbody>");
}

static void candidates(struct out *o, const struct page *page)
{
	bool any = false;

	for (enum field f = 0; f < FIELD_COUNT; f++)
		field(o, page, f, &any);
	out_text(o, any ? "</table></div>" : "<p class=\"nothing\">It offers nothing.</p>");
}

static void fact(struct out *o, const char *name)
{
	out_f(o, "<dt>%s</dt><dd>", name);
}

static void verdict(struct out *o, const struct page *page)
{
	fact(o, "Verdict");
	out_f(o, "<span class=\"verdict %s\">%s</span>", page->verdict == VERDICT_ARTICLE ? "good" : "bad",
	      verdict_name(page->verdict));
	if (page->evidence_count) {
		out_text(o, "<ul class=\"evidence\">");
		for (size_t i = 0; i < page->evidence_count; i++) {
			out_text(o, "<li>");
			html_bdi(o, page->evidence[i]);
			out_text(o, "</li>");
		}
		out_text(o, "</ul>");
	}
	out_text(o, "</dd>");
}

static void facts(struct out *o, const struct html_page *p, const struct explained *e)
{
	const struct store_result *r = &e->result;

	out_text(o, "<dl class=\"facts\">");
	fact(o, "Answer");
	if (r->outcome != OUTCOME_STATUS)
		out_f(o, "%s%s", outcome_name(r->outcome), r->status ? ", " : "");
	if (r->status)
		out_f(o, "HTTP status %u", r->status);
	out_text(o, ", asked ");
	html_time(o, r->fetched_at, p->now);
	out_text(o, "</dd>");
	if (r->error.len) {
		fact(o, "Trouble");
		html_bdi(o, r->error);
		if (r->failures > 1)
			out_f(o, " <span class=\"dim\">%u times in a row</span>", r->failures);
		out_text(o, "</dd>");
	}
	if (r->final_url.len && !span_eq(r->final_url, r->url)) {
		fact(o, "Answered by");
		html_foreign(o, r->final_url);
		out_text(o, "</dd>");
	}
	if (r->move_target) {
		fact(o, "Moving");
		out_f(o, "led there by permanent redirects, %u times since ", r->move_times);
		html_time(o, r->move_first, p->now);
		out_text(o, "</dd>");
	}
	fact(o, "Asked again");
	if (r->expires_at <= p->now)
		out_text(o, "due now, when a document wants it</dd>");
	else {
		html_time(o, r->expires_at, p->now);
		out_text(o, "</dd>");
	}
	if (e->block.outcome == OUTCOME_STATUS) {
		fact(o, "Its site");
		out_f(o, "answered %u: nothing of it is asked for before it may be, ", e->block.status);
		html_time(o, e->block.expires_at, p->now);
		out_text(o, "</dd>");
	}
	if (e->page)
		verdict(o, e->page);
	out_text(o, "</dl>");
}

void html_explained(struct out *o, const struct html_page *p, const struct explained *e, int level)
{
	if (e->result.outcome == OUTCOME_NONE) {
		out_text(o, "<p class=\"nothing\">Nothing is known of it: it has not been asked for, or the "
			    "state was "
			    "begun anew.</p>");
		return;
	}
	facts(o, p, e);
	if (e->outdated)
		out_text(o, "<p class=\"nothing\">The stored page is of an older kind: it will be asked for "
			    "again.</p>");
	if (!e->page)
		return;
	out_f(o, "<h%d>Candidates</h%d>", level, level);
	candidates(o, e->page);
}

enum err html_url(const struct html_page *p, const struct explained *e, struct strbuf *to)
{
	static const struct html_act acts[] = {
		{"refresh", "Ask again now", "In good manners: pauses and robots.txt stay in force"},
		{"forget", "Forget",
		 "What it answered is forgotten; documents that want it are looked at again"},
	};
	struct out o = {to, ERR_OK};

	html_begin(&o, p, e->url, "", SPAN_NONE);
	out_text(&o, "<section id=\"url\" class=\"panel\" data-live aria-labelledby=\"url-h\"><p "
		     "class=\"over\">URL</p>"
		     "<h1 id=\"url-h\" class=\"address\">");
	html_bdi(&o, e->url);
	out_text(&o, "</h1>");
	if (html_is_web(e->url)) {
		out_text(&o, "<p><a class=\"out\" rel=\"noreferrer noopener nofollow\" href=\"");
		html_attribute(&o, e->url);
		out_text(&o, "\">Open it</a></p>");
	}
	html_acts(&o, p, "url", e->url, acts, ARRAY_SIZE(acts));
	html_explained(&o, p, e, 2);
	out_text(&o, "</section>");
	html_end(&o, p);
	return o.failed;
}
