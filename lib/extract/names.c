/* SPDX-License-Identifier: MIT */
/* names.c - authors out of bylines: a name at a time. */
#include "base/text.h"
#include "extract/collect.h"

enum { BYLINE_MIN = 2, BYLINE_MAX = 70, BYLINE_WORDS_MAX = 7 };

/* What stands before a name in a byline. Longer ones first where one begins another. */
static const char *const before[] = {
	"this post was written by",
	"this article was written by",
	"this story was written by",
	"written by",
	"posted by",
	"published by",
	"reported by",
	"reviewed by",
	"edited by",
	"story by",
	"words by",
	"text by",
	"photos by",
	"article by",
	"analysis by",
	"opinion by",
	"created by",
	"submitted by",
	"author:",
	"authors:",
	"author",
	"by:",
	"by",
	"von:",
	"von",
	"ein beitrag von",
	"ein artikel von",
	"text:",
	"autor:",
	"autorin:",
	"autoren:",
	"autor",
	"par:",
	"par",
	"propos recueillis par",
	"écrit par",
	"publié par",
	"por:",
	"por",
	"escrito por",
	"di:",
	"di",
	"a cura di",
	"scritto da",
	"door:",
	"door",
	"av:",
	"av",
	"af:",
	"af",
	"skrevet af",
	"skrevet av",
	"przez",
	"tekst:",
	"автор:",
	"текст:",
	"yazan:",
	"作者:",
	"作者：",
	"文/",
	"文／",
	"文：",
	"记者",
	"記者",
	"撰文：",
	"글",
	"기자",
};

/* What ends a list of names' one name, besides commas, semicolons, bars and line-like marks. */
static const char *const joins[] = {" and ", " und ", " et ",   " y ",   " och ", " og ",
				    " & ",   " en ",  " with ", " mit ", " und: "};

/* After two words or more these begin a role, not a part of the name. */
static const char *const roles[] = {
	"staff",         "senior",  "chief",       "editor",     "reporter",  "correspondent", "contributor",
	"contributing",  "writer",  "columnist",   "journalist", "redakteur", "redakteurin",   "reporterin",
	"korrespondent", "is",      "for",         "in",         "special",   "associate",     "managing",
	"published",     "updated", "posted",      "on",         "at",        "from",          "aus",
	"photographer",  "author",  "journaliste", "redactie",   "dpa",       "political",     "science",
	"technology",    "health",  "about",       "expert",     "reviewer",  "alle",          "weitere",
	"mehr",          "view",    "read",
};

/* A whole name that is nobody's. */
static const char *const nobody[] = {
	"staff",
	"admin",
	"administrator",
	"editor",
	"editors",
	"editorial",
	"editorial team",
	"editorial staff",
	"staff writer",
	"staff report",
	"staff reporter",
	"redaktion",
	"redaktion online",
	"online redaktion",
	"die redaktion",
	"redazione",
	"la rédaction",
	"rédaction",
	"redacción",
	"la redacción",
	"redação",
	"redactie",
	"redakcja",
	"redaktionen",
	"webmaster",
	"web desk",
	"news desk",
	"online desk",
	"guest",
	"guest author",
	"guest contributor",
	"contributor",
	"contributors",
	"author",
	"authors",
	"unknown",
	"anonymous",
	"null",
	"undefined",
	"none",
	"n/a",
	"user",
	"root",
	"site admin",
	"web admin",
	"wpadmin",
	"press release",
	"newsroom",
	"the editors",
	"team",
	"our reporter",
	"associated press staff",
	"redaktör",
	"toimitus",
	"редакция",
	"администратор",
	"編集部",
	"编辑",
	"記者",
	"autor",
	"default",
	"view all posts",
	"more",
	"share",
	"comments",
	"read more",
	"about the author",
	"follow",
	"subscribe",
	"home",
	"dpa",
	"updated",
	"web team",
	"von",
	"by",
	"par",
	"por",
	"name",
	"via",
	"text",
	"foto",
	"photo",
	"profile",
	"interview",
	"autoren",
	"username",
	"wordpressadmin",
	"webadmin",
	"siteadmin",
	"staff and agencies",
	"agencies",
	"various",
	"published",
	"facebook",
	"twitter",
	"email",
	"login",
	"log in",
	"sign in",
	"register",
	"my account",
	"anmelden",
	"einloggen",
	"connexion",
	"accedi",
	"inloggen",
	"zaloguj",
};

