/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "extract/extract.h"
#include "extract/maintext.h"

#define ONE                                                                                                 \
	"The first paragraph tells what happened, to whom, and where it happened; nobody saw it coming at " \
	"all."
#define TWO                                                                                               \
	"The second paragraph adds what others say of it, and that they do not agree with what was said " \
	"before."
#define THREE \
	"The third one ends the matter: it will go on, as such matters do, until somebody finds the reason."
#define ARTICLE "<p>" ONE "</p><p>" TWO "</p><p>" THREE "</p>"
#define WANT ONE "\n" TWO "\n" THREE
#define OTHER                                                                                               \
	"Something else stands here that is no part of the article, although it is as long as a paragraph " \
	"is."
#define SHORT                                                                                            \
	"What it was, who began it, and why it will go on for a good while yet, is told below, and who " \
	"will "                                                                                          \
	"pay for it all."
#define LINKS                                                                                     \
	"<ul><li><a href=a>One place to go to</a><li><a href=b>Another place</a><li><a href=c>A " \
	"third</a></ul>"

#define APART \
	"<div><h1>Title</h1><p>" OTHER "</p></div><div><div><div><div>" ARTICLE "</div></div></div></div>"

static const struct row {
	const char *name, *in, *want;
} rows[] = {
	{"paragraphs", ARTICLE, WANT},
	{"line separators are white space", "<p>" ONE "\xe2\x80\xa8" TWO "\xc2\x85" THREE "</p>",
	 ONE " " TWO " " THREE},
	{"navigation and footer", "<nav>" LINKS "</nav><div>" ARTICLE "</div><footer><p>" OTHER "</footer>",
	 WANT},
	{"lists of links without a name", "<div>" LINKS "</div><div>" ARTICLE "</div><div>" LINKS "</div>",
	 WANT},
	{"comments", "<div>" ARTICLE "</div><div class=comment-list><p>" OTHER "<p>" OTHER "</div>", WANT},
	{"comments longer than the article",
	 "<div>" ARTICLE ARTICLE "</div><div id=comments><p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER
	 "<p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER "</div>",
	 WANT "\n" WANT},
	{"sidebar", "<div class=row><div>" ARTICLE "</div><div class=sidebar><p>" OTHER "</div></div>", WANT},
	{"a name against most of the text", "<div class=sidebar>" ARTICLE "</div>", WANT},
	{"camel case and joints",
	 "<div>" ARTICLE "<div class=relatedPosts><p>" OTHER
	 "</div><div class=news_letter-newsletter><p>" OTHER "</div></div>",
	 WANT},
	{"share bar in the middle",
	 "<div><p>" ONE "</p><div class=share-buttons>Share this on all of them</div><p>" TWO "</p><p>" THREE
	 "</p></div>",
	 WANT},
	{"caption",
	 "<div><p>" ONE "</p><figure><img src=a><figcaption>" OTHER "</figcaption></figure><p>" TWO
	 "</p><p>" THREE "</div>",
	 WANT},
	{"paywalled paragraphs stay",
	 "<div><p>" ONE "</p><p class=paywall>" TWO "</p><p class=paywall>" THREE "</div>", WANT},
	{"pointers elsewhere",
	 "<div><p>" ONE "</p><p>Read more: how it came to this</p><p>" TWO "</p><p>" THREE "</div>", WANT},
	{"headings with text under them",
	 "<h1>Title</h1><p>" ONE "</p><h2>Part</h2><p>" TWO "</p><p>" THREE "</p><h2>More</h2>",
	 ONE "\nPart\n" TWO "\n" THREE},
	{"lists, quotations and tables",
	 "<article><p>" ONE
	 "</p><ul><li>An item of it.<li>Another</ul><blockquote>Quoted words.</blockquote><p>" TWO
	 "</p><table><tr><td>Cell 1<td>Cell 2</table><p>" THREE "</p></article>",
	 ONE "\nAn item of it.\nAnother\nQuoted words.\n" TWO "\nCell 1\nCell 2\n" THREE},
	{"text parted by line breaks", "<div>" ONE "<br>\n<br>" TWO "<br><br>" THREE "</div>", WANT},
	{"one line break is a space", "<p>" ONE "<br>" TWO "</p><p>" THREE "</p>", ONE " " TWO "\n" THREE},
	{"inline markup and spaces",
	 "<p>A <b>bold</b>&nbsp;<i>word</i>, and\n\n another; soft&shy;ly, zero&#8203;width. " ONE "</p>",
	 "A bold word, and another; softly, zerowidth. " ONE},
	{"two articles: teasers go",
	 "<main><article>" ARTICLE "</article></main><article><h3><a href=a>Another</a></h3><p>" OTHER
	 "</article>",
	 WANT},
	{"ideographs",
	 "<div><p>"
	 "今日は天気が良いので、公園まで歩いて行きました。途中で古い友人に会い、しばらく立ち話をしました。</"
	 "p></div><div><a href=a>次の記事を読む</a></div>",
	 "今日は天気が良いので、公園まで歩いて行きました。途中で古い友人に会い、しばらく立ち話をしました。"},
	{"link never closed", "<a href=a>Skip<div>" ARTICLE "</div>", ""},
	{"link ended by the next", "<div><a href=a>Skip<p><a href=b>x</a></p>" ARTICLE "</div>", WANT},
	{"button never closed",
	 "<button><div>x</button><div><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></"
	 "i><i></i><i></i><i></i>"
	 "<i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></"
	 "i><i></i><i></i><i></i><i></i><i></i><i></i>"
	 "<i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i>" ARTICLE
	 "</div>",
	 WANT},
	{"hidden boxes",
	 "<div>" ARTICLE
	 "<div style='display:none'>Sign up here. It is free.</div><div hidden>Or here.</div></div>",
	 WANT},
	{"sentences in a heading are text", "<p>" THREE "</p><h2>" ONE " " TWO "</h2>",
	 THREE "\n" ONE " " TWO},
	{"a first heading within the text is a part's",
	 "<h1>Title</h1><div><p>" ONE "</p><p>" TWO "</p><h1>Part</h1><p>" THREE "</p></div>",
	 ONE "\n" TWO "\nPart\n" THREE},
	{"a page built of widgets",
	 "<div><div class=widget><h2>Part</h2></div><div class=widget><p>" ONE
	 "</p></div><div class=widget><p>" TWO "</p></div><div class=widget><img src=a><p>What the picture "
	 "shows.</p></div><div class=widget><p>A short "
	 "word.</p></div><div class=widget><p>" THREE "</p></div></div>",
	 "Part\n" ONE "\n" TWO "\nA short word.\n" THREE},
	{"a widget beside the text", "<div>" ARTICLE "<div class=widget><p>A word.</p></div></div>", WANT},
	{"comments are no measure of the article",
	 "<div><div class=sidebar>" ARTICLE ARTICLE "</div><div id=comments><p>" OTHER "<p>" OTHER "<p>" OTHER
	 "<p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER "</div></div>",
	 WANT "\n" WANT},
	{"an article that has comments",
	 "<article class=has-comments>" ARTICLE ARTICLE "</article><div><p>" OTHER "<p>" OTHER "<p>" OTHER
	 "<p>" OTHER "<p>" OTHER "</div>",
	 WANT "\n" WANT},
	{"a consent layer longer than the article",
	 "<div>" ARTICLE ARTICLE "</div><div role=dialog><p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER
	 "<p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER "</div>",
	 WANT "\n" WANT},
	{"a consent layer without a role, beside <article>",
	 "<article>" ARTICLE ARTICLE "</article><div id=cookie-consent><p>" OTHER "<p>" OTHER "<p>" OTHER
	 "<p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER "</div>",
	 WANT "\n" WANT},
	{"a hidden copy of it all",
	 "<main><article>" ARTICLE ARTICLE
	 "</article><pre hidden># Title " ONE TWO THREE ONE TWO THREE ONE TWO "</pre></main>",
	 WANT "\n" WANT},
	{"what a heading says is no part of it",
	 "<div>" ARTICLE "<div><h3>About the author</h3><p>" OTHER "</p></div></div>", WANT},
	{"in the text's own box up to the next text",
	 "<div>" ARTICLE "<h3>Related articles</h3><p>Of some other day</p><p>" TWO "</p></div>",
	 WANT "\n" TWO},
	{"sources at the end",
	 "<div>" ARTICLE "<h2>Sources:</h2><ol><li>A book, 1999.<li>Another.</ol></div>", WANT},
	{"a list that the text announces",
	 "<div><p>" ONE "</p><p>These are the works of the year:</p>" LINKS "<p>" TWO "</p><p>" THREE
	 "</p></div>",
	 ONE "\nThese are the works of the year:\nOne place to go to\nAnother place\nA third\n" TWO
	     "\n" THREE},
	{"a box that is named the article's text",
	 "<article><p>" OTHER "</p><div class=article-body>" ARTICLE ARTICLE "</div><p>" OTHER
	 "</p></article>",
	 WANT "\n" WANT},
	{"teasers may be more than it",
	 "<main><div class=story__body>" ARTICLE ARTICLE "</div></main><div><p>" OTHER "<p>" OTHER "<p>" OTHER
	 "<p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER "</div>",
	 WANT "\n" WANT},
	{"a box that has advertisements is none",
	 "<div><div class='section has-ads'><p>" ONE "</p></div><p>" TWO "</p><p>" THREE "</p></div>", WANT},
	{"what holds the article is not beside it",
	 "<div class=newsletter-page><div class=article-body>" ARTICLE ARTICLE "</div></div><div><p>" OTHER
	 "<p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER "</div>",
	 WANT "\n" WANT},
	{"the next article below the first",
	 "<main><article><h1>Title</h1>" ARTICLE ARTICLE "</article><article><h1>Another</h1><p>" OTHER
	 "<p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER "<p>" OTHER "</article></main>",
	 WANT "\n" WANT},
	{"headings that are sentences",
	 "<div><p>" ONE
	 "</p><h3>1. It was the first of them all, and the largest of its kind.</h3><img src=a>"
	 "<h3>2. It was the second one, and not much smaller than the first.</h3><img src=b></div>",
	 ONE "\n1. It was the first of them all, and the largest of its kind.\n"
	     "2. It was the second one, and not much smaller than the first."},
	{"standfirst",
	 "<article><div><h1>Title</h1><p>What is to be told, in one line below the title</p><p>And "
	 "no more than that one line of the header</p></div><div>" ARTICLE "</div></article>",
	 "What is to be told, in one line below the title\n" WANT},
	{"standfirst of several paragraphs",
	 "<article><div><h1>Title</h1><p>What is to be told, in one line below the title</p><p>And what came "
	 "of it in the end, for all of them.</p></div><div>" ARTICLE "</div></article>",
	 "What is to be told, in one line below the title\nAnd what came of it in the end, for all of them."
	 "\n" WANT},
	{"standfirst below the title and its day",
	 "<article><div><h1>Title</h1><p>2 November 2021</p><p>What is to be told, in one line below the "
	 "title</p></div><div>" ARTICLE "</div></article>",
	 "What is to be told, in one line below the title\n" WANT},
	{"headline and standfirst by microdata, whatever their classes",
	 "<div itemscope itemtype='https://schema.org/Article'><div><h3 itemprop=headline>Title</h3></div>"
	 "<div class=footer><p>In <a href=a>Town</a></p></div><div class=teaser-text itemprop=description>"
	 "<p>What is to be told, in one line below the title</p></div><div itemprop=articleBody>" ARTICLE
	 "</div></div>",
	 "What is to be told, in one line below the title\n" WANT},
	{"standfirst by its role",
	 "<article><div><h1>Title</h1><p>By A. Writer</p><p role=doc-subtitle>What is to be told, in one "
	 "line below the title</p></div><div>" ARTICLE "</div></article>",
	 "What is to be told, in one line below the title\n" WANT},
	{"a series of others longer than the article",
	 "<div>" ARTICLE ARTICLE "<div class=related-posts><article><h3>A</h3><p>" OTHER "<p>" OTHER
	 "<p>" OTHER "<p>" OTHER "<p>" OTHER "</article><article><h3>B</h3><p>" OTHER "<p>" OTHER "<p>" OTHER
	 "<p>" OTHER "<p>" OTHER "</article></div></div>",
	 WANT "\n" WANT},
	{"what a picture's caption begins with",
	 "<div><p>" ONE "</p><p>Abbildung: der Hafen von oben</p><p>" TWO "</p><p>" THREE "</p></div>", WANT},
	{"a heading that points elsewhere",
	 "<div><p>" ONE "</p><h3><a href=a>Mira: how it came to this</a></h3><p>" TWO "</p><p>" THREE
	 "</p></div>",
	 WANT},
	{"consent to a video's cookies",
	 "<div><p>" ONE
	 "</p><p>To view this content, accept the cookies of the video's host first.</p><p>" TWO
	 "</p><p>Externer Inhalt: hier steht ein Video. Mit Ihrer Zustimmung wird es geladen.</p><p>" THREE
	 "</p></div>",
	 WANT},
	{"a call to a channel or a letter",
	 "<div><p>" ONE "</p><p>Look what is new on our channel at YouTube!</p><p>" TWO
	 "</p><p>Think of subscribing to the newsletter of this desk.</p><p>" THREE "</p></div>",
	 WANT},
	{"a title in a box of its own, with a standfirst", APART, OTHER "\n" WANT},
	{"nothing", "", ""},
	{"what is hidden is the label",
	 "<div><div class='field label-hidden'><p>" OTHER "</p></div>" ARTICLE "</div>", OTHER "\n" WANT},
	{"what is hidden is what overflows",
	 "<div><div class='rounded overflow-hidden'><p>" OTHER "</p></div>" ARTICLE "</div>",
	 OTHER "\n" WANT},
	{"what is hidden is the box", "<div><div class='field hidden'>Not shown.</div>" ARTICLE "</div>",
	 WANT},
	{"a heading that holds a box",
	 "<div><p>" ONE "</p><h2><div>Part</div></h2><p>" TWO "</p><p>" THREE "</div>",
	 ONE "\nPart\n" TWO "\n" THREE},
	{"a heading that links to itself",
	 "<div><p>" ONE "</p><h2 id=p><a href='#p'>Part</a></h2><p>" TWO "</p><p>" THREE "</div>",
	 ONE "\nPart\n" TWO "\n" THREE},
	{"a heading that unfolds its text",
	 "<div><p>" ONE "</p><h3><a href='javascript:open(1)'>Part</a></h3><p>" TWO "</p><p>" THREE "</div>",
	 ONE "\nPart\n" TWO "\n" THREE},
	{"a heading within an anchor",
	 "<div><p>" ONE "</p><h2><a name=p>Part</a></h2><p>" TWO "</p><p>" THREE "</div>",
	 ONE "\nPart\n" TWO "\n" THREE},
	{"a heading that leads to what it heads",
	 "<div><p>" ONE "</p><h2><a href='/other'>Another</a></h2><p>" TWO "</p><p>" THREE "</div>",
	 ONE "\nAnother\n" TWO "\n" THREE},
	{"a heading that leads elsewhere",
	 "<div><p>" ONE "</p><div><h2><a href='/other'>Another</a></h2><p>" SHORT "</p></div><p>" TWO
	 "</p><p>" THREE "</div>",
	 ONE "\n" SHORT "\n" TWO "\n" THREE},
	{"lines between line breaks",
	 "<div>" ONE " " TWO "<br><br><b>What came of it</b><br><br>" THREE "<br><br>Text by a friend</div>",
	 ONE " " TWO "\nWhat came of it\n" THREE},
	{"a day above and below", "<div><p>15 Dec, 2025</p>" ARTICLE "<p>Updated on 3 May 2021.</p></div>",
	 WANT},
	{"a day in the text", "<div>" ARTICLE "<p>12 May 2021</p>" ARTICLE "</div>",
	 WANT "\n12 May 2021\n" WANT},
	{"a heading's id is made of its words",
	 "<div><p>" ONE "</p><h2 id=tools-to-share-and-follow>Part</h2><p>" TWO "</p><p>" THREE "</div>",
	 ONE "\nPart\n" TWO "\n" THREE},
	{"a list with a link or two",
	 "<div>" ARTICLE
	 "<ul><li>Two apples, peeled.<li><a href=/x>Sugar</a><li>Butter, as much again.<li>Salt.</ul></div>",
	 WANT "\nTwo apples, peeled.\nSugar\nButter, as much again.\nSalt."},
	{"what is recommended as the matter",
	 "<div>" ARTICLE "<h3>Recommended settings</h3><ul><li>All of them.</ul></div>",
	 WANT "\nRecommended settings\nAll of them."},
	{"what is recommended to the reader",
	 "<div>" ARTICLE "<h3>Recommended stories</h3><ul><li>All of them.</ul></div>", WANT},
	{"cards of other articles",
	 "<div>" ARTICLE "<article><h3><a href=/b>Another matter</a></h3><p>" OTHER "</p></article>" ARTICLE
	 "</div>",
	 WANT "\n" WANT},
	{"an article in parts",
	 "<div>" ARTICLE "<article><h3>A part of it</h3><p>" SHORT "</p></article></div>",
	 WANT "\nA part of it\n" SHORT},
	{"what feeds write below a post",
	 "<div>" ARTICLE
	 "<p>The post <a href=/a>Title</a> appeared first on <a href=/>The Gazette</a>.</p></div>",
	 WANT},
	{"what waits for a script",
	 "<div>" ARTICLE "<p>Loading posts...</p><p>Loading a barge takes two days</p></div>",
	 WANT "\nLoading a barge takes two days"},
	{"notices of a paywall in Japanese",
	 "<div>" ARTICLE "<p>有料会員になると残りをお読みいただけます。</p></div>", WANT},
	{"calls to follow",
	 "<div><p>" ONE "</p><p>Follow our desk on Facebook and Instagram.</p><p>" TWO "</p><p>" THREE
	 "</p><p>The best of the week comes to your inbox: sign up here.</p></div>",
	 WANT},
	{"networks as the matter",
	 "<div>" ARTICLE "<p>Those who follow the council say that Facebook was never asked.</p></div>",
	 WANT "\nThose who follow the council say that Facebook was never asked."},
	{"pointers in brackets", "<div>" ARTICLE "<p>(Alle Angaben ohne Gew\xc3\xa4hr)</p></div>", WANT},
	{"what blogs write below a post in German",
	 "<div>" ARTICLE "<p>Dieser Eintrag wurde am Montag von Ulla ver\xc3\xb6"
	 "ffentlicht.</p></div>",
	 WANT},
	{"a button without an address",
	 "<div><p>" ONE "</p><p><a onclick='big()'>Show it larger here</a></p><p>" TWO "</p><p>" THREE
	 "</div>",
	 WANT},
	{"an introduction that is named a teaser",
	 "<article><h1>Title</h1><div>7 May</div><div class=teaser-text><p>" SHORT
	 "</p></div><div class=article-body>" ARTICLE "</div></article>",
	 SHORT "\n" WANT},
	{"a teaser elsewhere",
	 "<article><h1>Title</h1><div class=article-body>" ARTICLE ARTICLE
	 "</div><div class=teaser-text><p>" SHORT "</p></div></article>",
	 WANT "\n" WANT},
	{"from the beginning of the article where no title stands",
	 "<ol class=breadcrumb><li><h1>Title</h1></ol><article><header><h2>Title</h2><p>" OTHER
	 "</p></header><div class=article-body>" ARTICLE ARTICLE "</div></article>",
	 OTHER "\n" WANT "\n" WANT},
	{"a notice of who pays above the text",
	 "<div><p>This page holds affiliate links: when you buy there, the shop pays us for it.</p>" ARTICLE
	 "</div>",
	 WANT},
	{"commissions as the matter",
	 "<div>" ARTICLE
	 "<p>The shops hold that they may earn a commission when a reader buys there.</p></div>",
	 WANT "\nThe shops hold that they may earn a commission when a reader buys there."},
	{"what is said of a picture",
	 "<div><p>" ONE "</p><div class=image-box><img src=a><p>Two men and a dog.</p></div><p>" TWO
	 "</p><p>" THREE "</div>",
	 WANT},
	{"a picture's box that holds the text",
	 "<div><p>" ONE "</p><div class=image-box><p>" TWO "</p></div><p>" THREE "</div>", WANT},
	{"a section with a picture",
	 "<div><p>" ONE "</p><div class=image-left><img src=a><h2>Part</h2><p>" TWO "</p></div><p>" THREE
	 "</div>",
	 ONE "\nPart\n" TWO "\n" THREE},
	{"a list of others with headings of its own",
	 "<div>" ARTICLE ARTICLE "<div><h4>Related content</h4><ul><li><h3>One</h3><p>" OTHER
	 "</p><li><h3>Two</h3><p>" OTHER "</p></ul></div></div>",
	 WANT "\n" WANT},
};

