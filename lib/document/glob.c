/* SPDX-License-Identifier: MIT */
#include "document/glob.h"

#include <fnmatch.h>

#include "base/span.h"

/* parts are NUL-terminated strings one after another in text */
struct pattern {
	const char *parts[GLOB_PARTS_MAX]; /* NULL stands for "**" */
	size_t count;
	bool folders_only;
};

struct glob {
	struct pattern *patterns;
	char **texts;
	size_t count;
};

static enum err compile(const char *text, struct pattern *p, char **copy, struct error *e)
{
	size_t len = strlen(text);
	bool anchored;
	char *at, *end;

	while (len && text[len - 1] == '/') {
		p->folders_only = true;
		len--;
	}
	if (!len)
		return err_set(e, ERR_INVALID, "'%s' is no pattern", text);
	*copy = strndup(text, len);
	if (!*copy)
		return err_set(e, ERR_NOMEM, "out of memory");
	at = *copy;
	anchored = strchr(at, '/') != NULL;
	if (!anchored)
		p->count++; /* a NULL part: at any depth */
	for (at += strspn(at, "/"); *at; at = end) {
		end = strchrnul(at, '/');
		while (*end == '/')
			*end++ = 0;
		if (p->count == GLOB_PARTS_MAX)
			return err_set(e, ERR_INVALID, "pattern '%s' has over %d parts", text,
				       GLOB_PARTS_MAX);
		p->parts[p->count++] = strcmp(at, "**") == 0 ? NULL : at;
	}
	return ERR_OK;
}

enum err glob_new(const char *const *patterns, const char *const *more, struct glob **ret, struct error *e)
{
	const char *const *const lists[] = {patterns, more};
	struct glob *g = calloc(1, sizeof(*g));
	size_t n = 0;

	for (size_t l = 0; l < ARRAY_SIZE(lists); l++) {
		for (size_t i = 0; lists[l] && lists[l][i]; i++)
			n++;
	}
	if (n > GLOB_PATTERNS_MAX) {
		free(g);
		return err_set(e, ERR_INVALID, "more than %d patterns", GLOB_PATTERNS_MAX);
	}
	if (g) {
		g->patterns = calloc(MAX(n, 1), sizeof(*g->patterns));
		g->texts = calloc(MAX(n, 1), sizeof(*g->texts));
	}
	if (!g || !g->patterns || !g->texts) {
		glob_free(g);
		return err_set(e, ERR_NOMEM, "out of memory");
	}
	for (size_t l = 0; l < ARRAY_SIZE(lists); l++) {
		for (size_t i = 0; lists[l] && lists[l][i]; i++) {
			size_t k = g->count++;
			enum err r = compile(lists[l][i], &g->patterns[k], &g->texts[k], e);

			if (r) {
				glob_free(g);
				return r;
			}
		}
	}
	*ret = g;
	return ERR_OK;
}

struct glob *glob_free(struct glob *g)
{
	if (!g)
		return NULL;
	for (size_t i = 0; g->texts && i < g->count; i++)
		free(g->texts[i]);
	free(g->texts);
	free(g->patterns);
	free(g);
	return NULL;
}

/* A path's parts, counted once for all patterns. */
struct parts {
	const char *part[80];
	size_t count;
};

/* As the usual matcher of "*" over characters: a later "**" makes going back to an earlier one pointless,
 * since every other part takes exactly one. So there is one place to go back to, and no blow-up. */
static bool pattern_matches(const struct pattern *p, const struct parts *path)
{
	size_t i = 0, k = 0, star = SIZE_MAX, resume = 0;

	while (i < path->count) {
		if (k < p->count && !p->parts[k]) {
			star = k++;
			resume = i;
		} else if (k < p->count && fnmatch(p->parts[k], path->part[i], 0) == 0) {
			k++;
			i++;
		} else if (star != SIZE_MAX) {
			k = star + 1;
			i = ++resume;
		} else {
			return false;
		}
	}
	while (k < p->count && !p->parts[k])
		k++;
	return k == p->count;
}

bool glob_matches(const struct glob *g, const char *path, bool is_folder)
{
	char copy[4096];
	struct parts parts = {.count = 0};
	size_t len = strlen(path);

	if (!g->count || len >= sizeof(copy))
		return false;
	memcpy(copy, path, len + 1);
	for (char *at = copy, *slash; parts.count < ARRAY_SIZE(parts.part); at = slash + 1) {
		parts.part[parts.count++] = at;
		slash = strchr(at, '/');
		if (!slash)
			break;
		*slash = 0;
	}
	for (size_t i = 0; i < g->count; i++) {
		if ((is_folder || !g->patterns[i].folders_only) && pattern_matches(&g->patterns[i], &parts))
			return true;
	}
	return false;
}
