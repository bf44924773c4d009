/* SPDX-License-Identifier: MIT */
#include "status/view_inner.h"

#include "base/url.h"
#include "extract/page_json.h"

enum { WRITTEN_ROWS = 400, FAILING_ROWS = 300, EVIDENCE_BYTES = 128 * 1024 };

struct span view_plain(struct span raw, size_t max, struct arena *a)
{
	struct span s = span_trim(raw);
	size_t n;

	if (s.len >= 2 && (s.ptr[0] == '"' || s.ptr[0] == '\'') && s.ptr[s.len - 1] == s.ptr[0])
		s = span_sub(s, 1, s.len - 1);
	n = MIN(s.len, max);
	while (n < s.len && n && ((unsigned char)s.ptr[n] & 0xc0) == 0x80)
		n--;
	if (raw.ptr && n == s.len)
		return arena_dup(a, s);
	return raw.ptr ? view_cut(span_sub(s, 0, n), a) : SPAN_NONE;
}

struct span view_cut(struct span s, struct arena *a)
{
	static const char dots[] = " \xe2\x80\xa6";
	char *text = arena_alloc(a, s.len + sizeof(dots));

	if (!text)
		return SPAN_NONE;
	memcpy(text, s.ptr, s.len);
	memcpy(text + s.len, dots, sizeof(dots));
	return span_of(text, s.len + sizeof(dots) - 1);
}

struct span view_url_key(struct span text, struct arena *a)
{
	struct url url;

	return url_parse(text, NULL, a, &url, NULL) ? SPAN_NONE : url_key(&url);
}

void view_image_of(struct look *l, const struct image *from, struct arena *a, struct view_image *ret)
{
	struct store_image known = {.url = SPAN_NONE};
	struct url url;

	*ret = (struct view_image){.url = SPAN_NONE};
	if (!from->url.len || url_parse(from->url, NULL, a, &url, NULL))
		return;
	ret->url = url.href;
	ret->host = url.host;
	ret->width = from->width;
	ret->height = from->height;
	known.url = url_key(&url);
	if (look_image(l, a, &known, NULL))
		return;
	ret->copy = known.file;
	if (!ret->width || !ret->height) {
		ret->width = known.width;
		ret->height = known.height;
	}
}

/* ---- counts ---- */

enum err view_read_counts(struct look *l, struct arena *a, struct view_counts *ret, struct error *e)
{
	struct look_tally *rows;
	size_t count;
	enum err r = look_tallies(l, a, &rows, &count, e);

	*ret = (struct view_counts){.all = 0};
	for (size_t i = 0; i < count && !r; i++) {
		ret->all += rows[i].count;
		ret->states[rows[i].state] += rows[i].count;
		for (enum field f = 0; f < FIELD_LINK_COUNT; f++)
			ret->missing[f] += rows[i].missing & 1u << f ? rows[i].count : 0;
	}
	return r;
}

/* ---- cards ---- */

static struct view_card *card_of(struct view *v, const struct look_written *w)
{
	for (size_t i = 0; i < v->card_count; i++) {
		struct view_card *card = &v->cards[i];

		if (span_eq(card->path, w->row.path) && span_eq(card->root, w->root))
			return card;
	}
	if (v->card_count == VIEW_CARDS)
		return NULL;
	v->cards[v->card_count] = (struct view_card){
		.root = w->root, .path = w->row.path, .time = w->row.time, .run = w->row.run};
	return &v->cards[v->card_count++];
}

/* The number behind `key:` in a list of images, of the first that has one. */
static unsigned number_behind(struct span raw, struct span key)
{
	ptrdiff_t at = span_find(raw, key);
	uint64_t n = 0;
	size_t end;

	if (at < 0)
		return 0;
	raw = span_trim(span_sub(raw, (size_t)at + key.len, raw.len));
	for (end = 0; end < raw.len && byte_is_digit(raw.ptr[end]); end++)
		;
	return span_to_uint(span_sub(raw, 0, end), UINT32_MAX, &n) ? (unsigned)n : 0;
}

/* A list of pictures is its first one to people: "https://... (1200 x 630)". */
static struct span plain_images(struct span raw, struct arena *a)
{
	ptrdiff_t at = span_find(raw, SPAN("http"));
	struct span url = at < 0 ? SPAN_NONE : span_sub(raw, (size_t)at, raw.len);
	unsigned width = number_behind(raw, SPAN("width:")), height = number_behind(raw, SPAN("height:"));
	struct strbuf text = STRBUF_INIT(2 * URL_MAX);
	struct span ret = SPAN_NONE;
	size_t n = 0;

