/* SPDX-License-Identifier: MIT */
/* uses: config */
/* Any text is a configuration or a message; what is printed reads again as itself. */
#include <assert.h>

#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(strbuf_release) struct strbuf first = STRBUF_INIT(64 << 20), second = STRBUF_INIT(64 << 20);
	struct config *c = NULL, *again = NULL;
	struct error e = {.text = ""};

	if (config_parse(span_of((const char *)data, size), "/etc/fuzz.yaml", &c, &e)) {
		assert(e.text[0]);
		return 0;
	}
	assert(config_print(c, &first) == ERR_OK);
	if (size < 65536) { /* printing may spell at length what was given short */
		enum err r = config_parse(strbuf_span(&first), "/etc/fuzz.yaml", &again, &e);

		assert(r == ERR_OK || r == ERR_TOOBIG);
		if (!r) {
			assert(again->fingerprint == c->fingerprint);
			assert(config_print(again, &second) == ERR_OK);
		}
	}
	(void)config_host(c, SPAN("a.b.example.org"));
	config_free(again);
	config_free(c);
	return 0;
}
