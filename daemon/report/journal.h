/* SPDX-License-Identifier: MIT */
/* journal.h - events as entries of systemd's journal with fields, where standard error is the journal's
 * (systemd.exec(5), $JOURNAL_STREAM); elsewhere the callers print lines for people or JSON.
 *
 * Each kind has a MESSAGE_ID of its own, so that `journalctl MESSAGE_ID=...` finds all of it. Beside MESSAGE
 * and PRIORITY an entry has those of INGESTD_ROOT, INGESTD_DOCUMENT, INGESTD_LINE, INGESTD_URL, INGESTD_HOST
 * and INGESTD_REASON that it knows. */
#ifndef INGESTD_DAEMON_JOURNAL_H
#define INGESTD_DAEMON_JOURNAL_H

#include "base/span.h"

/* Made with `systemd-id128 new`; never given another meaning. The text is what the man page lists. */
#define JOURNAL_MAP(X)                                                                                    \
	X(PROBLEM, 4, "2eec987fac3345c5a10f8b0802bd5ecd",                                                 \
	  "a document or a URL that something is wrong with")                                             \
	X(WRITTEN, 6, "f235b6d46d29421db60dfd4857c0b8fb", "a document that was changed")                  \
	X(ROUND, 6, "f6faec3350a745b4b6a3a13cd01005cb", "the end of a pass or of a round of the service") \
	X(HOST_FAILS, 4, "e7ce8fe4bcb142848e49036dd579f010", "a host that has failed several times")      \
	X(HOST_WELL, 5, "fb21a3d1080145cda8f5a6f12fa9e768", "that host answers again")                    \
	X(ALL_FAILED, 2, "10e524f14a2a4d1082292afc605b328b", "everything that was asked for failed")      \
	X(TROUBLE, 3, "1051f3598efa4d63b88ceda77687fbf3", "the program itself: state, configuration, memory")
#define X(name, priority, id, about) JOURNAL_##name,
enum journal_kind { JOURNAL_MAP(X) JOURNAL_KINDS };
#undef X

struct journal_entry {
	enum journal_kind kind;
	const char *message;
	struct span root, document, url, host, reason; /* SPAN_NONE: not known */
	unsigned line;                                 /* 0: none */
};

/* Whether standard error is the journal's; asked once. */
bool journal_listens(void);
/* Does nothing where nobody listens. Entries of one kind past JOURNAL_BURST within JOURNAL_SPAN are counted
 * instead, and the count is told with the first after that; ALL_FAILED and TROUBLE always go. */
enum { JOURNAL_BURST = 200, JOURNAL_SPAN = 30 /* seconds */ };
void journal_send(const struct journal_entry *entry);

/* What the limit says of an entry at `now` (seconds, of any clock that does not go back). Returns whether it
 * goes; *held gets how many were counted since the last that went. For tests. */
struct journal_limit {
	int64_t began;
	unsigned sent, held;
};
bool journal_may(struct journal_limit *limit, int64_t now, unsigned *held);

#endif
