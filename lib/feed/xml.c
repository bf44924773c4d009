/* SPDX-License-Identifier: MIT */
#include "feed/xml.h"
#include "feed/xml_ns.h"

enum { ENTITY_BUDGET = 1024 * 1024 };

void xml_init(struct xml *x, struct span text)
{
	memset(x, 0, offsetof(struct xml, attrs));
	x->text = text;
	x->entity_budget = ENTITY_BUDGET;
	x->no_comment_end = x->no_cdata_end = x->no_pi_end = text.len;
}

void xml_note(struct xml *x, const char *ptr, const char *what, struct span detail)
{
	size_t at = (size_t)(ptr - x->text.ptr);

	x->trouble_count++;
	if (x->note_count == XML_NOTES_MAX)
		return;
	for (unsigned i = 0; i < x->note_count; i++) {
		if (x->notes[i].at == at && x->notes[i].what == what) {
			x->trouble_count--; /* read twice, told once */
			return;
		}
	}
	x->notes[x->note_count++] = (struct xml_note){at, what, detail};
}

struct span xml_local(struct span name)
{
	ptrdiff_t colon = span_find_byte(name, ':');

	return span_sub(name, (size_t)(colon + 1), name.len);
}

static bool name_start(char c)
{
	return byte_is_alpha(c) || c == '_' || c == ':' || (unsigned char)c >= 0x80;
}

static bool name_byte(char c)
{
	return name_start(c) || byte_is_digit(c) || c == '-' || c == '.';
}

static size_t skip_space(const struct xml *x, size_t i)
{
	while (i < x->text.len && byte_is_space(x->text.ptr[i]))
		i++;
	return i;
}

static size_t skip_name(const struct xml *x, size_t i)
{
	while (i < x->text.len && name_byte(x->text.ptr[i]))
		i++;
	return i;
}

/* Where `mark` begins at or after i; x->text.len when nowhere. *none: there is none from there on, known from
 * an earlier search. */
static size_t find(const struct xml *x, size_t i, struct span mark, size_t *none)
{
	size_t end = MIN(*none + mark.len - 1, x->text.len);
	const char *p = i < end ? memmem(x->text.ptr + i, end - i, mark.ptr, mark.len) : NULL;

	if (p)
		return (size_t)(p - x->text.ptr);
	*none = MIN(*none, i);
	return x->text.len;
}

static size_t find_byte(const struct xml *x, size_t i, char c)
{
	const char *p = i < x->text.len ? memchr(x->text.ptr + i, c, x->text.len - i) : NULL;

	return p ? (size_t)(p - x->text.ptr) : x->text.len;
}

/* The nearer of two. */
static size_t find_either(const struct xml *x, size_t i, char a, char b)
{
	while (i < x->text.len && x->text.ptr[i] != a && x->text.ptr[i] != b)
		i++;
	return i;
}

/* ---- the DTD's own entities ---- */

static size_t skip_quoted(const struct xml *x, size_t i, size_t end)
{
	char quote = x->text.ptr[i];

	for (i++; i < end; i++)
		if (x->text.ptr[i] == quote)
			return i + 1;
	return end;
}

/* s: between "<!ENTITY" and its '>'. */
static void declare(struct xml *x, size_t begin, size_t end)
{
	size_t i = skip_space(x, begin), name = i, quoted;

	i = skip_name(x, i);
	quoted = skip_space(x, i);
	if (i == name || quoted >= end || i > end)
		return; /* a parameter entity */
	if (x->text.ptr[quoted] != '"' && x->text.ptr[quoted] != '\'') {
		xml_note(x, x->text.ptr + name, "external entity is not fetched", span_sub(x->text, name, i));
		return;
	}
	end = skip_quoted(x, quoted, end);
	if (end - quoted < 2 || end - quoted > XML_ENTITY_MAX || x->entity_count == XML_ENTITIES_MAX) {
		xml_note(x, x->text.ptr + name, "entity is too long, or one too many",
			 span_sub(x->text, name, i));
		return;
	}
	x->entities[x->entity_count].name = span_sub(x->text, name, i);
	x->entities[x->entity_count++].value = span_sub(x->text, quoted + 1, end - 1);
}

