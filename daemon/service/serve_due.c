/* SPDX-License-Identifier: MIT */
/* serve_due.c - documents whose time has come, within the budget, each content folder in its turn.
 *
 * The state knows when each is due; here is one timer, set for the first of them. What is handed out stays
 * due in the state until it has been worked on, so each folder has a place in the order of times, behind
 * which nothing is looked for again before the next walk over all. */
#include "serve_inner.h"

#include "plan/due.h"

enum {
	AT_ONCE_MAX = 256,
	LOOK_MIN_MS = 1000,
	LOOK_MAX_MS = 3600 * 1000,
	BUSY_MS = 10 * 1000,
	BUSY_TASKS = 5000, /* then what is due can wait */
	JUMP_SECONDS = 24 * 3600,
	CORRECT_SECONDS = 30 * 24 * 3600,
};

struct folder_due {
	struct serve *serve;
	struct root *root;
	int64_t after_at, next;
	char *after_path; /* NULL: from the beginning */
	size_t taken;
};

struct serve_due {
	struct due_budget budget;
	struct folder_due *folders;
	size_t count, turn, asked; /* asked: answers of the state that are awaited */
	size_t share;              /* of each in this look */
	bool again;
	int64_t drift; /* wall clock less uv_now(), seconds */
};

static void look(uv_timer_t *h);

static void look_in(struct serve *s, int64_t ms)
{
	if (!s->ending && s->state != SERVE_STOPPING)
		uv_timer_start(&s->due_timer, look, (uint64_t)MIN(MAX(ms, (int64_t)LOOK_MIN_MS), LOOK_MAX_MS),
			       0);
}

static void rewind_all(struct serve_due *d)
{
	for (size_t i = 0; i < d->count; i++) {
		free(d->folders[i].after_path);
		d->folders[i].after_path = NULL;
		d->folders[i].after_at = 0;
	}
}

/* All folders have answered. */
static void plan_next(struct serve *s)
{
	struct serve_due *d = s->due;
	int64_t now = clock_now(), next = INT64_MAX, ms;
	bool more = false;

	for (size_t i = 0; i < d->count; i++) {
		more |= d->folders[i].next <= now;
		next = MIN(next, d->folders[i].next);
	}
	if (more)
		ms = due_budget_wait(&d->budget, MIN(d->budget.per_hour / 60, (uint64_t)AT_ONCE_MAX),
				     (int64_t)uv_now(s->session.loop));
	else if (next < INT64_MAX)
		ms = next - now < LOOK_MAX_MS / 1000 ? (next - now) * 1000 : LOOK_MAX_MS;
	else if (!d->again)
		return; /* nothing is due, ever, as things stand: idle() looks again */
	else
		ms = 0;
	d->again = false;
	look_in(s, ms);
}

static void are_due(void *arg, const struct store_due *rows, size_t count, int64_t next)
{
	struct folder_due *f = arg;
	struct serve *s = f->serve;
	struct serve_due *d = s->due;

	f->next = next;
	for (size_t i = 0; i < count && !s->ending; i++) {
		char *path = i + 1 == count ? strndup(rows[i].path.ptr, rows[i].path.len) : NULL;

		if (pass_add(s->pass, f->root, rows[i].path, PASS_DUE))
			break;
		if (path) {
			free(f->after_path);
			f->after_path = path;
			f->after_at = rows[i].due_at;
		}
	}
	due_budget_take(&d->budget, count);
	if (!--d->asked && !s->ending)
		plan_next(s);
}

/* The clock ran while we did not, or was set. What was put down by one that ran ahead would wait for years.
 */
static void watch_clock(struct serve *s)
{
	struct serve_due *d = s->due;
	int64_t drift = clock_now() - (int64_t)(uv_now(s->session.loop) / 1000);

	if (due_clock_is_wrong(clock_now()))
		return; /* what was put down by one that was right stays */
	if (d->drift - drift > JUMP_SECONDS) {
		rewind_all(d);
		if (store_correct_times(s->session.store, clock_now(), CORRECT_SECONDS, NULL, NULL))
			return; /* seen again at the next look */
	}
	d->drift = drift;
}

static void look(uv_timer_t *h)
{
	struct serve *s = CONTAINER_OF(h, struct serve, due_timer);
	struct serve_due *d = s->due;
	uint64_t running, queued, to_do;
	size_t left;

	if (d->asked || s->ending)
		return;
	pass_progress(s->pass, &running, &queued, &to_do);
	watch_clock(s);
	left = due_budget_left(&d->budget, (int64_t)uv_now(s->session.loop));
	if (to_do > BUSY_TASKS || due_clock_is_wrong(clock_now())) {
		look_in(s, BUSY_MS);
		return;
	}
	if (!left) {
		look_in(s, due_budget_wait(&d->budget, 1, (int64_t)uv_now(s->session.loop)));
		return;
	}
	left = MIN(left, (size_t)AT_ONCE_MAX);
	/* with less than one for each, they take turns */
	size_t folders = MIN(d->count, left), share = left / folders;

	for (size_t i = 0; i < folders; i++) {
		struct folder_due *f = &d->folders[d->turn];
		const struct store_due after = {f->after_at, span_str(f->after_path)};

		d->turn = (d->turn + 1) % d->count;
		f->next = INT64_MAX;
		if (f->root->gone)
			continue;
		d->asked++;
		if (store_get_due(s->session.store, span_str(f->root->path), &after, clock_now(), share,
				  are_due, f))
			d->asked--;
	}
	if (!d->asked)
		look_in(s, BUSY_MS);
}

void serve_due_look(struct serve *s)
{
	uint64_t in =
		uv_is_active((uv_handle_t *)&s->due_timer) ? uv_timer_get_due_in(&s->due_timer) : UINT64_MAX;

	s->due->again = true;
	if (!s->due->asked && in > LOOK_MIN_MS)
		look_in(s, 0);
}

void serve_due_rewind(struct serve *s)
{
	rewind_all(s->due);
	serve_due_look(s);
}

enum err serve_due_open(struct serve *s, struct error *e)
{
	struct serve_due *d = calloc(1, sizeof(*d));

	if (d)
		d->folders = calloc(s->roots->count, sizeof(*d->folders));
	if (!d || !d->folders) {
		free(d);
		return err_set(e, ERR_NOMEM, "out of memory");
	}
	d->count = s->roots->count;
	for (size_t i = 0; i < d->count; i++)
		d->folders[i] = (struct folder_due){.serve = s, .root = &s->roots->at[i], .next = INT64_MAX};
	s->due = d;
	due_budget_init(&d->budget, s->config->budget, (int64_t)uv_now(s->session.loop));
	d->drift = clock_now() - (int64_t)(uv_now(s->session.loop) / 1000);
	return ERR_OK;
}

void serve_due_reload(struct serve *s)
{
	s->due->budget.per_hour = s->config->budget;
}

void serve_due_close(struct serve *s)
{
	if (!s->due)
		return;
	rewind_all(s->due);
	free(s->due->folders);
	free(s->due);
	s->due = NULL;
}
