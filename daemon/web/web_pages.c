/* SPDX-License-Identifier: MIT */
/* web_pages.c - what people look at: each page is made on the viewer's thread (view_ask.h). */
#include "web_actions.h"
#include "web_groups.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/cache.h"
#include "status/html.h"
#include "view_ask.h"

enum { HERE_MAX = 4096, SCAN_ALL = 50000 };

/* Outlives either: the request, and the question. */
struct hold {
	struct web_request *request; /* NULL: gone */
	struct view_ask *ask;        /* NULL: answered */
};

/* What is asked, in the question's arena. */
struct asked {
	struct hold *hold;
	struct html_page html;
	struct span root, path, url, words; /* as the page needs them */
	struct look_filter filter;
	const char *type; /* of what is answered; NULL: a page */
	unsigned status;
};

static void drop_hold(struct hold *h)
{
	if (!h->request && !h->ask)
		free(h);
}

/* The request is over. */
static void on_gone(void *data)
{
	struct hold *h = data;

	h->request = NULL;
	if (h->ask)
		view_ask_leave(h->ask);
	/* from here on nobody is told, so that the question's end is not waited for */
	h->ask = NULL;
	drop_hold(h);
}

static unsigned status_of(enum err r)
{
	switch (r) {
	case ERR_OK: return 200;
	case ERR_NOTFOUND:
	case ERR_OUTSIDE: return 404;
	case ERR_CANCELLED:
	case ERR_BUSY: return 503;
	default: return 500;
	}
}

static void on_told(void *arg, struct view_ask *ask, enum err result)
{
	struct asked *page = arg;
	struct web_request *r = page->hold->request;
	unsigned status = result ? status_of(result) : page->status;

	page->hold->ask = NULL;
	if (result && result != ERR_CANCELLED) {
		strbuf_truncate(&ask->out, 0);
		if (!html_message(&page->html, status == 404 ? "Not found" : "That did not work",
				  span_str(ask->error.text[0] ? ask->error.text : err_text(result)),
				  &ask->out))
			result = ERR_OK;
	}
	if (result)
		web_refuse(r, status, "%s", err_text(result));
	else
		web_answer(r, status, page->type ? page->type : "text/html; charset=utf-8", &ask->out);
}

/* A result of an action is shown when this very server has sent the browser here. */
static struct span said(const struct web_request *r, struct arena *a)
{
	const char *text = web_query(r, "said"), *site = web_request_header(r, "Sec-Fetch-Site");

	if (!text || strlen(text) > WEB_SAID_MAX || !site || strcmp(site, "same-origin") != 0)
		return SPAN_NONE;
	return arena_dup(a, span_str(text));
}

/* Path and query of this page, without what was said. */
static struct span here(const struct web_request *r, struct arena *a)
{
	static const char *const names[] = {"root", "u", "hex"};
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(HERE_MAX);
	struct out o = {&text, ERR_OK};
	const char *before = "?";

	html_query(&o, span_str(web_path(r)));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = web_query(r, names[i]);

		if (!value)
			continue;
		out_f(&o, "%s%s=", before, names[i]);
		html_query(&o, span_str(value));
		before = "&";
	}
	return o.failed ? SPAN("/") : arena_dup(a, strbuf_span(&text));
}

static struct asked *page_new(struct web *w, struct web_request *r, bool live)
{
	const struct serve_context *c = web_context(w);
	struct view_ask *ask = view_ask_new(c, live);
	struct asked *page = ask ? ARENA_NEW(&ask->arena, struct asked) : NULL;
	struct hold *h = page ? calloc(1, sizeof(*h)) : NULL;

	if (!h) {
		view_ask_free(ask);
		web_refuse(r, 503, "out of memory");
		return NULL;
	}
	*h = (struct hold){r, ask};
	page->hold = h;
	page->status = 200;
	page->html = (struct html_page){
		.now = ask->options.now,
		.may_act = web_may_act(r) || c->config->status_secret,
		.asks_token = !web_may_act(r),
		.copies = c->config->image_cache != NULL,
		.images = c->config->status_images,
		.said = said(r, &ask->arena),
		.here = here(r, &ask->arena),
		.many_roots = c->roots->count > 1,
	};
	ask->more = page;
	return page;
}

static void page_send(struct web *w, struct asked *page, view_make_fn *make)
{
	struct hold *h = page->hold;
	struct web_request *r = h->request;

	if (view_ask_send(web_context(w)->viewer, h->ask, make, on_told, page)) {
		web_hold(r, h, on_gone);
		return;
	}
	free(h);
	web_refuse(r, 503, "too much is asked for at once");
}

