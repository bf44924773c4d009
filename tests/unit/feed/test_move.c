/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "feed/move.h"

/* A letter a look, a day apart: P permanent with overlap, p permanent without, T temporary, O its own
 * address, Q permanent to another address, h: the next look comes after a minute. want: the looks that adopt.
 */
static const struct row {
	const char *name, *looks, *want;
} rows[] = {
	{"seen again over days", "PPPP", "...!"},
	{"never on the first sight", "P", "."},
	{"three in an hour are one", "hPhPhPP", "...."},
	{"without overlap never", "pppppppp", "........"},
	{"its own address in between", "PPOPPPP", "......!"},
	{"a temporary redirect in between", "PPTPPPP", "......!"},
	{"two claims", "PPQQQQ", ".....!"},
	{"temporary redirects never", "TTTTTTTT", "........"},
	{"a captive portal in between changes nothing", "PPpPP", "...!!"},
};

static void looks(void **state)
{
	const struct row *row = *state;
	struct move_evidence m = {0};
	char got[32] = "";
	size_t n = 0;
	int64_t now = 1700000000;

	for (const char *c = row->looks; *c; c++) {
		bool soon = *c == 'h';

		c += soon;
		struct move_seen seen = {*c == 'O' ? 0 : *c == 'Q' ? 2 : 1, *c != 'T', *c != 'p', now};

		got[n++] = move_observe(&m, &seen) ? '!' : '.';
		now += soon ? 60 : 24 * 3600;
	}
	assert_string_equal(got, row->want);
}

int main(void)
{
	return RUN_ROWS("move", rows, looks);
}
