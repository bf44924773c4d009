/* SPDX-License-Identifier: MIT */
#include "cookies.h"

#include "base/hash.h"
#include "base/span.h"

enum { LINE_MAX_BYTES = 8192, JAR_MAX = 300 };

/* A host's, or those of all hosts below a name: who shares the settings shares the jar. */
struct cookies {
	const struct host_settings *host;
	struct curl_slist *lines;
	struct cookies *next;
};

static const struct cookies *find(const struct cookies *c, const struct host_settings *h)
{
	while (c && c->host != h)
		c = c->next;
	return c;
}

const struct curl_slist *cookies_jar(const struct cookies *c, const struct host_settings *h)
{
	const struct cookies *jar = h->cookies ? find(c, h) : NULL;

	return jar ? jar->lines : NULL;
}

static struct curl_slist *copy(const struct curl_slist *from, unsigned most)
{
	struct curl_slist *to = NULL, *next;

	for (; from && most; from = from->next) {
		if (strnlen(from->data, LINE_MAX_BYTES) == LINE_MAX_BYTES)
			continue;
		next = curl_slist_append(to, from->data);
		if (!next)
			break;
		to = next;
		most--;
	}
	return to;
}

static void keep(struct cookies **c, const struct host_settings *h, const struct curl_slist *held)
{
	struct cookies *jar = (struct cookies *)(uintptr_t)find(*c, h);

	if (!jar) {
		jar = calloc(1, sizeof(*jar));
		if (!jar)
			return;
		jar->host = h;
		jar->next = *c;
		*c = jar;
	}
	curl_slist_free_all(jar->lines);
	jar->lines = copy(held, JAR_MAX);
}

void cookies_take(struct cookies **c, const struct host_settings *h, CURL *easy, unsigned most,
		  struct curl_slist **chain)
{
	struct curl_slist *held = NULL;

	if (curl_easy_getinfo(easy, CURLINFO_COOKIELIST, &held) != CURLE_OK)
		return;
	curl_slist_free_all(*chain);
	*chain = copy(held, most);
	if (h->cookies)
		keep(c, h, held);
	curl_slist_free_all(held);
}

/* Tab-separated: domain, whether below it too, path, https, expiry, name, value. */
uint64_t cookies_hash(const struct curl_slist *chain)
{
	uint64_t sum = 0;

	for (; chain; chain = chain->next) {
		struct span rest = span_str(chain->data), domain = span_split(&rest, '\t');

		for (int i = 0; i < 4; i++)
			(void)span_split(&rest, '\t');
		sum += hash64(domain) * 31 + hash64(rest);
	}
	return sum;
}

struct cookies *cookies_free(struct cookies *c)
{
	while (c) {
		struct cookies *next = c->next;

		curl_slist_free_all(c->lines);
		free(c);
		c = next;
	}
	return NULL;
}
