/* SPDX-License-Identifier: MIT */
#include "status/metrics.h"

#include "base/field.h"
#include "base/outcome.h"
#include "store/store.h"

#define VALUES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define X(name, text) text,

static const char *const fields[] = {FIELD_MAP(X) NULL};

/* Verdicts of pages, then what else may come of a fetch; what is in neither is "other". */
static const char *const results[] = {
	"article",  "challenge", "consent",  "login",    "paywall",  "soft-404",  "parked",
	"error",    "thin",      "listing",  "not-html", "feed",     "unchanged", "put-off",
	"http-403", "http-404",  "http-410", "http-429", "http-4xx", "http-5xx",  "http-other",
	"dns",      "connect",   "tls",      "timeout",  "redirect", "too-large", "refused-by-policy",
	"protocol", "other",     NULL};
_Static_assert(ARRAY_SIZE(results) <= METRIC_SLOTS + 1, "one slot each");
static const char *const image_results[] = {OUTCOME_MAP(X) NULL};
static const char *const states[] = {STORE_STATE_MAP(X) NULL};

/* From a page that lies beside us to the longest timeout that is usual. */
static const double fetch_bounds[] = {0.01, 0.03, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 0};
/* A document waits for its slowest page, and that for its turn. */
static const double document_bounds[] = {0.01, 0.1, 1, 5, 15, 60, 300, 1800, 7200, 0};
/* Those of daemon/report/turns.h, which are powers of two of a microsecond. */
static const double turn_bounds[] = {0.000064, 0.000256, 0.001024, 0.004096, 0.016384, 0.065536, 0.262144, 0};
static const double database_bounds[] = {0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 0};

#define COUNTER .kind = METRIC_IS_COUNTER
#define GAUGE .kind = METRIC_IS_GAUGE
#define HISTOGRAM(b) .kind = METRIC_IS_HISTOGRAM, .bounds = (b)
#define BY(name, list) .label = (name), .values = (list)
#define LIVE .live = true

const struct metric metric_table[METRIC_COUNT] = {
	[METRIC_BUILD_INFO] = {"ingestd_build_info", "A constant 1 with the program's version.", GAUGE,
			       BY("version", VALUES(INGESTD_VERSION))},
	[METRIC_LAST_SUCCESS] =
		{"ingestd_last_success_timestamp_seconds",
		 "When a pass over all documents last ended well, seconds since 1970; 0 for never.", GAUGE},
	[METRIC_LAST_PASS] = {"ingestd_last_pass_timestamp_seconds",
			      "When a pass over all documents last ended, well or not, seconds since 1970.",
			      GAUGE},
	[METRIC_PASS_SUCCEEDED] = {"ingestd_last_pass_succeeded",
				   "Whether the last pass over all documents ended well.", GAUGE},
	[METRIC_PASS_SECONDS] = {"ingestd_last_pass_duration_seconds",
				 "How long the last pass over all documents took.", GAUGE},
	[METRIC_HEALTHY] = {"ingestd_healthy", "Whether /healthz answers 200.", GAUGE, LIVE},
	[METRIC_DOCUMENTS] =
		{"ingestd_documents",
		 "Documents by what they were last found to be: complete, open (something is missing), "
		 "waiting (the same, and its URLs were put off), refused (could not be read or written "
		 "safely), ignored (no link, or opted out).",
		 GAUGE, BY("state", states)},
	[METRIC_GAPS] = {"ingestd_documents_missing", "Documents in which this field is missing.", GAUGE,
			 BY("field", fields)},
	[METRIC_FETCHES] = {"ingestd_fetches_total",
			    "Pages and feeds that were asked for, by the page's verdict or what went wrong.",
			    COUNTER, BY("result", results)},
	[METRIC_FETCH_BYTES] = {"ingestd_fetched_bytes_total", "Bytes of bodies from the network.", COUNTER},
	[METRIC_IMAGES] = {"ingestd_image_fetches_total", "Images that were asked for, by how that ended.",
			   COUNTER, BY("result", image_results)},
	[METRIC_WRITES] = {"ingestd_documents_written_total", "Documents that were changed or made.",
			   COUNTER},
	[METRIC_FIELDS] = {"ingestd_fields_written_total", "Values that were written, by field.", COUNTER,
			   BY("field", fields)},
	[METRIC_CONFLICTS] =
		{"ingestd_write_conflicts_total",
		 "Changes that were dropped because somebody else changed the document meanwhile.", COUNTER},
	[METRIC_REFUSALS] = {"ingestd_write_failures_total",
			     "Documents that could not be read or written safely.", COUNTER},
	[METRIC_QUEUE] = {"ingestd_queue",
			  "What waits and what is under way: documents in work, fetches that run, those that "
			  "wait for their turn, and of these those that wait because a site asks for it.",
			  GAUGE, BY("stage", VALUES("documents", "fetching", "queued", "waiting")), LIVE},
	[METRIC_HOSTS_FAILING] = {"ingestd_hosts_failing", "Hosts that fail again and again.", GAUGE, LIVE},
	[METRIC_FEEDS] = {"ingestd_feeds", "Subscribed feeds by state.", GAUGE,
			  BY("state", VALUES("well", "failing"))},
	[METRIC_NETWORK_DOWN] = {"ingestd_network_down", "Whether no host answers.", GAUGE, LIVE},
	[METRIC_FETCH_SECONDS] = {"ingestd_fetch_duration_seconds",
				  "Time from asking for a page or feed to its last byte, redirects included.",
				  HISTOGRAM(fetch_bounds)},
	[METRIC_DOCUMENT_SECONDS] = {"ingestd_document_duration_seconds",
				     "Time from a document's being begun to its being done with.",
				     HISTOGRAM(document_bounds)},
	[METRIC_TURN_SECONDS] = {"ingestd_loop_turn_seconds", "Processor time of the main loop's turns.",
				 HISTOGRAM(turn_bounds), LIVE},
	[METRIC_DATABASE_SECONDS] = {"ingestd_database_seconds", "Time of the state's transactions.",
				     HISTOGRAM(database_bounds)},
	[METRIC_REQUESTS] = {"ingestd_http_requests_total", "Requests to the status server by status.",
			     COUNTER, BY("code", VALUES("2xx", "3xx", "4xx", "5xx")), LIVE},
	[METRIC_CONNECTIONS] = {"ingestd_http_connections", "Connections to the status server.", GAUGE, LIVE},
	[METRIC_EVICTIONS] =
		{"ingestd_http_evictions_total",
		 "Connections to the status server that were closed for others, or for being slow.", COUNTER,
		 LIVE},
	[METRIC_CPU_SECONDS] = {"process_cpu_seconds_total", "Processor time, user and system.", COUNTER,
				LIVE},
	[METRIC_MEMORY] = {"process_resident_memory_bytes", "Resident memory.", GAUGE, LIVE},
	[METRIC_DESCRIPTORS] = {"process_open_fds", "Open file descriptors.", GAUGE, LIVE},
	[METRIC_DESCRIPTORS_MAX] = {"process_max_fds", "Most file descriptors that may be open.", GAUGE,
				    LIVE},
	[METRIC_START] = {"process_start_time_seconds", "When the process started, seconds since 1970.",
			  GAUGE, LIVE},
};

