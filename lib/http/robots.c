/* SPDX-License-Identifier: MIT */
#include "http/robots.h"

enum { ENCODED = 3 }; /* bytes of "%XX" */

/* ---- the form in which paths are compared ---- */

static bool is_unreserved(unsigned char c)
{
	return byte_is_alnum((char)c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/* Stands in a path or query as it is: unreserved, or reserved and then not the same as its encoding. */
static bool is_plain(unsigned char c)
{
	return is_unreserved(c) || (c && c < 0x80 && strchr("!&'()+,;=:@/?#[]", c));
}

/* RFC 9309, section 2.2.2: "%XX" of an unreserved character is that character, all others are written with
 * upper case; what may not stand in a URL is encoded. `*` and `$` mean themselves in a URL, so there they are
 * encoded, as they are in a rule by who means them so. out has room for ENCODED * s.len. */
static struct span normalise(struct span s, bool rule, char *out)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		bool encoded = c == '%' && i + 2 < s.len && byte_hex(s.ptr[i + 1]) >= 0 &&
			       byte_hex(s.ptr[i + 2]) >= 0;

		if (encoded) {
			c = (unsigned char)(byte_hex(s.ptr[i + 1]) << 4 | byte_hex(s.ptr[i + 2]));
			i += 2;
		}
		if (is_unreserved(c) || (!encoded && (is_plain(c) || c == '%' || (rule && c == '*')))) {
			/* a run of stars is one */
			if (c != '*' || encoded || !n || out[n - 1] != '*')
				out[n++] = (char)c;
			continue;
		}
		out[n++] = '%';
		out[n++] = hex[c >> 4];
		out[n++] = hex[c & 15];
	}
	return span_of(out, n);
}

/* ---- reading ---- */

enum key { KEY_NONE, KEY_AGENT, KEY_ALLOW, KEY_DISALLOW, KEY_DELAY };

static enum key key_of(struct span word)
{
	static const struct {
		const char *word;
		enum key key;
	} keys[] = {
		{"user-agent", KEY_AGENT},  {"useragent", KEY_AGENT},   {"user agent", KEY_AGENT},
		{"allow", KEY_ALLOW},       {"disallow", KEY_DISALLOW}, {"dissallow", KEY_DISALLOW},
		{"dissalow", KEY_DISALLOW}, {"disalow", KEY_DISALLOW},  {"diasllow", KEY_DISALLOW},
		{"disallaw", KEY_DISALLOW}, {"crawl-delay", KEY_DELAY}, {"crawldelay", KEY_DELAY},
		{"crawl delay", KEY_DELAY},
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (span_starts_nocase(word, span_str(keys[i].word)))
			return keys[i].key;
	return KEY_NONE;
}

/* "key: value", or, of two words, "key value". */
static enum key read_line(struct span line, struct span *value)
{
	ptrdiff_t at = span_find_byte(line, '#');

	line = span_trim(at < 0 ? line : span_sub(line, 0, (size_t)at));
	at = span_find_byte(line, ':');
	if (at < 0) {
		size_t end = 0, next;

		while (end < line.len && !byte_is_space(line.ptr[end]))
			end++;
		next = end;
		while (next < line.len && byte_is_space(line.ptr[next]))
			next++;
		for (size_t i = next; i < line.len; i++)
			if (byte_is_space(line.ptr[i]))
				return KEY_NONE;
		if (next == line.len)
			return KEY_NONE;
		*value = span_sub(line, next, line.len);
		return key_of(span_sub(line, 0, end));
	}
	*value = span_trim(span_sub(line, (size_t)at + 1, line.len));
	return key_of(span_trim(span_sub(line, 0, (size_t)at)));
}

static struct span token_of(struct span s)
{
	size_t n = 0;

