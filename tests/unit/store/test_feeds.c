/* SPDX-License-Identifier: MIT */
/* labels: threads */
#include "unit/store/harness.h"

#include "store/database.h"
#include "store/feeds.h"

#define URL_A SPAN("https://a.example/feed")
#define URL_B SPAN("https://b.example/feed")

struct answer {
	struct harness *h;
	struct store_poll polls[4];
	struct store_feed feed;
	struct store_item items[8];
	struct store_draft drafts[4];
	struct store_made made[4];
	struct store_unread unread;
	size_t count;
	bool failed, known;
	int64_t first_id;
	enum err result;
};

static void got_polls(void *arg, const struct store_poll *polls, size_t count)
{
	struct answer *a = arg;

	a->count = count;
	for (size_t i = 0; i < count && i < 4; i++) {
		a->polls[i] = polls[i];
		a->polls[i].url = harness_keep(a->h, polls[i].url);
		a->polls[i].etag = harness_keep(a->h, polls[i].etag);
		a->polls[i].reason = harness_keep(a->h, polls[i].reason);
	}
}

static void got_unread(void *arg, const struct store_unread *unread)
{
	struct answer *a = arg;

	a->unread = *unread;
	a->unread.body = harness_keep(a->h, unread->body);
	a->unread.type = harness_keep(a->h, unread->type);
}

static void got_feed(void *arg, bool failed, const struct store_feed *feed, const struct store_item *items,
		     size_t count)
{
	struct answer *a = arg;

	a->failed = failed;
	a->known = feed != NULL;
	a->count = count;
	if (feed) {
		a->feed = *feed;
		a->feed.address = harness_keep(a->h, feed->address);
	}
	for (size_t i = 0; i < count && i < 8; i++)
		a->items[i] = items[i];
}

static void got_drafts(void *arg, const struct store_draft *drafts, size_t count)
{
	struct answer *a = arg;

	a->count = count;
	for (size_t i = 0; i < count && i < 4; i++) {
		a->drafts[i] = drafts[i];
		a->drafts[i].draft = harness_keep(a->h, drafts[i].draft);
		a->drafts[i].root = harness_keep(a->h, drafts[i].root);
	}
}

static void got_made(void *arg, bool failed, const struct store_made *made, size_t count)
{
	struct answer *a = arg;

	a->failed = failed;
	a->count = count;
	for (size_t i = 0; i < count && i < 4; i++) {
		a->made[i] = made[i];
		a->made[i].path = harness_keep(a->h, made[i].path);
	}
}

static void got_ids(void *arg, enum err result, int64_t first_id, size_t count)
{
	struct answer *a = arg;

	a->result = result;
	a->first_id = first_id;
	a->count = count;
}

static void polls(struct harness *h)
{
	struct answer a = {.h = h};
	struct store_poll p = {.url = URL_B,
			       .etag = SPAN("W/\"x\""),
			       .next_at = INT64_MAX,
			       .failures = 3,
			       .reason = SPAN("because"),
			       .gap = 4000000000u,
			       .skip_hours = 0x800001,
			       .skip_days = 0x41};
	const struct store_unread unread = {URL_B, SPAN("text/xml"), SPAN("<rss>\0</rss>")};

	assert_int_equal(store_put_poll(h->s, &p), ERR_OK);
	p.url = URL_A;
	p.etag = SPAN_NONE;
	assert_int_equal(store_put_poll(h->s, &p), ERR_OK);
	assert_int_equal(store_put_unread(h->s, URL_B, &unread), ERR_OK);
	harness_reopen(h);
	assert_int_equal(store_get_polls(h->s, got_polls, &a), ERR_OK);
	assert_int_equal(store_get_unread(h->s, URL_B, got_unread, &a), ERR_OK);
	harness_wait(h);
	assert_int_equal(a.count, 2);
	assert_true(span_eq(a.polls[0].url, URL_A) && !a.polls[0].etag.ptr && !a.polls[0].unread);
	assert_true(span_eq(a.polls[1].etag, SPAN("W/\"x\"")) && a.polls[1].unread);
	assert_int_equal(a.polls[1].next_at, INT64_MAX);
	assert_int_equal(a.polls[1].gap, 4000000000u);
	assert_int_equal(a.polls[1].skip_hours, 0x800001);
	assert_true(span_eq(a.unread.body, unread.body) && span_eq(a.unread.type, unread.type));
	assert_int_equal(store_put_unread(h->s, URL_B, NULL), ERR_OK);
	assert_int_equal(store_get_unread(h->s, URL_B, got_unread, &a), ERR_OK);
	harness_wait(h);
	assert_null(a.unread.body.ptr);
}

