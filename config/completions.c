/* SPDX-License-Identifier: MIT */
/* completions.c - `completions bash|zsh|fish`: what the shells complete, made from the table of options
 * (daemon/options.h), so that none is forgotten. Runs at build time only. */
#include <stdio.h>
#include <string.h>

#include "daemon/options.h"

enum shell { BASH, ZSH, FISH };

/* In single quotes of a shell; zsh's own brackets and colons too. */
static void quoted(const char *text, enum shell shell)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", stdout);
		else if (shell == ZSH && strchr("[]:", *text))
			printf("\\%c", *text);
		else
			putchar(*text);
	}
}

static bool takes_file(const struct option_info *o)
{
	return o->argument && (strcmp(o->argument, "FILE") == 0 || strcmp(o->argument, "FOLDER") == 0);
}

static void zsh_option(void *arg, const struct option_info *o)
{
	(void)arg;
	printf("  '");
	if (o->letter)
		printf("(-%c --%s)'{-%c,--%s}'", o->letter, o->name, o->letter, o->name);
	else
		printf("--%s", o->name);
	putchar('[');
	quoted(o->help, ZSH);
	putchar(']');
	if (o->argument) {
		putchar(':');
		quoted(o->argument, ZSH);
		printf(":%s", takes_file(o) ? "_files" : "");
	}
	puts("'");
}

static void fish_option(void *arg, const struct option_info *o)
{
	(void)arg;
	printf("complete -c ingestd -l %s", o->name);
	if (o->letter)
		printf(" -s %c", o->letter);
	if (o->argument)
		fputs(takes_file(o) ? " -r -F" : " -x", stdout);
	fputs(" -d '", stdout);
	quoted(o->help, FISH);
	puts("'");
}

static void bash_word(void *arg, const struct option_info *o)
{
	const bool *files = arg;

	if (!files)
		printf(" --%s", o->name);
	else if (*files == takes_file(o) && o->argument) {
		printf("|--%s", o->name);
		if (o->letter)
			printf("|-%c", o->letter);
	}
}

static void command_word(void *arg, const char *word)
{
	(void)arg;
	printf(" %s", word);
}

static void bash(void)
{
	bool files = true, others = false;

	puts("# bash completion for ingestd(1); made from its table of options\n"
	     "_ingestd()\n{\n"
	     "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	     "\tCOMPREPLY=()\n"
	     "\tcase $prev in");
	fputs("\t--", stdout);
	options_each(bash_word, &files);
	puts(")\n\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n\t\treturn ;;");
	fputs("\t---", stdout);
	options_each(bash_word, &others);
	puts(")\n\t\treturn ;;\n\tesac");
	fputs("\tif [[ $cur == -* ]]; then\n\t\tCOMPREPLY=($(compgen -W '", stdout);
	options_each(bash_word, NULL);
	puts("' -- \"$cur\"))\n\t\treturn\n\tfi");
	fputs("\tif ((COMP_CWORD == 1)); then\n\t\tCOMPREPLY=($(compgen -W '", stdout);
	options_each_command(command_word, NULL);
	puts("' -- \"$cur\"))\n\tfi\n"
	     "\tCOMPREPLY+=($(compgen -f -- \"$cur\"))\n"
	     "}\n"
	     "complete -o filenames -F _ingestd ingestd");
}

static void zsh(void)
{
	puts("#compdef ingestd\n# made from the table of options of ingestd(1)\nlocal -a options\noptions=(");
	options_each(zsh_option, NULL);
	fputs(")\n_arguments -s $options '1:command:(", stdout);
	options_each_command(command_word, NULL);
	puts(")' '*:file:_files'");
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "bash") == 0) {
		bash();
	} else if (argc == 2 && strcmp(argv[1], "zsh") == 0) {
		zsh();
	} else if (argc == 2 && strcmp(argv[1], "fish") == 0) {
		puts("# fish completion for ingestd(1); made from its table of options");
		fputs("complete -c ingestd -n __fish_use_subcommand -a '", stdout);
		options_each_command(command_word, NULL);
		puts("'");
		options_each(fish_option, NULL);
	} else {
		fputs("usage: completions bash|zsh|fish\n", stderr);
		return 64;
	}
	return 0;
}
