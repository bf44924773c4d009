/* SPDX-License-Identifier: MIT */
#include "reply.h"

#include <strings.h>

#include "http/response.h"

/* headers[0].name heads the one block that all names and values lie in. */
enum err reply_take(struct fetch_reply *r, struct transfer *t)
{
	size_t len;
	char *p;

	strbuf_release(&r->body);
	r->body = t->body;
	t->body = STRBUF_INIT(0);
	if (!t->field_count)
		return ERR_OK;
	r->headers = calloc(t->field_count, sizeof(*r->headers));
	p = r->headers ? strbuf_detach(&t->fields, &len) : NULL;
	if (!p) {
		free(r->headers);
		r->headers = NULL;
		return ERR_NOMEM;
	}
	for (; r->header_count < t->field_count; r->header_count++) {
		struct fetch_header *h = &r->headers[r->header_count];

		h->name = p;
		h->value = p + strlen(p) + 1;
		p = h->value + strlen(h->value) + 1;
		if (!r->content_type && strcasecmp(h->name, "content-type") == 0)
			r->content_type = h->value;
	}
	t->field_count = 0;
	return ERR_OK;
}

void reply_freshness(struct fetch_reply *r, int64_t now)
{
	struct freshness_field fields[TRANSFER_FIELDS_MAX];
	size_t n = 0;

	for (; n < r->header_count && n < ARRAY_SIZE(fields); n++)
		fields[n] =
			(struct freshness_field){span_str(r->headers[n].name), span_str(r->headers[n].value)};
	/* a part that was asked for tells of the whole: its beginning is all that is kept of it */
	freshness_read(r->status == 206 ? 200 : r->status, fields, n, now, &r->freshness);
	if (!r->freshness.no_cache)
		r->retry_at = response_fresh(r->retry_at, r->freshness.fresh_until, now);
}

void reply_release(struct fetch_reply *r)
{
	if (r->header_count)
		free(r->headers[0].name);
	free(r->headers);
	free(r->final_url);
	free(r->error);
	strbuf_release(&r->body);
	*r = (struct fetch_reply){.outcome = OUTCOME_NONE};
}
