/* SPDX-License-Identifier: MIT */
/*
 * An entry is there while somebody fetches it or waits for it, and as long as what came of that counts.
 */
#include "net/tls_crl_cache.h"

#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "net/loop.h"
#include "net/tls_crl.h"

enum {
    ENTRIES_MAX = 64,
    SIZE_MAX_OF_ALL = 64 * 1024 * 1024,
    KEPT_MS = 7 * 24 * 60 * 60 * 1000,
    FAILED_MS = 10 * 1000
};

struct wh_tls_crl_entry {
    struct wh_list link;
    struct wh_tls_crl_place place;
    struct wh_tls_crls *crls; /* NULL: nothing is known, or nothing is there */
    uint64_t until_ms; /* how long that counts; 0: nothing is known */
    bool is_fetched; /* somebody is at it */
    struct wh_list waiting;
};

static struct {
    pthread_mutex_t lock;
    struct wh_list entries; /* the oldest first */
    unsigned count;
    size_t size;
} cache = {.lock = PTHREAD_MUTEX_INITIALIZER, .entries = {&cache.entries, &cache.entries}};

/* ---- All under the lock ---- */

static bool is_same(const struct wh_tls_crl_place *a, const struct wh_tls_crl_place *b)
{
    return strcmp(a->url, b->url) == 0 && memcmp(a->issuer, b->issuer, sizeof(a->issuer)) == 0;
}

static struct wh_tls_crl_entry *find(const struct wh_tls_crl_place *place)
{
    for (struct wh_list *at = cache.entries.next; at != &cache.entries; at = at->next) {
        struct wh_tls_crl_entry *entry = WH_CONTAINER_OF(at, struct wh_tls_crl_entry, link);
        if (is_same(&entry->place, place)) {
            return entry;
        }
    }
    return NULL;
}

static void set(struct wh_tls_crl_entry *entry, struct wh_tls_crls *crls, uint64_t until_ms)
{
    cache.size -= entry->crls ? wh_tls_crls_size(entry->crls) : 0;
    wh_tls_crls_unref(entry->crls);
    entry->crls = crls;
    entry->until_ms = until_ms;
    cache.size += crls ? wh_tls_crls_size(crls) : 0;
}

static void drop(struct wh_tls_crl_entry *entry)
{
    set(entry, NULL, 0);
    wh_list_remove(&entry->link);
    cache.count--;
    wh_free(entry);
}

static bool is_in_use(const struct wh_tls_crl_entry *entry)
{
    return entry->is_fetched || !wh_list_is_empty(&entry->waiting);
}

static void drop_surplus(void)
{
    for (struct wh_list *at = cache.entries.next, *next; at != &cache.entries; at = next) {
        struct wh_tls_crl_entry *entry = WH_CONTAINER_OF(at, struct wh_tls_crl_entry, link);
        next = at->next;
        bool is_surplus = cache.count > ENTRIES_MAX || cache.size > SIZE_MAX_OF_ALL;
        if (!is_in_use(entry) && (is_surplus || wh_clock_ms() >= entry->until_ms)) {
            drop(entry);
        }
    }
}

static struct wh_tls_crl_entry *add(const struct wh_tls_crl_place *place)
{
    struct wh_tls_crl_entry *entry = wh_calloc(1, sizeof(*entry));
    if (entry) {
        entry->place = *place;
        wh_list_init(&entry->waiting);
        wh_list_append(&cache.entries, &entry->link);
        cache.count++;
    }
    return entry;
}

static bool is_settled(const struct wh_tls_crl_entry *entry)
{
    return wh_clock_ms() < entry->until_ms && (!entry->crls || wh_tls_crls_are_fresh(entry->crls));
}

/* All of them: if nothing has come of it, the first becomes the one that fetches. */
static void wake(struct wh_tls_crl_entry *entry)
{
    struct wh_list *link;
    while ((link = wh_list_take_first(&entry->waiting)) != NULL) {
        struct wh_tls_crl_seeker *seeker = WH_CONTAINER_OF(link, struct wh_tls_crl_seeker, link);
        seeker->entry = NULL;
        wh_task_post(seeker->task);
    }
}

static enum wh_tls_crl_turn join(struct wh_tls_crl_entry *entry, struct wh_tls_crl_seeker *seeker)
{
    seeker->entry = entry;
    if (entry->is_fetched) {
        wh_list_append(&entry->waiting, &seeker->link);
        return WH_TLS_CRL_WAIT;
    }
    entry->is_fetched = true;
    seeker->is_fetching = true;
    return WH_TLS_CRL_FETCH;
}

static void leave(struct wh_tls_crl_seeker *seeker)
{
    struct wh_tls_crl_entry *entry = seeker->entry;
    if (!entry) {
        return;
    }
    if (seeker->is_fetching) {
        entry->is_fetched = false;
        wake(entry);
    } else {
        wh_list_remove(&seeker->link);
    }
    seeker->entry = NULL;
    seeker->is_fetching = false;
    drop_surplus();
}

/* ---- From outside ---- */

struct wh_tls_crls *wh_tls_crl_cache_ref(const struct wh_tls_crl_place *place)
{
    struct wh_tls_crls *crls = NULL;
    pthread_mutex_lock(&cache.lock);
    const struct wh_tls_crl_entry *entry = find(place);
    if (entry && entry->crls && is_settled(entry)) {
        crls = entry->crls;
        wh_tls_crls_ref(crls);
    }
    pthread_mutex_unlock(&cache.lock);
    return crls;
}

enum wh_tls_crl_turn wh_tls_crl_cache_seek(const struct wh_tls_crl_place *place,
                                           struct wh_tls_crl_seeker *seeker)
{
    enum wh_tls_crl_turn turn = WH_TLS_CRL_SETTLED;
    pthread_mutex_lock(&cache.lock);
    if (seeker->entry) {
        turn = seeker->is_fetching ? WH_TLS_CRL_FETCH : WH_TLS_CRL_WAIT;
    } else {
        struct wh_tls_crl_entry *entry = find(place);
        entry = entry ? entry : add(place);
        if (entry && !is_settled(entry)) {
            turn = join(entry, seeker);
        }
    }
    pthread_mutex_unlock(&cache.lock);
    return turn;
}

void wh_tls_crl_cache_keep(struct wh_tls_crl_seeker *seeker, struct wh_tls_crls *crls)
{
    pthread_mutex_lock(&cache.lock);
    set(seeker->entry, crls, wh_clock_ms() + (crls ? KEPT_MS : FAILED_MS));
    leave(seeker);
    pthread_mutex_unlock(&cache.lock);
}

void wh_tls_crl_cache_leave(struct wh_tls_crl_seeker *seeker)
{
    pthread_mutex_lock(&cache.lock);
    leave(seeker);
    pthread_mutex_unlock(&cache.lock);
}
