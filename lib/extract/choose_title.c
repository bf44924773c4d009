/* SPDX-License-Identifier: MIT */
/* Titles and whose they are: the site's name is learnt first, then taken off titles. */
#include "base/text.h"
#include "extract/choose_inner.h"
#include "extract/site_inner.h"
#include "extract/slug.h"

/* What parts a title from the name of its site, its section, its author. Longest first. */
static const char *const separators[] = {
	" | ", " - ", " – ", " — ", " · ",  " • ", " » ", " « ", " :: ", " / ", " ‹ ", " › ", " > ", " ~ ",
	" ⋆ ", "｜",  " |",  "| ",  " -- ", "--",  "_",   ": ",  " : ",  "—",   "–",   "-",   "：",  "／"};
enum { SLIP = 29 /* what is weaker was let slip, not said */ };
enum { STATED = 40 /* a title from there on; less are headings beside the article and names of parts */ };
enum { SECOND_MORE = 10 };
enum { SITE_NAME = 80 /* og:site_name and what is as sure */ };
enum { SURE = 16 }; /* before SURE they part anything; from there on only what is surely the site's name */

static const char lost_site[] = "the site's name", lost_quote[] = "cut at a quotation mark";
static const char lost_shared[] = "other pages of the host are called so too";
static const char lost_strange[] = "the address does not bear it out";
static const char lost_long[] = "too long for a name";
static const char lost_empty[] = "nothing but the site's name";
static const char lost_unnamed[] = "what a system calls a page without a name";

/* Last (or first) separator among those from..to; false when there is none. Of several at one place the
 * longest. */
static bool part(struct span s, bool last, size_t from, size_t to, size_t *at, size_t *len)
{
	for (size_t n = 0; n < s.len; n++) {
		size_t i = last ? s.len - 1 - n : n;
		char c = s.ptr[i];
		size_t best = 0;

		if (byte_is_alnum(c))
			continue;
		for (size_t k = from; k < to; k++) {
			struct span sep;

			if (c != separators[k][0])
				continue;
			sep = span_str(separators[k]);
			if (sep.len > best && span_starts(span_sub(s, i, s.len), sep))
				best = sep.len;
		}
		/* "GdP-Vize": one word */
		if (!best || (best == 1 && c == '-' && i && byte_is_alnum(s.ptr[i - 1]) && i + 1 < s.len &&
			      byte_is_alnum(s.ptr[i + 1])))
			continue;
		*at = i;
		*len = best;
		return i > 0 && i + best < s.len;
	}
	return false;
}

bool title_part(struct span title, bool last, struct span *head, struct span *tail)
{
	size_t at, len;

	if (!part(title, last, 0, SURE, &at, &len))
		return false;
	*head = span_trim(span_sub(title, 0, at));
	*tail = span_trim(span_sub(title, at + len, title.len));
	return true;
}

static bool is_shared(const struct chooser *c, enum mark_kind kind, struct span s)
{
	return c->options->site && mark_is_shared(c->options->site, kind, squash(s, c->arena));
}

/* "example.org Title": the bare domain needs no mark to part it. At the end it may be what is spoken of. */
static struct span without_domain(const struct chooser *c, struct span title)
{
	struct span domain = c->address.href.len ? url_registrable(c->address.host) : SPAN_NONE;

	if (domain.len < 4 || title.len < domain.len + 4)
		return title;
	if (span_starts_nocase(title, domain) && title.ptr[domain.len] == ' ')
		return span_trim(span_sub(title, domain.len, title.len));
	return title;
}

/* "Example News -": without a mark at its end that parts it from nothing. Not one of quotation; and a dash
 * before it is one in some languages. */
static struct span without_idle_mark(struct span title)
{
	static const char *const marks[] = {" |", " -", " –", " —", " ·", " •", " ::"};

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (title.len > strlen(marks[i]) && span_ends(title, span_str(marks[i])))
			return span_trim(span_sub(title, 0, title.len - strlen(marks[i])));
	return title;
}

/* The site's name as the domain bears it out, and a mark for the title that is missing. */
static bool is_left_over(struct chooser *c, struct span title)
{
	struct span rest = without_idle_mark(title), label = squash(site_label(c), c->arena);
	size_t at, len;

	return rest.len < title.len && label.len >= 4 && span_starts(squash(rest, c->arena), label) &&
	       !part(rest, true, 0, SURE, &at, &len);
}

