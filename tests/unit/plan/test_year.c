/* SPDX-License-Identifier: MIT */
/* A year of 100,000 documents in seconds: when each is due again, and the budget, on a clock that is passed
 * in.
 *
 * Half of them are from the five years before, the others are published through the year; 5,000 hosts, of
 * very different sizes, in 8 folders. A third of the articles change in their first days, one in fifty
 * changes always. The service is stopped for two weeks, started anew every hour for a day, and its clock
 * jumps to 2100 and back. */
#include "unit/rows.h"

#include "plan/due.h"

enum { DOCUMENTS = 100000, HOSTS = 5000, FOLDERS = 8, PER_HOUR = 3600, HOURS = 366 * 24 };

#define H (INT64_C(3600))
#define D (24 * H)
#define BEGIN (INT64_C(1800000000))

struct doc {
	int64_t published, due;
	unsigned host, folder, unchanged, looks;
	bool lively;
};

static struct doc docs[DOCUMENTS];
static unsigned heap[DOCUMENTS], heap_count; /* by due */

static uint64_t state = 88172645463325252u;

static uint64_t draw(uint64_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % n;
}

static bool sooner(unsigned a, unsigned b)
{
	return docs[a].due < docs[b].due;
}

static void push(unsigned d)
{
	size_t i = heap_count++;

	for (; i && sooner(d, heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = d;
}

static unsigned pop(void)
{
	unsigned top = heap[0], last = heap[--heap_count];
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < heap_count && sooner(heap[child + 1], heap[child]))
			child++;
		if (child >= heap_count || !sooner(heap[child], last))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = last;
	return top;
}

/* Found by a pass, fetched at `now`. */
static void fetched(unsigned n, int64_t now)
{
	struct doc *d = &docs[n];
	int64_t age = now - d->published;
	bool changed = d->lively || (n % 3 == 0 && age < 3 * D && d->looks && d->looks % 2);

	d->unchanged = changed || !d->looks ? 0 : d->unchanged + 1;
	d->looks++;
	d->due = due_page(&(struct due_facts){.now = now,
					      .published = n % 10 ? d->published : 0,
					      .unchanged = d->unchanged,
					      .seed = n * UINT64_C(0x9e3779b97f4a7c15)});
	push(n);
}

static void begin(void)
{
	for (unsigned n = 0; n < DOCUMENTS; n++) {
		struct doc *d = &docs[n];
		uint64_t h = draw(HOSTS);

		d->host = (unsigned)(h * h / HOSTS); /* the first ones are the big ones */
		d->folder = n % FOLDERS;
		d->lively = n % 50 == 0;
		d->published = n < DOCUMENTS / 2
				       ? BEGIN - (int64_t)draw(5 * 365 * 24 * 3600)
				       : BEGIN + (int64_t)((n - DOCUMENTS / 2) * 360 * D / (DOCUMENTS / 2));
	}
}

static unsigned hour_of[HOURS + 2], host_hour[HOSTS];

static void year(void **unused)
{
	static const int64_t STOP = 100 * D, START = 114 * D, RESTARTS = 150 * D, JUMP = 200 * D;
	struct due_budget b;
	uint64_t looks = 0, young = 0, most_hour = 0, most_host = 0, first_year = 0, firsts = 0;
	int64_t late_most = 0, backlog_over = 0;
	unsigned fresh = DOCUMENTS / 2, worst[FOLDERS] = {0};

	(void)unused;
	begin();
	/* what was there is imported at 10 documents a second, all in the first hours */
	for (unsigned n = 0; n < DOCUMENTS / 2; n++)
		fetched(n, BEGIN + n / 10);
	due_budget_init(&b, PER_HOUR, 0);
	for (int64_t t = 0; t < HOURS * H; t += 60) {
		int64_t now = BEGIN + t;
		bool jumped = t >= JUMP && t < JUMP + H;
		int64_t wall = jumped ? INT64_C(4102444800) : now; /* 2100 */
		size_t left;

		if (t % H == 0)
			memset(host_hour, 0, sizeof(host_hour));
		for (; fresh < DOCUMENTS && docs[fresh].published <= now && !jumped; fresh++)
			fetched(fresh, now); /* new ones do not wait */
		if (t >= STOP && t < START)
			continue;
		if (t >= RESTARTS && t < RESTARTS + D && t % H == 0)
			due_budget_init(&b, PER_HOUR, t * 1000);
		left = due_budget_left(&b, t * 1000);
		while (left && heap_count && docs[heap[0]].due <= wall) {
			unsigned n = pop();
			struct doc *d = &docs[n];
			int64_t late = now - d->due;

			left--;
			due_budget_take(&b, 1);
			looks++;
			young += now - d->published < 30 * D;
			hour_of[t / H]++;
			host_hour[d->host]++;
			most_host = MAX(most_host, (uint64_t)host_hour[d->host]);
			if (!jumped && (t < STOP || t > START + 3 * D) && t > D) {
				late_most = MAX(late_most, late);
				worst[d->folder] = MAX(worst[d->folder], (unsigned)MAX(late, 0));
			}
			if (late > H)
				backlog_over = t;
			fetched(n, jumped ? wall : now);
		}
		if (t == JUMP + H) /* store_correct_times() */
			for (unsigned i = 0; i < DOCUMENTS; i++)
				if (docs[i].due > now + 30 * D && docs[i].due > now + 400 * D)
					docs[i].due = now + (int64_t)(i * INT64_C(2654435761) % (30 * D));
		if (t == JUMP + H) {
			unsigned n = heap_count;

			heap_count = 0;
			for (unsigned i = 0; i < n; i++)
				push(heap[i]);
		}
	}
	for (unsigned i = 0; i < HOURS; i++)
		most_hour = MAX(most_hour, hour_of[i]);
	for (unsigned n = DOCUMENTS / 2; n < DOCUMENTS; n++)
		if (!docs[n].lively && n % 3 && n % 10 && docs[n].published < BEGIN + 30 * D) {
			first_year += docs[n].looks;
			firsts++;
		}
	printf("a year of %d documents: %llu looks (%llu of them at articles of the last 30 days), %.0f an "
	       "hour; at "
	       "most %llu in an hour (%d are allowed), %llu at one host; an article that never changes is "
	       "looked at %.1f "
	       "times in its first year; at most %lld s late, by folder %u to %u s; after two weeks off the "
	       "backlog is "
	       "gone in %lld h\n",
	       DOCUMENTS, (unsigned long long)looks, (unsigned long long)young, (double)looks / HOURS,
	       (unsigned long long)most_hour, PER_HOUR, (unsigned long long)most_host,
	       firsts ? (double)first_year / (double)firsts : 0, (long long)late_most, worst[0],
	       worst[FOLDERS - 1], (long long)((backlog_over - START) / H));
	assert_true(looks > DOCUMENTS && looks < 20 * DOCUMENTS);
	assert_true(most_hour <= PER_HOUR + PER_HOUR / 60);
	assert_true(late_most < H);
	for (unsigned i = 0; i < DOCUMENTS; i++)
		assert_true(docs[i].due < BEGIN + HOURS * H + 2 * 365 * D);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(year)};

	return cmocka_run_group_tests_name("due/year", tests, NULL, NULL);
}
