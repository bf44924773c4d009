/* SPDX-License-Identifier: MIT */
/* transfer_end.c - what a libcurl result means, in one word and one line. */
#include <errno.h>
#include <stdio.h>

#include "sockets.h"
#include "transfer.h"

/* libcurl's results that stand for one thing. `text` may hold a %s: libcurl's own account. */
static const struct meaning {
	CURLcode code;
	enum outcome outcome;
	const char *text;
} meanings[] = {
	{CURLE_COULDNT_RESOLVE_HOST, OUTCOME_DNS, "the name of the server does not resolve"},
	{CURLE_COULDNT_RESOLVE_PROXY, OUTCOME_DNS, "the name of the proxy does not resolve"},
	{CURLE_GOT_NOTHING, OUTCOME_CONNECT, "the server closed the connection without an answer"},
	{CURLE_SEND_ERROR, OUTCOME_CONNECT, "the connection broke off"},
	{CURLE_RECV_ERROR, OUTCOME_CONNECT, "the connection broke off"},
	{CURLE_PARTIAL_FILE, OUTCOME_PROTOCOL, "the answer ended before it was whole"},
	{CURLE_OUT_OF_MEMORY, OUTCOME_TOO_LARGE, "a header line is too long"}, /* over libcurl's 100 KB */
	{CURLE_BAD_CONTENT_ENCODING, OUTCOME_PROTOCOL, "the content coding is broken"},
	{CURLE_WRITE_ERROR, OUTCOME_PROTOCOL, "the content coding is broken"},
	{CURLE_UNSUPPORTED_PROTOCOL, OUTCOME_PROTOCOL, "the answer is not HTTP"},
	{CURLE_WEIRD_SERVER_REPLY, OUTCOME_PROTOCOL, "the answer is not HTTP: %s"},
	{CURLE_HTTP2, OUTCOME_PROTOCOL, "HTTP/2 went wrong: %s"},
	{CURLE_HTTP2_STREAM, OUTCOME_PROTOCOL, "HTTP/2 went wrong: %s"},
	{CURLE_URL_MALFORMAT, OUTCOME_REFUSED, "libcurl cannot read the URL: %s"},
	{CURLE_PEER_FAILED_VERIFICATION, OUTCOME_TLS, "TLS: %s"},
	{CURLE_SSL_CONNECT_ERROR, OUTCOME_TLS, "TLS: no handshake: %s"},
	{CURLE_SSL_CERTPROBLEM, OUTCOME_TLS, "TLS: our own certificate: %s"},
	{CURLE_SSL_CIPHER, OUTCOME_TLS, "TLS: no common cipher: %s"},
	{CURLE_SSL_CACERT_BADFILE, OUTCOME_TLS, "TLS: cannot read the file of authorities: %s"},
	{CURLE_SSL_INVALIDCERTSTATUS, OUTCOME_TLS, "TLS: %s"},
	{CURLE_SSL_ISSUER_ERROR, OUTCOME_TLS, "TLS: %s"},
};

static const char nested_text[] = "more than one content coding, one inside the other";

/* X509_V_ERR_... of OpenSSL: its numbers are part of its ABI, and people deserve better than its texts. */
static const char *certificate_text(long verify)
{
	switch (verify) {
	case 9: return "TLS: the certificate is not valid yet";
	case 10: return "TLS: the certificate has expired";
	case 18: return "TLS: the certificate is signed by itself";
	case 19: return "TLS: the certificate's authority is not known here (signed by itself)";
	case 2:
	case 20:
	case 21:
		return "TLS: the certificate's issuer is not known here, or the server leaves out the "
		       "intermediate certificate";
	case 23: return "TLS: the certificate has been revoked";
	case 62:
	case 64: return "TLS: the certificate is for another name";
	default: return NULL;
	}
}

static void fail(struct transfer *t, enum outcome outcome, const char *text)
{
	t->failure = outcome;
	snprintf(t->text, sizeof(t->text), "%s", text);
}

static void fail_connect(struct transfer *t)
{
	long os = 0;

	curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &os);
	t->failure = OUTCOME_CONNECT;
	if (os == ECONNREFUSED)
		t->heard = HEARD_REFUSAL;
	snprintf(t->text, sizeof(t->text), "no connection: %s", os ? strerror((int)os) : t->curl_text);
}

static void fail_timeout(struct transfer *t)
{
	curl_off_t name = 0, total = 0;

	curl_easy_getinfo(t->easy, CURLINFO_NAMELOOKUP_TIME_T, &name);
	curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &total);
	t->failure = OUTCOME_TIMEOUT;
	if (span_starts(span_str(t->curl_text), SPAN("Operation too slow")))
		snprintf(t->text, sizeof(t->text), "too slow: less than %llu bytes a second for %u s",
			 (unsigned long long)t->setup->limits->slow, t->setup->low_speed_seconds);
	else
		snprintf(t->text, sizeof(t->text), "%s within %.1f s",
			 t->connected          ? "the answer was not complete"
			 : t->sockets          ? "no connection"
			 : !name && !t->status ? "the name of the server was not resolved"
					       : "no connection",
			 (double)total / 1e6);
}

static void fail_tls(struct transfer *t)
{
	long verify = 0;
	const char *text;

	curl_easy_getinfo(t->easy, CURLINFO_SSL_VERIFYRESULT, &verify);
	text = certificate_text(verify);
	if (!text && strstr(t->curl_text, "subject name"))
		text = certificate_text(62);
	if (text)
		fail(t, OUTCOME_TLS, text);
	else
		snprintf(t->text, sizeof(t->text), "TLS: %s", t->curl_text);
}

