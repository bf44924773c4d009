/* SPDX-License-Identifier: MIT */
#include "config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "config/table.h"

enum { ARENA_MAX = 256 << 20, PATH_LENGTH_MAX = 4096 };

/* ---- settings of a mapping ---- */

/* Names that may stand where `map` stands, for messages; group: "pace" of "pace.gap", or empty. */
static size_t names_allowed(const struct bases *to, struct span group, const char **ret)
{
	size_t n = 0;

	for (size_t i = 0; i < key_count; i++) {
		struct span name = span_str(keys[i].name);

		if (keys[i].type == KEY_GROUP ? group.len || !to->whole
					      : !key_base(to, keys[i].host, keys[i].feed))
			continue;
		if (group.len &&
		    !(span_starts(name, group) && name.len > group.len && name.ptr[group.len] == '.'))
			continue;
		ret[n++] = keys[i].name;
	}
	ret[n] = NULL;
	return n;
}

static enum err unknown_key(struct reading *rd, const struct node *key, struct span full, struct span group,
			    const struct bases *to)
{
	const char *names[KEYS_MAX + 1], *near;
	const struct bases all = bases_of(&rd->w->c);
	const struct key *elsewhere = key_find(full);
	size_t n, count = names_allowed(to, group, names);

	if (!rd->e)
		return ERR_INVALID;
	if (elsewhere || (!to->whole && key_is_group(full, &all)))
		return err_set_at(rd->e, ERR_INVALID, key->line, key->col,
				  "found key '%s%.*s'; it is allowed for all %s only", rd->where,
				  SPAN_ARG(full), to->feed ? "feeds" : "hosts");
	err_set_at(rd->e, ERR_INVALID, key->line, key->col, "found unknown key '%.100s%.*s'", rd->where,
		   (int)MIN(full.len, 60), full.ptr);
	near = word_nearest(full, names);
	if (!near) /* `gap` at the top is meant for pace.gap */
		near = word_nearest(key->text, names);
	n = strlen(rd->e->text);
	for (size_t i = 0; i < count && n < 400; i++) {
		struct span name = span_str(names[i]);
		size_t skip = group.len ? group.len + 1 : 0;
		int k;

		if (!group.len && span_find_byte(name, '.') >= 0 && to->whole)
			continue; /* its heading is listed */
		k = snprintf(rd->e->text + n, sizeof(rd->e->text) - n, "%s%s",
			     i ? ", " : "; allowed: ", names[i] + skip);
		n += k > 0 ? (size_t)k : 0;
	}
	if (near)
		(void)snprintf(rd->e->text + n, sizeof(rd->e->text) - n, "; did you mean '%s'?", near);
	return ERR_INVALID;
}

/* Goes no deeper than the table's names have dots. */
static enum err read_group(struct reading *rd, const struct node *map, struct span group,
			   const struct bases *to, key_set *set)
{
	enum err r = ERR_OK;

	for (const struct pair *p = map->first; p && !r; p = p->next) {
		char buf[128];
		int len = snprintf(buf, sizeof(buf), "%.*s%s%.*s", SPAN_ARG(group), group.len ? "." : "",
				   (int)MIN(p->key->text.len, 100), p->key->text.ptr);
		struct span full = span_of(buf, (size_t)MIN(MAX(len, 0), (int)sizeof(buf) - 1));
		const struct key *k = key_find(full);
		void *base = k && k->type != KEY_GROUP ? key_base(to, k->host, k->feed) : NULL;

		if (base) {
			/* pace: {gap: 1s} and pace.gap: 2s are one key */
			if (*set & key_bit(k))
				return err_set_at(rd->e, ERR_INVALID, p->key->line, p->key->col,
						  "found key '%s%s' again; once is allowed", rd->where, buf);
			r = key_read(rd, k, p->value, base);
			if (!r && !tree_is_null(p->value))
				*set |= key_bit(k);
		} else if (key_is_group(full, to)) {
			if (tree_is_null(p->value))
				continue;
			if (p->value->kind != NODE_MAP)
				return err_set_at(rd->e, ERR_INVALID, p->value->line, p->value->col,
						  "'%s%s': found %s; a mapping is allowed", rd->where, buf,
						  node_found(p->value));
			r = read_group(rd, p->value, full, to, set);
		} else {
			r = unknown_key(rd, p->key, full, group, to);
		}
	}
	return r;
}

enum err read_settings(struct reading *rd, const struct node *map, const struct bases *to, key_set *set)
{
	return read_group(rd, map, SPAN(""), to, set);
}

/* ---- what no table can say ---- */

static enum err set_defaults(struct reading *rd)
{
	enum err r = ERR_OK;

	for (size_t i = 0; i < key_count && !r; i++) {
		const struct key *k = &keys[i];
		const struct bases to = bases_of(&rd->w->c);
		struct node *n = NULL;

		if (!k->def)
			continue;
		r = tree_read(span_str(k->def), &rd->w->arena, &n, rd->e);
		if (!r && n)
			r = key_read(rd, k, n, key_base(&to, k->host, k->feed));
	}
	return r;
}

