/* SPDX-License-Identifier: MIT */
#include "status/html.h"

#include <inttypes.h>

#include "base/hash.h"
#include "base/text.h"
#include "base/url.h"

/* ---- text ---- */

static const char *entity(uint32_t c)
{
	switch (c) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	default: return NULL;
	}
}

/* mark: controls stand in an element of their own, which is for text only. */
static void escaped(struct out *o, struct span s, bool mark)
{
	size_t begin = 0, at = 0;

	while (at < s.len && !o->failed) {
		unsigned size;
		uint32_t c = out_next(span_sub(s, at, s.len), &size);
		const char *named = entity(c);
		bool space = c == '\n' || c == '\t' || c == '\r';

		if (!named && (space || (c != 0xfffd && !out_is_control(c)))) {
			at += size;
			continue;
		}
		out_span(o, span_sub(s, begin, at));
		if (named)
			out_text(o, named);
		else if (c == 0xfffd)
			out_text(o, "\xef\xbf\xbd");
		else
			out_f(o, mark ? "<span class=\"ctl\">U+%04" PRIX32 "</span>" : "(U+%04" PRIX32 ")",
			      c);
		at += size;
		begin = at;
	}
	out_span(o, span_sub(s, begin, s.len));
}

void html_text(struct out *o, struct span s)
{
	escaped(o, s, true);
}

void html_attribute(struct out *o, struct span s)
{
	escaped(o, s, false);
}

void html_query(struct out *o, struct span s)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
	size_t begin = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] && strchr(safe, s.ptr[i]))
			continue;
		out_span(o, span_sub(s, begin, i));
		out_f(o, "%%%02X", (unsigned)(unsigned char)s.ptr[i]);
		begin = i + 1;
	}
	out_span(o, span_sub(s, begin, s.len));
}

static struct span cut(struct span s, size_t max)
{
	size_t n = MIN(s.len, max);

	while (n < s.len && n && ((unsigned char)s.ptr[n] & 0xc0) == 0x80)
		n--;
	return span_sub(s, 0, n);
}

void html_bdi(struct out *o, struct span s)
{
	struct span shown = cut(s, HTML_TEXT_MAX);

	out_text(o, "<bdi>");
	html_text(o, shown);
	out_text(o, shown.len < s.len ? "\xe2\x80\xa6</bdi>" : "</bdi>");
}

void html_time(struct out *o, int64_t at, int64_t now)
{
	char exact[32], far[32];

	if (!at)
		return;
	if (at == INT64_MAX) {
		out_text(o, "never");
		return;
	}
	(void)out_time(at, exact);
	out_f(o, "<time datetime=\"%.10sT%sZ\" title=\"%s UTC\">%s</time>", exact, exact + 11, exact,
	      out_distance(at, now, far));
}

void html_count(struct out *o, int64_t n)
{
	char buf[32];

	out_text(o, out_count(n, buf));
}

/* ---- words ---- */

const char *html_state(enum store_state state)
{
	static const char *const words[STORE_STATE_COUNT] = {
		[STORE_STATE_UNKNOWN] = "not looked at yet", [STORE_STATE_COMPLETE] = "complete",
		[STORE_STATE_OPEN] = "incomplete",           [STORE_STATE_WAITING] = "waiting",
		[STORE_STATE_REFUSED] = "cannot be edited",  [STORE_STATE_IGNORED] = "left alone",
	};

	return words[state];
}

void html_badge(struct out *o, enum store_state state)
{
	out_f(o, "<span class=\"badge %s\">%s</span>", store_state_name(state), html_state(state));
}

void html_field(struct out *o, enum field field, int related)
{
	if (related >= 0)
		out_f(o, "<span class=\"of\">related %d</span> ", related + 1);
	out_text(o, field_name(field));
}

void html_missing(struct out *o, unsigned missing)
{
	for (enum field f = 0; f < FIELD_LINK_COUNT; f++)
		if (missing & 1u << f)
			out_f(o, "<span class=\"lack\">%s</span> ", field_name(f));
}

