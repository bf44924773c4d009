/* SPDX-License-Identifier: MIT */
/* serve_status.c - `ingestd status` beside the service: the whole text, in one line. */
#include "serve_inner.h"

#include <jansson.h>

#include "command/status_command.h"

static void told(void *arg, struct view_ask *ask, enum err result)
{
	struct client *c = arg;
	struct span text = strbuf_span(&ask->out);

	*client_view(c) = NULL;
	if (result)
		client_refuse(c, ask->error.text[0] ? ask->error.text : err_text(result));
	else
		client_send(
			c,
			json_pack("{ss so}", "event", "status", "status", json_stringn(text.ptr, text.len)),
			true);
}

enum err serve_tell_status(struct client *c, bool json, struct error *e)
{
	const struct serve_context context = serve_context(client_serve(c));
	struct view_ask *ask = view_ask_new(&context, true);
	bool *more = ask ? ARENA_NEW(&ask->arena, bool) : NULL;

	if (!more) {
		view_ask_free(ask);
		return err_set(e, ERR_NOMEM, "the service is out of memory");
	}
	*more = json;
	ask->more = more;
	*client_view(c) = ask;
	if (view_ask_send(context.viewer, ask, status_make, told, c))
		return ERR_OK;
	*client_view(c) = NULL;
	return err_set(e, ERR_BUSY, "the service is asked too much at once");
}
