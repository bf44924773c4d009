/* SPDX-License-Identifier: MIT */
#include "image/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { DIGITS = 40, LEFTOVER_SECONDS = 3600, BLOCK = 16 << 10 };
static const char temp_prefix[] = ".ingestd-";

struct image_cache {
	int fd;
	char folder[]; /* for texts */
};

static enum err failed(const struct image_cache *c, int errnum, const char *name, struct error *e)
{
	return err_set_errno(e, errnum, "'%.200s%s%s'", c->folder, *name ? "/" : "", name);
}

bool image_copy_is_name(struct span name)
{
	if (name.len <= DIGITS || name.len >= IMAGE_COPY_NAME)
		return false;
	for (size_t i = 0; i < DIGITS; i++)
		if (!byte_is_digit(name.ptr[i]) && !(name.ptr[i] >= 'a' && name.ptr[i] <= 'f'))
			return false;
	for (enum image_type t = IMAGE_JPEG; t < IMAGE_TYPES; t++)
		if (span_eq_str(span_sub(name, DIGITS, name.len), image_suffix(t)))
			return true;
	return false;
}

/* ---- the folder ---- */

static enum err walk(struct image_cache *c, bool (*fn)(void *arg, const char *name), void *arg,
		     struct error *e)
{
	int fd = openat(c->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	bool on = true;

	if (!dir) {
		enum err r = failed(c, errno, "", e);

		if (fd >= 0)
			(void)close(fd);
		return r;
	}
	for (const struct dirent *d; on && (d = readdir(dir));)
		on = fn(arg, d->d_name);
	(void)closedir(dir);
	return on ? ERR_OK : err_set(e, ERR_CANCELLED, "%s", err_text(ERR_CANCELLED));
}

static bool remove_leftover(void *arg, const char *name)
{
	const struct image_cache *c = arg;
	struct stat st;

	if (strncmp(name, temp_prefix, sizeof(temp_prefix) - 1) == 0 &&
	    fstatat(c->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	    st.st_mtime < time(NULL) - LEFTOVER_SECONDS)
		(void)unlinkat(c->fd, name, 0);
	return true;
}

enum err image_cache_open(const char *folder, struct image_cache **ret, struct error *e)
{
	size_t len = strlen(folder) + 1;
	struct image_cache *c = malloc(sizeof(*c) + len);
	enum err r;

	if (!c)
		return err_set(e, ERR_NOMEM, "out of memory");
	memcpy(c->folder, folder, len);
	if (mkdir(folder, 0755) != 0 && errno != EEXIST) {
		r = failed(c, errno, "", e);
		free(c);
		return r;
	}
	c->fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = c->fd < 0 ? failed(c, errno, "", e) : walk(c, remove_leftover, c, e);
	if (r) {
		image_cache_close(c);
		return r;
	}
	*ret = c;
	return ERR_OK;
}

struct image_cache *image_cache_close(struct image_cache *c)
{
	if (c && c->fd >= 0)
		(void)close(c->fd);
	free(c);
	return NULL;
}

/* ---- a copy on its way ---- */

static enum err make_temp(struct image_cache *c, char name[40], int *ret, struct error *e)
{
	for (unsigned tries = 0;; tries++) {
		uint64_t dice;

		if (getrandom(&dice, sizeof(dice), 0) != sizeof(dice))
			return failed(c, errno, "", e);
		(void)snprintf(name, 40, "%s%016llx", temp_prefix, (unsigned long long)dice);
		*ret = openat(c->fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (*ret >= 0)
			return ERR_OK;
		if (errno != EEXIST || tries > 8)
			return failed(c, errno, name, e);
	}
}

enum err image_copy_begin(struct image_cache *c, struct image_copy *ret, struct error *e)
{
	enum err r;

	*ret = (struct image_copy){.cache = c, .fd = -1};
	ret->buffer = malloc(IMAGE_COPY_BUFFER);
	if (!ret->buffer)
		return err_set(e, ERR_NOMEM, "out of memory");
	r = make_temp(c, ret->name, &ret->fd, e);
	if (r)
		image_copy_drop(ret);
	return r;
}

static enum err write_all(const struct image_cache *c, int fd, const char *name, const char *p, size_t n,
			  struct error *e)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return failed(c, done ? errno : ENOSPC, name, e);
		p += done;
		n -= (size_t)done;
	}
	return ERR_OK;
}

static enum err flush(struct image_copy *copy, struct error *e)
{
	size_t n = copy->held;

