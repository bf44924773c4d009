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
	KEY_TYPE_COUNT
};

struct key {
	const char *name; /* "content", "pace.gap" */
	enum key_type type;
	bool host; /* offset lies in struct host_settings, and `hosts` may override it; else in struct config
		    */
	size_t offset;
	uint64_t min, max;          /* of the value; entries of a list, bytes of a text: at most max */
	const char *const *choices; /* NULL-terminated */
	const char *def;            /* YAML; NULL: nothing */
	const char *example;        /* shown where def would tell nothing */
	const char *help;           /* whole sentences */
};

enum { KEYS_MAX = 64 }; /* sets of keys are bits of a uint64_t */
extern const struct key keys[];
extern const size_t key_count;
extern const char *const preset_names[]; /* NULL-terminated */
extern const char *const shape_names[];  /* what `fields` may name, NULL-terminated */

/* The row of that name, NULL when there is none. */
const struct key *key_find(struct span name);
/* Some row's name is NAME.x; host: one that `hosts` may override. */
bool key_is_group(struct span name, bool host);
static inline uint64_t key_bit(const struct key *k)
{
	return UINT64_C(1) << (k - keys);
}

/* What config_parse() made besides the configuration itself. */
struct whole {
	struct config c; /* first: a struct config * is a struct whole * */
	struct arena arena;
	uint64_t set;       /* bit i: the file has keys[i] */
	uint64_t *host_set; /* the same for each of c.hosts */
};

/* ---- reading: convert.c, lists.c ---- */

struct reading {
	struct whole *w;
	const char *where;        /* "" or "hosts.example.org.": stands before key names in messages */
	const char *folder;       /* that relative paths start from */
	const struct node *hosts; /* read last, when the defaults of all hosts are known */
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
CHECKED enum err read_servers(struct reading *rd, const struct key *k, const struct node *n, void *at);
CHECKED enum err read_tracking(struct reading *rd, const struct key *k, const struct node *n, void *at);
CHECKED enum err read_hosts(struct reading *rd, const struct node *n);
/* Keys of a mapping of settings (config.c). host: those of one host; NULL: the file's own. */
CHECKED enum err read_settings(struct reading *rd, const struct node *map, struct host_settings *host,
			       uint64_t *set);
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
