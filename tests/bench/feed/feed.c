/* SPDX-License-Identifier: MIT */
/* bench_feed LIST [ROUNDS]: CPU per feed of feed_parse(), beside libxml2's bare SAX parses: XML of the feed,
 * HTML of the items' contents. bench_feed --make N FILE writes a feed of N items.
 *
 * LIST names one feed a line. Each round runs every stage over every feed, feed by feed in turn, so that a
 * busy machine slows all stages alike; printed is each stage's best round. Feeds that are no XML are left
 * out. Peak memory is of the process: for that run it over one feed, with ROUNDS 0, which does only the
 * parse. */
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>

#include "base/strbuf.h"
#include "extract/extract.h"
#include "feed/feed.h"

enum { FEEDS_MAX = 100000, REPEAT_BELOW = 64 * 1024 };

static const char *const stages[] = {"XML SAX", "HTML SAX of contents", "feed_parse"};
enum { XML, HTML, FEED, STAGES };

struct sample {
	struct strbuf body;
	struct strbuf contents; /* struct span: the entries' markup, in texts */
	struct arena texts;
	unsigned repeat; /* small feeds several times, or the clock's own cost would count */
};

static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static bool read_file(const char *path, struct strbuf *out)
{
	FILE *f = fopen(path, "rb");
	bool ok = f;
	char piece[65536];

	for (size_t n; ok && (n = fread(piece, 1, sizeof(piece), f)) > 0;)
		ok = strbuf_add(out, piece, n) == ERR_OK;
	if (f)
		fclose(f);
	return ok;
}

/* What a program that wants nothing of the feed hears. */
static void on_start(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri,
		     int namespaces, const xmlChar **ns, int attributes, int defaulted,
		     const xmlChar **values)
{
	(void)ctx, (void)local, (void)prefix, (void)uri, (void)namespaces, (void)ns, (void)attributes;
	(void)defaulted, (void)values;
}
static void on_end(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	(void)ctx, (void)local, (void)prefix, (void)uri;
}
static void on_text(void *ctx, const xmlChar *text, int len)
{
	(void)ctx, (void)text, (void)len;
}
static void on_html_start(void *ctx, const xmlChar *name, const xmlChar **attributes)
{
	(void)ctx, (void)name, (void)attributes;
}
static void on_html_end(void *ctx, const xmlChar *name)
{
	(void)ctx, (void)name;
}

static void parse_xml(struct span body)
{
	xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC,
			     .startElementNs = on_start,
			     .endElementNs = on_end,
			     .characters = on_text,
			     .cdataBlock = on_text};
	xmlParserCtxtPtr c = xmlCreateMemoryParserCtxt(body.ptr, (int)body.len);
	xmlSAXHandler *own;

	if (!c)
		return;
	own = c->sax;
	c->sax = &sax;
	c->recovery = 1;
	(void)xmlCtxtUseOptions(c, XML_PARSE_RECOVER | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
					   XML_PARSE_NONET | XML_PARSE_HUGE);
	xmlParseDocument(c);
	c->sax = own;
	xmlFreeDoc(c->myDoc);
	xmlFreeParserCtxt(c);
}

static void parse_html(struct span html)
{
	htmlSAXHandler sax = {.startElement = on_html_start,
			      .endElement = on_html_end,
			      .characters = on_text,
			      .cdataBlock = on_text};
	htmlParserCtxtPtr c = htmlCreateMemoryParserCtxt(html.ptr, (int)html.len);
	htmlSAXHandler *own;

	if (!c)
		return;
	own = c->sax;
	c->sax = &sax;
	(void)htmlCtxtUseOptions(c, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
					    HTML_PARSE_NONET);
	(void)htmlParseDocument(c);
	c->sax = own;
	xmlFreeDoc(c->myDoc);
	htmlFreeParserCtxt(c);
}

static void run(unsigned stage, const struct sample *s, struct arena *arena)
{
	const struct feed_input in = {.body = strbuf_span(&s->body),
				      .base = SPAN("https://feed.example/feed")};
	const struct span *contents = (const struct span *)(const void *)s->contents.ptr;
	struct feed *feed;

	switch (stage) {
	case XML: parse_xml(in.body); break;
	case HTML:
		for (size_t i = 0; i < s->contents.len / sizeof(struct span); i++)
			parse_html(contents[i]);
		break;
	default:
		if (feed_parse(&in, arena, &feed, NULL))
			fprintf(stderr, "no feed\n");
		arena_reset(arena);
		break;
	}
}

/* False: no XML, or no feed. */
static bool prepare(const char *path, struct sample *s)
{
	struct feed_input in = {0};
	struct feed *feed;

	s->body = STRBUF_INIT(FEED_BODY_MAX);
	s->contents = STRBUF_INIT(FEED_ENTRY_MAX * sizeof(struct span));
	s->texts = ARENA_INIT(FEED_ARENA_MAX);
	if (!read_file(path, &s->body))
		return false;
	in.body = strbuf_span(&s->body);
	if (feed_parse(&in, &s->texts, &feed, NULL) || feed->format == FEED_JSON)
		return false;
	for (size_t i = 0; i < feed->entry_count; i++)
		if (feed->entries[i].html.ptr &&
		    strbuf_add(&s->contents, &feed->entries[i].html, sizeof(struct span)))
			return false;
	s->repeat = (unsigned)(REPEAT_BELOW / (in.body.len + 1)) + 1;
	return true;
}