static struct span copy(const struct asked *page, const char *text)
{
	return text ? arena_dup(&page->hold->ask->arena, span_str(text)) : SPAN_NONE;
}

/* ---- the overview ---- */

static enum err make_overview(struct view_ask *ask, struct look *l)
{
	const struct asked *page = ask->more;
	struct view v;
	enum err r = view_read(l, &ask->options, &ask->arena, &v, &ask->error);

	return r ? r : html_overview(&page->html, &v, &ask->out);
}

static void on_overview(struct web *w, struct web_request *r)
{
	struct asked *page = page_new(w, r, true);

	if (page)
		page_send(w, page, make_overview);
}

/* ---- documents ---- */

static enum err make_documents(struct view_ask *ask, struct look *l)
{
	const struct asked *page = ask->more;
	struct html_list list = {.filter = page->filter};
	struct look_filter filter;
	enum err r = view_read_counts(l, &ask->arena, &list.counts, &ask->error);

	filter = list.filter;
	/* of very many those are looked through that lack something, by their index */
	if (filter.missing && filter.state < 0 && list.counts.all > SCAN_ALL)
		filter.state = STORE_STATE_OPEN;
	if (!r)
		r = look_documents(l, &filter, &ask->arena, &list.found, &ask->error);
	return r ? r : html_documents(&page->html, &list, &ask->out);
}

/* What is asked for is an address: its page. */
static bool is_address(struct web_request *r, const char *words)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(256 * 1024);
	CLEANUP(strbuf_release) struct strbuf to = STRBUF_INIT(64 * 1024);
	struct span text = span_trim(span_str(words));
	struct out o = {&to, ERR_OK};

	if (!span_starts_nocase(text, SPAN("http://")) && !span_starts_nocase(text, SPAN("https://")))
		return false;
	if (!view_url_key(text, &a).len)
		return false;
	out_text(&o, "/url?u=");
	html_query(&o, text);
	if (o.failed)
		return false;
	web_answer_see(r, strbuf_cstr(&to));
	return true;
}

static void on_documents(struct web *w, struct web_request *r)
{
	const char *words = web_query(r, "q"), *state = web_query(r, "state"),
		   *missing = web_query(r, "missing");
	struct asked *page;
	enum store_state known;
	enum field field;

	if (words && is_address(r, words))
		return;
	page = page_new(w, r, false);
	if (!page)
		return;
	page->filter = (struct look_filter){.state = -1,
					    .root = copy(page, web_query(r, "root")),
					    .words = span_trim(copy(page, words)),
					    .after_root = copy(page, web_query(r, "after_root")),
					    .after = copy(page, web_query(r, "after")),
					    .limit = VIEW_ROWS};
	if (state && store_state_by_name(span_str(state), &known))
		page->filter.state = (int)known;
	if (missing && field_by_name(span_str(missing), &field) && field < FIELD_LINK_COUNT)
		page->filter.missing = 1u << field;
	page_send(w, page, make_documents);
}

/* ---- one document ---- */

static enum err make_document(struct view_ask *ask, struct look *l)
{
	const struct asked *page = ask->more;
	const struct view_options *o = &ask->options;
	struct view_document d;
	enum err r = err_set(&ask->error, ERR_NOTFOUND, "there is no such document");

	/* without its folder: in the first that has it */
	for (size_t i = 0; i < o->folder_count && r == ERR_NOTFOUND; i++) {
		if (page->root.ptr && !span_eq(page->root, o->folders[i]))
			continue;
		r = view_document(l, o, o->folders[i], page->path, &ask->arena, &d, &ask->error);
	}
	return r ? r : html_document(&page->html, &d, &ask->out);
}

/* A name that is no text: html_document_href(). */
static struct span from_hex(struct asked *page, const char *hex)
{
	size_t n = strlen(hex) / 2;
	char *path = arena_zalloc(&page->hold->ask->arena, n + 1);

	for (size_t i = 0; i < n && path; i++) {
		const char digits[] = {hex[2 * i], hex[2 * i + 1], 0};

		path[i] = (char)strtoul(digits, NULL, 16);
	}
	return path ? span_of(path, n) : SPAN_NONE;
}

static void on_document(struct web *w, struct web_request *r)
{
	struct asked *page = page_new(w, r, false);

	if (!page)
		return;
	page->root = copy(page, web_query(r, "root"));
	page->path = copy(page, web_rest(r));
	if (!page->path.len && web_query(r, "hex"))
		page->path = from_hex(page, web_query(r, "hex"));
	page_send(w, page, make_document);
}

