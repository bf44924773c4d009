/* SPDX-License-Identifier: MIT */
#include "base/date_words.h"
#include "base/text.h"
#include "base/text_entities.h"

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

enum { WORD_MAX = 48 };

/* Folded: small letters, no accents, dotless i as i. A word is known by its first `least` letters on. */
struct name {
	unsigned char value, least;
	const char *text;
};

static const struct name months[] = {
	/* English; German, Dutch, Scandinavian and Romance forms follow where the start differs */
	{1, 3, "january"},
	{2, 3, "february"},
	{3, 3, "march"},
	{4, 3, "april"},
	{5, 3, "may"},
	{6, 3, "june"},
	{7, 3, "july"},
	{8, 3, "august"},
	{9, 3, "september"},
	{10, 3, "october"},
	{11, 3, "november"},
	{12, 3, "december"},
	{1, 3, "januari"},
	{1, 3, "janner"},
	{2, 3, "februari"},
	{2, 4, "feber"},
	{3, 3, "marz"},
	{3, 4, "maerz"},
	{3, 4, "maart"},
	{3, 3, "mrt"},
	{3, 5, "marts"},
	{3, 4, "mars"},
	{5, 3, "mai"},
	{5, 3, "mei"},
	{5, 3, "maj"},
	{6, 4, "juni"},
	{7, 4, "juli"},
	{8, 4, "augusti"},
	{8, 4, "augustus"},
	{10, 3, "oktober"},
	{12, 3, "dezember"},
	{12, 3, "desember"},
	{6, 3, "jun"},
	{7, 3, "jul"},
	{9, 3, "sept"},
	/* French */
	{1, 4, "janvier"},
	{2, 3, "fevrier"},
	{4, 3, "avril"},
	{6, 4, "juin"},
	{7, 4, "juillet"},
	{8, 4, "aout"},
	{9, 4, "septembre"},
	{10, 4, "octobre"},
	{11, 4, "novembre"},
	{12, 4, "decembre"},
	/* Spanish, Portuguese, Italian */
	{1, 3, "enero"},
	{2, 4, "febrero"},
	{3, 4, "marzo"},
	{4, 3, "abril"},
	{5, 4, "mayo"},
	{6, 4, "junio"},
	{7, 4, "julio"},
	{8, 3, "agosto"},
	{9, 4, "septiembre"},
	{9, 4, "setiembre"},
	{10, 4, "octubre"},
	{11, 4, "noviembre"},
	{12, 3, "diciembre"},
	{1, 4, "janeiro"},
	{2, 3, "fevereiro"},
	{3, 4, "marco"},
	{5, 4, "maio"},
	{6, 4, "junho"},
	{7, 4, "julho"},
	{9, 3, "setembro"},
	{10, 3, "outubro"},
	{11, 4, "novembro"},
	{12, 4, "dezembro"},
	{1, 3, "gennaio"},
	{2, 4, "febbraio"},
	{4, 5, "aprile"},
	{5, 3, "maggio"},
	{6, 3, "giugno"},
	{7, 3, "luglio"},
	{9, 3, "settembre"},
	{10, 3, "ottobre"},
	{12, 3, "dicembre"},
	/* Turkish */
	{1, 3, "ocak"},
	{2, 3, "subat"},
	{3, 4, "mart"},
	{4, 3, "nisan"},
	{5, 4, "mayis"},
	{6, 3, "haziran"},
	{7, 3, "temmuz"},
	{8, 3, "agustos"},
	{9, 3, "eylul"},
	{10, 3, "ekim"},
	{11, 3, "kasim"},
	{12, 3, "aralik"},
	/* Hungarian, Romanian, Indonesian */
	{2, 4, "februar"},
	{3, 4, "marcius"},
	{4, 3, "aprilis"},
	{5, 4, "majus"},
	{6, 4, "junius"},
	{7, 4, "julius"},
	{8, 4, "augusztus"},
	{9, 4, "szeptember"},
	{10, 4, "oktober"},
	{1, 3, "ianuarie"},
	{2, 4, "februarie"},
	{3, 4, "martie"},
	{4, 5, "aprilie"},
	{6, 3, "iunie"},
	{7, 3, "iulie"},
	{9, 4, "septembrie"},
	{10, 4, "octombrie"},
	{11, 3, "noiembrie"},
	{12, 4, "decembrie"},
	{3, 4, "maret"},
	{8, 4, "agustus"},
	/* Polish, Czech */
	{1, 3, "stycznia"},
	{1, 3, "styczen"},
	{2, 3, "lutego"},
	{2, 3, "luty"},
	{3, 5, "marca"},
	{3, 5, "marzec"},
	{4, 3, "kwietnia"},
	{4, 4, "kwiecien"},
	{5, 4, "maja"},
	{6, 3, "czerwca"},
	{6, 3, "czerwiec"},
	{7, 3, "lipca"},
	{7, 3, "lipiec"},
	{8, 3, "sierpnia"},
	{8, 3, "sierpien"},
	{9, 3, "wrzesnia"},
	{9, 3, "wrzesien"},
	{10, 3, "pazdziernika"},
	{10, 3, "pazdziernik"},
	{11, 3, "listopada"},
	{11, 3, "listopadu"},
	{12, 3, "grudnia"},
	{12, 3, "grudzien"},
	{1, 4, "ledna"},
	{1, 4, "leden"},
	{2, 4, "unora"},
	{2, 4, "unor"},
	{3, 4, "brezna"},
	{3, 4, "brezen"},
	{4, 4, "dubna"},
	{4, 4, "duben"},
	{5, 4, "kvetna"},
	{5, 4, "kveten"},
	{6, 6, "cervna"},
	{6, 6, "cerven"},
	{7, 7, "cervence"},
	{7, 7, "cervenec"},
	{8, 4, "srpna"},
	{8, 4, "srpen"},
	{9, 4, "zari"},
	{10, 4, "rijna"},
	{10, 4, "rijen"},
	{12, 4, "prosince"},
	{12, 4, "prosinec"},
	/* Finnish */
	{1, 5, "tammikuuta"},
	{2, 5, "helmikuuta"},
	{3, 5, "maaliskuuta"},
	{4, 5, "huhtikuuta"},
	{5, 5, "toukokuuta"},
	{6, 5, "kesakuuta"},
	{7, 5, "heinakuuta"},
	{8, 3, "elokuuta"},
	{9, 4, "syyskuuta"},
	{10, 4, "lokakuuta"},
	{11, 5, "marraskuuta"},
	{12, 5, "joulukuuta"},
	/* Greek, with the short forms of feeds */
	{1, 3, "ιανουαριου"},
	{1, 3, "ιανουαριοσ"},
	{2, 3, "φεβρουαριου"},
	{3, 3, "μαρτιου"},
	{3, 3, "μαω"},
	{4, 3, "απριλιου"},
	{5, 3, "μαιου"},
	{5, 3, "μαιοσ"},
	{6, 4, "ιουνιου"},
	{6, 3, "ιον"},
	{7, 4, "ιουλιου"},
	{7, 3, "ιολ"},
	{8, 3, "αυγουστου"},
	{9, 3, "σεπτεμβριου"},
	{10, 3, "οκτωβριου"},
	{11, 3, "νοεμβριου"},
	{12, 3, "δεκεμβριου"},
	/* Russian, Ukrainian */
	{1, 3, "января"},
	{2, 3, "февраля"},
	{3, 3, "марта"},
	{4, 3, "апреля"},
	{5, 2, "мая"},
	{5, 3, "маи"},
	{6, 3, "июня"},
	{7, 3, "июля"},
	{8, 3, "августа"},
	{9, 3, "сентября"},
	{10, 3, "октября"},
	{11, 3, "ноября"},
	{12, 3, "декабря"},
	{1, 3, "січня"},
	{2, 3, "лютого"},
	{3, 3, "березня"},
	{4, 3, "квітня"},
	{5, 3, "травня"},
	{6, 3, "червня"},
	{7, 3, "липня"},
	{8, 3, "серпня"},
	{9, 3, "вересня"},
	{10, 3, "жовтня"},
	{11, 3, "листопада"},
	{12, 3, "грудня"},
};

