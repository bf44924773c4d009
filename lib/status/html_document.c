/* SPDX-License-Identifier: MIT */
/* html_document.c - a document's own page. */
#include "status/html.h"

#include <inttypes.h>

static void head(struct out *o, const struct html_page *p, const struct view_document *d)
{
	const struct store_status *s = &d->known.status;

	out_text(o, "<section id=\"document\" class=\"panel\" data-live aria-labelledby=\"document-h\">"
		    "<p class=\"over\">Document</p><div class=\"doc\">");
	if (d->image.url.len)
		html_image(o, p, &d->image);
	out_text(o, "<div><h1 id=\"document-h\">");
	html_bdi(o, d->title.len ? d->title : d->path);
	out_text(o, "</h1><p class=\"meta\">");
	html_badge(o, s->state);
	out_text(o, " <span class=\"path\">");
	if (p->many_roots) {
		html_bdi(o, d->root);
		out_text(o, "/");
	}
	html_bdi(o, d->path);
	out_text(o, "</span></p>");
	if (d->excerpt.len) {
		out_text(o, "<p class=\"excerpt whole\">");
		html_bdi(o, d->excerpt);
		out_text(o, "</p>");
	}
	out_text(o, "</div></div>");
}

static void fact(struct out *o, const char *name)
{
	out_f(o, "<dt>%s</dt><dd>", name);
}

static void facts(struct out *o, const struct html_page *p, const struct view_document *d)
{
	const struct store_status *s = &d->known.status;
	char buf[32];

	out_text(o, "<dl class=\"facts\">");
	if (s->missing) {
		fact(o, "Missing");
		html_missing(o, s->missing);
		out_text(o, "</dd>");
	}
	if (s->reason.len) {
		fact(o, "Why");
		html_bdi(o, s->reason);
		if (s->line)
			html_place(o, s->line, s->col);
		out_text(o, "</dd>");
	}
	if (s->url.len) {
		fact(o, "Which link");
		html_url_link(o, s->url, false);
		out_text(o, "</dd>");
	}
	if (d->trouble.text[0] && !s->reason.len) {
		fact(o, "Trouble");
		html_bdi(o, span_str(d->trouble.text));
		if (d->trouble.line)
			html_place(o, d->trouble.line, d->trouble.col);
		out_text(o, "</dd>");
	}
	if (d->opted_out) {
		fact(o, "Left alone");
		out_text(o, "it says <code>ingestd: false</code></dd>");
	}
	if (s->looked_at) {
		fact(o, "Looked at");
		html_time(o, s->looked_at, p->now);
		if (d->known.document.due_at && d->known.document.due_at != INT64_MAX) {
			out_text(o, "; again ");
			html_time(o, d->known.document.due_at, p->now);
		} else if (d->known.document.due_at) {
			out_text(o, "; again when it changes");
		}
		out_text(o, "</dd>");
	}
	if (d->bytes) {
		fact(o, "Size");
		out_f(o, "%s bytes</dd>", out_count((int64_t)d->bytes, buf));
	}
	out_text(o, "</dl>");
}

static void actions(struct out *o, const struct html_page *p, const struct view_document *d)
{
	static const struct html_act acts[] = {
		{"refresh", "Refresh now",
		 "Its links are asked again, in good manners: pauses and robots.txt stay in force"},
		{"forget", "Forget", "It is read anew, and what was written into it counts as a person's"},
		{"undo", "Undo", "Takes back what was written into it, wherever nobody has changed it since"},
	};
	CLEANUP(strbuf_release) struct strbuf whole = STRBUF_INIT(64 * 1024);
	struct out w = {&whole, ERR_OK};

	out_span(&w, d->root);
	out_text(&w, "/");
	out_span(&w, d->path);
	if (!w.failed)
		html_acts(o, p, "document", strbuf_span(&whole), acts,
			  d->change_count ? ARRAY_SIZE(acts) : ARRAY_SIZE(acts) - 1);
}