static void fail_as(struct transfer *t, CURLcode code)
{
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		const struct meaning *m = &meanings[i];
		const char *hole = strstr(m->text, "%s");
		struct span own = span_str(*t->curl_text ? t->curl_text : curl_easy_strerror(code));

		if (m->code != code)
			continue;
		t->failure = m->outcome;
		snprintf(t->text, sizeof(t->text), "%.*s%.*s", (int)(hole ? hole - m->text : 200), m->text,
			 hole ? (int)MIN(own.len, 200) : 0, own.ptr);
		return;
	}
	t->failure = OUTCOME_CONNECT;
	snprintf(t->text, sizeof(t->text), "%s", *t->curl_text ? t->curl_text : curl_easy_strerror(code));
}

/* We ended it ourselves. False: we did not. */
static bool ended_by_us(struct transfer *t, CURLcode code)
{
	t->shortage = t->no_memory || t->no_poll || (t->no_socket && !t->sockets);
	if (t->shortage)
		fail(t, OUTCOME_CONNECT,
		     t->no_poll     ? "the socket cannot be watched"
		     : t->no_socket ? "too many open files"
				    : "out of memory");
	else if (t->head_too_large)
		snprintf(t->text, sizeof(t->text), "the header has more than %llu bytes or %u fields",
			 (unsigned long long)t->setup->limits->header, t->setup->limits->fields);
	else if (t->codings)
		fail(t, OUTCOME_PROTOCOL, nested_text);
	else if (t->body_too_large)
		snprintf(t->text, sizeof(t->text), "the body has more than %llu bytes",
			 (unsigned long long)t->wish.keep);
	else if (t->wire_too_large)
		snprintf(t->text, sizeof(t->text), "the body has more than %llu bytes on the wire",
			 (unsigned long long)t->wire_max);
	else if (t->ratio_too_large)
		snprintf(t->text, sizeof(t->text), "the body unpacks to more than %u times its size",
			 t->setup->limits->ratio);
	else if (t->refused && !t->sockets && (code == CURLE_COULDNT_CONNECT || t->unresolved))
		snprintf(t->text, sizeof(t->text),
			 "the address %s is %s: not fetched (allow-networks can open it)", t->refused_address,
			 t->refused);
	else if (t->unresolved)
		fail(t, OUTCOME_DNS, t->unresolved);
	else
		return t->hung_up;
	if (t->head_too_large || t->body_too_large || t->wire_too_large || t->ratio_too_large)
		t->failure = OUTCOME_TOO_LARGE;
	else if (t->failure == OUTCOME_NONE)
		t->failure = OUTCOME_REFUSED;
	return true;
}

/* The document says its end itself, but for what caches write behind it. */
static bool says_its_end(struct span body)
{
	static const char *const ends[] = {"</html", "</rss", "</feed", "</rdf:"};
	size_t skip = body.len - MIN(body.len, 1024);
	struct span tail = body.len ? span_of(body.ptr + skip, body.len - skip) : SPAN_NONE;

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (span_find_nocase(tail, span_str(ends[i])) >= 0)
			return true;
	return false;
}

/* A stream that is reset in the middle counts as complete for libcurl 7.88 when the end of the connection
 * comes with it (cf_h2_recv() of lib/http2.c: closed, and not asked why). So an HTTP/2 answer of no stated
 * length that took its connection along may be cut off; over HTTP/1.1 there is no doubt. */
static bool may_be_cut(struct transfer *t)
{
	curl_off_t length = -1;
	long version = 0, port = 0;

	curl_easy_getinfo(t->easy, CURLINFO_HTTP_VERSION, &version);
	curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	curl_easy_getinfo(t->easy, CURLINFO_LOCAL_PORT, &port);
	return version == CURL_HTTP_VERSION_2_0 && length < 0 && t->status != 204 && t->status != 304 &&
	       !says_its_end(strbuf_span(&t->body)) && sockets_has_ended(t->setup->sockets, port);
}

void transfer_end(struct transfer *t, CURLcode code)
{
	curl_off_t body = 0, connect = 0;
	long head = 0;

	curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &body);
	curl_easy_getinfo(t->easy, CURLINFO_HEADER_SIZE, &head);
	curl_easy_getinfo(t->easy, CURLINFO_CONNECT_TIME_T, &connect);
	t->wire_bytes = (uint64_t)MAX(body, 0) + (uint64_t)MAX(head, 0);
	t->heard = t->connected || t->head_bytes || connect > 0 ? HEARD_SERVER : HEARD_NOTHING;
	t->failure = OUTCOME_NONE;
	transfer_uncount(t);
	if (code == CURLE_OK && !t->no_poll) {
		if (!t->head_done)
			fail(t, OUTCOME_PROTOCOL, "the answer ended inside its header");
		t->http2_broken = may_be_cut(t);
		if (t->http2_broken)
			fail(t, OUTCOME_PROTOCOL, "HTTP/2 went wrong: the connection ended in the answer");
		return;
	}
	if (ended_by_us(t, code))
		return;
	if (code == CURLE_COULDNT_CONNECT)
		fail_connect(t);
	else if (code == CURLE_OPERATION_TIMEDOUT)
		fail_timeout(t);
	else
		fail_as(t, code);
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		fail_tls(t);
	else if (code == CURLE_RECV_ERROR && strstr(t->curl_text, "chunked"))
		fail(t, OUTCOME_PROTOCOL, "the chunks of the answer are broken");
	else if (code == CURLE_BAD_CONTENT_ENCODING && strstr(t->curl_text, "content encodings")) {
		fail(t, OUTCOME_PROTOCOL, nested_text);
		return;
	}
	t->http2_broken = code == CURLE_HTTP2 || code == CURLE_HTTP2_STREAM;
	t->undecodable = code == CURLE_BAD_CONTENT_ENCODING || code == CURLE_WRITE_ERROR;
}
