/* SPDX-License-Identifier: MIT */
/*
 * The lists of revoked certificates that a handshake wants: each is fetched, unless another machine is at
 * it; then that one is waited for. Each has 15 seconds, all together have 20, and never more than half of what
 * is left of the time to connect.
 *
 * Part of a dial, with its task's loop held.
 */
#ifndef WH_CLIENT_REVOCATION_H
#define WH_CLIENT_REVOCATION_H

#include <stdbool.h>
#include <stdint.h>

#include "net/tls_crl_cache.h"

struct wh_fetch;
struct wh_object;
struct wh_task;
struct wh_tls;

struct wh_revocation {
    struct wh_object *object;
    struct wh_task *task;
    const struct wh_tls_crl_place
        *place; /* of the list that is wanted; NULL: none has been begun */
    struct wh_tls_crl_seeker seeker;
    struct wh_fetch *fetch; /* NULL when another one is waited for */
    uint64_t list_ms; /* until when this list may take */
    bool is_hurried; /* which is less than others may have */
    uint64_t all_ms; /* and all; 0: there was none yet */
};

void wh_revocation_init(struct wh_revocation *revocation, struct wh_object *object,
                        struct wh_task *task);
/*
 * Does what it can for the list that tls wants, which there is. 0: the handshake goes on, whatever has come
 * of it; WH_AGAIN. connect_ms: when the time to connect is over; 0 for never.
 */
int wh_revocation_run(struct wh_revocation *revocation, const struct wh_tls *tls,
                      uint64_t connect_ms);
/* When it wants to run again at the latest; 0 for no limit. */
uint64_t wh_revocation_deadline(const struct wh_revocation *revocation);
/* At any point after init, before tls is closed. */
void wh_revocation_close(struct wh_revocation *revocation);

#endif
