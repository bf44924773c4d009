/* SPDX-License-Identifier: MIT */
/* html_documents.c - the list of documents: searched, filtered, page by page by key. */
#include "status/html.h"

/* The query of this list, for links that change one part of it. */
static void query(struct out *o, const struct look_filter *f, int state, unsigned missing, bool after,
		  const struct look_documents *found)
{
	const char *before = "?";

	if (f->words.len) {
		out_f(o, "%sq=", before);
		html_query(o, f->words);
		before = "&amp;";
	}
	if (state >= 0) {
		out_f(o, "%sstate=%s", before, store_state_name((enum store_state)state));
		before = "&amp;";
	}
	for (enum field i = 0; i < FIELD_LINK_COUNT; i++) {
		if (!(missing & 1u << i))
			continue;
		out_f(o, "%smissing=%s", before, field_name(i));
		before = "&amp;";
	}
	if (f->root.ptr) {
		out_f(o, "%sroot=", before);
		html_query(o, f->root);
		before = "&amp;";
	}
	if (!after)
		return;
	out_f(o, "%safter_root=", before);
	html_query(o, found->end_root);
	out_text(o, "&amp;after=");
	html_query(o, found->end);
}

static void choice(struct out *o, const struct html_list *l, int state, unsigned missing, bool current,
		   const char *word, int64_t n)
{
	out_text(o, "<li><a href=\"/documents");
	query(o, &l->filter, state, missing, false, NULL);
	out_f(o, "\"%s>%s", current ? " aria-current=\"true\"" : "", word);
	if (n >= 0) {
		out_text(o, " <b>");
		html_count(o, n);
		out_text(o, "</b>");
	}
	out_text(o, "</a></li>");
}

static void filters(struct out *o, const struct html_list *l)
{
	const struct look_filter *f = &l->filter;
	bool any = false;

	out_text(o,
		 "<nav class=\"filters\" aria-label=\"Filters\"><ul class=\"chips\" aria-label=\"State\">");
	choice(o, l, -1, 0, f->state < 0 && !f->missing, "all", l->counts.all);
	for (enum store_state s = 0; s < STORE_STATE_COUNT; s++)
		if (l->counts.states[s] || (int)s == f->state)
			choice(o, l, (int)s, 0, f->state == (int)s && !f->missing, html_state(s),
			       l->counts.states[s]);
	out_text(o, "</ul><ul class=\"chips\" aria-label=\"Missing field\">");
	for (enum field i = 0; i < FIELD_LINK_COUNT; i++) {
		if (!l->counts.missing[i] && !(f->missing & 1u << i))
			continue;
		if (!any)
			out_text(o, "<li class=\"dim\">missing</li>");
		any = true;
		choice(o, l, -1, 1u << i, (f->missing & 1u << i) != 0, field_name(i), l->counts.missing[i]);
	}
	out_text(o, "</ul></nav>");
}

static void row(struct out *o, const struct html_page *p, const struct look_document *d)
{
	out_text(o, "<tr");
	html_id(o, "row", d->root, d->document.path);
	out_text(o, "><th scope=\"row\"><a href=\"");
	html_document_href(o, d->root, d->document.path);
	out_text(o, "\">");
	html_bdi(o, d->status.title.len ? d->status.title : d->document.path);
	out_text(o, "</a><div class=\"path\">");
	if (p->many_roots) {
		html_bdi(o, d->root);
		out_text(o, "/");
	}
	html_bdi(o, d->document.path);
	out_text(o, "</div></th><td>");
	html_badge(o, d->status.state);
	out_text(o, "</td><td class=\"why\">");
	html_missing(o, d->status.missing);
	if (d->status.reason.len) {
		out_text(o, "<div class=\"reason\">");
		html_bdi(o, d->status.reason);
		out_text(o, "</div>");
	}
	out_text(o, "</td><td class=\"wide\">");
	html_time(o, d->status.looked_at, p->now);
	out_text(o, "</td></tr>");
}

static const char *none(const struct look_filter *f)
{
	if (f->after.ptr)
		return "No more documents fit: this was the last part of them.";
	return f->words.len || f->state >= 0 || f->missing ? "No document fits."
							   : "No document is known yet.";
}

/* A long search answers at once, with what it has. */
static void so_far(struct out *o, const struct html_page *p, const struct look_documents *found)
{
	out_f(o,
	      "<p id=\"so-far\" class=\"warn\" role=\"status\">%s Only a part of the documents has been "
	      "looked "
	      "through, up to <bdi class=\"path\">",
	      found->count ? "" : "<strong>None found yet.</strong>");
	if (p->many_roots) {
		html_text(o, found->end_root);
		out_text(o, "/");
	}
	html_text(o, found->end);
	out_text(o, "</bdi>: there are more behind it.</p>");
}

static void rows(struct out *o, const struct html_page *p, const struct html_list *l)
{
	const struct look_documents *found = &l->found;

	if (!found->count) {
		if (!found->cut_short)
			out_f(o, "<p class=\"nothing\">%s</p>", none(&l->filter));
		return;
	}
	out_text(o, "<table class=\"rows documents\"><thead><tr><th scope=\"col\">Document</th>"
		    "<th scope=\"col\">State</th><th scope=\"col\">Missing, and why</th>"
		    "<th scope=\"col\" class=\"wide\">Looked at</th></tr></thead><tbody>");
	for (size_t i = 0; i < found->count; i++)
		row(o, p, &found->rows[i]);
	out_text(o, "</tbody></table>");
}

enum err html_documents(const struct html_page *p, const struct html_list *l, struct strbuf *to)
{
	struct out o = {to, ERR_OK};

	html_begin(&o, p, SPAN("Documents"), "/documents", l->filter.words);
	out_text(&o, "<section id=\"documents\" class=\"panel\" data-live aria-labelledby=\"documents-h\">"
		     "<h1 id=\"documents-h\">Documents</h1>");
	if (l->filter.words.len) {
		out_text(&o, "<p>Whose title or path has all of <strong>");
		html_bdi(&o, l->filter.words);
		out_text(&o, "</strong> \xc2\xb7 <a href=\"/documents\">all documents</a></p>");
	}
	filters(&o, l);
	rows(&o, p, l);
	if (l->found.cut_short)
		so_far(&o, p, &l->found);
	if (l->found.more || l->filter.after.ptr)
		out_text(&o, "<nav class=\"pages\" aria-label=\"Pages of the list\">");
	if (l->filter.after.ptr) {
		out_text(&o, "<a href=\"/documents");
		query(&o, &l->filter, l->filter.state, l->filter.missing, false, NULL);
		out_text(&o, l->filter.words.len ? "\">From the first again</a> " : "\">First page</a> ");
	}
	if (l->found.more) {
		out_text(&o, "<a rel=\"next\" href=\"/documents");
		query(&o, &l->filter, l->filter.state, l->filter.missing, true, &l->found);
		out_text(&o, l->found.cut_short ? "\">Search on from there</a>" : "\">Next page</a>");
	}
	if (l->found.more || l->filter.after.ptr)
		out_text(&o, "</nav>");
	out_text(&o, "</section>");
	html_end(&o, p);
	return o.failed;
}
