/* SPDX-License-Identifier: MIT */
/*
 * What connections of the same protocols, trust store and client have in common: mbedTLS'
 * configuration, built once and shared, and the process' random numbers. Any thread; never changes once
 * built.
 */
#ifndef WH_NET_TLS_CONFIG_H
#define WH_NET_TLS_CONFIG_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"

struct mbedtls_ssl_config;
struct wh_roots;
struct wh_tls_config;
struct wh_tls_identity;
struct wh_trust;

/* The configurations of one client, as long as their trust store is the current one. */
struct wh_tls_config_list {
    pthread_mutex_t lock;
    struct wh_list configs;
};

void wh_tls_config_list_init(struct wh_tls_config_list *list);
void wh_tls_config_list_finish(struct wh_tls_config_list *list);

/*
 * The configuration for WINHTTP_FLAG_SECURE_PROTOCOL_… bits (0: TLS 1.2 and up) with the current
 * trust store of these roots, for clients with that identity; each of the two may be NULL. Bits that
 * mbedTLS was built without are skipped, as are those below a gap, since TLS negotiates a range.
 * ERROR_WINHTTP_SECURE_FAILURE when none is left, ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_tls_config_ref_current(uint32_t protocols, struct wh_roots *roots,
                              struct wh_tls_identity *identity, struct wh_tls_config **out);
void wh_tls_config_ref(struct wh_tls_config *config);
void wh_tls_config_unref(struct wh_tls_config *config);

/* Another one for each that is made, also when the one before is gone. */
uint64_t wh_tls_config_number(const struct wh_tls_config *config);
/* Lives with the config. */
const struct mbedtls_ssl_config *wh_tls_config_find_ssl(const struct wh_tls_config *config);
struct wh_trust *wh_tls_config_find_trust(const struct wh_tls_config *config);

/* Random numbers in mbedTLS' form. */
int wh_tls_random(void *context, unsigned char *out, size_t len);

/* The bit for a protocol's name as mbedTLS says it, "TLSv1.2"; 0 when unknown. */
uint32_t wh_tls_protocol_find(const char *name);

#endif
