/* SPDX-License-Identifier: MIT */
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <sys/stat.h>

#include "commands.h"
#include "document/scan.h"
#include "pass/roots.h"
#include "report/say.h"

/* `--check-config`: the configuration is good once it was read; then, for who sets up the service, which unit
 * can write the documents, and which of them none could. */

enum { GROUPS_MAX = 256, SAID_MAX = 5 };

struct user {
	uid_t uid;
	char name[64]; /* its number where it has no name */
	gid_t groups[GROUPS_MAX];
	int group_count;
};

struct checking {
	const struct root *root;
	const struct config *config;
	struct user user; /* the folder's owner: who the service would run as */
	uint64_t documents, refused;
	char why[SAID_MAX][SCAN_PATH_MAX + 200];
};

static void find_user(uid_t uid, struct user *ret)
{
	const struct passwd *pw = getpwuid(uid);

	ret->uid = uid;
	ret->group_count = 0;
	(void)snprintf(ret->name, sizeof(ret->name), "%lu", (unsigned long)uid);
	if (!pw)
		return;
	(void)snprintf(ret->name, sizeof(ret->name), "%s", pw->pw_name);
	ret->group_count = GROUPS_MAX;
	if (getgrouplist(pw->pw_name, pw->pw_gid, ret->groups, &ret->group_count) < 0)
		ret->group_count = GROUPS_MAX;
}

/* By the mode alone, without a capability; the group's bits are also an ACL's mask. */
static bool may_write(const struct user *u, const struct stat *folder)
{
	const mode_t need = S_IWOTH | S_IXOTH;

	if (folder->st_uid == u->uid)
		return (folder->st_mode >> 6 & need) == need;
	for (int i = 0; i < u->group_count; i++)
		if (u->groups[i] == folder->st_gid)
			return (folder->st_mode >> 3 & need) == need;
	return (folder->st_mode & need) == need;
}

static const char *why_not(const struct checking *c, const char *path, const struct stat *st, char said[128])
{
	char folder[SCAN_PATH_MAX + 2] = ".";
	const char *slash = strrchr(path, '/');
	const struct passwd *pw;
	struct stat in;

	if (slash)
		(void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	if (!fstatat(c->root->fd, folder, &in, 0) && !may_write(&c->user, &in))
		return "its folder";
	if (c->config->foreign_documents)
		return NULL;
	if (st->st_nlink > 1)
		return "a file with several names (hard links)";
	if (st->st_uid == c->user.uid)
		return NULL;
	pw = getpwuid(st->st_uid);
	(void)snprintf(said, 128, "a file of %s", pw ? pw->pw_name : "nobody who has a name");
	return said;
}

static bool on_entry(void *arg, const struct scan_entry *entry)
{
	struct checking *c = arg;
	const char *why;
	char said[128];
	struct stat st;

	if (entry->kind == SCAN_COMPLAINT) {
		if (c->refused < SAID_MAX)
			(void)snprintf(c->why[c->refused], sizeof(c->why[0]), "%s", entry->error->text);
		c->refused++;
		return true;
	}
	if (entry->kind != SCAN_DOCUMENT || fstatat(c->root->fd, entry->path.ptr, &st, 0))
		return true;
	c->documents++;
	why = why_not(c, entry->path.ptr, &st, said);
	if (!why)
		return true;
	if (c->refused < SAID_MAX)
		(void)snprintf(c->why[c->refused], sizeof(c->why[0]), "%s: %s", entry->path.ptr, why);
	c->refused++;
	return true;
}

static void line(const char *path, const char *text)
{
	say(stdout, span_str(path));
	fputs(": ", stdout);
	say(stdout, span_str(text));
	putchar('\n');
}

static bool beneath(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(path, folder, n) == 0 && (!path[n] || path[n] == '/');
}

static void tell_unit(const struct checking *c)
{
	const char *path = c->root->path;
	char text[400];
	bool own = strcmp(c->user.name, "ingestd") == 0;

	(void)snprintf(text, sizeof(text), "%" PRIu64 " document%s, for ingestd%s%s.service%s", c->documents,
		       c->documents == 1 ? "" : "s", own ? "" : "@", own ? "" : c->user.name,
		       c->user.uid ? "" : "; better give them an owner who is not root");
	line(path, text);
	if (beneath(path, "/home") || beneath(path, "/root") || beneath(path, "/run/user"))
		line(path, "the units see no home folders; examples/systemd/home.conf opens one");
	else if (!beneath(path, "/srv") && !beneath(path, "/var/www"))
		line(path, "the units write below /srv and /var/www; examples/systemd/other-content.conf "
			   "names another place");
}

static void check_root(const struct root *root, const struct config *config)
{
	const struct scan_options options = {
		.include = (const char *const *)config->include,
		.exclude = (const char *const *)config->exclude,
		.all = !config->exclude_usual,
	};
	struct checking *c = calloc(1, sizeof(*c));
	struct stat st;
	struct error e;

	if (!c || fstat(root->fd, &st)) {
		free(c);
		return;
	}
	c->root = root;
	c->config = config;
	find_user(st.st_uid, &c->user);
	if (scan_folder(root->fd, &options, on_entry, c, &e))
		line(root->path, e.text);
	tell_unit(c);
	for (uint64_t i = 0; i < MIN(c->refused, (uint64_t)SAID_MAX); i++) {
		fputs("  neither unit could write ", stdout);
		say(stdout, span_str(c->why[i]));
		putchar('\n');
	}
	if (c->refused > SAID_MAX)
		printf("  and %" PRIu64 " more\n", c->refused - SAID_MAX);
	free(c);
}

int command_check_config(const struct options *options, const struct config *config)
{
	CLEANUP(roots_release) struct roots roots = {NULL, 0};
	struct error e;

	if (options->quiet)
		return EXIT_DONE;
	printf("%s: good\n", config->path ? config->path : "no configuration file, the defaults");
	if (!config->content || !config->content[0])
		return EXIT_DONE;
	if (roots_open(config, NULL, 0, &roots, &e)) {
		printf("%s\n", e.text);
		return EXIT_DONE;
	}
	for (size_t i = 0; i < roots.count; i++)
		check_root(&roots.at[i], config);
	return fflush(stdout) ? EXIT_NO_WRITE : EXIT_DONE;
}
