/* SPDX-License-Identifier: MIT */
/* date_words.h - the words that dates are written with; inside lib/base only. */
#ifndef INGESTD_BASE_DATE_WORDS_H
#define INGESTD_BASE_DATE_WORDS_H

#include "base/span.h"

enum date_word {
	DATE_WORD_UNKNOWN,
	DATE_WORD_MONTH,     /* value: 1..12 */
	DATE_WORD_WEEKDAY,   /* value: 0 (Sunday)..6 */
	DATE_WORD_HALF,      /* value: 0 before noon, 1 after */
	DATE_WORD_NOISE,     /* "at", "Uhr", "of" */
	DATE_WORD_KOREAN = 8 /* a flag beside HALF: clocks there all show one time */
};

/* What a word means, without case and accents; *doubtful: also a weekday's short form elsewhere ("mar"). */
enum date_word date_word_find(struct span word, unsigned *value, bool *doubtful);

/* Offset from UTC of an abbreviation ("CEST"), minutes, by the meaning most common in English and European
 * feeds. */
bool date_zone_by_name(struct span name, int *minutes);
/* The same of an IANA name ("Europe/Paris") at a local time, days since 1970 and minutes of the day. A small
 * table of the zones that most people live in, with the summer-time rules of today (United States since 1987,
 * European Union since 1981, Australia and New Zealand since 2008); false for all others. */
bool date_zone_by_place(struct span name, int64_t day, int minute, int *minutes);

#endif
