/* SPDX-License-Identifier: MIT */
/* What each element means: one row, one element. Rows stand by namespace, then by name (a binary search finds
 * them). Elements of Atom are rows of CORE: in feeds of another format they rank RANK_FOREIGN lower. */
#include "feed/fields.h"

#define BIT(frame) (1u << FRAME_##frame)
enum {
	TOP = BIT(TOP),
	OUTER = BIT(TOP) | BIT(ROOT) | BIT(NONE),
	F = BIT(FEED),
	E = BIT(ENTRY),
	M = BIT(MEDIA),
	FE = F | E,
	FEM = F | E | M,
};

/* clang-format off */
static const struct row rows[] = {
	{XML_NS_CORE, "a", FE, field_href_link, SLOT_LINK, 1}, /* CDF */
	{XML_NS_CORE, "abstract", FE, field_description, SLOT_SUMMARY, 1},
	{XML_NS_CORE, "author", FE, field_author, SLOT_AUTHOR, 0},
	{XML_NS_CORE, "body", E, field_content, SLOT_CONTENT, 2},
	{XML_NS_CORE, "category", FE, field_category, SLOT_COUNT, 0},
	{XML_NS_CORE, "channel", OUTER, field_feed, SLOT_COUNT, 0},
	{XML_NS_CORE, "comments", E, field_comments, SLOT_COMMENTS, 1},
	{XML_NS_CORE, "content", E, field_content, SLOT_CONTENT, 0},
	{XML_NS_CORE, "created", FE, field_date, SLOT_PUBLISHED, 3},
	{XML_NS_CORE, "date", FE, field_date, SLOT_PUBLISHED, 4},
	{XML_NS_CORE, "day", BIT(DAYS), field_day, SLOT_COUNT, 0},
	{XML_NS_CORE, "description", FE, field_description, SLOT_SUMMARY, 1},
	{XML_NS_CORE, "enclosure", E, field_enclosure, SLOT_COUNT, 0},
	{XML_NS_CORE, "encoded", E, field_content, SLOT_CONTENT, 1},
	{XML_NS_CORE, "entry", OUTER | FE, field_entry, SLOT_COUNT, 0},
	{XML_NS_CORE, "feed", OUTER, field_feed, SLOT_COUNT, 0},
	{XML_NS_CORE, "fullitem", E, field_content, SLOT_CONTENT, 2},
	{XML_NS_CORE, "generator", F, field_generator, SLOT_COUNT, 0},
	{XML_NS_CORE, "guid", E, field_guid, SLOT_ID, 0},
	{XML_NS_CORE, "hour", BIT(HOURS), field_hour, SLOT_COUNT, 0},
	{XML_NS_CORE, "icon", F, field_image_text, SLOT_IMAGE, 2},
	{XML_NS_CORE, "id", FE | BIT(SOURCE), field_id, SLOT_ID, 0},
	{XML_NS_CORE, "image", FE | BIT(ROOT), field_image, SLOT_IMAGE, 0},
	{XML_NS_CORE, "issued", FE, field_date, SLOT_PUBLISHED, 1},
	{XML_NS_CORE, "item", OUTER | FE, field_entry, SLOT_COUNT, 0},
	{XML_NS_CORE, "language", FE, field_language, SLOT_LANGUAGE, 0},
	{XML_NS_CORE, "lastbuilddate", F, field_date, SLOT_UPDATED, 0},
	{XML_NS_CORE, "link", FE, field_link, SLOT_LINK, 1},
	{XML_NS_CORE, "link", BIT(SOURCE), field_source_link, SLOT_COUNT, 0},
	{XML_NS_CORE, "logo", F, field_image_text, SLOT_IMAGE, 1},
	{XML_NS_CORE, "managingeditor", F, field_author, SLOT_AUTHOR, 0},
	{XML_NS_CORE, "modified", FE, field_date, SLOT_UPDATED, 1},
	{XML_NS_CORE, "name", BIT(PERSON), field_person_name, SLOT_COUNT, 0},
	{XML_NS_CORE, "pubdate", FE, field_date, SLOT_PUBLISHED, 0},
	{XML_NS_CORE, "published", FE, field_date, SLOT_PUBLISHED, 0},
	{XML_NS_CORE, "rss", OUTER, field_root, SLOT_COUNT, 0},
	{XML_NS_CORE, "skipdays", F, field_days, SLOT_COUNT, 0},
	{XML_NS_CORE, "skiphours", F, field_hours, SLOT_COUNT, 0},
	{XML_NS_CORE, "source", E, field_source, SLOT_COUNT, 0},
	{XML_NS_CORE, "subtitle", F, field_description, SLOT_SUMMARY, 1},
	{XML_NS_CORE, "summary", FE, field_summary, SLOT_SUMMARY, 0},
	{XML_NS_CORE, "tagline", F, field_description, SLOT_SUMMARY, 1},
	{XML_NS_CORE, "tags", FE, field_keywords, SLOT_COUNT, 0},
	{XML_NS_CORE, "title", FE, field_title, SLOT_TITLE, 0},
	{XML_NS_CORE, "title", BIT(SOURCE), field_source_title, SLOT_COUNT, 0},
	{XML_NS_CORE, "ttl", F, field_ttl, SLOT_COUNT, 0},
	{XML_NS_CORE, "updated", FE, field_date, SLOT_UPDATED, 0},
	{XML_NS_CORE, "url", BIT(IMAGE), field_image_url, SLOT_IMAGE, 0},

	{XML_NS_RDF, "rdf", OUTER, field_root, SLOT_COUNT, 0},

	{XML_NS_DC, "author", FE, field_author, SLOT_AUTHOR, 1},
	{XML_NS_DC, "creator", FE, field_author, SLOT_AUTHOR, 1},
	{XML_NS_DC, "date", FE, field_dc_date, SLOT_COUNT, 5},
	{XML_NS_DC, "description", FE, field_description, SLOT_SUMMARY, 4},
	{XML_NS_DC, "identifier", E, field_id, SLOT_ID, 40},
	{XML_NS_DC, "language", FE, field_language, SLOT_LANGUAGE, 1},
	{XML_NS_DC, "subject", FE, field_category, SLOT_COUNT, 0},
	{XML_NS_DC, "title", FE, field_title, SLOT_TITLE, 10},

	{XML_NS_DCTERMS, "abstract", FE, field_description, SLOT_SUMMARY, 4},
	{XML_NS_DCTERMS, "created", FE, field_date, SLOT_PUBLISHED, 4},
	{XML_NS_DCTERMS, "creator", FE, field_author, SLOT_AUTHOR, 2},
	{XML_NS_DCTERMS, "date", FE, field_dc_date, SLOT_COUNT, 5},
	{XML_NS_DCTERMS, "issued", FE, field_date, SLOT_PUBLISHED, 2},
	{XML_NS_DCTERMS, "modified", FE, field_date, SLOT_UPDATED, 2},
	{XML_NS_DCTERMS, "subject", FE, field_category, SLOT_COUNT, 0},
	{XML_NS_DCTERMS, "title", FE, field_title, SLOT_TITLE, 11},

	{XML_NS_CONTENT, "encoded", E, field_content, SLOT_CONTENT, 0},

	{XML_NS_MEDIA, "category", FEM, field_category, SLOT_COUNT, 0},
	{XML_NS_MEDIA, "content", FEM, field_media_content, SLOT_IMAGE, 1},
	{XML_NS_MEDIA, "description", FEM, field_description, SLOT_SUMMARY, 40},
	{XML_NS_MEDIA, "group", FEM, field_media, SLOT_COUNT, 0},
	{XML_NS_MEDIA, "keywords", FEM, field_keywords, SLOT_COUNT, 0},
	{XML_NS_MEDIA, "thumbnail", FEM, field_thumbnail, SLOT_IMAGE, 0},
	{XML_NS_MEDIA, "title", FEM, field_title, SLOT_TITLE, 40},

	{XML_NS_ITUNES, "author", FE, field_author, SLOT_AUTHOR, 3},
	{XML_NS_ITUNES, "category", FE | BIT(CATEGORY), field_category, SLOT_COUNT, 0},
	{XML_NS_ITUNES, "complete", F, field_finished, SLOT_COUNT, 0},
	{XML_NS_ITUNES, "image", FE, field_image_href, SLOT_IMAGE, 3},
	{XML_NS_ITUNES, "keywords", FE, field_keywords, SLOT_COUNT, 0},
	{XML_NS_ITUNES, "link", FE, field_image_link, SLOT_IMAGE, 3},
	{XML_NS_ITUNES, "name", BIT(PERSON), field_person_name, SLOT_COUNT, 0},
	{XML_NS_ITUNES, "new-feed-url", F, field_new_url, SLOT_COUNT, 0},
	{XML_NS_ITUNES, "owner", F, field_author, SLOT_AUTHOR, 6},
	{XML_NS_ITUNES, "subtitle", FE, field_description, SLOT_SUMMARY, 31},
	{XML_NS_ITUNES, "summary", FE, field_description, SLOT_SUMMARY, 30},
	{XML_NS_ITUNES, "title", FE, field_title, SLOT_TITLE, 41},

	{XML_NS_PODCAST, "alternateenclosure", E, field_podcast_enclosure, SLOT_COUNT, 0},
	{XML_NS_PODCAST, "guid", F, field_id, SLOT_ID, 40},

	{XML_NS_GOOGLEPLAY, "author", FE, field_author, SLOT_AUTHOR, 4},
	{XML_NS_GOOGLEPLAY, "category", FE, field_category, SLOT_COUNT, 0},
	{XML_NS_GOOGLEPLAY, "description", FE, field_description, SLOT_SUMMARY, 32},
	{XML_NS_GOOGLEPLAY, "image", FE, field_image_href, SLOT_IMAGE, 5},

	{XML_NS_SY, "updatefrequency", F, field_frequency, SLOT_COUNT, 0},
	{XML_NS_SY, "updateperiod", F, field_period, SLOT_COUNT, 0},

	{XML_NS_FEEDBURNER, "origenclosurelink", E, field_origin_enclosure, SLOT_COUNT, 0},
	{XML_NS_FEEDBURNER, "origlink", E, field_origin_link, SLOT_LINK, 0},

	{XML_NS_FH, "archive", F, field_archive, SLOT_COUNT, 0},
	{XML_NS_FH, "complete", F, field_complete, SLOT_COUNT, 0},

	{XML_NS_XHTML, "body", E, field_content, SLOT_CONTENT, 1},
	{XML_NS_XHTML, "div", E, field_content, SLOT_CONTENT, 3},
};
/* clang-format on */

/* name is in the feed's own case. */
static int compare(enum xml_ns ns, struct span name, const struct row *row)
{
	size_t i = 0;

	if (ns != row->ns)
		return ns < row->ns ? -1 : 1;
	for (; i < name.len && row->name[i]; i++) {
		int order = (unsigned char)byte_lower(name.ptr[i]) - (unsigned char)row->name[i];

		if (order)
			return order;
	}
	return (i < name.len) - (row->name[i] != 0);
}

const struct row *table_find(enum xml_ns ns, struct span name, enum frame parent)
{
	size_t low = 0, high = ARRAY_SIZE(rows);

	if (ns == XML_NS_ATOM)
		ns = XML_NS_CORE;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(ns, name, &rows[middle]) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < ARRAY_SIZE(rows) && compare(ns, name, &rows[low]) == 0; low++)
		if (rows[low].frames & 1u << parent)
			return &rows[low];
	return NULL;
}
