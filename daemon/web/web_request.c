/* SPDX-License-Identifier: MIT */
#include "web_inner.h"

#include <stdarg.h>
#include <stdio.h>

#include "commands.h"
#include "report/measure.h"
#include "status/html.h"

enum { HEADERS_MAX = 8 };

/* Nothing of a page comes from elsewhere, runs from inside it, is kept, or is shown inside another site's.
 * The referrer stays within the server, since without one a form's Origin would be null. */
static const char *const safety[][2] = {
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "DENY"},
	{"Referrer-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cache-Control", "no-store"},
};
#define POLICY                                                                                              \
	"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; " \
	"base-uri 'none'; frame-ancestors 'none'; img-src 'self'"

struct web_request {
	struct web *web;
	struct web_connection *connection;
	struct MHD_Connection *mhd;
	struct arena arena;
	const char *target; /* as sent; NULL: no memory */
	const char *path;
	struct form query, form;
	struct strbuf body;
	const struct web_route *route;
	size_t group;
	bool begun, suspended, answered, posted;
	struct MHD_Response *response; /* until it is queued */
	unsigned status;
	size_t size; /* of the answer, while it counts in web.bodies */
	const char *headers[HEADERS_MAX][2];
	size_t header_count;
	void *held;
	void (*gone)(void *);
};

/* ---- what is asked ---- */

void *web_on_target(void *arg, const char *target, struct MHD_Connection *connection)
{
	struct web_request *r = calloc(1, sizeof(*r));

	(void)connection;
	if (!r)
		return NULL;
	r->web = arg;
	r->arena = ARENA_INIT(REQUEST_ARENA_MAX);
	r->body = STRBUF_INIT(REQUEST_FORM_MAX);
	r->target = arena_strdup(&r->arena, span_str(target));
	return r;
}

static struct span header(const struct web_request *r, const char *name)
{
	return span_str(MHD_lookup_connection_value(r->mhd, MHD_HEADER_KIND, name));
}

static enum MHD_Result count_hosts(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	(void)value;
	*(unsigned *)arg += span_eq_nocase(span_str(name), SPAN("Host"));
	return MHD_YES;
}

static bool fits(const struct web_route *route, const char *path)
{
	size_t n = strlen(route->path);

	return n > 1 && route->path[n - 1] == '/' ? strncmp(path, route->path, n) == 0
						  : strcmp(path, route->path) == 0;
}

/* By path and method; *other: a method that the path is there for, when it is not for this one. */
static void find_route(struct web_request *r, const char *method, const char **other)
{
	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	for (r->group = 0; web_groups[r->group]; r->group++) {
		for (const struct web_route *route = web_groups[r->group]->routes; route->path; route++) {
			if (!fits(route, r->path))
				continue;
			*other = route->method;
			if (strcmp(route->method, method) != 0)
				continue;
			r->route = route;
			return;
		}
	}
}

static enum err take_target(struct web_request *r)
{
	return r->target ? request_target(span_str(r->target), &r->arena, &r->path, &r->query) : ERR_NOMEM;
}

static void refuse_target(struct web_request *r, enum err why)
{
	if (why == ERR_TOOBIG)
		web_refuse(r, MHD_HTTP_URI_TOO_LONG, "the address is too long, or of too many parts");
	else if (why == ERR_NOMEM)
		web_refuse(r, MHD_HTTP_SERVICE_UNAVAILABLE, "out of memory");
	else
		web_refuse(r, MHD_HTTP_BAD_REQUEST, "the address is not well formed");
}

static void refuse_method(struct web_request *r, const char *takes)
{
	bool form = strcmp(takes, "POST") == 0;

	web_header(r, "Allow", form ? "POST" : "GET, HEAD");
	web_refuse(r, MHD_HTTP_METHOD_NOT_ALLOWED, "%s",
		   form ? "this is done by a page's buttons (POST), not by opening its address"
			: "this address is there to be looked at (GET) only");
}

static bool is_posted(const struct web_request *r)
{
	return strcmp(r->route->method, "POST") == 0;
}

/* The head is there. False: it was refused. */
static bool check_head(struct web_request *r, const char *method)
{
	const struct span host = header(r, "Host");
	const char *takes = NULL;
	unsigned hosts = 0;
	size_t n = 0;
	enum err bad = take_target(r);

	(void)MHD_get_connection_values(r->mhd, MHD_HEADER_KIND, count_hosts, &hosts);
	if (bad) {
		refuse_target(r, bad);
	} else if (hosts > 1 || (!r->connection->local && !request_host_is_own(host))) {
		/* a line for browsers too: the files of a page would be asked for by that name */
		web_answer_text(r, MHD_HTTP_MISDIRECTED_REQUEST,
				"this server answers for localhost, 127.0.0.1 and [::1] only");
	} else if (find_route(r, method, &takes), !takes) {
		web_refuse(r, MHD_HTTP_NOT_FOUND, "there is nothing at this address");
	} else if (!r->route) {
		refuse_method(r, takes);
	} else if (bad = request_length(header(r, "Content-Length"), header(r, "Transfer-Encoding"),
					is_posted(r) ? REQUEST_FORM_MAX : 0, &n),
		   bad == ERR_INVALID) {
		web_refuse(r, MHD_HTTP_LENGTH_REQUIRED, "a length is wanted");
	} else if (bad) {
		web_refuse(r, MHD_HTTP_CONTENT_TOO_LARGE, "too much is sent");
	} else if (r->route->acts &&
		   !request_is_same_site(header(r, "Sec-Fetch-Site"), header(r, "Origin"), host)) {
		web_refuse(r, MHD_HTTP_FORBIDDEN, "another site's page may not ask for this");
	} else {
		r->posted = n > 0;
		return true;
	}
	return false;
}