void html_place(struct out *o, unsigned line, unsigned col)
{
	out_f(o, " <span class=\"dim\">line %u", line);
	if (col)
		out_f(o, ", column %u", col);
	out_text(o, "</span>");
}

/* ---- links ---- */

bool html_is_web(struct span url)
{
	return span_starts_nocase(url, SPAN("http://")) || span_starts_nocase(url, SPAN("https://"));
}

void html_foreign(struct out *o, struct span url)
{
	if (!html_is_web(url)) {
		html_bdi(o, url);
		return;
	}
	out_text(o, "<a class=\"out\" rel=\"noreferrer noopener nofollow\" href=\"");
	html_attribute(o, url);
	out_text(o, "\">");
	html_bdi(o, url);
	out_text(o, "</a>");
}

void html_url_link(struct out *o, struct span url, bool brief)
{
	struct span shown = url;
	ptrdiff_t scheme = brief ? span_find(url, SPAN("://")) : -1;

	if (!html_is_web(url)) {
		html_bdi(o, url);
		return;
	}
	if (scheme >= 0)
		shown = span_sub(url, (size_t)scheme + 3, url.len);
	out_text(o, "<a class=\"url\" href=\"/url?u=");
	html_query(o, url);
	out_text(o, "\">");
	html_bdi(o, shown);
	out_text(o, "</a>");
}

/* A name that cannot stand in a path that is asked for: it is taken for what it is not, or refused. */
static bool is_odd(struct span path)
{
	for (size_t i = 0; i < path.len; i++)
		if ((unsigned char)path.ptr[i] < 0x20 || path.ptr[i] == 0x7f)
			return true;
	return text_utf8_valid(path) != path.len;
}

void html_id(struct out *o, const char *kind, struct span a, struct span b)
{
	/* the rotation tells who of the two is first */
	uint64_t first = hash64(a), second = hash64(b);

	out_f(o, " id=\"%s-%016" PRIx64 "\"", kind, (first << 1 | first >> 63) ^ second);
}

void html_document_href(struct out *o, struct span root, struct span path)
{
	if (is_odd(path)) {
		out_text(o, "/document/?hex=");
		for (size_t i = 0; i < path.len; i++)
			out_f(o, "%02x", (unsigned)(unsigned char)path.ptr[i]);
		out_text(o, "&amp;root=");
	} else {
		out_text(o, "/document/");
		html_query(o, path);
		out_text(o, "?root=");
	}
	html_query(o, root);
}

/* ---- the frame ---- */

static void nav(struct out *o, const char *path, const char *word, const char *current)
{
	out_f(o, "<li><a href=\"%s\"%s>%s</a></li>", path,
	      strcmp(path, current) == 0 ? " aria-current=\"page\"" : "", word);
}

void html_begin(struct out *o, const struct html_page *p, struct span title, const char *current,
		struct span search)
{
	out_text(o, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
		    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
		    "<meta name=\"color-scheme\" content=\"light dark\"><meta name=\"robots\" "
		    "content=\"noindex\">"
		    "<title>");
	html_attribute(o, cut(title, 200));
	out_text(o, " \xc2\xb7 ingestd</title><link rel=\"icon\" href=\"/favicon.svg\" "
		    "type=\"image/svg+xml\">"
		    "<link rel=\"stylesheet\" href=\"/static/page.css\">"
		    "<script src=\"/static/page.js\" defer></script>");
	if (!p->still)
		out_text(o, "<noscript><meta http-equiv=\"refresh\" content=\"30\"></noscript>");
	out_text(o, "</head>\n<body>"
		    "<a class=\"skip\" href=\"#main\">Skip to the content</a>"
		    "<header class=\"top\"><div class=\"wrap\"><a class=\"brand\" href=\"/\">ingestd</a>"
		    "<nav aria-label=\"Pages\"><ul>");
	nav(o, "/", "Overview", current);
	nav(o, "/documents", "Documents", current);
	out_text(o, "</ul></nav><form class=\"find\" role=\"search\" action=\"/documents\" method=\"get\">"
		    "<label class=\"hid\" for=\"q\">Search documents, or a URL</label>"
		    "<input id=\"q\" name=\"q\" type=\"search\" placeholder=\"Title, path or URL\" "
		    "maxlength=\"2000\" "
		    "autocomplete=\"off\" spellcheck=\"false\" value=\"");
	html_attribute(o, search);
	out_text(o, "\"><button type=\"submit\">Search</button></form></div></header>\n"
		    "<main id=\"main\" class=\"wrap\" tabindex=\"-1\">");
	if (p->said.len) {
		out_text(o, "<p id=\"said\" class=\"said\" role=\"status\">");
		html_bdi(o, p->said);
		out_text(o, "</p>");
	}
}