static void finds(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(10000000);
	struct tree *t;
	struct maintext m;

	assert_int_equal(tree_parse(span_str(row->in), &arena, &t, NULL), ERR_OK);
	assert_int_equal(maintext_find(t, &arena, &m), ERR_OK);
	assert_string_equal(m.text.ptr, row->want);
}

static struct span lead_of(const char *html, struct arena *arena)
{
	struct tree *t;
	struct maintext m;

	assert_int_equal(tree_parse(span_str(html), arena, &t, NULL), ERR_OK);
	assert_int_equal(maintext_find(t, arena, &m), ERR_OK);
	return m.lead;
}

static void leads(void **state)
{
	(void)state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(10000000);

	assert_true(span_eq(lead_of("<p>Short one.</p>" ARTICLE, &arena), SPAN(ONE)));
	assert_true(span_eq(lead_of(APART, &arena), SPAN(ONE)));
	assert_true(span_eq(lead_of("<div><h1>Title</h1><p>" OTHER
				    "</p></div><div><div><div><div><p>Short.</p><p>A "
				    "longer one, without an end to it, that is no lead, as long as it may "
				    "be</p><p>Another "
				    "one.</p><p>And another one, also short.</p></div></div></div></div>",
				    &arena),
			    SPAN(OTHER)));
	assert_null(lead_of("<p>Short one.</p>", &arena).ptr);
	assert_null(lead_of("", &arena).ptr);
}