	while (n < url.len && !byte_is_space(url.ptr[n]) && url.ptr[n] != '"' && url.ptr[n] != '\'')
		n++;
	if (!n)
		return view_plain(raw, VALUE_MAX, a);
	if (!strbuf_add_span(&text, span_sub(url, 0, MIN(n, (size_t)URL_MAX))) &&
	    (!width || !height || !strbuf_addf(&text, " (%u \xc3\x97 %u)", width, height)))
		ret = arena_dup(a, strbuf_span(&text));
	strbuf_release(&text);
	return ret;
}

static struct span plain_value(enum field field, struct span raw, struct arena *a)
{
	return field == FIELD_IMAGE ? plain_images(raw, a) : view_plain(raw, VALUE_MAX, a);
}

void view_change_of(const struct store_provenance *row, struct arena *a, struct view_change *ret)
{
	ret->row = *row;
	ret->before = row->was_absent ? SPAN_NONE : plain_value(row->field, row->before, a);
	ret->after = plain_value(row->field, row->after, a);
}

static void add_change(struct view_card *card, const struct store_provenance *row, struct arena *a)
{
	if (!card->changes)
		card->changes = ARENA_NEW_ARRAY(a, struct view_change, VIEW_CARD_CHANGES);
	if (!card->changes || card->run != row->run)
		return; /* of an earlier time: the document's page has it */
	if (card->change_count == VIEW_CARD_CHANGES)
		card->changes_more++;
	else
		view_change_of(row, a, &card->changes[card->change_count++]);
	if (row->related < 0 && row->field == FIELD_TITLE)
		card->title = view_plain(row->after, VALUE_MAX, a);
	if (row->related < 0 && row->field == FIELD_EXCERPT)
		card->excerpt = view_plain(row->after, VALUE_MAX, a);
}

static int by_field(const void *a, const void *b)
{
	const struct store_provenance *x = &((const struct view_change *)a)->row;
	const struct store_provenance *y = &((const struct view_change *)b)->row;

	if (x->related != y->related)
		return x->related < y->related ? -1 : 1;
	return (int)x->field - (int)y->field;
}

/* What stands in the document now is what the card shows, when it can be read. */
static void fill_card(struct look *l, const struct view_options *o, struct view_card *card, struct arena *a)
{
	struct look_document known;
	struct view_text text = {.bytes = STRBUF_INIT(VIEW_CARD_BYTES)};

	qsort(card->changes, card->change_count, sizeof(*card->changes), by_field);
	if (!look_document(l, card->root, card->path, a, &known, NULL)) {
		card->state = known.status.state;
		if (!card->title.len)
			card->title = known.status.title;
	}
	if (!view_text_read(o, card->root, card->path, a, &text, NULL) && text.doc->link_count) {
		const struct link *first = &text.doc->links[0];

		if (first->fields[FIELD_TITLE].value.len)
			card->title = view_plain(first->fields[FIELD_TITLE].value, VALUE_MAX, a);
		if (first->fields[FIELD_EXCERPT].value.len)
			card->excerpt = view_plain(first->fields[FIELD_EXCERPT].value, VALUE_MAX, a);
		if (first->image_count)
			view_image_of(l, &first->images[0], a, &card->image);
	}
	strbuf_release(&text.bytes);
}

static enum err read_cards(struct look *l, const struct view_options *o, struct arena *a, struct view *v,
			   struct error *e)
{
	struct look_written *rows;
	size_t count;
	enum err r = look_written(l, SPAN_NONE, SPAN_NONE, 0, WRITTEN_ROWS, a, &rows, &count, e);

	v->cards = ARENA_NEW_ARRAY(a, struct view_card, VIEW_CARDS);
	for (size_t i = 0; i < count && v->cards && !r; i++) {
		struct view_card *card;

		if (span_eq_str(rows[i].row.source, PLAN_UNDONE))
			continue;
		card = card_of(v, &rows[i]);
		if (!card)
			break;
		add_change(card, &rows[i].row, a);
	}
	for (size_t i = 0; i < v->card_count && !r; i++)
		fill_card(l, o, &v->cards[i], a);
	return r;
}

/* ---- what cannot be completed ---- */

static void read_evidence(struct look *l, struct arena *a, struct view_stuck *stuck)
{
	struct store_result result = {.url = stuck->document.status.url};
	struct page *page;

	if (!stuck->document.status.verdict.len || !result.url.len || look_result(l, a, &result, NULL) ||
	    !result.page.ptr || result.page.len > EVIDENCE_BYTES ||
	    page_from_json(result.page, a, &page, NULL))
		return;
	stuck->evidence = page->evidence;
	stuck->evidence_count = MIN(page->evidence_count, (size_t)3);
}

static enum err read_stuck(struct look *l, struct arena *a, struct view *v, struct error *e)
{
	static const enum store_state states[] = {STORE_STATE_REFUSED, STORE_STATE_OPEN, STORE_STATE_WAITING};
	enum err r = ERR_OK;

