/* SPDX-License-Identifier: MIT */
/* dates: {"text"} gives {"date"}, an instant or null. */
#include "conformance/conformance.h"

#include "base/date.h"

static json_t *dates(const json_t *in)
{
	struct date date;
	char buf[32];

	if (!date_parse(json_text(in, "text"), &date))
		return json_pack("{sn}", "date");
	date.has_time = true; /* the suite wants midnight written out */
	return json_pack("{ss}", "date", date_format(&date, buf));
}

const struct area areas_dates[] = {{.name = "dates", .line = dates}, {.name = NULL}};
