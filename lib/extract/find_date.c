/* SPDX-License-Identifier: MIT */
#include "extract/find_date.h"

/* Lower case, as a word begins; compared with the first bytes of a word, so that "septembre", "Sept." and
 * "september" need one row. Longer ones first where one begins another. */
static const struct {
	const char *begins;
	unsigned month;
	bool whole; /* the word must end here */
} months[] = {
	{"jan", 1, false},       {"jän", 1, false},       {"feb", 2, false},     {"fév", 2, false},
	{"fev", 2, false},       {"mars", 3, false},      {"march", 3, false},   {"märz", 3, false},
	{"maerz", 3, false},     {"marzo", 3, false},     {"março", 3, false},   {"marco", 3, false},
	{"maart", 3, false},     {"marca", 3, false},     {"marzec", 3, false},  {"mart", 3, false},
	{"mär", 3, true},        {"mrz", 3, true},        {"mar", 3, true},      {"mrt", 3, true},
	{"apr", 4, false},       {"avr", 4, false},       {"abr", 4, false},     {"kwie", 4, false},
	{"nisan", 4, false},     {"maj", 5, false},       {"may", 5, false},     {"mai", 5, false},
	{"mei", 5, false},       {"mag", 5, false},       {"mayıs", 5, false},   {"june", 6, false},
	{"juni", 6, false},      {"junio", 6, false},     {"junho", 6, false},   {"juin", 6, false},
	{"jun", 6, true},        {"giu", 6, false},       {"czerw", 6, false},   {"haziran", 6, false},
	{"july", 7, false},      {"juli", 7, false},      {"julio", 7, false},   {"julho", 7, false},
	{"juil", 7, false},      {"jul", 7, true},        {"lug", 7, false},     {"lipca", 7, false},
	{"lipiec", 7, false},    {"temmuz", 7, false},    {"aug", 8, false},     {"août", 8, false},
	{"aout", 8, false},      {"agos", 8, false},      {"ago", 8, true},      {"sierp", 8, false},
	{"ağustos", 8, false},   {"sep", 9, false},       {"set", 9, false},     {"wrze", 9, false},
	{"eylül", 9, false},     {"eyl", 9, true},        {"oct", 10, false},    {"okt", 10, false},
	{"ott", 10, false},      {"out", 10, false},      {"paźdz", 10, false},  {"ekim", 10, false},
	{"nov", 11, false},      {"listopad", 11, false}, {"kasım", 11, false},  {"dec", 12, false},
	{"dez", 12, false},      {"déc", 12, false},      {"dic", 12, false},    {"des", 12, false},
	{"grud", 12, false},     {"aralık", 12, false},   {"ocak", 1, false},    {"styczn", 1, false},
	{"ene", 1, false},       {"gen", 1, false},       {"şubat", 2, false},   {"lut", 2, false},
	{"январ", 1, false},     {"янв", 1, false},       {"феврал", 2, false},  {"фев", 2, false},
	{"март", 3, false},      {"мар", 3, true},        {"апрел", 4, false},   {"апр", 4, false},
	{"мая", 5, false},       {"май", 5, false},       {"июн", 6, false},     {"июл", 7, false},
	{"август", 8, false},    {"авг", 8, false},       {"сентябр", 9, false}, {"сен", 9, false},
	{"октябр", 10, false},   {"окт", 10, false},      {"ноябр", 11, false},  {"ноя", 11, false},
	{"декабр", 12, false},   {"дек", 12, false},      {"січ", 1, false},     {"лют", 2, false},
	{"берез", 3, false},     {"квіт", 4, false},      {"трав", 5, false},    {"черв", 6, false},
	{"лип", 7, false},       {"серп", 8, false},      {"верес", 9, false},   {"жовт", 10, false},
	{"листопад", 11, false}, {"груд", 12, false},     {"led", 1, false},     {"únor", 2, false},
	{"břez", 3, false},      {"dub", 4, false},       {"květ", 5, false},    {"červenc", 7, false},
	{"červn", 6, false},     {"srpn", 8, false},      {"září", 9, false},    {"říj", 10, false},
	{"prosin", 12, false},   {"ιαν", 1, false},       {"φεβ", 2, false},     {"μαρ", 3, false},
	{"απρ", 4, false},       {"μαΐ", 5, false},       {"μαϊ", 5, false},     {"ιουν", 6, false},
	{"ιουλ", 7, false},      {"αυγ", 8, false},       {"σεπ", 9, false},     {"οκτ", 10, false},
	{"νοε", 11, false},      {"δεκ", 12, false},
};

