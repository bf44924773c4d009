/* SPDX-License-Identifier: MIT */
#include "feed/xml_ns.h"

/* Compared without case, scheme, "www." and a closing slash. */
static const struct {
	const char *uri;
	enum xml_ns ns;
} uris[] = {
	{"w3.org/2005/atom", XML_NS_ATOM},
	{"purl.org/atom/ns#", XML_NS_ATOM},
	{"w3.org/1999/02/22-rdf-syntax-ns#", XML_NS_RDF},
	{"purl.org/rss/1.0", XML_NS_CORE},
	{"purl.org/net/rss1.1#", XML_NS_CORE},
	{"my.netscape.com/rdf/simple/0.9", XML_NS_CORE},
	{"my.netscape.com/publish/formats/rss-0.91.dtd", XML_NS_CORE},
	{"channel.netscape.com/rdf/simple/0.9", XML_NS_CORE},
	{"backend.userland.com/rss", XML_NS_CORE},
	{"backend.userland.com/rss2", XML_NS_CORE},
	{"backend.userland.com/rss2.1", XML_NS_CORE},
	{"blogs.law.harvard.edu/tech/rss", XML_NS_CORE},
	{"cyber.law.harvard.edu/rss/rss.html", XML_NS_CORE},
	{"purl.org/dc/elements/1.0", XML_NS_DC},
	{"purl.org/dc/elements/1.1", XML_NS_DC},
	{"purl.org/dc/terms", XML_NS_DCTERMS},
	{"purl.org/rss/1.0/modules/content", XML_NS_CONTENT},
	{"search.yahoo.com/mrss", XML_NS_MEDIA},
	{"search.yahoo.com/mrss/1.1", XML_NS_MEDIA},
	{"video.search.yahoo.com/mrss", XML_NS_MEDIA},
	{"tools.search.yahoo.com/mrss", XML_NS_MEDIA},
	{"itunes.com/dtds/podcast-1.0.dtd", XML_NS_ITUNES},
	{"example.com/dtds/podcast-1.0.dtd", XML_NS_ITUNES},
	{"podcastindex.org/namespace/1.0", XML_NS_PODCAST},
	{"github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md", XML_NS_PODCAST},
	{"google.com/schemas/play-podcasts/1.0", XML_NS_GOOGLEPLAY},
	{"google.com/schemas/play-podcasts/1.0/play-podcasts.xsd", XML_NS_GOOGLEPLAY},
	{"purl.org/rss/1.0/modules/slash", XML_NS_SLASH},
	{"purl.org/rss/1.0/modules/syndication", XML_NS_SY},
	{"purl.org/syndication/thread/1.0", XML_NS_THR},
	{"rssnamespace.org/feedburner/ext/1.0", XML_NS_FEEDBURNER},
	{"purl.org/syndication/history/1.0", XML_NS_FH},
	{"w3.org/1999/xhtml", XML_NS_XHTML},
	{"w3.org/xml/1998/namespace", XML_NS_XML},
};

/* What a prefix means where nobody declared it. */
static const struct {
	const char *prefix;
	enum xml_ns ns;
} prefixes[] = {
	{"atom", XML_NS_ATOM},       {"atom10", XML_NS_ATOM},
	{"a10", XML_NS_ATOM},        {"rdf", XML_NS_RDF},
	{"rss", XML_NS_CORE},        {"dc", XML_NS_DC},
	{"dcterms", XML_NS_DCTERMS}, {"dct", XML_NS_DCTERMS},
	{"content", XML_NS_CONTENT}, {"media", XML_NS_MEDIA},
	{"itunes", XML_NS_ITUNES},   {"podcast", XML_NS_PODCAST},
	{"slash", XML_NS_SLASH},     {"googleplay", XML_NS_GOOGLEPLAY},
	{"sy", XML_NS_SY},           {"thr", XML_NS_THR},
	{"fh", XML_NS_FH},           {"feedburner", XML_NS_FEEDBURNER},
	{"xhtml", XML_NS_XHTML},     {"xml", XML_NS_XML},
};

static struct span bare(struct span uri)
{
	static const char *const heads[] = {"http://", "https://", "www."};

	uri = span_trim(uri);
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		if (span_starts_nocase(uri, span_str(heads[i])))
			uri = span_sub(uri, strlen(heads[i]), uri.len);
	while (uri.len && uri.ptr[uri.len - 1] == '/')
		uri.len--;
	return uri;
}

enum xml_ns xml_ns_by_uri(struct span uri)
{
	uri = bare(uri);
	if (!uri.len)
		return XML_NS_CORE;
	for (size_t i = 0; i < ARRAY_SIZE(uris); i++)
		if (span_eq_nocase(uri, span_str(uris[i].uri)))
			return uris[i].ns;
	return XML_NS_OTHER;
}

enum xml_ns xml_ns_by_prefix(struct span prefix)
{
	if (!prefix.len)
		return XML_NS_CORE;
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (span_eq_nocase(prefix, span_str(prefixes[i].prefix)))
			return prefixes[i].ns;
	return XML_NS_OTHER;
}
