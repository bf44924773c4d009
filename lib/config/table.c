/* SPDX-License-Identifier: MIT */
#include "config/table.h"

#define WHOLE(member) .offset = offsetof(struct config, member)
#define HOST(member) .host = true, .offset = offsetof(struct host_settings, member)
#define FEED(member) .feed = true, .offset = offsetof(struct feed_settings, member)
#define MINUTES(n) ((n)*UINT64_C(60000))
#define MIB(n) ((n)*UINT64_C(1048576))

static const char *const policies[] = {"fill", "refresh", "keep", "tidy", NULL};
static const char *const versions[] = {"auto", "1.1", "2", NULL};
static const char *const image_sources[] = {"none", "copies", "all", NULL};

const char *const preset_names[] = {
	"native",      "hugo",          "hugo-papermod", "hugo-stack",       "hugo-congo", "hugo-ananke",
	"hugo-loveit", "hugo-mainroad", "jekyll",        "minimal-mistakes", "chirpy",     "eleventy",
	"astro-blog",  "astro-paper",   "astrowind",     "astro-cactus",     "zola",       NULL};

#define X(name, text) text,
const char *const shape_names[] = {FIELD_MAP(X) "link", "related", "width", "height", "cached", NULL};
#undef X

const struct key keys[] = {
	{"content", KEY_PATHS, WHOLE(content), .max = 1000, .def = "[]", .example = "[/srv/site/content]",
	 .help = "Folders of documents, searched with all their subfolders. "
		 "Folders named on the command line are used instead."},
	{"state", KEY_PATH, WHOLE(state), .example = "~/.local/state/ingestd",
	 .help = "Folder for what ingestd remembers: what servers answered, and which values it wrote. "
		 "Without this key $STATE_DIRECTORY, which systemd sets; else ingestd in $XDG_STATE_HOME; "
		 "else ~/.local/state/ingestd."},
	{"include", KEY_GLOBS, WHOLE(include), .max = 200, .def = "[\"*.md\", \"*.markdown\"]",
	 .help = "Files that are documents. "
		 "A pattern without a slash is held against the name, one with a slash against the path "
		 "inside the content folder."},
	{"exclude", KEY_GLOBS, WHOLE(exclude), .max = 200, .def = "[]", .example = "[drafts, \"old/**\"]",
	 .help = "Files that are none, and folders that are not entered. "
		 "Patterns as for include; ** is any number of folders, a slash at the end means folders "
		 "only."},
	{"exclude-usual", KEY_BOOL, WHOLE(exclude_usual), .def = "true",
	 .help = "Exclude also .git, node_modules, _site, public, themes, vendor, the conflict copies of "
		 "synchronisers and the side files of editors."},
	{"confine", KEY_BOOL, WHOLE(confine), .def = "true",
	 .help = "A refresh and the service take from themselves what they do not need: by Landlock they "
		 "can write only content folders, those of new documents and of copied images, the state and "
		 "the "
		 "report's folder, and read only these, the system's and the configuration's; by seccomp "
		 "they cannot start "
		 "programs, trace, mount and more. This holds until a restart: a folder named by a new "
		 "configuration needs one. What the kernel lacks is left out; -v says so."},
	{"rescan", KEY_DURATION, WHOLE(rescan_ms), .min = 60000, .max = MINUTES(24 * 60), .def = "1h",
	 .help = "How often the service walks all content folders, besides watching them. "
		 "Watching misses what another machine changes on a network file system."},
	{"budget", KEY_COUNT, WHOLE(budget), .min = 1, .max = 1000000, .def = "3600",
	 .help = "How many documents the service looks at again in an hour because they are due. "
		 "What is new or changed does not count, and does not wait."},
	{"foreign-documents", KEY_BOOL, WHOLE(foreign_documents), .def = "false",
	 .help = "Write also documents that belong to another user or have a second hard link. "
		 "The new file then belongs to who runs ingestd, and the other link keeps the old text."},

	{"fields", KEY_FIELDS, WHOLE(preset), .max = 100, .def = "native",
	 .example = "\n  preset: hugo\n  excerpt: summary|description\n  images: cover.image\n  link: "
		    "source.url",
	 .help = "Which key of the front matter holds what. "
		 "Either the name of a preset, or a mapping with a preset and what differs from it. "
		 "Write a.b for b inside a, x[].url for the url of each entry of x, a|b for either. "
		 "Presets: native, hugo, hugo-papermod, hugo-stack, hugo-congo, hugo-ananke, hugo-loveit, "
		 "hugo-mainroad, jekyll, minimal-mistakes, chirpy, eleventy, astro-blog, astro-paper, "
		 "astrowind, astro-cactus, zola."},

	{"policy", KEY_GROUP,
	 .help = "When a field is written. "
		 "fill: only where it is missing, empty or, for an excerpt, cut off. "
		 "refresh: also a value that ingestd itself wrote and nobody changed since. "
		 "keep: never. "
		 "tidy: as fill, and an existing value is put into its normal form."},
#define X(id, text)                                                                                         \
	{"policy." text, KEY_POLICY,                                                                        \
	 .offset = offsetof(struct config, policy) + FIELD_##id * sizeof(enum policy), .choices = policies, \
	 .def = "fill"},
	FIELD_MAP(X)
#undef X

	/* 300 is where the collections that this was made for cut theirs (median 292); 120 is some twenty
	 * words: a sentence shorter than that tells less than a longer text cut at a word. */
	{"excerpt", KEY_GROUP, .help = "How long an excerpt is that ingestd writes, in characters."},
	{"excerpt.min", KEY_COUNT, WHOLE(excerpt_min), .min = 1, .max = 5000, .def = "120",
	 .help = "An excerpt ends with a sentence where that leaves at least so many, else with a word "
		 "and an ellipsis."},
	{"excerpt.max", KEY_COUNT, WHOLE(excerpt_max), .min = 20, .max = 10000, .def = "300",
	 .help = "At most so many."},

	{"moves", KEY_BOOL, WHOLE(moves), .def = "true",
	 .help = "When a page has moved for good, change a webUrl that ingestd itself wrote and nobody "
		 "changed "
		 "since. "
		 "That is believed after three visits over three days at least that a permanent redirect "
		 "(301, "
		 "308) led to the same article. "
		 "originalUrl always stays."},
	{"tracking", KEY_TRACKING, WHOLE(tracking), .max = 1000, .def = "{}",
	 .example = "\n  \"*\": [promo, \"from_*\"]\n  example.org: -utm_source\n  shop.*: \"-*\"",
	 .help = "Query parameters that are left out of addresses which ingestd writes, besides those that "
		 "it "
		 "knows, by host (* for all; shop.* for shop.example, shop.co.example and so on). "
		 "A minus keeps one; -* keeps all. "
		 "In a name * stands for anything and ? for one character."},

	{"shared-images", KEY_BOOL, WHOLE(shared_images), .def = "false",
	 .help = "Where a page has no picture but one that other pages of its host have too, take that. "
		 "It is the host's sign rather than a picture of the article."},

	{"organizations", KEY_PATH, WHOLE(organizations), .example = "/srv/site/_data/organizations",
	 .help = "Folder of sites: a file a site, DOMAIN.md, with `name` (or `title`) in its front matter, "
		 "for "
		 "sites "
		 "whose pages do not say their own, and perhaps `images`, a list of `url`, `width` and "
		 "`height`. "
		 "A document gets one as `provider.images` where that key is empty, or absent though other "
		 "documents of its folder have it; which one, and what stands before a path, is as those "
		 "have "
		 "it, else the first as it is. "
		 "The file of the host itself goes before that of its registrable domain; without either "
		 "that "
		 "domain is written. "
		 "Read at the start and on reload; at most 20,000 files of 64 KiB each, links are not "
		 "followed, "
		 "and what cannot be used is left out with a line on standard error."},

	{"image", KEY_GROUP,
	 .help = "Pictures of articles. Their sizes are those that their own first bytes tell."},
	{"image.count", KEY_COUNT, WHOLE(images), .min = 1, .max = 8, .def = "1",
	 .help = "At most so many are written, the best first, where the documents have a list of them."},

	{"image-cache", KEY_GROUP,
	 .help = "Keep local copies of the pictures that documents show. "
		 "Without a folder none are kept. "
		 "`ingestd images` lists, verifies and prunes them."},
	{"image-cache.folder", KEY_PATH, WHOLE(image_cache), .example = "/srv/site/static/images/cache",
	 .help = "Where copies are kept, by what they hold: two pictures of the same bytes are one file."},
	{"image-cache.url", KEY_TEXT, WHOLE(image_cache_url), .max = 1000, .example = "/images/cache/",
	 .help = "What stands before a copy's name where documents or images.json name it."},
	{"image-cache.local", KEY_BOOL, WHOLE(image_cache_local), .def = "false",
	 .help = "Write the copy's URL into documents instead of the original one. "
		 "Otherwise the original stays, and isCached (the key that fields.cached names) is set to "
		 "true beside it; images.json in the folder says which copy belongs to which URL."},
	{"image-cache.size", KEY_SIZE, WHOLE(image_cache_bytes), .min = 1 << 20, .max = UINT64_C(1) << 50,
	 .def = "2GiB",
	 .help = "Ceiling of the folder. "
		 "Copies that no document refers to make room, those unused for longest first; a copy in use "
		 "is never "
		 "removed: when those fill the folder no more are kept, and a run says so."},
	{"image-cache.days", KEY_COUNT, WHOLE(image_cache_days), .min = 1, .max = 36500, .def = "90",
	 .help = "Copies that no document has referred to for so many days are removed."},

	{"contact", KEY_TEXT, WHOLE(contact), .max = 200, .example = "https://example.org/about-our-fetcher",
	 .help = "A web or mail address, told to servers in User-Agent, so that they can reach you before "
		 "they shut you out."},
	{"pace", KEY_GROUP, .help = "How fast a host is asked; hosts can have their own."},
	{"pace.gap", KEY_DURATION, HOST(gap_ms), .max = MINUTES(60), .def = "1s",
	 .help = "Least time between the starts of two requests to one host."},
	{"pace.connections", KEY_COUNT, HOST(connections), .min = 1, .max = 16, .def = "2",
	 .help = "Connections to one host at a time."},
	{"transfers", KEY_COUNT, WHOLE(transfers), .min = 1, .max = 1000, .def = "64",
	 .help = "Requests at a time over all hosts."},
	{"timeout", KEY_DURATION, HOST(timeout_ms), .min = 1000, .max = MINUTES(10), .def = "30s",
	 .help = "Longest time for one request, from name lookup to the last byte."},
	{"user-agent", KEY_TEXT, HOST(user_agent), .max = 200,
	 .example = "ingestd/0.1 (+https://example.org/)",
	 .help = "Told to servers instead of ingestd's name, version and contact."},
	{"headers", KEY_HEADERS, HOST(headers), .max = 50, .example = "\n  Accept-Language: de, en;q=0.5",
	 .help = "More header fields for each request. "
		 "What hosts names replaces this list for that host."},
	{"http-version", KEY_CHOICE, HOST(http_version), .choices = versions, .def = "auto",
	 .help = "auto is HTTP/2 where the server offers it over TLS, else HTTP/1.1. "
		 "2 is HTTP/2 without TLS too."},
	{"proxy", KEY_PROXY, HOST(proxy), .max = 1000, .def = "none",
	 .example = "http://proxy.example.org:3128",
	 .help = "Proxy by URL: http, https, socks5 or socks5h. "
		 "Which addresses may be reached is then the proxy's decision. "
		 "The environment's proxy variables are never used."},
	{"ca-file", KEY_PATH, HOST(ca_file), .example = "/etc/ssl/our-ca.pem",
	 .help = "Certificates to trust instead of the system's, in PEM."},
	{"credentials", KEY_SECRET, HOST(credentials), .example = "/etc/ingestd/intranet.credentials",
	 .help = "A file whose first line is user:password, or Bearer and a token, told to servers over "
		 "https "
		 "alone. "
		 "Of use for hosts; only its owner and group may read it. "
		 "A name without a slash is looked for among systemd's credentials (LoadCredential) first."},
	{"cookies", KEY_BOOL, HOST(cookies), .def = "false",
	 .help = "Keep a host's cookies from one page to the next, for as long as ingestd runs. "
		 "Else they live for one chain of redirects."},
	{"robots", KEY_BOOL, HOST(robots), .def = "true",
	 .help = "Ask each site's robots.txt what may be asked for, and heed its Crawl-delay. "
		 "Turn it off for sites that are yours, or that have told you that you may."},
	{"hosts", KEY_HOSTS, WHOLE(hosts), .max = 4096,
	 .example = "\n  slow.example.org:\n    pace: {gap: 10s, connections: 1}\n"
		    "  \"*.example.net\":\n    http-version: 1.1",
	 .help = "Settings for one host, or with *. for all hosts below a name: pace, timeout, user-agent, "
		 "headers, http-version, proxy, ca-file, credentials, cookies, robots. "
		 "The longest name that fits decides; what it leaves out is as for all hosts."},

	{"feeds", KEY_FEEDS, WHOLE(feeds), .max = 100000,
	 .example =
		 "\n  - https://example.org/feed.xml\n  - url: https://example.net/rss\n    category: news\n"
		 "    poll: {floor: 6h}\n    new-documents:\n      drop:\n        - title: \"(?i)sponsored\"",
	 .help = "Feeds (RSS, Atom, JSON Feed) whose new items become documents. "
		 "Each is an address, or a mapping with its url and, where wanted, a name, a category "
		 "(folders "
		 "of an OPML list, as a/b) and what is to be different for it: poll, new-documents, and "
		 "everything that hosts may have."},
	{"feeds-folder", KEY_PATH, WHOLE(feeds_folder), .example = "feeds.d",
	 .help = "Folder with more feeds: each file in it that ends in .yaml is a list as feeds has it. "
		 "Without this key feeds.d beside this file, if there is one. "
		 "`ingestd feeds import FILE` puts the feeds of an OPML list there."},
	{"poll", KEY_GROUP,
	 .help = "How often feeds are asked. Within these bounds a feed's own rhythm decides; "
		 "what it and its server say of their wishes only makes it rarer."},
	{"poll.floor", KEY_DURATION, FEED(floor_ms), .min = MINUTES(1), .max = MINUTES(60 * 24 * 7),
	 .def = "1h", .help = "Never sooner than this after the last time."},
	{"poll.ceiling", KEY_DURATION, FEED(ceiling_ms), .min = MINUTES(1), .max = MINUTES(60 * 24 * 30),
	 .def = "1d", .help = "Not rarer than this on the feed's own account."},
	{"new-documents", KEY_GROUP, .help = "What a new item of a feed becomes."},
	{"new-documents.folder", KEY_PATH, FEED(folder), .example = "/srv/site/content/news",
	 .help = "Where it is put: a content folder or one inside. Without this key the first content "
		 "folder."},
	{"new-documents.name", KEY_TEXT, FEED(file_name), .max = 200, .def = "YYYY-MM-DD-slug.md",
	 .help = "Its file name, in which YYYY, MM, DD and HH stand for its date (UTC), slug for its title, "
		 "feed "
		 "and domain for where it comes from. It may have folders. "
		 "What is there already is never overwritten: the next one gets -2 behind its slug."},
	{"new-documents.template", KEY_BLOCK, FEED(template), .max = 16384,
	 .example = "|\n  title: {title}\n  publishedDateTime: {date}\n  originalUrl: {link}\n"
		    "  published: {published}",
	 .help = "Its front matter, with places to fill in: title, excerpt, date, updated, link, id, type, "
		 "author, "
		 "language, provider, domain, image, width, height, topics, tags, category, feed, feed-url "
		 "and what "
		 "defaults name. A line whose value is missing is left out. "
		 "Without this key what the preset of fields has, in the order of its documents."},
	{"new-documents.defaults", KEY_DEFAULTS, FEED(defaults), .max = 50, .def = "{published: false}",
	 .help = "Keys and values that each has from the start."},
	{"new-documents.topics", KEY_TOPICS, FEED(topics), .max = 1000,
	 .example = "\n  Computer Vision: \"(?i)^(computer vision|image recognition)$\"\n"
		    "  Policy: {title: \"(?i)\\\\b(law|ban|act)\\\\b\"}",
	 .help = "Topics by pattern (PCRE2). A pattern alone is held against each category and keyword; with "
		 "fields (title, summary, content, text, tag, author, link, any) all of them have to fit."},
	{"new-documents.keep", KEY_RULES, FEED(keep), .max = 1000, .example = "[{text: \"(?i)climate\"}]",
	 .help = "Only items that fit one of these become documents. Fields and patterns as for topics."},
	{"new-documents.drop", KEY_RULES, FEED(drop), .max = 1000, .example = "[{tag: \"^Advertorial$\"}]",
	 .help = "Items that fit one of these never do. `ingestd feed --why URL` tells what became of each."},
	{"new-documents.first-import", KEY_FIRST, FEED(first), .max = 100000, .def = "20",
	 .help = "How many of the items that a feed has when it is first read become documents: the newest "
		 "so "
		 "many, those since a day (2026-01-31), or all. The rest counts as seen."},
	{"new-documents.deadline", KEY_DURATION, FEED(deadline_ms), .max = MINUTES(60 * 24 * 30), .def = "1d",
	 .help = "How long it waits for its article, when that is not to be had at once. Then it is written "
		 "with "
		 "what the feed gave."},
	{"new-documents.ahead", KEY_DURATION, FEED(ahead_ms), .max = MINUTES(60 * 24 * 30), .def = "1d",
	 .help = "A date that lies farther in the future than this is taken for none."},
	{"new-documents.attach-similar", KEY_BOOL, FEED(attach), .def = "false",
	 .help = "An item whose article is one that another document has already (by its canonical address "
		 "or its "
		 "text) is put into that document's related list instead of becoming one of its own."},
	{"new-documents.score", KEY_BOOL, FEED(score), .def = "false",
	 .help = "Values for quality and heat, where the template has places for them (that of preset native "
		 "has); else they are the site's to write. quality, 0 to 100, is how complete the document "
		 "is "
		 "at first: 30 for its excerpt (of 200 characters or more, in proportion below), 25 for its "
		 "image (10 of them without a known size of 400x200 or more), 20 for the text that the feed "
		 "gives (2000 characters or more, in proportion below), 15 for a date, 10 for an author. "
		 "heat "
		 "equals it on the first day, and halves with each week of age beyond. Neither is changed "
		 "later."},

	{"status", KEY_GROUP,
	 .help = "The service's status page, /metrics for Prometheus, and /healthz (200 when the last pass "
		 "succeeded and work moves, else 503 and the reason)."},
	{"status.listen", KEY_LISTEN, WHOLE(status_listen), .def = "none", .example = "127.0.0.1:9469",
	 .help = "Where the service answers: the path of a socket that it makes, a loopback address with a "
		 "port, or systemd for the sockets that a socket unit passes. "
		 "Any user of this machine can read what a port shows; a socket that it makes is for the "
		 "user "
		 "and group that the service runs as. "
		 "A change needs a restart."},
	{"status.token", KEY_SECRET, WHOLE(status_token), .example = "/etc/ingestd/status-token",
	 .help = "File whose first line, 16 to 200 characters, is a token: who sends it may act over a port. "
		 "Over a socket of the file system the user that the service runs as and root may. "
		 "Nobody else may read the file. "
		 "A name without a slash is looked for among systemd's credentials first."},
	{"status.images", KEY_CHOICE, WHOLE(status_images), .choices = image_sources, .def = "none",
	 .help = "Which pictures the page lets the browser load. "
		 "none: their size and host are shown instead. "
		 "copies: those of image-cache.folder, from this server. "
		 "all: also from where they are, which tells those sites who looks at the page."},
	{"metrics-file", KEY_PATH, WHOLE(metrics_file),
	 .example = "/var/lib/prometheus/node-exporter/ingestd.prom",
	 .help = "File that gets the metrics for node_exporter's textfile collector: at the end of each run, "
		 "well or "
		 "not, and by the service as it works, every 15 seconds at most. "
		 "It is replaced whole; counters go on from what it says, and a run that fails leaves the "
		 "time of "
		 "the last success in it. "
		 "Its folder has to be there and writable."},

	{"allow-networks", KEY_NETWORKS, WHOLE(allow_networks), .max = 256, .def = "[]",
	 .example = "[10.0.0.0/8, \"fd00::/8\"]",
	 .help = "Networks that may be reached though they are not open to the whole Internet, as CIDR. "
		 "Everything private is closed otherwise, this machine too by all its addresses: a page must "
		 "not be able to make "
		 "ingestd look inside."},
	{"ports", KEY_PORTS, WHOLE(extra_ports), .min = 1, .max = 1023, .def = "[]", .example = "[81]",
	 .help = "Ports below 1024 that may be reached besides 80 and 443."},
	{"name-servers", KEY_SERVERS, WHOLE(name_servers), .max = 8, .def = "[]",
	 .example = "[9.9.9.9, \"[2620:fe::fe]:53\"]",
	 .help = "Name servers to ask instead of the system's (/etc/resolv.conf)."},
	{"limits", KEY_GROUP, .help = "Ceilings on what servers send."},
	{"limits.page", KEY_SIZE, WHOLE(page_bytes), .min = 65536, .max = MIB(64), .def = "5MiB",
	 .help = "Bytes of one page, unpacked. "
		 "A larger one is an error of that link."},
	{"limits.wire", KEY_SIZE, WHOLE(limits.wire), .min = 65536, .max = MIB(64), .def = "5MiB",
	 .help = "Bytes of one body as they come over the wire."},
	{"limits.ratio", KEY_COUNT, WHOLE(limits.ratio), .min = 10, .max = 1000000, .def = "300",
	 .help = "Bytes that one byte may unpack to, in a body of more than 1 MiB."},
	{"limits.header", KEY_SIZE, WHOLE(limits.header), .min = 4096, .max = 256 * 1024, .def = "64KiB",
	 .help = "Bytes of one answer's header."},
	{"limits.fields", KEY_COUNT, WHOLE(limits.fields), .min = 10, .max = LIMITS_FIELDS_MAX, .def = "100",
	 .help = "Fields of one answer's header."},
	{"limits.redirects", KEY_COUNT, WHOLE(limits.redirects), .max = LIMITS_REDIRECTS_MAX, .def = "8",
	 .help = "Redirects that are followed from one address."},
	{"limits.cookies", KEY_COUNT, WHOLE(limits.cookies), .max = 300, .def = "50",
	 .help = "Cookies that the redirects from one address may set; what is more is not sent."},
	{"limits.url", KEY_SIZE, WHOLE(limits.url), .min = 256, .max = 8192, .def = "8KiB",
	 .help = "Bytes of an address that is asked for."},
	{"limits.connect", KEY_DURATION, WHOLE(limits.connect_ms), .min = 500, .max = MINUTES(2),
	 .def = "10s", .help = "Longest time to look up a name, and again to connect and agree on TLS."},
	{"limits.slow", KEY_SIZE, WHOLE(limits.slow), .max = MIB(1), .def = "256B",
	 .help = "Bytes a second; a server that sends fewer for as long as limits.slow-for is too slow."},
	{"limits.slow-for", KEY_DURATION, WHOLE(limits.slow_ms), .min = 1000, .max = MINUTES(5),
	 .def = "15s"},
	{"limits.in-flight", KEY_SIZE, WHOLE(limits.in_flight), .min = MIB(1), .max = MIB(1024),
	 .def = "8MiB", .help = "Bytes of bodies in memory; past them no request starts."},
	{"limits.feed", KEY_SIZE, WHOLE(feed_bytes), .min = 65536, .max = MIB(64), .def = "64MiB",
	 .help = "Bytes of one feed, unpacked."},
	{"limits.image", KEY_SIZE, WHOLE(image_bytes), .min = 65536, .max = MIB(512), .def = "20MiB",
	 .help = "Bytes of one image that is copied. A larger one is not."},
};
const size_t key_count = ARRAY_SIZE(keys);
_Static_assert(ARRAY_SIZE(keys) <= KEYS_MAX, "sets of keys are bits of a key_set");
_Static_assert(POLICY_FILL == 0 && POLICY_REFRESH == 1 && POLICY_KEEP == 2 && POLICY_TIDY == 3,
	       "the order of `policies`");

const struct key *key_find(struct span name)
{
	for (size_t i = 0; i < key_count; i++)
		if (span_eq_str(name, keys[i].name))
			return &keys[i];
	return NULL;
}

bool key_is_group(struct span name, const struct bases *b)
{
	for (size_t i = 0; i < key_count; i++) {
		struct span s = span_str(keys[i].name);

		if (key_base(b, keys[i].host, keys[i].feed) && s.len > name.len && s.ptr[name.len] == '.' &&
		    span_starts(s, name))
			return true;
	}
	return false;
}
