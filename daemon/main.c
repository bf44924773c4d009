/* SPDX-License-Identifier: MIT */
#include <curl/curl.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "commands.h"
#include "extract/extract.h"
#include "pass/lane.h"
#include "setup.h"

enum { DESCRIPTORS = 4096 };

static int print_config(const struct config *config)
{
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(1024 * 1024);
	enum err r = config_print(config, &text);

	if (r)
		return fail(EXIT_BUG, "%s", err_text(r));
	fputs(strbuf_cstr(&text), stdout);
	return fflush(stdout) ? EXIT_NO_WRITE : EXIT_DONE;
}

static int with_config(const struct options *options)
{
	CLEANUP(setup_release) struct setup setup;
	const struct config *config;
	const struct shape *shape;
	struct error e;
	int code = EXIT_DONE;

	if (setup_read(options->config, &setup, &e)) {
		setup = (struct setup){.config = NULL};
		return fail(EXIT_BAD_CONFIG, "%s", e.text);
	}
	config = setup.config;
	shape = setup.shape;
	switch (options->command) {
	case COMMAND_ONCE: code = command_once(options, config, shape); break;
	case COMMAND_SERVE: code = command_serve(options, config, shape); break;
	case COMMAND_EXTRACT: code = command_extract(options, config, shape); break;
	case COMMAND_EXPLAIN: code = command_explain(options, config, shape); break;
	case COMMAND_IMAGES: code = command_images(options, config); break;
	case COMMAND_STATE: code = command_state(options, config); break;
	case COMMAND_STATUS: code = command_status(options, config, shape); break;
	case COMMAND_FEEDS: code = command_feeds(options, config, shape); break;
	case COMMAND_FEED: code = command_feed(options, config, shape); break;
	case COMMAND_UNDO: code = command_undo(options, config, shape); break;
	case COMMAND_PRINT_CONFIG: code = print_config(config); break;
	case COMMAND_CHECK_CONFIG: code = command_check_config(options, config); break;
	default: break;
	}
	return code;
}

/* Where standard input, output or error is closed, what is opened next takes its place, and messages would be
 * written into it: the state, a document. */
static void open_standard_files(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", O_RDWR) < 0) /* takes the lowest that is free */
			_exit(EXIT_BUG);
}

/* A transfer takes a descriptor, the name of its host another, a document up to five. */
static void allow_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= DESCRIPTORS)
		return;
	limit.rlim_cur = MIN(limit.rlim_max, (rlim_t)DESCRIPTORS);
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* It would hold pages, credentials and the `secured` of documents. Who wants one raises the soft limit of the
 * running process: prlimit(1). */
static void keep_no_core(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_CORE, &limit))
		return;
	limit.rlim_cur = 0;
	(void)setrlimit(RLIMIT_CORE, &limit);
}

int main(int argc, char **argv)
{
	struct options options;
	struct error e;

	open_standard_files();
	allow_descriptors();
	keep_no_core();
	if (options_read(argc, argv, &options, &e)) {
		(void)fail(0, "%s", e.text);
		fputs("Try 'ingestd --help'.\n", stderr);
		return EXIT_USAGE;
	}
	if (options.command == COMMAND_HELP || options.command == COMMAND_VERSION) {
		(options.command == COMMAND_HELP ? options_help : options_version)(stdout);
		return fflush(stdout) ? EXIT_NO_WRITE : EXIT_DONE;
	}
	(void)setlocale(LC_CTYPE, "C.UTF-8"); /* or libcurl takes no name that is not ASCII */
	lane_pool();
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGIO, SIG_IGN); /* a broken lease tells by this; the protocol asks instead */
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return fail(EXIT_BUG, "libcurl cannot be set up");
	extract_init();
	int code = with_config(&options);
	curl_global_cleanup();
	return code;
}
