/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <unistd.h>

#include "serve_inner.h"

static void on_signal(uv_signal_t *h, int number)
{
	struct serve *s = h->data;

	switch (number) {
	case SIGHUP: serve_reload(s); break;
	case SIGUSR1:
		if (s->state == SERVE_READY)
			serve_rescan(&s->rescan);
		break;
	default:
		/* the second one ends at once; the state and the documents survive that too */
		if (s->state == SERVE_STOPPING)
			_exit(128 + number);
		serve_stop(s);
		break;
	}
}

void serve_open_signals(struct serve *s)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};
	_Static_assert(ARRAY_SIZE(numbers) == ARRAY_SIZE(s->signals), "a handle each");

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		uv_signal_init(s->session.loop, &s->signals[i]);
		s->signals[i].data = s;
		uv_signal_start(&s->signals[i], on_signal, numbers[i]);
		uv_unref((uv_handle_t *)&s->signals[i]);
	}
}

void serve_close_signals(struct serve *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(s->signals); i++)
		uv_close((uv_handle_t *)&s->signals[i], NULL);
}
