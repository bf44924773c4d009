/* SPDX-License-Identifier: MIT */
#include "extract/verdict.h"

#include <stdio.h>

#include "base/text.h"
#include "base/url.h"
#include "extract/page_rows.h"
#include "extract/phrases.h"
#include "extract/squash.h"
#include "extract/verdict_inner.h"

enum {
	MARKER_SCAN = 256 * 1024,
	NEED = 4,         /* what must speak for an article */
	LINKS_MANY = 200, /* links that no menu has */
	ROWS_MANY = 5,    /* rows that make a list of links */
	NAMED_MIN = 140,  /* bytes of main text with which a page can be the one that its address names */
	SHELL_MAX = 120,  /* bytes of visible text that a shell for scripts has at most */
};

void sign(struct court *c, enum verdict v, enum kind kind, int weight, const char *text, struct span subject)
{
	unsigned k = 0;

	if (c->n == SIGNS_MAX)
		return;
	c->signs[c->n++] = (struct sign){v, weight, text, subject};
	/* the strongest sign of a kind counts, in whatever order they come; a second one adds little */
	for (unsigned bit = kind; bit > 1; bit >>= 1)
		k++;
	c->sum[v] += !c->strongest[v][k] ? weight : MAX(weight - c->strongest[v][k], 0) + MIN(weight, 1);
	c->strongest[v][k] = MAX(c->strongest[v][k], weight);
	c->kinds[v] |= kind;
}

const char *verdict_name(enum verdict v)
{
#define X(name, text) [VERDICT_##name] = text,
	static const char *const names[] = {VERDICT_MAP(X)};
#undef X
	return v < VERDICT_COUNT ? names[v] : "unknown";
}

bool verdict_by_name(struct span name, enum verdict *ret)
{
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		if (span_eq(name, span_str(verdict_name((enum verdict)v)))) {
			*ret = (enum verdict)v;
			return true;
		}
	return false;
}

static struct span header(const struct page_response *r, const char *name)
{
	for (size_t i = 0; i < r->header_count; i++)
		if (span_eq_nocase(r->headers[i].name, span_str(name)))
			return r->headers[i].value;
	return SPAN_NONE;
}

/* What the body plainly is although it may be served as HTML. */
static const char *other_kind(struct span body)
{
	static const struct {
		const char *begins;
		size_t at;
		const char *what;
	} kinds[] = {
		{"%PDF-", 0, "a PDF document"},   {"RIFF", 0, "a picture or sound"},
		{"\x89PNG", 0, "a picture"},      {"GIF8", 0, "a picture"},
		{"\xff\xd8\xff", 0, "a picture"}, {"ftyp", 4, "a picture or film"},
		{"PK\x03\x04", 0, "an archive"},  {"\x1f\x8b", 0, "an archive"},
	};
	struct span head = span_trim(span_sub(body, 0, 1024));

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (span_starts(span_sub(body, kinds[i].at, body.len), span_str(kinds[i].begins)))
			return kinds[i].what;
	if (span_starts(head, SPAN("\xef\xbb\xbf")))
		head = span_trim(span_sub(head, 3, head.len));
	if (span_starts(head, SPAN("<?xml")) || span_starts(head, SPAN("<rss")) ||
	    span_starts(head, SPAN("<feed"))) {
		static const char *const roots[] = {"<rss",          "<feed", "<rdf:RDF", "<urlset",
						    "<sitemapindex", "<opml", "<svg"};

		for (size_t i = 0; i < ARRAY_SIZE(roots); i++)
			if (span_find(head, span_str(roots[i])) >= 0)
				return "a feed or other XML";
	}
	if ((head.len && head.ptr[0] == '{') || span_starts(head, SPAN("[{")))
		return span_find_nocase(head, SPAN("<html")) < 0 ? "JSON" : NULL;
	return NULL;
}

