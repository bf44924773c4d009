/* SPDX-License-Identifier: MIT */
#include "images_inner.h"

#include <inttypes.h>

#include "http/response.h"

enum {
	FIRST_BYTES = 8 << 10,   /* nine photographs of ten tell their size within the first half kilobyte */
	MORE_BYTES = 64 << 10,   /* the least of each further request */
	BEYOND_BYTES = 16 << 10, /* what was asked for is rarely all */
	HEAD_MAX = 256 << 10,    /* bytes that are looked at to find a size */
	REQUESTS_MAX = 4,        /* for one image in one pass */
};

static void fetched(void *arg, struct fetch_reply *reply);

/* ---- a part of it comes ---- */

/* "bytes 0-8191/123456": the first byte, and the whole's length (0: not told). */
static bool content_range(struct span field, uint64_t *first, uint64_t *last, uint64_t *total)
{
	struct span rest = span_trim(field), a, b;

	if (!span_starts_nocase(rest, SPAN("bytes ")))
		return false;
	rest = span_trim(span_sub(rest, 6, rest.len));
	b = span_split(&rest, '/');
	a = span_split(&b, '-');
	*total = 0;
	if (!span_to_uint(span_trim(a), UINT64_MAX, first) || !span_to_uint(span_trim(b), UINT64_MAX, last) ||
	    *first > *last)
		return false;
	if (!span_eq_str(span_trim(rest), "*") && !span_to_uint(span_trim(rest), UINT64_MAX, total))
		return false;
	return !*total || *last < *total;
}

static bool begin_piece(struct image_entry *x, unsigned status, struct span total)
{
	uint64_t first, last;

	x->f->bad_range = false;
	if (status == 206) {
		x->f->bad_range = !content_range(total, &first, &last, &x->f->total) ||
				  first != x->f->ask.first || first != x->f->head.len;
		return !x->f->bad_range;
	}
	/* all of it, whatever was asked for */
	strbuf_truncate(&x->f->head, 0);
	if (!span_to_uint(total, UINT64_MAX, &x->f->total))
		x->f->total = 0;
	if (!x->f->copying || x->f->copy_error.code)
		return true;
	if (x->f->total <= x->images->o.config->image_bytes && !keep_reserve(x, x->f->total)) {
		x->f->no_room = true;
		return false;
	}
	if (x->f->copy.fd >= 0 ? image_copy_restart(&x->f->copy, &x->f->copy_error)
			       : image_copy_begin(x->images->cache, &x->f->copy, &x->f->copy_error))
		image_copy_drop(&x->f->copy);
	return true;
}

/* Inside libcurl. False: enough. */
static bool on_piece(void *arg, unsigned status, struct span total, struct span piece, bool restart)
{
	struct image_entry *x = arg;

	if (restart && !begin_piece(x, status, total))
		return false; /* a range that was not asked for, no room */
	if (x->f->answer == IMAGE_MORE || restart) {
		size_t room = HEAD_MAX - x->f->head.len;

		if (strbuf_add_span(&x->f->head, span_sub(piece, 0, room)))
			return false;
		x->f->answer = image_measure(strbuf_span(&x->f->head), false, &x->f->size);
		if (x->f->answer == IMAGE_MORE && x->f->head.len == HEAD_MAX)
			return false;
	}
	if (!x->f->copying || x->f->copy_error.code)
		return x->f->answer == IMAGE_MORE;
	if (x->f->answer != IMAGE_MORE && x->f->answer != IMAGE_KNOWN)
		return false;
	if (image_copy_add(&x->f->copy, piece, &x->f->copy_error))
		image_copy_drop(&x->f->copy);
	return !x->f->copy_error.code || x->f->answer == IMAGE_MORE;
}

/* ---- asking ---- */

static void put_off(struct image_entry *x, const char *why)
{
	keep_unreserve(x);
	image_copy_drop(&x->f->copy);
	x->state.deferred = true;
	if (x->state.known != MERGE_IMAGE_GOOD)
		x->state.known = MERGE_IMAGE_LATER;
	x->state.expires_at = 0;
	images_tell(x, why);
	images_settled(x);
}

static void send_request(struct image_entry *x)
{
	struct images *im = x->images;
	const struct store_image *row = &x->row;
	bool known = x->state.known == MERGE_IMAGE_GOOD && !x->f->copying && !x->f->head.len &&
		     !im->o.force && (row->etag.len || row->last_modified.len) && row->final_url.len;
	enum err r;

	x->phase = IMAGE_FETCHING;
	x->f->requests++;
	x->f->told_referer = x->referer && (row->referer || x->f->told_referer);
	x->f->validators = (struct fetch_known){row->final_url, row->etag, row->last_modified};
	x->f->ask = (struct fetch_image){
		.referer = x->f->told_referer ? span_str(x->referer) : SPAN_NONE,
		.keep = x->f->copying ? im->o.config->image_bytes : HEAD_MAX,
		.truncate = !x->f->copying,
		.more = on_piece,
		.pass = true,
	};
	if (!x->f->copying && !x->f->no_range) {
		x->f->ask.first = x->f->head.len;
		x->f->ask.last = x->f->head.len ? MIN(MAX((uint64_t)x->f->size.need + BEYOND_BYTES,
							  x->f->head.len + MORE_BYTES),
						      (uint64_t)HEAD_MAX) -
							  1
						: FIRST_BYTES - 1;
	}
	r = fetch_start_image(im->o.fetcher, span_str(x->state.url), row->failures,
			      known ? &x->f->validators : NULL, &x->f->ask, fetched, x);
	if (r)
		put_off(x, r == ERR_CANCELLED ? "stopped before it was fetched" : err_text(r));
}

