/* SPDX-License-Identifier: MIT */
#include "extract/maintext_inner.h"

/* Sorted. General vocabulary of page builders, in several languages; never a name of one site or product. */
static const struct {
	const char *word;
	unsigned says;
} table[] = {
	{"abo", WORD_WEAK},
	{"actions", WORD_WEAK},
	{"ad", WORD_WEAK},
	{"addtoany", WORD_OUT},
	{"ads", WORD_OUT},
	{"adv", WORD_OUT},
	{"advert", WORD_OUT},
	{"advertisement", WORD_OUT},
	{"advertising", WORD_OUT},
	{"adverts", WORD_OUT},
	{"alert", WORD_WEAK},
	{"anzeige", WORD_WEAK},
	{"article", WORD_TEXT | WORD_THING},
	{"articlebody", WORD_TEXT | WORD_BODY},
	{"articlecontent", WORD_TEXT | WORD_BODY},
	{"articletext", WORD_TEXT | WORD_BODY},
	{"aside", WORD_OUT},
	{"attribution", WORD_META},
	{"auteur", WORD_META | WORD_AUTHOR},
	{"auth", WORD_META | WORD_AUTHOR},
	{"author", WORD_META | WORD_AUTHOR},
	{"authorbox", WORD_OUT},
	{"authors", WORD_META | WORD_AUTHOR},
	{"autor", WORD_META | WORD_AUTHOR},
	{"autore", WORD_META | WORD_AUTHOR},
	{"avatar", WORD_OUT},
	{"badge", WORD_META},
	{"banner", WORD_WEAK},
	{"banniere", WORD_WEAK},
	{"bild", WORD_PICTURE},
	{"bilder", WORD_PICTURE},
	{"bildtext", WORD_META},
	{"bildunterschrift", WORD_META},
	{"bilduntertitel", WORD_META},
	{"bildunterzeile", WORD_META},
	{"bio", WORD_OUT},
	{"biography", WORD_OUT},
	{"body", WORD_TEXT | WORD_INSIDE},
	{"bookmark", WORD_WEAK},
	{"bottombar", WORD_WEAK},
	{"breadcrumb", WORD_OUT},
	{"breadcrumbs", WORD_OUT},
	{"btn", WORD_WEAK},
	{"button", WORD_WEAK},
	{"buttons", WORD_WEAK},
	{"byline", WORD_META | WORD_AUTHOR},
	{"caption", WORD_META},
	{"captions", WORD_META},
	{"carousel", WORD_WEAK},
	{"categories", WORD_META},
	{"comentario", WORD_COMMENT},
	{"comentarios", WORD_COMMENT},
	{"comment", WORD_COMMENT},
	{"commentaire", WORD_COMMENT},
	{"commentaires", WORD_COMMENT},
	{"commentarea", WORD_COMMENT},
	{"commenti", WORD_COMMENT},
	{"commentlist", WORD_COMMENT},
	{"comments", WORD_COMMENT},
	{"community", WORD_WEAK},
	{"compartir", WORD_OUT},
	{"condividi", WORD_OUT},
	{"consent", WORD_OUT},
	{"contact", WORD_WEAK},
	{"content", WORD_TEXT | WORD_INSIDE},
	{"contentinfo", WORD_OUT},
	{"contributor", WORD_META | WORD_AUTHOR},
	{"cookie", WORD_OUT},
	{"cookies", WORD_OUT},
	{"copyright", WORD_OUT},
	{"correlati", WORD_OUT},
	{"credit", WORD_META},
	{"credits", WORD_META},
	{"cta", WORD_OUT},
	{"date", WORD_META},
	{"dateline", WORD_META},
	{"datum", WORD_META},
	{"delen", WORD_OUT},
	{"dialog", WORD_OUT},
	{"disclaimer", WORD_OUT},
	{"disqus", WORD_COMMENT},
	{"donate", WORD_OUT},
	{"donation", WORD_OUT},
	{"dropdown", WORD_WEAK},
	{"entry", WORD_TEXT | WORD_THING},
	{"facebook", WORD_WEAK},
	{"fehlermeldung", WORD_WEAK},
	{"flyout", WORD_OUT},
	{"follow", WORD_OUT},
	{"foot", WORD_WEAK},
	{"footer", WORD_OUT},
	{"footnav", WORD_OUT},
	{"foto", WORD_PICTURE},
	{"gdpr", WORD_OUT},
	{"hashtags", WORD_WEAK},
	{"hentry", WORD_TEXT},
	{"hidden", WORD_WEAK},
	{"icaption", WORD_META},
	{"image", WORD_PICTURE},
	{"imagebox", WORD_PICTURE},
	{"imagecaption", WORD_META},
	{"imagen", WORD_PICTURE},
	{"imagedescription", WORD_META},
	{"images", WORD_PICTURE},
	{"imagewrap", WORD_PICTURE},
	{"img", WORD_PICTURE},
	{"inhaltsverzeichnis", WORD_WEAK},
	{"jetpack", WORD_OUT},
	{"keywords", WORD_WEAK},
	{"komentarze", WORD_COMMENT},
	{"kommentar", WORD_COMMENT},
	{"kommentare", WORD_COMMENT},
	{"kontakt", WORD_WEAK},
	{"latest", WORD_WEAK},
	{"legal", WORD_WEAK},
	{"legend", WORD_PICTURE},
	{"legende", WORD_PICTURE},
	{"liens", WORD_WEAK},
	{"lightbox", WORD_WEAK},
	{"likes", WORD_WEAK},
	{"login", WORD_OUT},
	{"masthead", WORD_OUT},
	{"menu", WORD_WEAK},
	{"menubar", WORD_OUT},
	{"meta", WORD_META},
	{"metadata", WORD_META},
	{"metainfo", WORD_META},
	{"modal", WORD_OUT},
	{"mostpopular", WORD_OUT},
	{"mostread", WORD_OUT},
	{"nav", WORD_WEAK},
	{"navbar", WORD_OUT},
	{"navi", WORD_OUT},
	{"navigation", WORD_WEAK},
	{"newsletter", WORD_OUT},
	{"newsletters", WORD_OUT},
	{"nextprev", WORD_OUT},
	{"noprint", WORD_OUT},
	{"notification", WORD_WEAK},
	{"offcanvas", WORD_OUT},
	{"overlay", WORD_WEAK},
	{"pager", WORD_OUT},
	{"pagination", WORD_OUT},
	{"partage", WORD_OUT},
	{"partager", WORD_OUT},
	{"paywall", WORD_WEAK},
	{"permalink", WORD_META},
	{"photo", WORD_META},
	{"photocaption", WORD_META},
	{"pic", WORD_PICTURE},
	{"picture", WORD_PICTURE},
	{"poll", WORD_WEAK},
	{"popular", WORD_WEAK},
	{"popup", WORD_OUT},
	{"post", WORD_TEXT | WORD_THING},
	{"postmeta", WORD_META},
	{"prevnext", WORD_OUT},
	{"profile", WORD_WEAK},
	{"promo", WORD_OUT},
	{"promos", WORD_OUT},
	{"promotion", WORD_WEAK},
	{"pubblicita", WORD_OUT},
	{"publicidad", WORD_WEAK},
	{"publicidade", WORD_WEAK},
	{"publicite", WORD_WEAK},
	{"rating", WORD_WEAK},
	{"ratings", WORD_WEAK},
	{"reacties", WORD_COMMENT},
	{"reactions", WORD_COMMENT},
	{"readmore", WORD_OUT},
	{"recirc", WORD_OUT},
	{"recirculation", WORD_OUT},
	{"recommend", WORD_OUT},
	{"recommendation", WORD_OUT},
	{"recommendations", WORD_OUT},
	{"recommended", WORD_OUT},
	{"reklama", WORD_OUT},
	{"relacionadas", WORD_OUT},
	{"relacionados", WORD_OUT},
	{"related", WORD_OUT},
	{"relatedposts", WORD_OUT},
	{"remark", WORD_COMMENT},
	{"replies", WORD_COMMENT},
	{"reply", WORD_COMMENT},
	{"respond", WORD_COMMENT},
	{"rss", WORD_WEAK},
	{"search", WORD_WEAK},
	{"share", WORD_OUT},
	{"sharebar", WORD_OUT},
	{"sharedaddy", WORD_OUT},
	{"sharing", WORD_OUT},
	{"shoutbox", WORD_COMMENT},
	{"sidebar", WORD_OUT},
	{"signin", WORD_OUT},
	{"signup", WORD_OUT},
	{"similar", WORD_WEAK},
	{"skip", WORD_WEAK},
	{"slideshow", WORD_WEAK},
	{"social", WORD_OUT},
	{"socialmedia", WORD_OUT},
	{"sponsor", WORD_WEAK},
	{"sponsored", WORD_WEAK},
	{"sponsors", WORD_WEAK},
	{"sr", WORD_WEAK},
	{"story", WORD_TEXT | WORD_THING},
	{"storybody", WORD_TEXT | WORD_BODY},
	{"subnav", WORD_OUT},
	{"subscribe", WORD_OUT},
	{"subscription", WORD_WEAK},
	{"survey", WORD_WEAK},
	{"tabs", WORD_WEAK},
	{"tagcloud", WORD_WEAK},
	{"taglist", WORD_OUT},
	{"tags", WORD_WEAK},
	{"teaser", WORD_WEAK},
	{"teasers", WORD_WEAK},
	{"teilen", WORD_OUT},
	{"text", WORD_TEXT | WORD_INSIDE},
	{"thumbnail", WORD_WEAK},
	{"time", WORD_META},
	{"timestamp", WORD_META},
	{"toc", WORD_WEAK},
	{"toolbar", WORD_WEAK},
	{"toolbox", WORD_WEAK},
	{"tools", WORD_WEAK},
	{"tooltip", WORD_WEAK},
	{"topbar", WORD_OUT},
	{"topics", WORD_WEAK},
	{"trending", WORD_WEAK},
	{"twitter", WORD_WEAK},
	{"udostepnij", WORD_OUT},
	{"verfasser", WORD_META | WORD_AUTHOR},
	{"verwandte", WORD_OUT},
	{"vote", WORD_WEAK},
	{"warning", WORD_WEAK},
	{"werbung", WORD_WEAK},
	{"widget", WORD_PART},
	{"widgets", WORD_PART},
	{"yarpp", WORD_OUT},
};

