/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "extract/refusals.h"
#include "extract/squash.h"

static const struct row {
	const char *name, *text, *found; /* squashed */
} rows[] = {
	{"nothing", "", NULL},
	{"a page that is gone", "Sorry, that page could not be found.", "pagecouldnotbefound"},
	{"the fate first", "Nous n'avons pas trouvé cet article", "pastrouvécetarticle"},
	{"another thing", "The wallet could not be found", NULL},
	{"too far away",
	 "The page was about a king who ruled for sixty years and about the crown of his mother, which "
	 "to this day could not be found",
	 NULL},
	{"the second of two",
	 "A dog could not be found at the park, where it had run to chase a ball over the hill, down to the "
	 "river and on along its other bank, and "
	 "A dog could not be found at the park, where it had run to chase a ball over the hill, down to the "
	 "river and on along its other bank, and "
	 "far away with it. This page could not be found",
	 "pagecouldnotbefound"},
	{"German", "Dieser Artikel ist leider nicht mehr verfügbar", "artikelistleidernichtmehrverfügbar"},
	{"Japanese", "この記事は削除されました", "記事は削除され"},
	{"Russian", "Запрошенный вами материал удалён", "материалудалён"},
	{"no language's pair", "Seite could not be found", NULL},
};

static void refusals(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 16);
	size_t which = 9;
	struct span texts[2] = {SPAN("other"), squash(span_str(row->text), &arena)};
	struct span found = refusal_in(texts, 2, &which);

	if (row->found) {
		assert_true(span_eq_str(found, row->found));
		assert_int_equal(which, 1);
	} else {
		assert_int_equal(found.len, 0);
	}
}

int main(void)
{
	return RUN_ROWS("refusal", rows, refusals);
}
