/* SPDX-License-Identifier: MIT */
/* bare URLS CA [AT_ONCE]: asks for each "URL ETAG" of a file by nothing but libcurl's multi interface, and
 * prints how many answered 304 and 200. What the rest of ingestd's client costs is what it takes more than
 * this. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct one {
	char url[300], etag[100];
	struct curl_slist *fields;
	size_t bytes;
};

static size_t take(char *p, size_t size, size_t n, void *arg)
{
	struct one *o = arg;

	(void)p;
	o->bytes += size * n;
	return size * n;
}

static void start(CURLM *multi, struct one *o, const char *ca)
{
	CURL *easy = curl_easy_init();
	char field[200];

	(void)snprintf(field, sizeof(field), "If-None-Match: %s", o->etag);
	o->fields = curl_slist_append(NULL, field);
	curl_easy_setopt(easy, CURLOPT_URL, o->url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, o->fields);
	curl_easy_setopt(easy, CURLOPT_CAINFO, ca);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, o);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, o);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_multi_add_handle(multi, easy);
}

int main(int argc, char **argv)
{
	FILE *in = argc > 2 ? fopen(argv[1], "r") : NULL;
	size_t room = 20000, count = 0, next = 0, at_once = argc > 3 ? strtoul(argv[3], NULL, 10) : 64;
	struct one *all = calloc(room, sizeof(*all));
	unsigned unchanged = 0, changed = 0, other = 0;
	int running = 0;
	CURLM *multi;

	if (!in || !all)
		return 64;
	while (count < room && fscanf(in, "%299s %99s", all[count].url, all[count].etag) == 2)
		count++;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	multi = curl_multi_init();
	/* as many to a host as ingestd is told to use: the handshakes are what costs */
	curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, 16L);
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)(4 * at_once));
	do {
		CURLMsg *m;
		int left;

		while (next < count && (size_t)running < at_once) {
			start(multi, &all[next++], argv[2]);
			running++;
		}
		curl_multi_perform(multi, &running);
		while ((m = curl_multi_info_read(multi, &left))) {
			struct one *o;
			long status = 0;

			curl_easy_getinfo(m->easy_handle, CURLINFO_RESPONSE_CODE, &status);
			curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &o);
			unchanged += status == 304;
			changed += status == 200;
			other += status != 304 && status != 200;
			curl_multi_remove_handle(multi, m->easy_handle);
			curl_easy_cleanup(m->easy_handle);
			curl_slist_free_all(o->fields);
		}
		if (running)
			curl_multi_poll(multi, NULL, 0, 1000, NULL);
	} while (running || next < count);
	curl_multi_cleanup(multi);
	curl_global_cleanup();
	printf("%u unchanged, %u changed, %u else\n", unchanged, changed, other);
	free(all);
	(void)fclose(in);
	return other ? 1 : 0;
}
