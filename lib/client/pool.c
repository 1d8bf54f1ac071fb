/* SPDX-License-Identifier: MIT */
/*
 * Under the lock only lists change; connections and sessions that are dropped are collected and
 * closed after it, and who may have something to say is listened to.
 */
#include "client/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "base/workers.h"
#include "net/socket.h"

enum { BUCKETS = 256 };
enum { FEWEST_PARKED = 16, MOST_PARKED = 16 * 1024 };
enum { MAX_IDLE_MS = 60 * 1000 };
enum { SWEEP_SECONDS = 2 };
enum { MAX_SESSIONS = 128 };
enum { MAX_SESSION_MS = 24 * 60 * 60 * 1000 }; /* RFC 5246, F.1.4; RFC 8446, 4.6.1 has a week */

struct kept_session {
    struct wh_list link;
    struct wh_peer_key key; /* a copy */
    struct wh_tls_session *session;
    uint64_t since_ms;
};

static struct {
    pthread_mutex_t lock;
    struct wh_list buckets[BUCKETS];
    struct wh_list by_age; /* parked connections, the oldest first */
    unsigned parked;
    unsigned max_parked;
    struct wh_list sessions; /* the oldest first */
    unsigned kept;
    atomic_bool is_swept; /* a thread is there that does so */
    struct wh_job sweeper;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER};

static pthread_once_t pool_once = PTHREAD_ONCE_INIT;

/* A fourth of the descriptors that the process may have: the application has its own. */
static unsigned find_max_parked(void)
{
    struct rlimit limit;
    rlim_t share = getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur / 4 : 0;
    return share < FEWEST_PARKED ? FEWEST_PARKED
           : share < MOST_PARKED ? (unsigned)share
                                 : MOST_PARKED;
}

static void pool_init(void)
{
    pool.max_parked = find_max_parked();
    for (int i = 0; i < BUCKETS; i++) {
        wh_list_init(&pool.buckets[i]);
    }
    wh_list_init(&pool.by_age);
    wh_list_init(&pool.sessions);
}

static struct wh_list *bucket_of(const struct wh_peer_key *key)
{
    uint32_t hash = 2166136261u ^ key->port;
    for (const char *at = key->host; *at; at++) {
        hash = (hash ^ (unsigned char)wh_ascii_lower(*at)) * 16777619u;
    }
    return &pool.buckets[hash % BUCKETS];
}

/* --- connections ---------------------------------------------------------------------------- */

/* Under the lock. */
static void unlist(struct wh_conn *conn)
{
    wh_list_remove(&conn->parked.in_bucket);
    wh_list_remove(&conn->parked.by_age);
    pool.parked--;
}

/* Its latest one, for others; a connection of TLS 1.3 has several in its life. */
static void keep_session_of(struct wh_conn *conn)
{
    if (conn->tls) {
        wh_pool_keep_session(&conn->key, wh_tls_take_session(conn->tls));
    }
}

static bool is_young(const struct wh_conn *conn)
{
    return wh_clock_ms() - conn->parked.since_ms <= MAX_IDLE_MS;
}

static bool has_news(const struct wh_conn *conn)
{
    return conn->socket && !wh_socket_is_quiet(conn->socket);
}

/* Not under the lock. The socket is asked first: TLS only reads what that has found since. */
static bool is_silent(struct wh_conn *conn)
{
    bool is_heard = has_news(conn);
    return conn->tls ? wh_tls_is_quiet(conn->tls) : !is_heard;
}

/* The same. Tickets of TLS are no reason to give a connection up. */
static bool is_fit(struct wh_conn *conn)
{
    if (!is_young(conn) || !is_silent(conn)) {
        return false;
    }
    keep_session_of(conn);
    return true;
}

/* Under the lock. The connection that was used last is the most likely to be alive. */
static struct wh_conn *find_latest(const struct wh_peer_key *key, const struct wh_mark *mark)
{
    struct wh_list *bucket = bucket_of(key);
    for (struct wh_list *at = bucket->prev; at != bucket; at = at->prev) {
        struct wh_conn *conn = WH_CONTAINER_OF(at, struct wh_conn, parked.in_bucket);
        if (wh_peer_key_is_equal(&conn->key, key) &&
            (!mark || wh_mark_is_equal(&conn->mark, mark))) {
            return conn;
        }
    }
    return NULL;
}