enum token_kind { TOKEN_END, TOKEN_NUMBER, TOKEN_WORD, TOKEN_MARK };

struct token {
	enum token_kind kind;
	struct span s;
	unsigned value;  /* of a number */
	unsigned digits; /* of a number */
	char before;     /* the byte in front, 0 at the start; ' ' for any white space */
};

enum { TOKENS_MAX = 64, TEXT_MAX = 400 };

static bool is_word_byte(char c)
{
	return byte_is_alpha(c) || (unsigned char)c >= 0x80;
}

/* What parts the date's numbers in East Asian texts: 年 and its kin, each a word of its own. */
static size_t east_asian_unit(struct span s)
{
	static const char *const units[] = {"年", "月", "日", "년", "월", "일", "時", "时", "분", "시", "分"};

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (span_starts(s, span_str(units[i])))
			return 3;
	return 0;
}

static size_t tokenize(struct span s, struct token *t)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len && n < TOKENS_MAX;) {
		size_t from = i;

		if (byte_is_space(s.ptr[i])) {
			i++;
			continue;
		}
		if ((unsigned char)s.ptr[i] == 0xc2 && i + 1 < s.len && (unsigned char)s.ptr[i + 1] == 0xa0) {
			i += 2;
			continue;
		}
		t[n] = (struct token){.before = i ? s.ptr[i - 1] : '\0'};
		if (byte_is_space(t[n].before))
			t[n].before = ' ';
		if (byte_is_digit(s.ptr[i])) {
			unsigned v = 0;

			while (i < s.len && byte_is_digit(s.ptr[i])) {
				if (v < 100000000)
					v = v * 10 + (unsigned)(s.ptr[i] - '0');
				i++;
			}
			t[n].kind = TOKEN_NUMBER;
			t[n].value = v;
			t[n].digits = (unsigned)(i - from);
		} else if (is_word_byte(s.ptr[i])) {
			size_t unit = east_asian_unit(span_sub(s, i, s.len));

			if (unit) {
				i += unit;
			} else {
				while (i < s.len && is_word_byte(s.ptr[i]) &&
				       !(i > from && east_asian_unit(span_sub(s, i, s.len))) &&
				       !((unsigned char)s.ptr[i] == 0xc2 && i + 1 < s.len &&
					 (unsigned char)s.ptr[i + 1] == 0xa0))
					i++;
				if (i == from)
					i++;
			}
			t[n].kind = TOKEN_WORD;
		} else {
			t[n].kind = TOKEN_MARK;
			i++;
		}
		t[n].s = span_sub(s, from, i);
		n++;
	}
	return n;
}

/* Lower case of ASCII and of the two-byte Latin, Greek and Cyrillic letters that month names begin with. */
static struct span lower(struct span s, char buf[48])
{
	size_t n = MIN(s.len, (size_t)47);

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s.ptr[i], before = i ? (unsigned char)s.ptr[i - 1] : 0;

