/* SPDX-License-Identifier: MIT */
/*
 * Connections: with whom, and over what. One in use is attached to one task, a parked one to none;
 * see pool.h.
 */
#ifndef WH_CLIENT_CONN_H
#define WH_CLIENT_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "net/socket.h"
#include "net/tls.h"

struct wh_buffer;
struct wh_channel;
struct wh_conn_record;
struct wh_task;

/*
 * Which requests may share a connection. The texts, tls.roots, and the client's identity are borrowed in
 * a key that is looked for.
 */
struct wh_peer_key {
    const char *host; /* compared without regard to ASCII case */
    uint16_t port;
    bool is_secure;
    struct wh_tls_settings tls;
    struct wh_keepalive keepalive;
    const char *lookup; /* the name that is looked up in place of host; NULL: host itself */
    uintptr_t realm; /* 0, or the session that does not share with the rest of the process */
};

/* The same host, port and scheme. */
bool wh_peer_key_is_same_server(const struct wh_peer_key *a, const struct wh_peer_key *b);
bool wh_peer_key_is_equal(const struct wh_peer_key *a, const struct wh_peer_key *b);
/* With texts and a reference to roots of its own, and without the identity itself. ERROR_NOT_ENOUGH_MEMORY. */
int wh_peer_key_copy(const struct wh_peer_key *key, struct wh_peer_key *out);
void wh_peer_key_finish(struct wh_peer_key *copy);

/* What an application has marked a connection with, a GUID; all zero: nothing. */
struct wh_mark {
    uint8_t bytes[16];
};

bool wh_mark_is_equal(const struct wh_mark *a, const struct wh_mark *b);
bool wh_mark_is_empty(const struct wh_mark *mark);

struct wh_conn {
    struct wh_peer_key key; /* a copy */
    struct wh_channel *channel; /* the top one; closing it closes all below */
    struct wh_socket *socket; /* NULL over a channel that is no socket (tests) */
    struct wh_tls *tls; /* NULL without TLS */
    struct wh_conn_record *record; /* NULL over a channel that is no socket */
    bool is_reused;
    bool is_expired; /* serves no further request */
    struct wh_mark mark; /* see wh_conn_mark */
    struct wh_list in_all; /* connections, in use or parked */
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

/* By whoever uses it. */
void wh_conn_mark(struct wh_conn *conn, const struct wh_mark *mark);

struct wh_conn_group {
    struct wh_mark mark;
    uint32_t count; /* connections with it, in use or parked */
};

/*
 * Fills an empty buffer with a struct wh_conn_group for each mark, or only for that one, that
 * connections to the key's server have, if the realm is nobody's or the key's.
 * ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_conn_list(const struct wh_peer_key *key, const struct wh_mark *only, struct wh_buffer *out);

#endif