void html_end(struct out *o, const struct html_page *p)
{
	char buf[32];

	out_f(o,
	      "</main>\n<footer class=\"wrap\"><p>ingestd " INGESTD_VERSION
	      " \xc2\xb7 <span id=\"asof\">as of %s UTC</span> <span id=\"live\" role=\"status\" "
	      "aria-live=\"polite\"></span></p></footer></body></html>\n",
	      out_time(p->now, buf));
}

void html_image(struct out *o, const struct html_page *p, const struct view_image *image)
{
	bool copies = p->copies && p->images && strcmp(p->images, "none") != 0 && image->copy.len;
	bool all = p->images && strcmp(p->images, "all") == 0 && html_is_web(image->url);

	if (copies || all) {
		out_text(o,
			 "<div class=\"pic\"><img alt=\"\" loading=\"lazy\" referrerpolicy=\"no-referrer\"");
		if (image->width && image->height)
			out_f(o, " width=\"%u\" height=\"%u\"", image->width, image->height);
		out_text(o, " src=\"");
		if (copies) {
			out_text(o, "/copy/");
			html_query(o, image->copy);
		} else {
			html_attribute(o, image->url);
		}
		out_text(o, "\"></div>");
		return;
	}
	out_text(o, "<div class=\"pic none\"><span>");
	if (image->width && image->height)
		out_f(o, "%u \xc3\x97 %u<br>", image->width, image->height);
	else
		out_text(o, "size not known<br>");
	html_bdi(o, image->host);
	out_text(o, "</span></div>");
}

void html_acts(struct out *o, const struct html_page *p, const char *kind, struct span what,
	       const struct html_act *acts, size_t count)
{
	if (!p->may_act || !what.len)
		return;
	out_f(o,
	      "<form class=\"acts\" method=\"post\"><input type=\"hidden\" name=\"kind\" value=\"%s\">"
	      "<input type=\"hidden\" name=\"what\" value=\"",
	      kind);
	html_attribute(o, what);
	out_text(o, "\"><input type=\"hidden\" name=\"back\" value=\"");
	html_attribute(o, p->here);
	out_text(o, "\">");
	if (p->asks_token)
		out_text(o,
			 "<label class=\"hid\" for=\"token\">Token</label><input id=\"token\" name=\"token\" "
			 "type=\"password\" placeholder=\"Token\" autocomplete=\"off\" required>");
	for (size_t i = 0; i < count; i++)
		out_f(o, "<button type=\"submit\" formaction=\"/act/%s\" title=\"%s\">%s</button>",
		      acts[i].action, acts[i].title, acts[i].label);
	out_text(o, "</form>");
}

enum err html_message(const struct html_page *p, const char *title, struct span text, struct strbuf *out)
{
	struct out o = {out, ERR_OK};
	struct html_page still = *p;

	still.still = true;
	html_begin(&o, &still, span_str(title), "", SPAN_NONE);
	out_f(&o, "<section class=\"panel\"><h1>%s</h1><p>", title);
	html_bdi(&o, text);
	out_text(&o, "</p><p><a href=\"/\">Overview</a> \xc2\xb7 <a "
		     "href=\"/documents\">Documents</a></p></section>");
	html_end(&o, p);
	return o.failed;
}
