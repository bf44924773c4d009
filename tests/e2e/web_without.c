/* SPDX-License-Identifier: MIT */
/* web_without.c - the program without what protects the status server: linked with --wrap, so that its calls
 * of these come here. web_crowd.py has to fail with it, at each row that stands for one of them. */
#include <microhttpd.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "status/request.h"

enum { OPTIONS_MAX = 16, HEAD_MAX = 8 << 20 };

struct web;

bool __wrap_request_host_is_own(struct span host);
bool __wrap_request_is_same_site(struct span site, struct span origin, struct span host);
bool __wrap_request_token_is(struct span given, struct span secret);
bool __wrap_request_is_form(struct span type);
enum err __wrap_request_length(struct span length, struct span coding, size_t max, size_t *ret);
enum err __wrap_request_target(struct span target, struct arena *arena, const char **path,
			       struct form *query);
enum err __wrap_form_parse(struct span text, struct arena *arena, struct form *ret);
enum err __real_form_parse(struct span text, struct arena *arena, struct form *ret);
enum err __wrap_strbuf_add(struct strbuf *b, const void *ptr, size_t len);
enum err __real_strbuf_add(struct strbuf *b, const void *ptr, size_t len);
unsigned __wrap_web_check_size(const struct web *w, size_t body);
int __wrap_shutdown(int fd, int how);
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *size);
int __real_getsockopt(int fd, int level, int name, void *value, socklen_t *size);
struct MHD_Daemon *__wrap_MHD_start_daemon(unsigned flags, uint16_t port, MHD_AcceptPolicyCallback accept,
					   void *accept_arg, MHD_AccessHandlerCallback handle, void *arg,
					   ...);
struct MHD_Daemon *__real_MHD_start_daemon(unsigned flags, uint16_t port, MHD_AcceptPolicyCallback accept,
					   void *accept_arg, MHD_AccessHandlerCallback handle, void *arg,
					   ...);

/* ---- who asks ---- */

bool __wrap_request_host_is_own(struct span host)
{
	(void)host;
	return true;
}

bool __wrap_request_is_same_site(struct span site, struct span origin, struct span host)
{
	(void)site;
	(void)origin;
	(void)host;
	return true;
}

bool __wrap_request_token_is(struct span given, struct span secret)
{
	(void)given;
	(void)secret;
	return true;
}

/* Everybody is the service's user. */
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *size)
{
	int r = __real_getsockopt(fd, level, name, value, size);

	if (!r && level == SOL_SOCKET && name == SO_PEERCRED)
		((struct ucred *)value)->uid = geteuid();
	return r;
}

/* ---- what is asked ---- */

bool __wrap_request_is_form(struct span type)
{
	(void)type;
	return true;
}

enum err __wrap_request_length(struct span length, struct span coding, size_t max, size_t *ret)
{
	uint64_t n = 0;

	(void)max;
	if (!span_to_uint(length, UINT64_MAX, &n))
		n = coding.ptr != NULL;
	*ret = (size_t)n;
	return ERR_OK;
}

/* The path as it is. */
enum err __wrap_request_target(struct span target, struct arena *arena, const char **path, struct form *query)
{
	*path = arena_strdup(arena, span_split(&target, '?'));
	*query = (struct form){NULL, 0};
	return *path ? ERR_OK : ERR_NOMEM;
}

/* Whatever comes after as many as may be is let be. */
enum err __wrap_form_parse(struct span text, struct arena *arena, struct form *ret)
{
	struct span rest = text;

	for (int i = 0; i < REQUEST_PAIRS_MAX && rest.len; i++)
		(void)span_split(&rest, '&');
	if (rest.len)
		text = span_sub(text, 0, (size_t)(rest.ptr - text.ptr) - 1);
	return __real_form_parse(text, arena, ret);
}

/* A form's own ceiling. */
enum err __wrap_strbuf_add(struct strbuf *b, const void *ptr, size_t len)
{
	if (b->max == REQUEST_FORM_MAX)
		b->max = 1 << 30;
	return __real_strbuf_add(b, ptr, len);
}

/* A head of HEAD_MAX. Of the options those that web.c gives are known. */
struct MHD_Daemon *__wrap_MHD_start_daemon(unsigned flags, uint16_t port, MHD_AcceptPolicyCallback accept,
					   void *accept_arg, MHD_AccessHandlerCallback handle, void *arg, ...)
{
	struct MHD_OptionItem items[OPTIONS_MAX + 1] = {{MHD_OPTION_END, 0, NULL}};
	va_list ap;

	va_start(ap, arg);
	for (int i = 0; i < OPTIONS_MAX; i++) {
		enum MHD_OPTION option = va_arg(ap, enum MHD_OPTION);

		items[i].option = option;
		switch (option) {
		case MHD_OPTION_CONNECTION_MEMORY_LIMIT:
			(void)va_arg(ap, size_t);
			items[i].value = HEAD_MAX;
			break;
		case MHD_OPTION_URI_LOG_CALLBACK:
		case MHD_OPTION_NOTIFY_COMPLETED:
		case MHD_OPTION_NOTIFY_CONNECTION:
			items[i].value = (intptr_t)va_arg(ap, void *);
			items[i].ptr_value = va_arg(ap, void *);
			break;
		default: items[i].value = option == MHD_OPTION_END ? 0 : va_arg(ap, int);
		}
		if (option == MHD_OPTION_END)
			break;
	}
	va_end(ap);
	return __real_MHD_start_daemon(flags, port, accept, accept_arg, handle, arg, MHD_OPTION_ARRAY, items,
				       MHD_OPTION_END);
}

/* ---- what is given ---- */

unsigned __wrap_web_check_size(const struct web *w, size_t body)
{
	(void)w;
	(void)body;
	return 0;
}

/* By which web.c sends connections away. */
int __wrap_shutdown(int fd, int how)
{
	(void)fd;
	(void)how;
	return 0;
}