static bool type_is_html(struct span type)
{
	ptrdiff_t semi = span_find_byte(type, ';');

	if (semi >= 0)
		type = span_sub(type, 0, (size_t)semi);
	type = span_trim(type);
	return !type.len || span_find_nocase(type, SPAN("html")) >= 0 ||
	       span_eq_nocase(type, SPAN("text/xml")) || span_eq_nocase(type, SPAN("application/xml")) ||
	       span_eq_nocase(type, SPAN("application/octet-stream"));
}

static void judge_markers(struct court *c)
{
	struct span body = span_sub(c->in->response->body, 0, MARKER_SCAN);

	if (c->look.visible > BARE)
		return; /* pages with text carry such scripts too */
	for (size_t i = 0; i < marker_count; i++)
		if (span_find(body, span_str(markers[i].bytes)) >= 0)
			sign(c, markers[i].verdict, OF_SCRIPT, markers[i].weight, "source holds",
			     span_str(markers[i].what));
}

static void judge_headers(struct court *c)
{
	const struct page_response *r = c->in->response;
	static const struct {
		const char *name, *value;
		int weight;
	} rows[] = {
		{"cf-mitigated", "challenge", 6}, {"x-amzn-waf-action", "", 5},
		{"x-datadome", "protected", 1},   {"x-sucuri-block", "", 4},
		{"x-px-blocked", "", 4},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct span v = header(r, rows[i].name);

		if (v.ptr && span_find_nocase(v, span_str(rows[i].value)) >= 0)
			sign(c, VERDICT_CHALLENGE, OF_HEADERS, rows[i].weight, "header",
			     span_str(rows[i].name));
	}
}

static bool has_path_word(struct span path, const char *const *words, size_t n, struct span *which)
{
	for (size_t i = 0; i < n; i++) {
		struct span w = span_str(words[i]);

		for (size_t from = 0; from + w.len <= path.len;) {
			ptrdiff_t at = span_find_nocase(span_sub(path, from, path.len), w);
			size_t b, e;

			if (at < 0)
				break;
			b = from + (size_t)at;
			e = b + w.len;
			if ((b == 0 || !byte_is_alpha(path.ptr[b - 1])) &&
			    (e == path.len || !byte_is_alpha(path.ptr[e]))) {
				*which = w;
				return true;
			}
			from = e;
		}
	}
	return false;
}

static void judge_address(struct court *c)
{
	static const char *const logins[] = {
		"login",    "signin",  "sign-in",  "auth",    "sso",  "oauth", "oauth2",   "logon",
		"authwall", "account", "accounts", "session", "saml", "adfs",  "register", "authorize"};
	static const char *const consents[] = {"consent", "gdpr",    "privacy",
					       "cookie",  "cookies", "collectconsent"};
	static const char *const offers[] = {"subscribe", "subscription", "abo",    "abonnement",
					     "offer",     "offre",        "offres", "plus",
					     "paywall",   "suscripcion"};
	static const char *const walls[] = {"captcha", "blocked", "challenge", "sorry", "verify", "botcheck"};
	const struct page_look *l = &c->look;
	struct span which = SPAN_NONE;

	if (!l->redirected)
		return;
	if (l->final_home && !l->requested_home && (l->site_address || !l->other_host))
		sign(c, VERDICT_SOFT_404, OF_ADDRESS, 6, "the address led to the front page", SPAN_NONE);
	else if (l->other_site)
		sign(c, VERDICT_ERROR, OF_ADDRESS, 1, "the address led to another site", SPAN_NONE);
	if (has_path_word(l->final_tail, logins, ARRAY_SIZE(logins), &which))
		sign(c, VERDICT_LOGIN, OF_ADDRESS, 3, "the address led to", which);
	if (has_path_word(l->final_tail, consents, ARRAY_SIZE(consents), &which))
		sign(c, VERDICT_CONSENT, OF_ADDRESS, 3, "the address led to", which);
	if (has_path_word(l->final_tail, offers, ARRAY_SIZE(offers), &which))
		sign(c, VERDICT_PAYWALL, OF_ADDRESS, 2, "the address led to", which);
	if (has_path_word(l->final_tail, walls, ARRAY_SIZE(walls), &which))
		sign(c, VERDICT_CHALLENGE, OF_ADDRESS, 3, "the address led to", which);
}

