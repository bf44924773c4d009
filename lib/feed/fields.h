/* SPDX-License-Identifier: MIT */
/* fields.h - the handlers of table.c's rows; inside lib/feed only. */
#ifndef INGESTD_FEED_FIELDS_H
#define INGESTD_FEED_FIELDS_H

#include "feed/parse.h"

typedef void field_handler(struct parser *p, const struct row *row);

field_handler field_title, field_summary, field_description, field_content; /* constructs */
field_handler field_date, field_dc_date;
field_handler field_link, field_origin_link, field_origin_enclosure, field_guid, field_id, field_href_link;
field_handler field_author, field_person, field_person_name; /* author: a text or a person */
field_handler field_category, field_keywords;
field_handler field_enclosure, field_media_content, field_media, field_thumbnail, field_podcast_enclosure;
field_handler field_image, field_image_url, field_image_href, field_image_text, field_image_link;
field_handler field_source, field_source_title, field_source_link;
field_handler field_language, field_comments;
/* of feeds only */
field_handler field_generator, field_ttl, field_period, field_frequency, field_hours, field_hour, field_days,
	field_day, field_complete, field_archive, field_new_url, field_finished;
/* what holds others */
field_handler field_root, field_feed, field_entry;

#endif
