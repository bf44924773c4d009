/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <curl/curl.h>
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <libxml/parser.h>
#include <sqlite3.h>
#include <uv.h>
#include <yaml.h>

#include "base/span.h"

enum kind { FLAG, TEXT, NUMBER, DURATION, COMMAND };

/* One option: where its value goes, and its line of help. A command chosen by an option carries its number.
 */
static const struct option_row {
	const char *name;
	char letter;
	enum kind kind;
	size_t offset;
	const char *argument, *help;
} table[] = {
#define AT(member) offsetof(struct options, member)
	{"once", 0, COMMAND, COMMAND_ONCE, NULL, "refresh the documents once and exit"},
	{"config", 'c', TEXT, AT(config), "FILE", "read this configuration"},
	{"state", 0, TEXT, AT(state), "FOLDER", "keep the state here"},
	{"dry-run", 'n', FLAG, AT(dry_run), NULL, "change nothing; show the diffs"},
	{"check", 0, FLAG, AT(check), NULL, "with --dry-run: exit 1 when changes are pending"},
	{"only", 0, TEXT, AT(only), "GLOB|HOST", "only these documents, or links to this host"},
	{"force", 'f', FLAG, AT(force), NULL, "ignore due times and remembered failures"},
	{"max-time", 0, DURATION, AT(max_time), "TIME", "stop fetching after e.g. 90s, 10m, 2h"},
	{"no-wait", 0, FLAG, AT(no_wait), NULL, "exit 75 at once when the state is in use"},
	{"json", 0, FLAG, AT(json), NULL, "one JSON event a line on standard output"},
	{"report", 0, TEXT, AT(report), "FILE", "write the run's report as JSON"},
	{"quiet", 'q', FLAG, AT(quiet), NULL, "say nothing but errors"},
	{"verbose", 'v', FLAG, AT(verbose), NULL, "name every document and fetch"},
	{"batch", 0, FLAG, AT(batch), NULL, "extract, feed: JSON Lines in, JSON Lines out"},
	{"jobs", 'j', NUMBER, AT(jobs), "N", "--batch: threads (default: cores)"},
	{"fields", 0, TEXT, AT(fields), "LIST", "extract: these only, e.g. title,excerpt,images"},
	{"explain", 0, FLAG, AT(explain), NULL, "extract: every candidate, and why it lost"},
	{"url", 0, TEXT, AT(url), "BASE", "extract: the page's address"},
	{"base", 0, TEXT, AT(base), "URL", "feed: the feed's address"},
	{"content-type", 0, TEXT, AT(content_type), "TYPE", "extract, feed: as the server sent it"},
	{"why", 0, FLAG, AT(why), NULL, "feed: what became of each entry, and why"},
	{"run", 0, NUMBER, AT(run), "N", "undo: what this run wrote"},
	{"host", 0, TEXT, AT(host), "HOST", "undo: what came from this host"},
	{"check-config", 0, COMMAND, COMMAND_CHECK_CONFIG, NULL, "read the configuration and exit"},
	{"print-config", 0, COMMAND, COMMAND_PRINT_CONFIG, NULL, "print the effective configuration"},
	{"version", 'V', COMMAND, COMMAND_VERSION, NULL, "print versions"},
	{"help", 'h', COMMAND, COMMAND_HELP, NULL, "print this"},
#undef AT
};

static const struct {
	const char *word;
	enum command command;
} words[] = {{"serve", COMMAND_SERVE}, {"extract", COMMAND_EXTRACT}, {"explain", COMMAND_EXPLAIN},
	     {"feed", COMMAND_FEED},   {"feeds", COMMAND_FEEDS},     {"undo", COMMAND_UNDO},
	     {"state", COMMAND_STATE}, {"images", COMMAND_IMAGES},   {"status", COMMAND_STATUS}};

static bool number(const char *text, uint64_t *ret)
{
	return span_to_uint(span_str(text), UINT32_MAX, ret);
}

/* "90", "90s", "10m", "2h" in seconds. */
static bool duration(const char *text, uint64_t *ret)
{
	struct span s = span_str(text);
	uint64_t unit = 1, n;

	if (s.len && !byte_is_digit(s.ptr[s.len - 1])) {
		switch (s.ptr[--s.len]) {
		case 's': unit = 1; break;
		case 'm': unit = 60; break;
		case 'h': unit = 3600; break;
		default: return false;
		}
	}
	if (!span_to_uint(s, UINT32_MAX, &n) || !n)
		return false;
	*ret = n * unit;
	return true;
}

static enum err take(const struct option_row *row, struct options *o, const char *arg, struct error *e)
{
	void *at = (char *)o + row->offset;
	uint64_t n;