struct span title_without_site(struct chooser *c, struct span title, const struct span *titles, size_t n)
{
	title = without_idle_mark(title);
	for (unsigned rounds = 0; rounds < 3; rounds++) {
		size_t at, len;
		struct span head, tail;
		bool cut = false;

		/* a colon or a bare dash parts only what is surely the site's */
		for (unsigned sure = 0; sure < 2 && !cut; sure++) {
			size_t from = sure ? SURE : 0, to = sure ? ARRAY_SIZE(separators) : SURE;

			if (part(title, true, from, to, &at, &len)) {
				head = span_trim(span_sub(title, 0, at));
				tail = span_trim(span_sub(title, at + len, title.len));
				if (head.len >= 2 && (is_site_name(c, tail) ||
						      (!sure && is_shared(c, MARK_TITLE_TAIL, tail)))) {
					title = head;
					cut = true;
				}
			}
			if (!cut && part(title, false, from, to, &at, &len)) {
				head = span_trim(span_sub(title, 0, at));
				tail = span_trim(span_sub(title, at + len, title.len));
				if (tail.len >= 2 && (is_site_name(c, head) ||
						      (!sure && is_shared(c, MARK_TITLE_HEAD, head)))) {
					title = tail;
					cut = true;
				}
			}
		}
		/* the rest is a title that the page states elsewhere: what is left over is no part of it */
		if (!cut && part(title, true, 0, SURE, &at, &len)) {
			head = span_trim(span_sub(title, 0, at));

			struct span key = squash(head, c->arena);

			for (size_t i = 0; i < n && !cut; i++)
				if (key.len > 8 && span_eq(key, titles[i])) {
					title = head;
					cut = true;
				}
		}
		/* what old systems put before it */
		if (!cut && part(title, false, 0, SURE, &at, &len)) {
			head = span_trim(span_sub(title, 0, at));
			if (span_eq_nocase(head, SPAN("blog archive")) ||
			    span_eq_nocase(head, SPAN("blog archiv"))) {
				title = span_trim(span_sub(title, at + len, title.len));
				cut = true;
			}
		}
		/* "Archive » Title" */
		if (!cut && part(title, false, 0, SURE, &at, &len)) {
			tail = span_trim(span_sub(title, at + len, title.len));

			struct span key = squash(tail, c->arena);

			for (size_t i = 0; i < n && !cut; i++)
				if (key.len > 8 && span_eq(key, titles[i])) {
					title = tail;
					cut = true;
				}
		}
		if (!cut)
			break;
	}
	return without_idle_mark(without_domain(c, title));
}

/* "nyt" of "New York Times" */
static bool are_initials(struct span label, struct span name)
{
	size_t m = 0;

	for (size_t b = 0; b < name.len; b++)
		if ((b == 0 || name.ptr[b - 1] == ' ') && byte_is_alpha(name.ptr[b])) {
			if (m >= label.len || label.ptr[m] != byte_lower(name.ptr[b]))
				return false;
			m++;
		}
	return m >= 2 && m == label.len;
}

/* What a page lets slip of its site's name counts where the domain bears it out. */
static bool is_borne_out(const struct weighed *w, struct span label)
{
	struct span bare = span_starts(label, SPAN("the")) ? span_sub(label, 3, label.len) : label;

	return (bare.len >= 3 && span_find(w->key, bare) >= 0) ||
	       (w->key.len >= 4 && span_find(label, w->key) >= 0) || are_initials(label, w->value);
}

/* A last part of <title> that the domain bears out. */
static struct span name_in_title(struct chooser *c)
{
	struct span label = squash(site_label(c), c->arena);

	for (size_t i = 0; i < c->page->candidate_count && label.len >= 2; i++) {
		const struct candidate *k = &c->page->candidates[i];
		size_t at, len;

		if (k->field != FIELD_TITLE)
			continue;
		for (unsigned end = 0; end < 2; end++) {
			if (!part(k->value, !end, 0, SURE, &at, &len))
				continue;

			struct span name = span_trim(end ? span_sub(k->value, 0, at)
							 : span_sub(k->value, at + len, k->value.len));
			struct span key = squash(name, c->arena);

			if (span_starts(key, SPAN("the")) && !span_starts(label, SPAN("the")))
				key = span_sub(key, 3, key.len);
			if (key.len < 2 || name.len > 60)
				continue;
			if (span_eq(key, label) || (key.len >= 4 && span_find(label, key) >= 0) ||
			    (label.len >= 4 && span_starts(key, label)))
				return name;
			if (label.len >= 3 && are_initials(label, name))
				return name;
		}
	}
	return SPAN_NONE;
}

/* False for a name that has nothing of the domain's where <title> ends in one that has: a section ("U.S."),
 * an abbreviation. What og:site_name says gives way only to a name that is said elsewhere too. */
