/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "base/strbuf.h"
#include "extract/extract.h"
#include "extract/tree.h"

/* want: elements as name(children), attributes as [name=value], text in quotes; html, head and body only show
 * their children, and "~" stands where white space came before. */
static const struct row {
	const char *name, *in, *want;
} rows[] = {
	{"plain", "<p class=a id='b'>One <b>two</b></p>", "p[class=a][id=b]('One 'b('two'))"},
	{"white space between", "<p><b>a</b> <i>b</i>\n<u>c</u></p>", "p(b('a')~i('b')~u('c'))"},
	{"references are decoded", "<p title='a&amp;b'>AT&amp;T &lt;x&gt; &auml;</p>",
	 "p[title=a&b]('AT&T <x> ä')"},
	{"numeric windows-1252", "<p title='it&#146;s'>&#147;x&#148;</p>", "p[title=it’s]('“x”')"},
	{"attribute's references", "<a href='?a=1&copy=2&amp;b=&#x41;'>&copy 2020",
	 "a[href=?a=1&copy=2&b=A]('© 2020')"},
	{"text of a comment's two sides", "<p>a <!-- x -->b&amp;<!-- y --> c", "p('a b& c')"},
	{"slash of an unquoted value", "<a href=/x/>t</a>u", "a[href=/x/]('t')'u'"},
	{"empty by XHTML's ways", "<p><a name='x'/>t", "p(a[name=x]()'t')"},
	{"second html and body lend attributes", "x<html lang=de><body class=a><p>y", "p('x')p('y')"},
	{"attribute without value", "<input disabled><p>x", "input[disabled=]p('x')"},
	{"unknown element", "<og:image x=1><foo-bar>x</foo-bar>", "og:image[x=1](foo-bar('x'))"},
	{"section closes p", "<p>a<section>b</section>c", "p('a')section('b')'c'"},
	{"div closes p through inline", "<p>a<b>b<div>c</div></b>", "p('a'b('b'))div('c')"},
	{"table cell keeps p apart", "<p>a<button><div>b</div></button>", "p('a'button(div('b')))"},
	{"source is void", "<video><source src=a><source src=b>t</video>",
	 "video(source[src=a]source[src=b]'t')"},
	{"wbr is void", "<p>ab<wbr>cd</p>", "p('ab'wbr'cd')"},
	{"comment", "a<!-- x > --><p>b", "p('a')p('b')"},
	{"bare comment", "<p>a<!-->b<!--->c</p><!-- x -->", "p('abc')"},
	{"comment ended by --!>", "<p>a<!-- x --!>b</p>", "p('ab')"},
	{"conditional comments", "<!--[if IE]><p>old<![endif]--><![if !IE]><p>new<![endif]>", "p('new')"},
	{"downlevel-revealed idiom", "<!--[if !IE]><!--><p>new</p><!--<![endif]-->", "p('new')"},
	{"cdata is a comment in HTML", "<p>a<![CDATA[b]]>c", "p('ac')"},
	{"processing instruction", "<?xml version='1.0'?><p>a<?php x ?>b", "p('ab')"},
	{"title is text", "<title>a <b>b</b> &amp; c</title><p>x", "title('a <b>b</b> & c')p('x')"},
	{"unclosed title ends at a tag", "<title>a <meta name=x content=y><p>x",
	 "title('a ')meta[name=x][content=y]p('x')"},
	{"textarea is left out", "<textarea><p>no</textarea><p>x", "textarea()p('x')"},
	{"iframe's text is left out", "<iframe src=a><p>no</iframe><p>x", "iframe[src=a]()p('x')"},
	{"script's text is left out", "<script>if (a<b) '<p>'</script><p>x", "script()p('x')"},
	{"json-ld stays", "<script type='application/ld+json'>{\"a\": \"</b><!-- &amp;\"}</script><p>x",
	 "script[type=application/ld+json]('{\"a\": \"</b><!-- &amp;\"}')p('x')"},
	{"two json-ld",
	 "<script type=application/ld+json>1</script><script>2</script><script type=application/ld+json "
	 "/>3</script>",
	 "script[type=application/ld+json]('1')script()script[type=application/ld+json]('3')"},
	{"script escaped twice", "<script><!--<script></script><p>a</p>--></script><p>x", "script()p('x')"},
	{"script escaped once", "<script><!-- </script><p>x", "script()p('x')"},
	{"style is left out", "<style>p>b{}</style><p>x", "p('x')"},
	{"svg's inside is left out", "<svg width=1><title>no</title><path d=x /></svg><p>x",
	 "svg[width=1]()p('x')"},
	{"svg's title may end itself", "<svg><title/><path d=x /></svg><p>x", "svg()p('x')"},
	{"svg's style without an end", "<svg><style><path d=x /></svg><p>x", "svg()p('x')"},
	{"nested svg", "<svg><svg></svg><g>no</g></svg><p>x", "svg()p('x')"},
	{"unclosed svg ends at html", "<svg><path><div>x</div>", "svg(div('x'))"},
	{"self-closing svg", "<svg/><p>x", "svg()p('x')"},
	{"event handlers go", "<p onclick='x()' id=a>x", "p[id=a]('x')"},
	{"quoted >", "<p title='a>b' id=c>x", "p[title=a>b][id=c]('x')"},
	{"text after </body>", "<p>a</p></body></html><p>b</p>", "p('a')p('b')"},
	{"stray end tags", "<p>a</b></div></zzz>b</p>", "p('ab')"},
	{"end tag with attributes", "<div>a</div id=x>b", "div('a')'b'"},
	{"less-than is text", "<p>1 < 2 <3", "p('1 < 2 <3')"},
	{"NUL does not end the page", "<p>a\\0b</p><p>c", "p('a b')p('c')"},
	{"page ends in a tag", "<p>a<img src=\"x", "p('a')"},
	{"page ends in an attribute past others", "<p>a<img onload=x src=\"x", "p('a')"},
	{"meta in body", "<div></div><meta name=a content=b>", "div()meta[name=a][content=b]"},
	{"noscript is read", "<noscript><img src=a></noscript>", "noscript(img[src=a])"},
	{"upper case", "<P CLASS=A>x</P>", "p[class=A]('x')"},
	{"long names are cut at a character",
	 "<xääääääääääääääääääääääääääääääääääääääää>t</xääääääääääääääääääääääääääääääääääääääää>",
	 "xäääääääääääääääääääääääääääääää('t')"},
	{"nothing", "", ""},
	{"only text", "hello", "p('hello')"},
};

