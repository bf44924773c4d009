/* SPDX-License-Identifier: MIT */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What Debian 12's header does not know yet. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13) /* version 2 */
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14) /* version 3 */
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15) /* version 5 */
#endif
#define NET_BIND_TCP (1ULL << 0) /* version 4 */
#define SCOPE_SIGNAL (1ULL << 1) /* version 6: no signals to who is not as confined */

#define OF_FILES                                                                                     \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | \
	 LANDLOCK_ACCESS_FS_TRUNCATE)
#define READING (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITING                                                                                             \
	(READING | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE | LANDLOCK_ACCESS_FS_REFER | \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |     \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SOCK)
/* All of version 1: from executing to making symbolic links. */
#define FIRST ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

/* The kernel's struct, which has grown at its end. */
struct ruleset {
	uint64_t files, net, scope;
};

/* iconv, the resolver, TLS, time zones and the C library open files late. */
static const char *const system_places[] = {
	"/usr",
	"/lib",
	"/lib64",
	"/lib32",
	"/etc",
	/* where /etc/resolv.conf may lead */
	"/run/systemd/resolve",
	"/run/NetworkManager",
	"/run/resolvconf",
	"/run/connman",
	"/var/lib/ca-certificates",
	"/dev/urandom",
	"/dev/random",
	"/sys/devices/system/cpu",
	"/proc/sys/vm/overcommit_memory",
	"/proc/sys/fs/inotify",
	"/proc/self",
	"/proc/meminfo",
	"/proc/stat",
	"/proc/cpuinfo",
};

static bool files_confined;

static int make_ruleset(const struct ruleset *r, size_t size, unsigned flags)
{
	return (int)syscall(SYS_landlock_create_ruleset, r, size, flags);
}

/* The version's rights; what it does not know it would refuse to hear of. */
static struct ruleset ruleset_of(int version, size_t *size)
{
	struct ruleset r = {.files = FIRST};

	*size = sizeof(r.files);
	if (version >= 2)
		r.files |= LANDLOCK_ACCESS_FS_REFER;
	if (version >= 3)
		r.files |= LANDLOCK_ACCESS_FS_TRUNCATE;
	if (version >= 5)
		r.files |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
	if (version >= 4) {
		r.net = NET_BIND_TCP; /* and no rule for any port */
		*size = offsetof(struct ruleset, scope);
	}
	if (version >= 6) {
		r.scope = SCOPE_SIGNAL;
		*size = sizeof(r);
	}
	return r;
}

static enum err add_place(int rules, const struct confine_place *place, uint64_t known, struct error *e)
{
	static const uint64_t rights[] = {
		[CONFINE_READ] = READING,
		[CONFINE_WRITE] = WRITING,
		[CONFINE_CLEAR] = LANDLOCK_ACCESS_FS_REMOVE_FILE,
	};
	struct landlock_path_beneath_attr at = {.allowed_access = rights[place->access]};
	struct stat st;
	enum err r = ERR_OK;

	at.parent_fd = open(place->path, O_PATH | O_CLOEXEC);
	if (at.parent_fd < 0)
		return errno == ENOMEM || errno == EMFILE || errno == ENFILE
			       ? err_set_errno(e, errno, "'%s'", place->path)
			       : ERR_OK; /* who cannot find it cannot use it */
	at.allowed_access &= known;
	if (!fstat(at.parent_fd, &st) && !S_ISDIR(st.st_mode))
		at.allowed_access &= OF_FILES;
	if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &at, 0))
		r = err_set_errno(e, errno, "confinement: '%s'", place->path);
	close(at.parent_fd);
	return r;
}

static bool is_withheld(int errnum)
{
	return errnum == ENOSYS || errnum == EOPNOTSUPP || errnum == EPERM || errnum == EINVAL;
}

enum err confine_files(const struct confine_place *places, size_t count, int *version, struct error *e)
{
	struct ruleset r;
	size_t size;
	int rules;
	enum err err = ERR_OK;

	*version = make_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (*version < 1) {
		*version = 0;
		return is_withheld(errno) ? ERR_UNSUPPORTED : err_set_errno(e, errno, "Landlock");
	}
	r = ruleset_of(*version, &size);
	rules = make_ruleset(&r, size, 0);
	if (rules < 0)
		return err_set_errno(e, errno, "Landlock");
	for (size_t i = 0; i < ARRAY_SIZE(system_places) && !err; i++)
		err = add_place(rules, &(struct confine_place){system_places[i], CONFINE_READ}, r.files, e);
	/* written to by who throws something away */
	if (!err)
		err = add_place(rules, &(struct confine_place){"/dev/null", CONFINE_WRITE}, r.files, e);
	for (size_t i = 0; i < count && !err; i++)
		err = add_place(rules, &places[i], r.files, e);
	if (!err && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_landlock_restrict_self, rules, 0)))
		err = is_withheld(errno) ? ERR_UNSUPPORTED : err_set_errno(e, errno, "Landlock");
	close(rules);
	files_confined |= !err;
	return err;
}

enum err confine(const struct confine_place *places, size_t count, bool listens, struct confinement *ret,
		 struct error *e)
{
	enum err r;

	*ret = (struct confinement){0};
	r = confine_files(places, count, &ret->landlock, e);
	if (r && r != ERR_UNSUPPORTED)
		return r;
	if (r)
		ret->landlock = 0;
	r = confine_calls(listens, e);
	if (r && r != ERR_UNSUPPORTED)
		return r;
	ret->calls = !r;
	(void)snprintf(ret->text, sizeof(ret->text), "confined: files %s, system calls %s",
		       ret->landlock ? "by Landlock" : "not at all (the kernel has no Landlock for us)",
		       ret->calls ? "by seccomp" : "not at all (the kernel has no seccomp filters for us)");
	return ERR_OK;
}

bool confine_lost(const char *path)
{
	struct stat st;
	int fd;

	if (!files_confined || stat(path, &st) || !S_ISDIR(st.st_mode))
		return false;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd < 0 && errno == EACCES;
}
