/* SPDX-License-Identifier: MIT */
/* race.c - people save documents as fast as they can while we replace the same ones; counts lost edits.
 *
 *     race [--saves N] [--replaces N] [--documents N] [--editors N] [--replacers N] [--how 0|1|2]
 *          [--no-sync] [FOLDER]
 *
 * Each document has one editor, who adds an edit at each save (appending, truncating and writing, or renaming
 * a file over it, in turn) and looks before the next whether the last one is still there. Replacers change
 * another line of the same documents. --how is enum replace_how at best: 2 is compare-and-rename, which loses
 * edits. Prints one line; exit 1 when an edit is lost. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "document/document.h"
#include "document/read.h"
#include "document/replace.h"

enum { EDITORS_MAX = 16, REPLACERS_MAX = 16, DOCUMENTS_MAX = 1000, TEXT_MAX = 1 << 20, LOSSES_MAX = 100000 };

static long saves = 1000, replaces = 100, documents = 50;
static int editor_count = 2, replacer_count = 4;
static int root;
static bool no_sync;
static struct replace_options options;
static atomic_long saved, replaced, results[ERR_COUNT], hows[3], lost, stale;
static atomic_bool failed;

/* edits that were not where their editor left them: looked for in the files that were kept */
static struct loss {
	int document;
	long edit;
} losses[LOSSES_MAX];

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static bool finished(void)
{
	return (atomic_load(&saved) >= saves && atomic_load(&replaced) >= replaces) || atomic_load(&failed);
}

/* The number after the last "\ne ", -1 when there is none. */
static long last_edit(struct span text)
{
	for (size_t i = text.len; i-- > 0;) {
		if (i + 3 < text.len && memcmp(text.ptr + i, "\ne ", 3) == 0)
			return strtol(text.ptr + i + 3, NULL, 10);
	}
	return -1;
}

static size_t slurp(const char *name, char *buf)
{
	int fd = openat(root, name, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	size_t got = 0;

	if (fd < 0)
		die(name);
	while ((n = read(fd, buf + got, TEXT_MAX - 1 - got)) > 0)
		got += (size_t)n;
	(void)close(fd);
	buf[got] = 0;
	return got;
}

static void put(const char *name, int flags, const char *text)
{
	int fd = openat(root, name, O_WRONLY | O_CLOEXEC | flags, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd) != 0)
		die(name);
}

static void save(const char *name, const char *text, long edit, int way)
{
	char line[40], first[80], whole[200], temp[40];

	(void)snprintf(line, sizeof(line), "e %ld\n", edit);
	(void)snprintf(first, sizeof(first), "%.*s", (int)(strchrnul(text, '\n') - text), text);
	(void)snprintf(whole, sizeof(whole), "%s\n%s", first, line);
	(void)snprintf(temp, sizeof(temp), "%s.save", name);
	switch (way) {
	case 0: put(name, O_APPEND, line); break;
	case 1: put(name, O_TRUNC, whole); break;
	default:
		put(temp, O_CREAT | O_EXCL, whole);
		if (renameat(root, temp, root, name) != 0)
			die(temp);
	}
}

static void *edit_all(void *arg)
{
	int me = (int)(intptr_t)arg;
	char *text = malloc(TEXT_MAX), name[32];
	long *edits = calloc((size_t)documents, sizeof(*edits));

	if (!text || !edits)
		die("editor");
	for (unsigned turn = 0; !finished(); turn++) {
		for (int i = me; i < documents; i += editor_count) {
			long seen;

			(void)snprintf(name, sizeof(name), "%d.md", i);
			seen = last_edit(span_of(text, slurp(name, text)));
			if (seen != edits[i]) {
				/* in the instant of an exchange that is taken back a reader gets our text */
				(void)usleep(1000);
				seen = last_edit(span_of(text, slurp(name, text)));
				atomic_fetch_add(&stale, seen == edits[i]);
			}
			if (seen != edits[i]) {
				long k = atomic_fetch_add(&lost, 1);

				if (k < LOSSES_MAX)
					losses[k] = (struct loss){i, edits[i]};
			}
			/* sometimes several documents are saved the same way in a row, sometimes not */
			save(name, text, ++edits[i], (int)((turn / 3 + (unsigned)i) % 3));
			atomic_fetch_add(&saved, 1);
		}
	}
	free(text);
	free(edits);
	return NULL;
}

static enum err replace_once(const char *name, struct span old, struct span new, struct error *e)
{
	struct replace *r;
	enum err err, sync_err;

	err = replace_prepare(root, name, old, new, &options, &r, e);
	if (err)
		return err;
	if (!no_sync)
		err = replace_sync(r, e);
	if (!err)
		err = replace_commit(r, e);
	if (!err) {
		sync_err = no_sync ? ERR_OK : replace_sync_folders(&r, 1, e);
		err = replace_finish(r, e);
		err = err ? err : sync_err;
	}
	if (!err)
		atomic_fetch_add(&hows[replace_how(r)], 1);
	replace_free(r);
	return err;
}