	switch (row->kind) {
	case FLAG: *(bool *)at = true; break;
	case TEXT: *(const char **)at = arg; break;
	case NUMBER:
		if (!number(arg, &n) || !n)
			return err_set(e, ERR_INVALID, "--%s takes a number from 1, not '%s'", row->name,
				       arg);
		if (row->offset == offsetof(struct options, run))
			o->run = (int64_t)n;
		else
			*(unsigned *)at = (unsigned)n;
		break;
	case DURATION:
		if (!duration(arg, &n))
			return err_set(e, ERR_INVALID, "--%s takes a time such as 90s, 10m or 2h, not '%s'",
				       row->name, arg);
		*(uint64_t *)at = n;
		break;
	case COMMAND:
		if (o->command && o->command != (enum command)row->offset)
			return err_set(e, ERR_INVALID, "--%s: one command at a time", row->name);
		o->command = (enum command)row->offset;
		break;
	}
	return ERR_OK;
}

enum err options_read(int argc, char **argv, struct options *ret, struct error *e)
{
	struct option longs[ARRAY_SIZE(table) + 1] = {0};
	char shorts[2 * ARRAY_SIZE(table) + 2] = ":", *s = shorts + 1;
	struct options o = {0};
	enum err r = ERR_OK;
	int got;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		longs[i] = (struct option){table[i].name, table[i].argument ? required_argument : no_argument,
					   NULL, (int)(i + 256)};
		if (!table[i].letter)
			continue;
		*s++ = table[i].letter;
		if (table[i].argument)
			*s++ = ':';
	}
	opterr = 0;
	while (!r && (got = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		size_t row = 0;

		if (got == '?')
			return err_set(e, ERR_INVALID, "unknown option '%s'", argv[optind - 1]);
		if (got == ':')
			return err_set(e, ERR_INVALID, "option '%s' needs an argument", argv[optind - 1]);
		while (got < 256 && table[row].letter != (char)got)
			row++;
		if (got >= 256)
			row = (size_t)got - 256;
		r = take(&table[row], &o, optarg, e);
	}
	if (r)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(words) && !o.command && argv[optind]; i++) {
		if (strcmp(argv[optind], words[i].word) != 0)
			continue;
		o.command = words[i].command;
		optind++;
	}
	o.args = argv + optind;
	o.arg_count = (size_t)(argc - optind);
	if (!o.command && o.arg_count)
		return err_set(e, ERR_INVALID, "'%s' is no command; did you mean --once %s?", o.args[0],
			       o.args[0]);
	if (!o.command)
		return err_set(e, ERR_INVALID, "nothing to do");
	if (o.check && !o.dry_run)
		return err_set(e, ERR_INVALID, "--check goes with --dry-run");
	if (o.command == COMMAND_SERVE && (o.arg_count || o.report || o.max_time || o.force))
		return err_set(e, ERR_INVALID,
			       "serve watches the configuration's folders: no PATH, --report, --max-time "
			       "or --force");
	if (o.quiet && o.verbose)
		return err_set(e, ERR_INVALID, "--quiet and --verbose exclude each other");
	*ret = o;
	return ERR_OK;
}

void options_help(FILE *out)
{
	fputs("usage: ingestd --once [OPTION...] [PATH...]\n"
	      "       ingestd serve [OPTION...]\n"
	      "       ingestd extract FILE|URL | extract --batch\n"
	      "       ingestd explain PATH|URL\n"
	      "       ingestd feed [--why] FILE|URL | feed --batch\n"
	      "       ingestd feeds [import FILE | export]\n"
	      "       ingestd undo [--run N] [--host H] [PATH...]    (alone: the last run)\n"
	      "       ingestd state [check | export | forget URL|HOST|PATH...]\n"
	      "       ingestd status | images [list | verify | prune [FOLDER...]]\n\n",
	      out);
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		char left[64];

		(void)snprintf(left, sizeof(left), "%s%c%c --%s%s%s", table[i].letter ? "-" : " ",
			       table[i].letter ? table[i].letter : ' ', table[i].letter ? ',' : ' ',
			       table[i].name, table[i].argument ? " " : "",
			       table[i].argument ? table[i].argument : "");
		fprintf(out, "  %-26s %s\n", left, table[i].help);
	}
	fputs("\nExit: 0 done, 1 changes pending, 64 usage, 65 no feed, 66 no such folder, 73, 74\n"
	      "could not write, 75 try again, 78 configuration. See ingestd(1).\n",
	      out);
}

void options_each(void (*fn)(void *arg, const struct option_info *option), void *arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const struct option_info o = {table[i].name, table[i].letter, table[i].argument,
					      table[i].help};

		fn(arg, &o);
	}
}

void options_each_command(void (*fn)(void *arg, const char *word), void *arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		fn(arg, words[i].word);
}

void options_version(FILE *out)
{
	fprintf(out, "ingestd %s\n", INGESTD_VERSION);
	fprintf(out, "libuv %s\n", uv_version_string());
	fprintf(out, "%s\n", curl_version());
	fprintf(out, "libxml2 %s\n", xmlParserVersion);
	fprintf(out, "libyaml %s\n", yaml_get_version_string());
	fprintf(out, "SQLite %s\n", sqlite3_libversion());
	fprintf(out, "jansson %s\n", jansson_version_str());
}
