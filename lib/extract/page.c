/* SPDX-License-Identifier: MIT */
#include <libxml/parser.h>

#include "extract/extract.h"
#include "extract/xml_memory.h"

void extract_init(void)
{
	/* refused only when libxml2 runs already: then its memory is the system's, as ever */
	if (xml_memory_init())
		xmlInitParser();
}