static bool check_form(struct web_request *r)
{
	if (!r->posted)
		return true;
	if (!request_is_form(header(r, "Content-Type")))
		web_refuse(r, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "a form is wanted");
	else if (form_parse(strbuf_span(&r->body), &r->arena, &r->form))
		web_refuse(r, MHD_HTTP_BAD_REQUEST, "the form is not well formed");
	else
		return true;
	return false;
}

static bool has_token(const struct web_request *r)
{
	const struct span secret = span_str(r->web->context.config->status_secret);
	struct span given = request_bearer(header(r, "Authorization"));

	if (!given.ptr && r->route && r->route->acts)
		given = span_str(form_get(&r->form, "token"));
	return request_token_is(given, secret);
}

bool web_may_act(const struct web_request *r)
{
	return r->connection->owner || has_token(r);
}

static void handle(struct web_request *r)
{
	if (!check_form(r))
		return;
	if (r->route->acts && !web_may_act(r))
		web_refuse(
			r, MHD_HTTP_FORBIDDEN, "%s",
			r->web->context.config->status_secret
				? "this needs the token, or a socket of the file system and the service's "
				  "user"
				: "this needs a socket of the file system and the service's user; no token "
				  "is configured");
	else if (r->web->failed[r->group])
		web_refuse(r, MHD_HTTP_SERVICE_UNAVAILABLE, "this could not be started: see the log");
	else
		r->route->handle(r->web, r);
}

static enum MHD_Result queue_answer(struct web_request *r)
{
	enum MHD_Result sent = MHD_queue_response(r->mhd, r->status, r->response);

	MHD_destroy_response(r->response);
	r->response = NULL;
	web_enter(r->connection, WEB_SENDING);
	return sent;
}

static enum MHD_Result begin(struct web_request *r, struct MHD_Connection *connection, const char *method)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	r->begun = true;
	r->mhd = connection;
	r->connection = info ? info->socket_context : NULL;
	if (!r->connection)
		return MHD_NO;
	r->connection->request = r;
	web_enter(r->connection, WEB_RECEIVING);
	/* the answer to what is refused now closes the connection: what follows is not looked at */
	if (check_head(r, method))
		return MHD_YES;
	return r->response ? queue_answer(r) : MHD_NO;
}

enum MHD_Result web_on_request(void *arg, struct MHD_Connection *connection, const char *url,
			       const char *method, const char *version, const char *upload, size_t *size,
			       void **request)
{
	struct web_request *r = *request;

	(void)arg;
	(void)url;
	(void)version;
	if (!r)
		return MHD_NO;
	if (!r->begun)
		return begin(r, connection, method);
	if (*size) {
		enum err code = strbuf_add(&r->body, upload, *size);

		*size = 0;
		return code ? MHD_NO : MHD_YES;
	}
	if (!r->suspended) {
		/* Nothing may wait from web_stop() on. Hung up on, a client with a kept connection asks anew.
		 */
		if (r->web->stopping)
			return MHD_NO;
		web_enter(r->connection, WEB_HANDLING);
		handle(r);
		if (!r->answered) {
			r->suspended = true;
			MHD_suspend_connection(connection);
			return MHD_YES;
		}
	}
	return r->response ? queue_answer(r) : MHD_NO;
}

void web_on_completed(void *arg, struct MHD_Connection *connection, void **request,
		      enum MHD_RequestTerminationCode why)
{
	struct web_request *r = *request;

	(void)arg;
	(void)connection;
	(void)why;
	*request = NULL;
	if (!r)
		return;
	if (r->connection) {
		r->connection->request = NULL;
		web_enter(r->connection, WEB_WAITING);
	}
	if (r->gone)
		r->gone(r->held);
	r->web->bodies -= r->size;
	if (r->response)
		MHD_destroy_response(r->response);
	strbuf_release(&r->body);
	arena_release(&r->arena);
	free(r);
}

const char *web_path(const struct web_request *r)
{
	return r->path;
}

const char *web_rest(const struct web_request *r)
{
	return r->path + strlen(r->route->path);
}

const char *web_query(const struct web_request *r, const char *name)
{
	return form_get(&r->query, name);
}

const char *web_form(const struct web_request *r, const char *name)
{
	return form_get(&r->form, name);
}

const char *web_request_header(const struct web_request *r, const char *name)
{
	return header(r, name).ptr;
}