	v->stuck = ARENA_NEW_ARRAY(a, struct view_stuck, VIEW_STUCK);
	for (size_t s = 0; s < ARRAY_SIZE(states) && v->stuck && !r; s++) {
		/* a few places are left for those of another kind */
		const size_t rest = ARRAY_SIZE(states) - 1 - s;
		const struct look_filter filter = {.state = (int)states[s],
						   .limit = VIEW_STUCK - v->stuck_count - 3 * rest};
		struct look_documents got;

		r = look_documents(l, &filter, a, &got, e);
		for (size_t i = 0; i < got.count && !r; i++) {
			struct view_stuck *one = &v->stuck[v->stuck_count++];

			*one = (struct view_stuck){.document = got.rows[i]};
			read_evidence(l, a, one);
		}
		v->stuck_more |= !r && got.more;
		v->cut_short |= !r && got.cut_short;
	}
	return r;
}

/* ---- hosts that fail ---- */

static struct view_host *host_of(struct view *v, struct span host)
{
	for (size_t i = 0; i < v->host_count; i++)
		if (span_eq(v->hosts[i].host, host))
			return &v->hosts[i];
	if (v->host_count == VIEW_HOSTS) {
		v->hosts_more++;
		return NULL;
	}
	v->hosts[v->host_count] = (struct view_host){.host = host};
	return &v->hosts[v->host_count++];
}

/* The rows come with the worst first. A site's block has its name behind the prefix; what is a page's own
 * fault (404) says nothing of its host. */
static enum err read_hosts(struct look *l, struct arena *a, struct view *v, struct error *e)
{
	struct store_result *rows;
	size_t count;
	enum err r = look_failing(l, FAILING_ROWS, a, &rows, &count, e);

	v->hosts = ARENA_NEW_ARRAY(a, struct view_host, VIEW_HOSTS);
	for (size_t i = 0; i < count && v->hosts && !r; i++) {
		const struct store_result *row = &rows[i];
		struct span host = SPAN_NONE;
		struct view_host *one;
		struct url url;

		if (row->outcome == OUTCOME_PAGE || row->outcome == OUTCOME_NOT_HTML ||
		    row->outcome == OUTCOME_REFUSED || row->outcome == OUTCOME_TOO_LARGE ||
		    (row->outcome == OUTCOME_STATUS && row->status >= 400 && row->status < 500 &&
		     row->status != 429 && row->status != 408))
			continue;
		if (span_starts(row->url, SPAN(STORE_SITE_PREFIX)))
			host = span_sub(row->url, strlen(STORE_SITE_PREFIX), row->url.len);
		else if (!url_parse(row->url, NULL, a, &url, NULL))
			host = url.host;
		one = host.len ? host_of(v, host) : NULL;
		if (!one)
			continue;
		one->urls++;
		if (row->failures < one->failures)
			continue;
		one->failures = row->failures;
		one->failed_at = row->fetched_at;
		one->next_at = row->expires_at;
		one->url = row->url;
		one->why = row->error.len ? row->error : span_str(outcome_name(row->outcome));
	}
	return r;
}

static enum err read_feeds(struct look *l, struct arena *a, struct view *v, struct error *e)
{
	enum err r = look_polls(l, VIEW_FEEDS + 1, a, &v->feeds, &v->feed_count, e);

	v->feeds_more = v->feed_count > VIEW_FEEDS;
	v->feed_count = MIN(v->feed_count, (size_t)VIEW_FEEDS);
	return r;
}

static enum err read_last(struct look *l, struct arena *a, struct view *v, struct error *e)
{
	struct look_run *runs;
	size_t count;
	enum err r = look_runs(l, 5, a, &runs, &count, e);

	for (size_t i = 0; i < count && !r && !v->last.id; i++)
		if (runs[i].ended_at)
			v->last = runs[i];
	return r;
}

enum err view_read(struct look *l, const struct view_options *o, struct arena *a, struct view *ret,
		   struct error *e)
{
	enum err r;

	*ret = (struct view){.now = o->now, .live = o->live};
	r = look_roots(l, a, &ret->roots, &ret->root_count, e);
	if (!r)
		r = view_read_counts(l, a, &ret->counts, e);
	if (!r)
		r = read_last(l, a, ret, e);
	if (!r)
		r = read_stuck(l, a, ret, e);
	if (!r)
		r = read_hosts(l, a, ret, e);
	if (!r)
		r = read_feeds(l, a, ret, e);
	if (!r)
		r = read_cards(l, o, a, ret, e);
	if (!r && arena_failed(a))
		r = err_set(e, arena_failed(a), "%s", err_text(arena_failed(a)));
	return r;
}
