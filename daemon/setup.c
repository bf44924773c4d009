/* SPDX-License-Identifier: MIT */
#include "setup.h"

#include "feeds/feeds.h"

enum { SHAPE_MAX = 1024 * 1024 };

/* `fields:` of the configuration, checked here: lib/config knows no shapes. */
static enum err config_shape(const struct config *config, struct arena *arena, const struct shape **ret,
			     struct error *e)
{
	struct shape_key *keys = ARENA_NEW_ARRAY(arena, struct shape_key, config->field_count + 2);
	bool marks = config->image_cache && !config->image_cache_local;
	size_t count = 0;
	enum err r = ERR_NOMEM;
	struct error why = {.text = "out of memory"};

	/* the mark of a local copy has a place where there are copies behind it */
	if (keys && marks && (!config->preset || strcmp(config->preset, shape_preset(0)) == 0))
		keys[count++] = (struct shape_key){"cached", "isCached"};
	for (size_t i = 0; i < config->field_count && keys; i++)
		keys[count++] = (struct shape_key){config->fields[i].name, config->fields[i].key};
	if (keys && !marks)
		keys[count++] = (struct shape_key){"cached", ""};
	if (keys)
		r = shape_make(config->preset, keys, count, arena, ret, &why);
	return r ? err_set(e, r, "%s: fields: %s", config->path ? config->path : "configuration", why.text)
		 : r;
}

/* Patterns and templates, which it does not know either. */
static enum err config_feeds(const struct config *config, const struct shape *shape, struct error *e)
{
	struct error why;
	enum err r = feeds_check(config, shape, &why);

	return r ? err_set(e, r, "%s: %s", config->path ? config->path : "configuration", why.text) : r;
}

enum err setup_read(const char *path, struct setup *ret, struct error *e)
{
	struct setup s = {.arena = ARENA_INIT(SHAPE_MAX)};
	enum err r = config_read(path, &s.config, e);

	if (!r)
		r = config_shape(s.config, &s.arena, &s.shape, e);
	if (!r)
		r = config_feeds(s.config, s.shape, e);
	if (r) {
		setup_release(&s);
		return r;
	}
	*ret = s;
	return ERR_OK;
}

void setup_release(struct setup *s)
{
	s->config = config_free(s->config);
	arena_release(&s->arena);
	s->shape = NULL;
}
