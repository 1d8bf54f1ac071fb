/* SPDX-License-Identifier: MIT */
/*
 * Judging a certificate: does it name the host, and which of the faults found in its chain count.
 * Pure functions but for the date. Any thread.
 */
#ifndef WH_NET_TLS_VERIFY_H
#define WH_NET_TLS_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct mbedtls_x509_crt;
struct wh_tls_settings;

/* Whom the caller means to reach. */
struct wh_tls_host {
    char name[256]; /* lower case, without brackets and trailing dot */
    uint8_t address[16];
    size_t address_len; /* 4 or 16; 0 for a name */
};

/*
 * From a name in A-label form or an address, IPv6 also in brackets and with a zone. False, with
 * *host untouched, when the text is empty or too long for a name.
 */
bool wh_tls_host_init(struct wh_tls_host *host, const char *text);
bool wh_tls_host_equal(const struct wh_tls_host *a, const struct wh_tls_host *b);

/*
 * Against a dNSName: equal but for case, or "*." for exactly one label in front of at least two
 * others (RFC 9525, 6.3). An address matches no name.
 */
bool wh_tls_host_matches_name(const struct wh_tls_host *host, struct wh_slice name);
/* Against an iPAddress: 4 or 16 bytes. */
bool wh_tls_host_matches_address(const struct wh_tls_host *host, struct wh_slice address);
/* Against a certificate: its dNSNames and iPAddresses. Common names are for people (RFC 9525, 2). */
bool wh_tls_host_matches_certificate(const struct wh_tls_host *host,
                                     const struct mbedtls_x509_crt *certificate);

/* The WINHTTP_CALLBACK_STATUS_FLAG_… bits for a chain's, or one certificate's, MBEDTLS_X509_BADCERT_… */
uint32_t wh_tls_faults_of_flags(uint32_t flags);
/* Whether they are also about a digest, or a key, that nobody should rely on. */
bool wh_tls_is_weak(uint32_t flags);

/*
 * The WINHTTP_CALLBACK_STATUS_FLAG_… bits that remain of a chain's MBEDTLS_X509_BADCERT_… and BADCRL_… flags, the
 * host and the certificate's dates today, when those that the settings ignore are taken away.
 * 0 is acceptable. Without a certificate nothing is.
 */
uint32_t wh_tls_judge(const struct wh_tls_host *host, const struct mbedtls_x509_crt *certificate,
                      uint32_t chain_flags, const struct wh_tls_settings *settings);

#endif