static void history(struct out *o, const struct html_page *p, const struct view_document *d)
{
	out_text(o, "<section id=\"history\" class=\"panel\" data-live aria-labelledby=\"history-h\">"
		    "<h2 id=\"history-h\">What was written</h2>");
	if (!d->change_count)
		out_text(o, "<p class=\"nothing\">Nothing: all that it says is a person's.</p>");
	else
		out_text(o, "<ul class=\"changes long\">");
	for (size_t i = 0; i < d->change_count; i++)
		html_change(o, &d->changes[i], true, p->now);
	if (d->change_count)
		out_text(o, "</ul>");
	if (d->changes_more)
		out_text(o, "<p class=\"more\">and earlier ones</p>");
	out_text(o, "</section>");
}

static void link_rows(struct out *o, const struct view_link *link)
{
	for (enum field f = 0; f < FIELD_LINK_COUNT; f++) {
		const struct view_field *v = &link->fields[f];

		if (!v->value.ptr && v->gap == GAP_NONE)
			continue;
		out_f(o, "<tr%s><th scope=\"row\">%s</th><td class=\"value\">",
		      v->gap == GAP_FILL || v->gap == GAP_CUT_OFF ? " class=\"gap\"" : "", field_name(f));
		html_bdi(o, v->value);
		if (v->gap != GAP_NONE)
			out_f(o, "<div class=\"why\">%s</div>", explain_gap(v->gap));
		out_text(o, "</td></tr>");
	}
}

static void links(struct out *o, const struct view_document *d)
{
	if (!d->link_count)
		return;
	out_text(o, "<section id=\"links\" class=\"panel\" data-live aria-labelledby=\"links-h\"><h2 "
		    "id=\"links-h\">"
		    "Its links</h2>");
	for (size_t i = 0; i < d->link_count; i++) {
		const struct view_link *link = &d->links[i];

		if (link->related < 0)
			out_text(o, "<h3>The article</h3><p>");
		else
			out_f(o, "<h3>Related %d</h3><p>", link->related + 1);
		if (link->key.len)
			html_url_link(o, link->key, false);
		else
			html_bdi(o, link->url);
		out_f(o,
		      " <span class=\"dim\">line %u</span></p><div class=\"scroll\" tabindex=\"0\" "
		      "role=\"region\" "
		      "aria-label=\"Fields, line %u\"><table class=\"rows fields\"><thead><tr><th "
		      "scope=\"col\">Field</th>"
		      "<th scope=\"col\">Value</th></tr></thead><tbody>",
		      link->line, link->line);
		link_rows(o, link);
		out_text(o, "</tbody></table></div>");
	}
	if (d->links_more)
		out_f(o, "<p class=\"more\">and %zu more links</p>", d->links_more);
	out_text(o, "</section>");
}

static void urls(struct out *o, const struct html_page *p, const struct view_document *d)
{
	for (size_t i = 0; i < d->url_count; i++) {
		out_f(o,
		      "<section id=\"url-%zu\" class=\"panel\" data-live aria-labelledby=\"url-%zu-h\">"
		      "<p class=\"over\">What its link answered</p><h2 class=\"address\" id=\"url-%zu-h\">",
		      i, i, i);
		html_url_link(o, d->urls[i].url, false);
		out_text(o, "</h2>");
		html_explained(o, p, &d->urls[i], 3);
		out_text(o, "</section>");
	}
}

enum err html_document(const struct html_page *p, const struct view_document *d, struct strbuf *to)
{
	struct out o = {to, ERR_OK};

	html_begin(&o, p, d->title.len ? d->title : d->path, "", SPAN_NONE);
	head(&o, p, d);
	facts(&o, p, d);
	actions(&o, p, d);
	out_text(&o, "</section>");
	history(&o, p, d);
	links(&o, d);
	urls(&o, p, d);
	html_end(&o, p);
	return o.failed;
}