	copy->held = 0;
	return write_all(copy->cache, copy->fd, copy->name, copy->buffer, n, e);
}

enum err image_copy_add(struct image_copy *copy, struct span bytes, struct error *e)
{
	copy->len += bytes.len;
	while (bytes.len) {
		size_t n = MIN(bytes.len, (size_t)IMAGE_COPY_BUFFER - copy->held);

		memcpy(copy->buffer + copy->held, bytes.ptr, n);
		copy->held += n;
		bytes = span_sub(bytes, n, bytes.len);
		if (copy->held == IMAGE_COPY_BUFFER) {
			enum err r = flush(copy, e);

			if (r)
				return r;
		}
	}
	return ERR_OK;
}

enum err image_copy_restart(struct image_copy *copy, struct error *e)
{
	copy->len = copy->held = 0;
	if (ftruncate(copy->fd, 0) != 0 || lseek(copy->fd, 0, SEEK_SET) != 0)
		return failed(copy->cache, errno, copy->name, e);
	return ERR_OK;
}

void image_copy_drop(struct image_copy *copy)
{
	if (copy->cache && (copy->fd >= 0 || copy->resting))
		(void)unlinkat(copy->cache->fd, copy->name, 0);
	if (copy->cache && copy->fd >= 0)
		(void)close(copy->fd);
	free(copy->buffer);
	*copy = (struct image_copy){.fd = -1};
}

enum err image_copy_rest(struct image_copy *copy, struct error *e)
{
	struct stat st;
	enum err r = flush(copy, e);

	if (!r && fstat(copy->fd, &st) != 0)
		r = failed(copy->cache, errno, copy->name, e);
	if (r) {
		image_copy_drop(copy);
		return r;
	}
	(void)close(copy->fd);
	copy->fd = -1;
	free(copy->buffer);
	copy->buffer = NULL;
	copy->resting = true;
	copy->dev = st.st_dev;
	copy->ino = st.st_ino;
	return ERR_OK;
}

/* The same file that it was. */
static enum err wake(struct image_copy *copy, struct error *e)
{
	struct stat st;

	copy->fd = openat(copy->cache->fd, copy->name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (copy->fd < 0 || fstat(copy->fd, &st) != 0)
		return failed(copy->cache, errno, copy->name, e);
	if (st.st_dev != copy->dev || st.st_ino != copy->ino)
		return err_set(e, ERR_CHANGED, "'%.200s/%s' is another file now", copy->cache->folder,
			       copy->name);
	return ERR_OK;
}

/* ---- what it holds ---- */

static bool read_file(void *arg, uint64_t at, void *to, size_t n)
{
	const int *fd = arg;

	for (char *p = to; n;) {
		ssize_t got = pread(*fd, p, n, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return true;
}

/* The name without its suffix. */
static enum err digest(const struct image_cache *c, int fd, const char *name, char digits[DIGITS + 1],
		       struct error *e)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char buf[BLOCK], sum[EVP_MAX_MD_SIZE];
	bool ok = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL);
	off_t at = 0;
	ssize_t n = 0;

	while (ok && (n = pread(fd, buf, sizeof(buf), at)) > 0) {
		ok = EVP_DigestUpdate(md, buf, (size_t)n);
		at += n;
	}
	ok = ok && n == 0 && EVP_DigestFinal_ex(md, sum, NULL);
	EVP_MD_CTX_free(md);
	if (n < 0)
		return failed(c, errno, name, e);
	if (!ok)
		return err_set(e, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < DIGITS / 2; i++)
		(void)snprintf(digits + 2 * i, 3, "%02x", sum[i]);
	return ERR_OK;
}

static enum err whole(int fd, uint64_t len, enum image_type type, struct error *e)
{
	const struct image_source source = {len, read_file, &fd};

	return image_whole(&source, type, e);
}

static bool same_bytes(int a, int b)
{
	char x[BLOCK], y[BLOCK];

	for (off_t at = 0;;) {
		ssize_t n = pread(a, x, sizeof(x), at), m = pread(b, y, sizeof(y), at);

		if (n < 0 || n != m || memcmp(x, y, (size_t)n) != 0)
			return false;
		if (!n)
			return true;
		at += n;
	}
}

/* Something has the name: is it the same picture? */
static enum err is_there(struct image_copy *copy, const char *name, bool *shared, struct error *e)
{
	const struct image_cache *c = copy->cache;
	int fd = openat(c->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	bool same = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && same_bytes(fd, copy->fd);

	if (fd >= 0)
		(void)close(fd);
	*shared = same;
	return same ? ERR_OK
		    : err_set(e, ERR_UNSAFE, "'%.200s/%s' is there and holds something else", c->folder,
			      name);
}

/* Never over another: where the file system cannot promise that for a rename, by a second link. */
static enum err give_name(struct image_copy *copy, const char *name, bool *shared, struct error *e)
{
	const struct image_cache *c = copy->cache;

	*shared = false;
	if (renameat2(c->fd, copy->name, c->fd, name, RENAME_NOREPLACE) == 0)
		return ERR_OK;
	if (errno == EINVAL || errno == ENOSYS) {
		if (linkat(c->fd, copy->name, c->fd, name, 0) == 0) {
			(void)unlinkat(c->fd, copy->name, 0);
			return ERR_OK;
		}
	}
	return errno == EEXIST ? is_there(copy, name, shared, e) : failed(c, errno, name, e);
}

static enum err keep(struct image_copy *copy, enum image_type type, char name[IMAGE_COPY_NAME], bool *shared,
		     struct error *e)
{
	char digits[DIGITS + 1];
	enum err r = copy->resting ? wake(copy, e) : flush(copy, e);