/* From its first byte. */
static void start_over(struct image_entry *x)
{
	strbuf_release(&x->f->head);
	x->f->head = STRBUF_INIT(HEAD_MAX);
	x->f->answer = IMAGE_MORE;
	x->f->size = (struct image_size){0};
	x->f->total = 0;
	send_request(x);
}

void images_ask(struct image_entry *x)
{
	struct images *im = x->images;

	x->phase = IMAGE_ROOM;
	if (!x->f)
		x->f = calloc(1, sizeof(*x->f));
	if (!x->f) {
		x->state.deferred = true; /* known stays as it was */
		images_settled(x);
		return;
	}
	if (!x->f->entry)
		x->f->copy.fd = -1;
	x->f->entry = x;
	x->f->copying = x->want_copy && im->cache && !x->state.file[0] && !x->state.copy_tried;
	if (x->f->copying && !keep_has_room(x))
		return;
	start_over(x);
}

/* ---- how it ended ---- */

void images_tell(const struct image_entry *x, const char *error)
{
	struct images *im = x->images;
	bool known = x->f->answer == IMAGE_KNOWN || (x->state.known == MERGE_IMAGE_GOOD && !error);

	report_counts(im->o.report)->bytes += x->f->wire;
	report_image(im->o.report,
		     &(struct report_image){.url = span_str(x->state.url),
					    .final_url = x->row.final_url,
					    .outcome = x->row.outcome,
					    .status = x->row.status,
					    .type = known ? image_mime(x->state.type) : NULL,
					    .width = known ? x->state.width : 0,
					    .height = known ? x->state.height : 0,
					    .copy = x->state.file[0] ? x->state.file : NULL,
					    .error = error,
					    .bytes = x->f->wire,
					    .ms = (uint64_t)MAX(x->f->ended_ms - x->f->started_ms, 0)});
}

static void fail(struct image_entry *x, const struct fetch_reply *reply)
{
	struct store_image row = x->row;
	bool good = x->state.known == MERGE_IMAGE_GOOD;

	row.outcome = reply->outcome;
	row.status = reply->status;
	row.fetched_at = x->images->o.now();
	row.expires_at = reply->retry_at;
	row.failures++;
	row.error = span_str(reply->error ? reply->error : "failed");
	row.forbidden = reply->forbidden;
	/* what it was stays known while the trouble may pass */
	if (!good || reply->status == 404 || reply->status == 410) {
		row.type = SPAN_NONE;
		row.width = row.height = 0;
	}
	if (reply->outcome == OUTCOME_REFUSED && !reply->hops && !reply->forbidden) {
		x->state.known = MERGE_IMAGE_NONE; /* nothing was asked, and the configuration may change */
		x->state.expires_at = 0;
	} else {
		images_put(x, &row);
	}
	keep_unreserve(x);
	image_copy_drop(&x->f->copy);
	x->state.copy_tried = true;
	images_tell(x, reply->error ? reply->error : "failed");
	images_settled(x);
}

static const char *why_none(const struct image_entry *x)
{
	switch (x->f->answer) {
	case IMAGE_TRUNCATED: return "an image that ends before its size";
	case IMAGE_DAMAGED: return "a damaged image";
	case IMAGE_MORE: return "an image that hides its size";
	case IMAGE_KNOWN:
	case IMAGE_NOT:
	default: return "no image";
	}
}

/* There was an answer, and it is none. As a page that is not there: it may come. */
static void none(struct image_entry *x, const struct fetch_reply *reply)
{
	struct store_image row = x->row;
	int64_t now = x->images->o.now();

	row.outcome = OUTCOME_PAGE;
	row.status = reply->status;
	row.final_url = span_str(reply->final_url);
	row.fetched_at = now;
	row.failures++;
	row.expires_at = response_retry_at(OUTCOME_STATUS, 404, row.failures, span_str(x->state.url), now);
	row.error = span_str(why_none(x));
	row.type = row.file = SPAN_NONE;
	row.width = row.height = 0;
	row.forbidden = false;
	images_put(x, &row);
	keep_unreserve(x);
	image_copy_drop(&x->f->copy);
	images_tell(x, why_none(x));
	images_settled(x);
}

static struct span kept_validator(const struct fetch_reply *reply, struct span validator)
{
	return reply->freshness.no_store ? SPAN_NONE : validator;
}

