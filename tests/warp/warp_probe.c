/* SPDX-License-Identifier: MIT */
/* warp_probe.c - what test_warp.py starts on the virtual clock. Prints "ok", or what is wrong.
 *
 *     warp_probe day          timers, the thread pool and a timed condition through a day
 *     warp_probe answer PORT  an answer is waited for in real time, though a timer of a day runs */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

enum { TICKS = 48, TICK = 1800, HOURS = 24, HOUR = 3600 };

static double clock_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void wrong(const char *what, double by)
{
	printf("%s: %f\n", what, by);
	exit(1);
}

/* ---- a day ---- */

static uv_timer_t timer;
static double begun, submitted;
static int ticks, works;

static void work(uv_work_t *w)
{
	(void)w;
	(void)nanosleep(&(struct timespec){.tv_nsec = 3000000}, NULL);
}

static void worked(uv_work_t *w, int status)
{
	double late = clock_of(CLOCK_MONOTONIC) - submitted;

	(void)w;
	(void)status;
	if (late > 10)
		wrong("the clock jumped over a thread that worked", late);
	works++;
}

static void on_tick(uv_timer_t *t)
{
	static uv_work_t job;
	double late = clock_of(CLOCK_REALTIME) - begun - ++ticks * TICK;

	if (late < -1 || late > 10)
		wrong("a timer is late by", late);
	submitted = clock_of(CLOCK_MONOTONIC);
	uv_queue_work(t->loop, &job, work, worked);
	if (ticks == TICKS)
		uv_close((uv_handle_t *)t, NULL);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond;
static int wakes;

static void *sleeper(void *arg)
{
	struct timespec until;

	(void)arg;
	(void)pthread_mutex_lock(&mutex);
	clock_gettime(CLOCK_MONOTONIC, &until);
	for (; wakes < HOURS; wakes++) {
		double late;

		until.tv_sec += HOUR;
		while (!pthread_cond_timedwait(&cond, &mutex, &until)) {
		}
		late = clock_of(CLOCK_MONOTONIC) - (double)until.tv_sec - (double)until.tv_nsec / 1e9;
		if (late < 0 || late > 10)
			wrong("a condition is late by", late);
	}
	(void)pthread_mutex_unlock(&mutex);
	return NULL;
}

static void day(void)
{
	pthread_condattr_t attr;
	pthread_t thread;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&cond, &attr);
	begun = clock_of(CLOCK_REALTIME);
	if (pthread_create(&thread, NULL, sleeper, NULL))
		wrong("no thread", 0);
	uv_timer_init(uv_default_loop(), &timer);
	uv_timer_start(&timer, on_tick, TICK * 1000, TICK * 1000);
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
	(void)pthread_join(thread, NULL);
	if (ticks != TICKS || works != TICKS || wakes != HOURS)
		wrong("not all came", works);
}

/* ---- an answer ---- */

static void too_late(uv_timer_t *t)
{
	(void)t;
	wrong("the clock jumped over what was in flight", clock_of(CLOCK_REALTIME) - begun);
}

static void on_answer(uv_poll_t *poll, int status, int events)
{
	double took = clock_of(CLOCK_MONOTONIC) - begun;
	char byte;

	(void)status;
	(void)events;
	if (read(*(int *)poll->data, &byte, 1) != 1 || took > 10)
		wrong("the answer took", took);
	uv_close((uv_handle_t *)poll, NULL);
	uv_close((uv_handle_t *)&timer, NULL);
}

static void answer(long port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	uv_poll_t poll;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)))
		wrong("no connection", 0);
	begun = clock_of(CLOCK_MONOTONIC);
	uv_timer_init(uv_default_loop(), &timer);
	uv_timer_start(&timer, too_late, 86400 * 1000, 0);
	uv_poll_init_socket(uv_default_loop(), &poll, fd);
	poll.data = &fd;
	uv_poll_start(&poll, UV_READABLE, on_answer);
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
	(void)close(fd);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "day"))
		day();
	else if (argc == 3 && !strcmp(argv[1], "answer"))
		answer(strtol(argv[2], NULL, 10));
	else
		return 64;
	puts("ok");
	return 0;
}
