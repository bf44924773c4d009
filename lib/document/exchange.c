/* SPDX-License-Identifier: MIT */
#include "document/exchange.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "document/read.h"

enum {
	WAIT_MS = 500,      /* for somebody to close a file that is to go */
	LATE_WAIT_MS = 5000 /* the same when its name is gone already, and waiting is all that is left */
};

enum lease lease_take(int fd)
{
	if (fcntl(fd, F_SETSIG, SIGURG) != 0)
		return LEASE_NONE;
	if (fcntl(fd, F_SETLEASE, F_WRLCK) == 0)
		return lease_intact(fd) ? LEASE_HELD : LEASE_BUSY;
	return errno == EAGAIN ? LEASE_BUSY : LEASE_NONE;
}

bool lease_intact(int fd)
{
	/* while somebody waits the kernel names the kind of lease that would let them go on */
	return fcntl(fd, F_GETLEASE) == F_WRLCK;
}

void lease_drop(int fd)
{
	(void)fcntl(fd, F_SETLEASE, F_UNLCK);
}

struct inode inode_at(int folder, const char *name)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return (struct inode){0, 0};
	return (struct inode){st.st_dev, st.st_ino};
}

struct inode inode_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return (struct inode){0, 0};
	return (struct inode){st.st_dev, st.st_ino};
}

enum err exchange(int folder, const char *temp, const char *name, struct inode want)
{
	struct inode put = inode_at(folder, temp), expect = want;

	for (;;) {
		struct inode out;

		if (renameat2(folder, temp, folder, name, RENAME_EXCHANGE) != 0) {
			switch (errno) {
			case EINVAL:
			case ENOSYS:
			case EOPNOTSUPP: return ERR_UNSUPPORTED;
			case ENOENT: return ERR_CHANGED; /* removed: nothing to exchange with */
			default: return err_set_errno(NULL, errno, "rename");
			}
		}
		out = inode_at(folder, temp);
		if (inode_eq(out, expect))
			return inode_eq(out, want) ? ERR_OK : ERR_CHANGED;
		/* out is newer than what we meant to put there: back with it */
		expect = put;
		put = out;
	}
}

bool write_all(int fd, struct span text)
{
	while (text.len) {
		ssize_t n = write(fd, text.ptr, text.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n ? errno : EIO;
			return false;
		}
		text = span_sub(text, (size_t)n, text.len);
	}
	return true;
}

static void wait_a_moment(void)
{
	(void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static enum lease lease_wait(int fd, int ms)
{
	for (;;) {
		enum lease l = lease_take(fd);

		if (l != LEASE_BUSY || ms-- <= 0)
			return l;
		lease_drop(fd); /* whoever waits goes on */
		wait_a_moment();
	}
}

enum err keep(int folder, const char *temp, const char *document, char *kept, struct error *e)
{
	char name[LEFTOVER_NAME_MAX + 1];
	int failed;

	do {
		leftover_kept_name(document, name);
		failed = renameat2(folder, temp, folder, name, RENAME_NOREPLACE) ? errno : 0;
		/* the name is random: without the flag there is but the EEXIST that does not happen */
		if (failed == EINVAL || failed == ENOSYS)
			failed = renameat(folder, temp, folder, name) ? errno : 0;
	} while (failed == EEXIST);
	if (failed)
		return err_set_errno(e, failed, "'%s': cannot keep a person's text in '%s'", document, temp);
	memcpy(kept, name, sizeof(name));
	return err_set(e, ERR_CHANGED, "'%s' was changed by somebody else; their text is kept in '%s'",
		       document, kept);
}

/* The name is gone and yet somebody was about to open the file: what they write is copied. */
static enum err keep_late(int folder, int fd, struct span known, const char *document, char *kept,
			  struct error *e)
{
	char name[LEFTOVER_NAME_MAX + 1], buf[65536];
	enum err r = ERR_OK;
	bool equal;
	off_t at = 0;
	ssize_t n;
	int to;

	lease_drop(fd);
	(void)lease_wait(fd, LATE_WAIT_MS);
	if (read_equals(fd, known, &equal) == ERR_OK && equal)
		return ERR_OK;
	leftover_kept_name(document, name);
	to = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0)
		return err_set_errno(e, errno, "'%s': cannot keep a person's text", document);
	while ((n = pread(fd, buf, sizeof(buf), at)) > 0 && write_all(to, span_of(buf, (size_t)n)))
		at += n;
	if (n != 0 || fsync(to) != 0)
		r = err_set_errno(e, errno, "'%s': cannot keep a person's text whole in '%s'", document,
				  name);
	(void)close(to);
	memcpy(kept, name, sizeof(name));
	return r ? r
		 : err_set(e, ERR_CHANGED, "'%s' was changed by somebody else; their text is kept in '%s'",
			   document, name);
}

enum err put_away(int folder, const char *temp, int fd, struct span known, bool patient, const char *document,
		  char *kept, struct error *e)
{
	enum lease lease = patient ? lease_wait(fd, WAIT_MS) : lease_take(fd);
	enum err r = ERR_OK;
	bool equal;

	kept[0] = 0;
	if (read_equals(fd, known, &equal) != ERR_OK)
		r = err_set(e, ERR_IO, "'%s': cannot read '%s' again", document, temp);
	else if (lease == LEASE_BUSY || !equal)
		r = patient ? keep(folder, temp, document, kept, e)
			    : err_set(e, ERR_BUSY, "'%s' is open in another program", document);
	else if (!inode_eq(inode_at(folder, temp), inode_of(fd)))
		r = ERR_OK; /* somebody took it away */
	else if (unlinkat(folder, temp, 0) != 0 && errno != ENOENT)
		r = err_set_errno(e, errno, "'%s': cannot remove '%s'", document, temp);
	else if (lease == LEASE_HELD && !lease_intact(fd))
		r = keep_late(folder, fd, known, document, kept, e);
	if (r != ERR_BUSY)
		lease_drop(fd);
	return r;
}
