/* SPDX-License-Identifier: MIT */
/*
 * What connections of the same protocols and trust store have in common: mbedTLS' configuration,
 * built once and shared, and the process' random numbers. Any thread; never changes once built.
 */
#ifndef WH_NET_TLS_CONFIG_H
#define WH_NET_TLS_CONFIG_H

#include <stdint.h>

struct mbedtls_ssl_config;
struct wh_roots;
struct wh_tls_config;
struct wh_trust;

/*
 * The configuration for WINHTTP_FLAG_SECURE_PROTOCOL_… bits (0: TLS 1.2 and up) with the current
 * trust store of these roots, which may be NULL. Bits that mbedTLS was built without are skipped, as
 * are those below a gap, since TLS negotiates a range. ERROR_WINHTTP_SECURE_FAILURE when none is left,
 * ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_tls_config_ref_current(uint32_t protocols, struct wh_roots *roots,
                              struct wh_tls_config **out);
void wh_tls_config_ref(struct wh_tls_config *config);
void wh_tls_config_unref(struct wh_tls_config *config);

/* Lives with the config. */
const struct mbedtls_ssl_config *wh_tls_config_find_ssl(const struct wh_tls_config *config);
struct wh_trust *wh_tls_config_find_trust(const struct wh_tls_config *config);

/* The bit for a protocol's name as mbedTLS says it, "TLSv1.2"; 0 when unknown. */
uint32_t wh_tls_protocol_find(const char *name);

#endif
