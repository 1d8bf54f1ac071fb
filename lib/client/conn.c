/* SPDX-License-Identifier: MIT */
#include "client/conn.h"

#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"
#include "client/conn_record.h"
#include "client/pool.h"
#include "net/channel.h"
#include "net/roots.h"
#include "net/socket.h"

/* Every connection of the process, in use or parked. */
static struct {
    pthread_mutex_t lock;
    struct wh_list conns;
} registry = {PTHREAD_MUTEX_INITIALIZER, {&registry.conns, &registry.conns}};

/* --- keys and marks ------------------------------------------------------------------------- */

bool wh_peer_key_is_same_server(const struct wh_peer_key *a, const struct wh_peer_key *b)
{
    return a->port == b->port && a->is_secure == b->is_secure &&
           wh_text_equal_nocase(a->host, b->host);
}

static bool has_same_keepalive(const struct wh_peer_key *a, const struct wh_peer_key *b)
{
    return a->keepalive.is_on == b->keepalive.is_on &&
           a->keepalive.idle_ms == b->keepalive.idle_ms &&
           a->keepalive.interval_ms == b->keepalive.interval_ms;
}

static bool has_same_lookup(const struct wh_peer_key *a, const struct wh_peer_key *b)
{
    return a->lookup && b->lookup ? wh_text_equal_nocase(a->lookup, b->lookup)
                                  : a->lookup == b->lookup;
}

static bool has_same_client(const struct wh_tls_client *a, const struct wh_tls_client *b)
{
    return a->kind == b->kind &&
           memcmp(a->fingerprint, b->fingerprint, sizeof(a->fingerprint)) == 0;
}

static bool has_same_tls(const struct wh_tls_settings *a, const struct wh_tls_settings *b)
{
    return a->protocols == b->protocols && a->ignore_flags == b->ignore_flags &&
           a->revocation == b->revocation && a->roots == b->roots &&
           has_same_client(&a->client, &b->client);
}

bool wh_peer_key_is_equal(const struct wh_peer_key *a, const struct wh_peer_key *b)
{
    return has_same_tls(&a->tls, &b->tls) && a->realm == b->realm && has_same_keepalive(a, b) &&
           has_same_lookup(a, b) && wh_peer_key_is_same_server(a, b);
}

bool wh_mark_is_equal(const struct wh_mark *a, const struct wh_mark *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

bool wh_mark_is_empty(const struct wh_mark *mark)
{
    return wh_mark_is_equal(mark, &(struct wh_mark){0});
}

int wh_peer_key_copy(const struct wh_peer_key *key, struct wh_peer_key *out)
{
    size_t host_size = strlen(key->host) + 1;
    size_t lookup_size = key->lookup ? strlen(key->lookup) + 1 : 0;
    char *texts = wh_calloc(1, host_size + lookup_size);
    if (!texts) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    *out = *key;
    out->tls.client.identity = NULL; /* to compare, the fingerprint is enough */
    out->host = memcpy(texts, key->host, host_size);
    out->lookup = key->lookup ? memcpy(texts + host_size, key->lookup, lookup_size) : NULL;
    wh_roots_ref(out->tls.roots);
    return 0;
}

void wh_peer_key_finish(struct wh_peer_key *key)
{
    char *texts;
    memcpy(&texts, &key->host, sizeof(texts)); /* those of wh_peer_key_copy, which are not const */
    wh_free(texts);
    wh_roots_unref(key->tls.roots);
}

/* --- connections ---------------------------------------------------------------------------- */

int wh_conn_new(const struct wh_peer_key *key, struct wh_channel *channel, struct wh_conn **out)
{
    struct wh_conn *conn = wh_calloc(1, sizeof(*conn));
    if (!conn || wh_peer_key_copy(key, &conn->key)) {
        wh_free(conn);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    conn->channel = channel;
    wh_list_init(&conn->parked.in_bucket);
    wh_list_init(&conn->parked.by_age);
    pthread_mutex_lock(&registry.lock);
    wh_list_append(&registry.conns, &conn->in_all);
    pthread_mutex_unlock(&registry.lock);
    *out = conn;
    return 0;
}

void wh_conn_close(struct wh_conn *conn)
{
    if (!conn) {
        return;
    }
    pthread_mutex_lock(&registry.lock);
    wh_list_remove(&conn->in_all);
    pthread_mutex_unlock(&registry.lock);
    if (conn->tls) {
        wh_pool_keep_session(&conn->key, wh_tls_take_session(conn->tls));
    }
    wh_conn_record_close(conn->record);
    wh_channel_close(conn->channel);
    wh_peer_key_finish(&conn->key);
    wh_free(conn);
}

int wh_conn_attach(struct wh_conn *conn, struct wh_task *task)
{
    return conn->socket ? wh_socket_attach(conn->socket, task) : 0;
}

/* --- what there is -------------------------------------------------------------------------- */

void wh_conn_mark(struct wh_conn *conn, const struct wh_mark *mark)
{
    pthread_mutex_lock(&registry.lock);
    conn->mark = *mark;
    pthread_mutex_unlock(&registry.lock);
}

static bool is_seen(const struct wh_conn *conn, const struct wh_peer_key *key,
                    const struct wh_mark *only)
{
    bool is_open = conn->key.realm == 0 || conn->key.realm == key->realm;
    return is_open && wh_peer_key_is_same_server(&conn->key, key) &&
           (!only || wh_mark_is_equal(&conn->mark, only));
}

/* One more connection with that mark. */
static int count_mark(const struct wh_mark *mark, struct wh_buffer *out)
{
    struct wh_conn_group group = {.mark = *mark, .count = 1};
    for (size_t at = 0; at < out->len; at += sizeof(group)) {
        struct wh_conn_group *known = (struct wh_conn_group *)(void *)(out->data + at);
        if (wh_mark_is_equal(&known->mark, mark)) {
            known->count++;
            return 0;
        }
    }
    return wh_buffer_append(out, (const char *)&group, sizeof(group));
}

int wh_conn_list(const struct wh_peer_key *key, const struct wh_mark *only, struct wh_buffer *out)
{
    int error = 0;
    pthread_mutex_lock(&registry.lock);
    for (struct wh_list *at = registry.conns.next; at != &registry.conns && !error; at = at->next) {
        const struct wh_conn *conn = WH_CONTAINER_OF(at, struct wh_conn, in_all);
        error = is_seen(conn, key, only) ? count_mark(&conn->mark, out) : 0;
    }
    pthread_mutex_unlock(&registry.lock);
    return error;
}