static bool bears_out(struct chooser *c, const struct weighed *best, struct span label, struct span found)
{
	struct span key = squash(found, c->arena);

	if (label.len < 3 || best->key.len < 2 || span_find_byte(found, '.') >= 0 ||
	    span_find(label, best->key) >= 0 || span_find(best->key, label) >= 0 ||
	    span_find(best->key, key) >= 0 || span_find(key, best->key) >= 0)
		return true;
	if (best->from->score < SITE_NAME)
		return false;
	for (size_t i = 0; i < c->n; i++)
		if (span_eq(c->w[i].key, key))
			return false;
	return true;
}

void choose_provider(struct chooser *c)
{
	struct span domain = c->address.href.len ? url_registrable(c->address.host) : SPAN_NONE;
	struct span label = squash(site_label(c), c->arena), found;
	struct weighed *best;

	weigh(c, FIELD_PROVIDER_DOMAIN);
	for (size_t i = 0; i < c->n; i++)
		c->w[i].from->lost = lost_same;
	c->ret->chosen[FIELD_PROVIDER_DOMAIN] = choose_made(c, FIELD_PROVIDER_DOMAIN, domain, "address", 50);

	weigh(c, FIELD_PROVIDER_NAME);
	for (size_t i = 0; i < c->n; i++) {
		struct weighed *w = &c->w[i];
		size_t at, len;

		/* "Example News | the world's best": the name is what comes first */
		if (w->value.len > 30 && part(w->value, false, 0, SURE, &at, &len) && at >= 3) {
			w->value = span_trim(span_sub(w->value, 0, at));
			w->key = squash(w->value, c->arena);
		}
		/* "X (formerly Twitter)": a remark of several words is no part of the name */
		if (w->value.ptr[w->value.len - 1] == ')') {
			ptrdiff_t open = span_find(w->value, SPAN(" ("));

			if (open > 0 &&
			    span_find_byte(span_sub(w->value, (size_t)open + 2, w->value.len), ' ') > 0) {
				w->value = span_trim(span_sub(w->value, 0, (size_t)open));
				w->key = squash(w->value, c->arena);
			}
		}
		if (w->from->score < SLIP && !is_borne_out(w, label)) {
			w->score = 0;
			w->from->lost = lost_strange;
			continue;
		}
		if (w->value.ptr[0] == '@')
			w->value = span_sub(w->value, 1, w->value.len);
		if (text_length(w->value) > 60) {
			w->score = 0;
			w->from->lost = lost_long;
		} else if (span_find(w->value, SPAN("://")) >= 0 || span_starts(w->value, SPAN("/"))) {
			w->score = 0;
		} else if (span_find_byte(w->value, ' ') < 0 && span_find_byte(w->value, '.') > 1 &&
			   span_eq_nocase(w->value, domain)) {
			w->score -= 24; /* the bare domain is what is left when nobody says a name */
		}
		if (label.len >= 3 && w->key.len >= 3 &&
		    (span_find(label, w->key) >= 0 || span_find(w->key, label) >= 0))
			w->score += 12;
	}
	weigh_support(c, 8);
	best = weigh_best(c);
	found = name_in_title(c);
	if (best && span_eq_nocase(found, domain))
		found = SPAN_NONE; /* no name, and somebody says one */
	if (found.len && (!best || best->score < 60 || !bears_out(c, best, label, found))) {
		c->ret->chosen[FIELD_PROVIDER_NAME] =
			choose_made(c, FIELD_PROVIDER_NAME, found, "<title> and address", 55);
	} else if (best) {
		choose(c, FIELD_PROVIDER_NAME, best);
	} else {
		c->ret->chosen[FIELD_PROVIDER_NAME] =
			choose_made(c, FIELD_PROVIDER_NAME, domain, "address", 10);
	}
	if (c->ret->chosen[FIELD_PROVIDER_NAME])
		c->site = c->ret->chosen[FIELD_PROVIDER_NAME]->value;
}

/* How well a kicker and the like are parted from their title: by how many marks, then by how many spaces. */
static unsigned marks(struct span s)
{
	static const char *const all[] = {": ", " / ", " - ", " – ", " | "};
	unsigned n = 0;

	for (size_t i = 1; i + 1 < s.len; i++)
		n += s.ptr[i] == ' ' && byte_is_alnum(s.ptr[i - 1]) && byte_is_alnum(s.ptr[i + 1]);
	n = MIN(n, 999u);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		for (struct span rest = s; span_find(rest, span_str(all[i])) >= 0; n += 1000)
			rest = span_sub(rest, (size_t)span_find(rest, span_str(all[i])) + 2, rest.len);
	return n;
}