static int make(const char *count, const char *path)
{
	static const char *const words[] = {"harbour", "ferry", "board", "pier",   "spring", "council",
					    "market",  "vote",  "town",  "report", "light",  "h\xc3\xa4user"};
	long n = strtol(count, NULL, 10);
	FILE *f = fopen(path, "wb");
	unsigned seed = 1;

	if (!f)
		return 66;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" "
	      "xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" "
	      "xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n<channel><title>Town</title>"
	      "<link>https://town.example/</link><description>All of it</description>\n",
	      f);
	for (long i = 0; i < n; i++) {
		fprintf(f,
			"<item><title>Report %ld &amp;amp; more</title><link>https://town.example/%ld</link>"
			"<guid isPermaLink=\"false\">town-%ld</guid><dc:creator>Ann Author</dc:creator>"
			"<category>news</category><pubDate>Mon, 01 Jan 2024 10:%02ld:00 +0100</pubDate>\n"
			"<description>&lt;p&gt;What the board decided in case %ld, and "
			"&lt;b&gt;what&lt;/b&gt; the "
			"town made of it.&lt;/p&gt;</description>\n<content:encoded>%s",
			i, i, i, i % 60, i, i % 2 ? "<![CDATA[" : "");
		for (int k = 0; k < 12; k++) {
			bool raw = i % 2;

			fputs(raw ? "<p class=\"text\">" : "&lt;p class=\"text\"&gt;", f);
			for (int w = 0; w < 30; w++) {
				seed = seed * 1103515245 + 12345;
				fprintf(f, "%s ", words[(seed >> 16) % ARRAY_SIZE(words)]);
			}
			fputs(raw ? "<a href=\"/x?a=1&amp;b=2\">more</a></p>\n"
				  : "&lt;a href=\"/x?a=1&amp;amp;b=2\"&gt;more&lt;/a&gt;&lt;/p&gt;\n",
			      f);
		}
		fprintf(f, "%s</content:encoded></item>\n", i % 2 ? "]]>" : "");
	}
	fputs("</channel></rss>\n", f);
	return fclose(f) ? 74 : 0;
}

static long peak_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

/* The parse alone, for its memory. */
static int once(const char *path)
{
	CLEANUP(strbuf_release) struct strbuf body = STRBUF_INIT(FEED_BODY_MAX);
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(FEED_ARENA_MAX);
	struct feed_input in = {.base = SPAN("https://feed.example/feed")};
	struct feed *feed;
	struct error e;
	FILE *f = fopen(path, "rb");
	double before;
	enum err r;

	if (!f || fseek(f, 0, SEEK_END) || strbuf_reserve(&body, (size_t)ftell(f)) || fseek(f, 0, SEEK_SET))
		return 66;
	body.len = fread(body.ptr, 1, body.cap - 1, f);
	fclose(f);
	in.body = strbuf_span(&body);
	before = cpu();
	r = feed_parse(&in, &arena, &feed, &e);
	printf("%s: %.1f MB, %s, %zu entries, %.1f ms CPU, peak %.1f MB: %.2f times and 20 MB\n", path,
	       (double)body.len / 1e6, r ? e.text : feed_format_name(feed->format), r ? 0 : feed->entry_count,
	       cpu() - before, (double)peak_kib() / 1e3 * 1.024,
	       ((double)peak_kib() * 1024 - 20e6) / (double)MAX(body.len, 1u));
	return 0;
}

int main(int argc, char **argv)
{
	static struct sample samples[FEEDS_MAX];
	size_t count = 0, bytes = 0;
	double best[STAGES] = {0}, worst = 0;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(FEED_ARENA_MAX);
	char path[4096], worst_path[4096] = "";
	int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 3;
	FILE *list;

	extract_init();
	if (argc == 4 && strcmp(argv[1], "--make") == 0)
		return make(argv[2], argv[3]);
	if (argc == 3 && rounds == 0)
		return once(argv[1]);
	list = argc > 1 ? fopen(argv[1], "r") : NULL;
	if (!list) {
		fprintf(stderr, "usage: bench_feed LIST [ROUNDS] | FEED 0 | --make N FILE\n");
		return 64;
	}
	while (count < FEEDS_MAX && fgets(path, sizeof(path), list)) {
		path[strcspn(path, "\n")] = 0;
		if (prepare(path, &samples[count])) {
			double took[STAGES] = {0};

			for (unsigned s = 0; s < STAGES; s++) {
				double before = cpu();

				run(s, &samples[count], &arena);
				run(s, &samples[count], &arena);
				took[s] = cpu() - before;
			}
			if (took[FEED] / (took[XML] + took[HTML]) > worst) {
				worst = took[FEED] / (took[XML] + took[HTML]);
				strcpy(worst_path, path);
			}
			bytes += samples[count++].body.len;
		}
	}
	fclose(list);
	for (int round = 0; round < rounds; round++) {
		double sum[STAGES] = {0};

		for (size_t i = 0; i < count; i++)
			for (unsigned s = 0; s < STAGES; s++) {
				double before = cpu();

				for (unsigned k = 0; k < samples[i].repeat; k++)
					run(s, &samples[i], &arena);
				sum[s] += (cpu() - before) / samples[i].repeat;
			}
		for (unsigned s = 0; s < STAGES; s++)
			best[s] = round && best[s] < sum[s] ? best[s] : sum[s];
	}
	printf("%zu feeds, %.2f MB, best of %d rounds\n", count, (double)bytes / 1e6, rounds);
	for (unsigned s = 0; s < STAGES; s++)
		printf("%-22s %9.4f ms CPU a feed\n", stages[s], best[s] / (double)MAX(count, 1));
	printf("feed_parse is %.2f of the two parses (at most 2); worst feed, seen once: %.2f, %s\n",
	       best[FEED] / (best[XML] + best[HTML]), worst, worst_path);
	return 0;
}
