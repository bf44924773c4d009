/* SPDX-License-Identifier: MIT */
/* find_date.h - a date amid other words, as people write it. */
#ifndef INGESTD_EXTRACT_FIND_DATE_H
#define INGESTD_EXTRACT_FIND_DATE_H

#include "base/date.h"

/* The first date in a short text (a byline, a caption of the date): month names in English, German, French,
 * Spanish, Italian, Portuguese, Dutch, Polish, Russian, Ukrainian, Turkish, the Nordic languages, Czech;
 * numeric forms; those of Chinese, Japanese and Korean; with a time of day where one follows. `lang` (a BCP
 * 47 tag, or SPAN_NONE) tells 3/4/2021 apart: month first in the United States only, day first otherwise, and
 * where one number is over 12 that one is the day. Two-digit years are not read, nor are days without a year.
 */
CHECKED bool find_date(struct span text, struct span lang, struct date *ret);

/* The date that a URL's path states: /2021/08/26/, /2021-08-26-, /20210826/, and /2021/08/ with *day_known
 * false, seconds being the month's first day. */
CHECKED bool find_date_in_path(struct span path, struct date *ret, bool *day_known);

#endif
