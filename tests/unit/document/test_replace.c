/* SPDX-License-Identifier: MIT */
#include "unit/folder.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/xattr.h>
#include <time.h>

#include "document/document.h"
#include "document/read.h"
#include "document/replace.h"

#define OLD SPAN("old text\n")
#define NEW SPAN("new text, longer\n")

static size_t count_files(const struct folder *f)
{
	DIR *d = fdopendir(openat(f->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	(void)closedir(d);
	return n - 2;
}

/* What is done to the folder before replacing x.md, and what must come of it. */
static const struct row {
	const char *name, *command, *path;
	bool foreign;
	enum err want;
	const char *check; /* shell, in the folder, afterwards; every file without it is as before */
} rows[] = {
	{"plain", "true", "x.md", false, ERR_OK, "true"},
	{"mode", "chmod 4604 x.md", "x.md", false, ERR_OK, "[ $(stat -c %a x.md) = 4604 ]"},
	{"read-only file", "chmod 400 x.md", "x.md", false, ERR_OK, "[ $(stat -c %a x.md) = 400 ]"},
	{"attributes", "setfattr -n user.a -v 1 x.md && setfattr -n user.b x.md", "x.md", false, ERR_OK,
	 "[ $(getfattr -n user.a --only-values x.md) = 1 ] && getfattr -n user.b x.md"},
	{"ACL", "setfacl -m u:123:rw,g:45:r x.md", "x.md", false, ERR_OK,
	 "getfacl -n x.md | grep user:123:rw && getfacl -n x.md | grep group:45:r && getfacl -n x.md | "
	 "grep mask::rw"},
	{"ACL of the folder's default is not put on", "setfacl -d -m u:123:rw .", "x.md", false, ERR_OK,
	 "! getfacl -n x.md | grep user:123"},
	{"link to it", "ln -s x.md l.md", "l.md", false, ERR_OK, "[ -L l.md ] && [ ! -L x.md ]"},
	{"link from elsewhere", "mkdir d && ln -s ../x.md d/l.md", "d/l.md", false, ERR_OK, "[ -L d/l.md ]"},
	{"link out", "ln -s /etc/passwd l.md", "l.md", false, ERR_OUTSIDE, NULL},
	{"hard link", "ln x.md y.md", "x.md", false, ERR_LINKED, NULL},
	{"hard link allowed", "ln x.md y.md", "x.md", true, ERR_OK, "[ \"$(cat y.md)\" = 'old text' ]"},
	{"another user's", "chown 12345:12345 x.md", "x.md", false, ERR_OWNER, NULL},
	{"another user's allowed", "chown 12345:12346 x.md", "x.md", true, ERR_OK,
	 "[ $(stat -c %u:%g x.md) = 12345:12346 ]"},
	{"another group's", "chgrp 12346 x.md && chmod 2660 x.md", "x.md", false, ERR_OK,
	 "[ $(stat -c %g:%a x.md) = 12346:2660 ]"},
	{"changed", "echo more >>x.md", "x.md", false, ERR_CHANGED, NULL},
	{"gone", "rm x.md", "x.md", false, ERR_CHANGED, NULL},
	{"a folder now", "rm x.md; mkdir x.md", "x.md", false, ERR_KIND, NULL},
	{"a FIFO now", "rm x.md; mkfifo x.md", "x.md", false, ERR_KIND, NULL},
};

static void replaces(void **state)
{
	const struct row *row = *state;
	const struct replace_options options = {.foreign = row->foreign};
	enum replace_how how = REPLACE_RENAMED;
	struct file_key key = {.ino = 0};
	struct error e = {.code = ERR_OK};
	char line[500];
	struct folder f;
	size_t files;

	if (geteuid() != 0 && strstr(row->command, "12345"))
		skip(); /* takes root to give files away; CI is root */
	folder_open(&f);
	folder_put(&f, "x.md", OLD);
	(void)snprintf(line, sizeof(line), "cd %s && { %s; }", f.path, row->command);
	assert_int_equal(system(line), 0); /* NOLINT(cert-env33-c) */
	files = count_files(&f);
	assert_int_equal(replace_document(f.fd, row->path, OLD, NEW, &options, &how, &key, &e), row->want);
	assert_int_equal(count_files(&f), files);
	assert_int_equal(e.code, row->want);
	if (row->want) {
		assert_non_null(strstr(e.text, row->path));
	} else {
		struct stat st;

		assert_int_equal(how, REPLACE_SAFE);
		assert_true(span_eq(folder_get(&f, "x.md"), NEW));
		assert_int_equal(fstatat(f.fd, "x.md", &st, 0), 0);
		assert_true(file_key_eq(key, file_key_of(&st)));
		(void)snprintf(line, sizeof(line), "cd %s && { %s; } >/dev/null", f.path, row->check);
		assert_int_equal(system(line), 0); /* NOLINT(cert-env33-c) */
	}
	folder_close(&f);
}

/* What somebody does at each moment of a replacement. */
enum moment { BEFORE_COMMIT, BEFORE_FINISH };
enum act { APPEND, RENAME_OVER, KEEP_OPEN, REMOVE, CHMOD, APPEND_TO_DISPLACED };

static const struct moment_row {
	const char *name;
	enum moment when;
	enum act act;
	enum err want;
	const char *text; /* of x.md in the end; NULL: not there */
} moments[] = {
	{"appended before commit", BEFORE_COMMIT, APPEND, ERR_CHANGED, "old text\nmore\n"},
	{"renamed over before commit", BEFORE_COMMIT, RENAME_OVER, ERR_CHANGED, "theirs\n"},
	{"open before commit", BEFORE_COMMIT, KEEP_OPEN, ERR_BUSY, "old text\n"},
	{"removed before commit", BEFORE_COMMIT, REMOVE, ERR_CHANGED, NULL},
	{"mode changed before commit", BEFORE_COMMIT, CHMOD, ERR_CHANGED, "old text\n"},
	{"appended after the exchange", BEFORE_FINISH, APPEND, ERR_OK, "new text, longer\nmore\n"},
	{"renamed over after the exchange", BEFORE_FINISH, RENAME_OVER, ERR_OK, "theirs\n"},
	{"removed after the exchange", BEFORE_FINISH, REMOVE, ERR_OK, NULL},
	{"displaced file written by one who came late", BEFORE_FINISH, APPEND_TO_DISPLACED, ERR_BUSY,
	 "old text\nmore\n"},
};

/* A helper thread, since an opener waits for our lease. */
struct opener {
	char path[400];
};

static void *append_late(void *arg)
{
	const struct opener *o = arg;
	int fd = open(o->path, O_WRONLY | O_APPEND | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "more\n", 5), 5);
	(void)close(fd);
	return NULL;
}

static void find_leftover(const struct folder *f, char path[400])
{
	DIR *d = fdopendir(openat(f->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct dirent *entry;

	path[0] = 0;
	while ((entry = readdir(d))) {
		if (strstr(entry->d_name, ".ingestd-"))
			(void)snprintf(path, 400, "%s/%s", f->path, entry->d_name);
	}
	(void)closedir(d);
	assert_true(path[0] != 0);
}

static int act_out(const struct folder *f, enum act act, struct opener *o, pthread_t *thread)
{
	int fd = -1;

	switch (act) {
	case APPEND:
		fd = openat(f->fd, "x.md", O_WRONLY | O_APPEND | O_CLOEXEC);
		assert_int_equal(write(fd, "more\n", 5), 5);
		(void)close(fd);
		return -1;
	case RENAME_OVER:
		folder_put(f, "y", SPAN("theirs\n"));
		assert_int_equal(renameat(f->fd, "y", f->fd, "x.md"), 0);
		return -1;
	case KEEP_OPEN: return openat(f->fd, "x.md", O_RDONLY | O_CLOEXEC);
	case REMOVE: assert_int_equal(unlinkat(f->fd, "x.md", 0), 0); return -1;
	case CHMOD: assert_int_equal(fchmodat(f->fd, "x.md", 0600, 0), 0); return -1;
	case APPEND_TO_DISPLACED:
	default:
		assert(o && thread);
		find_leftover(f, o->path);
		assert_int_equal(pthread_create(thread, NULL, append_late, o), 0);
		(void)nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
		return -1;
	}
}

static void somebody_interferes(void **state)
{
	const struct moment_row *row = *state;
	struct replace *r = NULL;
	struct opener o;
	pthread_t thread = 0;
	struct error e;
	struct folder f;
	enum err err;
	int fd = -1;

	folder_open(&f);
	folder_put(&f, "x.md", OLD);
	assert_int_equal(replace_prepare(f.fd, "x.md", OLD, NEW, NULL, &r, &e), ERR_OK);
	assert_int_equal(replace_sync(r, &e), ERR_OK);
	if (row->when == BEFORE_COMMIT)
		fd = act_out(&f, row->act, &o, &thread);
	err = replace_commit(r, &e);
	if (row->when == BEFORE_FINISH) {
		assert_int_equal(err, ERR_OK);
		fd = act_out(&f, row->act, &o, &thread);
		err = replace_finish(r, &e);
	}
	if (thread)
		(void)pthread_join(thread, NULL);
	assert_int_equal(err, row->want);
	replace_free(r);
	assert_true(span_eq(folder_get(&f, "x.md"), span_str(row->text)));
	assert_int_equal(count_files(&f), row->text != NULL);
	if (fd >= 0)
		(void)close(fd);
	folder_close(&f);
}

static void both_changed_keeps_both(void **state)
{
	/* the document, after the exchange: saved by renaming, in place, or just open */
	const enum act *act = *state;
	struct replace *r = NULL;
	char kept[300];
	struct opener o;
	pthread_t thread;
	struct error e;
	struct folder f;
	int fd;

	folder_open(&f);
	folder_put(&f, "x.md", OLD);
	assert_int_equal(replace_prepare(f.fd, "x.md", OLD, NEW, NULL, &r, &e), ERR_OK);
	assert_int_equal(replace_sync(r, &e), ERR_OK);
	assert_int_equal(replace_commit(r, &e), ERR_OK);
	act_out(&f, APPEND_TO_DISPLACED, &o, &thread);
	fd = act_out(&f, *act, NULL, NULL);
	assert_int_equal(replace_finish(r, &e), ERR_CHANGED);
	(void)pthread_join(thread, NULL);
	strcpy(kept, replace_kept(r));
	replace_free(r);
	assert_non_null(strstr(e.text, kept));
	assert_int_equal(strncmp(kept, "x.md.ingestd-kept-", 18), 0);
	assert_true(span_eq(folder_get(&f, kept), SPAN("old text\nmore\n")));
	assert_true(span_eq(folder_get(&f, "x.md"), *act == RENAME_OVER ? SPAN("theirs\n")
						    : *act == APPEND    ? SPAN("new text, longer\nmore\n")
									: NEW));
	assert_int_equal(count_files(&f), 2);
	if (fd >= 0)
		(void)close(fd);
	folder_close(&f);
}

static void fallbacks_say_so(void **state)
{
	(void)state;
	for (enum replace_how h = REPLACE_SAFE; h <= REPLACE_RENAMED; h++) {
		const struct replace_options options = {.at_best = h};
		enum replace_how how;
		struct folder f;

		folder_open(&f);
		folder_put(&f, "x.md", OLD);
		assert_int_equal(replace_document(f.fd, "x.md", OLD, NEW, &options, &how, NULL, NULL),
				 ERR_OK);
		assert_int_equal(how, h);
		assert_true(span_eq(folder_get(&f, "x.md"), NEW));
		assert_int_equal(count_files(&f), 1);
		folder_close(&f);
	}
}

static void the_longest_name_works(void **state)
{
	char name[256];
	struct folder f;

	(void)state;
	for (size_t n = 190; n <= 255; n += 5) {
		memset(name, 'n', n);
		strcpy(name + n - 3, ".md");
		folder_open(&f);
		folder_put(&f, name, OLD);
		assert_int_equal(replace_document(f.fd, name, OLD, NEW, NULL, NULL, NULL, NULL), ERR_OK);
		assert_true(span_eq(folder_get(&f, name), NEW));
		assert_int_equal(count_files(&f), 1);
		folder_close(&f);
	}
}

static void abandoned_leaves_nothing(void **state)
{
	struct replace *r;
	struct folder f;

	(void)state;
	folder_open(&f);
	folder_put(&f, "x.md", OLD);
	for (int steps = 0; steps < 3; steps++) {
		assert_int_equal(replace_prepare(f.fd, "x.md", OLD, NEW, NULL, &r, NULL), ERR_OK);
		assert_int_equal(count_files(&f), 2);
		if (steps > 0)
			assert_int_equal(replace_sync(r, NULL), ERR_OK);
		if (steps > 1)
			assert_int_equal(replace_commit(r, NULL), ERR_OK);
		replace_free(r);
		assert_true(span_eq(folder_get(&f, "x.md"), steps > 1 ? NEW : OLD));
		assert_int_equal(count_files(&f), 1);
	}
	folder_close(&f);
}

static void a_change_is_seen_before_anything_is_written(void **state)
{
	struct replace *r = NULL;
	struct folder f;

	(void)state;
	folder_open(&f);
	folder_put(&f, "x.md", SPAN("old text!\n"));
	assert_int_equal(replace_prepare(f.fd, "x.md", OLD, NEW, NULL, &r, NULL), ERR_CHANGED);
	folder_put(&f, "x.md", SPAN("olx text\n"));
	assert_int_equal(replace_prepare(f.fd, "x.md", OLD, NEW, NULL, &r, NULL), ERR_CHANGED);
	assert_null(r);
	folder_close(&f);
}

static void too_large_is_refused(void **state)
{
	struct folder f;
	char *text = calloc(1, DOCUMENT_MAX + 1);

	(void)state;
	assert_non_null(text);
	folder_open(&f);
	folder_put(&f, "x.md", OLD);
	assert_int_equal(
		replace_document(f.fd, "x.md", OLD, span_of(text, DOCUMENT_MAX + 1), NULL, NULL, NULL, NULL),
		ERR_TOOBIG);
	assert_int_equal(count_files(&f), 1);
	free(text);
	folder_close(&f);
}

static void folder_that_may_not_be_written(void **state)
{
	struct error e;
	struct folder f;

	(void)state;
	folder_open(&f);
	folder_put(&f, "x.md", OLD);
	if (geteuid() == 0) {
		assert_int_equal(
			chown(f.path, 65534, (gid_t)-1) | fchownat(f.fd, "x.md", 65534, (gid_t)-1, 0), 0);
		assert_int_equal(seteuid(65534), 0);
	}
	assert_int_equal(fchmod(f.fd, 0555), 0);
	assert_int_equal(replace_document(f.fd, "x.md", OLD, NEW, NULL, NULL, NULL, &e), ERR_ACCESS);
	assert_int_equal(fchmod(f.fd, 0755), 0);
	assert_int_equal(replace_document(f.fd, "x.md", OLD, NEW, NULL, NULL, NULL, &e), ERR_OK);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(count_files(&f), 1);
	folder_close(&f);
}

static void reports_are_written_whole(void **state)
{
	char path[100];
	struct folder f;
	struct stat st;

	(void)state;
	folder_open(&f);
	(void)snprintf(path, sizeof(path), "%s/report.json", f.path);
	assert_int_equal(file_write_atomic(path, OLD, NULL), ERR_OK);
	assert_int_equal(fchmodat(f.fd, "report.json", 0640, 0), 0);
	assert_int_equal(symlinkat("report.json", f.fd, "l"), 0);
	(void)snprintf(path, sizeof(path), "%s/l", f.path);
	assert_int_equal(file_write_atomic(path, NEW, NULL), ERR_OK);
	assert_true(span_eq(folder_get(&f, "report.json"), NEW));
	assert_int_equal(fstatat(f.fd, "report.json", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(file_write_atomic("/dev/null", NEW, NULL), ERR_OK);
	(void)snprintf(path, sizeof(path), "%s/none/x", f.path);
	assert_int_equal(file_write_atomic(path, NEW, NULL), ERR_NOTFOUND);
	assert_int_equal(count_files(&f), 2);
	folder_close(&f);
}

int main(void)
{
	static enum act by_rename = RENAME_OVER, in_place = APPEND, open_only = KEEP_OPEN;
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(both_changed_keeps_both, &by_rename),
		cmocka_unit_test_prestate(both_changed_keeps_both, &in_place),
		cmocka_unit_test_prestate(both_changed_keeps_both, &open_only),
		cmocka_unit_test(fallbacks_say_so),
		cmocka_unit_test(the_longest_name_works),
		cmocka_unit_test(abandoned_leaves_nothing),
		cmocka_unit_test(too_large_is_refused),
		cmocka_unit_test(a_change_is_seen_before_anything_is_written),
		cmocka_unit_test(folder_that_may_not_be_written),
		cmocka_unit_test(reports_are_written_whole),
	};

	(void)umask(022);
	return RUN_ROWS("replace", rows, replaces) +
	       RUN_ROWS("replace/meanwhile", moments, somebody_interferes) +
	       cmocka_run_group_tests_name("replace/more", tests, NULL, NULL);
}
