/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include <time.h>

#include "http/pace.h"

static const struct pace_options wide = {.transfers = 100};

static struct pace *make(const struct pace_options *o)
{
	struct pace *p = NULL;

	assert_int_equal(pace_new(o, &p), ERR_OK);
	return p;
}

static void add(struct pace *p, struct pace_item *i, const char *site, unsigned gap, unsigned connections,
		int64_t now)
{
	assert_int_equal(pace_add(p, i, span_str(site), gap, connections, now), ERR_OK);
}

static void keeps_the_gap(void **state)
{
	(void)state;
	struct pace *p = make(&wide);
	struct pace_item a[3] = {0};

	for (int i = 0; i < 3; i++)
		add(p, &a[i], "a.example", 1000, 2, 0);
	assert_ptr_equal(pace_next(p, 0), &a[0]);
	assert_null(pace_next(p, 0));
	assert_in_range(pace_due(p, 0), 1000, 1125);
	assert_null(pace_next(p, 999));
	assert_ptr_equal(pace_next(p, 1125), &a[1]);
	/* two run: the third waits for an end however late it is */
	assert_null(pace_next(p, 9000));
	assert_int_equal(pace_due(p, 9000), PACE_NEVER);
	assert_false(pace_done(p, &a[0], PACE_ANSWERED, 9000));
	assert_ptr_equal(pace_next(p, 9000), &a[2]);
	pace_remove(p, &a[1], 9000);
	pace_remove(p, &a[2], 9000);
	assert_int_equal(pace_counts(p).running, 0);
	pace_free(p);
}

static void keeps_the_window(void **state)
{
	(void)state;
	struct pace_options o = {.transfers = 3, .starting = 2};
	struct pace *p = make(&o);
	struct pace_item a[5] = {0};
	char name[2] = "a";

	for (int i = 0; i < 5; i++, name[0]++)
		add(p, &a[i], name, 1000, 2, 0);
	assert_ptr_equal(pace_next(p, 0), &a[0]);
	assert_ptr_equal(pace_next(p, 0), &a[1]);
	assert_null(pace_next(p, 0)); /* two look up names */
	pace_resolved(p, &a[0]);
	pace_resolved(p, &a[0]);
	assert_ptr_equal(pace_next(p, 0), &a[2]);
	pace_resolved(p, &a[1]);
	assert_null(pace_next(p, 0)); /* three run */
	pace_done(p, &a[2], PACE_ANSWERED, 5);
	assert_ptr_equal(pace_next(p, 5), &a[3]);
	assert_int_equal(pace_counts(p).queued, 1);
	pace_free(p);
}

static void blocks_a_site(void **state)
{
	(void)state;
	struct pace *p = make(&wide);
	struct pace_item a[2] = {0}, b = {0};

	add(p, &a[0], "a.example", 10, 2, 0);
	add(p, &a[1], "a.example", 10, 2, 0);
	assert_ptr_equal(pace_next(p, 0), &a[0]);
	pace_block(p, SPAN("a.example"), 60000, 0);
	pace_block(p, SPAN("a.example"), 30000, 0); /* the later one stays */
	assert_int_equal(pace_ready_at(a[1].site), 60000);
	add(p, &b, "b.example", 10, 2, 5);
	assert_ptr_equal(pace_next(p, 100), &b);
	assert_null(pace_next(p, 59999));
	assert_ptr_equal(pace_first(a[1].site), &a[1]);
	assert_ptr_equal(pace_any(p), &a[1]);
	assert_ptr_equal(pace_next(p, 60000), &a[1]);
	/* a block without a queue is remembered */
	pace_block(p, SPAN("c.example"), 99999, 60000);
	pace_done(p, &b, PACE_ANSWERED, 60000);
	add(p, &b, "c.example", 10, 2, 60000);
	assert_int_equal(pace_due(p, 60000), 99999);
	pace_free(p);
}