/* systemd's folder (the first of a list), else XDG's. */
static enum err state_default(struct reading *rd)
{
	const char *systemd = getenv("STATE_DIRECTORY"), *xdg = getenv("XDG_STATE_HOME");
	const struct key *k = key_find(SPAN("state"));
	struct node n = {.kind = NODE_SCALAR, .line = 1, .col = 1, .text = SPAN("~/.local/state/ingestd")};
	char buf[PATH_LENGTH_MAX];

	if (systemd && *systemd == '/') {
		struct span rest = span_str(systemd);

		n.text = span_split(&rest, ':');
	} else if (xdg && *xdg == '/') {
		(void)snprintf(buf, sizeof(buf), "%.4000s/ingestd", xdg);
		n.text = span_str(buf);
	}
	return read_path(rd, k, &n, &rd->w->c.state);
}

static enum err whole_checks(struct reading *rd)
{
	const struct config *c = &rd->w->c;

	if (c->excerpt_min > c->excerpt_max)
		return err_set(rd->e, ERR_RANGE, "found excerpt.min %u; at most excerpt.max, %u, is allowed",
			       c->excerpt_min, c->excerpt_max);
	if (c->image_cache_local && (!c->image_cache || !c->image_cache_url))
		return err_set(rd->e, ERR_INVALID,
			       "found image-cache.local; it is allowed beside image-cache.folder and "
			       "image-cache.url");
	return ERR_OK;
}

/* Of what decides about a document's text, in a fixed order; and of what opens a page that was closed. */
static enum err fingerprint(struct config *c)
{
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(1 << 20);
	enum err r = strbuf_addf(&b, "1 %s %u %u %d%s", c->preset, c->excerpt_min, c->excerpt_max,
				 c->shared_images, c->moves ? "" : " no moves");

	for (size_t i = 0; i < c->field_count && !r; i++)
		r = strbuf_addf(&b, "\n%s=%s", c->fields[i].name, c->fields[i].key);
	for (size_t i = 0; i < c->tracking.count && !r; i++)
		r = strbuf_addf(&b, "\n%s %s", c->tracking.rules[i].scope, c->tracking.rules[i].names);
	if (!r && !c->defaults.robots)
		r = strbuf_addf(&b, "\nno robots");
	for (size_t i = 0; i < c->host_count && !r; i++)
		if (c->hosts[i].settings.robots != c->defaults.robots)
			r = strbuf_addf(&b, "\nrobots %s", c->hosts[i].host);
	for (size_t i = 0; i < FIELD_LINK_COUNT && !r; i++)
		r = strbuf_addf(&b, "\n%d", (int)c->policy[i]);
	if (!r)
		r = strbuf_addf(&b, "\nimages %u %d %d %s", c->images, c->image_cache != NULL,
				c->image_cache_local, c->image_cache_url ? c->image_cache_url : "");
	if (!r)
		c->fingerprint = hash64(strbuf_span(&b));
	return r;
}

/* "FILE:LINE:COLUMN: text"; a long path loses its beginning, not the message its end. */
static enum err with_place(struct error *e, const char *path, enum err code)
{
	char text[sizeof(e->text)], place[32] = "";
	size_t len = path ? strlen(path) : 0, cut = len > 120 ? len - 117 : 0;

	if (!e)
		return code;
	memcpy(text, e->text, sizeof(text));
	if (!path)
		path = "(defaults)";
	if (e->line)
		(void)snprintf(place, sizeof(place), ":%u:%u", e->line, e->col);
	if (snprintf(e->text, sizeof(e->text), "%s%s%s: %s", cut ? "..." : "", path + cut, place, text) < 0)
		e->text[0] = 0;
	e->code = code;
	return code;
}

static enum err apply(struct reading *rd, struct span text)
{
	struct node *root = NULL;
	struct config *c = &rd->w->c;
	const struct bases to = bases_of(c);
	enum err r = set_defaults(rd);

	if (!r)
		r = tree_read(text, &rd->w->arena, &root, rd->e);
	if (!r && root && root->kind != NODE_MAP && !tree_is_null(root))
		r = err_set_at(rd->e, ERR_INVALID, root->line, root->col,
			       "found %s; a mapping of keys is allowed", node_found(root));
	if (!r && root)
		r = read_settings(rd, root, &to, &rd->w->set);
	if (!r && rd->hosts)
		r = read_hosts(rd, rd->hosts);
	if (!r)
		r = read_feeds(rd, rd->feeds);
	if (!r && !c->state)
		r = state_default(rd);
	if (!r)
		r = whole_checks(rd);
	return r ? r : fingerprint(c);
}

static struct whole *whole_free(struct whole *w)
{
	if (w)
		arena_release(&w->arena);
	free(w);
	return NULL;
}