	if (!r)
		r = whole(copy->fd, copy->len, type, e);
	if (!r)
		r = digest(copy->cache, copy->fd, copy->name, digits, e);
	if (r)
		return r;
	(void)snprintf(name, IMAGE_COPY_NAME, "%s%s", digits, image_suffix(type));
	if (fchmod(copy->fd, 0644) != 0 || fsync(copy->fd) != 0)
		return failed(copy->cache, errno, copy->name, e);
	r = give_name(copy, name, shared, e);
	if (!r && !*shared && fsync(copy->cache->fd) != 0 && errno != EINVAL)
		r = failed(copy->cache, errno, "", e);
	return r;
}

enum err image_copy_keep(struct image_copy *copy, enum image_type type, char name[IMAGE_COPY_NAME],
			 bool *shared, struct error *e)
{
	enum err r = keep(copy, type, name, shared, e);

	/* the name with a dot is gone when it was renamed: then there is nothing to unlink */
	image_copy_drop(copy);
	return r;
}

/* ---- copies ---- */

struct listing {
	struct image_cache *c;
	image_cache_fn *fn;
	void *arg;
};

static bool list_one(void *arg, const char *name)
{
	const struct listing *l = arg;
	struct stat st;

	if (!image_copy_is_name(span_str(name)) || fstatat(l->c->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(st.st_mode))
		return true;
	return l->fn(l->arg, name, (uint64_t)st.st_size, st.st_mtime);
}

enum err image_cache_list(struct image_cache *c, image_cache_fn *fn, void *arg, struct error *e)
{
	struct listing l = {c, fn, arg};

	return walk(c, list_one, &l, e);
}

bool image_cache_has(const struct image_cache *c, const char *name)
{
	struct stat st;

	return image_copy_is_name(span_str(name)) && fstatat(c->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode);
}

int64_t image_cache_mtime(const struct image_cache *c, const char *name)
{
	struct stat st;

	return fstatat(c->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_mtime : -1;
}

static enum image_type type_of_name(struct span name)
{
	for (enum image_type t = IMAGE_JPEG; t < IMAGE_TYPES; t++)
		if (span_ends(name, span_str(image_suffix(t))))
			return t;
	return IMAGE_NONE;
}

enum err image_cache_verify(struct image_cache *c, const char *name, struct error *e)
{
	char digits[DIGITS + 1];
	struct stat st;
	enum err r;
	int fd;

	if (!image_copy_is_name(span_str(name)))
		return err_set(e, ERR_INVALID, "'%.100s' is no copy's name", name);
	fd = openat(c->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ELOOP ? err_set(e, ERR_UNSAFE, "'%.200s/%s' is a link", c->folder, name)
				      : failed(c, errno, name, e);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		r = err_set(e, ERR_UNSAFE, "'%.200s/%s' is no regular file", c->folder, name);
	else
		r = digest(c, fd, name, digits, e);
	if (!r && memcmp(digits, name, DIGITS) != 0)
		r = err_set(e, ERR_DAMAGED, "'%.200s/%s' does not hold what its name says", c->folder, name);
	if (!r)
		r = whole(fd, (uint64_t)st.st_size, type_of_name(span_str(name)), e);
	(void)close(fd);
	return r;
}

enum err image_cache_remove(struct image_cache *c, const char *name, struct error *e)
{
	if (!image_copy_is_name(span_str(name)))
		return err_set(e, ERR_INVALID, "'%.100s' is no copy's name", name);
	return unlinkat(c->fd, name, 0) == 0 ? ERR_OK : failed(c, errno, name, e);
}

static bool holds(const struct image_cache *c, const char *name, struct span text)
{
	int fd = openat(c->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	char buf[BLOCK];
	bool same = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size == text.len;

	for (size_t at = 0, n; same && at < text.len; at += n) {
		n = MIN(text.len - at, sizeof(buf));
		same = read_file(&fd, at, buf, n) && memcmp(buf, text.ptr + at, n) == 0;
	}
	if (fd >= 0)
		(void)close(fd);
	return same;
}

enum err image_cache_write(struct image_cache *c, const char *name, struct span text, struct error *e)
{
	char temp[40];
	int fd;
	enum err r;

	if (holds(c, name, text))
		return ERR_OK;
	r = make_temp(c, temp, &fd, e);
	if (r)
		return r;
	r = write_all(c, fd, temp, text.ptr, text.len, e);
	if (!r && (fchmod(fd, 0644) != 0 || fsync(fd) != 0 || renameat(c->fd, temp, c->fd, name) != 0))
		r = failed(c, errno, name, e);
	if (!r)
		(void)fsync(c->fd);
	else
		(void)unlinkat(c->fd, temp, 0);
	(void)close(fd);
	return r;
}
