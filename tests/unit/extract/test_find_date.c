/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "extract/find_date.h"

static const struct row {
	const char *name, *lang, *in, *want; /* want NULL: none */
} rows[] = {
	{"English", "en", "Published on August 26, 2021 by Ann", "2021-08-26"},
	{"English, time", "en", "Aug. 26th, 2021 at 2:05 pm", "2021-08-26T14:05:00Z"},
	{"British", "en-GB", "Thursday 26 August 2021 09.30", "2021-08-26T09:30:00Z"},
	{"German", "de", "26. August 2021, 14:05 Uhr", "2021-08-26T14:05:00Z"},
	{"German March", "de", "am 3. März 2021", "2021-03-03"},
	{"French", "fr", "Publié le 26 août 2021 à 14h05", "2021-08-26T14:05:00Z"},
	{"French first", "fr", "le 1er février 2020", "2020-02-01"},
	{"Spanish", "es", "26 de agosto de 2021", "2021-08-26"},
	{"Italian", "it", "26 Agosto 2021 alle 10:00", "2021-08-26T10:00:00Z"},
	{"Portuguese", "pt", "26 de março de 2021", "2021-03-26"},
	{"Dutch", "nl", "26 maart 2021", "2021-03-26"},
	{"Polish", "pl", "26 października 2021", "2021-10-26"},
	{"Russian", "ru", "26 Августа 2021", "2021-08-26"},
	{"Turkish", "tr", "26 Ağustos 2021", "2021-08-26"},
	{"Japanese", "ja", "公開日：2021年8月26日 9時05分", "2021-08-26T00:05:00Z"},
	{"Chinese", "zh", "发布于2021年08月26日", "2021-08-26"},
	{"Korean", "ko", "입력 2021. 8. 26. 14:05", "2021-08-26T05:05:00Z"},
	{"Korean afternoon", "ko", "2021년 8월 26일 오후 2시 5분", "2021-08-26T05:05:00Z"},
	{"Chinese afternoon", "zh", "2021年8月26日下午2:05", "2021-08-26T14:05:00Z"},
	{"Korean words", "ko", "2021년 8월 26일", "2021-08-26"},
	{"dots", "de", "26.08.2021", "2021-08-26"},
	{"slashes, Europe", "fr", "03/04/2021", "2021-04-03"},
	{"slashes, America", "en-US", "03/04/2021", "2021-03-04"},
	{"slashes, over 12", "en-US", "26/08/2021", "2021-08-26"},
	{"iso amid words", "en", "Last seen 2021-08-26 here", "2021-08-26"},
	{"American zone, summer", "en", "Aug 26, 2021 9:15 PM ET", "2021-08-27T01:15:00Z"},
	{"American zone, winter", "en", "11/28/2016 11:00 AM PT", "2016-11-28T19:00:00Z"},
	{"before the clocks change", "en", "March 13, 2021 10:00 AM CT", "2021-03-13T16:00:00Z"},
	{"after they changed", "en", "March 15, 2021 10:00 AM CT", "2021-03-15T15:00:00Z"},
	{"the old rule", "en", "March 20, 2005 10:00 AM MT", "2005-03-20T17:00:00Z"},
	{"et, the word", "fr", "26 août 2021 à 14h05 et demie", "2021-08-26T14:05:00Z"},
	{"no year", "en", "August 26", NULL},
	{"no such day", "en", "31 February 2021", NULL},
	{"a version", "en", "version 1.2.2021.3", NULL},
	{"a price", "en", "from 2021 to 2022", NULL},
	{"may, the verb", "en", "You may 2021", NULL},
};

static void finds(void **state)
{
	const struct row *row = *state;
	struct date d;
	char buf[32];

	if (!find_date(span_str(row->in), span_str(row->lang), &d)) {
		assert_null(row->want);
		return;
	}
	assert_string_equal(date_format(&d, buf), row->want ? row->want : "nothing");
}

static const struct path {
	const char *name, *in, *want; /* want NULL: none; a month only: "2021-08" */
} paths[] = {
	{"slashes", "/2021/08/26/title", "2021-08-26"},
	{"no zeros", "/news/2021/8/6/title", "2021-08-06"},
	{"dashes", "/news/2021-08-26-title", "2021-08-26"},
	{"run", "/a/20210826/b", "2021-08-26"},
	{"month's name", "/2021/aug/26/title", "2021-08-26"},
	{"month", "/2021/08/title", "2021-08"},
	{"a number", "/article-120210826123", NULL},
	{"a year", "/2021/title", NULL},
	{"no date", "/2021/13/45/", NULL},
};

static void finds_in_path(void **state)
{
	const struct path *row = *state;
	struct date d;
	bool day;
	char buf[32];

	if (!find_date_in_path(span_str(row->in), &d, &day)) {
		assert_null(row->want);
		return;
	}
	date_format(&d, buf);
	if (!day)
		buf[7] = '\0';
	assert_string_equal(buf, row->want ? row->want : "nothing");
}

int main(void)
{
	return RUN_ROWS("extract/find_date", rows, finds) +
	       RUN_ROWS("extract/find_date path", paths, finds_in_path);
}
