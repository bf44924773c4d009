/* SPDX-License-Identifier: MIT */
/* bare.c - the least that libcurl's multi-socket interface on libuv needs to fetch a list of URLs, for
 * comparison.
 *
 *     bench_bare AT_ONCE CA_FILE <URLS          one URL a line; "URL ADDRESS": no lookup
 *
 * Prints one line of JSON. Nothing is decided, kept or checked; bodies are counted and dropped. */
#include <curl/curl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <uv.h>

struct job {
	CURL *easy;
	struct curl_slist *pin;
};

static uv_loop_t *loop;
static uv_timer_t timer;
static CURLM *multi;
static const char *ca_file;
static unsigned long started, done, good, bytes;
static unsigned running, at_once, threads;

static void count_threads(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[200];

	while (f && fgets(line, sizeof(line), f)) {
		unsigned n = strncmp(line, "Threads:", 8) ? 0 : (unsigned)strtoul(line + 8, NULL, 10);

		if (n > threads)
			threads = n;
	}
	if (f)
		fclose(f);
}

static size_t on_body(char *ptr, size_t size, size_t n, void *arg)
{
	(void)ptr, (void)arg;
	bytes += size * n;
	return size * n;
}

static bool start_one(void)
{
	char line[8400], host[300];
	struct job *j = calloc(1, sizeof(*j));
	char *space;

	if (!j || !fgets(line, sizeof(line), stdin)) {
		free(j);
		return false;
	}
	line[strcspn(line, "\n")] = 0;
	j->easy = curl_easy_init();
	space = strchr(line, ' ');
	if (space) {
		char pin[400];

		*space = 0;
		if (sscanf(line, "https://%299[^/]", host) == 1) { /* NAME:PORT */
			snprintf(pin, sizeof(pin), "+%s:%s", host, space + 1);
			j->pin = curl_slist_append(NULL, pin);
			curl_easy_setopt(j->easy, CURLOPT_RESOLVE, j->pin);
		}
	}
	curl_easy_setopt(j->easy, CURLOPT_URL, line);
	curl_easy_setopt(j->easy, CURLOPT_PRIVATE, j);
	curl_easy_setopt(j->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(j->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(j->easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(j->easy, CURLOPT_CAINFO, ca_file);
	curl_easy_setopt(j->easy, CURLOPT_PIPEWAIT, 1L);
	curl_easy_setopt(j->easy, CURLOPT_TIMEOUT_MS, 120000L);
	curl_multi_add_handle(multi, j->easy);
	running++;
	started++;
	return true;
}

static void drain(void)
{
	int left;

	for (CURLMsg *m; (m = curl_multi_info_read(multi, &left));) {
		struct job *j;
		long status = 0;

		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&j);
		curl_easy_getinfo(m->easy_handle, CURLINFO_RESPONSE_CODE, &status);
		good += m->data.result == CURLE_OK && status == 200;
		curl_multi_remove_handle(multi, j->easy);
		curl_easy_cleanup(j->easy);
		curl_slist_free_all(j->pin);
		free(j);
		running--;
		if (++done % 500 == 0)
			count_threads();
	}
	while (running < at_once && start_one())
		;
}

static void step(curl_socket_t s, int events)
{
	int n;

	curl_multi_socket_action(multi, s, events, &n);
	drain();
}

static void on_timer(uv_timer_t *t)
{
	(void)t;
	step(CURL_SOCKET_TIMEOUT, 0);
}

static int on_timer_wish(CURLM *m, long ms, void *arg)
{
	(void)m, (void)arg;
	if (ms < 0)
		uv_timer_stop(&timer);
	else
		uv_timer_start(&timer, on_timer, ms ? (uint64_t)ms : 1, 0);
	return 0;
}

struct watch {
	uv_poll_t poll;
	curl_socket_t socket;
};

static void on_socket(uv_poll_t *poll, int status, int events)
{
	struct watch *w = (struct watch *)poll;

	step(w->socket, status < 0 ? CURL_CSELECT_ERR
				   : ((events & UV_READABLE) ? CURL_CSELECT_IN : 0) |
					     ((events & UV_WRITABLE) ? CURL_CSELECT_OUT : 0));
}

static void on_closed(uv_handle_t *h)
{
	free(h);
}

static int on_socket_wish(CURL *easy, curl_socket_t s, int what, void *arg, void *socket_arg)
{
	struct watch *w = socket_arg;

	(void)easy, (void)arg;
	if (what == CURL_POLL_REMOVE) {
		if (w) {
			uv_poll_stop(&w->poll);
			curl_multi_assign(multi, s, NULL);
			uv_close((uv_handle_t *)&w->poll, on_closed);
		}
		return 0;
	}
	if (!w) {
		w = calloc(1, sizeof(*w));
		if (!w || uv_poll_init_socket(loop, &w->poll, s))
			abort();
		w->socket = s;
		curl_multi_assign(multi, s, w);
	}
	uv_poll_start(&w->poll,
		      (what != CURL_POLL_OUT ? UV_READABLE : 0) | (what != CURL_POLL_IN ? UV_WRITABLE : 0),
		      on_socket);
	return 0;
}

int main(int argc, char **argv)
{
	struct rusage u;
	uint64_t began;

	if (argc != 3)
		return 64;
	at_once = (unsigned)strtoul(argv[1], NULL, 10);
	ca_file = argv[2];
	signal(SIGPIPE, SIG_IGN);
	loop = uv_default_loop();
	curl_global_init(CURL_GLOBAL_DEFAULT);
	multi = curl_multi_init();
	uv_timer_init(loop, &timer);
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket_wish);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer_wish);
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 2L * at_once);
	began = uv_hrtime();
	drain();
	/* connections that are kept have no timer and hold no request: when nothing runs, all is done */
	while (running && uv_run(loop, UV_RUN_ONCE))
		;
	getrusage(RUSAGE_SELF, &u);
	printf("{\"requests\": %lu, \"good\": %lu, \"bytes\": %lu, \"cpu\": %.3f, \"wall\": %.3f, "
	       "\"rss_kb\": %ld, \"threads\": "
	       "%u}\n",
	       started, good, bytes,
	       (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
		       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6,
	       (double)(uv_hrtime() - began) / 1e9, u.ru_maxrss, threads);
	return 0;
}
