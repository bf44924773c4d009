/* SPDX-License-Identifier: MIT */
/* config.h - the configuration, read from ingestd.yaml or from nothing.
 *
 * One table (table.c) is the single source of keys, types, ranges, defaults and help texts: reading,
 * --print-config, the example file config/ingestd.yaml and the man page all come from it. A new setting is
 * one row.
 *
 * A configuration is immutable once read; a reload reads another. */
#ifndef INGESTD_CONFIG_CONFIG_H
#define INGESTD_CONFIG_CONFIG_H

#include "base/error.h"
#include "base/field.h"
#include "base/strbuf.h"
#include "base/tracking.h"

enum policy { POLICY_FILL, POLICY_REFRESH, POLICY_KEEP, POLICY_TIDY };

struct network {
	uint8_t address[16]; /* network order; IPv4 as ::ffff:a.b.c.d */
	unsigned prefix;     /* of 128 */
};

/* What a host may override; also the defaults of all hosts. */
struct host_settings {
	unsigned gap_ms;          /* least time between the starts of two requests */
	unsigned connections;     /* at once, 1 to 16 */
	unsigned timeout_ms;      /* of one hop in all */
	const char *user_agent;   /* NULL: ingestd/VERSION (+contact) */
	const char *http_version; /* "auto", "1.1", "2" */
	const char *proxy;        /* URL; NULL: none. The environment's proxies are never used */
	const char *ca_file;      /* NULL: the system's */
	char **headers;           /* "Name: value", NULL-terminated; NULL when none */
	bool robots;              /* heed robots.txt */
	const char *credentials;  /* path of a file; NULL: none */
	const char *secret;       /* its line: "user:password" or "Bearer ..."; never shown */
	bool cookies;             /* kept from one page to the next, not for one chain of redirects only */
};

enum { LIMITS_FIELDS_MAX = 400, LIMITS_REDIRECTS_MAX = 20 };

/* Ceilings on what a server may make us hold or wait for, besides config.page_bytes. */
struct limits {
	uint64_t wire;      /* bytes of one body before unpacking */
	uint64_t header;    /* bytes of one header, interim answers and trailers included */
	uint64_t url;       /* bytes of an address */
	uint64_t slow;      /* bytes a second; fewer for slow_ms end a request */
	uint64_t in_flight; /* bytes of bodies in memory past which nothing new starts */
	unsigned ratio;     /* unpacked to packed */
	unsigned fields;    /* of one header */
	unsigned redirects;
	unsigned cookies; /* of one chain of redirects */
	unsigned connect_ms, slow_ms;
};

struct host_override {
	const char *host; /* example.org, or *.example.org for all below it; lower case A-labels */
	struct host_settings settings; /* complete: what it does not name is the default's */
};

/* ---- feeds ---- */

/* A value that new documents begin with. */
struct feed_default {
	const char *key;
	const char *text; /* of a scalar; NULL: a list */
	bool plain;       /* it was written without quotes: a number or bool may be meant */
	char **items;     /* of a list; NULL-terminated */
};

struct feed_condition {
	const char *field, *pattern; /* as lib/feed/rules.h has them, checked by nobody yet */
};
struct feed_rule {
	const char *topic; /* NULL for keep and drop */
	struct feed_condition *conditions;
	size_t count;
};
struct feed_rules {
	struct feed_rule *at;
	size_t count;
};

/* What happens to the entries that a feed has when it is read for the first time. */
struct feed_first {
	enum { FEED_FIRST_NEWEST, FEED_FIRST_SINCE, FEED_FIRST_ALL } kind;
	unsigned newest; /* 0: none */
	int64_t since;   /* seconds since 1970 */
};

/* What a feed may override; also the defaults of all feeds. */
struct feed_settings {
	const char *folder;    /* absolute; NULL: the first content folder */
	const char *file_name; /* a pattern: lib/feed/slug.h */
	const char *template;  /* lib/feed/template.h; NULL: the shape's own */
	struct feed_default *defaults;
	size_t default_count;
	struct feed_rules topics, keep, drop;
	struct feed_first first;
	unsigned deadline_ms;          /* the longest that a document waits for its article */
	unsigned ahead_ms;             /* a date farther in the future is none */
	bool attach;                   /* near-duplicates become `related` of the first */
	bool score;                    /* quality and heat: lib/feed/score.h */
	unsigned floor_ms, ceiling_ms; /* between two looks */
};

struct feed_config {
	const char *url;               /* normal form */
	const char *name;              /* NULL: what the feed calls itself */
	const char *category;          /* "News/Technology"; NULL: none */
	struct feed_settings settings; /* complete */
	struct host_settings host;     /* complete: of its host, overridden */
	bool own_host;                 /* something is overridden */
};

/* `fields`: a preset and what is changed of it; lib/document/shape.h makes it a shape. */
struct field_key {
	const char *name; /* a name of field_name(), or link, related, width, height, ... (shape.h) */
	const char *key;  /* "image.path", "images[].url", "summary|description" */
};