		buf[i] = byte_lower(s.ptr[i]);
		if (before == 0xc3 && c >= 0x80 && c <= 0x9e)
			buf[i] = (char)(c + 0x20);
		else if (before == 0xd0 && c >= 0x90 && c <= 0x9f)
			buf[i] = (char)(c + 0x20);
		else if (before == 0xd0 && c >= 0xa0 && c <= 0xaf) {
			buf[i - 1] = (char)0xd1;
			buf[i] = (char)(c - 0x20);
		} else if (before == 0xce && c >= 0x91 && c <= 0x9f)
			buf[i] = (char)(c + 0x20);
		else if (before == 0xce && c >= 0xa0 && c <= 0xa9) {
			buf[i - 1] = (char)0xcf;
			buf[i] = (char)(c - 0x20);
		} else if (before == 0xc5 && c == 0x9e)
			buf[i] = (char)0x9f;
	}
	return span_of(buf, n);
}

static unsigned month_of(const struct token *t)
{
	char buf[48];
	struct span w;

	if (t->kind != TOKEN_WORD || t->s.len < 3)
		return 0;
	w = lower(t->s, buf);
	for (size_t i = 0; i < ARRAY_SIZE(months); i++) {
		struct span m = span_str(months[i].begins);

		if (span_starts(w, m) && (!months[i].whole || w.len == m.len) && w.len <= m.len + 9)
			return months[i].month;
	}
	return 0;
}

static bool year_ok(const struct token *t)
{
	return t->kind == TOKEN_NUMBER && t->digits == 4 && t->value >= 1970 && t->value <= 2100;
}

static bool is_mark(const struct token *t, char c)
{
	return t->kind == TOKEN_MARK && t->s.len && t->s.ptr[0] == c;
}

static bool is_word(const struct token *t, const char *w)
{
	return t->kind == TOKEN_WORD && span_eq_nocase(t->s, span_str(w));
}

static bool set_day(struct date *d, unsigned y, unsigned m, unsigned day)
{
	static const unsigned days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (m < 1 || m > 12 || day < 1 || day > days[m - 1] ||
	    (m == 2 && day == 29 && (y % 4 || (y % 100 == 0 && y % 400))))
		return false;
	*d = (struct date){.seconds = date_from_civil(y, m, day) * 86400};
	return true;
}

/* Whether clocks in the United States run an hour ahead on a day: since 2007 from the second Sunday of March
 * to the first of November, before that from the first (from 1987) Sunday of April to the last of October.
 * The hour of the change is left out of account. */
static bool american_summer(int64_t seconds)
{
	int64_t day = seconds / 86400, year = 1970 + day * 400 / 146097, from, to;

	if (date_from_civil(year, 1, 1) > day)
		year--;
	else if (date_from_civil(year + 1, 1, 1) <= day)
		year++;
	from = year >= 2007 ? date_from_civil(year, 3, 8) : date_from_civil(year, 4, 1);
	to = year >= 2007 ? date_from_civil(year, 11, 1) : date_from_civil(year, 10, 25);
	/* day 3 was a Sunday */
	from += (10 - from % 7) % 7;
	to += (10 - to % 7) % 7;
	return day >= from && day < to;
}

/* The zone's name after a time, as bylines have it. */
static void add_zone(const struct token *t, struct date *d)
{
	static const struct {
		const char *name;
		int minutes;
	} zones[] = {
		{"gmt", 0},    {"utc", 0},    {"est", -300}, {"edt", -240}, {"cst", -360}, {"cdt", -300},
		{"mst", -420}, {"mdt", -360}, {"pst", -480}, {"pdt", -420}, {"cet", 60},   {"cest", 120},
		{"mez", 60},   {"mesz", 120}, {"bst", 60},   {"ist", 330},  {"jst", 540},  {"kst", 540},
		{"msk", 180},  {"hkt", 480},  {"sgt", 480},  {"aest", 600}, {"aedt", 660},
	};

	static const struct {
		const char *name;
		int minutes;
	} american[] = {{"et", -300}, {"ct", -360}, {"mt", -420}, {"pt", -480}};

	for (unsigned skipped = 0; skipped < 4 && t->kind != TOKEN_END && t->kind != TOKEN_NUMBER;
	     skipped++, t++) {
		for (size_t i = 0; i < ARRAY_SIZE(american); i++)
			if (span_eq_nocase(t->s, span_str(american[i].name)) && t->s.ptr[0] < 'a') {
				d->has_zone = true;
				d->offset_minutes =
					american[i].minutes + (american_summer(d->seconds) ? 60 : 0);
				d->seconds -= d->offset_minutes * 60;
				return;
			}
		for (size_t i = 0; i < ARRAY_SIZE(zones); i++)
			if (is_word(t, zones[i].name)) {
				d->has_zone = true;
				d->offset_minutes = zones[i].minutes;
				d->seconds -= zones[i].minutes * 60;
				return;
			}
	}
}

