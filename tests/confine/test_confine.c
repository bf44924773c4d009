/* SPDX-License-Identifier: MIT */
/* What a confined process can still do, and what it cannot. Each row is tried in a process of its own before
 * and after: what is refused only afterwards was refused by us. */
#include "unit/rows.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <linux/landlock.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/confine/confine.h"

#ifdef INGESTD_SANITIZED
static const bool sanitized = true; /* then there is no filter of calls */
#else
static const bool sanitized = false;
#endif

static char work[] = "/tmp/ingestd-confine-XXXXXX"; /* ours: work/in; not ours: work/out */

/* ---- things to try: 0, or errno ---- */

static int result_of(long r)
{
	return r < 0 ? errno : 0;
}

static int try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int read_in(void)
{
	return try_open("in/file", O_RDONLY);
}
static int write_in(void)
{
	return try_open("in/file", O_RDWR | O_TRUNC);
}
static int make_in(void)
{
	return try_open("in/new", O_WRONLY | O_CREAT | O_EXCL);
}
static int rename_in(void)
{
	return result_of(rename("in/file", "in/other"));
}
static int exchange_in(void)
{
	return result_of(
		syscall(SYS_renameat2, AT_FDCWD, "in/file", AT_FDCWD, "in/second", 2 /* RENAME_EXCHANGE */));
}
static int move_in(void)
{
	return result_of(rename("in/file", "in/folder/file"));
}
static int folder_in(void)
{
	return result_of(mkdir("in/new-folder", 0700));
}
static int remove_in(void)
{
	return result_of(unlink("in/file"));
}
static int list_in(void)
{
	return try_open("in", O_RDONLY | O_DIRECTORY);
}
static int link_in(void)
{
	return result_of(symlink("/etc/passwd", "in/link"));
}
static int fifo_in(void)
{
	return result_of(mkfifo("in/fifo", 0600));
}
static int read_out(void)
{
	return try_open("out/file", O_RDONLY);
}
static int write_out(void)
{
	return try_open("out/file", O_WRONLY);
}
static int make_out(void)
{
	return try_open("out/new", O_WRONLY | O_CREAT | O_EXCL);
}
static int list_out(void)
{
	return try_open("out", O_RDONLY | O_DIRECTORY);
}
static int move_out(void)
{
	return result_of(rename("in/file", "out/moved"));
}
static int remove_out(void)
{
	return result_of(unlink("out/file"));
}
static int through_a_link(void)
{
	return try_open("in/leads-out", O_RDONLY);
}
static int read_only_file(void)
{
	return try_open("out/readable", O_RDONLY);
}
static int write_only_readable(void)
{
	return try_open("out/readable", O_WRONLY);
}
static int list_root(void)
{
	return try_open("/", O_RDONLY | O_DIRECTORY);
}
static int read_proc_1(void)
{
	return try_open("/proc/1/status", O_RDONLY);
}
static int system_settings(void)
{
	return try_open("/etc/passwd", O_RDONLY);
}
static int change_settings(void)
{
	return try_open("/etc/ingestd-test", O_WRONLY | O_CREAT);
}
static int dev_null(void)
{
	return try_open("/dev/null", O_WRONLY);
}
static int charset(void)
{
	iconv_t cd = iconv_open("UTF-8", "EUC-JP");

	return cd == (iconv_t)-1 ? errno : (iconv_close(cd), 0);
}
static int resolver(void)
{
	struct addrinfo *a = NULL;

	if (getaddrinfo("localhost", "80", NULL, &a))
		return EIO;
	freeaddrinfo(a);
	return 0;
}

