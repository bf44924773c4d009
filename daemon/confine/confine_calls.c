/* SPDX-License-Identifier: MIT */
#include "confine.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* What a program that reads, writes and asks the web has no use for. A list of what is refused, not of what
 * is allowed: the C library may do the same thing in another way tomorrow. By groups of systemd's @ sets. */
static const char *const refused[] = {
	/* other programs */
	"execve",
	"execveat",
	"fork",
	"vfork",
	/* other processes, and their memory */
	"ptrace",
	"process_vm_readv",
	"process_vm_writev",
	"process_madvise",
	"kcmp",
	"pidfd_getfd",
	"pidfd_send_signal",
	/* namespaces and mounts */
	"unshare",
	"setns",
	"mount",
	"umount",
	"umount2",
	"pivot_root",
	"chroot",
	"move_mount",
	"open_tree",
	"fsopen",
	"fsconfig",
	"fsmount",
	"fspick",
	"mount_setattr",
	"quotactl",
	"quotactl_fd",
	"swapon",
	"swapoff",
	/* past the paths */
	"open_by_handle_at",
	"name_to_handle_at",
	"fanotify_init",
	"fanotify_mark",
	"mknod",
	"mknodat",
	"lookup_dcookie",
	/* who we are */
	"setuid",
	"setgid",
	"setreuid",
	"setregid",
	"setresuid",
	"setresgid",
	"setgroups",
	"setfsuid",
	"setfsgid",
	"capset",
	/* kernel interfaces with a history */
	"bpf",
	"perf_event_open",
	"userfaultfd",
	"io_uring_setup",
	"io_uring_enter",
	"io_uring_register",
	"add_key",
	"request_key",
	"keyctl",
	"modify_ldt",
	"vm86",
	"vm86old",
	"personality",
	"remap_file_pages",
	"uselib",
	"nfsservctl",
	"vmsplice",
	"move_pages",
	"migrate_pages",
	"mbind",
	"set_mempolicy",
	/* the machine */
	"reboot",
	"kexec_load",
	"kexec_file_load",
	"init_module",
	"finit_module",
	"delete_module",
	"create_module",
	"syslog",
	"acct",
	"sethostname",
	"setdomainname",
	"settimeofday",
	"stime",
	"clock_settime",
	"clock_settime64",
	"clock_adjtime",
	"clock_adjtime64",
	"adjtimex",
	"iopl",
	"ioperm",
	"vhangup",
	"pciconfig_read",
	"pciconfig_write",
};

static int refuse(scmp_filter_ctx f, int call, unsigned count, const struct scmp_arg_cmp *args)
{
	int r = call == __NR_SCMP_ERROR ? 0
					: seccomp_rule_add_array(f, SCMP_ACT_ERRNO(EPERM), call, count, args);

	return r == -EDOM || r == -EEXIST ? 0 : r; /* not of this machine; or the same as another */
}

/* Its macros leave a member out, which clang's warnings mind. */
static struct scmp_arg_cmp arg(unsigned number, enum scmp_compare how, uint64_t a, uint64_t b)
{
	return (struct scmp_arg_cmp){number, how, a, b};
}

static int refuse_if(scmp_filter_ctx f, int call, unsigned number, enum scmp_compare how, uint64_t a,
		     uint64_t b)
{
	const struct scmp_arg_cmp one = arg(number, how, a, b);

	return refuse(f, call, 1, &one);
}

/* Who waits for nobody to call. */
static const char *const refused_unless_listening[] = {"listen", "accept", "accept4"};

static int refuse_named(scmp_filter_ctx f, bool listens)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(refused) && !r; i++)
		r = refuse(f, seccomp_syscall_resolve_name(refused[i]), 0, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(refused_unless_listening) && !r && !listens; i++)
		r = refuse(f, seccomp_syscall_resolve_name(refused_unless_listening[i]), 0, NULL);
	return r;
}

/* The Internet, the journal, the manager and who hands a pass over; netlink as the resolver asks it. */
static int refuse_sockets(scmp_filter_ctx f)
{
	static const unsigned families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
	unsigned next = 0;
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(families) && !r; i++) {
		for (; next < families[i] && !r; next++)
			r = refuse_if(f, SCMP_SYS(socket), 0, SCMP_CMP_EQ, next, 0);
		next++;
	}
	if (!r)
		r = refuse_if(f, SCMP_SYS(socket), 0, SCMP_CMP_GE, next, 0);
	for (size_t i = 1; i < 3 && !r; i++) {
		const struct scmp_arg_cmp raw[] = {arg(0, SCMP_CMP_EQ, families[i], 0),
						   arg(1, SCMP_CMP_MASKED_EQ, 0xf, SOCK_RAW)};

		r = refuse(f, SCMP_SYS(socket), 2, raw);
	}
	return r;
}

/* Memory that is written and then executed; a process instead of a thread; keys typed into a terminal. */
static int refuse_by_arguments(scmp_filter_ctx f)
{
	const uint64_t both = PROT_WRITE | PROT_EXEC;
	int r = refuse_if(f, SCMP_SYS(mmap), 2, SCMP_CMP_MASKED_EQ, both, both);

	if (!r)
		r = refuse_if(f, SCMP_SYS(mprotect), 2, SCMP_CMP_MASKED_EQ, both, both);
	if (!r)
		r = refuse_if(f, SCMP_SYS(pkey_mprotect), 2, SCMP_CMP_MASKED_EQ, both, both);
	if (!r)
		r = refuse_if(f, SCMP_SYS(clone), 0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0);
	/* its flags lie in memory, where no filter looks; the C library takes clone() instead */
	if (!r)
		r = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	if (!r)
		r = refuse_if(f, SCMP_SYS(ioctl), 1, SCMP_CMP_MASKED_EQ, 0xffffffff, TIOCSTI);
	return r;
}

#ifdef INGESTD_SANITIZED
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

enum err confine_calls(bool listens, struct error *e)
{
	if (sanitized)
		return ERR_UNSUPPORTED; /* they trace their own process when it ends */

	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
	int r;

	if (!f)
		return err_set(e, ERR_NOMEM, "seccomp: out of memory");
	r = refuse_named(f, listens);
	if (!r)
		r = refuse_sockets(f);
	if (!r)
		r = refuse_by_arguments(f);
	if (r) {
		seccomp_release(f);
		return err_set_errno(e, -r, "seccomp");
	}
	r = seccomp_load(f);
	seccomp_release(f);
	/* a kernel without filters, or a sandbox around us that lets nobody make one */
	return r ? ERR_UNSUPPORTED : ERR_OK;
}
