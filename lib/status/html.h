/* SPDX-License-Identifier: MIT */
/* html.h - pages rendered from the model (view.h).
 *
 * All that is not a literal of ours goes through one of three functions: html_text() into text,
 * html_attribute() into a quoted attribute, html_query() into a URL's path or query. None lets a byte through
 * that could end where it stands; controls are shown by their numbers (out.h). Strangers' texts stand in
 * <bdi>, so that what is written from right to left turns nothing around them. A link leads to http or https
 * only, or to a page of ours. There is no inline script and no inline style: a strict Content-Security-Policy
 * holds. */
#ifndef INGESTD_STATUS_HTML_H
#define INGESTD_STATUS_HTML_H

#include "status/out.h"
#include "status/view.h"

enum { HTML_TEXT_MAX = 2000 }; /* bytes of one text of a stranger that is shown; more is cut */

/* ---- the parts ---- */

void html_text(struct out *o, struct span s);
void html_attribute(struct out *o, struct span s);
void html_query(struct out *o, struct span s);
/* <bdi>TEXT</bdi>, cut at HTML_TEXT_MAX. */
void html_bdi(struct out *o, struct span s);
/* <time>: how far off, the exact time as its title; nothing for 0. */
void html_time(struct out *o, int64_t at, int64_t now);
void html_count(struct out *o, int64_t n);
/* The words for a state: "complete", "incomplete", "cannot be edited". Static. */
const char *html_state(enum store_state state);
/* A small coloured mark with these words. */
void html_badge(struct out *o, enum store_state state);
/* http or https: what may be a link. */
bool html_is_web(struct span url);
/* A link to where it is, when that is http or https; else the text alone. */
void html_foreign(struct out *o, struct span url);
/* A link to a URL's own page, with the URL as its text; `short`: without its scheme. */
void html_url_link(struct out *o, struct span url, bool brief);
/* An attribute, id="KIND-...", by which page.js knows a row again when others have come before it. b:
 * SPAN_NONE, or what belongs to a. */
void html_id(struct out *o, const char *kind, struct span a, struct span b);
/* The address of a document's page, for an attribute. */
void html_document_href(struct out *o, struct span root, struct span path);
/* A field's label, with the related entry that it is of. */
void html_field(struct out *o, enum field field, int related);
/* "line 3, column 4"; a column of 0 is not told. */
void html_place(struct out *o, unsigned line, unsigned col);
/* The names of missing fields, one small mark each. */
void html_missing(struct out *o, unsigned missing);

/* ---- pages ---- */

/* What each page needs besides its model. */
struct html_page {
	int64_t now;
	bool may_act;       /* forms are shown */
	bool asks_token;    /* and ask for the token */
	bool copies;        /* there is an image cache */
	const char *images; /* status.images: "none", "copies", "all" */
	struct span said;   /* the result of an action, shown once; SPAN_NONE */
	struct span here;   /* path and query of this page, for forms to come back to */
	bool many_roots;    /* a document's folder is named with it */
	bool still;         /* nothing on it changes: not to be loaded again without a script */
};

/* title: of the page, in its own words. current: path of the navigation's entry, or "". */
void html_begin(struct out *o, const struct html_page *p, struct span title, const char *current,
		struct span search);
void html_end(struct out *o, const struct html_page *p);

/* A picture that there is, or its placeholder, as status.images says. */
void html_image(struct out *o, const struct html_page *p, const struct view_image *image);
/* What may be done with something: one form, and a button for each action. kind: "document", "url". */
struct html_act {
	const char *action, *label, *title; /* "refresh", "undo", "forget" */
};
void html_acts(struct out *o, const struct html_page *p, const char *kind, struct span what,
	       const struct html_act *acts, size_t count);

CHECKED enum err html_overview(const struct html_page *p, const struct view *v, struct strbuf *out);

struct html_list {
	struct look_filter filter;
	struct look_documents found;
	struct span *roots;
	size_t root_count;
	struct view_counts counts;
};
CHECKED enum err html_documents(const struct html_page *p, const struct html_list *list, struct strbuf *out);
CHECKED enum err html_document(const struct html_page *p, const struct view_document *d, struct strbuf *out);
CHECKED enum err html_url(const struct html_page *p, const struct explained *e, struct strbuf *out);
/* A page that says that there is none, or why there is none; `still` whatever p says. */
CHECKED enum err html_message(const struct html_page *p, const char *title, struct span text,
			      struct strbuf *out);

/* What is known of a URL: answer, verdict, every candidate. Level of its headings: 2 or 3. */
void html_explained(struct out *o, const struct html_page *p, const struct explained *e, int level);
/* Before and after of one change, as a row of .changes. */
void html_change(struct out *o, const struct view_change *c, bool with_time, int64_t now);

/* ---- files ---- */

struct html_asset {
	const char *name, *type; /* "page.css", "text/css; charset=utf-8" */
	const unsigned char *bytes;
	size_t len;
};
/* NULL: there is no such file. */
const struct html_asset *html_asset(const char *name);

#endif