/* ---- one URL ---- */

static enum err make_url(struct view_ask *ask, struct look *l)
{
	struct asked *page = ask->more;
	struct explained e;
	struct span key = view_url_key(page->url, &ask->arena);
	enum err r;

	if (!key.len)
		return err_set(&ask->error, ERR_NOTFOUND, "that is no http or https address");
	r = explain_url(l, ask->options.config, ask->options.now, key, &ask->arena, &e, &ask->error);
	if (!r && e.result.outcome == OUTCOME_NONE)
		page->status = 404;
	return r ? r : html_url(&page->html, &e, &ask->out);
}

static void on_url(struct web *w, struct web_request *r)
{
	struct asked *page = page_new(w, r, false);

	if (!page)
		return;
	page->url = copy(page, web_query(r, "u"));
	page_send(w, page, make_url);
}

/* ---- files ---- */

static void answer_asset(struct web_request *r, const char *name)
{
	const struct html_asset *asset = html_asset(name);
	struct strbuf body = STRBUF_INIT(VIEW_OUT_MAX);

	if (!asset)
		web_refuse(r, 404, "there is no such file");
	else if (strbuf_add(&body, asset->bytes, asset->len))
		web_refuse(r, 503, "out of memory");
	else
		web_answer(r, 200, asset->type, &body);
	strbuf_release(&body);
}

static void on_static(struct web *w, struct web_request *r)
{
	(void)w;
	answer_asset(r, web_rest(r));
}

/* What browsers ask for beside an answer that names no icon: plain text, numbers. They look at the type. */
static void on_icon(struct web *w, struct web_request *r)
{
	(void)w;
	answer_asset(r, "icon.svg");
}

static const char *type_of(struct span name)
{
	static const struct {
		const char *suffix, *type;
	} types[] = {{".jpg", "image/jpeg"},    {".jpeg", "image/jpeg"}, {".png", "image/png"},
		     {".gif", "image/gif"},     {".webp", "image/webp"}, {".avif", "image/avif"},
		     {".svg", "image/svg+xml"}, {".bmp", "image/bmp"},   {".ico", "image/x-icon"}};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (span_ends_nocase(name, span_str(types[i].suffix)))
			return types[i].type;
	return "application/octet-stream";
}

static enum err read_copy(const char *folder, const char *name, struct strbuf *out, struct error *e)
{
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = dir < 0 ? -1 : openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	enum err r = ERR_OK;
	ssize_t n = 1;

	if (dir >= 0)
		(void)close(dir);
	if (fd < 0)
		return err_set(e, ERR_NOTFOUND, "there is no such copy");
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size > VIEW_OUT_MAX)
		r = err_set(e, ERR_NOTFOUND, "there is no such copy that could be shown");
	while (!r && n > 0) {
		char buf[32 * 1024];

		n = read(fd, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n < 0)
			r = err_set(e, ERR_IO, "the copy cannot be read");
		else
			r = strbuf_add(out, buf, (size_t)n);
	}
	(void)close(fd);
	return r;
}

static enum err make_copy(struct view_ask *ask, struct look *l)
{
	struct asked *page = ask->more;

	(void)l;
	page->type = type_of(page->path);
	return read_copy(ask->options.config->image_cache, page->path.ptr, &ask->out, &ask->error);
}

static void on_copy(struct web *w, struct web_request *r)
{
	const struct config *config = web_context(w)->config;
	struct span name = span_str(web_rest(r));
	struct asked *page;

	if (!config->image_cache || !config->status_images || strcmp(config->status_images, "none") == 0 ||
	    !image_copy_is_name(name)) {
		web_refuse(r, 404, "there is no such copy");
		return;
	}
	page = page_new(w, r, false);
	if (!page)
		return;
	page->path = copy(page, name.ptr);
	page_send(w, page, make_copy);
}

static const struct web_route routes[] = {
	{"GET", "/", on_overview, false},
	{"GET", "/documents", on_documents, false},
	{"GET", "/document/", on_document, false},
	{"GET", "/url", on_url, false},
	{"GET", "/static/", on_static, false},
	{"GET", "/favicon.svg", on_icon, false},
	{"GET", "/favicon.ico", on_icon, false},
	{"GET", "/copy/", on_copy, false},
	{NULL, NULL, NULL, false},
};

const struct web_group web_pages_group = {.name = "pages", .routes = routes};
