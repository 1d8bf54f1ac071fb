/* SPDX-License-Identifier: MIT */
/*
 * A connection and the stream that is on it, from when it is acquired until it is let go, and the
 * place among the session's connections to the server, if those are counted. All NULL outside that.
 * Embedded in an exchange; the loop is held.
 */
#ifndef WH_CLIENT_LEG_H
#define WH_CLIENT_LEG_H

#include <stdbool.h>

struct wh_conn;
struct wh_server;
struct wh_stream;

struct wh_leg {
    struct wh_server *server; /* see quota.h */
    struct wh_conn *conn;
    struct wh_stream *stream; /* NULL before the head is sent */
};

/* Closes both; the place stays, for another connection. */
void wh_leg_close(struct wh_leg *leg);
/* Whether the connection is worth anything once the response is over. */
bool wh_leg_may_be_kept(const struct wh_leg *leg);
/* Closes both, and gives the place up. */
void wh_leg_drop(struct wh_leg *leg);
/* The response is over: the connection is parked if it can be used again, else closed. */
void wh_leg_release(struct wh_leg *leg, bool is_request_sent);

#endif