void *web_group_of(const struct web_request *r)
{
	return r->web->groups[r->group];
}

void web_hold(struct web_request *r, void *data, void (*gone)(void *data))
{
	r->held = data;
	r->gone = gone;
}

/* ---- what is answered ---- */

static bool is_line(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

void web_header(struct web_request *r, const char *name, const char *value)
{
	const char *kept = is_line(value) ? arena_strdup(&r->arena, span_str(value)) : NULL;

	if (!kept || r->header_count == HEADERS_MAX)
		return;
	r->headers[r->header_count][0] = name;
	r->headers[r->header_count++][1] = kept;
}

static bool add_headers(const struct web_request *r, struct MHD_Response *to, const char *content_type)
{
	const char *images = r->web->context.config->status_images;
	bool all = images && strcmp(images, "all") == 0;
	bool good = MHD_add_response_header(to, "Content-Type", content_type) == MHD_YES &&
		    MHD_add_response_header(to, "Content-Security-Policy",
					    all ? POLICY " http: https:" : POLICY) == MHD_YES;

	for (size_t i = 0; i < ARRAY_SIZE(safety) && good; i++)
		good = MHD_add_response_header(to, safety[i][0], safety[i][1]) == MHD_YES;
	for (size_t i = 0; i < r->header_count && good; i++)
		good = MHD_add_response_header(to, r->headers[i][0], r->headers[i][1]) == MHD_YES;
	return good;
}

static void count(const struct web_request *r, unsigned status)
{
	static const char *const codes[] = {"2xx", "3xx", "4xx", "5xx"};
	unsigned i = status / 100 - 2;

	metrics_add(&r->web->context.measure->metrics, METRIC_REQUESTS, codes[MIN(i, 3u)], 1);
}

/* What is too much becomes an answer that is little. */
static unsigned check_size(const struct web_request *r, unsigned status, struct strbuf *body)
{
	unsigned instead = web_check_size(r->web, body->len);
	bool ours = instead == MHD_HTTP_INTERNAL_SERVER_ERROR;

	if (!instead)
		return status;
	strbuf_truncate(body, 0);
	return strbuf_add_str(body, ours ? "the page is too large\n" : "too many large pages are under way\n")
		       ? MHD_HTTP_INTERNAL_SERVER_ERROR
		       : instead;
}

void web_answer(struct web_request *r, unsigned status, const char *content_type, struct strbuf *body)
{
	char *bytes = NULL;

	assert(!r->answered);
	r->answered = true;
	if (body) {
		r->status = check_size(r, status, body);
		if (r->status != status)
			content_type = "text/plain; charset=utf-8";
		bytes = strbuf_detach(body, &r->size);
	} else {
		r->status = status;
	}
	count(r, r->status);
	r->web->bodies += r->size;
	if (bytes && r->size)
		r->response = MHD_create_response_from_buffer_with_free_callback(r->size, bytes, free);
	else
		r->response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	if (!r->response || !r->size)
		free(bytes);
	if (r->response && !add_headers(r, r->response, content_type)) {
		MHD_destroy_response(r->response);
		r->response = NULL; /* out of memory: the connection is closed */
	}
	if (!r->suspended)
		return;
	MHD_resume_connection(r->mhd);
	web_run_soon(r->web);
}

void web_answer_text(struct web_request *r, unsigned status, const char *fmt, ...)
{
	struct strbuf body = STRBUF_INIT(2048);
	char line[1000];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (strbuf_addf(&body, "%s\n", line))
		strbuf_release(&body);
	web_answer(r, status, "text/plain; charset=utf-8", &body);
	strbuf_release(&body);
}

static const char *title_of(unsigned status)
{
	switch (status) {
	case MHD_HTTP_NOT_FOUND: return "Not found";
	case MHD_HTTP_FORBIDDEN: return "Not allowed";
	case MHD_HTTP_SERVICE_UNAVAILABLE:
	case MHD_HTTP_GATEWAY_TIMEOUT: return "Not now";
	default: return status < MHD_HTTP_INTERNAL_SERVER_ERROR ? "Not like this" : "That did not work";
	}
}

void web_refuse(struct web_request *r, unsigned status, const char *fmt, ...)
{
	const struct html_page page = {.now = clock_now()};
	struct strbuf body = STRBUF_INIT(WEB_BODY_MAX);
	char line[1000];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (request_wants_html(header(r, "Accept")) &&
	    !html_message(&page, title_of(status), span_str(line), &body))
		web_answer(r, status, "text/html; charset=utf-8", &body);
	else
		web_answer_text(r, status, "%s", line);
	strbuf_release(&body);
}

void web_answer_see(struct web_request *r, const char *path)
{
	web_header(r, "Location", path);
	web_answer_text(r, MHD_HTTP_SEE_OTHER, "see %.400s", path);
}

void web_give_up(struct web_request *r, unsigned status, const char *why)
{
	void (*gone)(void *) = r->gone;

	if (r->answered)
		return;
	r->gone = NULL;
	if (gone)
		gone(r->held);
	web_refuse(r, status, "%s", why);
}
