/* SPDX-License-Identifier: MIT */
#include "organizations.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "commands.h"

enum { LOOKED_AT_MAX = 2 * ORGANIZATIONS_MAX };

/* What is at the name in that instant, or nothing: not through a link, not waiting for a FIFO's writer. */
static enum err read_file(int folder, const char *name, struct strbuf *out, struct error *e)
{
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	enum err r = ERR_OK;

	if (fd < 0 && errno == ELOOP)
		return err_set(e, ERR_KIND, "a link");
	if (fd < 0)
		return err_set_errno(e, errno, "not opened");
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		r = err_set(e, ERR_KIND, "no regular file");
	else
		r = strbuf_reserve(out, ORGANIZATION_BYTES + 1) ? err_set(e, ERR_NOMEM, "out of memory")
								: ERR_OK;
	while (!r && out->len <= ORGANIZATION_BYTES) {
		ssize_t n = read(fd, out->ptr + out->len, ORGANIZATION_BYTES + 1 - out->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			r = err_set_errno(e, errno, "not read");
		if (n <= 0)
			break;
		out->len += (size_t)n;
	}
	(void)close(fd);
	return r;
}

/* One line for all, however many there are. */
struct trouble {
	size_t count;
	char first[300];
	struct error why;
};

static enum err read_all(DIR *dir, struct organizations *o, struct trouble *t, struct error *e)
{
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(ORGANIZATION_BYTES + 64);
	size_t looked_at = 0;

	for (struct dirent *d; looked_at < LOOKED_AT_MAX && (d = readdir(dir));) {
		struct span name = span_str(d->d_name);
		struct error why;
		enum err r;

		if (!organizations_is_file(name))
			continue;
		looked_at++;
		strbuf_truncate(&text, 0);
		r = read_file(dirfd(dir), d->d_name, &text, &why);
		if (!r)
			r = organizations_add(o, name, strbuf_span(&text), &why);
		if (r == ERR_NOMEM)
			return err_set(e, r, "organizations: out of memory");
		if (r && !t->count++) {
			(void)snprintf(t->first, sizeof(t->first), "%s", d->d_name);
			t->why = why;
		}
	}
	return ERR_OK;
}

enum err organizations_read(const char *folder, struct organizations **ret, struct error *e)
{
	struct organizations *o;
	struct trouble t = {.count = 0};
	DIR *dir;
	int fd;
	enum err r;

	*ret = NULL;
	if (!folder)
		return ERR_OK;
	o = organizations_new();
	if (!o)
		return err_set(e, ERR_NOMEM, "organizations: out of memory");
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (!dir) {
		(void)fail(0, "organizations: %.300s cannot be read: %s", folder, strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		*ret = o;
		return ERR_OK;
	}
	r = read_all(dir, o, &t, e);
	(void)closedir(dir);
	if (r) {
		organizations_free(o);
		return r;
	}
	if (t.count > 1)
		(void)fail(0, "organizations: %s is left out, and %zu more: %s", t.first, t.count - 1,
			   t.why.text);
	else if (t.count)
		(void)fail(0, "organizations: %s is left out: %s", t.first, t.why.text);
	organizations_end(o);
	*ret = o;
	return ERR_OK;
}
