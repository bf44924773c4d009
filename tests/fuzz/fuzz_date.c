/* SPDX-License-Identifier: MIT */
/* uses: base */
/* A date that was read is one that can be written and read again. */
#include "base/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span s = span_of((const char *)data, size);
	struct date d, back;
	int64_t t;
	char buf[32];

	if (date_parse(s, &d)) {
		assert(d.offset_minutes > -1440 && d.offset_minutes < 1440);
		assert(date_parse(span_str(date_format(&d, buf)), &back));
		assert(back.seconds == d.seconds && back.has_time == d.has_time);
		/* its local time may lie in the year 0 or 10000 */
		if (d.seconds > -INT64_C(62135500000) && d.seconds < INT64_C(253402200000)) {
			assert(date_parse(span_str(date_format_zoned(&d, buf)), &back));
			assert(back.seconds == d.seconds);
		}
	}
	if (date_parse_http(s, &t))
		assert(date_parse(s, &d) && d.seconds == t);
	return 0;
}
