/* SPDX-License-Identifier: MIT */
/* warp.c - a clock that jumps over the waiting, for tests of the real program over months.
 *
 * Preloaded (LD_PRELOAD) with WARP_CLOCK naming a file that warp.py made, it gives the program a virtual
 * clock:
 *
 *     CLOCK_MONOTONIC (also _RAW, _COARSE, BOOTTIME) = real + jump
 *     CLOCK_REALTIME (also _COARSE, time, gettimeofday) = real + jump + step
 *
 * Both offsets lie in the shared file. Whatever happens, happens at real speed. When every thread of every
 * process on this clock waits, and nothing is in flight, `jump` grows to the first deadline that anyone waits
 * for, but not past the `limit` that the test has set. The test may change `step` (days back, 1970, 2100),
 * and the limit, whenever it likes.
 *
 * A thread waits when it is inside epoll_wait, epoll_pwait, pthread_cond_wait or pthread_cond_timedwait, and
 * nobody has signalled the condition that it waits for: signals are paired with waiters here, so one that was
 * woken and has not run yet counts as busy. In flight is every Internet socket that the program has connected
 * and watches with epoll: libcurl and c-ares watch none that is idle. Several processes (a command that talks
 * to the service) agree by rounds: whoever begins or ends a wait starts a new round, and only when all have
 * looked at their descriptors once more in the same round may one of them jump. Timed waits end when the
 * virtual clock says so; libc itself is not affected by what is interposed here.
 *
 * Left at real speed: nanosleep, usleep (SQLite's and our own are of milliseconds), poll, select, timerfd,
 * and the times of files. A thread in any of these counts as busy, so a program that is blocked in one never
 * jumps. Not for sanitizers. With WARP_CLOCK unset nothing is changed. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
	MAGIC = 0x77617270,
	PROCESSES = 32,
	WAITERS = 1024,   /* threads of one process */
	SOCKETS = 65536,  /* descriptors that are told apart */
	SLICE_MS = 2,     /* how long a wait lasts before it is looked at again */
	BUSY_SLICE_MS = 5 /* the same while others are busy */
};

#define SECOND 1000000000ll
#define NEVER INT64_MAX
#define FREE (1ll << 62) /* a limit that is none */

/* The file; warp.py knows this layout. All in ns. */
struct shared {
	uint32_t magic, version;
	_Atomic int64_t jump, step;
	_Atomic int64_t limit;  /* of the virtual monotonic clock */
	_Atomic uint64_t round; /* grows when anyone begins or ends a wait */
	_Atomic uint64_t still; /* grows when all wait, and the limit or the want of a deadline keeps them */
	_Atomic uint64_t jumps;
	_Atomic int lock;
	struct process {
		_Atomic int pid;
		_Atomic uint64_t round; /* in which it last found itself waiting */
		_Atomic int64_t deadline;
	} processes[PROCESSES];
};

struct waiter {
	bool used, waiting, kicked, polling;
	const void *cond;
	int64_t deadline; /* virtual monotonic */
};

static struct shared *shared;
static struct process *self;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of all below */
static struct waiter waiters[WAITERS];
static int threads = 1, in_flight;
static unsigned char sockets[SOCKETS]; /* bit 0: connected by us, bit 1: watched */
static pthread_key_t key;
static __thread struct waiter *mine;

/* ---- what lies behind ---- */

