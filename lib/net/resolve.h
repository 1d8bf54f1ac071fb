/* SPDX-License-Identifier: MIT */
/*
 * Names to addresses. Numeric addresses are read at once; names are looked up by getaddrinfo on a
 * library thread, so that a lookup can be abandoned although the system call cannot.
 */
#ifndef WH_NET_RESOLVE_H
#define WH_NET_RESOLVE_H

#include <stddef.h>
#include <stdint.h>

struct wh_address;
struct wh_lookup;
struct wh_task;

/*
 * Begins to look host up; task is posted when the answer is there. host may be an IPv6 address in
 * brackets, as in a URL. ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_lookup_open(struct wh_task *task, const char *host, uint16_t port, struct wh_lookup **out);

/*
 * 0 with the addresses in the order to try them, at least one, families taking turns, borrowed until
 * close; WH_AGAIN; ERROR_WINHTTP_NAME_NOT_RESOLVED; ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_lookup_get(struct wh_lookup *lookup, const struct wh_address **out, size_t *out_count);

/* Also while the answer is outstanding: then nobody waits for it any more. NULL is fine. */
void wh_lookup_close(struct wh_lookup *lookup);

#endif
