/* SPDX-License-Identifier: MIT */
/* view.h - what there is to be seen of ingestd: the one model that the pages, `ingestd status` and its JSON
 * are rendered from.
 *
 * Two halves. What is under way (struct view_live) only the service knows: a copy that its loop takes. The
 * rest is read from the state (store/look.h), on another thread, also where no service runs. All strings lie
 * in the arena that the caller gave, every list has a ceiling, and `more` says how many are left out. */
#ifndef INGESTD_STATUS_VIEW_H
#define INGESTD_STATUS_VIEW_H

#include "base/arena.h"
#include "document/shape.h"
#include "status/explain.h"
#include "store/look.h"

enum {
	VIEW_FLIGHTS = 24,
	VIEW_QUEUES = 40,
	VIEW_CARDS = 12,
	VIEW_CARD_CHANGES = 16, /* of one card; a document's own page shows VIEW_CHANGES */
	VIEW_STUCK = 20,
	VIEW_HOSTS = 30,
	VIEW_FEEDS = 40,
	VIEW_ROWS = 50,                /* of a list of documents */
	VIEW_CHANGES = 200,            /* of one document */
	VIEW_LINKS = 40,               /* of one document */
	VIEW_CARD_BYTES = 1024 * 1024, /* a larger document is not read for its card */
};

/* ---- what is under way ---- */

struct view_flight {
	struct span url;  /* of the present hop */
	const char *what; /* "page", "image", "feed", "robots.txt" */
	int64_t since;    /* seconds since 1970 */
	unsigned tries, hops;
};

struct view_queue {
	struct span site; /* the politeness unit: a registrable domain */
	uint64_t waiting;
	unsigned running;
	int64_t next_at; /* seconds since 1970; 0: as soon as another one ends */
	const char *why; /* static: what it waits for */
};

struct view_live {
	long pid;
	bool idle, network_down, dry_run;
	uint64_t in_hand;                       /* documents that are worked on or wait for their pages */
	unsigned running, queued, asking_rules; /* fetches; asking_rules: wait for a robots.txt */
	struct view_flight *flights;
	size_t flight_count, flights_more;
	struct view_queue *queues; /* most waiting first */
	size_t queue_count, queues_more;
};

/* ---- what the state says ---- */

/* Documents by what they were found to be. */
struct view_counts {
	int64_t all, states[STORE_STATE_COUNT], missing[FIELD_LINK_COUNT];
};

struct view_change {
	struct store_provenance row;
	struct span before, after; /* for people: without YAML's quotes, cut; SPAN_NONE: there was none */
};

/* A picture. url is an http(s) URL in normal form; copy: the name of its local copy, SPAN_NONE. */
struct view_image {
	struct span url, host, copy;
	unsigned width, height; /* 0: not known */
};

/* A document that was completed lately. */
struct view_card {
	struct span root, path, title, excerpt;
	struct view_image image; /* url SPAN_NONE: none */
	int64_t time, run;
	enum store_state state;
	struct view_change *changes; /* of this time, in the order of fields */
	size_t change_count, changes_more;
};

/* One that cannot be completed. */
struct view_stuck {
	struct look_document document;
	struct span *evidence; /* for the verdict, the strongest first */
	size_t evidence_count;
};

struct view_host {
	struct span host;
	unsigned urls;     /* that failed */
	unsigned failures; /* in a row, of the worst */
	int64_t failed_at, next_at;
	struct span url, why; /* of the worst */
};

struct view {
	int64_t now;
	const struct view_live *live; /* NULL: no service runs */
	struct span *roots;
	size_t root_count;
	struct view_counts counts;
	struct view_card *cards;
	size_t card_count;
	struct view_stuck *stuck;
	size_t stuck_count;
	struct view_host *hosts; /* most failures first */
	size_t host_count, hosts_more;
	struct store_poll *feeds; /* those that fail first, then by their next time */
	size_t feed_count;
	bool feeds_more, stuck_more;
	struct look_run last; /* id 0: there was none */
	bool cut_short;       /* the time was over before all was read */
};

/* How many there are of each kind, over all folders. */
CHECKED enum err view_read_counts(struct look *l, struct arena *a, struct view_counts *ret, struct error *e);

struct view_options {
	const struct config *config;
	const struct shape *shape;
	int64_t now;
	const struct view_live *live; /* NULL */
	const struct span *folders;   /* content folders whose documents may be read; of others nothing is */
	size_t folder_count;
};

/* The overview. */
CHECKED enum err view_read(struct look *l, const struct view_options *o, struct arena *a, struct view *ret,
			   struct error *e);

/* ---- one document ---- */

struct view_field {
	struct span value; /* as it stands there, cut; SPAN_NONE: absent */
	unsigned line;
	enum gap gap;
};

struct view_link {
	int related; /* -1: the article itself */
	unsigned line;
	struct span url; /* as written */
	struct span key; /* what is asked for; SPAN_NONE: it cannot be */
	struct view_field fields[FIELD_LINK_COUNT];
};

struct view_document {
	struct look_document known; /* state UNKNOWN, zeroed: nothing is known of it */
	struct span root, path, title, excerpt;
	struct view_image image;
	struct error trouble; /* text[0]: it could not be read, or parsed */
	uint64_t bytes;
	bool opted_out;
	struct view_link *links;
	size_t link_count, links_more;
	struct explained *urls; /* of those links that lack something, each once; at most VIEW_LINKS */
	size_t url_count;
	struct view_change *changes; /* newest first */
	size_t change_count;
	bool changes_more;
};

/* ERR_NOTFOUND: root is none of the folders, or there is no such document (unless the state knows it).
 * Nothing outside the folder is opened, whatever path says. */
CHECKED enum err view_document(struct look *l, const struct view_options *o, struct span root,
			       struct span path, struct arena *a, struct view_document *ret, struct error *e);

/* ---- for those who render ---- */

/* A value's bytes as they stand in YAML, for people: without quotes, white space at its ends, and what is
 * over max bytes. In the arena. */
struct span view_plain(struct span raw, size_t max, struct arena *a);
/* Whether a document or a URL may be what somebody means: SPAN_NONE for what is no http or https URL. */
struct span view_url_key(struct span text, struct arena *a);

#endif