static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_epoll_pwait)(int, struct epoll_event *, int, int, const sigset_t *);
static int (*real_epoll_ctl)(int, int, int, struct epoll_event *);
static int (*real_connect)(int, const struct sockaddr *, socklen_t);
static int (*real_close)(int);
static int (*real_cond_wait)(pthread_cond_t *, pthread_mutex_t *);
static int (*real_cond_timedwait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
static int (*real_cond_clockwait)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *);
static int (*real_cond_signal)(pthread_cond_t *);
static int (*real_cond_broadcast)(pthread_cond_t *);
static int (*real_thread_create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

static void find(void *to, const char *name)
{
	/* conditions have an older version, of another layout */
	void *at = strncmp(name, "pthread_cond", 12) ? NULL : dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");

	if (!at)
		at = dlsym(RTLD_NEXT, name);
	if (!at)
		abort();
	memcpy(to, &at, sizeof(at));
}

static void find_all(void)
{
	if (real_clock_gettime)
		return;
	find(&real_epoll_pwait, "epoll_pwait");
	find(&real_epoll_ctl, "epoll_ctl");
	find(&real_connect, "connect");
	find(&real_close, "close");
	find(&real_cond_wait, "pthread_cond_wait");
	find(&real_cond_timedwait, "pthread_cond_timedwait");
	find(&real_cond_clockwait, "pthread_cond_clockwait");
	find(&real_cond_signal, "pthread_cond_signal");
	find(&real_cond_broadcast, "pthread_cond_broadcast");
	find(&real_thread_create, "pthread_create");
	find(&real_clock_gettime, "clock_gettime");
}

static void join_clock(void)
{
	int pid = getpid();

	for (int i = 0; i < PROCESSES && !self; i++)
		if (shared->processes[i].pid == pid) /* exec */
			self = &shared->processes[i];
	for (int i = 0; i < PROCESSES && !self; i++) {
		int none = 0;

		if (atomic_compare_exchange_strong(&shared->processes[i].pid, &none, pid))
			self = &shared->processes[i];
	}
	if (!self)
		abort();
	self->round = 0;
	shared->round++;
}

static void release_waiter(void *waiter)
{
	pthread_mutex_lock(&lock);
	((struct waiter *)waiter)->used = false;
	pthread_mutex_unlock(&lock);
}

static void after_fork(void)
{
	shared = NULL; /* a child is not on the clock until it executes something */
}

__attribute__((constructor)) static void begin(void)
{
	const char *name = getenv("WARP_CLOCK");
	int fd;

	find_all();
	if (!name || !*name)
		return;
	fd = open(name, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	real_close(fd);
	if (shared == MAP_FAILED || shared->magic != MAGIC)
		abort();
	pthread_key_create(&key, release_waiter);
	pthread_atfork(NULL, NULL, after_fork);
	join_clock();
}

__attribute__((destructor)) static void end(void)
{
	if (shared && self) {
		self->pid = 0;
		shared->round++;
	}
}

/* ---- the clock ---- */

static int64_t ns(const struct timespec *t)
{
	return t->tv_sec * SECOND + t->tv_nsec;
}

static struct timespec of_ns(int64_t t)
{
	struct timespec ret = {t / SECOND, t % SECOND};

	if (ret.tv_nsec < 0) {
		ret.tv_sec--;
		ret.tv_nsec += SECOND;
	}
	return ret;
}

static int64_t offset(clockid_t clock)
{
	if (!shared)
		return 0;
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE: return shared->jump + shared->step;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME: return shared->jump;
	default: return 0;
	}
}

static int64_t now_of(clockid_t clock)
{
	struct timespec t;

	real_clock_gettime(clock, &t);
	return ns(&t) + offset(clock);
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
	int64_t by;
	int ret;

	find_all(); /* the loader may ask before we have begun */
	ret = real_clock_gettime(clock, t);
	by = offset(clock);
	if (ret == 0 && by)
		*t = of_ns(ns(t) + by);
	return ret;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	*t = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
	return 0;
}

time_t time(time_t *t)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (t)
		*t = now.tv_sec;
	return now.tv_sec;
}

int timespec_get(struct timespec *t, int base)
{
	return base == TIME_UTC && !clock_gettime(CLOCK_REALTIME, t) ? base : 0;
}

/* ---- who waits ---- */

/* With the lock held. */
static struct waiter *my_waiter(void)
{
	for (int i = 0; i < WAITERS && !mine; i++) {
		if (waiters[i].used)
			continue;
		mine = &waiters[i];
		*mine = (struct waiter){.used = true};
		pthread_setspecific(key, mine);
	}
	if (!mine)
		abort();
	return mine;
}

static struct waiter *wait_begins(const void *cond, int64_t deadline)
{
	struct waiter *w;

	pthread_mutex_lock(&lock);
	w = my_waiter();
	w->waiting = true;
	w->kicked = false;
	w->polling = !cond;
	w->cond = cond;
	w->deadline = deadline;
	pthread_mutex_unlock(&lock);
	return w;
}

/* A signal may have woken another than the one that was marked: then the mark of that one is spent. */
static void wait_ends(struct waiter *w, bool woken)
{
	pthread_mutex_lock(&lock);
	w->waiting = false;
	for (int i = 0; i < WAITERS && woken && w->cond && !w->kicked; i++)
		if (waiters[i].used && waiters[i].waiting && waiters[i].kicked &&
		    waiters[i].cond == w->cond) {
			waiters[i].kicked = false;
			break;
		}
	pthread_mutex_unlock(&lock);
}