static void *nothing(void *arg)
{
	return arg;
}
static int thread(void)
{
	pthread_t t;
	int r = pthread_create(&t, NULL, nothing, NULL);

	return r ? r : pthread_join(t, NULL);
}
static int library(void)
{
	void *l = dlopen("libresolv.so.2", RTLD_NOW);

	return l ? (dlclose(l), 0) : EIO;
}
static int program(void)
{
	char *argv[] = {(char *)(uintptr_t) "true", NULL};
	pid_t pid;
	int status, r = posix_spawn(&pid, "/bin/true", NULL, NULL, argv, argv + 1);

	return r ? r : waitpid(pid, &status, 0) == pid && status == 0 ? 0 : EPERM;
}
static int execute(void)
{
	char *argv[] = {(char *)(uintptr_t) "true", NULL};

	execve("/bin/true", argv, argv + 1);
	return errno;
}
static int process(void)
{
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (pid == 0)
		_exit(0);
	return result_of(waitpid(pid, NULL, 0));
}
static int trace(void)
{
	return result_of(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}
static int read_memory(void)
{
	return result_of(syscall(SYS_process_vm_readv, getpid(), NULL, 0, NULL, 0, 0));
}
static int namespaces(void)
{
	return result_of(unshare(CLONE_NEWUTS));
}
static int mounts(void)
{
	int r = result_of(mount("none", "in/folder", "tmpfs", 0, NULL));

	return r ? r : result_of(umount("in/folder"));
}
static int become(void)
{
	return result_of(setresuid(65534, 65534, 65534));
}
static int keys(void)
{
	return result_of(syscall(SYS_keyctl, 0 /* the session's id */, -3, 0));
}
static int rings(void)
{
	return syscall(SYS_io_uring_setup, 0, NULL) < 0 && errno == EPERM ? EPERM : 0;
}
static int filters(void)
{
	return syscall(SYS_bpf, -1, NULL, 0) < 0 && errno == EPERM ? EPERM : 0;
}
static int faults(void)
{
	return syscall(SYS_userfaultfd, 0xffff) < 0 && errno == EPERM ? EPERM : 0;
}
static int set_clock(void)
{
	return syscall(SYS_clock_settime, -1, NULL) < 0 && errno == EPERM ? EPERM : 0;
}

static int one_socket(int family, int type)
{
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno == EPERM ? EPERM : 0; /* a kernel without it */
	close(fd);
	return 0;
}
static int tcp(void)
{
	return one_socket(AF_INET, SOCK_STREAM);
}
static int tcp6(void)
{
	return one_socket(AF_INET6, SOCK_STREAM);
}
static int udp(void)
{
	return one_socket(AF_INET, SOCK_DGRAM);
}
static int listen_at(const struct sockaddr *at, socklen_t size)
{
	int fd = socket(at->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), failed = 0;

	if (fd < 0 || bind(fd, at, size) || listen(fd, 1))
		failed = errno;
	if (fd >= 0)
		close(fd);
	return failed;
}
static int port(void)
{
	/* a port that nobody else is given: below those that are handed out */
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)(20000 + getpid() % 10000)),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	return listen_at((const struct sockaddr *)&at, sizeof(at));
}
static int any_port(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	return listen_at((const struct sockaddr *)&at, sizeof(at));
}
static int listen_in(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "in/socket"};

	return listen_at((const struct sockaddr *)&at, sizeof(at));
}
static int clear(void)
{
	return result_of(unlink("clear/file"));
}
static int make_in_clear(void)
{
	return try_open("clear/new", O_WRONLY | O_CREAT | O_EXCL);
}
static int local(void)
{
	return one_socket(AF_UNIX, SOCK_DGRAM);
}
static int netlink(void)
{
	return one_socket(AF_NETLINK, SOCK_RAW);
}
static int raw(void)
{
	return one_socket(AF_INET, SOCK_RAW);
}
static int packets(void)
{
	return one_socket(AF_PACKET, SOCK_RAW);
}
static int virtual(void)
{
	return one_socket(AF_VSOCK, SOCK_STREAM);
}
static int crypto(void)
{
	return one_socket(AF_ALG, SOCK_SEQPACKET);
}
static int bluetooth(void)
{
	return one_socket(AF_BLUETOOTH, SOCK_STREAM);
}

