/* SPDX-License-Identifier: MIT */
/* hostile.h - pages made to take long or much, as a table: before, then `repeat` until full, then after. The
 * unit test (ceilings) and bench_hostile (times and memory) read it. Each of the first once took a parser of
 * ours or libxml2 quadratic time, or all memory. */
#ifndef INGESTD_TESTS_HOSTILE_H
#define INGESTD_TESTS_HOSTILE_H

#include <string.h>

#include "extract/extract.h"

#define JSONLD "<script type=application/ld+json>"
#define HOSTILE_ARTICLE \
	"<html><head><title>Pier to be kept</title></head><body><article><h1>Pier to be kept</h1><p>"

struct hostile {
	const char *name, *before, *repeat, *then;
};

static const struct hostile hostile[] = {
	{"nested div", "", "<div>", NULL},
	{"one tag of attributes", "<div ", "a1=b ", NULL},
	{"many tags of many attributes", "", "<p a a a a a a a a a a a a a a a a a a a a a a a a a a>", NULL},
	{"one line", "<p>", "x ", NULL},
	{"tags with text", "", "<b>x", NULL},
	{"open paragraphs", "", "<p>", NULL},
	{"end tags of a deep stack", "", "<i>", "</b>"},
	{"end tags of a deep stack, matched once", "<b>", "<i>", "</b>"},
	{"list items closed from far below", "<ul>", "<li>", "</li>"},
	{"comments that never end", "", "<!--", NULL},
	{"scripts with comments that end at the end", "", "<script><!--</script>", "-->"},
	{"titles", "", "<title>", NULL},
	{"iframes", "", "<iframe>", NULL},
	{"svg", "", "<svg><p>", NULL},
	{"less-than", "", "<", NULL},
	{"ampersands", "<p>", "&", NULL},
	{"quotes that never end", "", "<a b=\"", NULL},
	{"text in pieces", "<p>", "a<!---->", NULL},
	{"tables", "", "<table><tr><td>", NULL},
	{"headings", "", "<h2>a</h2>", NULL},
	{"line breaks", "", "a<br>", NULL},
	{"sections in a paragraph", "<p><i><i><i><i><i><i>", "<section>", NULL},
	{"classes", "", "<div class='share comment related share comment related'>Text.</div>", NULL},
	{"metas without end", "", "<meta charset=\"", NULL},
	{"json-ld", JSONLD, "[", "</script>"},
	{"NUL", "<p>", "\\0", NULL},
	{"stray continuation bytes", "<p>", "\x80", NULL},

	/* attributes */
	{"one class of words", "<html><p class=\"", "author ", "\">text</p>"},
	{"one srcset", HOSTILE_ARTICLE "<img srcset=\"", "/a.jpg 100w, ", "\">"},
	{"one style", "<html><div style=\"", "a:b;", "\">text</div>"},
	{"attributes without values", "<html><div ", "a ", ">text</div>"},
	{"attribute of entities", "<html><meta property=og:title content=\"", "&amp;", "\">"},
	{"content of one meta", "<html><meta property=og:description content=\"", "word ", "\">"},
	{"metas of one name", "<html>", "<meta property=og:image content=/a.jpg>", NULL},
	{"metas of another each", "<html>",
	 "<meta property=og:title content='Pier'><meta name=author content=X>", NULL},
	{"links", "<html>", "<link rel=canonical href=/a>", NULL},
	{"bases", "<html>", "<base href=/a>", NULL},
	{"itemprops in each other", "<html>", "<div itemscope itemprop=headline>x", NULL},
	{"itemrefs", "<html>", "<div itemscope itemtype=http://schema.org/Article itemref='a a a a'>", NULL},

	/* entities */
	{"entity flood", "<html><p>", "&amp;", NULL},
	{"numeric entities", "<html><p>", "&#x26;", NULL},
	{"longest entity", "<html><p>", "&CounterClockwiseContourIntegral;", NULL},
	{"entities that are none", "<html><p>", "&CounterClockwiseContourIntegra", NULL},
	{"entities in a title", "<html><title>", "&nbsp;", "</title>"},

	/* JSON-LD */
	{"json-ld of objects in each other", JSONLD, "{\"a\":", "</script>"},
	{"json-ld of one string", JSONLD "{\"@type\":\"Article\",\"headline\":\"", "word ", "\"}</script>"},
	{"json-ld of one body", JSONLD "{\"@type\":\"Article\",\"articleBody\":\"", "word\\n",
	 "\"}</script>"},
	{"json-ld of many keys", JSONLD "{", "\"a\":1,", "\"b\":1}</script>"},
	{"json-ld of many articles", JSONLD "[", "{\"@type\":\"Article\",\"headline\":\"x\"},",
	 "{}]</script>"},
	{"json-ld of references", JSONLD "{\"@graph\":[", "{\"@id\":\"a\",\"author\":{\"@id\":\"a\"}},",
	 "{}]}</script>"},
	{"json-ld with comments", JSONLD "[", "/* x */1,", "1]</script>"},
	{"json-ld with trailing commas", JSONLD "[", "[1,],", "1]</script>"},
	{"json-ld of escapes", JSONLD "{\"@type\":\"Article\",\"headline\":\"", "\\u0041", "\"}</script>"},
	{"many json-ld blocks", "<html>", JSONLD "{\"@type\":\"Article\",\"name\":\"x\"}</script>", NULL},
	{"many bad json-ld blocks", "<html>", JSONLD "{\"@type\"</script>", NULL},

	/* what readers see */
	{"bylines", HOSTILE_ARTICLE, "<span class=byline>By Ann Bee and Cay Dee</span>", NULL},
	{"bare bylines", HOSTILE_ARTICLE, "By Ann Bee<br>", NULL},
	{"times", HOSTILE_ARTICLE, "<time datetime=2024-05-07>7 May</time>", NULL},
	{"dates in one text", HOSTILE_ARTICLE, "7 May 2024, ", NULL},
	{"digits", HOSTILE_ARTICLE, "20240507", NULL},
	{"dashes", HOSTILE_ARTICLE, "2024-", NULL},
	{"pictures", HOSTILE_ARTICLE, "<figure><img src=/a.jpg width=900 height=600></figure>", NULL},
	{"pictures of others", HOSTILE_ARTICLE,
	 "<picture><source srcset='/a 1x, /b 2x'><img data-src=/a.jpg></picture>", NULL},
	{"first headings", "<html>", "<h1>Pier to be kept</h1>", NULL},
	{"paragraphs", HOSTILE_ARTICLE,
	 "<p>The board met on Tuesday to decide how the pier, old as it is, should be used.</p>", NULL},
	{"one paragraph", HOSTILE_ARTICLE, "The board met on Tuesday to decide. ", NULL},
	{"one word", HOSTILE_ARTICLE, "aaaaaaaa", NULL},
	{"one word of another script", HOSTILE_ARTICLE, "\xe6\x9d\xb1\xe4\xba\xac", NULL},
	{"articles in each other", "<html>",
	 "<article><p>The board met on Tuesday to decide on the pier.</p>", NULL},
	{"lists of links", "<html>", "<li><a href=/a>The board met on Tuesday</a></li>", NULL},
	{"teasers", "<html>", "<article><h2><a href=/a>The board met</a></h2><p>On Tuesday.</p></article>",
	 NULL},
	{"formatting in each other", "<html><p>", "<b><i><u><s>", NULL},
	{"formatting across", "<html>", "<b><p></b></p>", NULL},
	{"forms and inputs", "<html>", "<form><input type=password>", NULL},
	{"options", "<html><select>", "<option>x", NULL},
	{"templates", "<html>", "<template><p>x</template>", NULL},
	{"noscripts", "<html>", "<noscript><img src=/a.jpg></noscript>", NULL},
	{"styles", "<html>", "<style>a{}</style>", NULL},
	{"conditional comments", "<html>", "<!--[if IE]><p>x</p><![endif]-->", NULL},
	{"processing instructions", "<html>", "<?x y?>", NULL},
	{"doctypes", "", "<!DOCTYPE html>", NULL},
	{"CDATA", "<html>", "<![CDATA[x]]>", NULL},
	{"end tags alone", "<html>", "</p></div></b>", NULL},
	{"bodies", "", "<html><body>", NULL},
	{"frames", "<html>", "<frameset><frame src=/a>", NULL},
	{"blanks", "<html><p>x", " \n\t", NULL},
	{"soft hyphens", "<html><p>", "\xc2\xad", NULL},
	{"combining marks", HOSTILE_ARTICLE "a", "\xcc\x81", NULL},
	{"separators in a title", "<html><title>", "a | b - ", "</title>"},
};

/* At most size bytes of the row's page into `to`; how many. */
static inline size_t hostile_put(char *to, size_t at, size_t end, const char *what)
{
	size_t n = strlen(what);

	if (!strcmp(what, "\\0")) {
		memset(to + at, 0, end - at);
		return end;
	}
	for (; n && at + n <= end; at += n)
		memcpy(to + at, what, n);
	return at;
}

static inline size_t hostile_make(const struct hostile *row, char *to, size_t size)
{
	size_t n = hostile_put(to, 0, strlen(row->before), row->before),
	       last = row->then ? strlen(row->then) : 0;

	/* end tags by the million too, where they are what is tried */
	if (last && row->then[0] == '<' && row->then[1] == '/' && last < 6)
		return hostile_put(to, hostile_put(to, n, size / 2, row->repeat), size, row->then);
	n = hostile_put(to, n, size - last, row->repeat);
	return last ? hostile_put(to, n, n + last, row->then) : n;
}

#endif