/* Each paragraph has a parent of its own, and links or linked headings stand between them: teasers. */
static bool is_scattered(const struct page_look *l)
{
	if (l->spread >= 4 && l->headlines >= 4 && l->mass * 3 < l->prose && l->mass < 500 &&
	    l->main_text < 1200 && l->visible < 3 * BARE)
		return true;
	return l->spread >= 6 && l->mass * 4 < l->prose && l->mass < 700 &&
	       (l->link_bytes * 4 > l->visible || l->headlines >= 8);
}

/* In nearly all languages by the same word; where not, by theirs. */
static bool speaks_of_cookies(const struct court *c)
{
	/* not what a layer says above an article */
	struct span text =
		c->in->text.len ? squash(span_sub(c->in->text, 0, LOOK_TEXT_MAX), c->arena) : c->look.text;
	static const char *const words[] = {"cookie", "evästei", "çerez", "informasjonskapsl",
					    "kakor",  "sütik",   "куки",  "クッキー",
					    "쿠키",   "כוגיות"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (squash_find(text, words[i], NULL) >= 0)
			return true;
	return false;
}

/* What answers for any address has no word of this one for its title. */
static bool is_hinted(const struct page_look *l)
{
	return (l->hinted || l->named) && l->title_agrees && !l->final_home && !l->section_address;
}

static void judge_markup(struct court *c)
{
	const struct page_look *l = &c->look;

	if (l->passwords && l->visible < 6000)
		sign(c, VERDICT_LOGIN, OF_MARKUP, l->visible < BARE ? 4 : 2,
		     "a form that asks for a password", SPAN_NONE);
	/* what to agree to, one by one, or all at once */
	if (l->boxes >= 2 && l->buttons >= 2 && !l->passwords && l->visible < BARE && l->links < 8 &&
	    speaks_of_cookies(c))
		sign(c, VERDICT_CONSENT, OF_MARKUP, 4, "boxes and buttons about cookies or data", SPAN_NONE);
	/* the long form of it: nothing says what the page is, and nothing leads on but its buttons */
	else if (l->buttons >= 2 && !l->passwords && l->links < 8 && !l->type_article && !l->has_author &&
		 l->date_score < 40 && l->known != KNOWN_SAME && speaks_of_cookies(c))
		sign(c, VERDICT_CONSENT, OF_MARKUP, 4, "buttons below a text about cookies", SPAN_NONE);
	if (l->visible < 40 && !l->pictures)
		sign(c, VERDICT_THIN, OF_TEXT, 2, "hardly any text", SPAN_NONE);
	else if (l->visible < 250 && !is_hinted(l))
		sign(c, VERDICT_THIN, OF_TEXT, 1, "little text", SPAN_NONE);
	if (l->app_root && l->visible < 400)
		sign(c, VERDICT_THIN, OF_MARKUP, 3, "an empty root for scripts", SPAN_NONE);
	if (l->refresh && l->visible < BARE)
		sign(c, VERDICT_THIN, OF_MARKUP, 3, "sends the reader on at once", SPAN_NONE);
	if (c->in->jsonld->collection && !c->in->jsonld->articles)
		sign(c, VERDICT_LISTING, OF_MARKUP, 3, "calls itself a collection", SPAN_NONE);
	else if (c->in->jsonld->list_items >= 5 && !c->in->jsonld->articles)
		sign(c, VERDICT_LISTING, OF_MARKUP, 2, "a list of things in its data", SPAN_NONE);
	/* what else there is to read stands below many a short article */
	if (is_told(l))
		;
	else if (l->teasers >= 8 && l->prose < 800)
		sign(c, VERDICT_LISTING, OF_TEXT, 3,
		     "many headlines that lead elsewhere, little text of its own", SPAN_NONE);
	else if (l->teasers >= 6 && l->prose < 3000 && l->teaser_bytes > l->prose)
		sign(c, VERDICT_LISTING, OF_TEXT, 2, "more headlines than text", SPAN_NONE);
	if (l->link_bytes * 4 > l->visible * 3 && l->links > 12 && !is_told(l))
		sign(c, VERDICT_LISTING, OF_TEXT,
		     l->links > LINKS_MANY && l->teasers > ROWS_MANY * 10 ? 4 : 2, "most text is links",
		     SPAN_NONE);
	if (l->headlines >= 8 && (l->mass < 600 || l->headlines * 25 > l->mass))
		sign(c, VERDICT_LISTING, OF_MARKUP, 3, "headings that lead elsewhere", SPAN_NONE);
	else if (l->articles >= 6 && (l->mass < 600 || l->articles * 25 > l->mass))
		sign(c, VERDICT_LISTING, OF_MARKUP, 3, "many short articles", SPAN_NONE);
	if (l->posts)
		sign(c, VERDICT_LISTING, OF_MARKUP, 4, "texts under headings that lead elsewhere", SPAN_NONE);
	if (l->posts || is_scattered(l))
		sign(c, VERDICT_LISTING, OF_TEXT, 2, "texts that do not belong together", SPAN_NONE);
	if (l->section_address)
		sign(c, VERDICT_LISTING, OF_ADDRESS, 3, "its address is a section's", SPAN_NONE);
	if (l->dir_rows >= 2)
		sign(c, VERDICT_LISTING, OF_MARKUP, 3, "a directory's listing", SPAN_NONE);
	if (l->site_address && l->visible > BARE)
		sign(c, VERDICT_LISTING, OF_ADDRESS, 7, "its address is a front page's", SPAN_NONE);
}

static int judge_article(struct court *c)
{
	const struct page_look *l = &c->look;
	bool headed = l->headed_article && l->articles == 1;
	int sum = 0;
	/* teasers are text too, each for itself */
	bool scattered = l->posts || is_scattered(l) || (l->prose < 300 && l->main_text < 500);
	size_t text = MAX(scattered ? 0 : l->main_text, l->mass);
	/* what a theme says of every page of its site, of that which says that there is nothing too */
	bool declared = l->known == KNOWN_SAME || (!l->title_refuses && !l->site_titled &&
						   !(l->misnamed && c->sum[VERDICT_LISTING] > 4));
	bool type_article = l->type_article && declared;
	int date_score = declared ? l->date_score : 0;
	bool declares = type_article || date_score >= 40 || l->has_author || l->known == KNOWN_SAME;
	struct {
		bool holds;
		int weight;
		const char *text;
	} const rows[] = {
		{l->known == KNOWN_SAME, 4, "its title is the one that is known"},
		{l->known == KNOWN_LIKE, 3, "its title is like the one that is known"},
		{type_article, text ? 3 : 2, "says it is an article"},
		{declared && c->in->jsonld->articles > 0 && c->in->jsonld->articles < 4, 2,
		 "its data describe an article"},
		{date_score >= 70, 2, "states when it was published"},
		{date_score >= 88 && l->title_agrees, 1, "with its title as the heading"},
		{date_score >= (l->title_agrees && !l->echoed ? 30 : 40) && date_score < 70, 1,
		 "shows a date"},
		{l->has_author, 1, "names its author"},
		{text >= 1200, 3, "much text of its own"},
		{text >= 500 && text < 1200, 2, "text of its own"},
		{text < 500 && l->main_text >= (is_hinted(l) ? 110
						: headed     ? 140
							     : 200),
		 1, "some text of its own"},
		{type_article && date_score >= 80, 2, "an article with its time of publication"},
		{l->title_agrees, 1, "title and heading agree"},
		{l->deep_address && !l->misnamed && !l->echoed &&
			 (l->visible >= BARE || l->named || declares),
		 1, "an address like an article's"},
		{l->named && l->main_text >= NAMED_MIN && !l->posts, 3,
		 "its title has the words of its address"},
		{is_hinted(l) && !l->named, 1, "its title has a word of its address"},
		{headed, 1, "one article with its heading in it"},
		{l->together < 2 && l->items >= 3 && l->main_text >= 200 &&
			 page_rows(c->in->tree) < ROWS_MANY,
		 1, "a list of its own"},
		{l->together >= 2 && l->mass >= 240 && l->mass * 2 > l->prose && !l->posts, 1,
		 "paragraphs that belong together"},
		{l->thing, 3, "describes one thing"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].holds) {
			sign(c, VERDICT_ARTICLE, (enum kind)(1u << i), rows[i].weight, rows[i].text,
			     SPAN_NONE);
			sum += rows[i].weight;
		}
	if (l->known == KNOWN_OTHER)
		sum -= 3;
	if (l->echoed)
		sign(c, VERDICT_ERROR, OF_ADDRESS, 3, "shows its own address", SPAN_NONE);
	/* a long text may be called anything */
	if (l->misnamed && l->known != KNOWN_SAME && !is_long(l)) {
		sign(c, VERDICT_SOFT_404, OF_ADDRESS, 1, "nothing on it has the words of its address",
		     SPAN_NONE);
		sum -= 3;
	}
	return sum;
}

static void testify(struct court *c, enum verdict v, struct page *page)
{
	page->verdict = v;
	page->evidence = ARENA_NEW_ARRAY(c->arena, struct span, SIGNS_MAX);
	page->evidence_count = 0;
	if (!page->evidence)
		return;
	/* the strongest first */
	for (int weight = 9; weight > 0; weight--)
		for (size_t i = 0; i < c->n; i++) {
			const struct sign *s = &c->signs[i];
			char text[200];
			int n;

			if (s->verdict != v || MIN(s->weight, 9) != weight)
				continue;
			n = s->subject.ptr ? snprintf(text, sizeof(text), "%s '%.*s'", s->text,
						      (int)MIN(s->subject.len, (size_t)100), s->subject.ptr)
					   : snprintf(text, sizeof(text), "%s", s->text);
			if (n > 0)
				page->evidence[page->evidence_count++] = arena_dup(c->arena, span_str(text));
		}
}

static enum verdict heaviest(const struct court *c, int *weight)
{
	/* of equals the one that says more */
	static const enum verdict order[] = {VERDICT_CHALLENGE, VERDICT_CONSENT,  VERDICT_LOGIN,
					     VERDICT_PARKED,    VERDICT_SOFT_404, VERDICT_PAYWALL,
					     VERDICT_ERROR,     VERDICT_LISTING,  VERDICT_THIN};
	enum verdict best = VERDICT_THIN;

	int errors = c->sum[VERDICT_SOFT_404] + c->sum[VERDICT_ERROR];

	*weight = 0;
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		bool error = order[i] == VERDICT_SOFT_404 || order[i] == VERDICT_ERROR;
		/* "404 error page" is of both kinds: they bear each other out */
		int sum = error && c->sum[order[i]] * 2 >= errors ? errors : c->sum[order[i]];

		if (sum > *weight) {
			*weight = sum;
			best = order[i];
		}
	}
	return best;
}

