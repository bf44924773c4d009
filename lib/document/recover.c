/* SPDX-License-Identifier: MIT */
#include "document/recover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "document/beneath.h"
#include "document/document.h"
#include "document/exchange.h"
#include "document/read.h"

enum { YOUNG_S = 60 }; /* without leases, how old a leftover must be to be nobody's */

/* What a file holds, as far as we know texts. */
enum holds { HOLDS_NOTHING, HOLDS_OLD, HOLDS_NEW, HOLDS_OTHER };

struct job {
	struct leftover name;
	const char *temp, *path;
	char document[LEFTOVER_NAME_MAX + 1];
	char kept[LEFTOVER_NAME_MAX + 1];
	bool nameless; /* its name was shortened, and no such document is there any more */
	int folder, fd;
	struct strbuf text; /* of temp, when it is one of ours */
};

/* A file over DOCUMENT_MAX is none of ours. */
static enum err look(const struct job *j, int fd, struct strbuf *text, enum holds *ret, struct error *e)
{
	struct stat st;
	uint64_t hash;
	size_t got = 0;
	enum err r;

	if (fstat(fd, &st) != 0)
		return err_set_errno(e, errno, "'%s'", j->path);
	*ret = HOLDS_OTHER;
	if ((uint64_t)st.st_size > DOCUMENT_MAX)
		return ERR_OK;
	r = strbuf_reserve(text, (size_t)st.st_size);
	if (r)
		return err_set(e, r, "'%s': %s", j->path, err_text(r));
	while (got < (size_t)st.st_size) {
		ssize_t n = pread(fd, text->ptr + got, (size_t)st.st_size - got, (off_t)got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set_errno(e, errno, "'%s'", j->path);
		if (n == 0)
			break;
		got += (size_t)n;
	}
	text->len = got;
	hash = hash64(strbuf_span(text));
	if (hash == j->name.new_hash)
		*ret = HOLDS_NEW;
	else if (hash == j->name.old_hash)
		*ret = HOLDS_OLD;
	return ERR_OK;
}

static enum err remove_temp(struct job *j, struct recovery *ret, struct error *e)
{
	enum err r =
		put_away(j->folder, j->temp, j->fd, strbuf_span(&j->text), true, j->document, j->kept, e);

	ret->what = r == ERR_CHANGED ? RECOVER_KEPT : RECOVER_REMOVED;
	return r == ERR_CHANGED ? ERR_OK : r;
}

static enum err keep_temp(struct job *j, struct recovery *ret, struct error *e)
{
	enum err r = keep(j->folder, j->temp, j->document, j->kept, e);

	ret->what = RECOVER_KEPT;
	return r == ERR_CHANGED ? ERR_OK : r;
}

/* temp is an edit, NAME is open as fd, holds `ours`, and is leased where there are leases. */
static enum err exchange_back(struct job *j, int fd, struct span ours, struct recovery *ret, struct error *e)
{
	char kept[LEFTOVER_NAME_MAX + 1];
	enum err r = exchange(j->folder, j->temp, j->document, inode_of(fd));

	if (r == ERR_UNSUPPORTED || r == ERR_CHANGED)
		return keep_temp(j, ret, e);
	if (r)
		return err_set_errno(e, errno, "'%s'", j->path);
	ret->what = RECOVER_RESTORED;
	r = put_away(j->folder, j->temp, fd, ours, true, j->document, kept, e);
	return r == ERR_CHANGED ? ERR_OK : r;
}

static enum err restore_missing(struct job *j, struct recovery *ret, struct error *e)
{
	if (renameat2(j->folder, j->temp, j->folder, j->document, RENAME_NOREPLACE) == 0) {
		ret->what = RECOVER_RESTORED;
		return ERR_OK;
	}
	return keep_temp(j, ret, e);
}

/* temp was, or may have been, the document. */
static enum err decide(struct job *j, enum holds temp, struct recovery *ret, struct error *e)
{
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(DOCUMENT_MAX);
	enum holds document = HOLDS_NOTHING;
	struct stat st;
	int fd = -1;
	enum err r = read_open(j->folder, j->document, j->path, &fd, &st, e);