	while (n < s.len && (byte_is_alpha(s.ptr[n]) || s.ptr[n] == '-' || s.ptr[n] == '_'))
		n++;
	return span_sub(s, 0, n);
}

/* Seconds, with a fraction. */
static bool delay_of(struct span s, uint32_t *ret)
{
	uint64_t ms = 0, scale = 1000;
	bool point = false, digits = false;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '.' && !point) {
			point = true;
		} else if (byte_is_digit(s.ptr[i])) {
			digits = true;
			if (point)
				ms += (uint64_t)(s.ptr[i] - '0') * (scale /= 10);
			else
				ms = MIN(ms * 10 + (uint64_t)(s.ptr[i] - '0') * 1000, (uint64_t)1 << 40);
		} else {
			return false;
		}
	}
	*ret = (uint32_t)MIN(ms, (uint64_t)ROBOTS_DELAY_MAX_MS);
	return digits;
}

/* The rules for the agent and those for all grow side by side, as it is known at the end only whether any
 * group names the agent. */
enum { OURS, ALL, SETS };

struct reading {
	struct arena *arena;
	struct span token;
	struct robots sets[SETS];
	size_t room[SETS];
	bool in[SETS]; /* the group read now is for these */
	bool rules;    /* it has a rule already: the next User-agent begins another group */
	bool named;
};

static void add_rule(struct reading *g, int set, struct robots_rule rule)
{
	struct robots *r = &g->sets[set];

	if (r->count == g->room[set]) {
		size_t room = r->count ? 2 * r->count : 16;
		struct robots_rule *more = ARENA_NEW_ARRAY(g->arena, struct robots_rule, room);

		if (!more)
			return; /* the arena remembers */
		if (r->count)
			memcpy(more, r->rules, r->count * sizeof(*more));
		r->rules = more;
		g->room[set] = room;
	}
	r->rules[r->count++] = rule;
}

static void add_path(struct reading *g, struct span path, bool allow)
{
	struct robots_rule rule = {.weight = path.len, .allow = allow};
	char *out;

	if (span_ends(path, SPAN("$"))) {
		rule.anchored = true;
		path.len--;
	}
	for (size_t i = 0; i < path.len; i++)
		if ((unsigned char)path.ptr[i] >= 0x80)
			rule.weight += ENCODED - 1; /* as it should have been written */
	out = arena_alloc(g->arena, ENCODED * path.len + 1);
	if (!out)
		return;
	rule.path = normalise(path, true, out);
	rule.wild = span_find_byte(rule.path, '*') >= 0;
	for (int set = 0; set < SETS; set++)
		if (g->in[set])
			add_rule(g, set, rule);
}

static void on_rule(struct reading *g, struct span path, bool allow)
{
	ptrdiff_t slash = -1;

	g->rules = true;
	if (!path.len || !(g->in[OURS] || g->in[ALL]))
		return;
	add_path(g, path, allow);
	/* who lets us have the folder's index means the folder's own address too */
	for (size_t i = 0; allow && i < path.len; i++)
		if (path.ptr[i] == '/')
			slash = (ptrdiff_t)i;
	if (slash >= 0 && span_starts(span_sub(path, (size_t)slash, path.len), SPAN("/index.htm"))) {
		char *folder = arena_alloc(g->arena, (size_t)slash + 2);

		if (!folder)
			return;
		memcpy(folder, path.ptr, (size_t)slash + 1);
		folder[slash + 1] = '$';
		add_path(g, span_of(folder, (size_t)slash + 2), true);
	}
}

static void on_line(struct reading *g, struct span line)
{
	struct span value;
	uint32_t delay;

	switch (read_line(line, &value)) {
	case KEY_AGENT:
		if (g->rules)
			g->in[OURS] = g->in[ALL] = g->rules = false;
		if (span_starts(value, SPAN("*")) && (value.len == 1 || byte_is_space(value.ptr[1])))
			g->in[ALL] = true;
		else if (g->token.len && span_eq_nocase(token_of(value), g->token))
			g->in[OURS] = g->named = true;
		break;
	case KEY_ALLOW: on_rule(g, value, true); break;
	case KEY_DISALLOW: on_rule(g, value, false); break;
	case KEY_DELAY:
		g->rules = true; /* who writes it means it as a rule: what follows is another group */
		if (!delay_of(value, &delay))
			break;
		for (int set = 0; set < SETS; set++)
			if (g->in[set])
				g->sets[set].delay_ms = MAX(g->sets[set].delay_ms, delay);
		break;
	case KEY_NONE:
	default: break;
	}
}

