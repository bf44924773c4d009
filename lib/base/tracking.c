/* SPDX-License-Identifier: MIT */
#include "base/tracking.h"

static const struct tracking_rule builtin_rules[] = {
#include "tracking_rules.h"
};
static const struct tracking builtin = {builtin_rules, ARRAY_SIZE(builtin_rules)};

/* ---- patterns ---- */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* `*` is any run of bytes; `?` is one byte if `one`, else itself. The last star alone is ever taken back. */
static bool matches(struct span pattern, struct span s, bool one)
{
	size_t p = 0, i = 0, star = SIZE_MAX, from = 0;

	while (i < s.len) {
		if (p < pattern.len && pattern.ptr[p] == '*') {
			star = ++p;
			from = i;
		} else if (p < pattern.len &&
			   ((one && pattern.ptr[p] == '?') || lower(pattern.ptr[p]) == lower(s.ptr[i]))) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star;
			i = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
		p++;
	return p == pattern.len;
}

/* "example.org": it and all below; "shop.*": any name with the label shop and at least one behind it. */
static bool host_matches(struct span pattern, struct span host)
{
	bool open = span_ends(pattern, SPAN(".*"));

	if (open)
		pattern.len -= 2;
	if (!open)
		return host.len >= pattern.len &&
		       span_eq_nocase(span_sub(host, host.len - pattern.len, host.len), pattern) &&
		       (host.len == pattern.len || host.ptr[host.len - pattern.len - 1] == '.');
	for (size_t at = 0; at + pattern.len + 1 < host.len; at++)
		if ((at == 0 || host.ptr[at - 1] == '.') && host.ptr[at + pattern.len] == '.' &&
		    span_eq_nocase(span_sub(host, at, at + pattern.len), pattern))
			return true;
	return false;
}

struct address {
	struct span host, rest; /* rest: path and query */
};

static bool scope_matches(struct span scope, const struct address *a)
{
	ptrdiff_t slash = span_find_byte(scope, '/');
	struct span host = span_sub(scope, 0, slash < 0 ? scope.len : (size_t)slash);

	return (span_eq(host, SPAN("*")) || host_matches(host, a->host)) &&
	       (slash < 0 || matches(span_sub(scope, (size_t)slash, scope.len), a->rest, false));
}

/* ---- deciding ---- */

/* Of the rules whose scope fits, the longest first; more than these never fit one URL. */
enum { FITTING_MAX = 64 };

struct fitting {
	const struct tracking_rule *rules[FITTING_MAX];
	size_t count;
};

static void find_fitting(const struct tracking *t, const struct address *a, struct fitting *f)
{
	for (size_t i = 0; t && i < t->count; i++) {
		size_t len = strlen(t->rules[i].scope), at;

		if (f->count == FITTING_MAX || !scope_matches(span_of(t->rules[i].scope, len), a))
			continue;
		/* of equal length the one found first stays first */
		for (at = f->count++; at && strlen(f->rules[at - 1]->scope) < len; at--)
			f->rules[at] = f->rules[at - 1];
		f->rules[at] = &t->rules[i];
	}
}

enum say { SAYS_NOTHING, DROP, KEEP };

/* An exact name is the last word; of patterns the one that keeps. */
static enum say ask(const struct tracking_rule *rule, struct span name, bool *exact)
{
	struct span rest = span_str(rule->names), word;
	enum say said = SAYS_NOTHING;

	while (!*exact && (word = span_split(&rest, ' ')).ptr) {
		bool keep = span_starts(word, SPAN("-"));

		word = span_sub(word, keep, word.len);
		if (!matches(word, name, true))
			continue;
		*exact = span_find_byte(word, '*') < 0 && span_find_byte(word, '?') < 0;
		if (*exact || said != KEEP)
			said = keep ? KEEP : DROP;
	}
	return said;
}

static bool is_dropped(const struct fitting *f, struct span parameter)
{
	struct span name = span_split(&parameter, '=');
	enum say said = SAYS_NOTHING;
	bool exact = false;
	size_t len = 0;

	if (!name.len)
		return false;
	for (size_t i = 0; i < f->count && !exact; i++) {
		const struct tracking_rule *rule = f->rules[i];
		enum say now;

		if (said != SAYS_NOTHING && strlen(rule->scope) < len)
			break;
		len = strlen(rule->scope);
		now = ask(rule, name, &exact);
		if (now != SAYS_NOTHING && (exact || said != KEEP))
			said = now;
	}
	return said == DROP;
}

/* ---- the seam ---- */

static struct address address_of(struct span href)
{
	ptrdiff_t slashes = span_find(href, SPAN("://"));
	struct span rest = slashes < 0 ? href : span_sub(href, (size_t)slashes + 3, href.len), host;
	size_t end = 0, colon;

	while (end < rest.len && rest.ptr[end] != '/' && rest.ptr[end] != '?')
		end++;
	host = span_sub(rest, 0, end);
	for (colon = host.len; colon && byte_is_digit(host.ptr[colon - 1]); colon--)
		;
	if (colon && host.ptr[colon - 1] == ':')
		host.len = colon - 1;
	if (span_ends(host, SPAN(".")))
		host.len--;
	return (struct address){host, span_sub(rest, end, rest.len)};
}

struct span url_clean(struct span href, const struct tracking *more, struct arena *arena)
{
	ptrdiff_t hash = span_find_byte(href, '#');
	struct span before = span_sub(href, 0, hash < 0 ? href.len : (size_t)hash);
	ptrdiff_t mark = span_find_byte(before, '?');
	struct fitting fitting = {.count = 0};
	struct address address;
	struct span query, rest;
	bool any = false, first = true;
	char *out;
	size_t n, start;

	if (mark < 0)
		return href;
	address = address_of(before);
	find_fitting(more, &address, &fitting);
	find_fitting(&builtin, &address, &fitting);
	query = span_sub(before, (size_t)mark + 1, before.len);
	for (rest = query; rest.ptr && !any;)
		any = is_dropped(&fitting, span_split(&rest, '&'));
	if (!any)
		return href;
	out = arena_alloc(arena, href.len + 1);
	if (!out)
		return href;
	n = (size_t)mark;
	memcpy(out, href.ptr, n);
	out[n++] = '?';
	start = n;
	for (rest = query; rest.ptr;) {
		struct span parameter = span_split(&rest, '&');

		if (is_dropped(&fitting, parameter))
			continue;
		if (!first)
			out[n++] = '&';
		first = false;
		if (parameter.len)
			memcpy(out + n, parameter.ptr, parameter.len);
		n += parameter.len;
	}
	if (n == start)
		n--; /* nothing left: the mark goes too */
	if (hash >= 0) {
		memcpy(out + n, before.ptr + before.len, href.len - before.len);
		n += href.len - before.len;
	}
	out[n] = 0;
	return span_of(out, n);
}

/* ---- what an operator writes ---- */

static bool is_word(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] <= 0x20 || s.ptr[i] == 0x7f)
			return false;
	return s.len && s.len <= TRACKING_WORD_MAX;
}

bool tracking_is_scope(struct span s)
{
	ptrdiff_t slash = span_find_byte(s, '/');
	struct span host = span_sub(s, 0, slash < 0 ? s.len : (size_t)slash);

	if (span_ends(host, SPAN(".*")))
		host.len -= 2;
	else if (span_eq(host, SPAN("*")))
		return is_word(s);
	for (size_t i = 0; i < host.len; i++)
		if (!byte_is_alnum(host.ptr[i]) && !strchr(host.ptr[0] == '[' ? "[]:." : "-._", host.ptr[i]))
			return false;
	return host.len && is_word(s);
}

bool tracking_is_name(struct span s)
{
	s = span_sub(s, span_starts(s, SPAN("-")), s.len);
	return is_word(s) && span_find_byte(s, '&') < 0 && span_find_byte(s, '=') < 0;
}
