/* SPDX-License-Identifier: MIT */
#include "client/leg.h"

#include <stddef.h>

#include "client/pool.h"
#include "client/quota.h"
#include "http/stream.h"

static void close_stream(struct wh_leg *leg)
{
    if (leg->stream) {
        leg->stream->ops->close(leg->stream);
        leg->stream = NULL;
    }
}

/* Behind the connection: it is there for whoever gets the place. */
static void give_up_place(struct wh_leg *leg)
{
    wh_server_leave(leg->server);
    leg->server = NULL;
}

void wh_leg_close(struct wh_leg *leg)
{
    close_stream(leg);
    wh_conn_close(leg->conn);
    leg->conn = NULL;
}

void wh_leg_drop(struct wh_leg *leg)
{
    wh_leg_close(leg);
    give_up_place(leg);
}

bool wh_leg_may_be_kept(const struct wh_leg *leg)
{
    return leg->conn && !leg->conn->is_expired && leg->stream && leg->stream->may_be_reused;
}

void wh_leg_release(struct wh_leg *leg, bool is_request_sent)
{
    bool is_over = leg->stream && leg->stream->is_reusable && is_request_sent;
    if (!leg->conn || leg->conn->is_expired || !is_over) {
        wh_leg_drop(leg);
        return;
    }
    struct wh_conn *conn = leg->conn;
    leg->conn = NULL;
    close_stream(leg);
    wh_pool_park(conn);
    give_up_place(leg);
}