/* At "<!DOCTYPE" or another declaration; returns where it ends. */
static size_t skip_declaration(struct xml *x, size_t i)
{
	size_t begin = i;
	unsigned depth = 0;

	for (i += 2; i < x->text.len && !x->no_declaration_end; i++) {
		char c = x->text.ptr[i];

		if (c == '"' || c == '\'') {
			i = skip_quoted(x, i, x->text.len) - 1;
		} else if (c == '[') {
			depth++;
		} else if (c == ']') {
			depth -= depth > 0;
		} else if (c == '<' && depth) {
			struct span rest = span_sub(x->text, i, x->text.len);
			size_t stop = i;

			if (span_starts(rest, SPAN("<!--"))) {
				stop = find(x, i, SPAN("-->"), &x->no_comment_end) + 2;
			} else if (span_starts(rest, SPAN("<!ENTITY"))) {
				for (stop = i + 8; stop < x->text.len && x->text.ptr[stop] != '>'; stop++)
					if (x->text.ptr[stop] == '"' || x->text.ptr[stop] == '\'')
						stop = skip_quoted(x, stop, x->text.len) - 1;
				if (stop < x->text.len)
					declare(x, i + 8, stop);
			}
			i = stop;
		} else if (c == '<') {
			break; /* not ended: a tag follows */
		} else if (c == '>' && !depth) {
			return i + 1;
		}
	}
	x->no_declaration_end = true; /* or each further one would be searched to the end of the text */
	xml_note(x, x->text.ptr + begin, "declaration does not end", SPAN_NONE);
	return MIN(find_byte(x, begin, '>') + 1, x->text.len);
}

/* ---- what is no tag ---- */

/* At "<!" or "<?"; returns where it ends. */
static size_t skip_other(struct xml *x, size_t i)
{
	struct span rest = span_sub(x->text, i, x->text.len);
	size_t end;

	if (span_starts(rest, SPAN("<!--"))) {
		end = find(x, i + 4, SPAN("-->"), &x->no_comment_end);
		if (end < x->text.len)
			return end + 3;
		xml_note(x, rest.ptr, "comment does not end", SPAN_NONE);
		return MIN(find_byte(x, i, '>') + 1, x->text.len);
	}
	if (span_starts(rest, SPAN("<![CDATA["))) {
		end = find(x, i + 9, SPAN("]]>"), &x->no_cdata_end);
		if (end < x->text.len)
			return end + 3;
		xml_note(x, rest.ptr, "CDATA section does not end", SPAN_NONE);
		x->cut = true;
		return x->text.len;
	}
	if (rest.ptr[1] == '?') {
		end = find(x, i + 2, SPAN("?>"), &x->no_pi_end);
		return end < x->text.len ? end + 2 : MIN(find_byte(x, i, '>') + 1, x->text.len);
	}
	if (rest.len > 2 && byte_is_alpha(rest.ptr[2]))
		return skip_declaration(x, i);
	return i + 2;
}

/* ---- namespaces ---- */

static void bind(struct xml *x, struct span prefix, struct span uri)
{
	enum xml_ns ns = xml_ns_by_uri(uri);

	if (x->binding_count == XML_BINDINGS_MAX)
		return;
	if (ns == XML_NS_OTHER && x->core_uri.ptr && span_eq(span_trim(uri), x->core_uri))
		ns = XML_NS_CORE;
	x->bindings[x->binding_count].prefix = prefix;
	x->bindings[x->binding_count++].ns = ns;
}

static struct span prefix_of(struct span name)
{
	ptrdiff_t colon = span_find_byte(name, ':');

	return colon < 0 ? SPAN("") : span_sub(name, 0, (size_t)colon);
}

enum xml_ns xml_ns_of(const struct xml *x, struct span name)
{
	struct span prefix = prefix_of(name);

	for (unsigned i = x->binding_count; i-- > 0;)
		if (span_eq(x->bindings[i].prefix, prefix))
			return x->bindings[i].ns;
	return xml_ns_by_prefix(prefix);
}

