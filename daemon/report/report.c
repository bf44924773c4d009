/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/url.h"
#include "commands.h"
#include "health.h"
#include "journal.h"
#include "json_text.h"
#include "report_journal.h"
#include "say.h"

struct keys {
	uint64_t *at;
	size_t count, room;
};

struct report {
	const struct options *options;
	struct report_counts counts;
	bool live, colour, line_shown, roots, elsewhere;
	FILE *file; /* --report, under its temporary name */
	char *file_temp;
	FILE *diffs;           /* spooled, since the summary comes first */
	struct keys before;    /* told in the run before, sorted */
	struct keys told;      /* holds after this one */
	struct keys skipped;   /* documents (high halves) that were not looked at */
	struct keys looked;    /* documents that were, and that something was wrong with before */
	struct health *health; /* of hosts; the service's alone */
	struct metrics *metrics;
};

static bool keys_add(struct keys *k, uint64_t key)
{
	if (k->count == k->room) {
		size_t room = MAX(2 * k->room, 64);
		uint64_t *at = realloc(k->at, room * sizeof(*at));

		if (!at)
			return false; /* a complaint is told once more than needed, no worse */
		k->at = at;
		k->room = room;
	}
	k->at[k->count++] = key;
	return true;
}

static int keys_order(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void keys_sort(struct keys *k)
{
	if (k->count)
		qsort(k->at, k->count, sizeof(*k->at), keys_order);
}

static bool keys_has(const struct keys *k, uint64_t key)
{
	return k->count && bsearch(&key, k->at, k->count, sizeof(key), keys_order);
}

/* A complaint's key: the document in the high half, what is wrong in the low one. */
uint64_t report_document_key(struct span root, struct span path)
{
	return (hash64(root) ^ hash64(path)) & 0xffffffff00000000u;
}

/* Beside the report, to take its place when it is whole. A device, a pipe or a link (/dev/stdout) is written
 * into: nothing takes their place. */
static bool open_file(struct report *r)
{
	const char *name = r->options->report;
	size_t n = strlen(name) + 32;
	struct stat st;

	if (!lstat(name, &st) && !S_ISREG(st.st_mode)) {
		r->file = fopen(name, "we");
		return r->file != NULL;
	}
	r->file_temp = malloc(n);
	if (!r->file_temp)
		return false;
	(void)snprintf(r->file_temp, n, "%s.ingestd-%ld", name, (long)getpid());
	r->file = fopen(r->file_temp, "we");
	return r->file != NULL;
}

enum err report_new(const struct options *options, struct report **ret, struct error *e)
{
	struct report *r = calloc(1, sizeof(*r));

	if (!r)
		return err_set(e, ERR_NOMEM, "out of memory");
	r->options = options;
	r->live = isatty(STDERR_FILENO) && !options->quiet && !options->json;
	r->colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	if (options->command == COMMAND_SERVE)
		r->health = health_new(); /* without it each URL is told by itself */
	/* now, as a confined process could not */
	r->diffs = report_wants_diff(r) ? tmpfile() : NULL;
	if (options->report && !open_file(r)) {
		enum err code = err_set_errno(e, errno, "cannot write '%s'", options->report);

		report_free(r);
		return code;
	}
	*ret = r;
	return ERR_OK;
}

struct report *report_free(struct report *r)
{
	if (!r)
		return NULL;
	if (r->file) {
		fclose(r->file);
		if (r->file_temp)
			unlink(r->file_temp);
	}
	if (r->diffs)
		fclose(r->diffs);
	free(r->file_temp);
	free(r->before.at);
	free(r->told.at);
	free(r->skipped.at);
	free(r->looked.at);
	health_free(r->health);
	free(r);
	return NULL;
}

struct report_counts *report_counts(struct report *r)
{
	return &r->counts;
}

void report_measure(struct report *r, struct metrics *metrics)
{
	r->metrics = metrics;
	if (r->health)
		metrics_set(metrics, METRIC_HOSTS_FAILING, NULL, 0);
}

void report_elsewhere(struct report *r)
{
	r->elsewhere = true;
}

void report_name_roots(struct report *r)
{
	r->roots = true;
}

bool report_is_live(const struct report *r)
{
	return r->live;
}

bool report_is_coloured(const struct report *r)
{
	return r->colour;
}

bool report_wants_diff(const struct report *r)
{
	return r->options->dry_run && !r->options->quiet;
}

enum err report_told_before(struct report *r, const uint64_t *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!keys_add(&r->before, keys[i]))
			return ERR_NOMEM;
	keys_sort(&r->before);
	return ERR_OK;
}