static void page(struct span body, const char *type, bool is_page)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(10000000);
	const struct page_response r = {.body = body, .content_type = span_str(type)};
	struct page *got;

	assert_int_equal(extract_page(&r, &arena, &got, NULL), ERR_OK);
	assert_int_equal(got->text.len > 0, is_page);
}

static void reads_pages_only(void **state)
{
	(void)state;
#define HTML "<html><body>" ARTICLE "</body></html>"
	page(SPAN(HTML), "text/html; charset=utf-8", true);
	page(SPAN(HTML), NULL, true);
	page(SPAN(HTML), "text/plain", true);
	page(SPAN(ARTICLE), "text/plain", false);
	page(SPAN("%PDF-1.4 " HTML), "text/html", false);
#define NOISE "\1\2\3\4\5\6\7\0\1\2\3\4\5\6\7"
	page(SPAN(NOISE NOISE NOISE NOISE NOISE NOISE HTML), "text/html", false);
	page(SPAN("\1" HTML), "text/html", true);
	page(SPAN("<?xml version='1.0'?><rss><item><p>" ONE "</p></item></rss>"), NULL, false);
	page(SPAN_NONE, "text/html", false);
}

static void base_comes_first(void **state)
{
	(void)state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(10000000);
	struct page_response r = {.body = SPAN("<base target=x><base href='/b/'><base href='/c/'>" ARTICLE),
				  .final_url = SPAN("https://example.org/a/x"),
				  .requested_url = SPAN("https://example.com/")};
	struct page *got;

	assert_int_equal(extract_page(&r, &arena, &got, NULL), ERR_OK);
	assert_true(span_eq(got->url, SPAN("https://example.org/b/")));
	r.body = SPAN(ARTICLE);
	r.final_url = SPAN_NONE;
	assert_int_equal(extract_page(&r, &arena, &got, NULL), ERR_OK);
	assert_true(span_eq(got->url, SPAN("https://example.com/")));
}

int main(void)
{
	static const struct CMUnitTest more[] = {
		cmocka_unit_test(leads),
		cmocka_unit_test(reads_pages_only),
		cmocka_unit_test(base_comes_first),
	};

	extract_init();
	return RUN_ROWS("maintext", rows, finds) +
	       cmocka_run_group_tests_name("maintext/more", more, NULL, NULL);
}