/* A time of day among the tokens after a date: 14:05, 14.05 Uhr, 14h05, 2:05 pm, 14時5分. */
static void add_time(const struct token *t, struct date *d)
{
	static const char *const between[] = {"at", "um", "à",   "a",    "alle", "las", "om",
					      "às", "kl", "ore", "saat", "в",    "o"};
	/* said before the hour */
	static const char *const noon[] = {"오후", "下午", "午後", "晚上"}, *const dawn[] = {"오전", "上午",
											     "午前"};
	unsigned h, min;
	size_t i = 0;
	bool afternoon = false;

	for (unsigned skipped = 0; skipped < 4 && t[i].kind != TOKEN_END; skipped++, i++) {
		bool word = false;

		if (t[i].kind == TOKEN_NUMBER)
			break;
		for (size_t k = 0; k < ARRAY_SIZE(between); k++)
			word |= is_word(&t[i], between[k]);
		for (size_t k = 0; k < ARRAY_SIZE(dawn); k++)
			word |= is_word(&t[i], dawn[k]);
		for (size_t k = 0; k < ARRAY_SIZE(noon); k++)
			afternoon |= is_word(&t[i], noon[k]);
		word |= afternoon;
		if (t[i].kind == TOKEN_WORD && !word && !span_eq(t[i].s, SPAN("日")) &&
		    !span_eq(t[i].s, SPAN("일")) && t[i].s.len != 1)
			return;
	}
	if (t[i].kind != TOKEN_NUMBER || t[i].digits > 2 || t[i].value > 23)
		return;
	h = t[i].value;
	bool unit = span_eq(t[i + 1].s, SPAN("時")) || span_eq(t[i + 1].s, SPAN("时")) ||
		    span_eq(t[i + 1].s, SPAN("시"));
	bool colon = unit || is_mark(&t[i + 1], ':') || is_mark(&t[i + 1], '.') || is_word(&t[i + 1], "h");
	if (!colon || t[i + 1].kind == TOKEN_END || t[i + 2].kind != TOKEN_NUMBER || t[i + 2].digits > 2 ||
	    (t[i + 2].digits < 2 && !unit) || t[i + 2].value > 59)
		return;
	min = t[i + 2].value;
	i += 3;
	if (is_mark(&t[i], ':') && t[i + 1].kind == TOKEN_NUMBER && t[i + 1].digits == 2 &&
	    t[i + 1].value < 60) {
		d->seconds += t[i + 1].value;
		i += 2;
	}
	if ((afternoon || is_word(&t[i], "pm") || (is_word(&t[i], "p") && is_mark(&t[i + 1], '.'))) && h < 12)
		h += 12;
	else if ((is_word(&t[i], "am") || (is_word(&t[i], "a") && is_mark(&t[i + 1], '.'))) && h == 12)
		h = 0;
	d->seconds += h * 3600 + min * 60;
	d->has_time = true;
	add_zone(t + i, d);
}

