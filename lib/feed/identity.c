/* SPDX-License-Identifier: MIT */
#include "feed/identity.h"

#include "base/hash.h"
#include "base/text.h"
#include "base/tracking.h"
#include "base/url.h"

enum { GENERIC_ID_BYTES = 8, DOUBT_SURE = 3 };

/* ---- keys ---- */

static struct span without_www(struct span host)
{
	return span_starts(host, SPAN("www.")) ? span_sub(host, 4, host.len) : host;
}

/* Of fragments only those count that are no tracking: "#part" names another entry, "#xtor=RSS-1" does not. */
static struct span kept_fragment(struct span fragment)
{
	return span_find_byte(fragment, '=') >= 0 ? SPAN("") : fragment;
}

static enum err hash_parts(const struct span *parts, size_t count, uint64_t *ret)
{
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(4 * URL_MAX);
	enum err r = ERR_OK;

	for (size_t i = 0; i < count && !r; i++) {
		r = strbuf_add_span(&b, parts[i]);
		if (!r)
			r = strbuf_add_byte(&b, '\n');
	}
	if (!r)
		*ret = hash64(strbuf_span(&b));
	return r;
}

struct address {
	uint64_t link, bare;
	bool shallow;
};

/* ERR_NOMEM only; what is no http(s) URL has no keys. */
static enum err read_address(struct span text, struct arena *arena, struct address *ret)
{
	struct url u;
	struct span path;
	enum err r = url_parse(text, NULL, arena, &u, NULL);

	*ret = (struct address){0, 0, false};
	if (r)
		return r == ERR_NOMEM ? r : ERR_OK;
	r = url_parse(url_clean(u.href, NULL, arena), NULL, arena, &u, NULL);
	if (r)
		return r == ERR_NOMEM ? r : ERR_OK;
	path = u.path;
	while (path.len && path.ptr[path.len - 1] == '/')
		path.len--;
	const struct span parts[] = {without_www(u.host), u.port, path, u.query, kept_fragment(u.fragment)};

	ret->shallow = !path.len && !u.query.len && !parts[4].len;
	r = hash_parts(parts, ARRAY_SIZE(parts), &ret->link);
	return r ? r : hash_parts(parts, 3, &ret->bare);
}

uint64_t identity_link_key(struct span link, struct arena *arena)
{
	struct address a;

	return read_address(link, arena, &a) ? 0 : a.link;
}

/* An id that looks like an address is compared as one, but for its scheme: sites that go over to https
 * rewrite theirs. */
static enum err read_id(struct span id, const struct address *site, struct arena *arena,
			struct identity_keys *ret)
{
	struct address a = {0, 0, false};
	enum err r = ERR_OK;

	id = span_trim(id);
	if (!id.len)
		return ERR_OK;
	if (span_starts_nocase(id, SPAN("http://")) || span_starts_nocase(id, SPAN("https://")))
		r = read_address(id, arena, &a);
	if (r)
		return r;
	if (a.link) {
		struct span rest = span_sub(id, (size_t)span_find_byte(id, ':'), id.len);

		/* with its query as it stands: ?p=123 is what names it */
		ret->id = hash64(rest);
		ret->generic = a.shallow || a.link == site->link;
	} else {
		ret->id = hash64(id);
		ret->generic = id.len < GENERIC_ID_BYTES;
	}
	return ERR_OK;
}

/* Letters and digits in lower case, of any script; the rest is dress. */
static uint64_t title_key(struct span title)
{
	uint64_t h = 0;
	char buf[512];
	size_t n = 0;

	for (size_t i = 0; i < title.len && n < sizeof(buf); i++)
		if (byte_is_alnum(title.ptr[i]) || (unsigned char)title.ptr[i] >= 0x80)
			buf[n++] = byte_lower(title.ptr[i]);
	if (n)
		h = hash64(span_of(buf, n));
	return h;
}