static struct span unescaped(const char *in, char *room)
{
	size_t n = 0;

	for (const char *p = in; *p; p++) {
		if (p[0] == '\\' && p[1] == '0') {
			room[n++] = 0;
			p++;
		} else {
			room[n++] = *p;
		}
	}
	return span_of(room, n);
}

static bool quiet(const struct node *n)
{
	return n->tag == TAG_HTML || n->tag == TAG_HEAD || n->tag == TAG_BODY || n->depth == 0;
}

static void put(struct strbuf *out, struct span s)
{
	assert_int_equal(strbuf_add_span(out, s), ERR_OK);
}

static void show(const struct tree *t, struct strbuf *out)
{
	for (const struct node *n = t->root, *next; n; n = next) {
		next = node_next(n, t->root);
		if (!quiet(n)) {
			if (n->space_before && out->len && out->ptr[out->len - 1] != '(')
				put(out, SPAN("~"));
			if (node_is_text(n)) {
				assert_int_equal(strbuf_addf(out, "'%.*s'", SPAN_ARG(node_text_raw(n))),
						 ERR_OK);
			} else {
				bool may_hold = n->tag != TAG_INPUT && n->tag != TAG_IMG &&
						n->tag != TAG_META && n->tag != TAG_SOURCE &&
						n->tag != TAG_WBR;

				put(out, node_name(n));
				for (uint32_t i = 0; i < n->size; i++)
					assert_int_equal(
						strbuf_addf(out, "[%.*s=%.*s]", n->attrs[i].name_len,
							    n->attrs[i].name_ptr, (int)n->attrs[i].value_len,
							    n->attrs[i].value_ptr ? n->attrs[i].value_ptr
										  : ""),
						ERR_OK);
				if (n->child)
					put(out, SPAN("("));
				else if (may_hold)
					put(out, SPAN("()"));
			}
		}
		if (!n->child)
			for (const struct node *up = n;
			     up && up != t->root && (!next || up->parent != next->parent);) {
				up = up->parent;
				if (up && !quiet(up))
					put(out, SPAN(")"));
				if (next && up == next->parent)
					break;
			}
	}
}

static void parses(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(10000000);
	CLEANUP(strbuf_release) struct strbuf out = STRBUF_INIT(100000);
	char room[1000];
	struct tree *t;

	assert_int_equal(tree_parse(unescaped(row->in, room), &arena, &t, NULL), ERR_OK);
	show(t, &out);
	assert_string_equal(strbuf_cstr(&out), row->want);
}

/* libxml2's window moves over a page longer than it: each element must come once, in its place. */
static void reads_long_pages_once(void **state)
{
	(void)state;
	for (unsigned count = 10; count < 3000; count = count * 3 / 2) {
		CLEANUP(arena_release) struct arena arena = ARENA_INIT(10000000);
		CLEANUP(strbuf_release) struct strbuf in = STRBUF_INIT(1000000);
		struct tree *t;
		unsigned seen = 0;

		put(&in, SPAN("<html><head><title>x</title></head><body>"));
		for (unsigned i = 0; i < count; i++)
			assert_int_equal(strbuf_addf(&in, "<p id=%u>%u<i>y</i></p>", i, i), ERR_OK);
		assert_int_equal(tree_parse(strbuf_span(&in), &arena, &t, NULL), ERR_OK);
		assert_int_equal(t->count, 5 + 4 * count);
		for (const struct node *n = t->first[TAG_P]; n; n = n->same, seen++) {
			uint64_t id, says;

			assert_true(span_to_uint(node_attr(n, ATTR_ID), count, &id));
			assert_true(span_to_uint(node_text_raw(n->child), count, &says));
			assert_true(id == seen && says == seen);
		}
		assert_int_equal(seen, count);
	}
}

