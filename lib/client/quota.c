/* SPDX-License-Identifier: MIT */
#include "client/quota.h"

#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "client/conn.h"
#include "net/loop.h"

/* What 0 stands for. */
enum { FEW = 2 };

struct wh_quota {
    pthread_mutex_t lock; /* guards the servers, and the waiters in their lists */
    bool is_orphan; /* the session is gone; connections may be there still */
    struct wh_list servers;
};

/* As long as it has a place held or wanted; one that is old as long as the session is there. */
struct wh_server {
    struct wh_quota *quota;
    struct wh_list link;
    struct wh_list waiters; /* the first to come is the first */
    struct wh_list idlers;
    unsigned used; /* places */
    bool is_old; /* speaks HTTP/1.0 */
    struct wh_peer_key key; /* nothing but the server */
    char host[]; /* the key's */
};

/* --- servers, all under the lock ------------------------------------------------------------ */

static struct wh_server *add_server(struct wh_quota *quota, const struct wh_peer_key *key)
{
    size_t size = strlen(key->host) + 1;
    struct wh_server *server = wh_calloc(1, sizeof(*server) + size);
    if (server) {
        server->quota = quota;
        server->key.host = server->host;
        server->key.port = key->port;
        server->key.is_secure = key->is_secure;
        memcpy(server->host, key->host, size);
        wh_list_init(&server->waiters);
        wh_list_init(&server->idlers);
        wh_list_append(&quota->servers, &server->link);
    }
    return server;
}

static struct wh_server *find_server(struct wh_quota *quota, const struct wh_peer_key *key)
{
    for (struct wh_list *at = quota->servers.next; at != &quota->servers; at = at->next) {
        struct wh_server *server = WH_CONTAINER_OF(at, struct wh_server, link);
        if (wh_peer_key_is_same_server(&server->key, key)) {
            return server;
        }
    }
    return add_server(quota, key);
}

static bool has_room(const struct wh_server *server, const struct wh_quota_limits *limits)
{
    uint32_t limit = server->is_old ? limits->per_1_0_server : limits->per_server;
    return server->used < (limit ? limit : FEW);
}

/* Places that are free go to those that wait. */
static void serve(struct wh_server *server)
{
    while (!wh_list_is_empty(&server->waiters)) {
        struct wh_waiter *first = WH_CONTAINER_OF(server->waiters.next, struct wh_waiter, link);
        if (!has_room(server, &first->limits)) {
            return;
        }
        wh_list_remove(&first->link);
        first->has_place = true;
        server->used++;
        wh_task_post(first->task);
    }
}

/* Once nobody is there, or asks, any more. */
static void tidy(struct wh_server *server)
{
    bool is_idle = server->used == 0 && wh_list_is_empty(&server->waiters);
    if (is_idle && (!server->is_old || server->quota->is_orphan)) {
        wh_list_remove(&server->link);
        wh_free(server);
    }
}

static void give_up_place(struct wh_server *server)
{
    server->used--;
    serve(server);
    tidy(server);
}

/* --- the quota ------------------------------------------------------------------------------ */

struct wh_quota *wh_quota_new(void)
{
    struct wh_quota *quota = wh_calloc(1, sizeof(*quota));
    if (quota) {
        pthread_mutex_init(&quota->lock, NULL);
        wh_list_init(&quota->servers);
    }
    return quota;
}

/* The end of what was done under the lock: that of the quota, when the session was there for long. */
static void unlock(struct wh_quota *quota)
{
    bool is_over = quota->is_orphan && wh_list_is_empty(&quota->servers);
    pthread_mutex_unlock(&quota->lock);
    if (is_over) {
        pthread_mutex_destroy(&quota->lock);
        wh_free(quota);
    }
}

void wh_quota_release(struct wh_quota *quota)
{
    if (!quota) {
        return;
    }
    pthread_mutex_lock(&quota->lock);
    quota->is_orphan = true;
    struct wh_list *next;
    for (struct wh_list *at = quota->servers.next; at != &quota->servers; at = next) {
        next = at->next;
        tidy(WH_CONTAINER_OF(at, struct wh_server, link));
    }
    unlock(quota);
}

/* --- those that wait ------------------------------------------------------------------------ */

/* Under the lock. */
static void ask_idlers(struct wh_server *server)
{
    for (struct wh_list *at = server->idlers.next; at != &server->idlers; at = at->next) {
        wh_task_post(WH_CONTAINER_OF(at, struct wh_idler, link)->task);
    }
}

/* Under the lock. Who comes first need not be woken. */
static int join(struct wh_quota *quota, const struct wh_peer_key *key, struct wh_waiter *waiter)
{
    struct wh_server *server = find_server(quota, key);
    if (!server) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    waiter->server = server;
    waiter->has_place = wh_list_is_empty(&server->waiters) && has_room(server, &waiter->limits);
    if (waiter->has_place) {
        server->used++;
    } else {
        wh_list_append(&server->waiters, &waiter->link);
        ask_idlers(server);
    }
    return 0;
}

int wh_quota_enter(struct wh_quota *quota, const struct wh_peer_key *key, struct wh_waiter *waiter,
                   struct wh_server **out)
{
    pthread_mutex_lock(&quota->lock);
    int error = waiter->server ? 0 : join(quota, key, waiter);
    if (!error && !waiter->has_place) {
        error = WH_AGAIN;
    }
    if (!error) {
        *out = waiter->server;
        waiter->server = NULL;
        waiter->has_place = false;
    }
    unlock(quota);
    return error;
}

void wh_waiter_cancel(struct wh_waiter *waiter)
{
    struct wh_server *server = waiter->server;
    if (!server) {
        return;
    }
    struct wh_quota *quota = server->quota;
    pthread_mutex_lock(&quota->lock);
    waiter->server = NULL;
    if (waiter->has_place) {
        waiter->has_place = false;
        give_up_place(server);
    } else {
        wh_list_remove(&waiter->link);
        serve(server); /* the limit of those behind may be higher */
    }
    unlock(quota);
}

/* --- those that have a place ---------------------------------------------------------------- */

void wh_server_leave(struct wh_server *server)
{
    if (!server) {
        return;
    }
    struct wh_quota *quota = server->quota;
    pthread_mutex_lock(&quota->lock);
    give_up_place(server);
    unlock(quota);
}

void wh_idler_begin(struct wh_idler *idler, struct wh_server *server)
{
    if (server) {
        pthread_mutex_lock(&server->quota->lock);
        wh_list_append(&server->idlers, &idler->link);
        pthread_mutex_unlock(&server->quota->lock);
    }
}

void wh_idler_end(struct wh_idler *idler, struct wh_server *server)
{
    if (server) {
        pthread_mutex_lock(&server->quota->lock);
        wh_list_remove(&idler->link);
        pthread_mutex_unlock(&server->quota->lock);
    }
}

bool wh_server_is_wanted(struct wh_server *server)
{
    if (!server) {
        return false;
    }
    pthread_mutex_lock(&server->quota->lock);
    bool is_wanted = !wh_list_is_empty(&server->waiters);
    pthread_mutex_unlock(&server->quota->lock);
    return is_wanted;
}

void wh_server_set_old(struct wh_server *server, bool is_old)
{
    if (!server) {
        return;
    }
    pthread_mutex_lock(&server->quota->lock);
    server->is_old = is_old;
    serve(server); /* that limit may be the higher one */
    pthread_mutex_unlock(&server->quota->lock);
}