enum err identity_keys(const struct feed *feed, const struct feed_entry *entry, struct arena *arena,
		       struct identity_keys *ret)
{
	struct identity_keys k = {0};
	struct address site, link;
	enum err r = read_address(feed->link, arena, &site);

	if (!r)
		r = read_address(entry->link, arena, &link);
	if (!r)
		r = read_id(entry->id, &site, arena, &k);
	if (r)
		return r;
	k.link = link.link;
	k.bare = link.bare;
	k.shallow = link.shallow || (link.link && link.link == site.link);
	k.title = title_key(entry->title.len ? entry->title : entry->summary);
	if (entry->published.there)
		k.date = entry->published.date.seconds;
	else if (entry->updated.there)
		k.date = entry->updated.date.seconds;
	*ret = k;
	return ERR_OK;
}

const char *identity_policy_text(const struct identity_policy *p)
{
	if (p->ignore_ids && p->ignore_links)
		return "by title and date, and by links without their query: neither ids nor links are "
		       "stable";
	if (p->ignore_ids)
		return "by link: ids are not stable";
	if (p->ignore_links)
		return "by id, and by links without their query: links are not stable";
	return "by id, link, title and date";
}

/* ---- lookup ---- */

struct slot {
	uint64_t key;
	size_t index;
};

/* Sorted by key, then index. */
struct lookup {
	struct slot *slots;
	size_t count;
};

static int by_key(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

enum key { KEY_ID, KEY_LINK, KEY_BARE, KEY_TITLE, KEY_COUNT };

static uint64_t key_of(const struct identity_keys *k, enum key which)
{
	switch (which) {
	case KEY_ID: return k->id;
	case KEY_LINK: return k->shallow ? 0 : k->link;
	case KEY_BARE: return k->shallow ? 0 : k->bare;
	default: return k->title;
	}
}

static bool lookup_make(struct lookup *l, const struct identity_keys *list, size_t count, enum key which)
{
	l->count = 0;
	l->slots = malloc((count + 1) * sizeof(*l->slots));
	if (!l->slots)
		return false;
	for (size_t i = 0; i < count; i++)
		if (key_of(&list[i], which))
			l->slots[l->count++] = (struct slot){key_of(&list[i], which), i};
	qsort(l->slots, l->count, sizeof(*l->slots), by_key);
	return true;
}

/* The run of slots with that key; *n may be 0. */
static const struct slot *lookup_find(const struct lookup *l, uint64_t key, size_t *n)
{
	size_t low = 0, high = l->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (l->slots[mid].key < key)
			low = mid + 1;
		else
			high = mid;
	}
	*n = 0;
	while (key && low + *n < l->count && l->slots[low + *n].key == key)
		++*n;
	return &l->slots[low];
}

/* ---- matching ---- */

struct matching {
	struct identity_policy *policy;
	const struct identity_keys *known, *entries;
	size_t known_count, count;
	struct lookup before[KEY_COUNT], here[KEY_COUNT];
	bool *claimed; /* a known one that an entry was matched to */
	struct identity_match *ret;
	size_t matched, new_ids, new_links;
};

static bool same_title(const struct identity_keys *a, const struct identity_keys *b)
{
	return a->title && a->title == b->title;
}

static bool same_date(const struct identity_keys *a, const struct identity_keys *b)
{
	return a->date && a->date == b->date;
}

/* Entries of one document that share this key and are not the same thing: the value says nothing. Only the
 * first few are looked at: one that differs is enough, and a hundred thousand alike must not cost their
 * square. */
static bool shared_here(const struct matching *m, const struct identity_keys *e, enum key which)
{
	size_t n;
	const struct slot *s = lookup_find(&m->here[which], key_of(e, which), &n);

	for (size_t i = 0; i < MIN(n, (size_t)8); i++) {
		const struct identity_keys *o = &m->entries[s[i].index];

		if (which == KEY_ID && o->link != e->link && o->title != e->title)
			return true;
		if (which == KEY_LINK && o->title != e->title && (o->id != e->id || !e->id))
			return true;
		if (which == KEY_BARE && o->link != e->link && o->title != e->title)
			return true;
		if (which == KEY_TITLE && o->date == e->date && o->link != e->link &&
		    (o->id != e->id || !e->id))
			return true;
	}
	return false;
}

