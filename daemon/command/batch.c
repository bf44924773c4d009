/* SPDX-License-Identifier: MIT */
#include "batch.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "extract/answer.h"
#include "extract/extract.h"

enum {
	JOBS_MAX = 64,
	LINE_MAX_BYTES = 4 * 1024 * 1024,
	ANSWER_MAX = 64 * 1024 * 1024,
	AHEAD = 256, /* answers that may wait for an earlier one, and their bytes */
	AHEAD_BYTES = 4 * 1024 * 1024,
};

/* Each worker takes the next line and works. Whose turn it is prints, and what others have laid down behind
 * it; who is early lays its answer down and goes on, so that one slow page, or a worker that is not given a
 * core, holds nobody up. Nobody but these threads reads, works or prints. */
struct batch {
	struct batch_context context;
	const struct batch_kind *kind;
	pthread_mutex_t in, out;
	pthread_cond_t turn; /* next_out has moved on */
	uint64_t next_in, next_out;
	struct kept {
		char *ptr; /* NULL: none */
		size_t len;
	} kept[AHEAD]; /* the answer to line n at n % AHEAD */
	size_t kept_bytes;
	atomic_bool failed; /* standard output is gone */
};

enum err batch_read_file(const char *path, struct strbuf *out, struct error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	enum err r = ERR_OK;

	if (fd < 0)
		return err_set_errno(e, errno, "'%s'", path);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(e, ERR_KIND, "'%s' is not a regular file", path);
	}
	size_t want = MIN((uint64_t)st.st_size, out->max - out->len);
	r = strbuf_reserve(out, want);
	while (!r && want) {
		ssize_t n = read(fd, out->ptr + out->len, want);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			r = err_set_errno(e, errno, "'%s'", path);
		if (n <= 0)
			break;
		out->len += (size_t)n;
		want -= (size_t)n;
	}
	close(fd);
	if (r == ERR_NOMEM)
		return err_set(e, r, "'%s': out of memory", path);
	return r;
}

static struct span text_of(const json_t *request, const char *key)
{
	const json_t *j = json_object_get(request, key);

	return json_is_string(j) ? span_of(json_string_value(j), json_string_length(j)) : SPAN_NONE;
}

static size_t headers_of(const json_t *request, struct arena *arena, struct page_header **ret)
{
	const json_t *list = json_object_get(request, "headers"), *pair;
	size_t i, n = 0;

	*ret = ARENA_NEW_ARRAY(arena, struct page_header, json_array_size(list) + 1);
	json_array_foreach(list, i, pair)
	{
		const char *name = json_string_value(json_array_get(pair, 0));
		const char *value = json_string_value(json_array_get(pair, 1));

		if (*ret && name && value)
			(*ret)[n++] = (struct page_header){span_str(name), span_str(value)};
	}
	return n;
}

/* Appends the answer to out. */
static enum err answer(const struct batch_context *b, const json_t *request, struct arena *arena,
		       struct strbuf *body, struct strbuf *out, struct error *e)
{
	const struct choose_options choose = {.excerpt_min = b->config->excerpt_min,
					      .excerpt_max = EXTRACT_EXCERPT_MAX,
					      .now = b->now,
					      .tracking = &b->config->tracking};
	struct page_header *headers;
	struct page_response response = {
		.content_type = text_of(request, "content_type"),
		.requested_url = text_of(request, "url"),
		.final_url = text_of(request, "final_url"),
		.status = (unsigned)json_integer_value(json_object_get(request, "status")),
		.known_title = text_of(request, "known_title"),
	};
	struct span path = text_of(request, "html");
	struct metadata md;
	struct page *page = NULL;
	enum err r = path.ptr ? batch_read_file(path.ptr, body, e)
			      : err_set(e, ERR_INVALID, "no 'html': the path of the page");

	if (!r) {
		response.header_count = headers_of(request, arena, &headers);
		response.headers = headers;
		response.body = strbuf_span(body);
		if (!response.final_url.ptr)
			response.final_url = response.requested_url;
		r = extract_parts(&response, b->parts, &choose, arena, &page, &md, e);
	}
	if (!r)
		r = page_answer_parts(text_of(request, "id"), b->parts, page, &md, out);
	return r;
}

const struct batch_kind batch_pages = {
	.answer = answer, .arena_max = PAGE_ARENA_MAX, .answer_max = ANSWER_MAX};

/* Both are called with b->out held. */
static bool keep(struct batch *b, uint64_t ticket, struct span line)
{
	struct kept *k = &b->kept[ticket % AHEAD];
	bool fits = ticket - b->next_out < AHEAD && line.len <= AHEAD_BYTES - b->kept_bytes;
	char *copy = fits ? malloc(line.len + 1) : NULL;

	if (!copy)
		return false; /* it has to wait then */
	memcpy(copy, line.ptr, line.len);
	*k = (struct kept){copy, line.len};
	b->kept_bytes += line.len;
	return true;
}

