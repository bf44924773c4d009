/* SPDX-License-Identifier: MIT */
/* html_assets.c - the files of assets/, compiled in. */
#include "status/html.h"

#include "html_assets.h" /* made by CMakeLists.txt: bytes of each */

static const struct html_asset assets[] = {
	{"page.css", "text/css; charset=utf-8", page_css, sizeof(page_css)},
	{"page.js", "text/javascript; charset=utf-8", page_js, sizeof(page_js)},
	{"icon.svg", "image/svg+xml", icon_svg, sizeof(icon_svg)},
};

const struct html_asset *html_asset(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(assets); i++)
		if (strcmp(assets[i].name, name) == 0)
			return &assets[i];
	return NULL;
}