void report_not_looked_at(struct report *r, const uint64_t *document_keys, size_t count)
{
	for (size_t i = 0; i < count && r->before.count; i++)
		(void)keys_add(&r->skipped, document_keys[i]);
}

void report_looked_at(struct report *r, struct span root, struct span path)
{
	if (r->before.count)
		(void)keys_add(&r->looked, report_document_key(root, path));
}

const uint64_t *report_told(struct report *r, bool whole, size_t *count)
{
	keys_sort(&r->skipped);
	keys_sort(&r->looked);
	for (size_t i = 0; i < r->before.count; i++) {
		uint64_t document = r->before.at[i] & 0xffffffff00000000u;

		if (whole ? keys_has(&r->skipped, document) : !keys_has(&r->looked, document))
			(void)keys_add(&r->told, r->before.at[i]);
	}
	keys_sort(&r->told);
	*count = r->told.count;
	return r->told.at;
}

bool report_tells_anew(const struct report *r)
{
	return r->told.count != r->before.count ||
	       (r->told.count && memcmp(r->told.at, r->before.at, r->told.count * sizeof(*r->told.at)) != 0);
}

static bool wanted(const struct report *r)
{
	return r->options->json || r->file;
}

/* Takes the reference. */
static void emit(struct report *r, json_t *event)
{
	if (event && r->options->json) {
		json_dumpf(event, stdout, JSON_COMPACT);
		putchar('\n');
	}
	if (event && r->file) {
		json_dumpf(event, r->file, JSON_COMPACT);
		putc('\n', r->file);
	}
	json_decref(event);
}

static void clear_line(struct report *r)
{
	if (r->line_shown)
		fputs("\r\033[K", stderr);
	r->line_shown = false;
}

static void name_document(const struct report *r, struct span root, struct span path)
{
	if (r->roots && root.ptr && !span_eq(root, path)) {
		say(stderr, root);
		putc('/', stderr);
	}
	say(stderr, path);
}

/* lib/ names the file in its text, since it cannot know who shows it; here its name stands before that. */
static const char *without_path(const char *text, struct span path)
{
	struct span s = span_str(text);

	if (!path.len || s.len < path.len + 3 || *text != '\'' || text[path.len + 1] != '\'' ||
	    !span_starts(span_str(text + 1), path))
		return text;
	text += path.len + 2;
	text += *text == ':';
	return text + (*text == ' ');
}

static void emit_problem(struct report *r, struct span root, struct span path, unsigned line, unsigned col,
			 struct span url, const char *text_shown)
{
	if (wanted(r))
		emit(r, json_pack("{ss so so si si so so}", "event", "problem", "root", json_text(root),
				  "path", json_text(path), "line", (int)line, "column", (int)col, "url",
				  json_text(url), "text", json_text(span_str(text_shown))));
}

void report_event(struct report *r, struct span root, struct span path, const char *text_shown)
{
	emit_problem(r, root, path, 0, 0, SPAN_NONE, without_path(text_shown, path));
}

static bool host_fails(const struct report *r, struct span url)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(4 * URL_MAX);
	struct url u;

	return r->health && url.ptr && !url_parse(url, NULL, &arena, &u, NULL) &&
	       health_fails(r->health, u.host);
}

static void note_host(struct report *r, struct span url, enum outcome outcome, unsigned status,
		      const char *error)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(4 * URL_MAX);
	int works = report_host_works(outcome, status);
	int64_t now = clock_now(), since;
	enum health_word word;
	struct url u;

	if (!r->health || works < 0 || url_parse(url, NULL, &arena, &u, NULL))
		return;
	word = health_note(r->health, u.host, works, now, &since);
	if (r->metrics && word != HEALTH_SAME)
		metrics_set(r->metrics, METRIC_HOSTS_FAILING, NULL, (double)health_failing(r->health));
	if (word != HEALTH_SAME && !r->options->quiet && !r->options->json)
		report_host(u.host, word == HEALTH_WELL, since, now, error ? error : outcome_name(outcome));
}