/* Ends what somebody is, where it stands in a list of names by itself. */
static const char *const jobs[] = {
	"developer",   "engineer",      "manager",   "director",   "founder",    "co-founder",    "ceo",
	"cto",         "designer",      "writer",    "editor",     "specialist", "consultant",    "analyst",
	"strategist",  "producer",      "professor", "attorney",   "journalist", "correspondent", "columnist",
	"contributor", "admin",         "assistant", "officer",    "president",  "photographer",  "redakteur",
	"redakteurin", "chefredakteur", "volontär",  "reporterin", "expert",
};

static bool is_one_of(struct span s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq_nocase(s, span_str(list[i])))
			return true;
	return false;
}

static struct span strip_marks(struct span s)
{
	static const char marks[] = " \t\n.,;:|/-_*~\"'()[]<>+";

	while (s.len && strchr(marks, s.ptr[0]) && s.ptr[0])
		s = span_sub(s, 1, s.len);
	/* a full stop after an initial or "Jr" belongs to the name */
	while (s.len && s.ptr[s.len - 1] && strchr(marks, s.ptr[s.len - 1]))
		s.len--;
	for (bool again = true; again;) {
		static const char *const wide[] = {"–",  "—", "•", "·", "»", "«", "|",
						   "：", "©", "“", "”", "‘", "’"};

		again = false;
		for (size_t i = 0; i < ARRAY_SIZE(wide); i++) {
			struct span w = span_str(wide[i]);

			if (s.len > w.len && span_starts(s, w)) {
				s = span_trim(span_sub(s, w.len, s.len));
				again = true;
			}
			if (s.len > w.len && span_ends(s, w)) {
				s = span_trim(span_sub(s, 0, s.len - w.len));
				again = true;
			}
		}
	}
	return s;
}

/* The word with a capital first. */
static struct span b_capital(struct span b, char buf[40])
{
	size_t n = MIN(b.len, (size_t)40);

	memcpy(buf, b.ptr, n);
	if (n && buf[0] >= 'a' && buf[0] <= 'z')
		buf[0] = (char)(buf[0] - 32);
	return span_of(buf, n);
}

static struct span strip_before(struct span s)
{
	char cap[40];

	for (bool again = true; again;) {
		ptrdiff_t colon = span_find_byte(s, ':');

		again = false;
		/* "Interview: Ann Lee": a word that says what the person did */
		if (colon > 2 && colon < 24 && (size_t)colon + 2 < s.len && s.ptr[colon + 1] == ' ' &&
		    span_find_byte(span_sub(s, 0, (size_t)colon), ' ') < 0) {
			s = strip_marks(span_sub(s, (size_t)colon + 1, s.len));
			again = true;
			continue;
		}
		for (size_t i = 0; i < ARRAY_SIZE(before); i++) {
			struct span b = span_str(before[i]);
			bool word = byte_is_alpha(b.ptr[b.len - 1]);

			if (!span_starts_nocase(s, b) || s.len <= b.len)
				continue;
			/* "ByAnn": inline elements without a space between them */
			bool joined = word && b.len + 1 < s.len && s.ptr[b.len - 1] >= 'a' &&
				      s.ptr[b.len] >= 'A' && s.ptr[b.len] <= 'Z' && s.ptr[b.len + 1] >= 'a' &&
				      s.ptr[b.len + 1] <= 'z' &&
				      s.ptr[b.len - 1] == byte_lower(s.ptr[b.len - 1]) &&
				      (span_starts(s, b_capital(b, cap)) || span_starts(s, b));

			if (word && s.ptr[b.len] != ' ' && s.ptr[b.len] != ':' && !joined)
				continue;
			s = strip_marks(span_sub(s, b.len, s.len));
			again = true;
			break;
		}
	}
	return s;
}