static void *replace_all(void *arg)
{
	unsigned seed = (unsigned)(intptr_t)arg;
	struct strbuf old = STRBUF_INIT(TEXT_MAX), new = STRBUF_INIT(TEXT_MAX);
	char name[32];

	while (!finished()) {
		struct error e = {.text = ""};
		ptrdiff_t nl;
		enum err err;

		(void)snprintf(name, sizeof(name), "%d.md", rand_r(&seed) % (int)documents);
		strbuf_truncate(&old, 0);
		strbuf_truncate(&new, 0);
		err = document_read(root, name, &old, NULL, &e);
		nl = span_find_byte(strbuf_span(&old), '\n');
		if (!err && (nl < 0 || last_edit(strbuf_span(&old)) < 0))
			continue; /* being written: front matter that does not end */
		if (!err && (strbuf_addf(&new, "patch: %ld", atomic_load(&replaced)) ||
			     strbuf_add(&new, old.ptr + nl, old.len - (size_t)nl)))
			die("strbuf");
		if (!err)
			err = replace_once(name, strbuf_span(&old), strbuf_span(&new), &e);
		atomic_fetch_add(&results[err], 1);
		if (!err) {
			atomic_fetch_add(&replaced, 1);
		} else if (err != ERR_CHANGED && err != ERR_BUSY) {
			(void)fprintf(stderr, "%s: %s\n", err_name(err), e.text);
			atomic_store(&failed, true);
		}
	}
	strbuf_release(&old);
	strbuf_release(&new);
	return NULL;
}

/* Files beside the documents: those that keep an edit count it as found, temps must not be. */
static void look_around(long *kept_files, long *found, long *temps)
{
	DIR *d = fdopendir(openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	char *text = malloc(TEXT_MAX), line[40];
	struct dirent *entry;

	if (!d || !text)
		die("folder");
	while ((entry = readdir(d))) {
		if (strstr(entry->d_name, ".ingestd-kept-")) {
			int document = (int)strtol(entry->d_name, NULL, 10);

			(*kept_files)++;
			slurp(entry->d_name, text);
			for (long i = 0; i < MIN(atomic_load(&lost), LOSSES_MAX); i++) {
				(void)snprintf(line, sizeof(line), "\ne %ld\n", losses[i].edit);
				if (losses[i].document == document && strstr(text, line)) {
					(*found)++;
					losses[i].document = -1;
				}
			}
		} else if (strstr(entry->d_name, ".ingestd-")) {
			(*temps)++;
		}
	}
	free(text);
	(void)closedir(d);
}

static void clear(const char *made)
{
	DIR *d = fdopendir(openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		if (entry->d_name[0] != '.' || strstr(entry->d_name, ".ingestd-"))
			(void)unlinkat(root, entry->d_name, 0);
	}
	if (d)
		(void)closedir(d);
	(void)rmdir(made);
}

static const char *parse(int argc, char **argv)
{
	const char *folder = NULL;

	for (int i = 1; i < argc; i++) {
		long n = i + 1 < argc ? strtol(argv[i + 1], NULL, 10) : 0;

		if (strcmp(argv[i], "--no-sync") == 0)
			no_sync = true;
		else if (argv[i][0] != '-')
			folder = argv[i];
		else if (strcmp(argv[i++], "--saves") == 0)
			saves = n;
		else if (strcmp(argv[i - 1], "--replaces") == 0)
			replaces = n;
		else if (strcmp(argv[i - 1], "--documents") == 0)
			documents = MIN(n, DOCUMENTS_MAX);
		else if (strcmp(argv[i - 1], "--editors") == 0)
			editor_count = (int)MIN(n, EDITORS_MAX);
		else if (strcmp(argv[i - 1], "--replacers") == 0)
			replacer_count = (int)MIN(n, REPLACERS_MAX);
		else if (strcmp(argv[i - 1], "--how") == 0)
			options.at_best = (enum replace_how)n;
	}
	return folder;
}

int main(int argc, char **argv)
{
	pthread_t editors[EDITORS_MAX], replacers[REPLACERS_MAX];
	long kept_files = 0, found = 0, temps = 0, gone;
	char made[] = "race-XXXXXX", name[32];
	const char *folder = parse(argc, argv);
	struct timespec a, b;

	if (!folder)
		folder = mkdtemp(made);
	root = open(folder ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!folder || root < 0)
		die("folder");
	for (int i = 0; i < documents; i++) {
		(void)snprintf(name, sizeof(name), "%d.md", i);
		put(name, O_CREAT | O_TRUNC, "patch: 0\ne 0\n");
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &a);
	for (int i = 0; i < replacer_count; i++) {
		if (pthread_create(&replacers[i], NULL, replace_all, (void *)(intptr_t)(i + 1)))
			die("thread");
	}
	for (int i = 0; i < editor_count; i++) {
		if (pthread_create(&editors[i], NULL, edit_all, (void *)(intptr_t)i))
			die("thread");
	}
	for (int i = 0; i < editor_count; i++)
		(void)pthread_join(editors[i], NULL);
	for (int i = 0; i < replacer_count; i++)
		(void)pthread_join(replacers[i], NULL);
	(void)clock_gettime(CLOCK_MONOTONIC, &b);
	look_around(&kept_files, &found, &temps);
	gone = atomic_load(&lost) - found;
	(void)printf(
		"%ld saves, %ld replacements (%ld safe, %ld unleased, %ld renamed), %ld dropped as changed, "
		"%ld as busy, %ld stale looks, %.1f s: %ld edits lost; %ld kept beside the document (%ld "
		"files), %ld temps "
		"left\n",
		atomic_load(&saved), atomic_load(&replaced), atomic_load(&hows[0]), atomic_load(&hows[1]),
		atomic_load(&hows[2]), atomic_load(&results[ERR_CHANGED]), atomic_load(&results[ERR_BUSY]),
		atomic_load(&stale), (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9,
		gone, found, kept_files, temps);
	(void)fflush(stdout);
	/* kept to be looked at where something went wrong that should not */
	if (folder == made && ((gone == 0 && temps == 0 && !atomic_load(&failed)) || options.at_best))
		clear(made);
	return gone || temps || atomic_load(&failed);
}