void report_problem(struct report *r, struct span root, struct span path, unsigned line, unsigned col,
		    struct span url, const char *text_shown)
{
	char reason[512];
	uint64_t key;

	text_shown = without_path(text_shown, path);
	(void)snprintf(reason, sizeof(reason), "%.*s %s", (int)MIN(url.len, 300), url.ptr ? url.ptr : "",
		       text_shown);
	key = report_document_key(root, path) | (hash64(span_str(reason)) & 0xffffffffu);
	(void)keys_add(&r->told, key);
	emit_problem(r, root, path, line, col, url, text_shown);
	if (r->options->json || r->options->quiet || (keys_has(&r->before, key) && !r->options->verbose))
		return;
	if (host_fails(r, url) && !r->options->verbose)
		return; /* which has been said */
	if (journal_listens()) {
		report_journal_problem(root, path, line, url, text_shown);
		return;
	}
	clear_line(r);
	if (path.ptr) {
		name_document(r, root, path);
		if (line)
			fprintf(stderr, ":%u", line);
		if (line && col)
			fprintf(stderr, ":%u", col);
		fputs(": ", stderr);
	}
	if (url.ptr) {
		say(stderr, url);
		fputs(": ", stderr);
	}
	say(stderr, span_str(text_shown));
	putc('\n', stderr);
}

json_t *report_changes_json(const struct report_change *changes, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(
			list,
			json_pack("{ss si so so so so si}", "field", field_name(changes[i].field), "related",
				  changes[i].related, "before", json_text(changes[i].before), "after",
				  json_text(changes[i].after), "source", json_text(changes[i].source), "from",
				  json_text(changes[i].from), "score", changes[i].score));
	return list;
}

void report_document(struct report *r, struct span root, struct span path,
		     const struct report_change *changes, size_t count, struct span diff)
{
	r->counts.changed++;
	r->counts.fields += count;
	if (r->metrics && !r->options->dry_run) {
		metrics_add(r->metrics, METRIC_WRITES, NULL, 1);
		for (size_t i = 0; i < count; i++)
			metrics_add(r->metrics, METRIC_FIELDS, field_name(changes[i].field), 1);
	}
	if (wanted(r)) {
		emit(r, json_pack("{ss so so sb so}", "event", "document", "root", json_text(root), "path",
				  json_text(path), "dry_run", r->options->dry_run, "changes",
				  report_changes_json(changes, count)));
	}
	if (diff.len && !r->options->json) {
		if (r->diffs)
			(void)fwrite(diff.ptr, 1, diff.len, r->diffs);
	}
	if (journal_listens() && !r->options->json && !r->options->quiet && !r->elsewhere) {
		report_journal_document(root, path, changes, count, r->options->dry_run);
		return;
	}
	if (!r->options->verbose || r->options->json)
		return;
	clear_line(r);
	name_document(r, root, path);
	fprintf(stderr, ": %s", r->options->dry_run ? "would set" : "set");
	for (size_t i = 0; i < count; i++) {
		fprintf(stderr, "%s %s", i ? "," : "", field_name(changes[i].field));
		if (changes[i].related >= 0)
			fprintf(stderr, " of related[%d]", changes[i].related);
	}
	putc('\n', stderr);
}

void report_took(struct report *r, uint64_t ms)
{
	if (r->metrics)
		metrics_observe(r->metrics, METRIC_DOCUMENT_SECONDS, (double)ms / 1e3);
}

void report_fetch(struct report *r, struct span url, struct span final_url, enum outcome outcome,
		  unsigned status, const char *verdict, const char *error, uint64_t bytes, uint64_t ms)
{
	if (wanted(r))
		emit(r, json_pack("{ss so so ss si ss? so sI sI}", "event", "fetch", "url", json_text(url),
				  "final_url", json_text(final_url), "outcome", outcome_name(outcome),
				  "status", (int)status, "verdict", verdict, "error",
				  error ? json_text(span_str(error)) : json_null(), "bytes",
				  (json_int_t)bytes, "ms", (json_int_t)ms));
	note_host(r, url, outcome, status, error);
	if (r->metrics) {
		metrics_add(r->metrics, METRIC_FETCHES,
			    metrics_fetch_result(outcome_name(outcome), status, verdict), 1);
		if (outcome != OUTCOME_NONE)
			metrics_observe(r->metrics, METRIC_FETCH_SECONDS, (double)ms / 1e3);
	}
	if (!r->options->verbose || r->options->json)
		return;
	clear_line(r);
	say(stderr, url);
	fprintf(stderr, ": %s", outcome_name(outcome));
	if (status)
		fprintf(stderr, " %u", status);
	if (verdict)
		fprintf(stderr, " %s", verdict);
	fprintf(stderr, ", %" PRIu64 " bytes, %" PRIu64 " ms", bytes, ms);
	if (error) {
		fputs(": ", stderr);
		say(stderr, span_str(error));
	}
	putc('\n', stderr);
}