static struct wh_conn *take_latest(const struct wh_peer_key *key,
                                   const struct wh_preference *preference)
{
    bool is_choosy = preference && !wh_mark_is_empty(&preference->mark);
    pthread_mutex_lock(&pool.lock);
    struct wh_conn *found = find_latest(key, is_choosy ? &preference->mark : NULL);
    if (!found && is_choosy && !preference->is_strict) {
        found = find_latest(key, &(struct wh_mark){0});
    }
    if (found) {
        unlist(found);
    }
    pthread_mutex_unlock(&pool.lock);
    return found;
}

struct wh_conn *wh_pool_take(const struct wh_peer_key *key, const struct wh_preference *preference)
{
    pthread_once(&pool_once, pool_init);
    struct wh_conn *conn;
    while ((conn = take_latest(key, preference))) {
        if (is_fit(conn)) {
            conn->is_reused = true;
            return conn;
        }
        wh_conn_close(conn);
    }
    return NULL;
}

/* Under the lock. The oldest ones: those that have idled too long, and one more if there are many. */
static void collect_surplus(struct wh_list *out, uint64_t now)
{
    while (pool.parked) {
        struct wh_conn *oldest = WH_CONTAINER_OF(pool.by_age.next, struct wh_conn, parked.by_age);
        if (pool.parked < pool.max_parked && now - oldest->parked.since_ms <= MAX_IDLE_MS) {
            return;
        }
        unlist(oldest);
        wh_list_append(out, &oldest->parked.by_age);
    }
}

static void close_all(struct wh_list *conns)
{
    struct wh_list *node;
    while ((node = wh_list_take_first(conns))) {
        wh_conn_close(WH_CONTAINER_OF(node, struct wh_conn, parked.by_age));
    }
}

static void park_fit(struct wh_list *conns)
{
    struct wh_list *node;
    while ((node = wh_list_take_first(conns))) {
        struct wh_conn *conn = WH_CONTAINER_OF(node, struct wh_conn, parked.by_age);
        if (is_fit(conn)) {
            wh_pool_park(conn);
        } else {
            wh_conn_close(conn);
        }
    }
}

void wh_pool_sweep(void)
{
    pthread_once(&pool_once, pool_init);
    struct wh_list suspects;
    wh_list_init(&suspects);
    pthread_mutex_lock(&pool.lock);
    struct wh_list *next;
    for (struct wh_list *at = pool.by_age.next; at != &pool.by_age; at = next) {
        next = at->next;
        struct wh_conn *conn = WH_CONTAINER_OF(at, struct wh_conn, parked.by_age);
        if (!is_young(conn) || has_news(conn)) {
            unlist(conn);
            wh_list_append(&suspects, &conn->parked.by_age);
        }
    }
    pthread_mutex_unlock(&pool.lock);
    park_fit(&suspects);
}

static bool is_empty(void)
{
    pthread_mutex_lock(&pool.lock);
    bool is_empty = pool.parked == 0;
    pthread_mutex_unlock(&pool.lock);
    return is_empty;
}

static void sweep(struct wh_job *job)
{
    (void)job;
    for (;;) {
        nanosleep(&(struct timespec){.tv_sec = SWEEP_SECONDS}, NULL);
        wh_pool_sweep();
        if (!is_empty()) {
            continue;
        }
        atomic_store(&pool.is_swept, false);
        /* One may have been parked before it could be seen that the sweeper was leaving. */
        if (is_empty() || atomic_exchange(&pool.is_swept, true)) {
            return;
        }
    }
}

/* Without a thread for it the connections wait for the next park, as their limits do. */
static void call_sweeper(void)
{
    if (atomic_load(&pool.is_swept) || atomic_exchange(&pool.is_swept, true)) {
        return;
    }
    pool.sweeper.run = sweep;
    if (wh_workers_start(&pool.sweeper)) {
        atomic_store(&pool.is_swept, false);
    }
}

void wh_pool_park(struct wh_conn *conn)
{
    pthread_once(&pool_once, pool_init);
    keep_session_of(conn);
    if (conn->socket) {
        wh_socket_detach(conn->socket);
    }
    struct wh_list surplus;
    wh_list_init(&surplus);
    conn->parked.since_ms = wh_clock_ms();
    pthread_mutex_lock(&pool.lock);
    collect_surplus(&surplus, conn->parked.since_ms);
    wh_list_append(bucket_of(&conn->key), &conn->parked.in_bucket);
    wh_list_append(&pool.by_age, &conn->parked.by_age);
    pool.parked++;
    pthread_mutex_unlock(&pool.lock);
    close_all(&surplus);
    call_sweeper();
}

