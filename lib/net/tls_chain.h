/* SPDX-License-Identifier: MIT */
/*
 * The certificates that a server's own was looked at with, and what is wrong with each. Counted, as
 * connections, what is known of them and their sessions have it in common; never changes. Any thread.
 */
#ifndef WH_NET_TLS_CHAIN_H
#define WH_NET_TLS_CHAIN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wh_tls_path;

struct wh_tls_chain_part {
    const uint8_t *certificate; /* DER */
    size_t len;
    uint32_t
        faults; /* WINHTTP_CALLBACK_STATUS_FLAG_… of its own, whether they are ignored or not */
    bool is_weak; /* INVALID_CERT is, or is also, about its digest or its key */
    bool is_own_issuer;
};

struct wh_tls_chain {
    atomic_uint references;
    size_t count; /* at least 1 */
    struct wh_tls_chain_part parts[]; /* the server's, who signed that, …, as far as it is known */
};

/*
 * Of a whole path, with one reference. What is found among all flags, but on none of its steps, is about
 * the server's own certificate. ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_tls_chain_new(const struct wh_tls_path *path, uint32_t all_flags, struct wh_tls_chain **out);
/* NULL is fine for both; the first answers what it is given. */
struct wh_tls_chain *wh_tls_chain_ref(struct wh_tls_chain *chain);
void wh_tls_chain_unref(struct wh_tls_chain *chain);

#endif