void vocabulary_init(struct vocabulary *w)
{
	unsigned letter = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(table); i++)
		while (letter <= (unsigned)(table[i].word[0] - 'a'))
			w->begin[letter++] = (uint16_t)i;
	while (letter < ARRAY_SIZE(w->begin))
		w->begin[letter++] = (uint16_t)ARRAY_SIZE(table);
}

enum { WORD_LEN_MAX = 24 };

/* word: in lower case, NUL-terminated. */
static unsigned look_up(const struct vocabulary *w, const char *word, size_t n)
{
	unsigned letter = (unsigned)(word[0] - 'a');

	if (n < 2 || letter > 25)
		return 0;
	for (unsigned i = w->begin[letter]; i < w->begin[letter + 1]; i++)
		if (!strcmp(table[i].word, word))
			return table[i].says;
	return 0;
}

static bool is_holding(const char *word)
{
	return !strcmp(word, "has") || !strcmp(word, "with") || !strcmp(word, "no") ||
	       !strcmp(word, "without");
}

/* "field-label-hidden", "overflow-hidden": the label is, and what does not fit, not the box. */
static bool hides_part(const char *word, const char *before)
{
	return !strcmp(word, "hidden") && (!strcmp(before, "label") || !strcmp(before, "overflow"));
}

unsigned vocabulary_says(const struct vocabulary *w, struct span names)
{
	char word[WORD_LEN_MAX + 1] = {0}, last[WORD_LEN_MAX + 1] = {0};
	size_t n = 0;
	unsigned says = 0, name = 0;       /* of the name at hand */
	bool lower = false, holds = false; /* "has-ads": what follows is within, or is not */

	for (size_t i = 0; i <= names.len; i++) {
		char c = i < names.len ? names.ptr[i] : ' ';
		bool alpha = byte_is_alpha(c);

		/* words end where no letter follows, and in relatedPosts */
		if (n && (!alpha || (lower && c < 'a'))) {
			if (n <= WORD_LEN_MAX && !holds) {
				word[n] = 0;
				holds = is_holding(word);
				name |= hides_part(word, last) ? 0 : look_up(w, word, n);
				memcpy(last, word, n + 1);
			}
			n = 0;
		}
		if (c == ' ') {
			if ((name & (WORD_THING | WORD_INSIDE)) == (WORD_THING | WORD_INSIDE))
				name |= WORD_BODY;
			says |= name & ~(unsigned)(WORD_THING | WORD_INSIDE);
			name = 0;
			holds = false;
			last[0] = 0;
		}
		if (alpha) {
			if (n < WORD_LEN_MAX)
				word[n] = byte_lower(c);
			n++;
		}
		lower = c >= 'a' && c <= 'z';
	}
	return says;
}
