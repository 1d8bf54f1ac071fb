/* SPDX-License-Identifier: MIT */
/*
 * What really happened to one leg of an exchange: when it did what, on which connection, how large it
 * was. Embedded in an exchange; each event is one call. A leg that begins anew, because it is
 * redirected or its connection was stale, begins a new account: it is about what led to the response.
 */
#ifndef WH_CLIENT_ACCOUNT_H
#define WH_CLIENT_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "http/stream.h"
#include "net/tls_legs.h"

struct wh_conn;
struct wh_conn_record;
struct wh_tls;

/* In the order in which a leg passes them. What it does not need it does not pass. */
enum wh_moment {
    WH_MOMENT_ACQUIRE_BEGUN, /* a connection is asked for */
    WH_MOMENT_ACQUIRE_WAITED, /* there is one, or it may be made */
    WH_MOMENT_RESOLVE_BEGUN,
    WH_MOMENT_RESOLVED,
    WH_MOMENT_CONNECT_BEGUN, /* to the first address */
    WH_MOMENT_CONNECTED, /* to the last one, which took it */
    WH_MOMENT_ACQUIRED,
    WH_MOMENT_SENT, /* the whole request has left */
    WH_MOMENTS
};

struct wh_account {
    uint64_t moments[WH_MOMENTS]; /* on wh_clock_ns; 0: not (yet) */
    uint64_t connect_failures; /* addresses that refused or kept silent */
    struct wh_tls_legs tls; /* of the handshake that was made for this leg */
    bool is_resumed; /* by it, an earlier session */
    struct wh_conn_record
        *record; /* of the connection; NULL before there is one, see conn_record.h */
    uint32_t index; /* how many requests it had carried before */
    struct wh_stream_account stream; /* as of wh_account_follow */
};

/* A new leg. It does not wait for its connection unless it is said to. */
void wh_account_begin(struct wh_account *account);
/* It does, until WH_MOMENT_ACQUIRE_WAITED. */
void wh_account_wait(struct wh_account *account);
/* Lets go of the record. */
void wh_account_finish(struct wh_account *account);

/* Now; the first time counts. NULL is fine here and in the next two. */
void wh_account_mark(struct wh_account *account, enum wh_moment moment);
void wh_account_fail_connect(struct wh_account *account);
/* The handshake is over, in whatever way; a NULL tls is one that has not begun. */
void wh_account_shake(struct wh_account *account, const struct wh_tls *tls);
/* What is known of its connection, for the first time. A NULL record is nothing; so is a NULL account. */
void wh_account_note(struct wh_account *account, struct wh_conn_record *record);

/* There is a connection; the request is about to be sent. */
void wh_account_acquire(struct wh_account *account, struct wh_conn *conn);
/* The whole request has left. */
void wh_account_send(struct wh_account *account, const struct wh_stream *stream);
/* Takes over what the stream says; before it is closed, and whenever somebody asks. NULL is fine. */
void wh_account_follow(struct wh_account *account, const struct wh_stream *stream);

/* *out has a reference of its own and is to be finished. */
void wh_account_copy(const struct wh_account *account, struct wh_account *out);

#endif