/* Silence while nobody answers is nobody's fault, or not known to be: it is struck less, and forgiven. */
static void acquits(void **state)
{
	(void)state;
	struct pace *p = make(&wide);
	struct pace_item a = {0}, b = {0}, c = {0};
	int64_t now = 100000;

	add(p, &a, "a.example", 0, 2, now);
	add(p, &b, "b.example", 0, 2, now);
	add(p, &c, "c.example", 0, 2, now);
	assert_ptr_equal(pace_next(p, now), &a);
	pace_done(p, &a, PACE_ANSWERED, now);
	add(p, &a, "a.example", 0, 2, now);
	/* somebody has answered just now: its own */
	for (int i = 0; i < 100; i++)
		pace_strike_silent(p, SPAN("b.example"), 2, now + 60000);
	assert_int_equal(pace_ready_at(b.site), now + 60000 + 4 * 3600 * 1000);
	/* nobody has for a minute; a server that fails is not silent */
	now += 60001;
	for (int i = 0; i < 100; i++)
		pace_strike_silent(p, SPAN("a.example"), 2, now);
	assert_int_equal(pace_ready_at(a.site), now + 10 * 60 * 1000);
	pace_strike_silent(p, SPAN("c.example"), 0, now);
	assert_int_equal(pace_ready_at(c.site), now + 60000);
	pace_strike(p, SPAN("c.example"), 0, now);
	assert_int_equal(pace_ready_at(c.site), now + 120000);
	assert_null(pace_next(p, now));
	now += 10 * 60 * 1000;
	assert_ptr_equal(pace_next(p, now), &c);
	pace_done(p, &c, PACE_ANSWERED, now);
	assert_true(pace_ready_at(a.site) <= now);
	assert_int_equal(pace_ready_at(b.site), 100000 + 60000 + 4 * 3600 * 1000);
	/* and it begins anew */
	pace_strike_silent(p, SPAN("a.example"), 0, now);
	assert_int_equal(pace_ready_at(a.site), now + 60000);
	pace_free(p);
}

static void strikes_out(void **state)
{
	(void)state;
	struct pace *p = make(&wide);
	struct pace_item a = {0};

	add(p, &a, "a.example", 0, 2, 1);
	pace_strike(p, SPAN("a.example"), 2, 1);
	pace_strike(p, SPAN("a.example"), 2, 1);
	assert_int_equal(pace_ready_at(a.site), 1);
	pace_strike(p, SPAN("a.example"), 2, 1);
	assert_int_equal(pace_ready_at(a.site), 60001);
	pace_strike(p, SPAN("a.example"), 2, 1);
	assert_int_equal(pace_ready_at(a.site), 120001);
	for (int i = 0; i < 100; i++)
		pace_strike(p, SPAN("a.example"), 2, 1);
	assert_int_equal(pace_ready_at(a.site), 4 * 3600 * 1000 + 1);
	pace_block(p, SPAN("a.example"), 14400001, 1);
	pace_calm(p, SPAN("a.example"), 1);
	pace_strike(p, SPAN("a.example"), 2, 1);
	assert_int_equal(pace_ready_at(a.site), 14400001);
	pace_window(p, 0);
	assert_null(pace_next(p, 14400001));
	assert_int_equal(pace_due(p, 14400001), PACE_NEVER);
	pace_window(p, 1);
	assert_ptr_equal(pace_next(p, 14400001), &a);
	pace_free(p);
}

static void takes_turns(void **state)
{
	(void)state;
	struct pace_options o = {.transfers = 1};
	struct pace *p = make(&o);
	static struct pace_item big[1000];
	struct pace_item small[5] = {0};
	int starts = 0, left = 5;
	char name[2] = "a";

	for (size_t i = 0; i < ARRAY_SIZE(big); i++)
		add(p, &big[i], "big.example", 0, 2, 0);
	for (int i = 0; i < 5; i++, name[0]++)
		add(p, &small[i], name, 0, 2, 0);
	for (struct pace_item *item; left && (item = pace_next(p, starts)); starts++) {
		left -= item < big || item >= big + ARRAY_SIZE(big);
		pace_done(p, item, PACE_ANSWERED, starts);
	}
	assert_int_equal(left, 0);
	assert_in_range(starts, 5, 7);
	pace_free(p);
}

