/* SPDX-License-Identifier: MIT */
#include "client/drain.h"

#include <stdbool.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/error.h"
#include "client/leg.h"
#include "client/limit.h"
#include "client/pool.h"
#include "client/quota.h"
#include "client/turn.h"
#include "http/decode.h"
#include "http/stream.h"
#include "net/loop.h"
#include "net/socket.h"
#include "object/handle.h"
#include "object/object.h"

enum { MAX_WAIT_MS = 5000 };

struct drain {
    struct wh_task task;
    struct wh_leg leg;
    struct wh_idler idler;
    uint32_t left;
    uint64_t deadline_ms;
    bool is_attached;
};

int wh_drain_swallow(struct wh_stream *stream, struct wh_turn *turn, uint32_t *left)
{
    char scratch[8192];
    while (!stream->is_body_done) {
        size_t count = 0;
        size_t room = wh_turn_take(turn, sizeof(scratch));
        int error = room ? stream->ops->recv_body(stream, scratch, room, &count) : WH_AGAIN;
        if (error) {
            return error;
        }
        if (count > *left) {
            return ERROR_WINHTTP_RESPONSE_DRAIN_OVERFLOW;
        }
        *left -= (uint32_t)count;
        turn->left -= count;
    }
    return 0;
}

/*
 * A session with a pool of its own stays until the connection is there, or has been closed before;
 * then nothing is left for it, the connection's TLS session included.
 */
static void end(struct drain *drain, int error)
{
    uintptr_t realm = drain->leg.conn->key.realm;
    struct wh_object *session = realm ? wh_handle_find(realm) : NULL;
    if (error) {
        wh_leg_drop(&drain->leg);
    } else {
        wh_leg_release(&drain->leg, true);
    }
    if (realm && !session) {
        wh_pool_drop_realm(realm);
    }
    wh_object_unref(session);
}

/* Nobody must wait for it. */
static bool is_in_the_way(const struct drain *drain)
{
    return wh_limit_is_over(drain->deadline_ms) || wh_server_is_wanted(drain->leg.server);
}

/* On the loop that has been given to it. */
static void run_drain(struct wh_task *task)
{
    struct drain *drain = WH_CONTAINER_OF(task, struct drain, task);
    int error = 0;
    if (!drain->is_attached) {
        drain->is_attached = true;
        wh_idler_begin(&drain->idler, drain->leg.server);
        error = wh_conn_attach(drain->leg.conn, task);
    }
    wh_task_clear_wants(task);
    struct wh_turn turn = {.left = WH_TURN_BYTES};
    error = error ? error : wh_drain_swallow(drain->leg.stream, &turn, &drain->left);
    if (error == WH_AGAIN && !is_in_the_way(drain)) {
        task->deadline_ms = drain->deadline_ms;
        if (turn.wants_another) {
            wh_task_post(task);
        }
        wh_task_settle(task);
        return;
    }
    wh_idler_end(&drain->idler, drain->leg.server);
    end(drain, error);
    wh_task_detach(task);
    wh_free(drain);
}

static int go_on_in_background(const struct drain *begun)
{
    struct wh_loop *loop;
    struct drain *drain = wh_calloc(1, sizeof(*drain));
    if (!drain || wh_loop_assign(&loop)) {
        wh_free(drain);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    *drain = *begun;
    wh_task_init(&drain->task, run_drain);
    wh_task_attach(&drain->task, loop);
    drain->idler.task = &drain->task;
    wh_socket_detach(drain->leg.conn->socket);
    wh_task_post(&drain->task);
    return 0;
}

void wh_drain(struct wh_leg *leg, uint32_t limit)
{
    struct drain drain = {
        .leg = *leg,
        .left = limit,
        .deadline_ms = wh_clock_ms() + MAX_WAIT_MS,
    };
    *leg = (struct wh_leg){0};
    drain.leg.stream = wh_decode_unwrap(drain.leg.stream);
    struct wh_turn turn = {.left = WH_TURN_BYTES};
    int error = wh_drain_swallow(drain.leg.stream, &turn, &drain.left);
    if (error == WH_AGAIN && drain.leg.conn->socket && go_on_in_background(&drain) == 0) {
        return;
    }
    end(&drain, error);
}