/* Two new documents and three entries, of which two point to the first. */
static void put_round(struct answer *a, struct span url)
{
	const struct store_item items[] = {{.id = UINT64_MAX,
					    .link = 7,
					    .title = 1,
					    .date = -5,
					    .generic = true,
					    .first_at = 100,
					    .document = -1},
					   {.id = 2,
					    .link = 8,
					    .shallow = true,
					    .first_at = 100,
					    .fate = STORE_FATE_SAME,
					    .document = -1},
					   {.id = 3, .first_at = 100, .document = -2}};
	const struct store_draft drafts[] = {
		{.link = 7, .root = ROOT, .deadline = 200, .draft = SPAN("{\"a\":1}")},
		{.link = 9, .root = ROOT, .deadline = 300, .draft = SPAN("{}")}};
	const struct store_round round = {
		.feed = {.url = url, .first_at = 100, .ignore_ids = true, .move_target = UINT64_MAX},
		.items = items,
		.item_count = 3,
		.drafts = drafts,
		.draft_count = 2};

	assert_int_equal(store_put_round(a->h->s, &round, got_ids, a), ERR_OK);
	harness_wait(a->h);
	assert_int_equal(a->result, ERR_OK);
}

static void rounds(struct harness *h)
{
	struct answer a = {.h = h};
	struct store_item changed;
	const uint64_t links[] = {9, 7, 0, 12345};
	int64_t first;

	assert_int_equal(store_get_feed(h->s, URL_A, got_feed, &a), ERR_OK);
	harness_wait(h);
	assert_false(a.known || a.failed);
	put_round(&a, URL_A);
	first = a.first_id;
	assert_int_equal(a.count, 2);
	harness_reopen(h);
	assert_int_equal(store_get_feed(h->s, URL_A, got_feed, &a), ERR_OK);
	harness_wait(h);
	assert_true(a.known && a.feed.ignore_ids && !a.feed.ignore_links && a.feed.move_target == UINT64_MAX);
	assert_int_equal(a.count, 3);
	assert_true(a.items[0].id == UINT64_MAX && a.items[0].generic && a.items[0].date == -5);
	assert_true(a.items[1].shallow && a.items[1].fate == STORE_FATE_SAME);
	assert_int_equal(a.items[0].document, first);
	assert_int_equal(a.items[1].document, first);
	assert_int_equal(a.items[2].document, first + 1);

	/* one entry is changed, one seen again, the feed has moved; its first day stays */
	changed = a.items[0];
	changed.title = 99;
	const int64_t seen[] = {a.items[2].row};
	const struct store_round more = {
		.feed = {.url = URL_A, .first_at = 999, .address = URL_B, .gone_at = 5},
		.items = &changed,
		.item_count = 1,
		.seen = seen,
		.seen_count = 1,
		.now = 777};

	assert_int_equal(store_put_round(h->s, &more, got_ids, &a), ERR_OK);
	assert_int_equal(store_get_feed(h->s, URL_A, got_feed, &a), ERR_OK);
	harness_wait(h);
	assert_int_equal(a.count, 3);
	assert_int_equal(a.feed.first_at, 100);
	assert_true(span_eq(a.feed.address, URL_B) && a.feed.gone_at == 5 && !a.feed.ignore_ids);
	assert_int_equal(a.items[0].title, 99);
	assert_int_equal(a.items[2].seen_at, 777);

	/* drafts stay until they are made */
	assert_int_equal(store_get_drafts(h->s, got_drafts, &a), ERR_OK);
	harness_wait(h);
	assert_int_equal(a.count, 2);
	assert_true(a.drafts[0].id == first && span_eq(a.drafts[0].draft, SPAN("{\"a\":1}")));
	assert_int_equal(store_draft_made(h->s, first, SPAN("x/a.md"), &(struct store_likeness){71, 72}, 888),
			 ERR_OK);
	assert_int_equal(store_get_drafts(h->s, got_drafts, &a), ERR_OK);
	harness_wait(h);
	assert_int_equal(a.count, 1);
	assert_int_equal(store_find_made(h->s, links, 4, got_made, &a), ERR_OK);
	harness_wait(h);
	assert_int_equal(a.count, 4);
	assert_true(a.made[0].id == first + 1 && !a.made[0].path.ptr);
	assert_true(a.made[1].id == first && span_eq(a.made[1].path, SPAN("x/a.md")));
	assert_int_equal(a.made[2].id, 0);
	assert_int_equal(a.made[3].id, 0);

	/* alike: by address at any time, by words within a window; 0 is like nothing */
	static const struct {
		struct store_likeness like;
		int64_t since;
		bool found;
	} asks[] = {{{71, 0}, 999, true},  {{7, 0}, 999, true}, {{0, 72}, 888, true},
		    {{0, 72}, 889, false}, {{70, 0}, 0, false}, {{0, 0}, 0, false}};

	for (size_t i = 0; i < ARRAY_SIZE(asks); i++) {
		assert_int_equal(store_find_similar(h->s, &asks[i].like, asks[i].since, got_made, &a),
				 ERR_OK);
		harness_wait(h);
		assert_int_equal(a.made[0].id, asks[i].found ? first : 0);
	}
}

