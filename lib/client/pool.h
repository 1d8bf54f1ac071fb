/* SPDX-License-Identifier: MIT */
/*
 * The process-wide pool of parked connections, which wait for any request with an equal key. TLS
 * sessions are kept under the same key, to be resumed. Any thread.
 */
#ifndef WH_CLIENT_POOL_H
#define WH_CLIENT_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "client/conn.h"

struct wh_tls_session;

/* Among the connections of a key, what a request prefers. */
struct wh_preference {
    struct wh_mark mark; /* all zero: nothing */
    bool is_strict; /* without it, one that is not marked will do too */
};

/* A live parked connection, not attached; NULL when there is none. preference may be NULL. */
struct wh_conn *wh_pool_take(const struct wh_peer_key *key, const struct wh_preference *preference);
/*
 * Detaches the connection and parks it; the pool owns it from then on, and keeps its TLS session for
 * others. Its loop is held.
 */
void wh_pool_park(struct wh_conn *conn);

/*
 * Closes the parked connections that have idled too long, that the peer has closed or that it has sent
 * data on; takes the tickets that have come. While there are any a library thread does so every two
 * seconds.
 */
void wh_pool_sweep(void);

/*
 * A TLS session for the key, not older than a day, which goes to the caller: none is used twice (RFC
 * 8446, C.4). NULL when there is none.
 */
struct wh_tls_session *wh_pool_take_session(const struct wh_peer_key *key);
/* Keeps the session for later; NULL is fine. */
void wh_pool_keep_session(const struct wh_peer_key *key, struct wh_tls_session *session);

/* Closes what a realm has parked, and frees its TLS sessions; nobody will ask for them again. */
void wh_pool_drop_realm(uintptr_t realm);

#endif