static void tell_end(const struct report *r, uint64_t elapsed_ms)
{
	if (r->options->json || r->options->quiet)
		return;
	report_all_failed(&r->counts);
	if (r->counts.run)
		report_journal_round(&r->counts, elapsed_ms);
}

void report_image(struct report *r, const struct report_image *i)
{
	if (r->metrics)
		metrics_add(r->metrics, METRIC_IMAGES, outcome_name(i->outcome), 1);
	if (wanted(r))
		emit(r, json_pack("{ss so so ss si ss? si si ss? so sI sI}", "event", "image", "url",
				  json_text(i->url), "final_url", json_text(i->final_url), "outcome",
				  outcome_name(i->outcome), "status", (int)i->status, "type", i->type,
				  "width", (int)i->width, "height", (int)i->height, "copy", i->copy, "error",
				  i->error ? json_text(span_str(i->error)) : json_null(), "bytes",
				  (json_int_t)i->bytes, "ms", (json_int_t)i->ms));
	if (!r->options->verbose || r->options->json)
		return;
	clear_line(r);
	say(stderr, i->url);
	fprintf(stderr, ": %s", outcome_name(i->outcome));
	if (i->status)
		fprintf(stderr, " %u", i->status);
	if (i->width)
		fprintf(stderr, " %s %ux%u", i->type, i->width, i->height);
	if (i->copy)
		fprintf(stderr, ", copied");
	fprintf(stderr, ", %" PRIu64 " bytes, %" PRIu64 " ms", i->bytes, i->ms);
	if (i->error) {
		fputs(": ", stderr);
		say(stderr, span_str(i->error));
	}
	putc('\n', stderr);
}

static const char *size_text(uint64_t bytes, char buf[32])
{
	if (bytes < 1000000)
		(void)snprintf(buf, 32, "%.0f kB", (double)bytes / 1e3);
	else
		(void)snprintf(buf, 32, "%.1f MB", (double)bytes / 1e6);
	return buf;
}

void report_progress(struct report *r, uint64_t elapsed_ms, uint64_t running, uint64_t queued, uint64_t to_do)
{
	const struct report_counts *c = &r->counts;
	double rate = elapsed_ms ? (double)c->fetched * 1000 / (double)elapsed_ms : 0;
	char size[32];

	if (!r->live)
		return;
	fprintf(stderr,
		"\r\033[K%" PRIu64 " documents, %" PRIu64 " to do; %" PRIu64 " fetched, %" PRIu64
		" running, %" PRIu64 " waiting; %s, %.1f/s",
		c->found, to_do, c->fetched, running, queued, size_text(c->bytes, size), rate);
	if (rate > 0 && queued + running)
		fprintf(stderr, ", about %.0f s left", (double)(queued + running) / rate);
	fflush(stderr);
	r->line_shown = true;
}

/* Coloured ones show control characters already; others are made for patch, but may go to a terminal. */
static void copy_diffs(struct report *r)
{
	bool plain = isatty(STDOUT_FILENO) && !r->colour;
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	if (!r->diffs)
		return;
	rewind(r->diffs);
	while ((n = getline(&line, &room, r->diffs)) > 0) {
		if (plain)
			say_lines(stdout, span_of(line, (size_t)n));
		else
			(void)fwrite(line, 1, (size_t)n, stdout);
	}
	free(line);
}

