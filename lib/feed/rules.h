/* SPDX-License-Identifier: MIT */
/* rules.h - which entries become documents, and under which topics: patterns (PCRE2) over an entry's fields.
 *
 * A rule is a set of conditions that all have to hold. An entry is kept when there are no rules to keep, or
 * one of them holds; it is dropped when one of the rules to drop holds, whatever keeps it. A topic is given
 * when one of its rules holds. What a pattern may cost is bounded: one that runs into the bound does not
 * hold, and the answer says so. Pure; safe on any thread. */
#ifndef INGESTD_FEED_RULES_H
#define INGESTD_FEED_RULES_H

#include "feed/feed.h"

enum {
	RULE_MAX = 1000,              /* of one kind */
	RULE_CONDITIONS = 8,          /* of one rule */
	RULE_PATTERN_BYTES = 4096,    /* of a pattern */
	RULE_SUBJECT_BYTES = 65536,   /* of a field that are looked at */
	RULE_MATCH_STEPS = 100 * 1000 /* of PCRE2's matcher, for one pattern over one field */
};

/* What a condition looks at. `text` is title and summary; `any` is all of them. */
#define RULE_FIELD_MAP(X)     \
	X(TITLE, "title")     \
	X(SUMMARY, "summary") \
	X(CONTENT, "content") \
	X(TEXT, "text")       \
	X(TAG, "tag")         \
	X(AUTHOR, "author")   \
	X(LINK, "link")       \
	X(ANY, "any")
#define X(name, text) RULE_##name,
enum rule_field { RULE_FIELD_MAP(X) RULE_FIELD_COUNT };
#undef X
/* False: no such field. */
CHECKED bool rule_field_by_name(struct span name, enum rule_field *ret);

/* As configured; borrowed during rules_make(). */
struct rule_condition {
	const char *field, *pattern;
};
struct rule {
	const char *topic; /* NULL: a rule to keep or drop; stays borrowed for as long as the rules live */
	const struct rule_condition *conditions;
	size_t count;
};

struct rules;
/* ERR_INVALID: a pattern that PCRE2 refuses, with its reason and place, or an unknown field; ERR_NOMEM. */
CHECKED enum err rules_make(const struct rule *list, size_t count, struct rules **ret, struct error *e);
/* Accepts NULL, returns NULL. */
struct rules *rules_free(struct rules *r);

struct rule_hit {
	size_t rule;    /* index into the list */
	bool exhausted; /* some pattern ran into the bound: it counted as not holding */
};

/* The first rule that holds; false when none does. *hit may be NULL; its `exhausted` is set either way. */
bool rules_first(const struct rules *r, const struct feed_entry *entry, struct rule_hit *hit);
/* The topics given, each once, in the order of the list, at most max; returns how many. */
size_t rules_topics(const struct rules *r, const struct feed_entry *entry, const char **topics, size_t max);

#endif