/* The root's namespace is the feed's own, whatever it is called. */
static void bind_core(struct xml *x)
{
	struct span prefix = prefix_of(x->name);

	for (unsigned i = 0; i < x->attr_count; i++) {
		struct span name = x->attrs[i].name;
		bool plain = !prefix.len && span_eq(name, SPAN("xmlns"));

		if (plain || (prefix.len && span_starts(name, SPAN("xmlns:")) &&
			      span_eq(span_sub(name, 6, name.len), prefix)))
			x->core_uri = span_trim(x->attrs[i].value);
	}
}

static void bind_all(struct xml *x)
{
	if (!x->depth && !x->core_uri.ptr)
		bind_core(x);
	for (unsigned i = 0; i < x->attr_count; i++) {
		struct span name = x->attrs[i].name;

		if (name.len < 5 || memcmp(name.ptr, "xmlns", 5) != 0)
			continue;
		if (name.len == 5)
			bind(x, SPAN(""), x->attrs[i].value);
		else if (name.ptr[5] == ':')
			bind(x, span_sub(name, 6, name.len), x->attrs[i].value);
	}
}

/* ---- tags ---- */

/* s.len where c is not in s. */
static size_t span_index(struct span s, char c)
{
	ptrdiff_t at = span_find_byte(s, c);

	return at < 0 ? s.len : (size_t)at;
}

/* A value that begins at i; *end gets what follows it. */
static struct span read_value(struct xml *x, size_t i, size_t *end)
{
	char quote = i < x->text.len ? x->text.ptr[i] : 0;
	size_t j = i;

	if (quote == '"' || quote == '\'') {
		for (j = ++i; j < x->text.len && x->text.ptr[j] != quote; j++) {
			if (x->text.ptr[j] != '<')
				continue;
			/* no value holds a '<': its quote is missing, and the tag ends at the first '>' */
			*end = i + span_index(span_sub(x->text, i, j), '>');
			xml_note(x, x->text.ptr + i, "attribute value does not end", SPAN_NONE);
			return span_sub(x->text, i, *end);
		}
		*end = MIN(j + 1, x->text.len);
		return span_sub(x->text, i, j);
	}
	while (j < x->text.len && !byte_is_space(x->text.ptr[j]) && x->text.ptr[j] != '>' &&
	       x->text.ptr[j] != '<' &&
	       !(x->text.ptr[j] == '/' && j + 1 < x->text.len && x->text.ptr[j + 1] == '>'))
		j++;
	xml_note(x, x->text.ptr + MIN(i, x->text.len - 1), "attribute value without quotes", SPAN_NONE);
	*end = j;
	return span_sub(x->text, i, j);
}

/* From behind the name to behind the '>'. */
static void read_attrs(struct xml *x, size_t i)
{
	x->attr_count = 0;
	x->empty_tag = false;
	while (i < x->text.len) {
		size_t begin = i = skip_space(x, i), after;
		struct xml_attr a = {SPAN_NONE, SPAN("")};

		if (i >= x->text.len)
			break;
		if (x->text.ptr[i] == '>') {
			i++;
			break;
		}
		if (x->text.ptr[i] == '<') {
			xml_note(x, x->text.ptr + i, "tag does not end", x->name);
			break;
		}
		i = skip_name(x, i);
		if (i == begin) {
			x->empty_tag =
				x->text.ptr[i] == '/' && i + 1 < x->text.len && x->text.ptr[i + 1] == '>';
			i++;
			continue;
		}
		a.name = span_sub(x->text, begin, i);
		after = skip_space(x, i);
		if (after < x->text.len && x->text.ptr[after] == '=')
			a.value = read_value(x, skip_space(x, after + 1), &i);
		else
			xml_note(x, x->text.ptr + begin, "attribute without a value", a.name);
		if (x->attr_count < XML_ATTRS_MAX)
			x->attrs[x->attr_count++] = a;
	}
	if (i >= x->text.len && x->text.len && x->text.ptr[x->text.len - 1] != '>') {
		xml_note(x, x->text.ptr + x->tag_at, "text ends inside a tag", SPAN_NONE);
		x->cut = true;
	}
	x->at = i;
}

/* Most end tags of nothing need no search: a feed may have millions below hundreds of open elements. */
static unsigned name_key(struct span name)
{
	return ((unsigned)name.len * 37 + (unsigned)byte_lower(name.ptr[0]) * 5 +
		(unsigned)byte_lower(name.ptr[name.len - 1]) * 11) %
	       XML_NAME_KEYS;
}

