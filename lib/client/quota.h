/* SPDX-License-Identifier: MIT */
/*
 * How many connections to one server a session may have in use at once, and the requests that wait
 * for one to become free: first come, first served. Any thread.
 *
 * A place is held from before a connection is taken or made until it is parked or closed. A parked
 * connection holds none: whoever gets the place takes it.
 */
#ifndef WH_CLIENT_QUOTA_H
#define WH_CLIENT_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"

struct wh_peer_key;
struct wh_quota;
struct wh_server;
struct wh_task;

#define WH_QUOTA_UNLIMITED UINT32_MAX

/* 0 stands for 2. */
struct wh_quota_limits {
    uint32_t per_server;
    uint32_t per_1_0_server; /* once it has answered with HTTP/1.0 */
};

/*
 * A request that may have to wait: task and limits are to be set, the rest is zero before and behind.
 * Wherever wh_quota_enter has answered WH_AGAIN it has to be called again, or wh_waiter_cancel.
 */
struct wh_waiter {
    struct wh_task *task;
    struct wh_quota_limits limits;
    struct wh_server *server; /* where it waits */
    bool has_place; /* and has not heard of it yet */
    struct wh_list link;
};

/* NULL without memory. */
struct wh_quota *wh_quota_new(void);
/* The session ends; nobody waits. What is held stays valid until it is given up. NULL is fine. */
void wh_quota_release(struct wh_quota *quota);

/*
 * 0 with a place at the key's server; WH_AGAIN: the task, which stays attached, is posted when it is
 * worth calling again; ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_quota_enter(struct wh_quota *quota, const struct wh_peer_key *key, struct wh_waiter *waiter,
                   struct wh_server **out);
/* Waits no more; a place it has been given is given up. */
void wh_waiter_cancel(struct wh_waiter *waiter);

/* Gives a place up. NULL is fine. */
void wh_server_leave(struct wh_server *server);

/*
 * Who has a place without much need for it: task is posted when somebody waits for one, then and not
 * before wh_server_is_wanted. It stays attached until wh_idler_end. NULL is fine for a server.
 */
struct wh_idler {
    struct wh_task *task;
    struct wh_list link;
};

void wh_idler_begin(struct wh_idler *idler, struct wh_server *server);
void wh_idler_end(struct wh_idler *idler, struct wh_server *server);
bool wh_server_is_wanted(struct wh_server *server);

/* Whether it speaks HTTP/1.0. NULL is fine. */
void wh_server_set_old(struct wh_server *server, bool is_old);

#endif