static enum verdict decide_by_status(struct court *c, unsigned status)
{
	char *text = arena_alloc(c->arena, 32);

	if (text)
		snprintf(text, 32, "status %u", status);
	const char *say = text ? text : "an error status";

	/* "accepted, come again": what stands before pages says so, and sends on or runs a script */
	if (status == 202 && (c->look.refresh || c->look.visible < 40))
		sign(c, VERDICT_CHALLENGE, OF_STATUS, 3, say, SPAN_NONE);
	if (status == 999 || status == 429)
		sign(c, VERDICT_CHALLENGE, OF_STATUS, 3, say, SPAN_NONE);
	if (status == 401)
		sign(c, VERDICT_LOGIN, OF_STATUS, 3, say, SPAN_NONE);
	if (status == 402)
		sign(c, VERDICT_PAYWALL, OF_STATUS, 3, say, SPAN_NONE);
	if (status == 404 || status == 410)
		sign(c, VERDICT_SOFT_404, OF_STATUS, 1, say, SPAN_NONE);
	sign(c, VERDICT_ERROR, OF_STATUS, 3, say, SPAN_NONE);

	/* only what a challenge's own signs bear out is more than an error */
	if (c->sum[VERDICT_CHALLENGE] >= 3)
		return VERDICT_CHALLENGE;
	if (c->sum[VERDICT_LOGIN] >= 5)
		return VERDICT_LOGIN;
	if (c->sum[VERDICT_PAYWALL] >= 5)
		return VERDICT_PAYWALL;
	return VERDICT_ERROR;
}