static const struct name weekdays[] = {
	{0, 3, "sunday"},    {1, 3, "monday"},    {2, 3, "tuesday"},   {3, 3, "wednesday"},
	{4, 3, "thursday"},  {5, 3, "friday"},    {6, 3, "saturday"},  {0, 2, "sonntag"},
	{1, 2, "montag"},    {2, 2, "dienstag"},  {3, 2, "mittwoch"},  {4, 2, "donnerstag"},
	{5, 2, "freitag"},   {6, 2, "samstag"},   {6, 4, "sonnabend"}, {0, 3, "dimanche"},
	{1, 3, "lundi"},     {2, 5, "mardi"},     {3, 3, "mercredi"},  {4, 3, "jeudi"},
	{5, 3, "vendredi"},  {6, 3, "samedi"},    {0, 3, "domingo"},   {1, 3, "lunes"},
	{2, 5, "martes"},    {3, 3, "miercoles"}, {4, 3, "jueves"},    {5, 3, "viernes"},
	{6, 3, "sabado"},    {0, 3, "domenica"},  {1, 3, "lunedi"},    {2, 6, "martedi"},
	{3, 3, "mercoledi"}, {4, 3, "giovedi"},   {5, 3, "venerdi"},   {6, 3, "sabato"},
	{0, 3, "zondag"},    {1, 3, "maandag"},   {2, 3, "dinsdag"},   {3, 3, "woensdag"},
	{4, 4, "donderdag"}, {5, 3, "vrijdag"},   {6, 3, "zaterdag"},  {0, 3, "pazar"},
	{1, 6, "pazartesi"}, {2, 3, "sali"},      {3, 3, "carsamba"},  {4, 3, "persembe"},
	{5, 3, "cuma"},      {6, 6, "cumartesi"},
};

