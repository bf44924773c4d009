/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <jansson.h>
#include <time.h>

#include "act/act.h"
#include "base/text.h"
#include "base/url.h"
#include "commands.h"
#include "report/say.h"
#include "service/handover.h"
#include "store/inspect.h"

/* `ingestd state`: what is remembered, for a person. Printing, checking and exporting read the files beside
 * whoever uses them; forgetting takes the lock. */

enum { RUNS_SHOWN = 5, VALUE_MAX = 64 * 1024 * 1024 };

static const char *time_text(int64_t when, char buf[32])
{
	time_t t = (time_t)when;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(buf, 32, "%Y-%m-%dT%H:%M:%SZ", &tm))
		(void)snprintf(buf, 32, "%" PRId64, when);
	return buf;
}

/* ---- as JSON ---- */

/* Bytes that are no UTF-8 (values of documents may be any) as hexadecimal. */
static json_t *json_bytes(struct span s)
{
	json_t *text = json_stringn(s.ptr, s.len);
	char *hex;

	if (text || s.len > VALUE_MAX)
		return text;
	hex = malloc(2 * s.len + 1);
	if (!hex)
		return NULL;
	for (size_t i = 0; i < s.len; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", (unsigned char)s.ptr[i]);
	text = json_pack("{ss#}", "hex", hex, (int)(2 * s.len));
	free(hex);
	return text;
}

static json_t *json_row(const struct inspect_value *values, size_t count)
{
	json_t *row = json_object();

	for (size_t i = 0; i < count && row; i++) {
		json_t *value = values[i].is_number  ? json_integer(values[i].number)
				: values[i].text.ptr ? json_bytes(values[i].text)
						     : json_null();

		/* a summary is JSON already */
		if (strcmp(values[i].column, "summary") == 0 && values[i].text.ptr) {
			json_t *inner = json_loadb(values[i].text.ptr, values[i].text.len, 0, NULL);

			if (inner) {
				json_decref(value);
				value = inner;
			}
		}
		if (json_object_set_new(row, values[i].column, value)) {
			json_decref(row);
			row = NULL;
		}
	}
	return row;
}

static bool export_row(void *arg, const char *table, const struct inspect_value *values, size_t count)
{
	json_t *row = json_row(values, count),
	       *line = row ? json_pack("{ss so}", "table", table, "row", row) : NULL;
	bool good = line && !json_dumpf(line, stdout, JSON_COMPACT) && putchar('\n') != EOF;

	json_decref(line);
	if (!good)
		*(bool *)arg = false;
	return good;
}

/* What cannot be rebuilt, a JSON object a line. */
static int export(struct inspect *i)
{
	const struct inspect_file *memory = inspect_file(i, 1);
	bool whole = true;
	struct error e;

	if (!memory->there)
		return EXIT_DONE;
	if (!memory->usable)
		return fail(EXIT_NO_FOLDER, "'%s': %s", memory->name, memory->trouble);
	if (inspect_rows(i, 1, export_row, &whole, &e))
		return fail(EXIT_BUG, "%s", e.text);
	if (fflush(stdout) || !whole)
		return fail(EXIT_NO_WRITE, "the export could not be written");
	return EXIT_DONE;
}

/* ---- checking ---- */

static bool print_problem(void *arg, const char *table, const struct inspect_value *values, size_t count)
{
	(void)count;
	printf("%s: ", table);
	say(stdout, values->text);
	putchar('\n');
	++*(unsigned *)arg;
	return true;
}

static int check(struct inspect *i, bool quiet)
{
	unsigned problems = 0;
	struct error e;

	for (size_t which = 0; which < INSPECT_FILES; which++)
		if (inspect_check(i, which, print_problem, &problems, &e)) {
			printf("%s\n", e.text);
			problems++;
		}
	if (problems)
		return fail(
			EXIT_PENDING,
			"the state is damaged: the next run sets the file aside and restores or rebuilds it");
	if (!quiet)
		puts("cache.db and memory.db are sound");
	return EXIT_DONE;
}

/* ---- printing ---- */

struct printing {
	json_t *json; /* NULL: for people */
	const char *file;
};

static bool print_count(void *arg, const char *table, const struct inspect_value *values, size_t count)
{
	struct printing *p = arg;

	(void)count;
	if (p->json)
		return !json_object_set_new(p->json, table, json_integer(values->number));
	printf("  %-12s %12" PRId64 "\n", table, values->number);
	return true;
}

static int64_t number_of(const struct inspect_value *values, size_t count, const char *column)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(values[i].column, column) == 0)
			return values[i].number;
	return 0;
}