static void summary(struct report *r, uint64_t elapsed_ms, const char *interrupted)
{
	const struct report_counts *c = &r->counts;
	FILE *out = stdout;
	char size[32];

	if (c->run && !r->options->dry_run)
		fprintf(out, "run %" PRId64 ": ", c->run);
	fprintf(out, "%" PRIu64 " documents: %" PRIu64 " %s (%" PRIu64 " fields), %" PRIu64 " unchanged",
		c->found, c->changed, r->options->dry_run ? "would change" : "changed", c->fields,
		c->unchanged);
	if (c->complete)
		fprintf(out, ", %" PRIu64 " complete", c->complete);
	if (c->open)
		fprintf(out, ", %" PRIu64 " with open gaps", c->open);
	if (c->ignored)
		fprintf(out, ", %" PRIu64 " ignored", c->ignored);
	if (c->dropped)
		fprintf(out, ", %" PRIu64 " edited meanwhile", c->dropped);
	if (c->refused)
		fprintf(out, ", %" PRIu64 " refused", c->refused);
	fprintf(out, "\n%" PRIu64 " URLs fetched", c->fetched);
	if (c->failed)
		fprintf(out, " (%" PRIu64 " failed)", c->failed);
	if (c->known)
		fprintf(out, ", %" PRIu64 " known from before", c->known);
	if (c->deferred)
		fprintf(out, ", %" PRIu64 " put off", c->deferred);
	fprintf(out, "; %s in %.1f s%s%s\n", size_text(c->bytes, size), (double)elapsed_ms / 1000,
		interrupted ? "; " : "", interrupted ? interrupted : "");
}

static json_t *summary_event(const struct report *r, uint64_t elapsed_ms, const char *interrupted)
{
	const struct report_counts *c = &r->counts;

	return json_pack(
		"{ss sI sb sI sI sI sI sI sI sI sI sI sI sI sI sI sI sI ss?}", "event", "summary", "run",
		(json_int_t)c->run, "dry_run", r->options->dry_run, "documents", (json_int_t)c->found,
		"unchanged", (json_int_t)c->unchanged, "ignored", (json_int_t)c->ignored, "complete",
		(json_int_t)c->complete, "open", (json_int_t)c->open, "changed", (json_int_t)c->changed,
		"fields", (json_int_t)c->fields, "dropped", (json_int_t)c->dropped, "refused",
		(json_int_t)c->refused, "fetched", (json_int_t)c->fetched, "failed", (json_int_t)c->failed,
		"deferred", (json_int_t)c->deferred, "known", (json_int_t)c->known, "bytes",
		(json_int_t)c->bytes, "ms", (json_int_t)elapsed_ms, "interrupted", interrupted);
}

enum err report_next_round(struct report *r, uint64_t elapsed_ms, struct strbuf *json)
{
	json_t *event = summary_event(r, elapsed_ms, NULL);
	CLEANUP_FREE char *line = event ? json_dumps(event, JSON_COMPACT) : NULL;
	enum err code = line ? strbuf_add_str(json, line) : ERR_NOMEM;
	struct keys before = r->before;

	if (r->counts.run)
		emit(r, event);
	else
		json_decref(event);
	(void)fflush(stdout);
	tell_end(r, elapsed_ms);
	r->before = r->told;
	r->told = before;
	r->told.count = r->skipped.count = r->looked.count = 0;
	r->counts = (struct report_counts){.run = 0};
	return code;
}

enum err report_finish(struct report *r, uint64_t elapsed_ms, const char *interrupted, struct strbuf *json,
		       struct error *e)
{
	json_t *event = summary_event(r, elapsed_ms, interrupted);
	CLEANUP_FREE char *line = event ? json_dumps(event, JSON_COMPACT) : NULL;
	enum err code = line ? strbuf_add_str(json, line) : ERR_NOMEM;
	int failed;

	emit(r, event);
	clear_line(r);
	if (journal_listens() && !r->elsewhere)
		tell_end(r, elapsed_ms);
	if (!r->options->json && !r->options->quiet && !r->elsewhere &&
	    (r->live || r->options->verbose || r->options->dry_run))
		summary(r, elapsed_ms, interrupted);
	if (!r->options->json)
		copy_diffs(r);
	if (fflush(stdout) && !code)
		code = err_set_errno(e, errno, "standard output");
	if (!r->file)
		return code;
	failed = fflush(r->file) != 0;
	if (r->file_temp && !failed)
		failed = fsync(fileno(r->file)) || rename(r->file_temp, r->options->report);
	if (failed && !code)
		code = err_set_errno(e, errno, "cannot write '%s'", r->options->report);
	if (failed)
		return code;
	fclose(r->file);
	r->file = NULL;
	return code;
}
