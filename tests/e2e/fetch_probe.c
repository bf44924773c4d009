/* SPDX-License-Identifier: MIT */
/* fetch_probe.c - fetches URLs by daemon/fetch/fetch.h and says how each ended: the tests' way to look at the
 * client.
 *
 *     fetch_probe [--config FILE] [--wait-max MS] [--connect-timeout MS] [--low-speed SECONDS]
 *                 [--failures N] [--stop-after MS] [--quiet] [URL...]
 *
 * Without URLs they are read from standard input, one a line. Each reply is a line of JSON on standard
 * output, as it comes; the last line has the totals, with CPU time and peak RSS. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "base/url.h"
#include "daemon/fetch/fetch.h"

static const char *const outcome_words[] = {
#define X(name, text) [OUTCOME_##name] = text,
	OUTCOME_MAP(X)
#undef X
};

struct want {
	char *url;
};

#ifdef INGESTD_SANITIZED
static const bool sanitized = true; /* and so large */
#else
static const bool sanitized = false;
#endif

static struct {
	const char *config;
	unsigned connect_timeout, low_speed, failures, stop_after;
	uint64_t wait_max;
	bool quiet;
} options = {.wait_max = 60000};

static struct fetcher *fetcher;
static size_t left;

static void print_json(const char *name, const char *text)
{
	printf("\"%s\": ", name);
	if (!text) {
		fputs("null", stdout);
		return;
	}
	putchar('"');
	for (; *text; text++)
		if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e)
			printf("\\u%04x", (unsigned char)*text); /* bytes as ISO 8859-1 */
		else
			putchar(*text);
	putchar('"');
}

/* The most that were ever seen. */
static unsigned threads;
static unsigned long pages;

static void count_threads(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[200];

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "Threads:", 8) == 0)
			threads = MAX(threads, (unsigned)strtoul(line + 8, NULL, 10));
	if (f)
		fclose(f);
}

static void on_done(void *arg, struct fetch_reply *r)
{
	struct want *w = arg;

	left--;
	pages += r->outcome == OUTCOME_PAGE;
	if (left % 64 == 0 || !options.quiet)
		count_threads();
	if (!options.quiet) {
		printf("{\"outcome\": \"%s\", \"status\": %u, \"hops\": %u, \"deferred\": %s, \"body\": %zu, "
		       "\"wire\": %llu, \"retry_in\": %lld, \"started\": %lld, \"ms\": %lld, ",
		       outcome_words[r->outcome], r->status, r->hops, r->deferred ? "true" : "false",
		       r->body.len, (unsigned long long)r->wire_bytes, (long long)(r->retry_at - time(NULL)),
		       (long long)r->started_ms, (long long)(r->ended_ms - r->started_ms));
		printf("\"headers\": {");
		for (size_t i = 0; i < r->header_count; i++) {
			fputs(i ? ", " : "", stdout);
			print_json(r->headers[i].name, r->headers[i].value);
		}
		printf("}, ");
		print_json("type", r->content_type);
		printf(", ");
		print_json("url", w->url);
		printf(", ");
		print_json("final_url", r->final_url);
		printf(", ");
		print_json("error", r->error);
		printf(", ");
		/* the beginning, for looking at */
		strbuf_truncate(&r->body, MIN(r->body.len, (size_t)2000));
		print_json("text", strbuf_cstr(&r->body));
		printf("}\n");
	}
	free(w->url);
	free(w);
	if (!left && !options.stop_after)
		fetcher_stop(fetcher);
}

static bool start(const char *url)
{
	struct want *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	w->url = strdup(url);
	if (!w->url || fetch_start(fetcher, span_str(url), options.failures, on_done, w)) {
		free(w->url);
		free(w);
		return false;
	}
	left++;
	return true;
}

static void on_stop(uv_timer_t *timer)
{
	fetcher_stop(fetcher);
	uv_close((uv_handle_t *)timer, NULL);
}

static void read_options(int argc, char **argv)
{
	static const struct option names[] = {{"config", 1, NULL, 'c'},          {"wait-max", 1, NULL, 'w'},
					      {"connect-timeout", 1, NULL, 't'}, {"low-speed", 1, NULL, 'l'},
					      {"failures", 1, NULL, 'f'},        {"stop-after", 1, NULL, 's'},
					      {"quiet", 0, NULL, 'q'},           {NULL, 0, NULL, 0}};

	for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;)
		switch (c) {
		case 'c': options.config = optarg; break;
		case 'w': options.wait_max = strtoull(optarg, NULL, 10); break;
		case 't': options.connect_timeout = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'l': options.low_speed = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'f': options.failures = (unsigned)strtoul(optarg, NULL, 10); break;
		case 's': options.stop_after = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'q': options.quiet = true; break;
		default: exit(64);
		}
}

/* Of this program: getrusage(2) would also count the test's, that we were forked from. */
static long peak_kb(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[128];
	long ret = 0;

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "VmHWM:", 6) == 0)
			ret = strtol(line + 6, NULL, 10);
	if (f)
		(void)fclose(f);
	return ret;
}

int main(int argc, char **argv)
{
	uv_loop_t loop;
	uv_timer_t timer;
	struct config *config;
	struct error e;
	struct rusage usage;
	char line[4 * URL_MAX];

	read_options(argc, argv);
	signal(SIGPIPE, SIG_IGN);
	if (config_read(options.config, &config, &e)) {
		fprintf(stderr, "%s\n", e.text);
		return 78;
	}
	uv_loop_init(&loop);
	struct fetcher_options fo = {.config = config,
				     .wait_max_ms = options.wait_max,
				     .version = "0-test",
				     .connect_timeout_ms = options.connect_timeout,
				     .low_speed_seconds = options.low_speed};

	if (fetcher_new(&loop, &fo, &fetcher, &e)) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	for (int i = optind; i < argc; i++)
		if (!start(argv[i]))
			return 1;
	while (optind == argc && fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (!start(line))
			return 1;
	}
	if (options.stop_after) {
		uv_timer_init(&loop, &timer);
		uv_timer_start(&timer, on_stop, options.stop_after, 0);
	} else if (!left) {
		fetcher_stop(fetcher);
	}
	uv_run(&loop, UV_RUN_DEFAULT);

	struct fetcher_counts c = fetcher_counts(fetcher);

	getrusage(RUSAGE_SELF, &usage);
	printf("{\"started\": %llu, \"done\": %llu, \"bytes\": %llu, \"network_down\": %s, \"cpu\": %.3f, "
	       "\"rss_kb\": %ld, \"threads\": %u, \"pages\": %lu, \"sanitized\": %s}\n",
	       (unsigned long long)c.started, (unsigned long long)c.done, (unsigned long long)c.bytes,
	       c.network_down ? "true" : "false",
	       (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
	       peak_kb(), threads, pages, sanitized ? "true" : "false");
	fetcher_free(fetcher);
	config_free(config);
	return uv_loop_close(&loop) || left;
}
