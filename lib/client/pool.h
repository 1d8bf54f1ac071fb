/* SPDX-License-Identifier: MIT */
/*
 * Connections, and the process-wide pool of parked ones. A connection in use is attached to one
 * task; a parked one to none, and waits for any request with an equal key. TLS sessions are kept
 * under the same key, to be resumed. Any thread.
 */
#ifndef WH_CLIENT_POOL_H
#define WH_CLIENT_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "net/tls.h"

struct wh_channel;
struct wh_socket;
struct wh_task;

/* Which requests may share a connection. host is borrowed in a key that is looked up. */
struct wh_peer_key {
    const char *host; /* compared without regard to ASCII case */
    uint16_t port;
    bool is_secure;
    struct wh_tls_settings tls;
    uintptr_t realm; /* 0, or the session that does not share with the rest of the process */
};

struct wh_conn {
    struct wh_peer_key key; /* host is owned */
    struct wh_channel *channel; /* the top one; closing it closes all below */
    struct wh_socket *socket; /* NULL over a channel that is no socket (tests) */
    struct wh_tls *tls; /* NULL without TLS */
    bool is_reused;
    struct {
        struct wh_list in_bucket;
        struct wh_list by_age;
        uint64_t since_ms;
    } parked;
};

/*
 * Takes channel over when it succeeds. tls and socket are parts of channel, or NULL.
 * ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_conn_new(const struct wh_peer_key *key, struct wh_channel *channel, struct wh_conn **out);
/* Closes and frees; its loop is held if it is attached. NULL is fine. */
void wh_conn_close(struct wh_conn *conn);
int wh_conn_attach(struct wh_conn *conn, struct wh_task *task);

/* A live parked connection, not attached; NULL when there is none. */
struct wh_conn *wh_pool_take(const struct wh_peer_key *key);
/* Detaches the connection and parks it; the pool owns it from then on. Its loop is held. */
void wh_pool_park(struct wh_conn *conn);

/*
 * Closes the parked connections that have idled too long or that the peer has closed. While there are
 * any a library thread does so every two seconds.
 */
void wh_pool_sweep(void);

/* A TLS session for the key, which goes to the caller; NULL when there is none. */
struct wh_tls_session *wh_pool_take_session(const struct wh_peer_key *key);
/* Keeps the session for later; NULL is fine. */
void wh_pool_keep_session(const struct wh_peer_key *key, struct wh_tls_session *session);

/* Closes what a realm has parked, and frees its TLS sessions; nobody will ask for them again. */
void wh_pool_drop_realm(uintptr_t realm);

#endif