static json_int_t summary_of(const struct inspect_value *values, size_t count, const char *key)
{
	json_int_t n = 0;

	for (size_t i = 0; i < count; i++) {
		json_t *summary = strcmp(values[i].column, "summary") == 0 && values[i].text.ptr
					  ? json_loadb(values[i].text.ptr, values[i].text.len, 0, NULL)
					  : NULL;

		n += json_integer_value(json_object_get(summary, key));
		json_decref(summary);
	}
	return n;
}

static bool print_run(void *arg, const char *table, const struct inspect_value *values, size_t count)
{
	struct printing *p = arg;
	int64_t ended = number_of(values, count, "ended_at");
	char begun[32];

	(void)table;
	if (p->json)
		return !json_array_append_new(p->json, json_row(values, count));
	printf("run %" PRId64 ": %s", number_of(values, count, "id"),
	       time_text(number_of(values, count, "begun_at"), begun));
	if (!ended)
		puts(", not ended");
	else
		printf(", %" JSON_INTEGER_FORMAT " documents, %" JSON_INTEGER_FORMAT
		       " changed, %" JSON_INTEGER_FORMAT " URLs fetched, %" JSON_INTEGER_FORMAT " failed\n",
		       summary_of(values, count, "documents"), summary_of(values, count, "changed"),
		       summary_of(values, count, "fetched"), summary_of(values, count, "failed"));
	return true;
}

static void print_file(const struct inspect_file *f)
{
	char when[32];

	printf("%s: ", f->name);
	if (!f->there) {
		puts("not there yet");
		return;
	}
	printf("%.1f MB, ", (double)f->bytes / 1e6);
	if (f->usable)
		printf("version %u of %u", f->version, f->newest);
	else
		fputs(f->trouble, stdout);
	if (f->copied_at)
		printf(", copied %s", time_text(f->copied_at, when));
	putchar('\n');
}

static int print(struct inspect *i, const char *folder)
{
	struct printing p = {NULL, NULL};
	int holder = inspect_holder(i);
	struct error e;

	printf("%s", folder);
	if (holder)
		printf(", in use by process %d", holder);
	putchar('\n');
	for (size_t which = 0; which < INSPECT_FILES; which++) {
		print_file(inspect_file(i, which));
		if (inspect_counts(i, which, print_count, &p, &e))
			printf("  %s\n", e.text);
	}
	if (inspect_runs(i, RUNS_SHOWN, print_run, &p, &e))
		printf("%s\n", e.text);
	return fflush(stdout) ? EXIT_NO_WRITE : EXIT_DONE;
}

static json_t *json_file(struct inspect *i, size_t which)
{
	const struct inspect_file *f = inspect_file(i, which);
	struct printing p = {json_object(), f->name};
	struct error e;

	if (inspect_counts(i, which, print_count, &p, &e))
		(void)json_object_set_new(p.json, "error", json_string(e.text));
	return json_pack("{ss sb sb sI si si sI ss so}", "file", f->name, "there", f->there, "usable",
			 f->usable, "bytes", (json_int_t)f->bytes, "version", (int)f->version, "newest",
			 (int)f->newest, "copied_at", (json_int_t)f->copied_at, "trouble", f->trouble, "rows",
			 p.json);
}