static const char *const noise[] = {
	"at",  "on",   "of",  "the",       "by",  "date", "published", "updated", "posted", "created",
	"um",  "den",  "der", "uhr",       "am",  "vom",  "le",        "de",      "del",    "a",
	"las", "el",   "il",  "alle",      "ore", "om",   "kl",        "klo",     "saat",   "o",
	"г",   "года", "в",   "tarihinde", "as",  "dne",  "dnia",      "godz",    "time"};

static const struct {
	const char *text;
	unsigned value, korean;
} halves[] = {{"am", 0, 0},   {"pm", 1, 0},   {"上午", 0, 0}, {"下午", 1, 0},
	      {"午前", 0, 0}, {"午後", 1, 0}, {"오전", 0, 1}, {"오후", 1, 1}};

static size_t fold_word(struct span word, char out[WORD_MAX])
{
	uint8_t buffer[4 * WORD_MAX], *cased;
	size_t len = sizeof(buffer), n = 0;
	struct span rest;

	if (word.len >= WORD_MAX || text_utf8_valid(word) != word.len)
		return 0;
	cased = u8_casefold((const uint8_t *)word.ptr, word.len, NULL, UNINORM_NFD, buffer, &len);
	if (!cased)
		return 0;
	for (rest = span_of((const char *)cased, len); rest.len && n + 4 < WORD_MAX;) {
		unsigned size;
		uint32_t c = text_utf8_get(rest, &size);

		rest = span_sub(rest, size, rest.len);
		if (uc_combining_class((ucs4_t)c) == 0 || c < 0x300)
			n += text_utf8_put(c == 0x131 ? 'i' : c, out + n);
	}
	if (cased != buffer)
		free(cased);
	return n;
}

static const struct name *find_name(struct span word, const struct name *names, size_t n)
{
	size_t letters = text_length(word);

	for (size_t i = 0; i < n; i++)
		if (letters >= names[i].least && span_starts(span_str(names[i].text), word))
			return &names[i];
	return NULL;
}

enum date_word date_word_find(struct span word, unsigned *value, bool *doubtful)
{
	char folded[WORD_MAX];
	const struct name *name;

	*doubtful = false;
	for (size_t i = 0; i < ARRAY_SIZE(halves); i++)
		if (span_eq_nocase(word, span_str(halves[i].text))) {
			*value = halves[i].value | (halves[i].korean ? DATE_WORD_KOREAN : 0);
			return DATE_WORD_HALF;
		}
	word = span_of(folded, fold_word(word, folded));
	if (word.len == 0)
		return DATE_WORD_UNKNOWN;
	name = find_name(word, months, ARRAY_SIZE(months));
	if (name) {
		*value = name->value;
		*doubtful = span_eq_str(word, "mar");
		return DATE_WORD_MONTH;
	}
	name = find_name(word, weekdays, ARRAY_SIZE(weekdays));
	if (name) {
		*value = name->value;
		return DATE_WORD_WEEKDAY;
	}
	for (size_t i = 0; i < ARRAY_SIZE(noise); i++)
		if (span_eq_str(word, noise[i]))
			return DATE_WORD_NOISE;
	return DATE_WORD_UNKNOWN;
}