/* The address was made of this title: it has nearly all words of it. */
static bool is_in_address(struct span slug, struct span title)
{
	unsigned words, n = slug_words_in(slug, title, &words);

	return words >= 3 && n * 10 >= words * 9;
}

/* A theme and an add-on of one system may both write og:title: then the one that the heading says too is the
 * page's. */
static void prefer_borne_out(struct chooser *c)
{
	const struct span og = SPAN("og:title");

	for (size_t i = 0; i < c->n; i++) {
		bool two = false, said = false;

		if (!span_eq(c->w[i].from->source, og) || c->w[i].score <= 0)
			continue;
		for (size_t k = 0; k < c->n; k++) {
			const struct weighed *w = &c->w[k];

			two |= span_eq(w->from->source, og) && !span_eq(w->key, c->w[i].key);
			said |= span_eq(w->from->source, SPAN("<h1>")) && w->from->score >= STATED &&
				span_eq(w->key, c->w[i].key);
		}
		if (two && said)
			c->w[i].score += SECOND_MORE;
	}
}

/* What systems and templates put where nobody wrote a title; squashed. */
static bool is_unnamed(struct span key)
{
	static const char *const names[] = {
		"HOME",
		"HOMEPAGE",
		"STARTSEITE",
		"ACCUEIL",
		"INICIO",
		"INDEX",
		"UNTITLED",
		"UNTITLEDDOCUMENT",
		"UNTITLEDPAGE",
		"NEWPAGE",
		"UNBENANNTESDOKUMENT",
		"UNBENANNT",
		"DOCUMENTSANSTITRE",
		"SANSTITRE",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (span_eq_nocase(key, span_str(names[i])))
			return true;
	return false;
}

void choose_title(struct chooser *c)
{
	struct span slug = slug_of(c->address.path);
	bool front = c->address.href.len && c->address.path.len <= 1 && !c->address.query.len;
	struct span keys[CHOOSE_MAX];
	size_t known;

	weigh(c, FIELD_TITLE);
	known = c->n;
	for (size_t i = 0; i < known; i++)
		keys[i] = c->w[i].score >= STATED ? c->w[i].key : SPAN_NONE;
	for (size_t i = 0; i < c->n; i++) {
		struct weighed *w = &c->w[i];
		struct span bare = front ? w->value : title_without_site(c, w->value, keys, known);
		bool shared = mark_is_shared(c->options->site, MARK_TITLE, w->key);

		if (bare.len < w->value.len) {
			w->value = bare;
			w->key = squash(bare, c->arena);
		}
		if (shared) {
			w->score = 0;
			w->from->lost = lost_shared;
		} else if (is_unnamed(w->key)) {
			w->score -= 60;
			w->from->lost = lost_unnamed;
		} else if (front) {
			; /* is called by the site's name */
		} else if (is_site_name(c, w->value) && span_find_byte(w->value, ' ') < 0) {
			w->score -= 60;
			w->from->lost = lost_site;
		} else if (is_left_over(c, w->from->value) || span_eq(w->key, squash(c->site, c->arena))) {
			w->score -= 60;
			w->from->lost = lost_site;
		}
		if (!w->key.len) {
			w->score = 0;
			w->from->lost = lost_empty;
		}
	}
	/* content="He called it "a scandal"": the attribute ends at the mark that nobody escaped */
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->n; k++) {
			struct span cut = c->w[i].from->value, whole = c->w[k].from->value;

			if (cut.len >= 12 && whole.len > cut.len + 2 && c->w[k].score >= 40 &&
			    span_starts(whole, cut) &&
			    span_find_byte(span_sub(whole, cut.len, cut.len + 2), '"') >= 0) {
				c->w[i].score -= 40;
				c->w[i].from->lost = lost_quote;
				break;
			}
		}
	weigh_support(c, 7);
	for (size_t i = 0; i < c->n; i++)
		if (c->w[i].score > 0 && is_in_address(slug, c->w[i].value))
			c->w[i].score += SUPPORT_ADDRESS;
	prefer_borne_out(c);

	struct weighed *best = weigh_best(c);

	/* a heading of several elements lacks the marks between them that others write */
	for (size_t i = 0; best && i < c->n; i++)
		if (span_eq(best->from->source, SPAN("<h1>")) && span_eq(c->w[i].key, best->key) &&
		    c->w[i].from->score >= 60 && c->w[i].value.len > best->value.len &&
		    marks(c->w[i].value) > marks(best->value)) {
			best = &c->w[i];
			break;
		}
	if (best && best->from->lost == lost_site)
		best->from->lost = lost_score;
	choose(c, FIELD_TITLE, best);
}
