/* SPDX-License-Identifier: MIT */
#include "extract/maintext_inner.h"

/* Sorted. General vocabulary of page builders, in several languages; never a name of one site or product. */
static const struct {
	const char *word;
	unsigned says;
} table[] = {
	{"abo", WORD_OUT},
	{"actions", WORD_OUT},
	{"ad", WORD_OUT},
	{"addtoany", WORD_OUT},
	{"ads", WORD_OUT},
	{"adv", WORD_OUT},
	{"advert", WORD_OUT},
	{"advertisement", WORD_OUT},
	{"advertising", WORD_OUT},
	{"adverts", WORD_OUT},
	{"alert", WORD_OUT},
	{"anzeige", WORD_OUT},
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
	{"banner", WORD_OUT},
	{"banniere", WORD_OUT},
	{"bio", WORD_OUT},
	{"biography", WORD_OUT},
	{"body", WORD_TEXT},
	{"bookmark", WORD_OUT},
	{"bottombar", WORD_OUT},
	{"breadcrumb", WORD_OUT},
	{"breadcrumbs", WORD_OUT},
	{"btn", WORD_OUT},
	{"button", WORD_OUT},
	{"buttons", WORD_OUT},
	{"byline", WORD_META},
	{"caption", WORD_META},
	{"captions", WORD_META},
	{"carousel", WORD_OUT},
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
	{"community", WORD_OUT},
	{"compartir", WORD_OUT},
	{"condividi", WORD_OUT},
	{"consent", WORD_OUT},
	{"contact", WORD_OUT},
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
	{"discussion", WORD_COMMENT},
	{"disqus", WORD_COMMENT},
	{"donate", WORD_OUT},
	{"donation", WORD_OUT},
	{"dropdown", WORD_OUT},
	{"entry", WORD_TEXT},
	{"facebook", WORD_OUT},
	{"fehlermeldung", WORD_OUT},
	{"flyout", WORD_OUT},
	{"follow", WORD_OUT},
	{"foot", WORD_OUT},
	{"footer", WORD_OUT},
	{"footnav", WORD_OUT},
	{"gdpr", WORD_OUT},
	{"hashtags", WORD_OUT},
	{"hentry", WORD_TEXT},
	{"hidden", WORD_OUT},
	{"inhaltsverzeichnis", WORD_OUT},
	{"jetpack", WORD_OUT},
	{"keywords", WORD_OUT},
	{"komentarze", WORD_COMMENT},
	{"kommentar", WORD_COMMENT},
	{"kommentare", WORD_COMMENT},
	{"kontakt", WORD_OUT},
	{"latest", WORD_OUT},
	{"legal", WORD_OUT},
	{"liens", WORD_OUT},
	{"lightbox", WORD_OUT},
	{"likes", WORD_OUT},
	{"login", WORD_OUT},
	{"masthead", WORD_OUT},
	{"menu", WORD_OUT},
	{"menubar", WORD_OUT},
	{"meta", WORD_META},
	{"metadata", WORD_META},
	{"metainfo", WORD_META},
	{"modal", WORD_OUT},
	{"mostpopular", WORD_OUT},
	{"mostread", WORD_OUT},
	{"nav", WORD_OUT},
	{"navbar", WORD_OUT},
	{"navi", WORD_OUT},
	{"navigation", WORD_OUT},
	{"newsletter", WORD_OUT},
	{"newsletters", WORD_OUT},
	{"nextprev", WORD_OUT},
	{"noprint", WORD_OUT},
	{"notification", WORD_OUT},
	{"offcanvas", WORD_OUT},
	{"overlay", WORD_OUT},
	{"pager", WORD_OUT},
	{"pagination", WORD_OUT},
	{"partage", WORD_OUT},
	{"partager", WORD_OUT},
	{"paywall", WORD_OUT},
	{"permalink", WORD_META},
	{"photo", WORD_META},
	{"poll", WORD_OUT},
	{"popular", WORD_OUT},
	{"popup", WORD_OUT},
	{"post", WORD_TEXT},
	{"postmeta", WORD_META},
	{"prevnext", WORD_OUT},
	{"profile", WORD_OUT},
	{"promo", WORD_OUT},
	{"promos", WORD_OUT},
	{"promotion", WORD_OUT},
	{"pubblicita", WORD_OUT},
	{"publicidad", WORD_OUT},
	{"publicidade", WORD_OUT},
	{"publicite", WORD_OUT},
	{"rating", WORD_OUT},
	{"ratings", WORD_OUT},
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
	{"rss", WORD_OUT},
	{"search", WORD_OUT},
	{"share", WORD_OUT},
	{"sharebar", WORD_OUT},
	{"sharedaddy", WORD_OUT},
	{"sharing", WORD_OUT},
	{"shoutbox", WORD_COMMENT},
	{"sidebar", WORD_OUT},
	{"signin", WORD_OUT},
	{"signup", WORD_OUT},
	{"similar", WORD_OUT},
	{"skip", WORD_OUT},
	{"slideshow", WORD_OUT},
	{"social", WORD_OUT},
	{"socialmedia", WORD_OUT},
	{"sponsor", WORD_OUT},
	{"sponsored", WORD_OUT},
	{"sponsors", WORD_OUT},
	{"sr", WORD_OUT},
	{"story", WORD_TEXT},
	{"storybody", WORD_TEXT},
	{"subnav", WORD_OUT},
	{"subscribe", WORD_OUT},
	{"subscription", WORD_OUT},
	{"survey", WORD_OUT},
	{"tabs", WORD_OUT},
	{"tagcloud", WORD_OUT},
	{"taglist", WORD_OUT},
	{"tags", WORD_OUT},
	{"teaser", WORD_OUT},
	{"teasers", WORD_OUT},
	{"teilen", WORD_OUT},
	{"text", WORD_TEXT},
	{"thumbnail", WORD_OUT},
	{"time", WORD_META},
	{"timestamp", WORD_META},
	{"toc", WORD_OUT},
	{"toolbar", WORD_OUT},
	{"toolbox", WORD_OUT},
	{"tools", WORD_OUT},
	{"tooltip", WORD_OUT},
	{"topbar", WORD_OUT},
	{"topics", WORD_OUT},
	{"trending", WORD_OUT},
	{"twitter", WORD_OUT},
	{"udostepnij", WORD_OUT},
	{"verwandte", WORD_OUT},
	{"vote", WORD_OUT},
	{"warning", WORD_OUT},
	{"werbung", WORD_OUT},
	{"widget", WORD_OUT},
	{"widgets", WORD_OUT},
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
