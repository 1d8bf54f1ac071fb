/* SPDX-License-Identifier: MIT */
/*
 * A document of some http URL that the library itself needs, while a machine is on its way:
 *
 *     DIAL -> SEND -> HEAD -> BODY
 *      ^               |
 *      +-- redirect ---+
 *
 * Nobody is told of it, nothing of it is kept, and it goes nowhere but to http. Part of a machine, whose
 * task it waits with and whose settings it has, with the loop held.
 */
#ifndef WH_CLIENT_FETCH_H
#define WH_CLIENT_FETCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct wh_fetch;
struct wh_object;
struct wh_task;

/* url is copied. ERROR_WINHTTP_INVALID_URL, ERROR_NOT_ENOUGH_MEMORY and the like. */
int wh_fetch_open(struct wh_object *object, struct wh_task *task, const char *url, size_t max_len,
                  struct wh_fetch **out);
/*
 * 0 with all of it, which lives with the fetch and has a NUL behind it; WH_AGAIN; or why it cannot be had:
 * another status than 200, or more than max_len bytes, is ERROR_WINHTTP_INVALID_SERVER_RESPONSE.
 */
int wh_fetch_run(struct wh_fetch *fetch, struct wh_slice *out);
/* When it wants to run again at the latest; 0 for no limit. */
uint64_t wh_fetch_deadline(const struct wh_fetch *fetch);
/* At any point; NULL is fine. */
void wh_fetch_close(struct wh_fetch *fetch);

#endif
