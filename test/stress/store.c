/* SPDX-License-Identifier: MIT */
#include "stress/store.h"

#include <stdlib.h>
#include <string.h>

enum { QUARANTINE_MS = 10000, LOOKED_AT = 8, ALIGNMENT = TAG_BITS + 1 };

void store_init(struct store *store)
{
    *store = (struct store){.made = 0};
    pthread_mutex_init(&store->lock, NULL);
}

static struct record *take_first(struct store *store)
{
    struct record *r = store->first;
    store->first = r->next;
    store->last = store->first ? store->last : NULL;
    return r;
}

static void put_last(struct store *store, struct record *r)
{
    r->next = NULL;
    if (store->last) {
        store->last->next = r;
    } else {
        store->first = r;
    }
    store->last = r;
}

static bool is_reusable(struct record *r, uint64_t now_ms)
{
    return record_is_settled(r, now_ms) && atomic_load(&r->users) == 0 &&
           now_ms > r->closed_ms + QUARANTINE_MS;
}

/* An old one, or NULL. Those that are still in use go to the end. */
static struct record *find_old(struct store *store)
{
    uint64_t now_ms = record_now_ms();
    for (int i = 0; i < LOOKED_AT && store->first; i++) {
        struct record *r = take_first(store);
        if (is_reusable(r, now_ms)) {
            record_recycle(r);
            return r;
        }
        put_last(store, r);
    }
    return NULL;
}

static struct record *allocate(void)
{
    size_t size = (sizeof(struct record) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct record *r = aligned_alloc(ALIGNMENT, size);
    if (!r) {
        record_fail(NULL, "out of memory");
    }
    memset(r, 0, size);
    pthread_mutex_init(&r->lock, NULL);
    return r;
}

struct record *store_new(struct store *store, struct dice *dice, int kind, bool is_async,
                         const struct peer *peer)
{
    pthread_mutex_lock(&store->lock);
    struct record *r = find_old(store);
    r = r ? r : allocate();
    r->kind = kind;
    r->is_async = is_async;
    r->peer = peer;
    r->dice.state = dice_next(dice);
    r->filter.is_known = true;
    store->made++;
    put_last(store, r);
    pthread_mutex_unlock(&store->lock);
    return r;
}

size_t store_watch(struct store *store)
{
    uint64_t now_ms = record_now_ms();
    size_t unsettled = 0;
    pthread_mutex_lock(&store->lock);
    for (struct record *r = store->first; r; r = r->next) {
        unsettled += record_is_settled(r, now_ms) ? 0 : 1;
    }
    pthread_mutex_unlock(&store->lock);
    return unsettled;
}
