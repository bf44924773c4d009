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
	{"article", WORD_TEXT},
	{"articlebody", WORD_TEXT},
	{"articlecontent", WORD_TEXT},
	{"articletext", WORD_TEXT},
	{"aside", WORD_OUT},
	{"attribution", WORD_META},
	{"author", WORD_META},
	{"authorbox", WORD_OUT},
	{"authors", WORD_META},
	{"autor", WORD_META},
	{"avatar", WORD_OUT},
	{"badge", WORD_META},
	{"banner", WORD_WEAK},
	{"banniere", WORD_WEAK},
	{"bio", WORD_OUT},
	{"biography", WORD_OUT},
	{"body", WORD_TEXT},
	{"bookmark", WORD_WEAK},
	{"bottombar", WORD_WEAK},
	{"breadcrumb", WORD_OUT},
	{"breadcrumbs", WORD_OUT},
	{"btn", WORD_WEAK},
	{"button", WORD_WEAK},
	{"buttons", WORD_WEAK},
	{"byline", WORD_META},
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
	{"content", WORD_TEXT},
	{"contentinfo", WORD_OUT},
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
	{"entry", WORD_TEXT},
	{"facebook", WORD_WEAK},
	{"fehlermeldung", WORD_WEAK},
	{"flyout", WORD_OUT},
	{"follow", WORD_OUT},
	{"foot", WORD_WEAK},
	{"footer", WORD_OUT},
	{"footnav", WORD_OUT},
	{"gdpr", WORD_OUT},
	{"hashtags", WORD_WEAK},
	{"hentry", WORD_TEXT},
	{"hidden", WORD_WEAK},
	{"inhaltsverzeichnis", WORD_WEAK},
	{"jetpack", WORD_OUT},
	{"keywords", WORD_WEAK},
	{"komentarze", WORD_COMMENT},
	{"kommentar", WORD_COMMENT},
	{"kommentare", WORD_COMMENT},
	{"kontakt", WORD_WEAK},
	{"latest", WORD_WEAK},
	{"legal", WORD_WEAK},
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
	{"poll", WORD_WEAK},
	{"popular", WORD_WEAK},
	{"popup", WORD_OUT},
	{"post", WORD_TEXT},
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
	{"story", WORD_TEXT},
	{"storybody", WORD_TEXT},
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
	{"text", WORD_TEXT},
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
	{"verwandte", WORD_OUT},
	{"vote", WORD_WEAK},
	{"warning", WORD_WEAK},
	{"werbung", WORD_WEAK},
	{"widget", WORD_WEAK},
	{"widgets", WORD_WEAK},
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

static unsigned look_up(const struct vocabulary *w, const char *word, size_t n)
{
	unsigned letter = (unsigned)(word[0] - 'a');

	if (n < 2 || letter > 25)
		return 0;
	for (unsigned i = w->begin[letter]; i < w->begin[letter + 1]; i++)
		if (!memcmp(table[i].word, word, n) && !table[i].word[n])
			return table[i].says;
	return 0;
}

unsigned vocabulary_says(const struct vocabulary *w, struct span names)
{
	char word[WORD_LEN_MAX + 1] = {0};
	size_t n = 0;
	unsigned says = 0;
	bool lower = false;

	for (size_t i = 0; i <= names.len; i++) {
		char c = i < names.len ? names.ptr[i] : ' ';
		bool alpha = byte_is_alpha(c);

		/* words end where no letter follows, and in relatedPosts */
		if (n && (!alpha || (lower && c < 'a'))) {
			if (n <= WORD_LEN_MAX) {
				word[n] = 0;
				says |= look_up(w, word, n);
			}
			n = 0;
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

bool vocabulary_points_elsewhere(struct span text)
{
	static const char *const starts[] = {
		"read more",
		"read also",
		"also read",
		"see also",
		"more on ",
		"related:",
		"related articles",
		"related stories",
		"follow us",
		"subscribe",
		"sign up",
		"click here",
		"share this",
		"advertisement",
		"photo:",
		"image:",
		"continue reading",
		"download the",
		"recommended",
		"most read",
		"you may also",
		"tags:",
		"filed under",
		"lesen sie auch",
		"lesen sie mehr",
		"mehr zum thema",
		"auch interessant",
		"mehr lesen",
		"anzeige",
		"das könnte sie auch",
		"weiterlesen",
		"foto:",
		"quelle:",
		"teilen",
		"lire aussi",
		"à lire aussi",
		"lire la suite",
		"voir aussi",
		"publicité",
		"partager",
		"crédit photo",
		"leia também",
		"leia mais",
		"veja também",
		"lea también",
		"lee también",
		"leer más",
		"ver también",
		"te puede interesar",
		"también te puede",
		"publicidad",
		"compartir",
		"leggi anche",
		"condividi",
		"lees ook",
		"lees meer",
		"deel dit",
		"czytaj też",
		"czytaj także",
		"zobacz też",
		"udostępnij",
		"läs också",
		"läs mer",
		"les også",
		"læs også",
		"читайте также",
		"читать далее",
		"поделиться",
		"фото:",
		"ayrıca bakınız",
		"関連記事",
		"相关阅读",
		"相關新聞",
		"관련기사",
	};

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (span_starts_nocase(text, span_str(starts[i])))
			return true;
	return false;
}
