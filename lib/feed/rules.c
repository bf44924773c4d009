/* SPDX-License-Identifier: MIT */
#include "feed/rules.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { HEAP_KIB = 2048, DEPTH_MAX = 1000 };

#define X(name, text) text,
static const char *const field_names[] = {RULE_FIELD_MAP(X)};
#undef X

struct condition {
	enum rule_field field;
	pcre2_code *code;
};

struct made {
	const char *topic;
	struct condition conditions[RULE_CONDITIONS];
	size_t count;
};

struct rules {
	struct made *made;
	size_t count;
};

bool rule_field_by_name(struct span name, enum rule_field *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(field_names); i++) {
		if (!span_eq_str(name, field_names[i]))
			continue;
		*ret = (enum rule_field)i;
		return true;
	}
	return false;
}

static enum err make_condition(const struct rule_condition *from, struct condition *to, struct error *e)
{
	struct span pattern = span_str(from->pattern);
	PCRE2_SIZE at;
	int why;

	if (!rule_field_by_name(span_str(from->field), &to->field))
		return err_set(e, ERR_INVALID,
			       "there is no field '%.60s'; title, summary, content, text, tag, author, link "
			       "or any is allowed",
			       from->field);
	if (pattern.len > RULE_PATTERN_BYTES)
		return err_set(e, ERR_INVALID, "a pattern has at most %d bytes", RULE_PATTERN_BYTES);
	to->code = pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len,
				 PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_MATCH_INVALID_UTF,
				 &why, &at, NULL);
	if (!to->code) {
		PCRE2_UCHAR text[160] = "";

		(void)pcre2_get_error_message(why, text, sizeof(text));
		return err_set(e, ERR_INVALID, "pattern '%.80s': %s, at character %zu", from->pattern,
			       (const char *)text, at + 1);
	}
	return ERR_OK;
}

enum err rules_make(const struct rule *list, size_t count, struct rules **ret, struct error *e)
{
	struct rules *r = calloc(1, sizeof(*r));
	enum err err = ERR_OK;

	if (r)
		r->made = calloc(count + 1, sizeof(*r->made));
	if (!r || !r->made) {
		rules_free(r);
		return err_set(e, ERR_NOMEM, "out of memory");
	}
	for (size_t i = 0; i < count && !err; i++) {
		struct made *m = &r->made[r->count++];

		m->topic = list[i].topic;
		if (!list[i].count || list[i].count > RULE_CONDITIONS)
			err = err_set(e, ERR_INVALID, "a rule has 1 to %d conditions", RULE_CONDITIONS);
		for (size_t k = 0; k < list[i].count && !err; k++)
			err = make_condition(&list[i].conditions[k], &m->conditions[m->count++], e);
	}
	if (err) {
		rules_free(r);
		return err;
	}
	*ret = r;
	return ERR_OK;
}

struct rules *rules_free(struct rules *r)
{
	if (!r)
		return NULL;
	for (size_t i = 0; r->made && i < r->count; i++)
		for (size_t k = 0; k < r->made[i].count; k++)
			pcre2_code_free(r->made[i].conditions[k].code);
	free(r->made);
	free(r);
	return NULL;
}

/* ---- matching ---- */

struct matcher {
	pcre2_match_context *context;
	pcre2_match_data *data;
	bool exhausted;
};

static void matcher_release(struct matcher *m)
{
	pcre2_match_data_free(m->data);
	pcre2_match_context_free(m->context);
}

/* Without memory nothing holds, and that is said. */
static void matcher_init(struct matcher *m)
{
	*m = (struct matcher){pcre2_match_context_create(NULL), pcre2_match_data_create(1, NULL), false};
	if (!m->context || !m->data) {
		matcher_release(m);
		*m = (struct matcher){NULL, NULL, true};
		return;
	}
	(void)pcre2_set_match_limit(m->context, RULE_MATCH_STEPS);
	(void)pcre2_set_depth_limit(m->context, DEPTH_MAX);
	(void)pcre2_set_heap_limit(m->context, HEAP_KIB);
}

static bool matches(struct matcher *m, const pcre2_code *code, struct span subject)
{
	int n;

	if (!m->data || !subject.ptr)
		return false;
	n = pcre2_match(code, (PCRE2_SPTR)subject.ptr, MIN(subject.len, (size_t)RULE_SUBJECT_BYTES), 0, 0,
			m->data, m->context);
	if (n < 0 && n != PCRE2_ERROR_NOMATCH)
		m->exhausted = true;
	return n >= 0;
}

static bool any_matches(struct matcher *m, const pcre2_code *code, const struct span *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (matches(m, code, list[i]))
			return true;
	return false;
}

static bool holds(struct matcher *m, const struct condition *c, const struct feed_entry *e)
{
	bool any = c->field == RULE_ANY;

	if ((any || c->field == RULE_TITLE || c->field == RULE_TEXT) && matches(m, c->code, e->title))
		return true;
	if ((any || c->field == RULE_SUMMARY || c->field == RULE_TEXT) && matches(m, c->code, e->summary))
		return true;
	if ((any || c->field == RULE_CONTENT) && matches(m, c->code, e->content))
		return true;
	if ((any || c->field == RULE_LINK) && matches(m, c->code, e->link))
		return true;
	if ((any || c->field == RULE_TAG) && any_matches(m, c->code, e->tags, e->tag_count))
		return true;
	return (any || c->field == RULE_AUTHOR) && any_matches(m, c->code, e->authors, e->author_count);
}

static bool rule_holds(struct matcher *m, const struct made *rule, const struct feed_entry *e)
{
	for (size_t i = 0; i < rule->count; i++)
		if (!holds(m, &rule->conditions[i], e))
			return false;
	return true;
}

bool rules_first(const struct rules *r, const struct feed_entry *entry, struct rule_hit *hit)
{
	CLEANUP(matcher_release) struct matcher m = {NULL, NULL, false};
	struct rule_hit none;
	size_t i = 0;

	if (!hit)
		hit = &none;
	*hit = (struct rule_hit){0, false};
	if (!r->count)
		return false;
	matcher_init(&m);
	while (i < r->count && !rule_holds(&m, &r->made[i], entry))
		i++;
	*hit = (struct rule_hit){i, m.exhausted};
	return i < r->count;
}

size_t rules_topics(const struct rules *r, const struct feed_entry *entry, const char **topics, size_t max)
{
	CLEANUP(matcher_release) struct matcher m = {NULL, NULL, false};
	size_t n = 0;

	if (!r->count)
		return 0;
	matcher_init(&m);
	for (size_t i = 0; i < r->count && n < max; i++) {
		const char *topic = r->made[i].topic;
		bool seen = !topic;

		for (size_t k = 0; k < n && !seen; k++)
			seen = strcmp(topics[k], topic) == 0;
		if (!seen && rule_holds(&m, &r->made[i], entry))
			topics[n++] = topic;
	}
	return n;
}
