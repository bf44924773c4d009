/* SPDX-License-Identifier: MIT */
/* secret.c - the keys `credentials` and `status.token`: a file's first line, which nobody is shown. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/table.h"

enum { SECRET_MAX = 4096, PATH_LENGTH = 4096, TOKEN_MIN = 16, TOKEN_MAX = 200 };

/* systemd's folder has such a name. */
static bool is_systemds(struct span name, char path[PATH_LENGTH])
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	struct stat st;

	if (!folder || *folder != '/' || span_find_byte(name, '/') >= 0)
		return false;
	(void)snprintf(path, PATH_LENGTH, "%.2000s/%.*s", folder, (int)MIN(name.len, 255), name.ptr);
	return stat(path, &st) == 0;
}

/* ---- what a file's line is to be; why not, or NULL ---- */

static const char *is_login(struct span s)
{
	return span_find_byte(s, ':') >= 0 || span_starts(s, SPAN("Bearer "))
		       ? NULL
		       : "its first line is to be user:password or Bearer and a token";
}

static const char *is_token(struct span s)
{
	bool good = s.len >= TOKEN_MIN && s.len <= TOKEN_MAX;

	for (size_t i = 0; i < s.len && good; i++)
		good = s.ptr[i] > 0x20 && s.ptr[i] < 0x7f;
	return good ? NULL
		    : "its first line is to be a token of 16 to 200 characters of ASCII without spaces";
}

static const char *read_line(const char *path, char line[SECRET_MAX + 1], const char *is_good(struct span),
			     struct span *ret)
{
	/* O_NONBLOCK: a FIFO must not hang us before it is refused */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const char *why = NULL;
	struct stat st;
	ssize_t n = -1;

	if (fd < 0)
		return errno == ENOENT ? "there is no such file" : "it cannot be read";
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		why = "it is not a file";
	else if (st.st_mode & S_IROTH)
		why = "everybody can read it: chmod o= it";
	else
		n = read(fd, line, SECRET_MAX + 1);
	close(fd);
	if (why || n < 0)
		return why ? why : "it cannot be read";
	*ret = span_of(line, (size_t)n);
	*ret = span_trim(span_split(ret, '\n'));
	if (ret->len > SECRET_MAX || !text_is_line(*ret))
		return is_good(SPAN(""));
	return is_good(*ret);
}

enum err read_secret(struct reading *rd, const struct key *k, const struct node *n, void *at)
{
	char path[PATH_LENGTH];

	if (n->kind != NODE_SCALAR || !n->text.len || !text_is_line(n->text) || !is_systemds(n->text, path))
		return read_path(rd, k, n, at);
	*(const char **)at = arena_strdup(&rd->w->arena, span_str(path));
	return *(const char **)at ? ERR_OK : no_memory(rd);
}

static enum err open_secret(struct whole *w, struct host_settings *h, const char *host, struct error *e)
{
	char line[SECRET_MAX + 1];
	struct span secret = SPAN_NONE;
	const char *why = h->credentials ? read_line(h->credentials, line, is_login, &secret) : NULL;

	if (why)
		return err_set(e, ERR_INVALID, "'%s%s%scredentials': found '%.200s'; %s",
			       host ? "hosts." : "", host ? host : "", host ? "." : "", h->credentials, why);
	if (!h->credentials)
		return ERR_OK;
	h->secret = arena_strdup(&w->arena, secret);
	explicit_bzero(line, sizeof(line));
	return h->secret ? ERR_OK : err_set(e, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
}

static enum err open_token(struct whole *w, struct error *e)
{
	char line[SECRET_MAX + 1];
	struct span token = SPAN_NONE;
	const char *why = read_line(w->c.status_token, line, is_token, &token);

	if (why)
		return err_set(e, ERR_INVALID, "'status.token': found '%.200s'; %s", w->c.status_token, why);
	w->c.status_secret = arena_strdup(&w->arena, token);
	explicit_bzero(line, sizeof(line));
	return w->c.status_secret ? ERR_OK : err_set(e, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
}

enum err open_secrets(struct whole *w, struct error *e)
{
	enum err r = open_secret(w, &w->c.defaults, NULL, e);

	for (size_t i = 0; i < w->c.host_count && !r; i++)
		r = open_secret(w, &w->c.hosts[i].settings, w->c.hosts[i].host, e);
	if (!r && w->c.status_token)
		r = open_token(w, e);
	return r;
}
