/* SPDX-License-Identifier: MIT */
/* table.h - the one table of keys. Private to lib/config.
 *
 * What a key may hold is its type; how a type is read, described and printed is one row of types[]
 * (convert.c). Defaults are YAML, read by the same code as the file. */
#ifndef INGESTD_CONFIG_TABLE_H
#define INGESTD_CONFIG_TABLE_H

#include "base/arena.h"
#include "config/config.h"
#include "config/tree.h"

enum key_type {
	KEY_GROUP,    /* only a heading for "NAME.x" */
	KEY_BOOL,     /* bool */
	KEY_COUNT,    /* unsigned, min to max */
	KEY_DURATION, /* unsigned, milliseconds, min to max */
	KEY_SIZE,     /* uint64_t, bytes, min to max */
	KEY_TEXT,     /* const char *, one line, at most max bytes */
	KEY_CHOICE,   /* const char *, one of choices */
	KEY_POLICY,   /* enum policy, one of choices in the enum's order */
	KEY_PATH,     /* const char *, absolute after reading */
	KEY_SECRET,   /* as KEY_PATH, but systemd's credentials go first */
	KEY_PROXY,    /* const char *, a URL; "none" is NULL */
	KEY_PATHS,    /* char **; one or a list */
	KEY_GLOBS,    /* char **; one or a list */
	KEY_NETWORKS, /* config.allow_networks */
	KEY_PORTS,    /* config.extra_ports */
	KEY_HEADERS,  /* char **, from a mapping */
	KEY_TRACKING, /* config.tracking */
	KEY_SERVERS,  /* char **, addresses with or without a port */
	KEY_FIELDS,   /* config.preset, config.fields */
	KEY_HOSTS,    /* config.hosts */
	KEY_BLOCK,    /* const char *, lines of text, at most max bytes */
	KEY_DEFAULTS, /* feed_settings.defaults */
	KEY_RULES,    /* struct feed_rules: a list of mappings of fields to patterns */
	KEY_TOPICS,   /* struct feed_rules: a mapping of topics to these */
	KEY_FIRST,    /* struct feed_first */
	KEY_FEEDS,    /* config.feeds */
	KEY_LISTEN,   /* const char *, an address of config_listen(); "none" is NULL */
	KEY_TYPE_COUNT
};

struct key {
	const char *name; /* "content", "pace.gap" */
	enum key_type type;
	bool host; /* offset lies in struct host_settings, and `hosts` may override it; else in struct config
		    */
	bool feed; /* offset lies in struct feed_settings, and `feeds` may override it */
	size_t offset;
	uint64_t min, max;          /* of the value; entries of a list, bytes of a text: at most max */
	const char *const *choices; /* NULL-terminated */
	const char *def;            /* YAML; NULL: nothing */
	const char *example;        /* shown where def would tell nothing */
	const char *help;           /* whole sentences */
};

enum { KEYS_MAX = 128 };
__extension__ typedef unsigned __int128 key_set; /* bit i: keys[i] */

/* Where values go; NULL: such keys are not allowed there. */
struct bases {
	struct config *whole;
	struct host_settings *host;
	struct feed_settings *feed;
};
/* The struct that k's offset lies in, NULL when k is not allowed. */
static inline void *key_base(const struct bases *b, bool host, bool feed)
{
	return host ? (void *)b->host : feed ? (void *)b->feed : (void *)b->whole;
}
static inline struct bases bases_of(struct config *c)
{
	return (struct bases){c, &c->defaults, &c->feed_defaults};
}
extern const struct key keys[];
extern const size_t key_count;
extern const char *const preset_names[]; /* NULL-terminated */
extern const char *const shape_names[];  /* what `fields` may name, NULL-terminated */

/* The row of that name, NULL when there is none. */
const struct key *key_find(struct span name);
/* Some row's name is NAME.x, and that row is allowed. */
bool key_is_group(struct span name, const struct bases *b);
static inline key_set key_bit(const struct key *k)
{
	return (key_set)1 << (k - keys);
}

/* What config_parse() made besides the configuration itself. */
struct whole {
	struct config c; /* first: a struct config * is a struct whole * */
	struct arena arena;
	key_set set;       /* those that the file has */
	key_set *host_set; /* the same for each of c.hosts */
	key_set *feed_set; /* and of c.feeds */
};

