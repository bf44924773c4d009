/* SPDX-License-Identifier: MIT */
/* Offsets by general knowledge (facts of the tz database, which is in the public domain); the ambiguous ones
 * (IST, CST, BST) by what feeds mostly mean. */
#include "base/date.h"
#include "base/date_words.h"

#define H(hours) ((hours)*60)

static const struct {
	const char *name;
	int minutes;
} abbreviations[] = {
	{"Z", 0},
	{"UT", 0},
	{"UTC", 0},
	{"GMT", 0},
	{"WET", 0},
	{"WEST", H(1)},
	{"BST", H(1)},
	{"CET", H(1)},
	{"CEST", H(2)},
	{"MEZ", H(1)},
	{"MESZ", H(2)},
	{"MET", H(1)},
	{"MEST", H(2)},
	{"EET", H(2)},
	{"EEST", H(3)},
	{"MSK", H(3)},
	{"MSD", H(4)},
	{"TRT", H(3)},
	{"IDT", H(3)},
	{"SAST", H(2)},
	{"CAT", H(2)},
	{"EAT", H(3)},
	{"WAT", H(1)},
	{"GST", H(4)},
	{"PKT", H(5)},
	{"IST", H(5) + 30},
	{"NPT", H(5) + 45},
	{"ICT", H(7)},
	{"WIB", H(7)},
	{"HKT", H(8)},
	{"SGT", H(8)},
	{"PHT", H(8)},
	{"AWST", H(8)},
	{"JST", H(9)},
	{"KST", H(9)},
	{"ACST", H(9) + 30},
	{"ACDT", H(10) + 30},
	{"AEST", H(10)},
	{"AEDT", H(11)},
	{"NZST", H(12)},
	{"NZDT", H(13)},
	{"NST", -H(3) - 30},
	{"NDT", -H(2) - 30},
	{"AST", -H(4)},
	{"ADT", -H(3)},
	{"AT", -H(4)},
	{"EST", -H(5)},
	{"EDT", -H(4)},
	{"ET", -H(5)},
	{"CST", -H(6)},
	{"CDT", -H(5)},
	{"CT", -H(6)},
	{"MST", -H(7)},
	{"MDT", -H(6)},
	{"MT", -H(7)},
	{"PST", -H(8)},
	{"PDT", -H(7)},
	{"PT", -H(8)},
	{"AKST", -H(9)},
	{"AKDT", -H(8)},
	{"HST", -H(10)},
	{"BRT", -H(3)},
	{"BRST", -H(2)},
	{"ART", -H(3)},
	{"CLT", -H(4)},
	{"COT", -H(5)},
	{"PET", -H(5)},
};

enum rule { RULE_NONE, RULE_US, RULE_EU, RULE_AU, RULE_NZ };