static void removes_from_the_middle(void **state)
{
	(void)state;
	struct pace *p = make(&wide);
	struct pace_item a[4] = {0};

	for (int i = 0; i < 4; i++)
		add(p, &a[i], "a.example", 0, 9, 0);
	pace_remove(p, &a[1], 0);
	pace_remove(p, &a[1], 0);
	pace_remove(p, &a[3], 0);
	assert_ptr_equal(pace_next(p, 0), &a[0]);
	assert_ptr_equal(pace_next(p, 0), &a[2]);
	assert_null(pace_next(p, 0));
	assert_int_equal(pace_due(p, 0), PACE_NEVER);
	add(p, &a[3], "a.example", 0, 9, 1);
	assert_ptr_equal(pace_next(p, 1), &a[3]);
	pace_free(p);
}

static void notices_a_dead_network(void **state)
{
	(void)state;
	struct pace_options o = {
		.transfers = 100, .down_sites_first = 3, .down_sites = 5, .down_pause_ms = 1000};
	struct pace *p = make(&o);
	static struct pace_item a[40];
	char name[16];
	struct pace_item *probes[4];

	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		add(p, &a[i], name, 0, 2, 0);
	}
	for (int i = 0; i < 10; i++)
		assert_ptr_equal(pace_next(p, 0), &a[i]);
	assert_true(pace_done(p, &a[0], PACE_SILENT, 10));
	add(p, &a[0], "s0", 0, 2, 10);
	assert_true(pace_done(p, &a[1], PACE_SILENT, 10));
	assert_false(pace_is_down(p));
	assert_true(pace_done(p, &a[2], PACE_SILENT, 10));
	assert_true(pace_is_down(p));
	assert_int_equal(pace_paused_until(p), 1010);
	for (int i = 3; i < 10; i++)
		assert_true(pace_done(p, &a[i], PACE_SILENT, 20));
	assert_int_equal(pace_paused_until(p), 1010);
	assert_null(pace_next(p, 1009));
	assert_int_equal(pace_due(p, 1009), 1010);
	for (int i = 0; i < 3; i++)
		assert_non_null(probes[i] = pace_next(p, 1010));
	assert_null(pace_next(p, 1010));
	assert_true(pace_done(p, probes[0], PACE_SILENT, 1100));
	assert_int_equal(pace_paused_until(p), 3100);
	/* one answer, and all is well; what started before it and fails after it is to blame itself */
	assert_false(pace_done(p, probes[1], PACE_ANSWERED, 1200));
	assert_false(pace_is_down(p));
	assert_false(pace_done(p, probes[2], PACE_SILENT, 1300));
	/* now it takes five */
	for (int i = 0; i < 5; i++) {
		assert_false(pace_is_down(p));
		assert_non_null(probes[0] = pace_next(p, 1300));
		assert_true(pace_done(p, probes[0], PACE_SILENT, 1300));
	}
	assert_true(pace_is_down(p));
	pace_free(p);
}

static void one_dead_site_is_not_the_network(void **state)
{
	(void)state;
	struct pace_options o = {.transfers = 9, .down_sites_first = 2, .down_sites = 2, .down_pause_ms = 9};
	struct pace *p = make(&o);
	struct pace_item a = {0};

	for (int i = 0; i < 50; i++) {
		add(p, &a, "dead.example", 0, 2, i);
		assert_ptr_equal(pace_next(p, i), &a);
		assert_true(pace_done(p, &a, PACE_SILENT, i));
	}
	assert_false(pace_is_down(p));
	pace_free(p);
}

static void forgets_idle_sites(void **state)
{
	(void)state;
	struct pace *p = make(&wide);
	struct pace_item a = {0}, keep = {0};
	char name[16];

	add(p, &keep, "keep.example", 10, 1, 0);
	pace_block(p, SPAN("keep.example"), (int64_t)1 << 60, 0);
	for (int i = 0; i < 200000; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		add(p, &a, name, 10, 1, (int64_t)i * 60000);
		assert_ptr_equal(pace_next(p, (int64_t)i * 60000), &a);
		pace_done(p, &a, PACE_ANSWERED, (int64_t)i * 60000);
	}
	assert_in_range(pace_counts(p).sites, 1, 3000);
	assert_int_equal(pace_ready_at(keep.site), (int64_t)1 << 60);
	pace_free(p);
}

/* ---- a large run on a clock of its own ---- */

enum { URLS = 100000, SITES = 5000, WINDOW = 256, STARTING = 64, GAP = 1000 };