static void measured(struct image_entry *x, const struct fetch_reply *reply)
{
	struct store_image row = x->row;

	row.outcome = OUTCOME_PAGE;
	row.status = reply->status;
	row.final_url = span_str(reply->final_url);
	row.fetched_at = x->images->o.now();
	row.expires_at = reply->retry_at;
	row.failures = 0;
	row.error = SPAN_NONE;
	row.etag = kept_validator(reply, reply->freshness.etag);
	row.last_modified = kept_validator(reply, reply->freshness.last_modified);
	row.type = span_str(image_mime(x->f->size.type));
	row.width = x->f->size.width;
	row.height = x->f->size.height;
	row.bytes = x->f->copy.cache ? x->f->copy.len : x->f->total;
	row.forbidden = false;
	row.referer = x->f->told_referer;
	images_put(x, &row);
}

static void renew(struct image_entry *x, const struct fetch_reply *reply)
{
	struct store_image row = x->row;

	row.outcome = OUTCOME_PAGE;
	row.fetched_at = x->images->o.now();
	row.expires_at = reply->retry_at;
	row.failures = 0;
	row.error = SPAN_NONE;
	if (reply->freshness.etag.ptr)
		row.etag = reply->freshness.etag;
	if (reply->freshness.last_modified.ptr)
		row.last_modified = reply->freshness.last_modified;
	images_put(x, &row);
	images_tell(x, NULL);
	images_settled(x);
}

/* Refused, as hosts do who give their pictures to their own pages only: with an error, or with a page. */
static bool wants_referer(const struct image_entry *x, const struct fetch_reply *reply)
{
	if (x->f->told_referer || !x->referer || x->f->requests >= REQUESTS_MAX || reply->forbidden)
		return false;
	if (reply->outcome == OUTCOME_STATUS)
		return reply->status == 401 || reply->status == 403;
	return reply->outcome == OUTCOME_PAGE && x->f->answer == IMAGE_NOT &&
	       response_is_html(span_str(reply->content_type), strbuf_span(&x->f->head));
}

static void answered(struct image_entry *x, struct fetch_reply *reply)
{
	bool whole = reply->status != 206 || (x->f->total && x->f->head.len >= x->f->total);

	if (x->f->bad_range && !x->f->no_range && x->f->requests < REQUESTS_MAX) {
		x->f->no_range = true;
		start_over(x);
		return;
	}
	if (x->f->answer == IMAGE_MORE && !whole && x->f->head.len && x->f->head.len < HEAD_MAX &&
	    x->f->requests < REQUESTS_MAX && !x->f->bad_range) {
		send_request(x);
		return;
	}
	if (x->f->answer == IMAGE_MORE && whole && x->f->head.len < HEAD_MAX)
		x->f->answer = image_measure(strbuf_span(&x->f->head), true, &x->f->size);
	if (x->f->answer != IMAGE_KNOWN) {
		none(x, reply);
		return;
	}
	measured(x, reply);
	strbuf_release(&x->f->head); /* it may wait for its turn to be kept */
	if (x->f->copying && x->f->copy_error.code)
		keep_failed(x, &x->f->copy_error, false);
	else if (x->f->copying)
		keep_copy(x);
	else {
		images_tell(x, NULL);
		images_settled(x);
	}
}

static void fetched(void *arg, struct fetch_reply *reply)
{
	struct image_entry *x = arg;
	struct images *im = x->images;

	x->f->wire += reply->wire_bytes;
	x->f->started_ms = x->f->started_ms ? x->f->started_ms : reply->started_ms;
	x->f->ended_ms = reply->ended_ms;
	if (reply->deferred) {
		put_off(x, reply->error);
	} else if (wants_referer(x, reply)) {
		x->f->told_referer = true;
		start_over(x);
	} else if (x->f->no_room) {
		images_ask(x); /* which makes room, or does without */
	} else if (reply->outcome == OUTCOME_STATUS && reply->status == 416 && !x->f->no_range) {
		x->f->no_range = true;
		start_over(x);
	} else if (reply->outcome == OUTCOME_TOO_LARGE && x->f->copying && x->f->answer == IMAGE_KNOWN) {
		struct error why;

		/* it grew beyond the ceiling on its way: what it is, is known */
		(void)err_set(&why, ERR_TOOBIG, "larger than %" PRIu64 " bytes", im->o.config->image_bytes);
		measured(x, reply);
		keep_failed(x, &why, true);
	} else if (reply->outcome == OUTCOME_TOO_LARGE && x->f->copying) {
		/* so large that it was not begun: measure it alone */
		keep_unreserve(x);
		image_copy_drop(&x->f->copy);
		x->f->copying = false;
		x->state.copy_tried = true;
		start_over(x);
	} else if (reply->outcome != OUTCOME_PAGE) {
		fail(x, reply);
	} else if (reply->unchanged) {
		renew(x, reply);
	} else {
		answered(x, reply);
	}
}
