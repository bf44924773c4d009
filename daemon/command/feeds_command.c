/* SPDX-License-Identifier: MIT */
/* `ingestd feeds`: what is subscribed to, when each is asked next and why; lists of feeds in and out (OPML).
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <libgen.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/date.h"
#include "batch.h"
#include "commands.h"
#include "document/create.h"
#include "document/replace.h"
#include "feed/identity.h"
#include "feed/opml.h"
#include "feed/template.h"
#include "report/say.h"
#include "store/feeds.h"

/* ---- the list ---- */

struct line {
	const struct feed_config *config;
	struct store_poll poll;
	struct store_feed feed;
	bool asked, known;
};

struct list {
	const struct options *options;
	const struct config *config;
	struct session session;
	struct arena arena;
	struct line *lines; /* as config.feeds */
	enum err flushed;
};

static struct line *find(struct list *l, struct span url)
{
	size_t low = 0, high = l->config->feed_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = span_cmp(span_str(l->config->feeds[mid].url), url);

		if (!c)
			return l->lines ? &l->lines[mid] : NULL;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static void polls_known(void *arg, const struct store_poll *polls, size_t count)
{
	struct list *l = arg;

	for (size_t i = 0; i < count; i++) {
		struct line *line = find(l, polls[i].url);

		if (!line)
			continue;
		line->poll = polls[i];
		line->poll.reason = arena_dup(&l->arena, polls[i].reason);
		line->poll.error = arena_dup(&l->arena, polls[i].error);
		line->poll.title = arena_dup(&l->arena, polls[i].title);
		line->asked = true;
	}
}

static const char *when(int64_t at, char buf[32])
{
	struct date d = {.seconds = at, .has_time = true};

	return at == INT64_MAX ? "never" : date_format(&d, buf);
}

static struct identity_policy policy_of(const struct line *line)
{
	return (struct identity_policy){line->feed.ignore_ids, line->feed.ignore_links, line->feed.new_ids,
					line->feed.new_links};
}

static void print_line(const struct line *line)
{
	struct identity_policy policy = policy_of(line);
	char buf[32];

	say(stdout, span_str(line->config->url));
	if (line->config->category)
		printf("  [%s]", line->config->category);
	putchar('\n');
	if (line->poll.title.len || line->config->name) {
		printf("    ");
		say(stdout, line->config->name ? span_str(line->config->name) : line->poll.title);
		putchar('\n');
	}
	if (!line->asked) {
		printf("    not asked yet\n");
	} else {
		printf("    last asked  %s", when(line->poll.polled_at, buf));
		if (line->poll.status)
			printf(", answer %u", line->poll.status);
		printf("\n    next        %s: ", when(line->poll.next_at, buf));
		say(stdout, line->poll.reason);
		putchar('\n');
	}
	if (line->poll.failures) {
		printf("    failing     %u times since %s: ", line->poll.failures,
		       when(line->poll.failing_at, buf));
		say(stdout, line->poll.error);
		putchar('\n');
	}
	if (line->known && (policy.ignore_ids || policy.ignore_links))
		printf("    entries     told apart %s\n", identity_policy_text(&policy));
	if (line->feed.address.ptr) {
		printf("    moved to    ");
		say(stdout, line->feed.address);
		printf("\n                write this address into the configuration\n");
	} else if (line->feed.move_times) {
		printf("    moving      seen at another address for good %u time%s, first %s\n",
		       line->feed.move_times, line->feed.move_times == 1 ? "" : "s",
		       when(line->feed.move_first, buf));
	}
}

static json_t *text(struct span s)
{
	return s.ptr ? json_stringn(s.ptr, s.len) : json_null();
}

static json_t *time_or_null(int64_t at)
{
	char buf[32];

	return at && at != INT64_MAX ? json_string(when(at, buf)) : json_null();
}

static void print_json(const struct line *line)
{
	struct identity_policy policy = policy_of(line);
	json_t *j =
		json_pack("{ss so so so so so si si so ss so}", "url", line->config->url, "title",
			  text(line->poll.title), "category", text(span_str(line->config->category)), "asked",
			  time_or_null(line->poll.polled_at), "next", time_or_null(line->poll.next_at),
			  "reason", text(line->poll.reason), "status", line->poll.status, "failures",
			  line->poll.failures, "error", text(line->poll.error), "identity",
			  identity_policy_text(&policy), "moved_to", text(line->feed.address));
	char *dumped = j ? json_dumps(j, JSON_COMPACT) : NULL;

	if (dumped)
		puts(dumped);
	free(dumped);
	json_decref(j);
}

static void feeds_known(void *arg, const struct store_feed *feeds, size_t count)
{
	struct list *l = arg;

	for (size_t i = 0; i < count; i++) {
		struct line *line = find(l, feeds[i].url);

		if (!line)
			continue;
		line->feed = feeds[i];
		line->feed.address = arena_dup(&l->arena, feeds[i].address);
		line->known = true;
	}
	for (size_t i = 0; i < l->config->feed_count && l->lines; i++) {
		if (l->options->json)
			print_json(&l->lines[i]);
		else
			print_line(&l->lines[i]);
	}
	session_end(&l->session, &l->flushed);
}

static int list_feeds(const struct options *options, const struct config *config)
{
	struct list l = {.options = options, .config = config, .arena = ARENA_INIT(256 << 20)};
	int code = session_open(&l.session, uv_default_loop(), options, config);

	if (code)
		return code;
	l.lines = ARENA_NEW_ARRAY(&l.arena, struct line, config->feed_count + 1);
	for (size_t i = 0; i < config->feed_count && l.lines; i++)
		l.lines[i].config = &config->feeds[i];
	if (!l.lines || store_get_polls(l.session.store, polls_known, &l) ||
	    store_get_feeds(l.session.store, feeds_known, &l)) {
		code = fail(EXIT_BUG, "out of memory");
		session_end(&l.session, &l.flushed);
	}
	uv_run(l.session.loop, UV_RUN_DEFAULT);
	session_close(&l.session);
	arena_release(&l.arena);
	if (!code && fflush(stdout))
		code = EXIT_NO_WRITE;
	return code;
}

/* ---- OPML ---- */

static int export_feeds(const struct config *config)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(64 << 20);
	CLEANUP(strbuf_release) struct strbuf out = STRBUF_INIT(256 << 20);
	struct opml_feed *feeds = ARENA_NEW_ARRAY(&arena, struct opml_feed, config->feed_count + 1);
	enum err r = feeds ? ERR_OK : ERR_NOMEM;

