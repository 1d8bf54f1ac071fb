/* SPDX-License-Identifier: MIT */
/*
 * What is known of a connection, also when it is parked, used by another request or gone: a request
 * can be asked about the connection it had for as long as its handle is there. Counted; the connection
 * holds one reference, every request that had it another one. One whose TLS has failed behind the
 * server's certificate has a record, too. Any thread, but for requests, which belongs to whoever has the
 * connection.
 */
#ifndef WH_CLIENT_CONN_RECORD_H
#define WH_CLIENT_CONN_RECORD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "net/socket.h"
#include "net/tcp_info.h"
#include "net/tls.h"

struct wh_conn_record {
    atomic_uint references;
    bool has_addresses;
    struct wh_address local;
    struct wh_address remote;
    struct wh_tls_info tls; /* protocol 0: without TLS; has a reference to the chain */
    uint64_t begun_ms;
    uint32_t requests; /* that have been sent over it */
    struct {
        pthread_mutex_t lock;
        int descriptor; /* -1: closed */
        bool has_last;
        struct wh_tcp_info last; /* as it was when it was closed */
        uint64_t ended_ms;
    } shared;
};

/*
 * Of a connection that was made then, on wh_clock_ms, and with tls unless that is NULL. NULL when memory
 * ran out.
 */
struct wh_conn_record *wh_conn_record_new(const struct wh_socket *socket, const struct wh_tls *tls,
                                          uint64_t begun_ms);
void wh_conn_record_ref(struct wh_conn_record *record);
void wh_conn_record_unref(struct wh_conn_record *record);

/* Before the connection is closed. Gives its reference back; NULL is fine. */
void wh_conn_record_close(struct wh_conn_record *record);

/* As it is now, or was at its end. False when the system does not tell. */
bool wh_conn_record_get_tcp(struct wh_conn_record *record, struct wh_tcp_info *out,
                            uint64_t *out_lifetime_ms);

#endif