/* Index of the token after an optional ordinal ending, full stop, comma or "de"/"of". */
static size_t skip_small(const struct token *t, size_t i)
{
	static const char *const words[] = {"st", "nd",  "rd",  "th", "de", "of", "del",
					    "er", "der", "the", "º",  "º",  "do", "di"};

	for (unsigned n = 0; n < 3; n++) {
		bool hit = is_mark(&t[i], '.') || is_mark(&t[i], ',') || is_mark(&t[i], '-') ||
			   is_mark(&t[i], '/');

		for (size_t k = 0; k < ARRAY_SIZE(words) && !hit; k++)
			hit = is_word(&t[i], words[k]);
		if (!hit)
			break;
		i++;
	}
	return i;
}

static bool month_first(struct span lang)
{
	return span_starts_nocase(lang, SPAN("en-us")) || span_eq_nocase(lang, SPAN("en")) || !lang.len;
}

/* A date that begins at t[0]; *used gets the tokens it took. */
static bool date_at(const struct token *t, struct span lang, struct date *ret, size_t *used)
{
	size_t j, k;
	unsigned m;

	if (t[0].kind == TOKEN_NUMBER && t[0].before != '.' && t[0].before != '/' && t[0].before != ':') {
		/* 2021-08-26, 2021/08/26, 2021.08.26, 2021年8月26日, 2021. 8. 26. */
		if (year_ok(&t[0]) &&
		    (is_mark(&t[1], '-') || is_mark(&t[1], '/') || is_mark(&t[1], '.') ||
		     span_eq(t[1].s, SPAN("年")) || span_eq(t[1].s, SPAN("년"))) &&
		    t[2].kind == TOKEN_NUMBER && t[2].digits <= 2 && t[3].kind != TOKEN_END &&
		    t[4].kind == TOKEN_NUMBER && t[4].digits <= 2) {
			*used = 5;
			return set_day(ret, t[0].value, t[2].value, t[4].value);
		}
		/* 26.08.2021, 26/08/2021, 08/26/2021 */
		if (t[0].digits <= 2 && (is_mark(&t[1], '.') || is_mark(&t[1], '/') || is_mark(&t[1], '-')) &&
		    t[2].kind == TOKEN_NUMBER && t[2].digits <= 2 && t[3].kind == TOKEN_MARK &&
		    t[3].s.ptr[0] == t[1].s.ptr[0] && year_ok(&t[4])) {
			bool us = is_mark(&t[1], '/') && month_first(lang);
			unsigned a = t[0].value, b = t[2].value;

			*used = 5;
			if (b > 12 || (us && a <= 12))
				return set_day(ret, t[4].value, a, b);
			return set_day(ret, t[4].value, b, a);
		}
		/* 26.08.21: with stops the day comes first, in all countries that write so */
		if (t[0].digits <= 2 && is_mark(&t[1], '.') && t[2].kind == TOKEN_NUMBER &&
		    t[2].digits == 2 && is_mark(&t[3], '.') && t[4].kind == TOKEN_NUMBER &&
		    t[4].digits == 2 && t[4].before == '.' && !is_mark(&t[5], '.') && t[4].value < 70) {
			*used = 5;
			return set_day(ret, 2000 + t[4].value, t[2].value, t[0].value);
		}
		/* 20210826 */
		if (t[0].digits == 8 && t[0].value >= 19900101 && t[0].value <= 21001231) {
			*used = 1;
			return set_day(ret, t[0].value / 10000, t[0].value / 100 % 100, t[0].value % 100);
		}
		/* 26 August 2021, 26. August 2021, 26 de agosto de 2021, 26-Aug-2021 */
		if (t[0].digits <= 2) {
			j = skip_small(t, 1);
			m = month_of(&t[j]);
			if (m) {
				k = skip_small(t, j + 1);
				*used = k + 1;
				return year_ok(&t[k]) && set_day(ret, t[k].value, m, t[0].value);
			}
		}
		/* 2021 August 26 */
		m = year_ok(&t[0]) ? month_of(&t[skip_small(t, 1)]) : 0;
		if (m) {
			j = skip_small(t, skip_small(t, 1) + 1);
			*used = j + 1;
			return t[j].kind == TOKEN_NUMBER && t[j].digits <= 2 &&
			       set_day(ret, t[0].value, m, t[j].value);
		}
		return false;
	}
	/* August 26, 2021; Aug. 26th 2021 */
	m = month_of(&t[0]);
	if (!m)
		return false;
	j = skip_small(t, 1);
	if (t[j].kind != TOKEN_NUMBER || t[j].digits > 2)
		return false;
	k = skip_small(t, j + 1);
	*used = k + 1;
	return year_ok(&t[k]) && set_day(ret, t[k].value, m, t[j].value);
}