/* Little speaks for an article and nothing for anything else. */
static enum verdict by_default(const struct court *c)
{
	const struct page_look *l = &c->look;

	if (l->app_root || (l->visible < SHELL_MAX && !l->headed))
		return VERDICT_THIN;
	/* a widget that a comment form has too; here is no more than it */
	if (c->sum[VERDICT_CHALLENGE] > 0)
		return VERDICT_CHALLENGE;
	/* at an article's address a list is what is offered instead, below a message */
	if (l->headlines >= 3 || page_rows(c->in->tree) >= ROWS_MANY)
		return l->headed && l->deep_address && !l->named && l->main_text < MESSAGE_MAX
			       ? VERDICT_SOFT_404
			       : VERDICT_LISTING;
	/* a message: what else says a few sentences of its own */
	return l->main_text < 400 && l->visible < BARE ? VERDICT_SOFT_404 : VERDICT_LISTING;
}

void verdict_decide(const struct verdict_input *in, struct arena *arena, struct page *page)
{
	struct court c = {.in = in, .arena = arena};
	const struct page_response *r = in->response;
	unsigned status = r->status ? r->status : 200;
	const char *other = other_kind(r->body);
	enum verdict against;
	int pro, contra;

	if (!in->tree || other || !type_is_html(r->content_type)) {
		if (status >= 400)
			sign(&c, VERDICT_ERROR, OF_STATUS, 4, "an error status", SPAN_NONE);
		if (other)
			sign(&c, VERDICT_NOT_HTML, OF_HEADERS, 3, "the body is", span_str(other));
		else if (type_is_html(r->content_type))
			sign(&c, VERDICT_NOT_HTML, OF_HEADERS, 3,
			     r->body.len ? "the body is no text" : "the body is empty", SPAN_NONE);
		else
			sign(&c, VERDICT_NOT_HTML, OF_HEADERS, 3, "served as", r->content_type);
		testify(&c, status >= 400 && !other ? VERDICT_ERROR : VERDICT_NOT_HTML, page);
		return;
	}
	page_look(in, arena, &c.look);
	judge_words(&c);
	judge_markers(&c);
	judge_headers(&c);
	judge_address(&c);
	judge_markup(&c);
	pro = judge_article(&c);
	if (status >= 400 || status == 202) {
		testify(&c, decide_by_status(&c, status), page);
		return;
	}
	against = heaviest(&c, &contra);
	/* what is offered instead of a page that is not there is a list too */
	if (against == VERDICT_LISTING && c.kinds[VERDICT_SOFT_404] & (OF_TITLE | OF_TEXT) &&
	    c.sum[VERDICT_SOFT_404] > 2)
		against = VERDICT_SOFT_404;
	/* front pages are lists: what matters is that the page is not there */
	if (against == VERDICT_LISTING && c.look.redirected && c.look.final_home && !c.look.requested_home)
		against = VERDICT_SOFT_404;
	/* a title that is known and met again, with text, outweighs what a page also carries */
	if ((pro >= NEED || (pro >= NEED - 1 && !contra && c.look.known != KNOWN_OTHER)) &&
	    pro > contra + (against == VERDICT_LISTING ? 0 : 1)) {
		testify(&c, VERDICT_ARTICLE, page);
		return;
	}
	if (contra < 2)
		against = by_default(&c);
	if (contra < 2)
		sign(&c, against, OF_TEXT, 1, "too little speaks for an article", SPAN_NONE);
	testify(&c, against, page);
}