static void folds_text(void **state)
{
	(void)state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(10000000);
	struct tree *t;

	assert_int_equal(
		tree_parse(
			SPAN("<div> a\n b<b>c</b> <i>d</i><p>e</p>f&nbsp; g<script>no</script><br>h</div>z"),
			&arena, &t, NULL),
		ERR_OK);
	struct span s = node_text(t->first[TAG_DIV], 1000, &arena);
	assert_string_equal(s.ptr, "a bc d e f g h");
	s = node_text(t->root, 1000, &arena);
	assert_string_equal(s.ptr, "a bc d e f g h z");
	assert_int_equal(node_text(t->root, 4, &arena).len, 4);
	assert_int_equal(tree_parse(SPAN("<p>xää"), &arena, &t, NULL), ERR_OK);
	assert_int_equal(node_text(t->root, 4, &arena).len, 3);
	assert_int_equal(node_text(t->root, 5, &arena).len, 5);
}

static void finds(void **state)
{
	(void)state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(10000000);
	struct tree *t;
	const struct node *n;

	assert_int_equal(
		tree_parse(
			SPAN("<html lang=de>\n<!-- \n\n --><script>\n\n</script>\n<meta name=a data-x=y>\n<p "
			     "rel='x Y' id=first id=second>a<meta name=b>"),
			&arena, &t, NULL),
		ERR_OK);
	assert_true(span_eq(node_attr(t->html, ATTR_LANG), SPAN("de")));
	n = t->first[TAG_META];
	assert_int_equal(tree_line(t, n), 7);
	assert_true(span_eq(node_attr_named(n, SPAN("data-x")), SPAN("y")));
	assert_null(node_attr(n, ATTR_CONTENT).ptr);
	assert_true(span_eq(node_attr(n->same, ATTR_NAME), SPAN("b")));
	assert_null(n->same->same);
	assert_true(span_eq(node_attr(t->first[TAG_P], ATTR_ID), SPAN("first")));
	assert_int_equal(tree_line(t, n->same), 8);
	assert_ptr_equal(node_up(n->same, TAG_P), t->first[TAG_P]);
	assert_true(node_attr_has_word(t->first[TAG_P], ATTR_REL, SPAN("y")));
	assert_false(node_attr_has_word(t->first[TAG_P], ATTR_REL, SPAN("z")));
}

/* Near its end libxml2 moves its window over what is left: what stands there keeps its attributes and its
 * text. */
static void keeps_the_end(void **state)
{
	(void)state;
	for (unsigned count = 1; count < 400; count += 7) {
		CLEANUP(arena_release) struct arena arena = ARENA_INIT(8 << 20);
		CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(1 << 20);
		struct tree *t;
		unsigned n = 0;

		for (unsigned i = 0; i < count; i++)
			assert_int_equal(strbuf_addf(&b, "<meta name=a%u><b>%u</b>", i, i), ERR_OK);
		assert_int_equal(strbuf_add_str(&b, "<script type=application/ld+json>{}</script>"), ERR_OK);
		assert_int_equal(tree_parse(strbuf_span(&b), &arena, &t, NULL), ERR_OK);
		for (const struct node *m = t->first[TAG_META]; m; m = m->same, n++)
			assert_int_equal(m->size, 1);
		assert_int_equal(n, count);
		assert_non_null(t->first[TAG_SCRIPT]->child);
	}
}

static void knows_names(void **state)
{
	(void)state;
	for (unsigned i = TAG_OTHER + 1; i < TAG_COUNT; i++)
		assert_int_equal(tag_by_name(tag_name((enum tag)i)), i);
	assert_int_equal(tag_by_name(SPAN("blink")), TAG_OTHER);
	assert_int_equal(tag_by_name(SPAN("")), TAG_OTHER);
	for (unsigned i = ATTR_OTHER + 1; i < ATTR_COUNT; i++)
		assert_int_equal(attr_by_name(attr_name((enum attr_id)i)), i);
	assert_int_equal(attr_by_name(SPAN("zzz")), ATTR_OTHER);
}

int main(void)
{
	static const struct CMUnitTest more[] = {
		cmocka_unit_test(reads_long_pages_once), cmocka_unit_test(folds_text),
		cmocka_unit_test(finds), cmocka_unit_test(keeps_the_end), cmocka_unit_test(knows_names)};

	extract_init();
	return RUN_ROWS("tree/parse", rows, parses) + cmocka_run_group_tests_name("tree", more, NULL, NULL);
}