	for (size_t i = 0; i < config->feed_count && !r; i++)
		feeds[i] = (struct opml_feed){.url = span_str(config->feeds[i].url),
					      .title = span_str(config->feeds[i].name),
					      .folder = span_str(config->feeds[i].category)};
	if (!r)
		r = opml_write(feeds, config->feed_count, &out);
	if (r)
		return fail(EXIT_BUG, "%s", err_text(r));
	if (fwrite(strbuf_cstr(&out), 1, out.len, stdout) != out.len || fflush(stdout))
		return EXIT_NO_WRITE;
	return EXIT_DONE;
}

/* A text of a stranger as a double-quoted YAML scalar. */
static enum err put(const char *key, struct span value, struct strbuf *out)
{
	enum err r;

	if (!value.len)
		return ERR_OK;
	r = strbuf_addf(out, "%s: \"", key);
	if (!r)
		r = template_quote(span_sub(value, 0, 190), out);
	return r ? r : strbuf_add_str(out, "\"\n");
}

static bool is_known(const struct config *config, struct span url)
{
	for (size_t i = 0; i < config->feed_count; i++)
		if (span_eq_str(url, config->feeds[i].url))
			return true;
	return false;
}

static enum err list_text(const struct config *config, const struct opml *o, const char *from, size_t *added,
			  struct strbuf *out)
{
	enum err r = strbuf_addf(out, "# Feeds from %.200s\n", from);

