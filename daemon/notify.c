/* SPDX-License-Identifier: MIT */
#include "notify.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "base/span.h"
#include "commands.h"
#include "store/store.h"

enum { STATUS_MAX = 200, STATUS_MS = 1000 };

static struct {
	uv_loop_t *loop;
	struct store *store;
	uv_timer_t tick, later;
	bool open, watched;
	bool pool_busy, store_busy; /* a question of the tick before is out */
	char status[STATUS_MAX];
	uint64_t status_at; /* uv_now() when the last one was sent */
} n;

static void pool_turns(uv_work_t *work)
{
	(void)work;
}

static void pool_turned(uv_work_t *work, int status)
{
	(void)status;
	n.pool_busy = false;
	free(work);
}

static void store_turned(void *arg)
{
	(void)arg;
	n.store_busy = false;
}

static void ask(void)
{
	uv_work_t *work = malloc(sizeof(*work));

	if (work && !uv_queue_work(n.loop, work, pool_turns, pool_turned))
		n.pool_busy = true;
	else
		free(work);
	n.store_busy = !store_ping(n.store, store_turned, NULL);
}

static void on_tick(uv_timer_t *h)
{
	(void)h;
	if (n.pool_busy || n.store_busy)
		return;
	(void)sd_notify(0, "WATCHDOG=1");
	ask();
}

void notify_start(uv_loop_t *loop, struct store *store)
{
	uint64_t usec = 0;

	n.loop = loop;
	n.store = store;
	n.open = true;
	uv_timer_init(loop, &n.tick);
	uv_timer_init(loop, &n.later);
	uv_unref((uv_handle_t *)&n.tick);
	uv_unref((uv_handle_t *)&n.later);
	n.watched = sd_watchdog_enabled(0, &usec) > 0 && usec >= 2000;
	if (!n.watched)
		return;
	ask();
	uv_timer_start(&n.tick, on_tick, usec / 2000, usec / 2000);
}

void notify_ready(void)
{
	(void)sd_notify(0, "READY=1");
}

void notify_reloading(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
			 (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
}

void notify_stopping(void)
{
	(void)sd_notify(0, "STOPPING=1");
	if (!n.open)
		return;
	n.open = false;
	uv_close((uv_handle_t *)&n.tick, NULL);
	uv_close((uv_handle_t *)&n.later, NULL);
}

static void send_status(void)
{
	n.status_at = uv_now(n.loop);
	(void)sd_notifyf(0, "STATUS=%s", n.status);
}

static void on_later(uv_timer_t *h)
{
	(void)h;
	send_status();
}

void notify_status(const char *text)
{
	uint64_t next;

	if (!n.open || strcmp(text, n.status) == 0)
		return;
	(void)snprintf(n.status, sizeof(n.status), "%s", text);
	next = n.status_at ? n.status_at + STATUS_MS : 0;
	if (uv_is_active((uv_handle_t *)&n.later))
		return;
	if (next <= uv_now(n.loop))
		send_status();
	else
		uv_timer_start(&n.later, on_later, next - uv_now(n.loop), 0);
}