/* ---- reading: convert.c, lists.c ---- */

struct reading {
	struct whole *w;
	const char *where;        /* "" or "hosts.example.org.": stands before key names in messages */
	const char *folder;       /* that relative paths start from */
	const struct node *hosts; /* read last, when the defaults of all hosts are known */
	const struct node *feeds; /* and these after them */
	bool in_file;             /* not a text without a place */
	const char *file;         /* that an error is in, when it is another than the configuration's own */
	struct error *e;
};

/* The value of n into the field of base (struct config or struct host_settings) that k describes. */
CHECKED enum err key_read(struct reading *rd, const struct key *k, const struct node *n, void *base);
/* "'pace.gap': found 'x'; a duration from 0s to 1h is allowed" */
enum err key_refuse(struct reading *rd, const struct key *k, const struct node *n, enum err code);
/* What k allows: "a number from 1 to 16". At most 200 bytes. */
void key_allowed(const struct key *k, char *buf, size_t size);

CHECKED enum err read_path(struct reading *rd, const struct key *k, const struct node *n, void *at);
CHECKED enum err read_paths(struct reading *rd, const struct key *k, const struct node *n, void *at);
CHECKED enum err read_globs(struct reading *rd, const struct key *k, const struct node *n, void *at);
CHECKED enum err read_networks(struct reading *rd, const struct key *k, const struct node *n, void *at);
CHECKED enum err read_ports(struct reading *rd, const struct key *k, const struct node *n, void *at);
CHECKED enum err read_headers(struct reading *rd, const struct key *k, const struct node *n, void *at);
CHECKED enum err read_fields(struct reading *rd, const struct key *k, const struct node *n, void *at);
CHECKED enum err read_secret(struct reading *rd, const struct key *k, const struct node *n, void *base);
/* The files that `credentials` and `status.token` name, into host_settings.secret and config.status_secret.
 */
CHECKED enum err open_secrets(struct whole *w, struct error *e);
CHECKED enum err read_servers(struct reading *rd, const struct key *k, const struct node *n, void *at);
CHECKED enum err read_listen(struct reading *rd, const struct key *k, const struct node *n, void *at);
CHECKED enum err read_tracking(struct reading *rd, const struct key *k, const struct node *n, void *at);
CHECKED enum err read_hosts(struct reading *rd, const struct node *n);
CHECKED enum err read_block(struct reading *rd, const struct key *k, const struct node *n, void *at);
CHECKED enum err read_defaults(struct reading *rd, const struct key *k, const struct node *n, void *base);
CHECKED enum err read_rules(struct reading *rd, const struct key *k, const struct node *n, void *at);
CHECKED enum err read_topics(struct reading *rd, const struct key *k, const struct node *n, void *at);
CHECKED enum err read_first(struct reading *rd, const struct key *k, const struct node *n, void *at);
/* `feeds` (n, may be NULL) and the files of the folder of feeds. */
CHECKED enum err read_feeds(struct reading *rd, const struct node *n);
/* Keys of a mapping of settings (config.c), into the bases that are there. */
CHECKED enum err read_settings(struct reading *rd, const struct node *map, const struct bases *to,
			       key_set *set);
/* A regular file's text; over the ceiling of out is ERR_TOOBIG. */
CHECKED enum err read_text_file(const char *path, struct strbuf *out, struct error *e);
enum err part_refuse(struct reading *rd, const struct key *k, const struct node *n, const char *why);
CHECKED enum err check_count(struct reading *rd, const struct key *k, const struct node *n, uint64_t max);
CHECKED enum err no_memory(struct reading *rd);
/* Text without control characters. */
bool text_is_line(struct span s);

/* ---- words: words.c ---- */

/* The candidate nearest to word, within a few slips of the finger; NULL when none is near. */
const char *word_nearest(struct span word, const char *const *candidates);
/* Appends "; did you mean 'x'?" to e->text when something is near. */
void word_suggest(struct error *e, struct span word, const char *const *candidates);

/* ---- values as YAML: print.c ---- */

/* "1s", "500ms", "5MiB": the shortest that says it exactly. */
void format_duration(unsigned ms, char buf[32]);
void format_size(uint64_t bytes, char buf[32]);

#endif