struct sim {
	struct pace_item item;
	int site;
	int64_t ends;
};

static uint64_t draw(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

static struct sim *at_end[WINDOW]; /* running, unordered */

static void simulates_a_large_run(void **state)
{
	(void)state;
	struct pace_options o = {.transfers = WINDOW, .starting = STARTING};
	struct pace *p = make(&o);
	static struct sim sims[URLS];
	static int64_t last[SITES];
	static int at_once[SITES], per_site[SITES];
	uint64_t seed = 7;
	int running = 0, done = 0, most = 0, widest = 0;
	int64_t now = 0;
	char name[32];
	clock_t cpu = clock();

	for (int i = 0; i < SITES; i++)
		last[i] = INT64_MIN / 2;
	for (int i = 0; i < URLS; i++) {
		/* a few sites have most */
		sims[i].site = (int)(draw(&seed) % (draw(&seed) % SITES + 1));
		snprintf(name, sizeof(name), "site%d.example", sims[i].site);
		per_site[sims[i].site]++;
		most = MAX(most, per_site[sims[i].site]);
		add(p, &sims[i].item, name, GAP, 2, 0);
	}
	while (done < URLS) {
		for (struct pace_item *item; (item = pace_next(p, now));) {
			struct sim *s = CONTAINER_OF(item, struct sim, item);

			assert_true(now - last[s->site] >= GAP);
			last[s->site] = now;
			assert_true(++at_once[s->site] <= 2);
			assert_true(running < WINDOW);
			pace_resolved(p, item);
			s->ends = now + 20 + (int64_t)(draw(&seed) % 3000);
			at_end[running++] = s;
		}
		widest = MAX(widest, running);
		int64_t next = pace_due(p, now);

		for (int i = 0; i < running; i++)
			next = MIN(next, at_end[i]->ends);
		assert_true(next > now && next < PACE_NEVER);
		now = next;
		for (int i = 0; i < running; i++)
			if (at_end[i]->ends <= now) {
				at_once[at_end[i]->site]--;
				pace_done(p, &at_end[i]->item, PACE_ANSWERED, now);
				at_end[i--] = at_end[--running];
				done++;
			}
	}
	cpu = clock() - cpu;
	print_message("%d URLs of %d sites: %lld simulated s (largest site %d), %.2f s CPU\n", URLS, SITES,
		      (long long)now / 1000, most, (double)cpu / CLOCKS_PER_SEC);
	assert_int_equal(widest, WINDOW);
	assert_int_equal(pace_counts(p).queued + pace_counts(p).running, 0);
	/* no slower than the largest site and the window allow, and a quarter */
	assert_true(now < (int64_t)MAX(most * 2000, URLS / WINDOW * 1520) * 5 / 4);
	pace_free(p);
}

static void begins_gently(void **state)
{
	(void)state;
	enum { CROWD = 400 };
	struct pace_options o = {.transfers = CROWD, .ramp = true};
	struct pace *p = make(&o);
	static struct pace_item a[CROWD + 2];
	int64_t now = 0;
	size_t started = 0;

	memset(a, 0, sizeof(a));
	for (int i = 0; i < CROWD; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "%d.example", i);
		add(p, &a[i], name, 0, 2, now);
	}
	for (; started < CROWD; now += 10) {
		assert_in_range(pace_due(p, now), 0, now + 10);
		while (pace_next(p, now))
			started++;
		assert_true(started <= 16 + (size_t)(now * now) * 256 / 1000000);
	}
	assert_in_range(now, 1000, 1400); /* 16 + 256 t^2 is 400 after 1.22 s */
	/* one that is on the ramp already is not held up, nor is a new one after a rest */
	for (int i = 0; i < CROWD; i++)
		pace_done(p, &a[i], PACE_ANSWERED, now);
	add(p, &a[CROWD], "7.example", 0, 2, now);
	assert_non_null(pace_next(p, now));
	add(p, &a[CROWD + 1], "new.example", 0, 2, now + 10000);
	assert_non_null(pace_next(p, now + 10000));
	pace_remove(p, &a[CROWD], now + 10000);
	pace_remove(p, &a[CROWD + 1], now + 10000);
	pace_free(p);
}

