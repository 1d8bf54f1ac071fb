/* SPDX-License-Identifier: MIT */
#include "stress/pool.h"

struct pool pool;

static void init_slots(struct slot *slots, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        pthread_mutex_init(&slots[i].lock, NULL);
    }
}

void pool_init(void)
{
    init_slots(pool.sessions, SESSION_SLOTS);
    init_slots(pool.connects, CONNECT_SLOTS);
    init_slots(pool.requests, REQUEST_SLOTS);
}

struct record *pool_take(struct slot *slot)
{
    pthread_mutex_lock(&slot->lock);
    struct record *r = slot->record;
    if (r) {
        atomic_fetch_add(&r->users, 1);
    }
    pthread_mutex_unlock(&slot->lock);
    return r;
}

void pool_put(struct record *r)
{
    if (r) {
        atomic_fetch_sub(&r->users, 1);
    }
}

bool pool_replace(struct slot *slot, struct record *old, struct record *fresh)
{
    pthread_mutex_lock(&slot->lock);
    bool is_old = slot->record == old;
    slot->record = is_old ? fresh : slot->record;
    pthread_mutex_unlock(&slot->lock);
    return is_old;
}

bool pool_is_awaited(void)
{
    bool is_awaited = false;
    for (size_t i = 0; i < REQUEST_SLOTS && !is_awaited; i++) {
        struct record *r = pool_take(&pool.requests[i]);
        is_awaited = r && record_is_awaited(r);
        pool_put(r);
    }
    return is_awaited;
}

static void close_slots(struct slot *slots, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct record *r = pool_take(&slots[i]);
        if (r) {
            record_close(r);
        }
        pool_put(r);
    }
}

void pool_close_all(void)
{
    close_slots(pool.requests, REQUEST_SLOTS);
    close_slots(pool.connects, CONNECT_SLOTS);
    close_slots(pool.sessions, SESSION_SLOTS);
}