static int map(int protection)
{
	void *p = mmap(NULL, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : (munmap(p, 4096), 0);
}
static int data(void)
{
	return map(PROT_READ | PROT_WRITE);
}
static int code(void)
{
	return map(PROT_READ | PROT_WRITE | PROT_EXEC);
}
static int typed(void)
{
	int ends[2], r;

	if (pipe(ends))
		return errno;
	r = ioctl(ends[0], TIOCSTI, "x") < 0 && errno == EPERM ? EPERM : 0;
	close(ends[0]);
	close(ends[1]);
	return r;
}

enum wall { NONE, FILES, CALLS, PORTS };

static const struct row {
	const char *name;
	int (*try)(void);
	enum wall wall;
	bool listens;
} rows[] = {
	{"reads its folder", read_in, NONE},
	{"writes a file of it", write_in, NONE},
	{"makes a file in it", make_in, NONE},
	{"renames in it", rename_in, NONE},
	{"exchanges in it", exchange_in, NONE},
	{"moves between its folders", move_in, NONE},
	{"makes a folder in it", folder_in, NONE},
	{"removes from it", remove_in, NONE},
	{"lists it", list_in, NONE},
	{"makes no symbolic link in it", link_in, FILES},
	{"makes no FIFO in it", fifo_in, CALLS},
	{"reads nothing outside", read_out, FILES},
	{"writes nothing outside", write_out, FILES},
	{"makes nothing outside", make_out, FILES},
	{"lists nothing outside", list_out, FILES},
	{"moves nothing outside", move_out, FILES},
	{"removes nothing outside", remove_out, FILES},
	{"follows no link outside", through_a_link, FILES},
	{"reads a named file", read_only_file, NONE},
	{"does not write what it reads", write_only_readable, FILES},
	{"does not list the root", list_root, FILES},
	{"does not look at other processes", read_proc_1, FILES},
	{"reads the system's settings", system_settings, NONE},
	{"does not change them", change_settings, FILES},
	{"throws away", dev_null, NONE},
	{"loads a charset", charset, NONE},
	{"asks the resolver", resolver, NONE},
	{"starts threads", thread, NONE},
	{"loads a library", library, NONE},
	{"starts no program", program, CALLS},
	{"becomes no program", execute, CALLS},
	{"starts no process", process, CALLS},
	{"traces nobody", trace, CALLS},
	{"reads nobody's memory", read_memory, CALLS},
	{"makes no namespace", namespaces, CALLS},
	{"mounts nothing", mounts, CALLS},
	{"becomes nobody else", become, CALLS},
	{"has no keys", keys, CALLS},
	{"has no io_uring", rings, CALLS},
	{"has no BPF", filters, CALLS},
	{"handles no page faults", faults, CALLS},
	{"sets no clock", set_clock, CALLS},
	{"removes what was to be removed", clear, NONE},
	{"makes nothing there", make_in_clear, FILES},
	{"listens on no port", port, PORTS, true},
	{"nor on one that is given", any_port, PORTS, true},
	{"listens in its folder", listen_in, NONE, true},
	{"unless it is not to listen", listen_in, CALLS},
	{"has TCP", tcp, NONE},
	{"has TCP over IPv6", tcp6, NONE},
	{"has UDP", udp, NONE},
	{"has local sockets", local, NONE},
	{"asks for routes", netlink, NONE},
	{"has no raw sockets", raw, CALLS},
	{"has no packets", packets, CALLS},
	{"has no virtual machines' sockets", virtual, CALLS},
	{"has no kernel crypto", crypto, CALLS},
	{"has no Bluetooth", bluetooth, CALLS},
	{"has memory", data, NONE},
	{"writes no code", code, CALLS},
	{"types nothing into a terminal", typed, CALLS},
};

/* ---- trying ---- */

static void put(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static void make_world(void)
{
	static const char *const folders[] = {"in", "in/folder", "out", "clear"};
	static const char *const files[] = {"in/file", "in/second", "out/file", "out/readable", "clear/file"};

	assert_int_equal(chdir("/tmp"), 0);
	strcpy(strrchr(work, '-'), "-XXXXXX");
	assert_non_null(mkdtemp(work));
	assert_int_equal(chdir(work), 0);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		assert_int_equal(mkdir(folders[i], 0700), 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		put(files[i]);
	assert_int_equal(symlink("../out/file", "in/leads-out"), 0);
}

static void drop_world(void)
{
	char command[80];

	assert_int_equal(chdir("/tmp"), 0);
	(void)snprintf(command, sizeof(command), "rm -rf %s", work);
	assert_int_equal(system(command), 0);
	(void)unlink("/etc/ingestd-test");
}

/* In a process of its own. Its exit status: 0, errno of what was tried, or over 200: the confinement itself
 * failed, 254 where there is none. */
static int attempt(const struct row *row, bool confined)
{
	const struct confine_place places[] = {{"in", CONFINE_WRITE},
					       {"out/readable", CONFINE_READ},
					       {"nowhere", CONFINE_WRITE},
					       {"clear", CONFINE_CLEAR}};
	struct confinement done;
	struct error e;
	int status;
	pid_t pid;

	make_world();
	(void)fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (confined && confine(places, ARRAY_SIZE(places), row->listens, &done, &e))
			_exit(255);
		if (confined &&
		    ((row->wall == FILES && !done.landlock) || (row->wall == CALLS && !done.calls) ||
		     (row->wall == PORTS && done.landlock < 4)))
			_exit(254);
		_exit(row->try());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	drop_world();
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void confined(void **state)
{
	const struct row *row = *state;
	int before = attempt(row, false), after = attempt(row, true);

	if (after == 254) {
		if (!sanitized)
			print_message(
				"not tried: this kernel, or what is around us, has no such confinement\n");
		return;
	}
	assert_int_not_equal(after, 255);
	if (row->wall == NONE) {
		assert_int_equal(before, 0);
		assert_int_equal(after, 0);
		return;
	}
	if (before != 0 && before != EPERM)
		assert_int_not_equal(after, before); /* it failed for another reason */
	assert_true(after == EPERM || after == EACCES || after == EXDEV);
}

static void places_that_are_lost(void **state)
{
	const struct confine_place place = {"in", CONFINE_WRITE};
	int version, status;
	struct error e;
	pid_t pid;

	(void)state;
	make_world();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (confine_lost("out"))
			_exit(1); /* nothing is confined yet */
		if (confine_files(&place, 1, &version, &e) == ERR_UNSUPPORTED)
			_exit(0);
		if (confine_lost("in") || confine_lost("nowhere") || !confine_lost("out"))
			_exit(2);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	drop_world();
	assert_int_equal(status, 0);
}

int main(void)
{
	static const struct CMUnitTest more[] = {cmocka_unit_test(places_that_are_lost)};

	return RUN_ROWS("confine", rows, confined) +
	       cmocka_run_group_tests_name("confine/lost", more, NULL, NULL);
}
