/* SPDX-License-Identifier: MIT */
/*
 * WINHTTP_OPTION_HTTP_VERSION: the version in the line of requests that WinHttpOpenRequest is given none
 * for.
 *
 * Windows: the text of the option calls it process-wide and wants a NULL handle; its table allows
 * sessions and requests. Both have a meaning here that does not contradict the other: the process has
 * a version, 1.1 at first (A6); a session may have its own, and follows the process until it does; a
 * request takes one of them when it is opened, or what WinHttpOpenRequest says, and may change it until
 * it is sent. What is opened already keeps what it has.
 */
#ifndef WH_CLIENT_VERSION_H
#define WH_CLIENT_VERSION_H

#include <stdint.h>

struct wh_object;

/* As in struct wh_settings, where 0 is none. */
enum { WH_VERSION_1_0 = 10, WH_VERSION_1_1 = 11 };

/* The process's. Any thread. */
void wh_version_set_process(uint32_t version);

/* What a request of that object speaks: its own version, else the process's. NULL is the process. */
uint32_t wh_version_of(struct wh_object *object);

/* "HTTP/1.1", and back. */
const char *wh_version_text(uint32_t version);
uint32_t wh_version_parse(const char *text);

#endif