	if (r == ERR_NOTFOUND)
		return temp == HOLDS_OTHER && !j->nameless ? restore_missing(j, ret, e)
							   : keep_temp(j, ret, e);
	if (r == ERR_BUSY) {
		ret->what = RECOVER_LEFT;
		return ERR_OK;
	}
	if (r && r != ERR_KIND)
		return r;
	if (!r && lease_take(fd) == LEASE_BUSY) {
		ret->what = RECOVER_LEFT;
		(void)close(fd);
		return ERR_OK;
	}
	r = r ? ERR_OK : look(j, fd, &text, &document, e);
	if (r)
		;
	else if (temp == HOLDS_OLD && (document == HOLDS_NEW || document == HOLDS_OLD))
		r = remove_temp(j, ret, e);
	else if (temp == HOLDS_OTHER && document == HOLDS_NEW)
		r = exchange_back(j, fd, strbuf_span(&text), ret, e);
	else
		r = keep_temp(j, ret, e);
	if (fd >= 0)
		(void)close(fd);
	return r;
}

static bool somebodys(const struct job *j, const struct stat *st)
{
	struct timespec now;

	switch (lease_take(j->fd)) {
	case LEASE_HELD: return false;
	case LEASE_BUSY: return true;
	default: break;
	}
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec - st->st_ctim.tv_sec < YOUNG_S;
}

static enum err recover(struct job *j, const struct stat *st, struct recovery *ret, struct error *e)
{
	enum holds temp = HOLDS_NOTHING;
	enum err r;

	if (somebodys(j, st)) {
		ret->what = RECOVER_LEFT;
		return ERR_OK;
	}
	r = look(j, j->fd, &j->text, &temp, e);
	if (r)
		return r;
	if (j->name.role == LEFTOVER_WRITING) {
		/* nobody knew of it; what it holds is a beginning of the new text, at most all of it */
		ret->what = RECOVER_REMOVED;
		return unlinkat(j->folder, j->temp, 0) ? err_set_errno(e, errno, "'%s'", j->path) : ERR_OK;
	}
	if (temp == HOLDS_NEW)
		return remove_temp(j, ret, e);
	return decide(j, temp, ret, e);
}

enum err recover_leftover(int root, const char *path, struct recovery *ret, struct error *e)
{
	struct job j = {.path = path, .folder = -1, .fd = -1, .text = STRBUF_INIT(DOCUMENT_MAX)};
	struct stat st;
	const char *shown;
	size_t len;
	enum err r = beneath_folder(root, path, &j.folder, &j.temp, e);

	if (r)
		return r;
	ret->path[0] = 0;
	if (!leftover_parse(j.temp, &j.name)) {
		r = err_set(e, ERR_INVALID, "'%s' is nothing that ingestd left", path);
	} else {
		r = leftover_document(&j.name, j.folder, j.document, e);
		/* the document of a shortened name is gone: its beginning will do, to keep the text by */
		j.nameless = r == ERR_NOTFOUND;
		if (j.nameless)
			(void)snprintf(j.document, sizeof(j.document), "%.*s", SPAN_ARG(j.name.name));
		if (!r || j.nameless)
			r = read_open(j.folder, j.temp, path, &j.fd, &st, e);
		if (r == ERR_BUSY) {
			ret->what = RECOVER_LEFT;
			r = ERR_OK;
		} else if (!r) {
			r = recover(&j, &st, ret, e);
		}
	}
	if (!r && ret->what != RECOVER_LEFT)
		r = fsync(j.folder) == 0 || errno == EINVAL ? ERR_OK : err_set_errno(e, errno, "'%s'", path);
	if (!r) {
		shown = j.kept[0] ? j.kept : j.document;
		len = (size_t)(j.temp - path);
		(void)snprintf(ret->path, sizeof(ret->path), "%.*s%s", (int)len, path, shown);
	}
	if (j.fd >= 0)
		(void)close(j.fd);
	(void)close(j.folder);
	strbuf_release(&j.text);
	return r;
}
