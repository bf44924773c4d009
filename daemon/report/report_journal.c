/* SPDX-License-Identifier: MIT */
#include "report_journal.h"

#include <inttypes.h>

#include "base/url.h"
#include "journal.h"
#include "say.h"

enum { MESSAGE_MAX = 4096 };

static struct span host_of(struct span url, struct arena *arena)
{
	struct url u;

	return url.ptr && !url_parse(url, NULL, arena, &u, NULL) ? u.host : SPAN_NONE;
}

void report_journal_problem(struct span root, struct span path, unsigned line, struct span url,
			    const char *text)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(4 * URL_MAX);
	CLEANUP(strbuf_release) struct strbuf message = STRBUF_INIT(MESSAGE_MAX);
	const struct journal_entry entry = {
		.kind = JOURNAL_PROBLEM,
		.root = root,
		.document = path,
		.url = url,
		.host = host_of(url, &arena),
		.reason = span_str(text),
		.line = line,
	};
	struct journal_entry e = entry;
	/* what does not fit into the message is in the fields */
	bool cut = (path.ptr && (strbuf_add_span(&message, path) || strbuf_add_span(&message, SPAN(": ")))) ||
		   (url.ptr && (strbuf_add_span(&message, url) || strbuf_add_span(&message, SPAN(": ")))) ||
		   strbuf_add_str(&message, text);

	e.message = cut ? text : strbuf_cstr(&message);
	journal_send(&e);
}

void report_journal_document(struct span root, struct span path, const struct report_change *changes,
			     size_t count, bool dry_run)
{
	CLEANUP(strbuf_release) struct strbuf message = STRBUF_INIT(MESSAGE_MAX);
	struct journal_entry e = {.kind = JOURNAL_WRITTEN, .root = root, .document = path};
	bool cut = strbuf_add_span(&message, path) ||
		   strbuf_addf(&message, ": %s", dry_run ? "would set" : "set");

	for (size_t i = 0; i < count && !cut; i++) {
		cut = strbuf_addf(&message, "%s %s", i ? "," : "", field_name(changes[i].field)) ||
		      (changes[i].related >= 0 &&
		       strbuf_addf(&message, " of related[%d]", changes[i].related));
		if (!e.url.ptr)
			e.url = changes[i].from;
	}
	e.message = message.len ? strbuf_cstr(&message) : "a document was changed";
	journal_send(&e);
}

void report_journal_round(const struct report_counts *c, uint64_t elapsed_ms)
{
	char line[400];
	struct journal_entry e = {.kind = JOURNAL_ROUND, .message = line};

	(void)snprintf(line, sizeof(line),
		       "%" PRIu64 " documents: %" PRIu64 " changed (%" PRIu64 " fields), %" PRIu64
		       " with open gaps, %" PRIu64 " refused; %" PRIu64 " URLs fetched, %" PRIu64
		       " failed, %" PRIu64 " put off; %.1f s",
		       c->found, c->changed, c->fields, c->open, c->refused, c->fetched, c->failed,
		       c->deferred, (double)elapsed_ms / 1000);
	journal_send(&e);
}

int report_host_works(enum outcome outcome, unsigned status)
{
	switch (outcome) {
	case OUTCOME_DNS:
	case OUTCOME_CONNECT:
	case OUTCOME_TLS:
	case OUTCOME_TIMEOUT:
	case OUTCOME_PROTOCOL: return 0;
	case OUTCOME_STATUS: return status != 429 && status < 500;
	case OUTCOME_NONE:
	case OUTCOME_REFUSED: return -1;
	default: return 1;
	}
}

static void loud(enum journal_kind kind, struct span host, const char *reason, const char *line)
{
	const struct journal_entry e = {
		.kind = kind, .message = line, .host = host, .reason = span_str(reason)};

	if (journal_listens()) {
		journal_send(&e);
		return;
	}
	fputs("ingestd: ", stderr);
	say(stderr, span_str(line));
	putc('\n', stderr);
}

void report_host(struct span host, bool well, int64_t since, int64_t now, const char *reason)
{
	char line[600];
	long minutes = (long)(MAX(now - since, 0) / 60);

	if (well)
		(void)snprintf(line, sizeof(line), "%.*s answers again, after %ld h %ld min",
			       (int)MIN(host.len, 255), host.ptr, minutes / 60, minutes % 60);
	else
		(void)snprintf(line, sizeof(line),
			       "%.*s fails: %s; said again when it answers, what follows from it is not",
			       (int)MIN(host.len, 255), host.ptr, reason);
	loud(well ? JOURNAL_HOST_WELL : JOURNAL_HOST_FAILS, host, reason, line);
}

void report_all_failed(const struct report_counts *c)
{
	char line[200];

	if (c->fetched < REPORT_ALL_MIN || c->failed < c->fetched)
		return;
	(void)snprintf(line, sizeof(line), "all of %" PRIu64 " URLs that were asked for failed", c->fetched);
	loud(JOURNAL_ALL_FAILED, SPAN_NONE, "", line);
}