	for (size_t i = 0; i < o->count && !r; i++) {
		const struct opml_feed *f = &o->feeds[i];

		if (is_known(config, f->url))
			continue;
		++*added;
		r = strbuf_addf(out, "- url: \"%.*s\"\n", SPAN_ARG(f->url));
		if (!r)
			r = put("  name", f->title, out);
		if (!r)
			r = put("  category", f->folder, out);
	}
	return r;
}

/* Beside the configuration, named after the list; never over another. */
static enum err write_list(const struct config *config, const char *from, struct span text_, char *path,
			   size_t size, struct error *e)
{
	char copy[4096], folder[4096], name[300];
	char *base, *dot;
	enum err r = ERR_CHANGED;
	int fd;

	(void)snprintf(copy, sizeof(copy), "%s", from);
	base = basename(copy);
	dot = strrchr(base, '.');
	if (dot && dot != base)
		*dot = 0;
	while (*base == '.')
		base++;
	if (config->feeds_folder) {
		(void)snprintf(folder, sizeof(folder), "%s", config->feeds_folder);
	} else {
		char own[4096];

		(void)snprintf(own, sizeof(own), "%s", config->path);
		(void)snprintf(folder, sizeof(folder), "%.4000s/feeds.d", dirname(own));
	}
	if (mkdir(folder, 0777) && errno != EEXIST)
		return err_set_errno(e, errno, "%.300s", folder);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set_errno(e, errno, "%.300s", folder);
	for (unsigned n = 1; r == ERR_CHANGED && n < 1000; n++) {
		if (n == 1)
			(void)snprintf(name, sizeof(name), "%.200s.yaml", *base ? base : "feeds");
		else
			(void)snprintf(name, sizeof(name), "%.200s-%u.yaml", *base ? base : "feeds", n);
		r = create_document(fd, name, text_, NULL, e);
	}
	(void)close(fd);
	(void)snprintf(path, size, "%.3500s/%s", folder, name);
	return r;
}

static int import_feeds(const struct options *options, const struct config *config, const char *from)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(256 << 20);
	CLEANUP(strbuf_release) struct strbuf body = STRBUF_INIT(OPML_BYTES + 1), out = STRBUF_INIT(64 << 20);
	char path[4096];
	struct opml *o;
	struct error e;
	size_t added = 0;
	enum err r;

	if (!config->path)
		return fail(EXIT_BAD_CONFIG,
			    "there is no configuration beside which feeds.d could lie: use --config");
	if (batch_read_file(from, &body, &e))
		return fail(EXIT_NO_FOLDER, "%s", e.text);
	r = opml_read(strbuf_span(&body), &arena, &o, &e);
	if (r)
		return fail(EXIT_DATA, e.line ? "%s:%u: %s" : "%s: %.0u%s", from, e.line, e.text);
	r = list_text(config, o, from, &added, &out);
	if (r)
		return fail(EXIT_BUG, "%s", err_text(r));
	if (options->dry_run) {
		fwrite(strbuf_cstr(&out), 1, out.len, stdout);
		return fflush(stdout) ? EXIT_NO_WRITE : EXIT_DONE;
	}
	if (added) {
		r = write_list(config, from, strbuf_span(&out), path, sizeof(path), &e);
		if (r)
			return fail(EXIT_NO_WRITE, "%s", e.text);
	}
	if (!options->quiet)
		printf("%zu feeds added%s%s; %zu known already, %zu could not be used%s\n", added,
		       added ? " in " : "", added ? path : "", o->count - added, o->skipped,
		       o->damaged ? "; the list is damaged, what could be read of it was" : "");
	return fflush(stdout) ? EXIT_NO_WRITE : EXIT_DONE;
}

int command_feeds(const struct options *options, const struct config *config, const struct shape *shape)
{
	const char *what = options->arg_count ? options->args[0] : "list";

	(void)shape;
	if (strcmp(what, "list") == 0 && options->arg_count <= 1)
		return list_feeds(options, config);
	if (strcmp(what, "export") == 0 && options->arg_count == 1)
		return export_feeds(config);
	if (strcmp(what, "import") == 0 && options->arg_count == 2)
		return import_feeds(options, config, options->args[1]);
	return fail(EXIT_USAGE, "feeds takes nothing (a list), export, or import FILE");
}