static int print_json(struct inspect *i, const char *folder)
{
	struct printing runs = {json_array(), NULL};
	struct error e;
	enum err r = inspect_runs(i, RUNS_SHOWN, print_run, &runs, &e);
	json_t *all = json_pack("{ss si s[oo] so}", "folder", folder, "holder", inspect_holder(i), "files",
				json_file(i, 0), json_file(i, 1), "runs", runs.json);
	bool good = !r && all && !json_dumpf(all, stdout, JSON_COMPACT) && putchar('\n') != EOF &&
		    !fflush(stdout);

	json_decref(all);
	return good ? EXIT_DONE : fail(EXIT_NO_WRITE, "the state could not be printed");
}

/* ---- forgetting ---- */

struct forgetting {
	struct session session;
	size_t waiting;
	int64_t count;
	bool failed;
	enum err flushed;
};

static void forgotten(void *arg, int64_t count)
{
	struct forgetting *f = arg;

	f->failed |= count < 0;
	f->count += MAX(count, 0);
	if (!--f->waiting)
		session_end(&f->session, &f->flushed);
}

static void ask(struct forgetting *f, enum store_forget_kind kind, struct span what)
{
	f->waiting++;
	if (store_forget(f->session.store, kind, what, forgotten, f)) {
		f->waiting--;
		f->failed = true;
	}
}

static void forget_one(struct forgetting *f, const char *name)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(4 * URL_MAX);
	struct span key;
	char *real;

	switch (act_kind(span_str(name), &arena, &key)) {
	case ACT_URL: ask(f, STORE_FORGET_URL, key); return;
	case ACT_HOST: ask(f, STORE_FORGET_HOST, key); return;
	case ACT_DOCUMENT: break;
	}
	real = realpath(name, NULL); /* one that was deleted is named as it is in the state */
	ask(f, STORE_FORGET_DOCUMENT, real ? span_str(real) : key);
	ask(f, STORE_FORGET_WRITTEN, real ? span_str(real) : key);
	free(real);
}

static int forget(const struct options *options, const struct config *config)
{
	const struct handover_request request = {"forget", options->args + 1, options->arg_count - 1, NULL, 0,
						 NULL};
	struct forgetting f = {.waiting = 1};
	int code;

	if (handover_or_open(&f.session, options, config, &request, &code))
		return code;
	for (size_t i = 1; i < options->arg_count; i++)
		forget_one(&f, options->args[i]);
	forgotten(&f, 0);
	uv_run(f.session.loop, UV_RUN_DEFAULT);
	session_close(&f.session);
	if (f.failed || f.flushed)
		return fail(EXIT_NO_WRITE, "not all was forgotten");
	if (!options->quiet)
		printf("%" PRId64 " records forgotten\n", f.count);
	return EXIT_DONE;
}

int command_state(const struct options *options, const struct config *config)
{
	const char *folder = options->state ? options->state : config->state;
	const char *what = options->arg_count ? options->args[0] : "";
	struct inspect *i;
	struct error e;
	int code;

	if (strcmp(what, "forget") == 0 && options->arg_count > 1)
		return forget(options, config);
	if (options->arg_count > 1 || (*what && strcmp(what, "check") != 0 && strcmp(what, "export") != 0))
		return fail(EXIT_USAGE, "state takes nothing, check, export, or forget URL|HOST|PATH...");
	if (!folder)
		return fail(EXIT_NO_FOLDER, "no state: neither --state nor HOME");
	if (inspect_open(folder, &i, &e))
		return fail(EXIT_NO_FOLDER, "%s", e.text);
	if (strcmp(what, "export") == 0)
		code = export(i);
	else if (*what)
		code = check(i, options->quiet);
	else
		code = options->json ? print_json(i, folder) : print(i, folder);
	inspect_close(i);
	return code;
}