/* Of several known ones with the key the one that agrees most. */
static size_t best_of(const struct matching *m, const struct slot *s, size_t n, const struct identity_keys *e)
{
	size_t best = s[0].index;
	int most = -1;

	for (size_t i = 0; i < MIN(n, (size_t)64); i++) {
		const struct identity_keys *k = &m->known[s[i].index];
		int score = (k->link == e->link) * 4 + same_title(k, e) * 2 + same_date(k, e);

		if (score > most) {
			most = score;
			best = s[i].index;
		}
	}
	return best;
}

static void claim(struct matching *m, size_t i, size_t known)
{
	const struct identity_keys *e = &m->entries[i], *k = &m->known[known];
	bool alike = same_title(k, e) || same_date(k, e);

	m->ret[i] = (struct identity_match){IDENTITY_KNOWN, known, false};
	m->claimed[known] = true;
	m->matched++;
	if (k->id && e->id && k->id != e->id && alike)
		m->new_ids++;
	if (k->link && e->link && k->link != e->link && k->bare == e->bare)
		m->new_links++;
	m->ret[i].changed = (!m->policy->ignore_ids && k->id != e->id) ||
			    (!m->policy->ignore_links && k->link != e->link) || k->title != e->title ||
			    k->date != e->date;
}

/* A short id, or the site's address, that stands at something else in every respect, later. */
static bool used_again(const struct identity_keys *k, const struct identity_keys *e)
{
	return e->generic && k->link != e->link && k->title != e->title && k->date && e->date > k->date;
}

static bool match_by_id(struct matching *m, size_t i)
{
	const struct identity_keys *e = &m->entries[i];
	const struct slot *s;
	size_t n, k;

	if (m->policy->ignore_ids || !e->id || shared_here(m, e, KEY_ID))
		return false;
	s = lookup_find(&m->before[KEY_ID], e->id, &n);
	if (!n)
		return false;
	k = best_of(m, s, n, e);
	if (used_again(&m->known[k], e))
		return false;
	claim(m, i, k);
	return true;
}

static bool match_by_link(struct matching *m, size_t i, enum key which)
{
	const struct identity_keys *e = &m->entries[i];
	const struct slot *s;
	size_t n, k;

	if (!key_of(e, which) || shared_here(m, e, which))
		return false;
	s = lookup_find(&m->before[which], key_of(e, which), &n);
	if (!n)
		return false;
	k = best_of(m, s, n, e);
	/* several things had this link before: it names none of them */
	if (n > 1 && m->known[s[0].index].title != m->known[s[n - 1].index].title &&
	    !same_title(&m->known[k], e))
		return false;
	/* without a query it may name another entry of a feed that has few */
	if (which == KEY_BARE && m->known[k].link != e->link && !same_title(&m->known[k], e) &&
	    !same_date(&m->known[k], e) && m->count < 2)
		return false;
	claim(m, i, k);
	return true;
}

static bool match_by_title(struct matching *m, size_t i)
{
	const struct identity_keys *e = &m->entries[i];
	const struct slot *s;
	size_t n;

	if (!e->title || shared_here(m, e, KEY_TITLE))
		return false;
	s = lookup_find(&m->before[KEY_TITLE], e->title, &n);
	for (size_t j = 0; j < n; j++) {
		const struct identity_keys *k = &m->known[s[j].index];

		if (k->date != e->date || m->claimed[s[j].index])
			continue;
		/* without a date a title alone must not outweigh both an id and a link that differ */
		if (!e->date && k->link && e->link && k->bare != e->bare)
			continue;
		claim(m, i, s[j].index);
		return true;
	}
	return false;
}