struct config {
	const char *path;    /* of the file, NULL when there is none */
	char **content;      /* folders, absolute; NULL-terminated */
	const char *state;   /* folder, absolute */
	const char *contact; /* URL or mail address for User-Agent; NULL */
	struct network *allow_networks;
	size_t allow_network_count;
	char **include, **exclude; /* patterns as in .gitignore; NULL-terminated */
	const char *preset;
	struct field_key *fields;
	size_t field_count;
	enum policy policy[FIELD_LINK_COUNT];
	unsigned excerpt_min, excerpt_max; /* characters */
	struct host_settings defaults;
	struct host_override *hosts;
	size_t host_count;
	struct feed_settings feed_defaults;
	struct feed_config *feeds; /* by URL, each once */
	size_t feed_count;
	const char *feeds_folder; /* more of them, a YAML file each; NULL: none */
	uint64_t feed_bytes;      /* ceiling of one feed */
	unsigned transfers;       /* at once over all hosts */
	uint64_t page_bytes;      /* ceiling of one body */
	struct limits limits;
	bool confine;             /* daemon/confine/confine.h */
	bool foreign_documents;   /* write also documents that belong to another user, or have hard links */
	unsigned extra_ports[16]; /* besides 80, 443 and those over 1023 */
	size_t extra_port_count;
	uint64_t fingerprint;     /* hash of everything that decides what is written into a document */
	char **name_servers;      /* "9.9.9.9", "[::1]:5353"; NULL-terminated, empty: those of the system */
	bool moves;               /* addresses that ingestd wrote follow pages that have moved for good */
	struct tracking tracking; /* besides those of base/tracking.rules */
	bool shared_images;       /* a picture that the host shows everywhere is better than none */
	bool exclude_usual;       /* besides exclude, what scan.h knows to be nobody's documents */
	unsigned budget;         /* documents looked at again an hour, by the service, because they are due */
	unsigned rescan_ms;      /* the service walks all folders so often */
	unsigned images;         /* of one link, where the shape has a list */
	const char *image_cache; /* folder of local copies, absolute; NULL: none are kept */
	const char *image_cache_url; /* what stands before a copy's name in a URL; NULL */
	bool image_cache_local;      /* documents name the copy, not the original */
	uint64_t image_cache_bytes;  /* ceiling of that folder */
	unsigned image_cache_days;   /* that a copy which nobody refers to is kept */
	uint64_t image_bytes;        /* ceiling of one image */
	const char *organizations;   /* folder of names for sites, absolute; NULL: none */
	const char *status_listen;   /* as written, see config_listen(); a path is absolute; NULL: nowhere */
	const char *status_token;    /* path of a file; NULL: none */
	const char *status_secret;   /* its line: who sends it may act; never shown */
	const char *metrics_file;    /* for node_exporter, absolute; NULL: none */
	const char *status_images;   /* "none", "copies", "all": what the status page lets a browser load */
};

/* Search order: path when not NULL (then it must exist), $XDG_CONFIG_HOME/ingestd/ingestd.yaml (or
 * ~/.config/...), /etc/ingestd/ingestd.yaml; without any, the defaults.
 * ERR_SYNTAX, ERR_INVALID, ERR_RANGE: e->text is the whole message, "FILE:LINE:COLUMN: unknown key 'pase';
 * did you mean 'pace'?", with what was found and what is allowed. ERR_NOTFOUND: the named file is not there.
 */
CHECKED enum err config_read(const char *path, struct config **ret, struct error *e);
/* The same from a text; path names it in messages and gives the folder that relative paths start from. NULL:
 * no file, text is SPAN_NONE, the defaults. */
CHECKED enum err config_parse(struct span text, const char *path, struct config **ret, struct error *e);
/* Accepts NULL, returns NULL. */
struct config *config_free(struct config *c);

/* Where the status page is served. Only this machine reaches it: a socket in the file system, or a loopback
 * address. */
struct listen_place {
	enum { LISTEN_NOWHERE, LISTEN_UNIX, LISTEN_IPV4, LISTEN_IPV6, LISTEN_SYSTEMD } kind;
	unsigned port; /* IPV4, IPV6; 0: any that is free */
};
enum { LISTEN_PATH_MAX = 107 }; /* bytes that an address of AF_UNIX holds: unix(7) */
/* "/run/x.sock", "127.0.0.1:8080" (any of 127.0.0.0/8), "[::1]:8080", "systemd", "none". False: something
 * else. */
CHECKED bool config_listen(struct span text, struct listen_place *ret);

/* Settings for a host name (lower case); the most specific override, else the defaults. */
const struct host_settings *config_host(const struct config *c, struct span host);

/* --print-config: effective values as YAML, those that are defaults marked by a comment. */
CHECKED enum err config_print(const struct config *c, struct strbuf *out);
/* The example file, config/ingestd.yaml: every key, its help text and its default, commented out. */
CHECKED enum err config_example(struct strbuf *out);
/* The keys as mdoc(7) list items, for the man page. */
CHECKED enum err config_mdoc(struct strbuf *out);

#endif