static bool is_address(struct span s)
{
	unsigned digits = 0;

	if (span_find_byte(s, '@') >= 0 || span_find(s, SPAN("://")) >= 0 ||
	    span_starts_nocase(s, SPAN("www.")))
		return true;
	for (size_t i = 0; i < s.len; i++)
		digits += byte_is_digit(s.ptr[i]);
	if (digits > 2)
		return true;
	/* a host's name: a full stop amid lower case, no space */
	if (span_find_byte(s, ' ') < 0) {
		ptrdiff_t dot = span_find_byte(s, '.');

		/* but "Ann.Lee" and "Herr_Rein" are how some people sign */
		bool signs = s.ptr[0] >= 'A' && s.ptr[0] <= 'Z';

		if (dot > 1 && (size_t)dot + 2 < s.len && byte_is_alnum(s.ptr[dot + 1]) &&
		    !(signs && s.ptr[dot + 1] >= 'A' && s.ptr[dot + 1] <= 'Z'))
			return true;
		if ((span_find_byte(s, '_') >= 0 && !signs) || span_find_byte(s, '/') >= 0)
			return true;
	}
	return false;
}

/* Cuts at a role's word that follows two words or more. */
static struct span strip_role(struct span s)
{
	unsigned words = 0;

	for (size_t i = 0; i < s.len;) {
		size_t end = i;

		while (end < s.len && s.ptr[end] != ' ')
			end++;
		if (words >= 2 && is_one_of(span_sub(s, i, end), roles, ARRAY_SIZE(roles)))
			return span_trim(span_sub(s, 0, i));
		if (end > i)
			words++;
		i = end + 1;
	}
	return s;
}

static unsigned count_words(struct span s)
{
	unsigned n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] != ' ' && (i == 0 || s.ptr[i - 1] == ' ');
	return n;
}

/* Where the next name ends, and where the one after it begins. */
static size_t name_end(struct span s, size_t *next)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (c == ',' || c == ';' || c == '|' || c == '\n') {
			*next = i + 1;
			return i;
		}
		if (c == '/' && i && i + 1 < s.len && s.ptr[i + 1] != '/' && s.ptr[i - 1] != ':') {
			*next = i + 1;
			return i;
		}
		if (c == '(' && i > 3) {
			ptrdiff_t close = span_find_byte(span_sub(s, i, s.len), ')');

			*next = close < 0 ? s.len : i + (size_t)close + 1;
			return i;
		}
		static const char *const wide[] = {"、", "，", " – ", " — ", " - ", " • ", " · ", "；"};
		for (size_t k = 0; k < ARRAY_SIZE(wide); k++)
			if (span_starts(span_sub(s, i, s.len), span_str(wide[k]))) {
				*next = i + strlen(wide[k]);
				return i;
			}
		for (size_t k = 0; c == ' ' && k < ARRAY_SIZE(joins); k++)
			if (span_starts_nocase(span_sub(s, i, s.len), span_str(joins[k]))) {
				*next = i + strlen(joins[k]);
				return i;
			}
	}
	*next = s.len;
	return s.len;
}

/* "Family, Given" of bibliographies: two or three single words and nothing else. SPAN_NONE when it is none.
 */
static struct span turn_around(struct span s, struct arena *arena)
{
	ptrdiff_t comma = span_find_byte(s, ',');
	struct span family, given;
	char *p;

	if (comma < 0)
		return SPAN_NONE;
	family = strip_marks(span_sub(s, 0, (size_t)comma));
	given = strip_marks(span_sub(s, (size_t)comma + 1, s.len));
	if (count_words(family) != 1 || !given.len || count_words(given) > 2 || is_address(given) ||
	    is_address(family) || span_find_byte(given, ',') >= 0 || span_find_byte(given, '|') >= 0 ||
	    given.len + family.len > BYLINE_MAX || is_one_of(given, roles, ARRAY_SIZE(roles)) ||
	    is_one_of(given, nobody, ARRAY_SIZE(nobody)))
		return SPAN_NONE;
	for (size_t k = 0; k < ARRAY_SIZE(joins); k++)
		if (span_find_nocase(given, span_str(joins[k])) >= 0)
			return SPAN_NONE;
	p = arena_alloc(arena, given.len + 1 + family.len);
	if (!p)
		return SPAN_NONE;
	memcpy(p, given.ptr, given.len);
	p[given.len] = ' ';
	memcpy(p + given.len + 1, family.ptr, family.len);
	return span_of(p, given.len + 1 + family.len);
}