static void pop(struct xml *x)
{
	const struct xml_open *o = &x->open[--x->depth];

	x->open_names[name_key(o->name)]--;

	x->binding_count = o->bindings;
	x->closed_frame = o->frame;
	x->name = o->name;
	x->local = xml_local(o->name);
}

/* Which open element an end tag's name closes, from the top; depth when none. */
static unsigned find_open(const struct xml *x, struct span name)
{
	for (unsigned i = x->open_names[name_key(name)] ? x->depth : 0; i-- > 0;)
		if (x->open[i].name.len == name.len &&
		    (memcmp(x->open[i].name.ptr, name.ptr, name.len) == 0 ||
		     span_eq_nocase(x->open[i].name, name)))
			return i;
	return x->depth;
}

/* At '<' of a start tag: reads it and opens its element. False: it lies too deep to be seen. */
static bool start(struct xml *x)
{
	size_t end = skip_name(x, x->at + 1);

	x->tag_at = x->at;
	x->name = span_sub(x->text, x->at + 1, end);
	read_attrs(x, end);
	if (x->depth == XML_DEPTH_MAX) {
		x->overflow += !x->empty_tag;
		return false;
	}
	x->open[x->depth] = (struct xml_open){.name = x->name, .bindings = (uint16_t)x->binding_count};
	if (x->attr_count)
		bind_all(x);
	x->ns = xml_ns_of(x, x->name);
	x->local = xml_local(x->name);
	x->depth++;
	x->open_names[name_key(x->name)]++;
	x->empty = x->empty_tag;
	return true;
}

enum kind { KIND_EOF, KIND_START, KIND_END, KIND_OTHER };

/* Goes to the next '<' that is markup. */
static enum kind seek(struct xml *x)
{
	for (;;) {
		char c;

		x->at = find_byte(x, x->at, '<');
		if (x->at + 1 >= x->text.len) {
			x->at = x->text.len;
			return KIND_EOF;
		}
		c = x->text.ptr[x->at + 1];
		if (name_start(c))
			return KIND_START;
		if (c == '!' || c == '?')
			return KIND_OTHER;
		if (c == '/' && x->at + 2 < x->text.len && name_start(x->text.ptr[x->at + 2]))
			return KIND_END;
		xml_note(x, x->text.ptr + x->at, "bare '<'", SPAN_NONE);
		x->at++;
	}
}

/* At "</name": the name; *end gets what follows the tag. */
static struct span end_tag(struct xml *x, size_t *end)
{
	size_t stop = skip_name(x, x->at + 2);
	struct span name = span_sub(x->text, x->at + 2, stop);

	stop = skip_space(x, stop);
	if (stop < x->text.len && x->text.ptr[stop] != '>' && x->text.ptr[stop] != '<')
		stop = find_either(x, stop, '>', '<');
	*end = stop < x->text.len && x->text.ptr[stop] == '>' ? stop + 1 : stop;
	return name;
}

enum xml_event xml_next(struct xml *x)
{
	if (x->empty) {
		x->empty = false;
		pop(x);
		return XML_END;
	}
	for (;;) {
		enum kind kind = seek(x);
		struct span name;
		unsigned found;
		size_t end;

		switch (kind) {
		case KIND_EOF:
			if (!x->depth)
				return XML_EOF;
			if (!x->cut)
				xml_note(x, x->open[x->depth - 1].name.ptr, "element is not closed",
					 x->open[x->depth - 1].name);
			x->cut = true;
			pop(x);
			return XML_END;
		case KIND_START:
			if (start(x))
				return XML_START;
			break;
		case KIND_OTHER: x->at = skip_other(x, x->at); break;
		case KIND_END:
			name = end_tag(x, &end);
			found = find_open(x, name);
			if (x->overflow && (found == x->depth || !x->open[found].frame)) {
				x->overflow--;
				x->at = end;
				break;
			}
			x->overflow = 0;
			if (found == x->depth) {
				xml_note(x, x->text.ptr + x->at, "end tag of nothing", name);
				x->at = end;
				break;
			}
			x->tag_at = x->at;
			if (found + 1 == x->depth)
				x->at = end; /* else the inner ones end first, and this tag is read again */
			else
				xml_note(x, x->open[x->depth - 1].name.ptr, "element is not closed",
					 x->open[x->depth - 1].name);
			pop(x);
			return XML_END;
		}
	}
}