/* An earlier new one of this document, of the same id or of the same link and title. */
static bool match_here(struct matching *m, size_t i)
{
	static const enum key kinds[] = {KEY_ID, KEY_LINK};
	const struct identity_keys *e = &m->entries[i];

	for (size_t w = 0; w < ARRAY_SIZE(kinds); w++) {
		size_t n;
		const struct slot *s = lookup_find(&m->here[kinds[w]], key_of(e, kinds[w]), &n);

		if (!n || s[0].index >= i || m->ret[s[0].index].answer != IDENTITY_NEW)
			continue;
		if (shared_here(m, e, kinds[w]) || (kinds[w] == KEY_ID && m->policy->ignore_ids))
			continue;
		m->ret[i] = (struct identity_match){IDENTITY_SAME, s[0].index, false};
		return true;
	}
	return false;
}

/* Half of the entries or more share their id with another. */
static bool ids_are_shared(const struct matching *m)
{
	size_t with = m->here[KEY_ID].count, distinct = 0;

	for (size_t i = 0; i < with; i++)
		distinct += !i || m->here[KEY_ID].slots[i].key != m->here[KEY_ID].slots[i - 1].key;
	return with >= 3 && distinct * 2 <= with;
}

/* A kind of key is given up when the same entries keep coming back with another of it. */
static void judge(struct matching *m)
{
	struct identity_policy *p = m->policy;

	p->new_ids = MIN(p->new_ids + (unsigned)MIN(m->new_ids, (size_t)1000), 1000000u);
	p->new_links = MIN(p->new_links + (unsigned)MIN(m->new_links, (size_t)1000), 1000000u);
	if (p->new_ids >= DOUBT_SURE && m->new_ids * 2 >= m->matched && m->new_ids)
		p->ignore_ids = true;
	if (p->new_links >= DOUBT_SURE && m->new_links * 2 >= m->matched && m->new_links)
		p->ignore_links = true;
}

static void match_all(struct matching *m)
{
	if (ids_are_shared(m))
		m->policy->ignore_ids = true;
	for (size_t i = 0; i < m->count; i++)
		m->ret[i] = (struct identity_match){IDENTITY_NEW, 0, false};
	for (size_t i = 0; i < m->count; i++)
		(void)match_by_id(m, i);
	for (size_t i = 0; i < m->count; i++)
		if (m->ret[i].answer == IDENTITY_NEW)
			(void)match_by_link(m, i, KEY_LINK);
	for (size_t i = 0; i < m->count; i++)
		if (m->ret[i].answer == IDENTITY_NEW)
			(void)match_by_title(m, i);
	/* what the others have shown holds for the one whose title was edited too */
	judge(m);
	for (size_t i = 0; i < m->count && m->policy->ignore_links; i++)
		if (m->ret[i].answer == IDENTITY_NEW)
			(void)match_by_link(m, i, KEY_BARE);
	for (size_t i = 0; i < m->count; i++)
		if (m->ret[i].answer == IDENTITY_NEW)
			(void)match_here(m, i);
}

enum err identity_match(struct identity_policy *policy, const struct identity_keys *known, size_t known_count,
			const struct identity_keys *entries, size_t count, struct identity_match *ret)
{
	struct matching m = {.policy = policy,
			     .known = known,
			     .entries = entries,
			     .known_count = known_count,
			     .count = count,
			     .ret = ret};
	bool ok = true;

	m.claimed = calloc(known_count + 1, sizeof(*m.claimed));
	for (enum key k = 0; k < KEY_COUNT; k++) {
		ok &= lookup_make(&m.before[k], known, known_count, k);
		ok &= lookup_make(&m.here[k], entries, count, k);
	}
	if (ok && m.claimed)
		match_all(&m);
	for (enum key k = 0; k < KEY_COUNT; k++) {
		free(m.before[k].slots);
		free(m.here[k].slots);
	}
	ok &= m.claimed != NULL;
	free(m.claimed);
	return ok ? ERR_OK : ERR_NOMEM;
}
