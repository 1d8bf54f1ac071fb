/* SPDX-License-Identifier: MIT */
#include "client/conn_record.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "net/tls_chain.h"

struct wh_conn_record *wh_conn_record_new(const struct wh_socket *socket, const struct wh_tls *tls,
                                          uint64_t begun_ms)
{
    struct wh_conn_record *record = wh_calloc(1, sizeof(*record));
    if (!record) {
        return NULL;
    }
    if (tls) {
        wh_tls_get_info(tls, &record->tls);
        wh_tls_chain_ref(record->tls.chain);
    }
    atomic_init(&record->references, 1);
    pthread_mutex_init(&record->shared.lock, NULL);
    record->shared.descriptor = wh_socket_find_descriptor(socket);
    record->has_addresses = wh_socket_get_addresses(socket, &record->local, &record->remote);
    record->begun_ms = begun_ms;
    return record;
}

void wh_conn_record_ref(struct wh_conn_record *record)
{
    atomic_fetch_add_explicit(&record->references, 1, memory_order_relaxed);
}

void wh_conn_record_unref(struct wh_conn_record *record)
{
    if (record && atomic_fetch_sub_explicit(&record->references, 1, memory_order_acq_rel) == 1) {
        pthread_mutex_destroy(&record->shared.lock);
        wh_tls_chain_unref(record->tls.chain);
        wh_free(record);
    }
}

/* If nobody but the connection has it, nobody will ask. */
void wh_conn_record_close(struct wh_conn_record *record)
{
    if (record && atomic_load(&record->references) > 1) {
        pthread_mutex_lock(&record->shared.lock);
        record->shared.ended_ms = wh_clock_ms();
        record->shared.has_last = wh_tcp_info_get(record->shared.descriptor, &record->shared.last);
        record->shared.descriptor = -1;
        pthread_mutex_unlock(&record->shared.lock);
    }
    wh_conn_record_unref(record);
}

/* Under the lock. */
static bool look(struct wh_conn_record *record, struct wh_tcp_info *out)
{
    if (record->shared.descriptor >= 0) {
        return wh_tcp_info_get(record->shared.descriptor, out);
    }
    if (record->shared.has_last) {
        *out = record->shared.last;
    }
    return record->shared.has_last;
}

bool wh_conn_record_get_tcp(struct wh_conn_record *record, struct wh_tcp_info *out,
                            uint64_t *out_lifetime_ms)
{
    pthread_mutex_lock(&record->shared.lock);
    bool is_told = look(record, out);
    uint64_t end_ms = record->shared.descriptor < 0 ? record->shared.ended_ms : wh_clock_ms();
    pthread_mutex_unlock(&record->shared.lock);
    if (is_told) {
        *out_lifetime_ms = end_ms - record->begun_ms;
    }
    return is_told;
}
