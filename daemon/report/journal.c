/* SPDX-License-Identifier: MIT */
#include "journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* the place in this file is nobody's business */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "base/strbuf.h"

enum { FIELDS = 12, FIELD_MAX = 8192 };

static const struct {
	const char *id;
	int priority;
} kinds[JOURNAL_KINDS] = {
#define X(name, priority, id, about) [JOURNAL_##name] = {id, priority},
	JOURNAL_MAP(X)
#undef X
};

static bool is_the_stream(void)
{
	const char *name = getenv("JOURNAL_STREAM");
	struct span rest = span_str(name ? name : ""), first = span_split(&rest, ':');
	uint64_t dev, ino;
	struct stat st;

	return first.ptr && rest.ptr && span_to_uint(first, UINT64_MAX, &dev) &&
	       span_to_uint(rest, UINT64_MAX, &ino) && !fstat(STDERR_FILENO, &st) && st.st_dev == dev &&
	       st.st_ino == ino;
}

bool journal_listens(void)
{
	static int answer = -1;

	if (answer < 0)
		answer = is_the_stream();
	return answer;
}

bool journal_may(struct journal_limit *limit, int64_t now, unsigned *held)
{
	*held = 0;
	if (!limit->sent || now - limit->began >= JOURNAL_SPAN) {
		limit->began = now;
		limit->sent = 0;
	}
	if (limit->sent >= JOURNAL_BURST) {
		limit->held++;
		return false;
	}
	limit->sent++;
	*held = limit->held;
	limit->held = 0;
	return true;
}

/* NAME=VALUE behind each other; where memory runs out the later ones are missing. */
struct fields {
	struct strbuf text;
	size_t starts[FIELDS + 1];
	int count;
	bool full;
};

static void add(struct fields *f, const char *name, struct span value)
{
	if (!value.ptr || f->count == FIELDS || f->full)
		return;
	value.len = MIN(value.len, FIELD_MAX);
	f->full = strbuf_add_str(&f->text, name) || strbuf_add_span(&f->text, SPAN("=")) ||
		  strbuf_add_span(&f->text, value);
	if (f->full)
		return;
	f->starts[++f->count] = strbuf_span(&f->text).len;
}

static void add_number(struct fields *f, const char *name, unsigned value)
{
	char digits[16];

	(void)snprintf(digits, sizeof(digits), "%u", value);
	add(f, name, span_str(digits));
}

void journal_send(const struct journal_entry *entry)
{
	static struct journal_limit limits[JOURNAL_KINDS];
	CLEANUP(strbuf_release) struct strbuf message = STRBUF_INIT(2 * FIELD_MAX);
	struct fields f = {.text = STRBUF_INIT(FIELDS * 2 * FIELD_MAX)};
	struct iovec parts[FIELDS];
	struct timespec now;
	unsigned held = 0;
	bool urgent = entry->kind == JOURNAL_ALL_FAILED || entry->kind == JOURNAL_TROUBLE;

	if (!journal_listens())
		return;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	if (!urgent && !journal_may(&limits[entry->kind], now.tv_sec, &held))
		return;
	if (strbuf_add_str(&message, entry->message) ||
	    (held && strbuf_addf(&message, " (and %u more of this kind before, not shown)", held)))
		return;
	add(&f, "MESSAGE", strbuf_span(&message));
	add_number(&f, "PRIORITY", (unsigned)kinds[entry->kind].priority);
	add(&f, "MESSAGE_ID", span_str(kinds[entry->kind].id));
	add(&f, "SYSLOG_IDENTIFIER", SPAN("ingestd"));
	add(&f, "INGESTD_ROOT", entry->root);
	add(&f, "INGESTD_DOCUMENT", entry->document);
	add(&f, "INGESTD_URL", entry->url);
	add(&f, "INGESTD_HOST", entry->host);
	add(&f, "INGESTD_REASON", entry->reason);
	if (entry->line)
		add_number(&f, "INGESTD_LINE", entry->line);
	for (int i = 0; i < f.count; i++)
		parts[i] = (struct iovec){(void *)(uintptr_t)(strbuf_span(&f.text).ptr + f.starts[i]),
					  f.starts[i + 1] - f.starts[i]};
	if (f.count)
		(void)sd_journal_sendv(parts, f.count);
	strbuf_release(&f.text);
}
