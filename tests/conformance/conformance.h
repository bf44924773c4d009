/* SPDX-License-Identifier: MIT */
/* conformance.h - what an area of the conformance adapter is.
 *
 * area_X.c defines `const struct area areas_X[]`, ended by an empty row:
 *
 *     static json_t *dates(const json_t *in) { ... }
 *     const struct area areas_dates[] = {{.name = "dates", .line = dates}, {.name = NULL}};
 *
 * The adapter parses arguments and prints, nothing else: no case may be answered here that the library would
 * answer otherwise. It stops at once when memory runs out. */
#ifndef INGESTD_TESTS_CONFORMANCE_H
#define INGESTD_TESTS_CONFORMANCE_H

#include <jansson.h>

#include "base/span.h"

/* The options and the FILE of a file call; NULL where not given. */
struct file_call {
	const char *base;         /* --base URL */
	const char *content_type; /* --content-type TYPE */
	const char *path;         /* FILE */
	int argc;                 /* all that follows AREA, for areas with a call of their own */
	char **argv;
};

struct area {
	const char *name;
	/* Lines call: one JSON value a line in, one out; returns a new reference. Borrows `in`. */
	json_t *(*line)(const json_t *in);
	/* File call: prints its answer, returns the exit code. */
	int (*file)(const struct file_call *call);
};

/* The member as text, or SPAN_NONE when it is absent, null or something else. Borrowed from `in`. */
static inline struct span json_text(const json_t *in, const char *key)
{
	const json_t *v = json_object_get(in, key);

	return json_is_string(v) ? span_of(json_string_value(v), json_string_length(v)) : SPAN_NONE;
}

/* A new string, or null for SPAN_NONE. */
static inline json_t *json_from_span(struct span s)
{
	return s.ptr ? json_stringn(s.ptr, s.len) : json_null();
}

#endif