/* Up to LF, CR or both; false: there is none. */
static bool next_line(struct span *rest, struct span *line)
{
	size_t n = 0;

	if (!rest->len)
		return false;
	while (n < rest->len && rest->ptr[n] != '\n' && rest->ptr[n] != '\r')
		n++;
	*line = span_sub(*rest, 0, n);
	*rest = span_sub(*rest, n + 1, rest->len); /* of CR LF is left an empty line, which says nothing */
	return true;
}

enum err robots_parse(struct span text, struct span agent, struct arena *arena, struct robots *ret)
{
	struct reading g = {.arena = arena, .token = token_of(agent)};
	struct span line;

	if (g.token.len < agent.len && agent.ptr[g.token.len] != '/')
		g.token.len = 0;
	if (text.len > ROBOTS_BYTES) {
		/* half a rule would be another rule */
		text.len = ROBOTS_BYTES;
		while (text.len && text.ptr[text.len - 1] != '\n' && text.ptr[text.len - 1] != '\r')
			text.len--;
	}
	if (span_starts(text, SPAN("\xef\xbb\xbf")))
		text = span_sub(text, 3, text.len);
	while (next_line(&text, &line))
		on_line(&g, line);
	if (arena_failed(arena))
		return arena_failed(arena);
	*ret = g.sets[g.named ? OURS : ALL];
	return ERR_OK;
}

/* ---- asking ---- */

/* Each piece between stars at its first place, the last one at the end when anchored: no choice is ever
 * taken back, and memmem() is linear. */
static bool matches_wild(const struct robots_rule *rule, struct span target)
{
	struct span rest = rule->path, piece = span_split(&rest, '*');
	ptrdiff_t at;

	if (!span_starts(target, piece))
		return false;
	target = span_sub(target, piece.len, target.len);
	while (rest.ptr) {
		piece = span_split(&rest, '*');
		if (!rest.ptr && rule->anchored)
			return span_ends(target, piece);
		if (!piece.len)
			continue;
		at = span_find(target, piece);
		if (at < 0)
			return false;
		target = span_sub(target, (size_t)at + piece.len, target.len);
	}
	return !rule->anchored || !target.len || span_ends(rule->path, SPAN("*"));
}

static bool matches(const struct robots_rule *rule, struct span target)
{
	if (rule->wild)
		return matches_wild(rule, target);
	return rule->anchored ? span_eq(target, rule->path) : span_starts(target, rule->path);
}

bool robots_allow(const struct robots *robots, struct span path, struct span query, struct arena *arena)
{
	size_t len = path.len + (query.ptr ? query.len + 1 : 0);
	char *raw, *out;
	struct span target;
	bool allow = true, found = false;
	size_t weight = 0;

	if (!robots->count || span_eq_str(path, "/robots.txt"))
		return true;
	raw = arena_alloc(arena, len + 1);
	out = arena_alloc(arena, ENCODED * len + 1);
	if (!raw || !out)
		return false;
	if (path.len)
		memcpy(raw, path.ptr, path.len);
	if (query.ptr) {
		raw[path.len] = '?';
		memcpy(raw + path.len + 1, query.ptr, query.len);
	}
	target = normalise(span_of(raw, len), false, out);
	for (size_t i = 0; i < robots->count; i++) {
		const struct robots_rule *rule = &robots->rules[i];

		if (found && (rule->weight < weight || (rule->weight == weight && (allow || !rule->allow))))
			continue; /* it would change nothing */
		if (!matches(rule, target))
			continue;
		found = true;
		weight = rule->weight;
		allow = rule->allow;
	}
	return allow;
}