/* --- TLS sessions --------------------------------------------------------------------------- */

static void free_kept(struct kept_session *kept)
{
    if (kept) {
        wh_tls_session_free(kept->session);
        wh_peer_key_finish(&kept->key);
        wh_free(kept);
    }
}

/* Under the lock. */
static void unlist_kept(struct kept_session *kept)
{
    wh_list_remove(&kept->link);
    pool.kept--;
}

/* Under the lock. */
static struct kept_session *take_kept(const struct wh_peer_key *key)
{
    for (struct wh_list *at = pool.sessions.prev; at != &pool.sessions; at = at->prev) {
        struct kept_session *kept = WH_CONTAINER_OF(at, struct kept_session, link);
        if (wh_peer_key_is_equal(&kept->key, key)) {
            unlist_kept(kept);
            return kept;
        }
    }
    return NULL;
}

struct wh_tls_session *wh_pool_take_session(const struct wh_peer_key *key)
{
    pthread_once(&pool_once, pool_init);
    pthread_mutex_lock(&pool.lock);
    struct kept_session *kept = take_kept(key);
    pthread_mutex_unlock(&pool.lock);
    struct wh_tls_session *session = NULL;
    if (kept && wh_clock_ms() - kept->since_ms <= MAX_SESSION_MS) {
        session = kept->session;
        kept->session = NULL;
    }
    free_kept(kept);
    return session;
}

void wh_pool_keep_session(const struct wh_peer_key *key, struct wh_tls_session *session)
{
    pthread_once(&pool_once, pool_init);
    struct kept_session *kept = session ? wh_calloc(1, sizeof(*kept)) : NULL;
    if (!kept || wh_peer_key_copy(key, &kept->key)) {
        wh_free(kept);
        wh_tls_session_free(session);
        return;
    }
    kept->session = session;
    kept->since_ms = wh_clock_ms();
    pthread_mutex_lock(&pool.lock);
    struct kept_session *dropped = take_kept(key);
    if (!dropped && pool.kept == MAX_SESSIONS) {
        dropped = WH_CONTAINER_OF(pool.sessions.next, struct kept_session, link);
        unlist_kept(dropped);
    }
    wh_list_append(&pool.sessions, &kept->link);
    pool.kept++;
    pthread_mutex_unlock(&pool.lock);
    free_kept(dropped);
}

/* --- realms --------------------------------------------------------------------------------- */

/* Under the lock. */
static void collect_conns(uintptr_t realm, struct wh_list *out)
{
    struct wh_list *next;
    for (struct wh_list *at = pool.by_age.next; at != &pool.by_age; at = next) {
        next = at->next;
        struct wh_conn *conn = WH_CONTAINER_OF(at, struct wh_conn, parked.by_age);
        if (conn->key.realm == realm) {
            unlist(conn);
            wh_list_append(out, &conn->parked.by_age);
        }
    }
}

/* Under the lock. */
static void collect_kept(uintptr_t realm, struct wh_list *out)
{
    struct wh_list *next;
    for (struct wh_list *at = pool.sessions.next; at != &pool.sessions; at = next) {
        next = at->next;
        struct kept_session *kept = WH_CONTAINER_OF(at, struct kept_session, link);
        if (kept->key.realm == realm) {
            unlist_kept(kept);
            wh_list_append(out, &kept->link);
        }
    }
}

/* Connections first: a closed one leaves its TLS session. */
void wh_pool_drop_realm(uintptr_t realm)
{
    pthread_once(&pool_once, pool_init);
    struct wh_list conns;
    struct wh_list sessions;
    wh_list_init(&conns);
    wh_list_init(&sessions);
    pthread_mutex_lock(&pool.lock);
    collect_conns(realm, &conns);
    pthread_mutex_unlock(&pool.lock);
    close_all(&conns);
    pthread_mutex_lock(&pool.lock);
    collect_kept(realm, &sessions);
    pthread_mutex_unlock(&pool.lock);
    struct wh_list *node;
    while ((node = wh_list_take_first(&sessions))) {
        free_kept(WH_CONTAINER_OF(node, struct kept_session, link));
    }
}
