/* SPDX-License-Identifier: MIT */
/* A private key of mbedTLS' whose signatures somebody else makes. For tls_identity.c. */
#ifndef WH_NET_TLS_SIGNER_H
#define WH_NET_TLS_SIGNER_H

#include <stddef.h>
#include <stdint.h>

struct mbedtls_pk_context;
struct wh_tls_signer;

/* What the key points at; lives as long as the key. */
struct wh_tls_signer_key {
    const struct wh_tls_signer *signer;
    size_t signature_len; /* of RSA, which is that of the key */
};

/*
 * Makes key, which is empty, the one that belongs to the certified one. ERROR_NOT_SUPPORTED for kinds that
 * this mbedTLS lets nobody else sign with: 3.6 all but RSA.
 */
int wh_tls_signer_make_key(struct wh_tls_signer_key *state,
                           const struct mbedtls_pk_context *certified,
                           struct mbedtls_pk_context *key);

#endif