/* Japan and Korea have one clock each, and their pages never name it. */
static void only_zone(bool signs, struct span lang, struct date *d)
{
	if (!(signs && span_starts_nocase(lang, SPAN("ja"))) && !span_starts_nocase(lang, SPAN("ko")))
		return;
	d->has_zone = true;
	d->offset_minutes = 540;
	d->seconds -= 540 * 60;
}

bool find_date(struct span text, struct span lang, struct date *ret)
{
	struct token t[TOKENS_MAX + 12] = {{0}}; /* what follows the last one is TOKEN_END */
	size_t n;

	n = tokenize(span_sub(text, 0, TEXT_MAX), t);
	for (size_t i = 0; i < n; i++) {
		struct date d;
		size_t used = 0;

		if (!date_at(t + i, lang, &d, &used))
			continue;
		if (used == 5 && is_mark(&t[i + used], '.') && t[i + used + 1].kind == TOKEN_NUMBER &&
		    t[i + used + 1].before == '.')
			continue; /* a version or an address */
		add_time(t + i + used, &d);
		if (d.has_time && !d.has_zone)
			only_zone(span_eq(t[i + 1].s, SPAN("年")), lang, &d);
		*ret = d;
		return true;
	}
	return false;
}

bool find_date_in_path(struct span path, struct date *ret, bool *day_known)
{
	struct date month = {0};
	bool have_month = false;

	for (size_t i = 0; i + 6 < path.len; i++) {
		uint64_t y, m, d;
		size_t k;

		if (i && byte_is_digit(path.ptr[i - 1]))
			continue;
		if (!span_to_uint(span_sub(path, i, i + 4), 2100, &y) || y < 1990)
			continue;
		k = i + 4;
		/* /20210826 */
		if (k + 4 <= path.len && span_to_uint(span_sub(path, k, k + 2), 12, &m) &&
		    span_to_uint(span_sub(path, k + 2, k + 4), 31, &d) &&
		    (k + 4 == path.len || !byte_is_digit(path.ptr[k + 4])) &&
		    set_day(ret, (unsigned)y, (unsigned)m, (unsigned)d)) {
			*day_known = true;
			return true;
		}
		char sep = path.ptr[k];

		if (sep != '/' && sep != '-' && sep != '_' && sep != '.')
			continue;
		k++;
		size_t e = k;

		while (e < path.len && byte_is_alnum(path.ptr[e]))
			e++;
		struct token word = {.kind = TOKEN_WORD, .s = span_sub(path, k, e)};

		if (!span_to_uint(word.s, 12, &m))
			m = word.s.len >= 3 && word.s.len <= 9 ? month_of(&word) : 0;
		if (m < 1 || e - k > 9)
			continue;
		k = e + 1;
		if (e < path.len && path.ptr[e] == sep) {
			for (e = k; e < path.len && byte_is_digit(path.ptr[e]);)
				e++;
			if (e > k && e - k <= 2 && span_to_uint(span_sub(path, k, e), 31, &d) &&
			    (e == path.len || !byte_is_alnum(path.ptr[e])) &&
			    set_day(ret, (unsigned)y, (unsigned)m, (unsigned)d)) {
				*day_known = true;
				return true;
			}
		}
		if (!have_month && sep == '/')
			have_month = set_day(&month, (unsigned)y, (unsigned)m, 1);
	}
	if (!have_month)
		return false;
	*ret = month;
	*day_known = false;
	return true;
}
