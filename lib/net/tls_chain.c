/* SPDX-License-Identifier: MIT */
/* One block of memory: the parts, and behind them what is encoded. */
#include "net/tls_chain.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "net/tls_path.h"
#include "net/tls_verify.h"

static size_t len_of(const struct wh_tls_path *path)
{
    size_t len = sizeof(struct wh_tls_chain) + path->len * sizeof(struct wh_tls_chain_part);
    for (size_t i = 0; i < path->len; i++) {
        len += path->steps[i].certificate->raw.len;
    }
    return len;
}

/* The handshake has faults of its own to find, as a key that may not be used for it. */
static uint32_t flags_apart(const struct wh_tls_path *path, uint32_t all_flags)
{
    for (size_t i = 0; i < path->len; i++) {
        all_flags &= ~path->steps[i].flags;
    }
    return all_flags;
}

static struct wh_tls_chain_part part_of(const struct wh_tls_step *step, uint8_t *place)
{
    const mbedtls_x509_buf *raw = &step->certificate->raw;
    memcpy(place, raw->p, raw->len);
    return (struct wh_tls_chain_part){
        .certificate = place,
        .len = raw->len,
        .faults = wh_tls_faults_of_flags(step->flags),
        .is_weak = wh_tls_is_weak(step->flags),
        .is_own_issuer = wh_tls_has_signed(step->certificate, step->certificate),
    };
}

int wh_tls_chain_new(const struct wh_tls_path *path, uint32_t all_flags, struct wh_tls_chain **out)
{
    assert(path->is_whole);
    struct wh_tls_chain *chain = wh_alloc(len_of(path));
    if (!chain) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    atomic_init(&chain->references, 1);
    chain->count = path->len;
    uint8_t *place = (uint8_t *)(chain->parts + chain->count);
    for (size_t i = 0; i < chain->count; i++) {
        chain->parts[i] = part_of(&path->steps[i], place);
        place += chain->parts[i].len;
    }
    chain->parts[0].faults |= wh_tls_faults_of_flags(flags_apart(path, all_flags));
    *out = chain;
    return 0;
}

struct wh_tls_chain *wh_tls_chain_ref(struct wh_tls_chain *chain)
{
    if (chain) {
        atomic_fetch_add_explicit(&chain->references, 1, memory_order_relaxed);
    }
    return chain;
}

void wh_tls_chain_unref(struct wh_tls_chain *chain)
{
    if (chain && atomic_fetch_sub_explicit(&chain->references, 1, memory_order_acq_rel) == 1) {
        wh_free(chain);
    }
}