static void kick(const void *cond, bool all)
{
	if (!shared)
		return;
	pthread_mutex_lock(&lock);
	for (int i = 0; i < WAITERS; i++)
		if (waiters[i].used && waiters[i].waiting && waiters[i].cond == cond && !waiters[i].kicked) {
			waiters[i].kicked = true;
			if (!all)
				break;
		}
	pthread_mutex_unlock(&lock);
}

/* Whether all our threads wait; then the first deadline. */
static bool all_wait(int64_t *deadline)
{
	int64_t now = now_of(CLOCK_MONOTONIC);
	int waiting = 0;
	bool ret;

	*deadline = NEVER;
	pthread_mutex_lock(&lock);
	for (int i = 0; i < WAITERS; i++) {
		const struct waiter *w = &waiters[i];

		if (!w->used || !w->waiting || w->kicked || w->deadline <= now)
			continue;
		waiting++;
		if (w->deadline < *deadline)
			*deadline = w->deadline;
	}
	ret = waiting == threads && in_flight == 0;
	pthread_mutex_unlock(&lock);
	return ret;
}

/* ---- the jump ---- */

static bool all_agree(uint64_t round, int64_t *deadline)
{
	*deadline = NEVER;
	for (int i = 0; i < PROCESSES; i++) {
		struct process *p = &shared->processes[i];
		int pid = p->pid;

		if (!pid)
			continue;
		if (p->round != round) {
			if (kill(pid, 0) < 0 && errno == ESRCH)
				atomic_compare_exchange_strong(&p->pid, &pid, 0);
			return false;
		}
		if (p->deadline < *deadline)
			*deadline = p->deadline;
	}
	return true;
}

/* Our descriptors were silent in this round. */
static void try_jump(uint64_t round, int64_t ours)
{
	int64_t deadline, now, limit;
	int free = 0;

	self->deadline = ours;
	self->round = round;
	if (!atomic_compare_exchange_strong(&shared->lock, &free, 1)) {
		if (kill(free, 0) < 0 && errno == ESRCH) /* killed with the lock */
			atomic_compare_exchange_strong(&shared->lock, &free, 0);
		return;
	}
	shared->lock = getpid();
	if (shared->round == round && all_agree(round, &deadline)) {
		limit = shared->limit;
		now = now_of(CLOCK_MONOTONIC);
		if (deadline == NEVER || deadline > limit)
			shared->still++;
		if (deadline > limit)
			deadline = limit == FREE ? NEVER : limit;
		if (deadline != NEVER && deadline > now) {
			shared->jump += deadline - now;
			shared->jumps++;
			shared->round++;
		}
	}
	shared->lock = 0;
}

static int slice(int64_t deadline, int ms)
{
	int64_t left;

	if (deadline == NEVER)
		return ms;
	left = (deadline - now_of(CLOCK_MONOTONIC) + 999999) / 1000000;
	return left < 0 ? 0 : left < ms ? (int)left : ms;
}

int epoll_pwait(int fd, struct epoll_event *events, int max, int timeout, const sigset_t *mask)
{
	int64_t deadline = timeout < 0 ? NEVER : 0, first;
	struct waiter *w;
	int ret, ms = SLICE_MS;

	if (!shared || timeout == 0)
		return real_epoll_pwait(fd, events, max, timeout, mask);
	ret = real_epoll_pwait(fd, events, max, 0, mask);
	if (ret)
		return ret;
	if (timeout > 0)
		deadline = now_of(CLOCK_MONOTONIC) + timeout * 1000000ll;
	w = wait_begins(NULL, deadline);
	shared->round++;
	for (;;) {
		uint64_t round;

		ret = real_epoll_pwait(fd, events, max, slice(deadline, ms), mask);
		if (ret || now_of(CLOCK_MONOTONIC) >= deadline)
			break;
		ms = BUSY_SLICE_MS;
		round = shared->round;
		if (!all_wait(&first))
			continue;
		/* all the others sleep, so only strangers can still wake this one */
		ret = real_epoll_pwait(fd, events, max, 0, mask);
		if (ret)
			break;
		ms = SLICE_MS;
		try_jump(round, first);
	}
	wait_ends(w, true);
	shared->round++;
	return ret;
}

int epoll_wait(int fd, struct epoll_event *events, int max, int timeout)
{
	return epoll_pwait(fd, events, max, timeout, NULL);
}

