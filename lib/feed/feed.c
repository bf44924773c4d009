/* SPDX-License-Identifier: MIT */
#include "feed/feed.h"

#define X(name, text) [FEED_##name] = text,
static const char *const names[] = {FEED_FORMAT_MAP(X)};
#undef X

const char *feed_format_name(enum feed_format f)
{
	return names[f];
}

enum err feed_parse(const struct feed_input *in, struct arena *arena, struct feed **ret, struct error *e)
{
	struct feed *f;

	if (in->body.len > FEED_BODY_MAX)
		return err_set(e, ERR_TOOBIG, "a feed of more than %d bytes", FEED_BODY_MAX);
	f = ARENA_NEW(arena, struct feed);
	if (!f)
		return err_set(e, arena_failed(arena), "no room for a feed");
	(void)ret;
	return err_set(e, ERR_SYNTAX, "feeds are not read yet");
}