struct span xml_inner(struct xml *x, struct span fence, bool *broken)
{
	unsigned self = x->depth - 1;
	size_t begin = x->at, stop;

	*broken = false;
	if (x->empty) {
		x->empty = false;
		pop(x);
		return SPAN("");
	}
	for (;;) {
		enum kind kind = seek(x);
		struct span name;
		unsigned found;
		size_t end;

		stop = x->at;
		if (kind == KIND_OTHER) {
			x->at = skip_other(x, x->at);
			continue;
		}
		if (kind == KIND_START) {
			name = span_sub(x->text, x->at + 1, skip_name(x, x->at + 1));
			if (fence.len && span_eq(name, fence)) {
				*broken = true;
				break;
			}
			if (start(x) && x->empty) {
				x->empty = false;
				pop(x);
			}
			continue;
		}
		if (kind == KIND_EOF) {
			*broken = true;
			x->cut = true;
			break;
		}
		name = end_tag(x, &end);
		found = find_open(x, name);
		if (x->overflow && (found == x->depth || found > self)) {
			x->overflow--;
			x->at = end;
			continue;
		}
		x->overflow = 0;
		if (found < self) {
			*broken = true;
			break; /* left for xml_next() */
		}
		x->at = end;
		if (found == x->depth) {
			xml_note(x, x->text.ptr + stop, "end tag of nothing", name);
			continue;
		}
		if (found + 1 < x->depth)
			xml_note(x, x->open[x->depth - 1].name.ptr, "element is not closed",
				 x->open[x->depth - 1].name);
		while (x->depth > found)
			pop(x);
		if (found == self)
			return span_sub(x->text, begin, stop);
	}
	xml_note(x, x->open[self].name.ptr, "element is not closed", x->open[self].name);
	x->overflow = 0;
	while (x->depth > self)
		pop(x);
	return span_sub(x->text, begin, stop);
}

struct span xml_peek(struct xml *x, struct span fence)
{
	size_t at = x->at;
	unsigned depth = x->depth, bindings = x->binding_count;
	bool empty = x->empty, empty_tag = x->empty_tag, cut = x->cut, broken;
	struct span name = x->name, local = x->local, raw;
	struct xml_open self = x->open[depth - 1];
	enum xml_ns ns = x->ns;

	raw = xml_inner(x, fence, &broken);
	x->reread += x->at - at;
	x->at = at;
	x->depth = depth;
	x->binding_count = bindings;
	x->open[depth - 1] = self;
	x->open_names[name_key(self.name)]++;
	x->empty = empty;
	x->empty_tag = empty_tag;
	x->cut = cut;
	x->name = name;
	x->local = local;
	x->ns = ns;
	x->attr_count = 0;
	return raw;
}

struct span xml_attr(const struct xml *x, const char *local)
{
	size_t len = strlen(local);

	for (unsigned i = 0; i < x->attr_count; i++) {
		struct span name = x->attrs[i].name;

		if (name.len < len || !x->attrs[i].value.len)
			continue;
		if (name.len > len && name.ptr[name.len - len - 1] != ':')
			continue;
		if (span_eq_nocase(span_sub(name, name.len - len, name.len), span_of(local, len)))
			return x->attrs[i].value;
	}
	return SPAN_NONE;
}

bool xml_rewind(struct xml *x, size_t at)
{
	if (x->reread > x->text.len + 65536)
		return false;
	x->reread += x->at - at;
	x->at = at;
	return true;
}

void xml_adopt(struct xml *x)
{
	uint16_t bindings = x->open[x->depth - 2].bindings;

	x->open_names[name_key(x->open[x->depth - 2].name)]--;
	x->open[x->depth - 2] = x->open[x->depth - 1];
	x->open[x->depth - 2].bindings = bindings;
	x->depth--;
}

struct span xml_tag_name(struct span s)
{
	size_t i = 1;

	if (s.len < 2 || !name_start(s.ptr[1]))
		return SPAN("");
	while (i < s.len && name_byte(s.ptr[i]))
		i++;
	return span_sub(s, 1, i);
}