/* ---- conditions ---- */

int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
	struct waiter *w;
	int ret;

	if (!shared)
		return real_cond_wait(cond, mutex);
	w = wait_begins(cond, NEVER);
	ret = real_cond_wait(cond, mutex);
	wait_ends(w, true);
	return ret;
}

/* In slices, each of which may end as if woken by nobody: every caller has to bear that. */
int pthread_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock,
			   const struct timespec *until)
{
	int64_t left, real;
	struct timespec t;
	struct waiter *w;
	int ret;

	if (!shared)
		return real_cond_clockwait(cond, mutex, clock, until);
	left = ns(until) - now_of(clock);
	if (left <= 0)
		return ETIMEDOUT;
	w = wait_begins(cond, now_of(CLOCK_MONOTONIC) + left);
	real_clock_gettime(CLOCK_MONOTONIC, &t);
	real = ns(&t) + (left < SLICE_MS * 1000000 ? left : SLICE_MS * 1000000);
	t = of_ns(real);
	ret = real_cond_clockwait(cond, mutex, CLOCK_MONOTONIC, &t);
	wait_ends(w, ret == 0);
	return ret == ETIMEDOUT && now_of(clock) < ns(until) ? 0 : ret;
}

int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
			   const struct timespec *restrict until)
{
	if (!shared)
		return real_cond_timedwait(cond, mutex, until);
	/* where glibc keeps what pthread_condattr_setclock() said */
	return pthread_cond_clockwait(cond, mutex,
				      cond->__data.__wrefs & 2 ? CLOCK_MONOTONIC : CLOCK_REALTIME, until);
}

int pthread_cond_signal(pthread_cond_t *cond)
{
	find_all();
	kick(cond, false);
	return real_cond_signal(cond);
}

int pthread_cond_broadcast(pthread_cond_t *cond)
{
	find_all();
	kick(cond, true);
	return real_cond_broadcast(cond);
}

/* ---- threads ---- */

struct start {
	void *(*run)(void *);
	void *arg;
};

static void count_threads(int by)
{
	pthread_mutex_lock(&lock);
	threads += by;
	pthread_mutex_unlock(&lock);
}

static void thread_ends(void *none)
{
	(void)none;
	count_threads(-1);
}

static void *thread_begins(void *arg)
{
	struct start start = *(struct start *)arg;
	void *ret;

	free(arg);
	pthread_cleanup_push(thread_ends, NULL);
	ret = start.run(start.arg);
	pthread_cleanup_pop(1);
	return ret;
}

int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attr, void *(*run)(void *),
		   void *restrict arg)
{
	struct start *start;
	int ret;

	find_all();
	start = malloc(sizeof(*start));
	if (!start)
		return EAGAIN;
	*start = (struct start){run, arg};
	count_threads(1);
	ret = real_thread_create(thread, attr, thread_begins, start);
	if (ret) {
		count_threads(-1);
		free(start);
	}
	return ret;
}

/* ---- what is in flight ---- */

enum { CONNECTED = 1, WATCHED = 2 };

static void mark(int fd, int set, int clear)
{
	int before, after;

	if (fd < 0 || fd >= SOCKETS)
		return;
	pthread_mutex_lock(&lock);
	before = sockets[fd];
	after = (before | set) & ~clear;
	sockets[fd] = (unsigned char)after;
	in_flight += (after == (CONNECTED | WATCHED)) - (before == (CONNECTED | WATCHED));
	pthread_mutex_unlock(&lock);
}

/* the header's own declaration has unions that are transparent to gcc alone */
int warp_connect(int fd, const struct sockaddr *address, socklen_t len) __asm__("connect");

int warp_connect(int fd, const struct sockaddr *address, socklen_t len)
{
	find_all();
	if (shared && (address->sa_family == AF_INET || address->sa_family == AF_INET6))
		mark(fd, CONNECTED, 0);
	return real_connect(fd, address, len);
}

int epoll_ctl(int epoll, int op, int fd, struct epoll_event *event)
{
	find_all();
	if (shared)
		mark(fd, op == EPOLL_CTL_DEL ? 0 : WATCHED, op == EPOLL_CTL_DEL ? WATCHED : 0);
	return real_epoll_ctl(epoll, op, fd, event);
}

int close(int fd)
{
	find_all();
	if (shared)
		mark(fd, 0, CONNECTED | WATCHED);
	return real_close(fd);
}