static const struct {
	const char *name;
	int minutes;
	enum rule rule;
} places[] = {
	{"Africa/Cairo", H(2), RULE_NONE},
	{"Africa/Johannesburg", H(2), RULE_NONE},
	{"Africa/Lagos", H(1), RULE_NONE},
	{"Africa/Nairobi", H(3), RULE_NONE},
	{"America/Anchorage", -H(9), RULE_US},
	{"America/Argentina/Buenos_Aires", -H(3), RULE_NONE},
	{"America/Bogota", -H(5), RULE_NONE},
	{"America/Chicago", -H(6), RULE_US},
	{"America/Denver", -H(7), RULE_US},
	{"America/Detroit", -H(5), RULE_US},
	{"America/Edmonton", -H(7), RULE_US},
	{"America/Halifax", -H(4), RULE_US},
	{"America/Lima", -H(5), RULE_NONE},
	{"America/Los_Angeles", -H(8), RULE_US},
	{"America/Montreal", -H(5), RULE_US},
	{"America/New_York", -H(5), RULE_US},
	{"America/Phoenix", -H(7), RULE_NONE},
	{"America/Puerto_Rico", -H(4), RULE_NONE},
	{"America/St_Johns", -H(3) - 30, RULE_US},
	{"America/Toronto", -H(5), RULE_US},
	{"America/Vancouver", -H(8), RULE_US},
	{"America/Winnipeg", -H(6), RULE_US},
	{"Asia/Bangkok", H(7), RULE_NONE},
	{"Asia/Calcutta", H(5) + 30, RULE_NONE},
	{"Asia/Dhaka", H(6), RULE_NONE},
	{"Asia/Dubai", H(4), RULE_NONE},
	{"Asia/Ho_Chi_Minh", H(7), RULE_NONE},
	{"Asia/Hong_Kong", H(8), RULE_NONE},
	{"Asia/Jakarta", H(7), RULE_NONE},
	{"Asia/Karachi", H(5), RULE_NONE},
	{"Asia/Kathmandu", H(5) + 45, RULE_NONE},
	{"Asia/Kolkata", H(5) + 30, RULE_NONE},
	{"Asia/Kuala_Lumpur", H(8), RULE_NONE},
	{"Asia/Manila", H(8), RULE_NONE},
	{"Asia/Riyadh", H(3), RULE_NONE},
	{"Asia/Seoul", H(9), RULE_NONE},
	{"Asia/Shanghai", H(8), RULE_NONE},
	{"Asia/Singapore", H(8), RULE_NONE},
	{"Asia/Taipei", H(8), RULE_NONE},
	{"Asia/Tokyo", H(9), RULE_NONE},
	{"Atlantic/Reykjavik", 0, RULE_NONE},
	{"Australia/Adelaide", H(9) + 30, RULE_AU},
	{"Australia/Brisbane", H(10), RULE_NONE},
	{"Australia/Canberra", H(10), RULE_AU},
	{"Australia/Hobart", H(10), RULE_AU},
	{"Australia/Melbourne", H(10), RULE_AU},
	{"Australia/Perth", H(8), RULE_NONE},
	{"Australia/Sydney", H(10), RULE_AU},
	{"Etc/GMT", 0, RULE_NONE},
	{"Etc/UTC", 0, RULE_NONE},
	{"Europe/Amsterdam", H(1), RULE_EU},
	{"Europe/Athens", H(2), RULE_EU},
	{"Europe/Belgrade", H(1), RULE_EU},
	{"Europe/Berlin", H(1), RULE_EU},
	{"Europe/Bratislava", H(1), RULE_EU},
	{"Europe/Brussels", H(1), RULE_EU},
	{"Europe/Bucharest", H(2), RULE_EU},
	{"Europe/Budapest", H(1), RULE_EU},
	{"Europe/Copenhagen", H(1), RULE_EU},
	{"Europe/Dublin", 0, RULE_EU},
	{"Europe/Helsinki", H(2), RULE_EU},
	{"Europe/Istanbul", H(3), RULE_NONE},
	{"Europe/Kiev", H(2), RULE_EU},
	{"Europe/Kyiv", H(2), RULE_EU},
	{"Europe/Lisbon", 0, RULE_EU},
	{"Europe/Ljubljana", H(1), RULE_EU},
	{"Europe/London", 0, RULE_EU},
	{"Europe/Luxembourg", H(1), RULE_EU},
	{"Europe/Madrid", H(1), RULE_EU},
	{"Europe/Moscow", H(3), RULE_NONE},
	{"Europe/Oslo", H(1), RULE_EU},
	{"Europe/Paris", H(1), RULE_EU},
	{"Europe/Prague", H(1), RULE_EU},
	{"Europe/Riga", H(2), RULE_EU},
	{"Europe/Rome", H(1), RULE_EU},
	{"Europe/Sofia", H(2), RULE_EU},
	{"Europe/Stockholm", H(1), RULE_EU},
	{"Europe/Tallinn", H(2), RULE_EU},
	{"Europe/Vienna", H(1), RULE_EU},
	{"Europe/Vilnius", H(2), RULE_EU},
	{"Europe/Warsaw", H(1), RULE_EU},
	{"Europe/Zagreb", H(1), RULE_EU},
	{"Europe/Zurich", H(1), RULE_EU},
	{"Pacific/Auckland", H(12), RULE_NZ},
	{"Pacific/Honolulu", -H(10), RULE_NONE},
	{"US/Alaska", -H(9), RULE_US},
	{"US/Central", -H(6), RULE_US},
	{"US/Eastern", -H(5), RULE_US},
	{"US/Mountain", -H(7), RULE_US},
	{"US/Pacific", -H(8), RULE_US},
};

bool date_zone_by_name(struct span name, int *minutes)
{
	for (size_t i = 0; i < ARRAY_SIZE(abbreviations); i++)
		if (span_eq_nocase(name, span_str(abbreviations[i].name))) {
			*minutes = abbreviations[i].minutes;
			return true;
		}
	return false;
}

/* The nth Sunday of a month (n from 1), or its last one (n 0), in days since 1970. */
static int64_t sunday(int64_t year, unsigned month, int n)
{
	int64_t first = n ? date_from_civil(year, month, 1) : date_from_civil(year, month + 1, 1) - 7;

	return first + (10 - (first % 7 + 7) % 7) % 7 + (n ? 7 * (n - 1) : 0);
}

static int64_t year_of(int64_t day)
{
	int64_t year = 1970 + day / 366 - 1;

	while (date_from_civil(year + 1, 1, 1) <= day)
		year++;
	return year;
}

/* Is summer time kept at this local clock time? Of the hour that comes twice the first is meant. */
static bool is_summer(enum rule rule, int64_t day, int minute, int standard)
{
	int64_t year = year_of(day), now = day * 1440 + minute, begin, end;

	switch (rule) {
	case RULE_US:
		if (year < 1987)
			return false;
		begin = (year < 2007 ? sunday(year, 4, 1) : sunday(year, 3, 2)) * 1440 + H(2);
		end = (year < 2007 ? sunday(year, 10, 0) : sunday(year, 11, 1)) * 1440 + H(2);
		return now >= begin && now < end;
	case RULE_EU:
		if (year < 1981)
			return false;
		begin = sunday(year, 3, 0) * 1440 + H(1) + standard;
		end = sunday(year, year < 1996 ? 9 : 10, 0) * 1440 + H(2) + standard;
		return now >= begin && now < end;
	case RULE_AU:
	case RULE_NZ:
		begin = sunday(year, rule == RULE_AU ? 10 : 9, rule == RULE_AU) * 1440 + H(2);
		end = sunday(year, 4, 1) * 1440 + H(3);
		return year >= 2008 && (now >= begin || now < end);
	default: return false;
	}
}

bool date_zone_by_place(struct span name, int64_t day, int minute, int *minutes)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (span_eq_nocase(name, span_str(places[i].name))) {
			int standard = places[i].minutes;

			*minutes = standard + (is_summer(places[i].rule, day, minute, standard) ? 60 : 0);
			return true;
		}
	return false;
}