static void put_out(struct batch *b, struct span line)
{
	pthread_mutex_unlock(&b->out); /* nobody else prints: it is nobody else's turn */
	if (fwrite(line.ptr, 1, line.len, stdout) != line.len || putchar('\n') < 0)
		b->failed = true;
	pthread_mutex_lock(&b->out);
	b->next_out++;
	pthread_cond_broadcast(&b->turn);
}

static void print(struct batch *b, uint64_t ticket, struct span line)
{
	struct kept *k;

	pthread_mutex_lock(&b->out);
	while (b->next_out != ticket && !keep(b, ticket, line))
		pthread_cond_wait(&b->turn, &b->out);
	if (b->next_out == ticket) {
		put_out(b, line);
		while ((k = &b->kept[b->next_out % AHEAD])->ptr) {
			put_out(b, span_of(k->ptr, k->len));
			b->kept_bytes -= k->len;
			free(k->ptr);
			k->ptr = NULL;
		}
	}
	pthread_mutex_unlock(&b->out);
}

static void complain(const json_t *request, enum err code, const struct error *e, struct strbuf *out)
{
	const char *id = json_string_value(json_object_get(request, "id"));
	const char *why = code == ERR_NOMEM || code == ERR_TOOBIG ? err_text(code) : e->text;
	json_t *text = json_string(why); /* none for one that was cut inside a character */
	json_t *j = json_pack("{ss* so}", "id", id, "error", text ? text : json_string(err_text(code)));
	CLEANUP_FREE char *line = j ? json_dumps(j, JSON_COMPACT) : NULL;

	strbuf_truncate(out, 0);
	if (!line || strbuf_add_str(out, line))
		strbuf_truncate(out, 0);
	json_decref(j);
}

static void *worker(void *arg)
{
	struct batch *b = arg;
	const struct batch_kind *kind = b->kind;
	struct arena arena = ARENA_INIT(kind->arena_max);
	struct strbuf body = STRBUF_INIT(kind->body_max ? kind->body_max : b->context.config->page_bytes);
	struct strbuf out = STRBUF_INIT(kind->answer_max);
	char *line = NULL;
	size_t room = 0;

	for (;;) {
		json_error_t where;
		json_t *request;
		struct error e;
		enum err r;
		uint64_t ticket;
		ssize_t n;

		pthread_mutex_lock(&b->in);
		/* who has a ticket prints, or the others would wait for its turn */
		n = b->failed ? -1 : getline(&line, &room, stdin);
		ticket = b->next_in;
		b->next_in += n >= 0;
		pthread_mutex_unlock(&b->in);
		if (n < 0)
			break;
		request = n > LINE_MAX_BYTES ? NULL : json_loadb(line, (size_t)n, 0, &where);
		r = json_is_object(request) ? kind->answer(&b->context, request, &arena, &body, &out, &e)
					    : err_set(&e, ERR_INVALID, "not a JSON object");
		if (r)
			complain(request, r, &e, &out);
		print(b, ticket, strbuf_span(&out));
		json_decref(request);
		arena_reset(&arena);
		strbuf_truncate(&body, 0);
		strbuf_truncate(&out, 0);
	}
	free(line);
	arena_release(&arena);
	strbuf_release(&body);
	strbuf_release(&out);
	return NULL;
}

int batch_run(const struct options *options, const struct config *config, const struct batch_kind *kind)
{
	struct batch b = {.context = {config, clock_now(), PARTS_ALL},
			  .kind = kind,
			  .in = PTHREAD_MUTEX_INITIALIZER,
			  .out = PTHREAD_MUTEX_INITIALIZER,
			  .turn = PTHREAD_COND_INITIALIZER};
	pthread_t threads[JOBS_MAX];
	unsigned jobs = options->jobs ? options->jobs : (unsigned)MAX(1, sysconf(_SC_NPROCESSORS_ONLN)),
		 n = 0;
	struct error e;

	if (options->fields && kind == &batch_pages &&
	    parts_parse(span_str(options->fields), &b.context.parts, &e))
		return fail(EXIT_USAGE, "--fields: %s", e.text);
	/* pages come and go by the megabyte: give nothing back in between (hazards, part 4: 16 % of the time)
	 */
	(void)mallopt(M_TRIM_THRESHOLD, 256 * 1024 * 1024);
	(void)mallopt(M_TOP_PAD, 16 * 1024 * 1024);
	jobs = MIN(jobs, JOBS_MAX);
	if (jobs == 1) {
		worker(&b);
	} else {
		while (n < jobs && !pthread_create(&threads[n], NULL, worker, &b))
			n++;
		if (!n)
			return fail(EXIT_BUG, "no thread can be started");
		while (n)
			pthread_join(threads[--n], NULL);
	}
	return fflush(stdout) || b.failed ? EXIT_NO_WRITE : EXIT_DONE;
}
