/* SPDX-License-Identifier: MIT */
/* uses: status */
/* Input: a file of metrics. What was read of it is written and read again as the same. */
#include "status/metrics.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strbuf first = STRBUF_INIT(METRICS_TEXT_MAX), second = STRBUF_INIT(METRICS_TEXT_MAX);
	static struct metrics m, again;

	metrics_read(&m, span_of((const char *)data, size));
	for (size_t id = 0; id < METRIC_COUNT; id++)
		for (size_t i = 0; i < METRIC_SLOTS; i++)
			assert(m.at[id][i] >= 0);
	if (!metrics_text(&m, false, &first)) {
		metrics_read(&again, strbuf_span(&first));
		/* nine digits of what is no whole number are kept, so that the text is the same from then on
		 */
		if (!metrics_text(&again, false, &second)) {
			strbuf_truncate(&first, 0);
			metrics_read(&m, strbuf_span(&second));
			if (!metrics_text(&m, false, &first))
				assert(span_eq(strbuf_span(&first), strbuf_span(&second)));
		}
	}
	strbuf_release(&first);
	strbuf_release(&second);
	return 0;
}