/* When each of two runs asks ten sites first. */
static void first_starts(uint64_t seed, unsigned gap, int64_t at[10])
{
	struct pace_options o = {.transfers = 10, .spread_ms = 1000, .seed = seed};
	struct pace *p = make(&o);
	struct pace_item a[10] = {0};

	for (int i = 0; i < 10; i++)
		add(p, &a[i], (const char[]){(char)('a' + i), 0}, gap, 1, 0);
	for (int64_t now = 0; now < 1000; now++)
		for (struct pace_item *i; (i = pace_next(p, now));)
			at[i - a] = now;
	assert_int_equal(pace_counts(p).queued, 0);
	pace_free(p);
}

static void is_not_in_step(void **state)
{
	int64_t one[10], two[10], early = 0, same = 0;

	(void)state;
	first_starts(1, 60000, one);
	first_starts(2, 60000, two);
	for (int i = 0; i < 10; i++) {
		early += one[i] < 200;
		same += one[i] == two[i];
	}
	assert_in_range(early, 0, 6);
	assert_in_range(same, 0, 2);
	first_starts(1, 0, one); /* no gap, no waiting */
	for (int i = 0; i < 10; i++)
		assert_int_equal(one[i], 0);
}

/* What people are told of queues: those with most first, and why they wait. */
static void shows_its_queues(void **state)
{
	struct pace_item a[3] = {0}, b[2] = {0}, c = {0}, d[4] = {0};
	struct pace *p = make(&wide);
	struct pace_look looks[3];

	(void)state;
	assert_int_equal(pace_look(p, 0, looks, 3), 0);
	for (int i = 0; i < 3; i++)
		add(p, &a[i], "a.example", 1000, 2, 0);
	for (int i = 0; i < 2; i++)
		add(p, &b[i], "b.example", 1000, 1, 0);
	for (int i = 0; i < 4; i++)
		add(p, &d[i], "d.example", 0, 9, 0);
	add(p, &c, "c.example", 0, 1, 0);
	pace_block(p, SPAN("d.example"), 5000, 0);
	pace_strike(p, SPAN("c.example"), 0, 0);
	pace_block(p, SPAN("idle.example"), 7000, 0);
	assert_ptr_equal(pace_next(p, 0), &a[0]);
	assert_ptr_equal(pace_next(p, 0), &b[0]);
	assert_int_equal(pace_look(p, 1, looks, 3), 5);
	assert_true(span_eq_str(looks[0].site, "d.example"));
	assert_int_equal(looks[0].queued, 4);
	assert_int_equal(looks[0].why, PACE_WAITS_BLOCK);
	assert_int_equal(looks[0].ready, 5000);
	assert_true(span_eq_str(looks[1].site, "a.example"));
	assert_int_equal(looks[1].queued, 2);
	assert_int_equal(looks[1].running, 1);
	assert_int_equal(looks[1].why, PACE_WAITS_GAP);
	assert_in_range(looks[1].ready, 1000, 1125);
	/* of those with one each whichever came first; the struck one has none before it */
	assert_int_equal(looks[2].queued, 1);
	assert_int_equal(looks[2].why,
			 span_eq_str(looks[2].site, "b.example") ? PACE_WAITS_CONNECTION : PACE_WAITS_STRUCK);
	/* nothing is queued there, and nothing runs: told while it is blocked */
	pace_remove(p, &a[1], 1);
	assert_int_equal(pace_look(p, 6999, looks, 3), 5);
	assert_int_equal(pace_look(p, 7000, looks, 3), 4);
	pace_free(p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_gap),
		cmocka_unit_test(begins_gently),
		cmocka_unit_test(is_not_in_step),
		cmocka_unit_test(keeps_the_window),
		cmocka_unit_test(blocks_a_site),
		cmocka_unit_test(strikes_out),
		cmocka_unit_test(acquits),
		cmocka_unit_test(takes_turns),
		cmocka_unit_test(removes_from_the_middle),
		cmocka_unit_test(notices_a_dead_network),
		cmocka_unit_test(one_dead_site_is_not_the_network),
		cmocka_unit_test(forgets_idle_sites),
		cmocka_unit_test(simulates_a_large_run),
		cmocka_unit_test(shows_its_queues),
	};

	return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