void metrics_init(struct metrics *m)
{
	*m = (struct metrics){0};
	metrics_set(m, METRIC_BUILD_INFO, INGESTD_VERSION, 1);
	metrics_set(m, METRIC_LAST_SUCCESS, NULL, 0); /* so that an alert has something to look at */
}

static size_t slot_of(const struct metric *metric, const char *value)
{
	size_t i = 0;

	if (!metric->values)
		return 0;
	while (metric->values[i + 1] && (!value || strcmp(metric->values[i], value) != 0))
		i++;
	return i;
}

void metrics_add(struct metrics *m, enum metric_id id, const char *value, double n)
{
	m->events++;
	m->at[id][slot_of(&metric_table[id], value)] += n;
	m->known[id] = true;
}

void metrics_set(struct metrics *m, enum metric_id id, const char *value, double n)
{
	m->at[id][slot_of(&metric_table[id], value)] = n;
	m->known[id] = true;
}

double metrics_get(const struct metrics *m, enum metric_id id, const char *value)
{
	return m->at[id][slot_of(&metric_table[id], value)];
}

/* The buckets, past them +Inf, and in the last slot the sum. */
void metrics_observe(struct metrics *m, enum metric_id id, double seconds)
{
	const double *bounds = metric_table[id].bounds;
	size_t i = 0;

	m->events++;
	while (bounds[i] > 0 && seconds > bounds[i])
		i++;
	m->at[id][i] += 1;
	m->at[id][METRIC_SLOTS - 1] += seconds;
}

static const char *of_status(unsigned status)
{
	switch (status) {
	case 403: return "http-403";
	case 404: return "http-404";
	case 410: return "http-410";
	case 429: return "http-429";
	default: return status / 100 == 4 ? "http-4xx" : status / 100 == 5 ? "http-5xx" : "http-other";
	}
}

const char *metrics_fetch_result(const char *outcome, unsigned status, const char *verdict)
{
	if (strcmp(outcome, "none") == 0)
		return "put-off";
	if (strcmp(outcome, "http-status") == 0)
		return of_status(status);
	if (status == 304)
		return "unchanged";
	return verdict ? verdict : strcmp(outcome, "page") == 0 ? "other" : outcome;
}
