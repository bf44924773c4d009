/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <unistd.h>

#include "commands.h"
#include "confine.h"
#include "image/cache.h"

enum { SEEN_MAX = 64 };

/* What is there to be opened while the process runs. */
struct places {
	struct confine_place *at;
	size_t count, room;
	char **own; /* paths made here */
	size_t own_count;
};

static void add(struct places *p, const char *path, enum confine_access access)
{
	/* thousands of feeds mostly say the same */
	for (size_t i = 0; path && i < MIN(p->count, (size_t)SEEN_MAX); i++)
		if (p->at[i].access == access && strcmp(p->at[i].path, path) == 0)
			return;
	assert(p->count < p->room);
	if (path)
		p->at[p->count++] = (struct confine_place){path, access};
}

static void add_host(struct places *p, const struct host_settings *h)
{
	add(p, h->ca_file, CONFINE_READ);
	add(p, h->credentials, CONFINE_READ);
}

static bool is_home(const char *path)
{
	const char *home = getenv("HOME");

	return strcmp(path, "/") == 0 || (home && strcmp(path, home) == 0);
}

/* A folder that is not there yet is made in the nearest that is; but a whole home is too much for that. */
static bool add_to_be_made(struct places *p, const char *folder)
{
	char *path;

	if (!folder || access(folder, F_OK) == 0) {
		add(p, folder, CONFINE_WRITE);
		return true;
	}
	path = strdup(folder);
	if (!path)
		return false;
	p->own[p->own_count++] = path;
	for (char *slash; (slash = strrchr(path, '/')) && slash > path && access(path, F_OK);)
		*slash = 0;
	if (!is_home(path))
		add(p, path, CONFINE_WRITE);
	return true;
}

/* The folder that a file lies in, where it may be replaced; the file alone where that would be all of a home.
 */
static bool add_folder_of(struct places *p, const char *file, enum confine_access access)
{
	const char *slash = file ? strrchr(file, '/') : NULL;
	size_t n = slash ? (size_t)(slash - file) : 0;
	char *folder;

	if (!file)
		return true;
	folder = slash ? strndup(file, MAX(n, (size_t)1)) : strdup(".");
	if (!folder)
		return false;
	p->own[p->own_count++] = folder;
	if (access == CONFINE_READ && is_home(folder))
		add(p, file, access);
	else
		add(p, folder, access);
	return true;
}

static bool collect(struct places *p, const struct options *options, const struct config *config,
		    const struct roots *roots)
{
	size_t content = 0;

	while (config->content && config->content[content])
		content++;
	p->room = 18 + content + roots->count + 2 * config->host_count + 3 * config->feed_count;
	p->at = calloc(p->room, sizeof(*p->at));
	p->own = calloc(p->room, sizeof(*p->own));
	if (!p->at || !p->own)
		return false;
	for (size_t i = 0; i < roots->count; i++)
		add(p, roots->at[i].path, CONFINE_WRITE);
	add(p, options->state ? options->state : config->state, CONFINE_WRITE);
	add(p, config->image_cache, CONFINE_WRITE);
	/* all documents keep copies of images from being removed, not only those that are worked on */
	for (size_t i = 0; i < content && config->image_cache; i++)
		add(p, config->content[i], CONFINE_READ);
	add(p, config->feeds_folder, CONFINE_READ);
	add(p, config->organizations, CONFINE_READ);
	add_host(p, &config->defaults);
	for (size_t i = 0; i < config->host_count; i++)
		add_host(p, &config->hosts[i].settings);
	for (size_t i = 0; i < config->feed_count; i++) {
		if (!add_to_be_made(p, config->feeds[i].settings.folder))
			return false;
		add_host(p, &config->feeds[i].host);
	}
	/* to remove the socket that was made there, if there is one */
	if (options->command == COMMAND_SERVE && config->status_listen && *config->status_listen == '/' &&
	    !add_folder_of(p, config->status_listen, CONFINE_CLEAR))
		return false;
	return add_to_be_made(p, config->feed_defaults.folder) && add_to_be_made(p, config->image_cache) &&
	       add_folder_of(p, config->path, CONFINE_READ) &&
	       add_folder_of(p, options->report, CONFINE_WRITE) &&
	       add_folder_of(p, config->metrics_file, CONFINE_WRITE);
}

int confine_command(const struct options *options, const struct config *config, const struct roots *roots)
{
	const char *state = options->state ? options->state : config->state;
	struct places p = {0};
	struct image_cache *cache;
	struct confinement done;
	struct error e;
	enum err r = ERR_OK;

	if (!config->confine)
		return EXIT_DONE;
	/* a rule needs a folder that is there; what is wrong with it is told by who opens it */
	if (state && store_make_folder(state, &e))
		return EXIT_DONE;
	if (config->image_cache && !image_cache_open(config->image_cache, &cache, &e))
		image_cache_close(cache);
	if (!collect(&p, options, config, roots))
		r = err_set(&e, ERR_NOMEM, "out of memory");
	if (!r)
		r = confine(p.at, p.count, options->command == COMMAND_SERVE, &done, &e);
	while (p.own && p.own_count)
		free(p.own[--p.own_count]);
	free(p.own);
	free(p.at);
	if (r)
		return fail(EXIT_BUG, "%s; 'confine: false' in the configuration does without", e.text);
	if (options->verbose && !(done.landlock && done.calls))
		(void)fail(0, "%s", done.text);
	return EXIT_DONE;
}
