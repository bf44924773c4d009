/* SPDX-License-Identifier: MIT */
/* out.h - text into a buffer, for what renders: no call fails, the buffer's first failure is kept.
 *
 * What strangers wrote goes through out_visible(): whatever it holds, it is valid UTF-8, and what would obey
 * to a terminal, end a line or turn the writing direction (C0, C1, DEL, the bidi controls of Unicode, line
 * and paragraph separators, zero-width characters that hide text) is shown by its number: <U+202E>. */
#ifndef INGESTD_STATUS_OUT_H
#define INGESTD_STATUS_OUT_H

#include "base/strbuf.h"

struct out {
	struct strbuf *to;
	enum err failed; /* ERR_OK, ERR_NOMEM or ERR_TOOBIG (the buffer's ceiling) */
};

void out_text(struct out *o, const char *literal);
void out_span(struct out *o, struct span s);
void out_f(struct out *o, const char *fmt, ...) PRINTF_LIKE(2, 3);
void out_visible(struct out *o, struct span s);

/* The next character of s, which is not empty: U+FFFD for what is malformed. *size gets its bytes. */
uint32_t out_next(struct span s, unsigned *size);
/* Whether that character is to be shown by its number. */
bool out_is_control(uint32_t c);

/* "2026-03-02 07:15:00" (UTC); "never" for INT64_MAX, "" for 0. */
const char *out_time(int64_t at, char buf[32]);
/* How far off in words: "now", "in 3 min", "2 h ago". */
const char *out_distance(int64_t at, int64_t now, char buf[32]);
/* 1234567 as "1,234,567". */
const char *out_count(int64_t n, char buf[32]);

#endif
