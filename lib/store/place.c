/* SPDX-License-Identifier: MIT */
#include "store/place.h"

#include "base/span.h"
#include "store/database.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static const char note_name[] = "clean";

/* mkdir -p; parents are as private as XDG wants ~/.local/state to be. */
enum err store_make_folder(const char *folder, struct error *e)
{
	char path[4096];
	size_t n = strlen(folder);

	if (!n || n >= sizeof(path))
		return err_set(e, n ? ERR_TOOBIG : ERR_INVALID, "the path of the state folder is %s",
			       n ? "too long" : "empty");
	memcpy(path, folder, n + 1);
	for (char *p = path + 1; *path; p++) {
		char c = *p;

		if (c && c != '/')
			continue;
		*p = 0;
		if (mkdir(path, 0700) && errno != EEXIST && !(c && (errno == EACCES || errno == EROFS)))
			return err_set_errno(e, errno, "cannot make the folder '%s'", path);
		*p = c;
		if (!c)
			break;
	}
	return ERR_OK;
}

/* WAL needs memory shared by all who use the file, which no network gives, and a lock that may be granted
 * twice is none. The numbers are those of linux/magic.h and statfs(2). */
static bool is_networked(int fd)
{
	static const unsigned long magics[] = {
		0x6969 /* NFS */,        0x517b /* SMB */,     0xfe534d42 /* SMB2 */,
		0xff534d42 /* CIFS */,   0x5346414f /* AFS */, 0x6b414653,
		0x00c36400 /* Ceph */,   0x01021997 /* 9p */,  0x7461636f /* OCFS2 */,
		0x0bd00bd0 /* Lustre */,
	};
	struct statfs fs;

	if (fstatfs(fd, &fs))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(magics); i++)
		if (((unsigned long)fs.f_type & 0xffffffffUL) == magics[i])
			return true;
	return false;
}

static int try_lock(int fd)
{
	struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	return fcntl(fd, F_OFD_SETLK, &all);
}

static enum err held(struct place *p, struct error *e)
{
	char pid[24];
	ssize_t n = pread(p->lock, pid, sizeof(pid), 0);
	struct span s = span_trim(span_of(pid, n > 0 ? (size_t)n : 0));
	uint64_t number;

	if (span_to_uint(s, INT32_MAX, &number))
		return err_set(e, ERR_BUSY, "the state in '%s' is in use by process %d", p->path,
			       (int)number);
	return err_set(e, ERR_BUSY, "the state in '%s' is in use by another process", p->path);
}

static enum err lock(struct place *p, struct error *e)
{
	char pid[24];
	int probe, n, errnum;

	p->lock = openat(p->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
	if (p->lock < 0)
		return err_set_errno(e, errno, "cannot open '%s/lock'", p->path);
	if (try_lock(p->lock)) {
		if (errno == EAGAIN || errno == EACCES)
			return held(p, e);
		return err_set(e, ERR_UNSUPPORTED, "locks do not work in '%s': %s", p->path, strerror(errno));
	}
	/* a lock that is granted twice protects nothing */
	probe = openat(p->dir, "lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	if (probe < 0)
		return err_set_errno(e, errno, "cannot open '%s/lock'", p->path);
	n = try_lock(probe);
	errnum = errno;
	(void)close(probe);
	if (!n || (errnum != EAGAIN && errnum != EACCES))
		return err_set(e, ERR_UNSUPPORTED, "locks do not work in '%s'", p->path);
	/* on a full disk the lock holds without its number */
	n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (pwrite(p->lock, pid, (size_t)n, 0) == n)
		(void)!ftruncate(p->lock, n);
	return ERR_OK;
}

static void read_note(struct place *p)
{
	int fd = openat(p->dir, note_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	ssize_t n;

	p->note[0] = 0;
	if (fd < 0)
		return;
	n = read(fd, p->note, sizeof(p->note) - 1);
	p->note[MAX(n, 0)] = 0;
	(void)close(fd);
	/* a note that cannot be taken away would vouch for what comes after it */
	if (unlinkat(p->dir, note_name, 0))
		p->note[0] = 0;
}

static enum err enter(const char *folder, struct place *p, struct error *e)
{
	enum err r = store_make_folder(folder, e);

	if (r)
		return r;
	p->path = realpath(folder, NULL);
	if (!p->path)
		return err_set_errno(e, errno, "cannot find the folder '%s'", folder);
	p->dir = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->dir < 0)
		return err_set_errno(e, errno, "cannot open the folder '%s'", p->path);
	if (is_networked(p->dir))
		return err_set(e, ERR_UNSUPPORTED,
			       "'%s' lies on a network file system, where locks cannot be relied on",
			       p->path);
	r = lock(p, e);
	if (!r)
		read_note(p);
	return r;
}

static void release(struct place *p)
{
	if (p->lock >= 0)
		(void)close(p->lock); /* unlocks */
	if (p->dir >= 0)
		(void)close(p->dir);
	free(p->path);
	*p = (struct place){.dir = -1, .lock = -1};
}

enum err place_enter(const char *folder, struct place *ret, struct error *e)
{
	struct place p = {.dir = -1, .lock = -1};
	enum err r = enter(folder, &p, e);

	if (r)
		release(&p);
	else
		*ret = p;
	return r;
}

/* "\nNAME inode size mtime ctime\n", which is found in a note as it stands; empty when there is no such file.
 */
static int describe(int dir, const char *file, char *buf, size_t size)
{
	struct stat st;

	buf[0] = 0;
	if (fstatat(dir, file, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
		return 0;
	return snprintf(buf, size, "\n%s %llu %lld %lld.%09ld %lld.%09ld\n", file,
			(unsigned long long)st.st_ino, (long long)st.st_size, (long long)st.st_mtim.tv_sec,
			st.st_mtim.tv_nsec, (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
}

bool place_is_as_left(const struct place *p, const char *file)
{
	char line[160];
	int n = describe(p->dir, file, line, sizeof(line));

	return n > 0 && n < (int)sizeof(line) && strstr(p->note, line);
}

void place_leave(struct place *p, bool clean)
{
	char text[512];
	int n, fd;

	if (clean) {
		n = describe(p->dir, schema_memory.file, text, sizeof(text) / 2);
		(void)describe(p->dir, schema_cache.file, text + n, sizeof(text) / 2);
		fd = openat(p->dir, note_name,
			    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
		if (fd >= 0) {
			if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
				(void)unlinkat(p->dir, note_name, 0);
			(void)close(fd);
		}
	}
	release(p);
}
