/* SPDX-License-Identifier: MIT */
/* xml_ns.h - what namespaces mean; inside lib/feed only. */
#ifndef INGESTD_FEED_XML_NS_H
#define INGESTD_FEED_XML_NS_H

#include "feed/xml.h"

/* By URI, in the spellings that feeds use; an empty one is CORE. */
enum xml_ns xml_ns_by_uri(struct span uri);
/* By custom, for a prefix that no element around declares. */
enum xml_ns xml_ns_by_prefix(struct span prefix);

#endif