/* "PHP Developer", "Senior Tech Writer" */
static bool is_job(struct span name)
{
	size_t i = name.len;

	while (i && name.ptr[i - 1] != ' ')
		i--;
	return i && is_one_of(span_sub(name, i, name.len), jobs, ARRAY_SIZE(jobs));
}

bool collect_looks_like_name(struct span name, bool lower)
{
	static const char *const particles[] = {"de",  "van",   "von", "der", "den", "la", "le", "di", "da",
						"del", "della", "dos", "bin", "ibn", "al", "el", "du", "ten",
						"ter", "y",     "e",   "zu",  "zur", "af", "av"};
	static const char *const never[] = {
		"View",        "Get",        "Share",   "Follow",    "Updated",       "Published",
		"Posted",      "Read",       "More",    "The",       "Comments",      "Facebook",
		"Twitter",     "Email",      "Print",   "Photo",     "Foto",          "Image",
		"Folgen",      "Teilen",     "Über",    "About",     "Contact",       "Senior",
		"Staff",       "Kommentare", "News",    "Copyright", "Subscribe",     "Sign",
		"Log",         "Privacy",    "Save",    "Last",      "Source",        "Zur",
		"Zum",         "Alle",       "Learn",   "Expert",    "Reviewer",      "Rechtsanwalt",
		"Gesponserte", "Sponsored",  "Jetzt",   "Hier",      "Mehr",          "Weitere",
		"Autor",       "Written",    "Your",    "Our",       "Quelle",        "Articles",
		"Insights",    "Cookie",     "Cookies", "Powered",   "Veröffentlicht"};
	unsigned words = 0, small = 0;

	for (struct span rest = name, w; (w = span_split(&rest, ' ')).ptr;) {
		if (!w.len)
			continue;
		words++;
		/* a pen name has a word or two, a sentence more */
		small += w.ptr[0] >= 'a' && w.ptr[0] <= 'z';
		if (small > 2)
			return false;
		if (is_one_of(w, particles, ARRAY_SIZE(particles)))
			continue;
		if ((w.ptr[0] >= 'a' && w.ptr[0] <= 'z' && !lower) || byte_is_digit(w.ptr[0]) ||
		    span_find_byte(w, ':') >= 0)
			return false;
		for (size_t i = 0; i < ARRAY_SIZE(never); i++)
			if (span_eq(w, span_str(never[i])))
				return false;
	}
	return words > 0 && words < 6;
}

struct span collect_next_name(struct span *rest, struct arena *arena)
{
	struct span s = strip_before(strip_marks(*rest)), name;
	ptrdiff_t semi = span_find_byte(s, ';');
	size_t next, end;

	*rest = SPAN_NONE;
	if (!s.len)
		return SPAN_NONE;
	/* a profile's address where a name should be */
	if (span_find(s, SPAN("://")) >= 0 && span_find_byte(s, ' ') < 0)
		return SPAN_NONE;
	name = turn_around(semi < 0 ? s : span_sub(s, 0, (size_t)semi), arena);
	if (name.ptr) {
		if (semi >= 0)
			*rest = span_sub(s, (size_t)semi + 1, s.len);
		return name;
	}
	end = name_end(s, &next);
	*rest = span_sub(s, next, s.len);
	name = strip_marks(strip_role(strip_marks(span_sub(s, 0, end))));
	/* "Maria Weller @mweller" */
	for (size_t i = name.len; i > 2; i--)
		if (name.ptr[i - 1] == '@' && name.ptr[i - 2] == ' ') {
			name = strip_marks(span_sub(name, 0, i - 2));
			break;
		}
	if (name.len < BYLINE_MIN || name.len > BYLINE_MAX || count_words(name) > BYLINE_WORDS_MAX ||
	    is_address(name) || is_one_of(name, nobody, ARRAY_SIZE(nobody)) ||
	    is_one_of(name, roles, ARRAY_SIZE(roles)) || is_job(name))
		return SPAN_NONE;
	return name;
}