static void refused(struct harness *h)
{
	struct answer a = {.h = h};
	const struct store_item bad = {.fate = STORE_FATE_COUNT};
	const struct store_round nameless = {.feed = {.first_at = 1}},
				 fateless = {.feed = {.url = URL_A}, .items = &bad, .item_count = 1};
	const struct store_poll poll = {.next_at = 1};

	assert_int_equal(store_put_round(h->s, &nameless, got_ids, &a), ERR_INVALID);
	assert_int_equal(store_put_round(h->s, &fateless, got_ids, &a), ERR_INVALID);
	assert_int_equal(store_put_poll(h->s, &poll), ERR_INVALID);
	assert_int_equal(store_get_feed(h->s, SPAN(""), got_feed, &a), ERR_INVALID);
}

/* Files as the version before feeds left them. */
static void upgraded(struct harness *h)
{
	struct schema cache = schema_cache, memory = schema_memory;
	struct answer a = {.h = h};
	struct database d = {0};
	struct error e;

	harness_close(h);
	harness_empty(h, false);
	cache.step_count = 3;
	memory.step_count = 1;
	assert_int_equal(database_open(&d, &cache, h->folder, true, &e), ERR_OK);
	assert_int_equal(database_exec(&d, "INSERT INTO complaint VALUES (12)", &e), ERR_OK);
	database_close(&d);
	assert_int_equal(database_open(&d, &memory, h->folder, true, &e), ERR_OK);
	assert_int_equal(database_exec(&d, "INSERT INTO run (begun_at) VALUES (1)", &e), ERR_OK);
	database_close(&d);
	assert_int_equal(harness_open(h), ERR_OK);
	put_round(&a, URL_A);
	assert_int_equal(store_put_poll(h->s, &(struct store_poll){.url = URL_A}), ERR_OK);
	assert_int_equal(store_get_complaints(h->s, harness_got_complaints, h), ERR_OK);
	harness_wait(h);
	assert_int_equal(h->count, 1);
	assert_int_equal(h->keys[0], 12);
}

static const struct row {
	const char *name;
	void (*run)(struct harness *h);
} rows[] = {
	{"polls and what is unread", polls},
	{"a round: entries, drafts, what became of them", rounds},
	{"what is refused", refused},
	{"files of the version before", upgraded},
};

static void run(void **state)
{
	const struct row *row = *state;
	struct harness *h = harness_opened();

	row->run(h);
	harness_free(h);
}

int main(void)
{
	return RUN_ROWS("store/feeds", rows, run);
}