static enum err folder_of(const char *path, char folder[PATH_LENGTH_MAX], struct error *e)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	size_t len = slash ? (size_t)(slash - path) : 0, n;

	if (path && *path == '/') {
		len = MAX(len, 1);
		if (len >= PATH_LENGTH_MAX)
			return err_set(e, ERR_TOOBIG, "the path is too long");
		memcpy(folder, path, len);
		folder[len] = 0;
		return ERR_OK;
	}
	if (!getcwd(folder, PATH_LENGTH_MAX))
		return err_set_errno(e, errno, "current folder");
	n = strlen(folder);
	if (n + len + 2 > PATH_LENGTH_MAX)
		return err_set(e, ERR_TOOBIG, "the path is too long");
	if (len)
		(void)snprintf(folder + n, PATH_LENGTH_MAX - n, "/%.*s", (int)len, path);
	return ERR_OK;
}

enum err config_parse(struct span text, const char *path, struct config **ret, struct error *e)
{
	struct error own;
	struct whole *w = calloc(1, sizeof(*w));
	struct reading rd = {.w = w, .where = "", .in_file = path != NULL, .e = e ? e : &own};
	char folder[PATH_LENGTH_MAX];
	enum err r;

	if (!w)
		return err_set(e, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
	w->arena = ARENA_INIT(ARENA_MAX);
	own.text[0] = 0;
	r = folder_of(path, folder, rd.e);
	rd.folder = folder;
	if (!r)
		r = apply(&rd, text);
	if (!r && path) {
		w->c.path = arena_strdup(&w->arena, span_str(path));
		if (!w->c.path)
			r = no_memory(&rd);
	}
	if (r) {
		r = with_place(rd.e, rd.file ? rd.file : path, r); /* file lies in the arena */
		whole_free(w);
		return r;
	}
	*ret = &w->c;
	return ERR_OK;
}

struct config *config_free(struct config *c)
{
	whole_free((struct whole *)c);
	return NULL;
}

/* ---- the file ---- */

static enum err file_read(int fd, struct strbuf *out, struct error *e)
{
	struct stat st;

	if (fstat(fd, &st))
		return err_set_errno(e, errno, "not readable");
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_KIND, "%s", err_text(ERR_KIND));
	for (;;) {
		enum err r = strbuf_reserve(out, 16384);
		ssize_t n;

		if (r)
			return err_set(e, r,
				       r == ERR_TOOBIG
					       ? "found more than 1 MiB; that is the most that is allowed"
					       : "out of memory");
		n = read(fd, out->ptr + out->len, 16384);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set_errno(e, errno, "not readable");
		if (n == 0)
			return ERR_OK;
		out->len += (size_t)n;
	}
}

enum err read_text_file(const char *path, struct strbuf *out, struct error *e)
{
	/* O_NONBLOCK: a FIFO must not hang us before it is refused */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	enum err r;

	if (fd < 0)
		return err_set_errno(e, errno, "%.200s", path);
	r = file_read(fd, out, e);
	close(fd);
	return r ? with_place(e, path, r) : ERR_OK;
}

static enum err read_named(const char *path, struct config **ret, struct error *e)
{
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(TREE_BYTES_MAX + 32768);
	struct config *c = NULL;
	struct error own;
	enum err r;

	if (!e)
		e = &own;
	r = read_text_file(path, &text, e);
	if (!r)
		r = config_parse(strbuf_span(&text), path, &c, e);
	if (!r)
		r = open_secrets((struct whole *)c, e);
	if (!r)
		*ret = c;
	else if (c)
		with_place(e, path, r);
	if (r)
		config_free(c);
	return r;
}

enum err config_read(const char *path, struct config **ret, struct error *e)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char places[2][PATH_LENGTH_MAX] = {"", "/etc/ingestd/ingestd.yaml"};

	if (path)
		return read_named(path, ret, e);
	if (xdg && *xdg == '/')
		(void)snprintf(places[0], PATH_LENGTH_MAX, "%.4000s/ingestd/ingestd.yaml", xdg);
	else if (home && *home == '/')
		(void)snprintf(places[0], PATH_LENGTH_MAX, "%.4000s/.config/ingestd/ingestd.yaml", home);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		enum err r = *places[i] ? read_named(places[i], ret, e) : ERR_NOTFOUND;

		if (r != ERR_NOTFOUND)
			return r;
	}
	return config_parse(SPAN_NONE, NULL, ret, e);
}

/* ---- hosts ---- */

static const struct host_override *find_override(const struct config *c, const char *prefix, struct span host)
{
	size_t plen = strlen(prefix);

	for (size_t low = 0, high = c->host_count; low < high;) {
		size_t mid = low + (high - low) / 2;
		struct span name = span_str(c->hosts[mid].host);
		int cmp = span_cmp(span_sub(name, 0, plen), span_of(prefix, plen));

		if (!cmp)
			cmp = span_cmp(span_sub(name, plen, name.len), host);
		if (!cmp)
			return &c->hosts[mid];
		if (cmp < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

const struct host_settings *config_host(const struct config *c, struct span host)
{
	const struct host_override *o = c->host_count ? find_override(c, "", host) : NULL;

	while (!o && c->host_count) {
		ptrdiff_t dot = span_find_byte(host, '.');

		if (dot < 0)
			break;
		host = span_sub(host, (size_t)dot + 1, host.len);
		o = find_override(c, "*.", host);
	}
	return o ? &o->settings : &c->defaults;
}
